from django.db import migrations, models


class Migration(migrations.Migration):
    """A number for what each list of tracks holds, so that files derived of it know when to read it again.

    Old code is safe: it writes entries without another number, but with another total or version of the list, which the
    files look at, too. Reversible; nothing is lost.
    """

    dependencies = [
        ("ingest", "0014_name_searches"),
    ]

    operations = [
        migrations.AddField(
            model_name="tracksource",
            name="contents",
            field=models.BigIntegerField(db_default=0, default=0),
        ),
    ]
