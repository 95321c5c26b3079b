"""Editors and organisers keep follow-ups in the admin."""

from django.db import migrations

from people.roles import EDITORS, ORGANISERS


def grant(apps, schema_editor):
    ContentType = apps.get_model("contenttypes", "ContentType")
    Permission = apps.get_model("auth", "Permission")
    Group = apps.get_model("auth", "Group")
    kind, _ = ContentType.objects.get_or_create(app_label="briefings", model="followup")
    for verb in ("add", "change", "delete"):
        permission, _ = Permission.objects.get_or_create(
            content_type=kind, codename=f"{verb}_followup", defaults={"name": f"Can {verb} follow-up"}
        )
        for name in (EDITORS, ORGANISERS):
            Group.objects.get_or_create(name=name)[0].permissions.add(permission)


class Migration(migrations.Migration):
    dependencies = [("briefings", "0006_print_follow_ups_objections")]

    operations = [migrations.RunPython(grant, migrations.RunPython.noop)]
