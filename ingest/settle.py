"""Fitting events in among what is known already: load what could matter, fold it anew, write the difference.

Used by `actions/record.py` and `actions/bulk.py` alone, inside their transaction and under the person's ledger.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any

import numpy as np
from django.db.models import Q, QuerySet

from accounts.fields import from_ms, to_ms
from ingest import columns, reconcile
from ingest.evidence import LONGEST_SPAN_MS, Evidence
from ingest.models import MergedPlay, Play, Track
from ingest.reconcile import DETAILS, Listening, Merged, Song

_PARAMETERS = 10_000  # values in one IN (…): SQLite takes 32,766
_SLACK_MS = 3_600_000  # read at once, as what is near an event often reaches a bit further
_MOST_RANGES = 8
_APART_MS = 2 * LONGEST_SPAN_MS
_PLAY_FIELDS = (
    "id",
    "track_id",
    "started_at",
    "ended_at",
    "ms_played",
    "is_estimate",
    "origin",
    *DETAILS,
    "source_import_id",
)
_MERGED_FIELDS = (
    "id",
    "play_id",
    "track_id",
    "started_at",
    "ended_at",
    "ms_played",
    "is_estimate",
    "origin",
    "details",
    "source_import_id",
)


class Verdict(Enum):
    """What became of one arriving event."""

    NEW = "new"
    DUPLICATE = "duplicate"
    MERGED = "merged"


@dataclass(slots=True)
class Change:
    """What was written, for the columns: ids that went, and rows that came. A changed row does both."""

    removed: list[int] = field(default_factory=list)
    added: list[tuple] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.removed or self.added)

    @property
    def rows(self) -> columns.Rows:
        return np.array(self.added, dtype=columns.ROW)


@dataclass(slots=True)
class Settled:
    change: Change
    verdicts: list[Verdict]  # one for each arriving event, in order
    play_ids: list[int]  # likewise: the play that tells it


@dataclass(slots=True)
class _Known:
    """What is stored around some moments: plays and merged events by id."""

    plays: dict[int, Evidence]  # as shown, blanks filled
    merged: dict[int, tuple[int, Merged]]  # id → (play id, the event)

    def told(self) -> dict[tuple, Evidence]:
        """Every stored event as it was told, by identity."""
        return {reconcile.identity(event): event for event in [*self.best().values(), *self._losers()]}

    def best(self) -> dict[int, Evidence]:
        """Plays as they were told: without what merged events gave them."""
        blanks: dict[int, dict[str, Any]] = {}
        for play_id, merged in self.merged.values():
            for name in merged.gave:
                blanks.setdefault(play_id, {})[name] = 0 if name in DETAILS[:5] else None
        return {pk: replace(play, **blanks[pk]) if pk in blanks else play for pk, play in self.plays.items()}

    def _losers(self) -> Iterable[Evidence]:
        return (merged.event for _, merged in self.merged.values())


def arrive(user_id: int, arriving: Sequence[Evidence], *, own_import: int | None = None) -> Settled:
    """Record `arriving`; events of `own_import` that are stored already count as arriving now (a resumed import)."""
    songs = songs_around({event.track_id for event in arriving})
    known = _load(user_id, arriving, songs)
    before = known.told()
    listenings = reconcile.fold([*before.values(), *arriving], songs)
    change, place_of = _write(user_id, known, listenings)
    prior = {place for place, event in before.items() if own_import is None or event.import_id != own_import}
    play_ids = [place_of[reconcile.identity(event)] for event in arriving]
    return Settled(change, judge(arriving, listenings, prior), play_ids)


def leave(user_id: int, leaving: Sequence[Evidence]) -> Change:
    """Take events back as if they had never been told; what they hid or filled is as it was without them."""
    songs = songs_around({event.track_id for event in leaving})
    known = _load(user_id, leaving, songs)
    gone = {reconcile.identity(event) for event in leaving}
    stays = [event for place, event in known.told().items() if place not in gone]
    change, _ = _write(user_id, known, reconcile.fold(stays, songs))
    return change


def played(query: QuerySet[Play]) -> list[Evidence]:
    """Plays as events: as shown, with their blanks filled."""
    return [_play(row) for row in query.values_list(*_PLAY_FIELDS)]


def merged(query: QuerySet[MergedPlay]) -> list[Evidence]:
    return [_merged(row)[1].event for row in query.values_list(*_MERGED_FIELDS)]


def songs_around(track_ids: Collection[int]) -> dict[int, Song]:
    """What is known of these tracks, and of every track that may be one song with any of them."""
    songs: dict[int, Song] = {}
    names: set[str] = set()
    recordings: set[int] = set()
    asked: dict[str, list] = {"id__in": sorted(track_ids)}
    while asked:
        titles: set[str] = set()
        fresh: set[int] = set()
        for field_name, wanted in asked.items():
            for pk, recording, title, artist, spotify_id in _tracks(field_name, wanted):
                name = f"{artist or ''}\x1f{title}"
                if pk in songs or (field_name == "name_key__in" and name not in names):
                    continue
                songs[pk] = Song(recording or 0, name, spotify_id is not None)
                if name not in names:
                    names.add(name)
                    titles.add(title)
                if recording and recording not in recordings:
                    recordings.add(recording)
                    fresh.add(recording)
        further: dict[str, list] = {"name_key__in": sorted(titles), "recording_id__in": sorted(fresh)}
        asked = {name: values for name, values in further.items() if values}
    return songs


def _tracks(field_name: str, values: list) -> Iterable[tuple]:
    for start in range(0, len(values), _PARAMETERS):
        chosen = {field_name: values[start : start + _PARAMETERS]}
        yield from Track.objects.filter(**chosen).values_list(
            "id", "recording_id", "name_key", "artist__name_key", "spotify_id"
        )


def _load(user_id: int, around: Sequence[Evidence], songs: dict[int, Song]) -> _Known:
    """Everything stored that the fold over `around` could depend on, over any number of other events, and no more."""
    ranges = _ranges([reconcile.stretched(event) for event in around])
    while True:
        stored = _stored(user_id, ranges, songs)
        strangers = {event.track_id for event in stored.told().values()} - songs.keys()
        if strangers:
            songs |= songs_around(strangers)
        known, span = _touched(stored, around, reconcile.group(songs))
        beyond = [each for each in span if not any(_covers(read, each) for read in ranges)]
        if not beyond:
            return known
        ranges = _ranges([*beyond, *((start + LONGEST_SPAN_MS, end) for start, end in ranges)])


def _touched(
    stored: _Known, around: Sequence[Evidence], groups: dict[int, int]
) -> tuple[_Known, list[tuple[int, int]]]:
    """What of `stored` hangs together with `around`, and the times over which it does."""
    play_ids, merged_ids = list(stored.plays), list(stored.merged)
    events = [*around, *stored.plays.values(), *(stored.merged[pk][1].event for pk in merged_ids)]
    spans = [(groups[event.track_id], *reconcile.stretched(event)) for event in events]
    parts = reconcile.components(spans)
    part_of = {place: number for number, part in enumerate(parts) for place in part}
    first_merged = len(around) + len(play_ids)
    place_of = {pk: len(around) + place for place, pk in enumerate(play_ids)}
    # A merged event belongs to its play, even if the catalogue has learned meanwhile that they differ.
    bonds: dict[int, set[int]] = {}
    for place, pk in enumerate(merged_ids, first_merged):
        one, other = part_of[place], part_of[place_of[stored.merged[pk][0]]]
        if one != other:
            bonds.setdefault(one, set()).add(other)
            bonds.setdefault(other, set()).add(one)
    wanted, ahead = set(), [part_of[place] for place in range(len(around))]
    while ahead:
        number = ahead.pop()
        if number not in wanted:
            wanted.add(number)
            ahead += bonds.get(number, ())
    span = [
        (min(spans[place][1] for place in parts[number]), max(spans[place][2] for place in parts[number]))
        for number in wanted
    ]
    plays = {pk: stored.plays[pk] for pk in play_ids if part_of[place_of[pk]] in wanted}
    return _Known(plays, {pk: told for pk, told in stored.merged.items() if told[0] in plays}), span


def _covers(read: tuple[int, int], span: tuple[int, int]) -> bool:
    """Whether starts in `read` include those of every event that could meet `span`."""
    return read[0] <= span[0] - LONGEST_SPAN_MS and span[1] + reconcile.REACH_BACK_MS <= read[1]


def _ranges(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """The starts to read so that all that meets the spans is found: few stretches, as each costs a search."""
    wide = sorted((start - LONGEST_SPAN_MS - _SLACK_MS, end + _SLACK_MS) for start, end in spans)
    found = [wide[0]]
    for start, end in wide[1:]:
        if start <= found[-1][1] + _APART_MS:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found if len(found) <= _MOST_RANGES else [(found[0][0], found[-1][1])]


def _stored(user_id: int, ranges: list[tuple[int, int]], songs: dict[int, Song]) -> _Known:
    when = Q()
    for start, end in ranges:
        when |= Q(started_at__range=(from_ms(start), from_ms(end)))
    plays = {row[0]: _play(row) for row in _of_tracks(Play.objects.filter(when, user_id=user_id), _PLAY_FIELDS, songs)}
    near = _of_tracks(MergedPlay.objects.filter(when, user_id=user_id), _MERGED_FIELDS, songs)
    merged = {row[0]: _merged(row) for row in near}
    for part in _parts([play for play, _ in merged.values() if play not in plays]):
        plays |= {row[0]: _play(row) for row in Play.objects.filter(id__in=part).values_list(*_PLAY_FIELDS)}
    if MergedPlay.objects.filter(user_id=user_id).exists():
        for part in _parts(plays):
            rows = MergedPlay.objects.filter(play_id__in=part).values_list(*_MERGED_FIELDS)
            merged |= {row[0]: _merged(row) for row in rows}
    return _Known(plays, merged)


def _of_tracks(query: Any, fields: tuple[str, ...], songs: dict[int, Song]) -> Iterable[tuple]:
    place = fields.index("track_id")
    if len(songs) <= 200:
        query = query.filter(track_id__in=list(songs))
    return (row for row in query.values_list(*fields) if row[place] in songs)


def _parts(ids: Iterable[int]) -> Iterable[list[int]]:
    ordered = sorted(set(ids))
    return (ordered[start : start + _PARAMETERS] for start in range(0, len(ordered), _PARAMETERS))


def _play(row: tuple) -> Evidence:
    _, track, started, ended, ms, is_estimate, origin, *details, source_import = row
    told = dict(zip(DETAILS, details, strict=True))
    return Evidence(origin, track, to_ms(started), to_ms(ended), ms, is_estimate, import_id=source_import, **told)


def _merged(row: tuple) -> tuple[int, Merged]:
    _, play, track, started, ended, ms, is_estimate, origin, details, source_import = row
    told = {name: value for name, value in details.items() if name in DETAILS}
    event = Evidence(origin, track, to_ms(started), to_ms(ended), ms, is_estimate, import_id=source_import, **told)
    return play, Merged(event, tuple(details.get("gave", ())))


def _write(user_id: int, known: _Known, listenings: list[Listening]) -> tuple[Change, dict[tuple, int]]:
    """Make the stored plays those of `listenings`, which tell all that is `known`; the play id of each identity."""
    holder = {reconcile.identity(event): pk for pk, event in known.best().items()}
    chosen: list[int | None] = []
    for listening in listenings:
        events = [listening.best, *(merged.event for merged in listening.merged)]
        ids = [holder[mark] for event in events if (mark := reconcile.identity(event)) in holder]
        chosen.append(ids[0] if ids else None)
    kept = {pk for pk in chosen if pk is not None}
    gone = known.plays.keys() - kept
    changed = [
        (listening.play, pk)
        for listening, pk in zip(listenings, chosen, strict=True)
        if pk is not None and known.plays[pk] != listening.play
    ]
    _delete(Play, [*gone, *(pk for _, pk in changed)])
    Play.objects.bulk_create([_to_play(user_id, play, pk) for play, pk in changed], batch_size=1_000)
    fresh = [place for place, pk in enumerate(chosen) if pk is None]
    made = Play.objects.bulk_create([_to_play(user_id, listenings[place].play) for place in fresh], batch_size=1_000)
    for number, play in zip(fresh, made, strict=True):
        chosen[number] = play.pk
    ids = [pk for pk in chosen if pk is not None]
    _write_merged(user_id, known, listenings, ids)
    change = Change(
        removed=sorted([*gone, *(pk for _, pk in changed)]),
        added=[columns.row_of(pk, play) for play, pk in changed]
        + [columns.row_of(play.pk, listenings[place].play) for place, play in zip(fresh, made, strict=True)],
    )
    place_of = {
        reconcile.identity(event): pk
        for listening, pk in zip(listenings, ids, strict=True)
        for event in (listening.best, *(merged.event for merged in listening.merged))
    }
    return change, place_of


def _write_merged(user_id: int, known: _Known, listenings: list[Listening], ids: list[int]) -> None:
    wanted = {(pk, merged) for listening, pk in zip(listenings, ids, strict=True) for merged in listening.merged}
    stored = {told: pk for pk, told in known.merged.items()}
    _delete(MergedPlay, [pk for told, pk in stored.items() if told not in wanted])
    MergedPlay.objects.bulk_create(
        [_to_merged(user_id, pk, merged) for pk, merged in sorted(wanted - stored.keys(), key=_by_time)],
        batch_size=1_000,
    )


def _by_time(told: tuple[int, Merged]) -> tuple:
    return told[1].event.started_ms, told[0], reconcile.identity(told[1].event)


def _delete(model: type[Play] | type[MergedPlay], ids: Collection[int]) -> None:
    """Without Django's cascade: rows that point here are written anew in the same transaction."""
    for part in _parts(ids):
        found = model.objects.filter(id__in=part)
        found._raw_delete(found.db)


def _to_play(user_id: int, event: Evidence, pk: int | None = None) -> Play:
    return Play(
        id=pk,
        user_id=user_id,
        track_id=event.track_id,
        started_at=from_ms(event.started_ms),
        ended_at=from_ms(event.ended_ms),
        ms_played=event.ms_played,
        is_estimate=event.is_estimate,
        origin=event.origin,
        source_import_id=event.import_id,
        **{name: getattr(event, name) for name in DETAILS},
    )


def _to_merged(user_id: int, play_id: int, merged: Merged) -> MergedPlay:
    event = merged.event
    details: dict[str, Any] = {name: value for name in DETAILS if (value := getattr(event, name)) not in (None, 0)}
    details |= {name: False for name in DETAILS[5:] if getattr(event, name) is False}
    if merged.gave:
        details["gave"] = list(merged.gave)
    return MergedPlay(
        user_id=user_id,
        play_id=play_id,
        origin=event.origin,
        track_id=event.track_id,
        started_at=from_ms(event.started_ms),
        ended_at=from_ms(event.ended_ms),
        ms_played=event.ms_played,
        is_estimate=event.is_estimate,
        details=details,
        source_import_id=event.import_id,
    )


def judge(arriving: Sequence[Evidence], listenings: Iterable[Listening], prior: Collection[tuple]) -> list[Verdict]:
    """What became of each of `arriving`, given the identities that were told before.

    A listening is new with its first arriving event if nothing told of it before: the best event counts as the first.
    """
    of = {
        reconcile.identity(event): listening
        for listening in listenings
        for event in (listening.best, *(merged.event for merged in listening.merged))
    }
    verdicts: list[Verdict | None] = [None] * len(arriving)
    by_best: dict[Evidence, list[int]] = {}
    for place, event in enumerate(arriving):
        by_best.setdefault(of[reconcile.identity(event)].best, []).append(place)
    for best, places in by_best.items():
        listening = of[reconcile.identity(best)]
        told = (listening.best, *(merged.event for merged in listening.merged))
        before = {event.origin for event in told if reconcile.identity(event) in prior}
        first = next((p for p in places if reconcile.identity(arriving[p]) == reconcile.identity(best)), places[0])
        for place in (first, *(each for each in places if each != first)):
            origin = arriving[place].origin
            if origin in before:
                verdicts[place] = Verdict.DUPLICATE
            else:
                verdicts[place] = Verdict.MERGED if before else Verdict.NEW
            before.add(origin)
    return [verdict for verdict in verdicts if verdict is not None]
