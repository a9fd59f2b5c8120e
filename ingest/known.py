"""What is stored around some moments: the events that arriving or leaving ones could be one listening with.

Used by `settle.py`, under the person's ledger.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from accounts.fields import to_ms
from ingest import reconcile
from ingest.evidence import LONGEST_SPAN_MS, Evidence
from ingest.models import MergedPlay, Play
from ingest.reconcile import DETAILS, Merged, Song
from ingest.songs import songs_around

_PARAMETERS = 10_000  # values in one IN (…): SQLite takes 32,766
_SLACK_MS = 3_600_000  # read at once, as what is near an event often reaches a bit further
_MOST_RANGES = 8
_FEW = 200  # plays or tracks that are named in a statement without a thought
_APART_MS = 2 * LONGEST_SPAN_MS
_EVENT = "track_id, started_at, ended_at, ms_played, is_estimate, origin"
_NEAR = f"""
SELECT id, NULL, {_EVENT}, source_import_id, NULL, {", ".join(DETAILS)}
FROM ingest_play WHERE user_id = %%s AND %(near)s
UNION ALL SELECT id, play_id, {_EVENT}, source_import_id, CAST(details AS text), {", ".join(["0"] * 5 + ["NULL"] * 4)}
FROM ingest_mergedplay WHERE user_id = %%s AND %(near)s"""  # noqa: S608
_PLAY_FIELDS = (
    "id",
    "track_id",
    "started_at",
    "ended_at",
    "ms_played",
    "is_estimate",
    "origin",
    "source_import_id",
    *DETAILS,
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
    "source_import_id",
    "details",
)


@dataclass(slots=True)
class Known:
    """Plays and merged events by id."""

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


def stored_around(user_id: int, around: Sequence[Evidence], songs: dict[int, Song]) -> Known:
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


def _touched(stored: Known, around: Sequence[Evidence], groups: dict[int, int]) -> tuple[Known, list[tuple[int, int]]]:
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
    return Known(plays, {pk: told for pk, told in stored.merged.items() if told[0] in plays}), span


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


def _stored(user_id: int, ranges: list[tuple[int, int]], songs: dict[int, Song]) -> Known:
    plays, merged = _near(user_id, ranges, songs)
    for part in parts([play for play, _ in merged.values() if play not in plays]):
        plays |= {row[0]: _play(row) for row in Play.objects.filter(id__in=part).values_list(*_PLAY_FIELDS)}
    # Looking for what many plays hide is dear, and most people have nothing hidden.
    if plays and (len(plays) <= _FEW or MergedPlay.objects.filter(user_id=user_id).exists()):
        for part in parts(plays):
            rows = MergedPlay.objects.filter(play_id__in=part).values_list(*_MERGED_FIELDS)
            merged |= {row[0]: _merged(row) for row in rows}
    return Known(plays, merged)


def _near(
    user_id: int, ranges: list[tuple[int, int]], songs: dict[int, Song]
) -> tuple[dict[int, Evidence], dict[int, tuple[int, Merged]]]:
    """Plays and merged events of these songs that start in `ranges`: one statement, as each new play asks for it."""
    chosen = [" OR ".join(["started_at BETWEEN %s AND %s"] * len(ranges))]
    values: list[int] = [user_id, *(moment for each in ranges for moment in each)]
    if len(songs) <= _FEW:
        chosen.append(f"track_id IN ({', '.join(['%s'] * len(songs))})")
        values += songs
    with connection.cursor() as cursor:
        cursor.execute(_NEAR % {"near": " AND ".join(f"({each})" for each in chosen)}, [*values, *values])
        found = [row for row in cursor.fetchall() if row[2] in songs]
    plays, merged = {}, {}
    for pk, play, track, started, ended, ms, is_estimate, origin, source_import, told, *details in found:
        at = (origin, track, started, ended, ms, bool(is_estimate))
        if play is None:
            plays[pk] = _event(*at, source_import, dict(zip(DETAILS, details, strict=True)))
        else:
            merged[pk] = play, _hidden(*at, source_import, json.loads(told))
    return plays, merged


def parts(ids: Iterable[int]) -> Iterable[list[int]]:
    """Ids in order and without repeats, in lists that fit one IN (…)."""
    ordered = sorted(set(ids))
    return (ordered[start : start + _PARAMETERS] for start in range(0, len(ordered), _PARAMETERS))


def played(query: QuerySet[Play]) -> list[Evidence]:
    """Plays as events: as shown, with their blanks filled."""
    return [_play(row) for row in query.values_list(*_PLAY_FIELDS)]


def told(query: QuerySet[Play]) -> list[Evidence]:
    """The events that plays show, as they were told: without what merged events gave them."""
    found = Known({row[0]: _play(row) for row in query.values_list(*_PLAY_FIELDS)}, {})
    for part in parts(found.plays):
        rows = MergedPlay.objects.filter(play_id__in=part).values_list(*_MERGED_FIELDS)
        found.merged |= {row[0]: _merged(row) for row in rows}
    return list(found.best().values())


def hidden(query: QuerySet[MergedPlay]) -> list[Evidence]:
    """Merged events, as they were told."""
    return [_merged(row)[1].event for row in query.values_list(*_MERGED_FIELDS)]


def _play(row: tuple) -> Evidence:
    _, track, started, ended, ms, is_estimate, origin, source_import, *details = row
    told = dict(zip(DETAILS, details, strict=True))
    return _event(origin, track, to_ms(started), to_ms(ended), ms, is_estimate, source_import, told)


def _merged(row: tuple) -> tuple[int, Merged]:
    _, play, track, started, ended, ms, is_estimate, origin, source_import, details = row
    return play, _hidden(origin, track, to_ms(started), to_ms(ended), ms, is_estimate, source_import, details)


def _event(
    origin: int, track: int, started: int, ended: int, ms: int, is_estimate: bool, source_import: int, told: dict
) -> Evidence:
    # SQLite has numbers for switches.
    switches = {name: None if told[name] is None else bool(told[name]) for name in DETAILS[5:] if name in told}
    return Evidence(origin, track, started, ended, ms, is_estimate, import_id=source_import, **(told | switches))


def _hidden(
    origin: int, track: int, started: int, ended: int, ms: int, is_estimate: bool, source_import: int, details: dict
) -> Merged:
    told = {name: value for name, value in details.items() if name in DETAILS}
    event = _event(origin, track, started, ended, ms, is_estimate, source_import, told)
    return Merged(event, tuple(details.get("gave", ())))
