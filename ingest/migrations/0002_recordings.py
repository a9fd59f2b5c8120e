import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Remember why tracks are one recording, what is not sure, and what people say about it.

    New tables only: old code does not see them. Reversible; decisions and evidence are lost, the grouping itself stays.
    """

    dependencies = [
        ("ingest", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="GroupingState",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("change", models.PositiveBigIntegerField(default=0)),
                ("ran_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="OwnGrouping",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("is_same", models.BooleanField()),
                ("made_at", models.DateTimeField()),
                ("undone_at", models.DateTimeField(blank=True, null=True)),
                (
                    "other",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="ingest.track"
                    ),
                ),
                (
                    "track",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="ingest.track"),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="own_groupings",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["user", "made_at"], name="ingest_owng_user_id_239910_idx")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("undone_at", None)),
                        fields=("user", "track", "other"),
                        name="one_standing_word_per_pair",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("other__isnull", False), ("is_same", False), _connector="OR"),
                        name="nothing_is_the_same_as_nothing",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RecordingCandidate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("why", models.JSONField(default=dict)),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "Not decided"), ("joined", "One recording"), ("apart", "Two recordings")],
                        default="open",
                        max_length=6,
                    ),
                ),
                ("found_at", models.DateTimeField()),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "first",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="candidates_after", to="ingest.track"
                    ),
                ),
                (
                    "second",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="candidates_before", to="ingest.track"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["state", "id"], name="ingest_reco_state_1a4d9b_idx")],
                "constraints": [
                    models.UniqueConstraint(fields=("first", "second"), name="one_candidate_per_pair"),
                    models.CheckConstraint(
                        condition=models.Q(("first__lt", models.F("second"))), name="the_lower_track_first"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RecordingEvidence",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "how",
                    models.CharField(
                        choices=[
                            ("isrc", "Same ISRC"),
                            ("names", "Same title, artists and length"),
                            ("hand", "Joined by hand"),
                        ],
                        max_length=5,
                    ),
                ),
                ("details", models.JSONField(default=dict)),
                ("created_at", models.DateTimeField()),
                ("undone_at", models.DateTimeField(blank=True, null=True)),
                (
                    "recording",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="evidence", to="ingest.recording"
                    ),
                ),
                (
                    "track",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="recording_evidence",
                        to="ingest.track",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("undone_at", None)),
                        fields=("track", "how"),
                        name="one_standing_reason_per_kind",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="TrackKey",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.BigIntegerField(db_index=True)),
                (
                    "track",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="lookup_keys", to="ingest.track"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("track", "key"), name="one_lookup_key_per_track")],
            },
        ),
    ]
