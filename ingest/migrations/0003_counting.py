import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import accounts.fields


class Migration(migrations.Migration):
    """What people chose about counting. Old code is safe: it does not know the tables. Reversible; the choices are lost."""

    dependencies = [
        ("accounts", "0002_api_tokens"),
        ("ingest", "0002_recordings"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Counting",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="counting",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "rule",
                    models.CharField(
                        choices=[
                            ("vibesite", "30 seconds, or half of a shorter track"),
                            ("lastfm", "As Last.fm: half of the track or 4 minutes, tracks over 30 seconds"),
                            ("listenbrainz", "As ListenBrainz: half of the track or 4 minutes"),
                            ("spotify", "As Spotify: 30 seconds"),
                            ("finished", "Only what was heard to the end"),
                            ("own", "My own limits"),
                        ],
                        default="vibesite",
                        max_length=12,
                        verbose_name="what counts as a play",
                    ),
                ),
                (
                    "own_seconds",
                    models.PositiveSmallIntegerField(
                        default=30, validators=[django.core.validators.MaxValueValidator(3600)], verbose_name="seconds"
                    ),
                ),
                (
                    "own_percent",
                    models.PositiveSmallIntegerField(
                        default=50,
                        validators=[django.core.validators.MaxValueValidator(100)],
                        verbose_name="per cent of the track",
                    ),
                ),
                ("with_incognito", models.BooleanField(default=False, verbose_name="count private sessions")),
                ("all_credits", models.BooleanField(default=False, verbose_name="count for every credited artist")),
                (
                    "groups_recordings",
                    models.BooleanField(default=True, verbose_name="count releases of one recording together"),
                ),
                (
                    "session_gap_min",
                    models.PositiveSmallIntegerField(
                        default=30,
                        validators=[
                            django.core.validators.MinValueValidator(5),
                            django.core.validators.MaxValueValidator(120),
                        ],
                        verbose_name="minutes of silence that end a session",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="HiddenPlay",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("started_at", accounts.fields.MomentField()),
                ("ended_at", accounts.fields.MomentField()),
                ("removed", models.BooleanField(default=False)),
                ("act", models.BigIntegerField()),
                ("made_at", models.DateTimeField()),
                ("undone_at", models.DateTimeField(blank=True, null=True)),
                (
                    "track",
                    models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, to="ingest.track"),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="hidden_plays",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["user", "undone_at"], name="ingest_hidd_user_id_73136c_idx"),
                    models.Index(fields=["user", "act"], name="ingest_hidd_user_id_0c688e_idx"),
                ],
            },
        ),
        migrations.CreateModel(
            name="ListeningFilter",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("artist", "Artist"),
                            ("album", "Album"),
                            ("track", "Track"),
                            ("context", "Played from"),
                            ("platform", "Device"),
                            ("hours", "Hours of the day"),
                        ],
                        max_length=8,
                    ),
                ),
                ("value", models.PositiveBigIntegerField()),
                ("made_at", models.DateTimeField(auto_now_add=True)),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="listening_filters",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("user", "kind", "value"), name="one_filter_per_thing")],
            },
        ),
    ]
