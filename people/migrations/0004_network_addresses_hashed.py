"""Signed-in devices keep a keyed hash of their network address, no longer the address."""

from django.db import migrations

from people.keys import network_key_as_address


def hash_addresses(apps, schema_editor):
    sessions = apps.get_model("usersessions", "UserSession")
    for session in sessions.objects.exclude(ip__startswith="fd").iterator():
        session.ip = network_key_as_address(str(session.ip))
        session.save(update_fields=["ip"])


class Migration(migrations.Migration):
    dependencies = [("people", "0003_personal"), ("usersessions", "0001_initial")]

    operations = [migrations.RunPython(hash_addresses, migrations.RunPython.noop, elidable=True)]
