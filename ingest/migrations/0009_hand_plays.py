import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import accounts.fields


class Migration(migrations.Migration):
    """What a person says of a listening themselves, and how they want their log to look.

    Old code is safe: new tables, a column with a default in the database, and two more origins that it never writes.
    Reversible; plays entered by hand stay then, as plays of an origin without a name.
    """

    dependencies = [
        ("accounts", "0002_api_tokens"),
        ("ingest", "0008_change_of_sound"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="LogView",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="log_view",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("as_timeline", models.BooleanField(default=False)),
            ],
        ),
        migrations.AddField(
            model_name="hiddenplay",
            name="replaced",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AlterField(
            model_name="mergedplay",
            name="origin",
            field=models.PositiveSmallIntegerField(
                choices=[
                    (0, "Export of Vibesite"),
                    (1, "Recently played"),
                    (2, "Player state"),
                    (3, "Submission"),
                    (4, "Account data export"),
                    (5, "Extended history export"),
                    (6, "By hand"),
                ]
            ),
        ),
        migrations.AlterField(
            model_name="play",
            name="origin",
            field=models.PositiveSmallIntegerField(
                choices=[
                    (0, "Export of Vibesite"),
                    (1, "Recently played"),
                    (2, "Player state"),
                    (3, "Submission"),
                    (4, "Account data export"),
                    (5, "Extended history export"),
                    (6, "By hand"),
                ]
            ),
        ),
        migrations.CreateModel(
            name="HandPlay",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("started_at", accounts.fields.MomentField()),
                ("ms_played", models.PositiveIntegerField()),
                ("is_estimate", models.BooleanField(default=False)),
                ("details", models.JSONField(default=dict)),
                ("was_started_at", accounts.fields.MomentField(null=True)),
                ("was_ended_at", accounts.fields.MomentField(null=True)),
                ("was_ms_played", models.PositiveIntegerField(null=True)),
                ("was_estimate", models.BooleanField(default=False)),
                (
                    "was_origin",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (0, "Export of Vibesite"),
                            (1, "Recently played"),
                            (2, "Player state"),
                            (3, "Submission"),
                            (4, "Account data export"),
                            (5, "Extended history export"),
                            (6, "By hand"),
                        ],
                        null=True,
                    ),
                ),
                ("act", models.BigIntegerField()),
                ("made_at", models.DateTimeField()),
                ("undone_at", models.DateTimeField(blank=True, null=True)),
                (
                    "track",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="ingest.track"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="hand_plays",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "was_track",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="ingest.track",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["user", "undone_at"], name="hand_plays_standing")],
                "constraints": [models.UniqueConstraint(fields=("user", "act"), name="one_word_by_hand_per_act")],
            },
        ),
    ]
