from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Duty",
            fields=[
                ("name", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("done_at", models.DateTimeField(blank=True, null=True)),
                ("failed_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={"verbose_name_plural": "duties"},
        ),
        migrations.CreateModel(
            name="Worker",
            fields=[
                ("id", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("begun_at", models.DateTimeField()),
                ("seen_at", models.DateTimeField()),
                ("task_since", models.DateTimeField(blank=True, null=True)),
            ],
        ),
    ]
