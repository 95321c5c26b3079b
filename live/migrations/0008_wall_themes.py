from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("live", "0007_console")]

    operations = [
        migrations.AddField(
            model_name="livesession",
            name="wall_tags",
            field=models.JSONField(blank=True, default=list, help_text="Tags that the wall shows as themes."),
        ),
    ]
