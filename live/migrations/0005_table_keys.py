"""Every table gets a key of its own, and one device; what was said at it points to it."""

from django.db import migrations

from live.models import new_table_key


def fill(apps, schema_editor):
    table_model = apps.get_model("live", "Table")
    participant_model = apps.get_model("live", "Participant")
    seat_model = apps.get_model("live", "Seat")
    contribution_model = apps.get_model("live", "Contribution")
    taken = {}
    places = {}
    for table in table_model.objects.order_by("session_id", "pk"):
        keys = taken.setdefault(table.session_id, set())
        while (key := new_table_key()) in keys:
            pass
        keys.add(key)
        table.key = key
        table.position = places[table.session_id] = places.get(table.session_id, -1) + 1
        table.save(update_fields=["key", "position"])
        devices = list(participant_model.objects.filter(table=table).order_by("-joined_at", "-pk"))
        seat_model.objects.bulk_create(seat_model(table=table, participant=device) for device in devices)
        participant_model.objects.filter(pk__in=[device.pk for device in devices[1:]]).update(table=None)
        contribution_model.objects.filter(session=table.session_id, table_name=table.name).update(table=table)


class Migration(migrations.Migration):
    dependencies = [("live", "0004_tables")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
