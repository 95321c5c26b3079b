from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("discussion", "0007_injected_texts"),
    ]

    operations = [
        migrations.AddField(
            model_name="comment",
            name="is_imported",
            field=models.BooleanField(default=False, help_text="Said on another site, and never news here."),
        ),
    ]
