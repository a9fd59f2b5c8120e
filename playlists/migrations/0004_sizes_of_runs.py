from typing import Any

from django.db import migrations, models


def measure(apps: Any, schema_editor: Any) -> None:
    """Write down how long the lists are; by the row, as each may be a megabyte."""
    SyncRun, Playlist = apps.get_model("playlists", "SyncRun"), apps.get_model("playlists", "Playlist")
    for run in SyncRun.objects.only("before", "after").iterator(chunk_size=50):
        SyncRun.objects.filter(pk=run.pk).update(size_before=len(run.before), size_after=len(run.after))
    for playlist in Playlist.objects.exclude(synced_uris=None).only("synced_uris").iterator(chunk_size=50):
        Playlist.objects.filter(pk=playlist.pk).update(synced_size=len(playlist.synced_uris))


class Migration(migrations.Migration):
    """How long the lists of runs and playlists are, so that pages need not read them; and which runs wait.

    Old code is safe: the database has the defaults. Reversible; only what can be counted anew is lost.
    """

    dependencies = [
        ("accounts", "0003_registrations"),
        ("playlists", "0003_schedules"),
    ]

    operations = [
        migrations.AddField(
            model_name="playlist",
            name="synced_size",
            field=models.PositiveIntegerField(db_default=0, default=0, editable=False),
        ),
        migrations.AddField(
            model_name="syncrun",
            name="size_after",
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="syncrun",
            name="size_before",
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.AddIndex(
            model_name="syncrun",
            index=models.Index(
                condition=models.Q(("state__in", ("queued", "running"))), fields=["state"], name="runs_to_write"
            ),
        ),
        migrations.RunPython(measure, migrations.RunPython.noop),
    ]
