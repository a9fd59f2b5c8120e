import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def include_likes(apps, schema_editor):
    apps.get_model("ingest", "TrackSource").objects.filter(kind="liked").update(included=True)


class Migration(migrations.Migration):
    """Albums, listening, rules and imported lists as sources beside likes and playlists; the person's switch.

    Old code is safe: a new table and columns with defaults in the database. Reversible; imported lists are lost then.
    """

    dependencies = [
        ("accounts", "0003_registrations"),
        ("ingest", "0009_hand_plays"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ListRow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveIntegerField()),
                ("spotify_id", models.CharField(blank=True, max_length=22)),
                ("title", models.CharField(blank=True, max_length=500)),
                ("artist", models.CharField(blank=True, max_length=500)),
                ("album", models.CharField(blank=True, max_length=500)),
                ("isrc", models.CharField(blank=True, max_length=12)),
                ("duration_ms", models.PositiveIntegerField(blank=True, null=True)),
                ("added_at", models.DateTimeField(blank=True, null=True)),
                ("told", models.CharField(blank=True, max_length=500)),
                ("chosen", models.BooleanField(default=False)),
                (
                    "problem",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("unknown", "No track that is known here"),
                            ("several", "Could be one of several"),
                            ("nameless", "Names no track"),
                        ],
                        max_length=8,
                    ),
                ),
                ("candidates", models.JSONField(default=list)),
            ],
            options={
                "ordering": ["position"],
            },
        ),
        migrations.AddField(
            model_name="tracksource",
            name="asked",
            field=models.CharField(blank=True, db_default="", default="", max_length=64),
        ),
        migrations.AddField(
            model_name="tracksource",
            name="included",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AlterField(
            model_name="tracksource",
            name="kind",
            field=models.CharField(
                choices=[
                    ("liked", "Liked tracks"),
                    ("playlist", "Playlist"),
                    ("album", "Album"),
                    ("albums", "Saved albums"),
                    ("top", "Top tracks"),
                    ("recent", "Recently heard"),
                    ("forgotten", "Forgotten favourites"),
                    ("list", "Imported list"),
                    ("rule", "Result of a rule"),
                ],
                max_length=10,
            ),
        ),
        migrations.AddConstraint(
            model_name="tracksource",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind__in", ("top", "recent", "forgotten", "rule"))),
                fields=("user", "kind", "asked"),
                name="one_source_per_question",
            ),
        ),
        migrations.AddField(
            model_name="listrow",
            name="source",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="rows",
                to="ingest.tracksource",
            ),
        ),
        migrations.AddField(
            model_name="listrow",
            name="track",
            field=models.ForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="ingest.track"
            ),
        ),
        migrations.AddIndex(
            model_name="listrow",
            index=models.Index(fields=["source", "problem"], name="list_rows_problems"),
        ),
        migrations.AddConstraint(
            model_name="listrow",
            constraint=models.UniqueConstraint(fields=("source", "position"), name="one_row_per_line"),
        ),
        migrations.RunPython(include_likes, migrations.RunPython.noop),
    ]
