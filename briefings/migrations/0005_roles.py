"""Editors may add series of briefings; organisers decide which checks block publishing."""

from django.db import migrations

MAY = {
    "Editors": {"series": ("add", "change", "view")},
    "Organisers": {"series": ("add", "change", "delete", "view"), "briefingrules": ("change",)},
}


def give_permissions(apps, schema_editor):
    ContentType = apps.get_model("contenttypes", "ContentType")
    Permission = apps.get_model("auth", "Permission")
    Group = apps.get_model("auth", "Group")
    for name, models in MAY.items():
        group, _ = Group.objects.get_or_create(name=name)
        for model, actions in models.items():
            content_type, _ = ContentType.objects.get_or_create(app_label="briefings", model=model)
            for action in actions:
                # Django itself writes permissions only after the last migration.
                permission, _ = Permission.objects.get_or_create(
                    content_type=content_type,
                    codename=f"{action}_{model}",
                    defaults={"name": f"Can {action} {'briefing rules' if model == 'briefingrules' else model}"},
                )
                group.permissions.add(permission)


class Migration(migrations.Migration):
    dependencies = [("briefings", "0004_citation_help"), ("home", "0004_roles")]

    operations = [migrations.RunPython(give_permissions, migrations.RunPython.noop, elidable=False)]
