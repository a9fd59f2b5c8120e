"""Imported lists: kept as they were told, and each row looked for in the catalogue; again whenever they are fetched.

The catalogue is shared, so a row adds a track to it only where it tells a Spotify id together with names, or where
Spotify itself told of the id. A row that is nothing known here is reported, not invented.
"""

import logging
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import jobs
from accounts.models import SpotifyConnection, User
from accounts.spotify.errors import BadRequest, NotFound, SpotifyError
from accounts.spotify.payloads import TrackPayload
from ingest import names
from ingest.actions import catalogue, enrich, list_search, match, naming, sources, want
from ingest.actions.reader import Reader
from ingest.actions.sources import Entry
from ingest.evidence import TrackName
from ingest.importers.lists_told import Brought, Told
from ingest.models import Artist, ListRow, SourceTrack, Track, TrackSource
from ingest.upsert import ids, parts, update_each

logger = logging.getLogger(__name__)

MOST_LISTS = 500  # out of one upload
ASKED = 300  # links of one fetch whose names Spotify is asked for, one call each; the rest waits for the next day
EVERY = timedelta(days=1)
BATCH = 500
Problem = ListRow.Problem


def bring(*, user: User, lists: Sequence[Brought], name: str = "") -> list[TrackSource]:
    """Keep these lists as sources of the person, their rows as told. `name` is for one that stands alone."""
    with transaction.atomic():
        return [_keep(user, each, name if len(lists) == 1 else "") for each in lists[:MOST_LISTS]]


def _keep(user: User, brought: Brought, name: str) -> TrackSource:
    source = TrackSource.objects.create(
        user=user,
        kind=TrackSource.Kind.LIST,
        name=names.clean(name)[:200] or brought.name[:200] or _("Imported list"),
        included=True,
        total=len(brought.rows),
    )
    rows = (
        ListRow(
            source=source,
            position=position,
            **{field: getattr(row, field) for field in Told.__slots__},
            problem=Problem.UNKNOWN,
        )
        for position, row in enumerate(brought.rows)
    )
    ListRow.objects.bulk_create(rows, batch_size=BATCH)
    return source


def find(run: jobs.Run, source: TrackSource) -> dict[str, Any]:
    """Look for every row that nobody decided, keep the result as the source's tracks, and say how many were found."""
    rows = list(ListRow.objects.filter(source=source).order_by("position"))
    if "changed" not in run.step:
        run.advance(
            0, len(rows), unit="rows", message=_("Looking for the rows of “%(name)s”") % {"name": source.name[:80]}
        )
        before = [row.track_id for row in rows]
        _look_here(source, rows)
        _ask(run, source, rows)
        _want(rows)
        with transaction.atomic():
            changed = sum(old != row.track_id for old, row in zip(before, rows, strict=True))
            run.commit_step(changed=changed, here=sum(row.track_id is not None for row in rows))
    try:
        list_search.look(run, source, rows, lambda: _keep_found(source, rows))
    finally:
        tracks = _want(rows)
    counts = Counter(row.problem for row in rows if row.track_id is None)
    return {
        "changed": run.step["changed"] + len(tracks) - run.step["here"],
        "tracks": len(tracks),
        "repeats": len(tracks) - len(set(tracks)),
        "not_found": sum(counts.values()),
        "several": counts[Problem.SEVERAL],
    }


def _look_here(source: TrackSource, rows: Sequence[ListRow]) -> None:
    told = [row for row in rows if not row.chosen]
    _add_named(told)
    for row, found in zip(told, match.find([_told(row) for row in told]), strict=True):
        row.track_id, row.candidates = found.track_id, list(found.candidates)
        row.problem = _problem(row)
    _keep_found(source, rows)


def _want(rows: Iterable[ListRow]) -> list[int]:
    """The tracks that were found, which providers are asked about."""
    tracks = [row.track_id for row in rows if row.track_id is not None]
    if want.listed(tracks):
        enrich.begin()
    return tracks


def _told(row: ListRow) -> Told:
    return Told(**{field: getattr(row, field) for field in Told.__slots__})


def _problem(row: ListRow) -> str:
    if row.track_id is not None:
        return ""
    if row.candidates:
        return Problem.SEVERAL
    if row.spotify_id:
        return Problem.GONE if row.problem == Problem.GONE else Problem.UNASKED
    return Problem.UNKNOWN if row.isrc or (row.title and row.artist) else Problem.NAMELESS


def _add_named(rows: Iterable[ListRow]) -> None:
    """Tracks that the list tells with id and names are known from then on, as those of a history export are."""
    named = [row for row in rows if row.spotify_id and row.title and row.artist]
    known = ids(Track, "spotify_id", {row.spotify_id for row in named})
    fresh = [row for row in named if row.spotify_id not in known]
    keys = {names.key(artist) for row in fresh for artist in match.artists_of(row.artist)}
    artists: dict[str, int] = {}
    for part in parts(keys):
        artists |= dict(Artist.objects.filter(name_key__in=part).values_list("name_key", "id"))
    naming.tracks(
        [
            TrackName(Track.Kind.MUSIC, row.spotify_id, row.title, match.main_artist(row.artist, artists), row.album)
            for row in fresh
        ]
    )


def _keep_found(source: TrackSource, rows: Sequence[ListRow]) -> None:
    """Write down what each row is, and the tracks of the source.

    Looking takes minutes: what the person chose or took back meanwhile stays, and `rows` learn of it. Raises
    TrackSource.DoesNotExist if the source was taken away.
    """
    with transaction.atomic():
        TrackSource.objects.select_for_update().get(pk=source.pk)
        kept = {row.pk: row for row in ListRow.objects.filter(source=source)}
        for row in rows:
            now = kept.get(row.pk)
            if now and (now.chosen or row.chosen):
                row.track_id, row.problem, row.candidates, row.chosen = *_facts(now), now.chosen
        changed = [row for row in rows if row.pk in kept and _facts(row) != _facts(kept[row.pk])]
        update_each(changed, ["track", "problem", "candidates"])
        sources.store(source, list(map(_entry, rows)), now=timezone.now())


def _facts(row: ListRow) -> tuple[Any, ...]:
    return row.track_id, row.problem, row.candidates


def _entry(row: ListRow) -> Entry:
    uri = f"spotify:track:{row.spotify_id}" if row.spotify_id else row.told
    return Entry(uri, row.track_id, sources.added_ms(row.added_at), row.told.startswith("spotify:local:"))


# --- Links without names ---------------------------------------------------------------------------------------------
def _ask(run: jobs.Run, source: TrackSource, rows: Sequence[ListRow]) -> None:
    """Ask Spotify for tracks that are told by their links alone. Trouble leaves them for the next time."""
    unasked = [row for row in rows if row.problem == Problem.UNASKED]
    connection = SpotifyConnection.objects.active().filter(user=source.user_id).order_by("pk").first()
    if not unasked or connection is None:
        return
    reader = Reader(run, connection)
    wanted = list(dict.fromkeys(row.spotify_id for row in unasked))[:ASKED]
    told: dict[str, TrackPayload | None] = {}
    run.advance(0, len(wanted), unit="tracks", message=_("Asking Spotify which tracks these links are"))
    try:
        for number, track_id in enumerate(wanted, start=1):
            reader.leave_some()
            try:
                told[track_id] = reader.spotify.track(track_id)
            except (NotFound, BadRequest):
                told[track_id] = None
            run.advance(number, len(wanted))
    except (SpotifyError, jobs.PutOff) as exc:
        logger.info("list %s: %d of %d links asked: %s", source.pk, len(told), len(wanted), exc)
    finally:  # also of a job that was stopped: what was asked need not be asked again
        _take(source, rows, told)


def _take(source: TrackSource, rows: Sequence[ListRow], told: Mapping[str, TrackPayload | None]) -> None:
    """Keep what Spotify said of links; None: it knows no such track."""
    known = catalogue.tracks(list(told.values()), timezone.now())
    for row in rows:
        if row.problem == Problem.UNASKED and row.spotify_id in told:
            answer = told[row.spotify_id]
            row.track_id = known.get(answer.id or "") if answer else None
            row.problem = "" if row.track_id else Problem.GONE
    _keep_found(source, rows)


def waiting(*, now: datetime) -> list[TrackSource]:
    """Lists with links that Spotify can be asked for today."""
    lists = TrackSource.objects.filter(kind=TrackSource.Kind.LIST, pulled_at__lt=now - EVERY, user__is_active=True)
    lists = lists.filter(user__connections__in=SpotifyConnection.objects.active(), rows__problem=Problem.UNASKED)
    return list(lists.select_related("user").distinct())


# --- By the person ---------------------------------------------------------------------------------------------------
class NoSuchChoice(ValueError):
    """The track is none of those that the row could be."""


def choose(*, row: ListRow, track_id: int | None) -> None:
    """Say which of its candidates a row is, or take that back. Raises NoSuchChoice."""
    with transaction.atomic():
        # A fetch that keeps what it found holds the source, and may have found other candidates.
        TrackSource.objects.select_for_update().filter(pk=row.source_id).first()
        row = ListRow.objects.filter(pk=row.pk).first() or row
        if track_id is not None and track_id not in row.candidates:
            raise NoSuchChoice(track_id)
        if track_id is None and not row.chosen:
            return  # taken back already
        row.track_id, row.chosen = track_id, track_id is not None
        row.problem = "" if row.chosen else Problem.SEVERAL
        ListRow.objects.filter(pk=row.pk).update(track=row.track_id, chosen=row.chosen, problem=row.problem)
        SourceTrack.objects.filter(source=row.source_id, position=row.position).update(track=track_id)
