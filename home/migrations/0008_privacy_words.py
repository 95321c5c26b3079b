import wagtail.fields
from django.db import migrations, models


def let_organisers_say_it(apps, schema_editor):
    """Before Django writes permissions, which it does after the last migration."""
    ContentType = apps.get_model("contenttypes", "ContentType")
    Permission = apps.get_model("auth", "Permission")
    Group = apps.get_model("auth", "Group")
    content_type, _ = ContentType.objects.get_or_create(app_label="home", model="privacywords")
    permission, _ = Permission.objects.get_or_create(
        content_type=content_type,
        codename="change_privacywords",
        defaults={"name": "Can change privacy"},
    )
    Group.objects.get_or_create(name="Organisers")[0].permissions.add(permission)


class Migration(migrations.Migration):
    dependencies = [("home", "0007_facilitators_change_their_own_files")]

    operations = [
        migrations.CreateModel(
            name="PrivacyWords",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "contact",
                    wagtail.fields.RichTextField(
                        blank=True,
                        help_text="Who is responsible, with an address, and whom to ask about people’s data.",
                        verbose_name="who is responsible",
                    ),
                ),
                (
                    "grounds",
                    wagtail.fields.RichTextField(
                        blank=True,
                        help_text="On what ground of the law you keep what people say, and who watches over you.",
                        verbose_name="grounds",
                    ),
                ),
                (
                    "backups",
                    wagtail.fields.RichTextField(
                        blank=True,
                        help_text="Where the machine and its backups stand, and how long a backup is kept.",
                        verbose_name="machine and backups",
                    ),
                ),
                (
                    "reviewed_on",
                    models.DateField(blank=True, help_text="When you last read the page through.", null=True),
                ),
            ],
            options={"verbose_name": "privacy"},
        ),
        migrations.RunPython(let_organisers_say_it, migrations.RunPython.noop, elidable=False),
    ]
