"""Fetching chosen sources: one job for each, so that each shows its own way and none waits for or harms another."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import jobs
from accounts.models import Job, SpotifyConnection, User
from accounts.spotify.errors import NotFound
from ingest import derived, lens
from ingest.actions import lists, reader, sources
from ingest.actions.reader import Reader
from ingest.actions.sources import Short
from ingest.heard import Heard
from ingest.models import SourceTrack, TrackSource

KIND = "fetch_tracks"
LOOKED_AT = 2_000  # of a person's newest jobs: more than their sources
Kind = TrackSource.Kind


class NotConnected(Exception):
    """Some of the sources are at a Spotify account that cannot be asked just now; nothing was started."""


# --- Starting --------------------------------------------------------------------------------------------------------
def start_fetch(*, user: User, sources: Iterable[TrackSource]) -> list[Job]:
    """One job for each of the person's sources; for one that is being fetched already, that job.

    Raises NotConnected, and starts none, if one of them is at an account that is not connected.
    """
    chosen = list({source.pk: source for source in sources if source.user_id == user.pk}.values())
    if _parted(user, chosen)[1]:
        raise NotConnected
    with transaction.atomic():
        return [_start(source) for source in chosen]


def start_ready(*, user: User, sources: Iterable[TrackSource]) -> tuple[list[Job], list[TrackSource]]:
    """As `start_fetch`, of those of the person's sources that can be read now; and those left out.

    Raises NotConnected if all are at accounts that are not connected.
    """
    ready, left_out = _parted(user, [source for source in sources if source.user_id == user.pk])
    if left_out and not ready:
        raise NotConnected
    with transaction.atomic():
        return [_start(source) for source in ready], left_out


def _parted(user: User, sources: Iterable[TrackSource]) -> tuple[list[TrackSource], list[TrackSource]]:
    """Those that can be read now, and those at a Spotify account that is not connected."""
    active = set(SpotifyConnection.objects.active().filter(user=user).values_list("pk", flat=True))
    ready: list[TrackSource] = []
    left_out: list[TrackSource] = []
    for source in sources:
        (left_out if source.is_at_spotify and source.connection_id not in active else ready).append(source)
    return ready, left_out


def jobs_of(user: User, sources: Collection[TrackSource]) -> dict[int, Job]:
    """The newest job of each source, by the source's key; without the steps of jobs, which may be large."""
    rows = Job.objects.of(user).filter(kind=KIND, key__in={str(source.pk) for source in sources})
    found: dict[int, Job] = {}
    for job in rows.defer("step", "traceback").order_by("-id")[:LOOKED_AT]:
        found.setdefault(int(job.key), job)
    return found


def start_waiting(*, now: datetime) -> int:
    """Go on with lists whose links Spotify was not asked for yesterday; how many."""
    found = lists.waiting(now=now)
    for source in found:
        _start(source)
    return len(found)


def _start(source: TrackSource) -> Job:
    return jobs.start(
        KIND,
        owner=source.user,
        parameters={
            "source": source.pk,
            "source_type": source.kind,
            "source_id": source.spotify_id or source.asked or str(source.pk),
            "source_label": str(source)[:200],
        },
        key=str(source.pk),
        message=_("About to be read."),
    )


def _connection(source: TrackSource) -> SpotifyConnection | None:
    return SpotifyConnection.objects.active().filter(sources=source.pk, user=source.user_id).first()


def _source(job: Job) -> TrackSource | None:
    return TrackSource.objects.filter(pk=job.parameters["source"], user=job.owner).select_related("user").first()


def _why_not(job: Job) -> str:
    source = _source(job)
    if source is None:
        return _taken_away()
    return reader.gone() if source.is_at_spotify and _connection(source) is None else ""


def _taken_away() -> str:
    return _("This source is not among yours any more.")


# --- Running ---------------------------------------------------------------------------------------------------------
@jobs.handler(KIND, queue="bulk", max_attempts=5, again=jobs.start_same, why_not=_why_not)
def run(run: jobs.Run) -> dict[str, Any]:
    """Read one source anew. A failed or short read leaves it as it was."""
    source = _source(run.job)
    if source is None:
        raise jobs.Failure(_taken_away())
    run.advance(0, message=_("Reading “%(name)s”") % {"name": str(source)[:80]}, unit="tracks")
    try:
        told = _FETCH[source.kind](run, source)
        source.refresh_from_db()
    except TrackSource.DoesNotExist:  # meanwhile
        raise jobs.Failure(_taken_away()) from None
    run.advance(source.total, source.total, message=_("Read whole."), unit="tracks")
    return {"tracks": source.total} | told


def _at_spotify(run: jobs.Run, source: TrackSource) -> dict[str, Any]:
    connection = _connection(source)
    if connection is None:
        raise jobs.Failure(reader.gone())
    if source.unreadable_reason == TrackSource.Unreadable.FOREIGN:
        raise jobs.Failure(source.get_unreadable_reason_display())
    one = Reader(run, connection)
    read: Callable[[TrackSource], int] = {
        Kind.LIKED: one.likes,
        Kind.PLAYLIST: one.playlist,
        Kind.ALBUM: one.album,
        Kind.ALBUMS: one.albums,
    }[Kind(source.kind)]
    with reader.told(one):
        try:
            changed = read(source)
        except Short as exc:
            raise jobs.Failure(
                _("Spotify sent fewer tracks than it announced, so the former ones were kept. Fetch again later.")
            ) from exc
        except sources.UNREADABLE as exc:
            sources.mark_unreadable(source, exc, version=source.remote_version)
            if source.kind == Kind.ALBUM and isinstance(exc, NotFound):
                raise jobs.Failure(_("Spotify knows no such album, or not any more. What was read is kept.")) from exc
            source.refresh_from_db()
            raise jobs.Failure(
                _("%(reason)s What was read before is kept.") % {"reason": source.get_unreadable_reason_display()}
            ) from exc
    one.want_kept()
    return {"changed": changed}


def _computed(run: jobs.Run, source: TrackSource) -> dict[str, Any]:
    """Only its size is noted: what is in it is computed whenever it is asked for."""
    now = timezone.now()
    try:
        size = len(derived.tracks(source, now=now))
    except derived.Gone as exc:
        raise jobs.Failure(str(exc)) from exc
    TrackSource.objects.filter(pk=source.pk).update(total=size, pulled_at=now)
    return {"changed": abs(size - source.total)}


_FETCH: dict[str, Callable[[jobs.Run, TrackSource], dict[str, Any]]] = {
    Kind.LIST: lists.find,
    **dict.fromkeys(TrackSource.AT_SPOTIFY, _at_spotify),
    **dict.fromkeys(TrackSource.COMPUTED, _computed),
}


# --- All together ----------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Joined:
    """One track, and every source that holds it, in the order of the sources."""

    track_id: int
    source_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Aggregate:
    """Several sources as one list: each track once, in the order of the sources and of the first that holds it."""

    tracks: list[Joined]
    sources: list[TrackSource]


def aggregate(*, user: User, sources: Iterable[TrackSource], now: datetime) -> Aggregate:
    """The person's chosen sources, merged. One whose rule is gone adds nothing."""
    asked = {source.pk for source in sources}
    chosen = list(TrackSource.objects.of(user).filter(pk__in=asked).select_related("user").in_order())
    heard = lens.read(user).heard() if any(source.is_computed for source in chosen) else None
    held: dict[int, list[int]] = {}
    for source in chosen:
        for track in dict.fromkeys(track_ids(source, now=now, heard=heard)):
            held.setdefault(track, []).append(source.pk)
    return Aggregate([Joined(track, tuple(pks)) for track, pks in held.items()], chosen)


def track_ids(source: TrackSource, *, now: datetime, heard: Heard | None = None) -> list[int]:
    """What a source holds, in order: of an outside one as last read whole, repeats included.

    Items that are no known track are left out. Empty for the result of a rule that is gone.
    """
    if source.is_computed:
        try:
            return derived.tracks(source, now=now, heard=heard)
        except derived.Gone:
            return []
    rows = SourceTrack.objects.filter(source=source, track__isnull=False).order_by("position")
    return list(rows.values_list("track_id", flat=True))
