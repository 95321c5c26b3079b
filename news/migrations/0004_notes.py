from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("news", "0003_html_block")]

    operations = [
        migrations.AddField(
            model_name="postpage",
            name="is_note",
            field=models.BooleanField(
                default=False,
                help_text=(
                    "Stands whole in the stream, without its title, which is then for the admin and the address only."
                ),
                verbose_name="a short note",
            ),
        ),
    ]
