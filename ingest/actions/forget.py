"""What of a person's listening goes when they disconnect, and when they leave. Counted, and safe to repeat."""

from collections.abc import Iterator

import numpy as np
from django.core.files.storage import default_storage
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import ngettext_lazy

from accounts.models import SpotifyConnection, User
from ingest import columns
from ingest.actions import export, record
from ingest.evidence import Origin
from ingest.models import (
    BroughtTrack,
    ColumnsDelta,
    Gap,
    HistoryExport,
    HistoryImport,
    MergedPlay,
    Play,
    PlayLedger,
    SourceTrack,
    TrackSource,
)

FROM_SPOTIFY = (Origin.POLL, Origin.WATCH)  # what came through the API; the rest is the person's own
WORDS = {
    "plays": ngettext_lazy("%(count)s play", "%(count)s plays", "n"),
    "plays seen by polling": ngettext_lazy("%(count)s play seen by polling", "%(count)s plays seen by polling", "n"),
    "merged events": ngettext_lazy("%(count)s merged event", "%(count)s merged events", "n"),
    "imports": ngettext_lazy("%(count)s import", "%(count)s imports", "n"),
    "exports": ngettext_lazy("%(count)s export", "%(count)s exports", "n"),
    "lists of tracks": ngettext_lazy("%(count)s list of tracks", "%(count)s lists of tracks", "n"),
    "tracks in these lists": ngettext_lazy("%(count)s track in these lists", "%(count)s tracks in these lists", "n"),
    "gaps in the log": ngettext_lazy("%(count)s gap in the log", "%(count)s gaps in the log", "n"),
}
_BATCH = 5_000  # rows of one transaction: nobody else's writing waits long


def listening(*, user: User, connection: SpotifyConnection | None, dry_run: bool) -> dict[str, int]:
    """The eraser of `accounts.actions.depart`: see its protocol there."""
    return _all(user, dry_run) if connection is None else _of_connection(user, connection, dry_run)


def _of_connection(user: User, connection: SpotifyConnection, dry_run: bool) -> dict[str, int]:
    """Plays do not tell through which account they were seen: they go with the last one that is connected."""
    sources = TrackSource.objects.filter(user=user, connection=connection)
    counts = {
        "lists of tracks": sources.count(),
        "tracks in these lists": SourceTrack.objects.filter(source__in=sources).count(),
        "gaps in the log": Gap.objects.filter(user=user, connection=connection).count(),
    }
    is_last = not user.connections.exclude(pk=connection.pk).checked().exists()
    if is_last:
        merged = MergedPlay.objects.filter(user=user, origin__in=FROM_SPOTIFY).count()
        seen = np.bincount(columns.load(user).flags & columns.ORIGIN_BITS, minlength=max(FROM_SPOTIFY) + 1)
        counts["plays seen by polling"] = merged + int(seen[list(FROM_SPOTIFY)].sum())
        counts["exports"] = HistoryExport.objects.filter(user=user).count()  # they hold such plays too
    if dry_run:
        return counts
    with transaction.atomic():
        SourceTrack.objects.filter(source__in=sources).delete()
        sources.delete()
        Gap.objects.filter(user=user, connection=connection).delete()
    if is_last:
        export.forget(user)
        record.forget(user=user, origins=FROM_SPOTIFY, now=timezone.now())
    return counts


def _all(user: User, dry_run: bool) -> dict[str, int]:
    imports = HistoryImport.objects.filter(user=user)
    counts = {
        "plays": len(columns.load(user)),  # counting a million rows takes seconds
        "merged events": MergedPlay.objects.filter(user=user).count(),
        "imports": imports.count(),
        "exports": HistoryExport.objects.filter(user=user).count(),
        "lists of tracks": TrackSource.objects.filter(user=user).count(),
        "gaps in the log": Gap.objects.filter(user=user).count(),
    }
    if dry_run:
        return counts
    for history_import in imports:
        for place, _name in history_import.stored:
            default_storage.delete(place)
    export.forget(user)
    SourceTrack.objects.filter(source__user=user).delete()
    TrackSource.objects.filter(user=user).delete()
    Gap.objects.filter(user=user).delete()
    for model in (MergedPlay, Play, BroughtTrack):
        for keys in _batches(model, user):
            model.objects.filter(pk__in=keys)._raw_delete(using="default")
    ColumnsDelta.objects.filter(user=user).delete()
    PlayLedger.objects.filter(user=user).delete()
    imports.delete()
    columns.forget(user)
    return counts


def _batches(model: type[models.Model], user: User) -> Iterator[list[int]]:
    """Keys of this person's rows, some thousand at a time, until none is left."""
    while keys := list(model._default_manager.filter(user=user).values_list("pk", flat=True)[:_BATCH]):
        yield keys
