from django.db import migrations, models


class Migration(migrations.Migration):
    """What people added to their playlists by hand, and what they removed.

    Old code is safe: the database has the defaults. Reversible; what was done by hand until then is forgotten.
    """

    dependencies = [
        ("playlists", "0004_sizes_of_runs"),
    ]

    operations = [
        migrations.AddField(
            model_name="playlist",
            name="hand_added",
            field=models.JSONField(db_default=[], default=list, editable=False),
        ),
        migrations.AddField(
            model_name="playlist",
            name="hand_removed",
            field=models.JSONField(db_default=[], default=list, editable=False),
        ),
        migrations.AddField(
            model_name="syncrun",
            name="hand_added",
            field=models.JSONField(db_default=[], default=list),
        ),
        migrations.AddField(
            model_name="syncrun",
            name="hand_removed",
            field=models.JSONField(db_default=[], default=list),
        ),
    ]
