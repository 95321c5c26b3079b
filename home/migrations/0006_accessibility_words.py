import wagtail.fields
from django.db import migrations, models


def let_organisers_say_it(apps, schema_editor):
    """Before Django writes permissions, which it does after the last migration."""
    ContentType = apps.get_model("contenttypes", "ContentType")
    Permission = apps.get_model("auth", "Permission")
    Group = apps.get_model("auth", "Group")
    content_type, _ = ContentType.objects.get_or_create(app_label="home", model="accessibilitywords")
    permission, _ = Permission.objects.get_or_create(
        content_type=content_type,
        codename="change_accessibilitywords",
        defaults={"name": "Can change accessibility"},
    )
    Group.objects.get_or_create(name="Organisers")[0].permissions.add(permission)


class Migration(migrations.Migration):
    dependencies = [("home", "0005_html_block")]

    operations = [
        migrations.CreateModel(
            name="AccessibilityWords",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "contact",
                    wagtail.fields.RichTextField(
                        blank=True,
                        help_text=(
                            "Whom to tell when something stands in the way, by mail and by telephone, and how soon "
                            "you answer."
                        ),
                    ),
                ),
                (
                    "venue",
                    wagtail.fields.RichTextField(
                        blank=True,
                        help_text="What helps at the venue: step-free ways, hearing loops, captions, a quiet room.",
                        verbose_name="in the room",
                    ),
                ),
                (
                    "limits",
                    wagtail.fields.RichTextField(
                        blank=True,
                        help_text=(
                            "What you know not to be accessible among your own texts, pictures and documents, and "
                            "since when."
                        ),
                        verbose_name="known limits",
                    ),
                ),
                (
                    "reviewed_on",
                    models.DateField(blank=True, help_text="When you last read the statement through.", null=True),
                ),
            ],
            options={"verbose_name": "accessibility"},
        ),
        migrations.RunPython(let_organisers_say_it, migrations.RunPython.noop, elidable=False),
    ]
