from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("live", "0005_table_keys")]

    operations = [
        migrations.AddConstraint(
            model_name='participant',
            constraint=models.UniqueConstraint(fields=('table',), name='one_device_per_table'),
        ),
        migrations.AddConstraint(
            model_name='table',
            constraint=models.UniqueConstraint(fields=('session', 'key'), name='one_table_per_key'),
        ),
    ]
