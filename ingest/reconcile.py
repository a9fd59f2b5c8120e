"""Which events are one listening. Pure.

Merging is a fold over the set of all events of one person: the same set gives the same plays, whatever the order of
arrival, repeats or crashes. The rules, from strongest to weakest:

- The same event told again is one event (`identity`, `join`).
- Two events of one track and one origin are one listening if they overlap by more than half of the shorter; the longer
  stays. Where the length is an estimate of a poll, ends within two seconds decide instead. Submissions of one song are
  of one listening alike, whatever album each names: logs of the same listening differ in that.
- Events of different origins are one listening if they are of the same song and the weaker one's end lies within the
  stronger one's time; of a submission, whose end is mostly a guess, the start lies there, or the ends are close.
  Nearest first, and each listening takes one event of each origin.
- Tracks that share a recording and nothing else, as a remaster and its original, may well be heard one after the other:
  their events are one listening only if they cannot be two (`_at_once`), and after all that are of one track or name.
- Different songs are never one listening.
"""

import heapq
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ingest.evidence import Evidence, Origin

BEFORE_START_MS = 30_000  # a poll's "played at" may lie this far before the start that an export tells
AFTER_END_MS = 90_000  # or this far after its end
NEAR_END_MS = 90_000  # account data against an export: ends less far apart than this
MINUTE_MS = 60_000  # account data tells the minute only, cut, so the end lies up to this much later
JITTER_MS = 2_000  # two polled ends of one listening
SHORTEST_POLLED_MS = 30_000  # Spotify lists nothing shorter among what was recently played

REACH_BACK_MS = BEFORE_START_MS  # events whose times, stretched by these, do not meet, never matter to each other
REACH_ON_MS = AFTER_END_MS + MINUTE_MS

DETAILS = (
    "reason_start",
    "reason_end",
    "platform",
    "country",
    "context",
    "shuffle",
    "offline",
    "incognito",
    "skipped",
)
_BY_NAME = (Origin.ACCOUNT_DATA, Origin.SUBMIT, Origin.HAND)


@dataclass(frozen=True, slots=True)
class Song:
    """By what a track is recognised: its recording (0 if unknown), its names, whether Spotify named it."""

    recording: int
    names: frozenset[str]  # names.song_key with each artist that is credited with it, or with its album
    has_id: bool


Songs = Mapping[int, Song]  # by track id


@dataclass(frozen=True, slots=True)
class Merged:
    """An event that tells of a listening which a better one tells already, and which details it alone gave."""

    event: Evidence
    gave: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Listening:
    """One play: the best event with its blanks filled, and the events that came to it."""

    play: Evidence
    best: Evidence  # as it was told
    merged: tuple[Merged, ...]


def identity(event: Evidence) -> tuple:
    """Equal for two tellings of one event."""
    if event.origin == Origin.POLL:
        return event.origin, event.track_id, event.ended_ms
    if event.origin == Origin.SUBMIT:
        return event.origin, event.track_id, event.started_ms
    if event.origin == Origin.WATCH:
        return event.origin, event.track_id, event.started_ms, event.ended_ms, event.ms_played
    return event.origin, event.track_id, event.ended_ms, event.ms_played


def join(one: Evidence, other: Evidence) -> Evidence:
    """Two tellings of one event as one: order, grouping and repeats do not matter. Known beats unknown."""
    if one == other:
        return one
    told = {name: _known(getattr(one, name), getattr(other, name)) for name in DETAILS}
    imports = [each for each in (one.import_id, other.import_id) if each is not None]
    surer = max(one, other, key=lambda each: (not each.is_estimate, each.ms_played, each.ended_ms))
    return replace(
        one,
        started_ms=min(one.started_ms, other.started_ms),
        ended_ms=surer.ended_ms,
        ms_played=surer.ms_played,
        is_estimate=surer.is_estimate,
        import_id=min(imports, default=None),
        **told,
    )


def distinct(events: Iterable[Evidence]) -> list[Evidence]:
    """One event for each identity."""
    found: dict[tuple, Evidence] = {}
    for event in events:
        place = identity(event)
        former = found.get(place)
        found[place] = event if former is None else join(former, event)
    return list(found.values())


def fold(events: Iterable[Evidence], songs: Songs) -> list[Listening]:
    """The listenings that `events` tell of, by start. `songs` must know every track."""
    found = distinct(events)
    groups = group(songs)
    parts = components([(groups[event.track_id], *stretched(event)) for event in found])
    listenings = [each for part in parts for each in _fold_part([found[place] for place in part], songs)]
    return sorted(listenings, key=lambda each: _order(each.best))


def stretched(event: Evidence) -> tuple[int, int]:
    """The time in which other events can matter to this one, in ms."""
    return min(event.started_ms, event.ended_ms - event.ms_played) - REACH_BACK_MS, event.ended_ms + REACH_ON_MS


def group(songs: Songs) -> dict[int, int]:
    """For each track a number that tracks share which can be one song, directly or over others."""
    parent = {track: track for track in songs}

    def root(track: int) -> int:
        while parent[track] != track:
            parent[track] = parent[parent[track]]
            track = parent[track]
        return track

    first: dict[int | str, int] = {}
    for track, song in songs.items():
        marks: list[int | str] = [*song.names, song.recording]
        for mark in marks:
            if mark:
                one, other = root(track), root(first.setdefault(mark, track))
                parent[max(one, other)] = min(one, other)
    return {track: root(track) for track in songs}


def components(spans: Sequence[tuple[int, int, int]]) -> list[list[int]]:
    """Places of (group, from, to) whose spans meet within their group, over others too; each part by time."""
    parts: list[list[int]] = []
    last: tuple[int, int] | None = None
    for place in sorted(range(len(spans)), key=lambda place: (spans[place], place)):
        of, start, end = spans[place]
        if last is not None and last[0] == of and start <= last[1]:
            parts[-1].append(place)
            last = (of, max(last[1], end))
        else:
            parts.append([place])
            last = (of, end)
    return parts


def same_song(one: Evidence, other: Evidence, songs: Songs) -> bool:
    left, right = songs[one.track_id], songs[other.track_id]
    return _same_names(one, other, songs) or bool(left.recording and left.recording == right.recording)


def _same_names(one: Evidence, other: Evidence, songs: Songs) -> bool:
    """Whether two events are of one track, or of one name where one of them does not tell an id to rely on."""
    if one.track_id == other.track_id:
        return True
    left, right = songs[one.track_id], songs[other.track_id]
    by_name = one.origin in _BY_NAME or other.origin in _BY_NAME or not (left.has_id and right.has_id)
    return by_name and not left.names.isdisjoint(right.names)


def _at_once(event: Evidence, best: Evidence) -> bool:
    """Whether one person can have heard both events only as one: nobody listens twice at once."""
    if event.origin == Origin.POLL and event.is_estimate:  # its end alone is known, and that it lasted so long at least
        return best.started_ms < event.ended_ms < best.ended_ms + SHORTEST_POLLED_MS
    shared = min(event.ended_ms, best.ended_ms) - max(event.started_ms, best.started_ms)
    return 2 * shared > min(event.ended_ms - event.started_ms, best.ended_ms - best.started_ms)


def is_repeat(one: Evidence, other: Evidence, songs: Songs) -> bool:
    """Whether two events of one origin tell of one listening. Nobody hears one track twice at once."""
    if one.origin == Origin.SUBMIT:
        if not same_song(one, other, songs):
            return False
    elif one.track_id != other.track_id or one.origin == Origin.ACCOUNT_DATA:
        return False  # account data tells no second, so overlap proves nothing
    elif one.is_estimate or other.is_estimate:
        return abs(one.ended_ms - other.ended_ms) <= JITTER_MS
    start = max(one.ended_ms - one.ms_played, other.ended_ms - other.ms_played)
    shared = min(one.ended_ms, other.ended_ms) - start
    return 2 * shared > min(one.ms_played, other.ms_played)


def _fold_part(events: list[Evidence], songs: Songs) -> list[Listening]:
    if len(events) == 1:
        return [Listening(events[0], events[0], ())]
    by_origin: dict[int, list[Evidence]] = defaultdict(list)
    for event in events:
        by_origin[event.origin].append(event)
    told: dict[Evidence, list[Evidence]] = {}  # the best event so far → the others
    for origin in sorted(by_origin, reverse=True):
        tier = _without_repeats(by_origin[origin], songs)
        places = _matched(list(tier), list(told), songs)
        for event, repeats in tier.items():
            if event in places:
                told[places[event]] += [event, *repeats]
            else:
                told[event] = repeats
    return [_filled(best, others) for best, others in told.items()]


def _without_repeats(events: list[Evidence], songs: Songs) -> dict[Evidence, list[Evidence]]:
    """The longest of each set of repeats, with the others."""
    kept: dict[Evidence, list[Evidence]] = {}
    for event in sorted(events, key=lambda each: (-each.ms_played, *_order(each))):
        for longer, repeats in kept.items():
            if is_repeat(longer, event, songs):
                repeats.append(event)
                break
        else:
            kept[event] = []
    return kept


def _matched(weaker: list[Evidence], stronger: list[Evidence], songs: Songs) -> dict[Evidence, Evidence]:
    """Pairs of one listening, nearest first, those of one recording alone last; each of `stronger` once."""
    pairs: list[tuple[Any, ...]] = [
        (not named, *distance, place, rank, event, best)
        for place, event in enumerate(sorted(weaker, key=_order))
        for rank, best in enumerate(sorted(stronger, key=_order))
        if (distance := _distance(event, best)) is not None
        and ((named := _same_names(event, best, songs)) or (same_song(event, best, songs) and _at_once(event, best)))
    ]
    heapq.heapify(pairs)
    found: dict[Evidence, Evidence] = {}
    taken: set[Evidence] = set()
    while pairs:
        event, best = heapq.heappop(pairs)[-2:]
        if event not in found and best not in taken:
            found[event] = best
            taken.add(best)
    return found


def _distance(event: Evidence, best: Evidence) -> tuple[int, ...] | None:
    """How far apart two events of different origin are; None if too far to be one listening.

    Ends decide; the rest only says who of equals, so that two events with all the same times always find each other.
    """
    apart = abs(event.ended_ms - best.ended_ms)
    ms_apart = abs(event.ms_played - best.ms_played)
    ties = (int(event.track_id != best.track_id), abs(event.started_ms - best.started_ms), ms_apart)
    if event.origin == Origin.ACCOUNT_DATA:
        return (int(ms_apart > 0), apart, *ties) if apart < NEAR_END_MS else None
    later = MINUTE_MS if best.origin == Origin.ACCOUNT_DATA else 0
    told = event.started_ms if event.origin == Origin.SUBMIT else event.ended_ms
    inside = best.started_ms - BEFORE_START_MS <= told <= best.ended_ms + later + AFTER_END_MS
    if event.origin == Origin.SUBMIT:
        inside = inside or apart < NEAR_END_MS
        apart = min(apart, abs(event.started_ms - best.started_ms))
    return (0, apart, *ties) if inside else None


def _filled(best: Evidence, others: Collection[Evidence]) -> Listening:
    blanks = {name for name in DETAILS if _is_blank(getattr(best, name))}
    given: dict[str, Any] = {}
    merged = []
    for event in sorted(others, key=lambda each: (-each.origin, *_order(each))):
        gave = tuple(name for name in DETAILS if name in blanks and not _is_blank(getattr(event, name)))
        given |= {name: getattr(event, name) for name in gave}
        blanks -= set(gave)
        merged.append(Merged(event, gave))
    return Listening(replace(best, **given) if given else best, best, tuple(merged))


def _is_blank(value: int | bool | None) -> bool:
    return value is None or (value == 0 and value is not False)


def _known(one: Any, other: Any) -> Any:
    if _is_blank(one):
        return other
    return one if _is_blank(other) else min(one, other)


def _order(event: Evidence) -> tuple:
    """A total order of events by what tells them apart, first by time."""
    return event.started_ms, event.ended_ms, event.track_id, event.ms_played, event.origin
