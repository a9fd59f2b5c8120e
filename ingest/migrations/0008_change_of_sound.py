from django.db import migrations, models


class Migration(migrations.Migration):
    """Tell changes of what providers say from changes of what a track is: recordings are not grouped anew for those.

    Old code is safe: the database fills the column. Reversible.
    """

    dependencies = [
        ("ingest", "0007_knowledge"),
    ]

    operations = [
        migrations.AddField(
            model_name="trackchange",
            name="only_sound",
            field=models.BooleanField(db_default=False, default=False),
        ),
    ]
