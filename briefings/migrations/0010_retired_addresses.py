import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('briefings', '0009_editions'),
    ]

    operations = [
        migrations.CreateModel(
            name='RetiredAddress',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('short_address', models.SlugField(max_length=60, unique=True)),
                ('retired_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'verbose_name_plural': 'retired addresses',
                'ordering': ('short_address',),
            },
        ),
    ]
