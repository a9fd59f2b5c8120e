import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """What providers say about tracks and artists, and what of it is accepted. New tables alone: old code is safe.

    Reversible; what was asked is lost then, and asked again.
    """

    dependencies = [
        ("accounts", "0002_api_tokens"),
        ("ingest", "0006_exports"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="AudioFeatures",
            fields=[
                (
                    "track",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="audio_features",
                        serialize=False,
                        to="ingest.track",
                    ),
                ),
                ("valence", models.FloatField(null=True)),
                ("energy", models.FloatField(null=True)),
                ("danceability", models.FloatField(null=True)),
                ("acousticness", models.FloatField(null=True)),
                ("instrumentalness", models.FloatField(null=True)),
                ("speechiness", models.FloatField(null=True)),
                ("liveness", models.FloatField(null=True)),
                ("tempo_bpm", models.FloatField(null=True)),
                ("loudness_db", models.FloatField(null=True)),
                ("key", models.PositiveSmallIntegerField(null=True)),
                ("mode", models.PositiveSmallIntegerField(null=True)),
                ("sources", models.JSONField(default=dict)),
            ],
        ),
        migrations.CreateModel(
            name="LyricsFacts",
            fields=[
                (
                    "track",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="lyrics_facts",
                        serialize=False,
                        to="ingest.track",
                    ),
                ),
                ("language", models.CharField(blank=True, max_length=8)),
                ("words", models.PositiveIntegerField(default=0)),
                ("themes", models.JSONField(default=list)),
                ("explicit_words", models.PositiveIntegerField(default=0)),
                ("source", models.CharField(max_length=16)),
            ],
        ),
        migrations.CreateModel(
            name="ProviderState",
            fields=[
                ("provider", models.CharField(max_length=16, primary_key=True, serialize=False)),
                ("is_on", models.BooleanField(blank=True, null=True, verbose_name="on")),
                ("daily_calls", models.PositiveIntegerField(blank=True, null=True, verbose_name="calls a day")),
                ("next_at", models.DateTimeField(blank=True, null=True)),
                ("why", models.CharField(blank=True, max_length=200)),
                ("window_at", models.DateTimeField(blank=True, null=True)),
                ("window_calls", models.PositiveSmallIntegerField(default=0)),
                ("running_until", models.DateTimeField(blank=True, null=True)),
                ("failures", models.PositiveSmallIntegerField(default=0)),
                ("last_error", models.CharField(blank=True, max_length=200)),
                ("last_error_at", models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name="WantedState",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("version", models.PositiveBigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="ProviderDay",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("provider", models.CharField(max_length=16)),
                ("day", models.DateField()),
                ("calls", models.PositiveIntegerField(default=0)),
                ("failures", models.PositiveIntegerField(default=0)),
                ("found", models.PositiveIntegerField(default=0)),
                ("missing", models.PositiveIntegerField(default=0)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("provider", "day"), name="one_row_per_provider_and_day")
                ],
            },
        ),
        migrations.CreateModel(
            name="Tag",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.PositiveSmallIntegerField(choices=[(0, "Tag"), (1, "Genre"), (2, "Mood")])),
                ("name", models.CharField(max_length=80)),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("name", "kind"), name="one_tag_per_name_and_kind")],
            },
        ),
        migrations.CreateModel(
            name="Finding",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("provider", models.CharField(max_length=16)),
                ("version", models.PositiveSmallIntegerField(default=1)),
                ("values", models.JSONField(default=dict)),
                ("confidence", models.FloatField(default=1.0)),
                ("fetched_at", models.DateTimeField()),
                ("again_at", models.DateTimeField(null=True)),
                (
                    "artist",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="findings",
                        to="ingest.artist",
                    ),
                ),
                (
                    "track",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="findings",
                        to="ingest.track",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["provider", "again_at"], name="ingest_find_provide_f10cde_idx")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("artist", None), ("track__isnull", False)),
                            models.Q(("artist__isnull", False), ("track", None)),
                            _connector="OR",
                        ),
                        name="a_finding_has_one_subject",
                    ),
                    models.UniqueConstraint(fields=("track", "provider"), name="one_finding_per_track_and_provider"),
                    models.UniqueConstraint(fields=("artist", "provider"), name="one_finding_per_artist_and_provider"),
                ],
            },
        ),
        migrations.CreateModel(
            name="ListenerCount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("listeners", models.PositiveBigIntegerField(null=True)),
                ("popularity", models.PositiveSmallIntegerField(null=True)),
                ("sources", models.JSONField(default=dict)),
                (
                    "artist",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="listener_count",
                        to="ingest.artist",
                    ),
                ),
                (
                    "track",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="listener_count",
                        to="ingest.track",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("artist", None), ("track__isnull", False)),
                            models.Q(("artist__isnull", False), ("track", None)),
                            _connector="OR",
                        ),
                        name="one_subject_is_counted",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="OwnFact",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("field", models.CharField(max_length=16)),
                ("value", models.JSONField()),
                ("made_at", models.DateTimeField()),
                (
                    "track",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="ingest.track"),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="own_facts",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("user", "track", "field"), name="one_own_fact_per_field")
                ],
            },
        ),
        migrations.CreateModel(
            name="ArtistTag",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("weight", models.FloatField()),
                ("source", models.CharField(max_length=16)),
                (
                    "artist",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tags",
                        to="ingest.artist",
                    ),
                ),
                (
                    "tag",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="on_artists", to="ingest.tag"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("artist", "tag"), name="one_weight_per_artist_and_tag")
                ],
            },
        ),
        migrations.CreateModel(
            name="TrackTag",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("weight", models.FloatField()),
                ("source", models.CharField(max_length=16)),
                (
                    "tag",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="on_tracks", to="ingest.tag"
                    ),
                ),
                (
                    "track",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tags",
                        to="ingest.track",
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("track", "tag"), name="one_weight_per_track_and_tag")],
            },
        ),
        migrations.CreateModel(
            name="Wanted",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("rank", models.PositiveIntegerField(db_index=True)),
                (
                    "artist",
                    models.OneToOneField(
                        null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="ingest.artist"
                    ),
                ),
                (
                    "track",
                    models.OneToOneField(
                        null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="ingest.track"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("artist", None), ("track__isnull", False)),
                            models.Q(("artist__isnull", False), ("track", None)),
                            _connector="OR",
                        ),
                        name="one_subject_is_wanted",
                    )
                ],
            },
        ),
    ]
