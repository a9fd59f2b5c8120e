import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Snapshots of listening, and the choice to keep them. New tables alone: old code is safe. Reversible."""

    initial = True

    dependencies = [
        ("accounts", "0002_api_tokens"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="SnapshotChoice",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="snapshot_choice",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("keeps", models.BooleanField(default=False)),
                ("warned_at", models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name="ListeningSnapshot",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("on", models.DateField()),
                (
                    "range",
                    models.CharField(
                        choices=[
                            ("short_term", "Last 4 weeks"),
                            ("medium_term", "Last 6 months"),
                            ("long_term", "Last year"),
                        ],
                        max_length=11,
                    ),
                ),
                ("first", models.DateField()),
                ("taken_at", models.DateTimeField()),
                ("version", models.PositiveSmallIntegerField()),
                ("zone", models.CharField(max_length=64)),
                ("rule", models.CharField(max_length=12)),
                ("plays", models.PositiveIntegerField()),
                ("ms", models.PositiveBigIntegerField()),
                ("tracks", models.PositiveIntegerField()),
                ("artists", models.PositiveIntegerField()),
                ("albums", models.PositiveIntegerField()),
                ("days", models.PositiveSmallIntegerField()),
                ("from_spotify", models.PositiveIntegerField()),
                ("figures", models.JSONField(default=dict)),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="listening_snapshots",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-on", "range"],
                "constraints": [
                    models.UniqueConstraint(fields=("user", "on", "range"), name="one_snapshot_per_day_and_range")
                ],
            },
        ),
    ]
