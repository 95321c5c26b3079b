"""Facilitators add pictures and documents and change those, but no longer anybody's: Wagtail lets owners do that."""

from django.db import migrations

OTHERS_FILES = ("change_image", "change_document")


def leave_others_files_alone(apps, schema_editor):
    apps.get_model("wagtailcore", "GroupCollectionPermission").objects.filter(
        group__name="Facilitators", permission__codename__in=OTHERS_FILES
    ).delete()


class Migration(migrations.Migration):
    dependencies = [("home", "0006_accessibility_words")]

    operations = [migrations.RunPython(leave_others_files_alone, migrations.RunPython.noop, elidable=False)]
