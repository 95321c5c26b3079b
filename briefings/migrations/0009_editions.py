import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


def first_editions(apps, schema_editor):
    """What is published now becomes its briefing's first edition: its prints are about."""
    BriefingPage = apps.get_model("briefings", "BriefingPage")
    Edition = apps.get_model("briefings", "Edition")
    for briefing in BriefingPage.objects.filter(published_points__isnull=False).distinct():
        layout = [
            {
                "point": str(point.point_id),
                "cited": [str(one.excerpt_id) for one in point.citations.order_by("pk")],
            }
            for point in briefing.published_points.order_by("number")
        ]
        Edition.objects.create(
            briefing=briefing, number=1, layout=layout, made_at=briefing.last_published_at or django.utils.timezone.now()
        )


class Migration(migrations.Migration):

    dependencies = [
        ('briefings', '0008_typed_quotations'),
    ]

    operations = [
        migrations.AlterField(
            model_name='followup',
            name='point',
            field=models.ForeignKey(on_delete=django.db.models.deletion.RESTRICT, related_name='follow_ups', to='gathering.point'),
        ),
        migrations.CreateModel(
            name='Edition',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveSmallIntegerField()),
                ('layout', models.JSONField()),
                ('made_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('briefing', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='editions', to='briefings.briefingpage')),
            ],
            options={
                'ordering': ('briefing', 'number'),
                'constraints': [models.UniqueConstraint(fields=('briefing', 'number'), name='one_edition_per_number')],
            },
        ),
        migrations.RunPython(first_editions, migrations.RunPython.noop),
    ]
