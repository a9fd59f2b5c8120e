from django.db import migrations, models


class Migration(migrations.Migration):
    """Two more reasons why a row of an imported list is no track: choices alone, no change of the database."""

    dependencies = [
        ("ingest", "0010_more_sources"),
    ]

    operations = [
        migrations.AlterField(
            model_name="listrow",
            name="problem",
            field=models.CharField(
                blank=True,
                choices=[
                    ("unknown", "No track that is known here"),
                    ("several", "Could be one of several"),
                    ("nameless", "Names no track"),
                    ("unasked", "A link whose name Spotify has not been asked for yet"),
                    ("gone", "Spotify knows no such track, or not any more"),
                ],
                max_length=8,
            ),
        ),
    ]
