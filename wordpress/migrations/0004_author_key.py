from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("wordpress", "0003_trial"),
    ]

    operations = [
        migrations.AddField(
            model_name="record",
            name="author_key",
            field=models.CharField(blank=True, max_length=64),
        ),
    ]
