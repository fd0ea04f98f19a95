
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('archive', '0008_cluster_beats'),
    ]

    operations = [
        migrations.CreateModel(
            name='Attempts',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('limit', models.CharField(max_length=20)),
                ('who', models.CharField(blank=True, max_length=64)),
                ('place', models.CharField(blank=True, max_length=64)),
                ('count', models.PositiveIntegerField(default=1)),
                ('ends_at', models.DateTimeField(db_index=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('limit', 'who', 'place'), name='attempts_counted_once')],
            },
        ),
    ]
