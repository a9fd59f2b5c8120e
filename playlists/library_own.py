"""Columns of what is a person's own: plays as they count them, their sources, and what their other rules find."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from accounts.models import User
from ingest import clock, derived, own
from ingest.kept import NO_MOMENT
from ingest.models import TrackSource
from ingest.period import midnight_ms
from playlists.library_known import listed, numbers, own_words, tags
from playlists.models import Rule
from playlists.rules import fields
from playlists.rules.choose import choose, salt_of
from playlists.rules.masks import Masks
from playlists.rules.nodes import Group, conditions
from playlists.rules.table import NO_DAY, Coded, Column, Days, Flags, Numbers, Table

if TYPE_CHECKING:
    from playlists.library import Library

LISTENING = "listening"  # a value of the field "source", beside kinds and names of sources
NO_ROWS = np.empty(0, dtype=np.intp)
Found = list[tuple[str, NDArray[np.intp]]]  # texts, each with the rows that have it


def made(library: Library, name: str) -> Column | None:
    """The column of that field; None if it is not one of these."""
    if (days := fields.window_days(name)) is not None:
        start = midnight_ms(library.today - timedelta(days=days - 1), library.user.zone)
        plays = library.reading.plays
        since = slice(int(np.searchsorted(plays.started, start)), len(plays))
        return _plays(library, library.reading.heard(among=since).counted.plays_by_place)
    maker = _MAKERS.get(name)
    return maker(library) if maker else None


def _summed(library: Library, by_place: NDArray[Any]) -> NDArray[np.float64]:
    """Counts by place of what was heard, as counts by row."""
    inside = library.heard_row >= 0
    rows, size = library.heard_row[inside], library.table.size
    return np.bincount(rows, weights=by_place[inside], minlength=size).astype(np.float64)


def _plays(library: Library, by_place: NDArray[np.int64]) -> Numbers:
    return Numbers(_summed(library, by_place))


def _skip_rate(library: Library) -> Numbers:
    """Skips of all that was started; not known of what never was."""
    starts = _summed(library, library.tallies.starts)
    return numbers(_summed(library, library.tallies.skips) / np.maximum(starts, 1), starts > 0)


def _heard_on(library: Library, *, last: bool) -> Days:
    """The day on which each was heard for the first or last time, of the plays that count."""
    by_place = library.tallies.last if last else library.tallies.first
    spots = np.flatnonzero((by_place != NO_MOMENT) & (library.heard_row >= 0))
    return _days(library, library.heard_row[spots], by_place[spots], latest=last)


def _added(library: Library) -> Days:
    """The day on which it first came into likes or a playlist."""
    kept = library.kept
    spots = np.flatnonzero((kept.added != NO_MOMENT) & (library.kept_row >= 0))
    return _days(library, library.kept_row[spots], kept.added[spots], latest=False)


def _days(library: Library, rows: NDArray[np.integer], moments: NDArray[np.int64], *, latest: bool) -> Days:
    """The local day of the latest or earliest moment of each row."""
    none = NO_MOMENT if latest else np.iinfo(np.int64).max
    found = np.full(library.table.size, none)
    (np.maximum if latest else np.minimum).at(found, rows, moments)
    known = np.flatnonzero(found != none)
    values = np.full(library.table.size, NO_DAY, dtype=np.int32)
    values[known] = clock.local_days(found[known], library.user.zone)
    return Days(values)


def _liked(library: Library) -> Column | None:
    """None, so that nothing is known, for somebody whose likes we never read."""
    kinds = [pk for pk, each in library.kept.lists.items() if each.kind == TrackSource.Kind.LIKED]
    return Flags(library.collection.is_in(kinds).astype(np.int8)) if kinds else None


def _playlist(library: Library) -> Column:
    """Each playlist goes by its name and by its id at Spotify."""
    rows, found = _rows_of_lists(library), Found()
    for pk, each in library.kept.lists.items():
        if each.kind == TrackSource.Kind.PLAYLIST:
            found += [(text, rows.get(pk, NO_ROWS)) for text in sorted(filter(None, {each.name, each.spotify_id}))]
    return _named(found, library.table.size)


def _rows_of_lists(library: Library) -> dict[int, NDArray[np.intp]]:
    """The rows that each list holds, once each and ascending; those that hold none are left out."""
    of_lists = {pk: library.kept_row[span] for pk, span in library.kept.spans.items()}
    return {pk: _once(rows) for pk, rows in of_lists.items()}


def _source(library: Library) -> Column:
    found = _held(library)
    if _results(library.kept.lists.values()):
        found += _answered(library)[1]
    return _named(found, library.table.size)


def _held(library: Library) -> Found:
    """What each source holds, by its kind, name and id at Spotify; without results of rules."""
    found: Found = [(LISTENING, _once(library.heard_row[library.tallies.starts > 0]))]
    by_kind: dict[str, list[NDArray[np.intp]]] = {}
    rows_of = _rows_of_lists(library)
    for pk, each in library.kept.lists.items():
        if each.kind != TrackSource.Kind.RULE:
            rows = _computed(library, each) if each.is_computed else rows_of.get(pk, NO_ROWS)
            by_kind.setdefault(each.kind, []).append(rows)
            found += [(text, rows) for text in sorted(filter(None, {each.name, each.spotify_id}))]
    return found + [(kind, _once(np.concatenate(parts))) for kind, parts in by_kind.items()]


def _computed(library: Library, source: TrackSource) -> NDArray[np.intp]:
    """The rows of top, recent or forgotten tracks."""
    question = derived.Question(library.user, source.asked, now=library.now, heard=library.heard)
    tracks = derived.maker(source.kind).tracks(question)
    return _once(library.heard_row[np.isin(library.heard.facts.group, np.array(tracks, dtype=np.int32))])


def _once(rows: NDArray[np.integer]) -> NDArray[np.intp]:
    """Ascending, each once; without -1, which is no row. A table by row takes a tenth of the time of `np.unique`."""
    return np.flatnonzero(np.bincount(rows[rows >= 0]))


def _rule(library: Library) -> Column:
    return _named(_answered(library)[0], library.table.size)


def _answered(library: Library) -> tuple[Found, Found]:
    """What each of the person's rules finds, by its name and key; and what it chooses of that, by the source's name.

    First come those that ask no other, then those on them. Rules that ask each other in a circle, which saving
    refuses, find nothing.
    """
    found: Found = []
    results: Found = []
    sources = _results(library.kept.lists.values())
    waiting = list(Rule.objects.of(library.user))
    held = _held(library) if any(asks(rule.query.where, "source") for rule in waiting) else []
    while waiting:
        names = {text.casefold() for rule in waiting for text in (rule.name, rule.key)}
        ready = [rule for rule in waiting if not asked_rules(rule.query.where, sources) & names]
        if not ready:
            break
        size = library.table.size
        own = {"rule": _named(found, size), "source": _named([*held, *results], size)}
        table = Table(library.table.track, ChainMap(own, library))  # type: ignore[arg-type]
        masks = Masks(table, library.today)
        for rule in ready:
            mask = masks.of(rule.query.where)
            rows = np.flatnonzero(mask)
            found += [(rule.name, rows), (rule.key, rows)]
            if named := [name for name, key in sources.items() if key == rule.key.casefold()]:
                chosen = np.sort(choose(rule.query, table, mask, salt=salt_of(rule.pk, library.today)))
                results += [(name, chosen) for name in named]
        waiting = [rule for rule in waiting if rule not in ready]
    return found, results


def _named(found: Found, size: int) -> Column:
    """Tags out of (text, the rows that have it)."""
    rows = np.concatenate([NO_ROWS, *(rows for _text, rows in found)])
    codes = np.concatenate([NO_ROWS, *(np.full(rows.size, code) for code, (_text, rows) in enumerate(found))])
    return tags(rows, codes, [text for text, _rows in found], size)


def asks(where: Group, name: str) -> bool:
    """Whether a rule asks that field."""
    return any(fields.canonical(each.field) == name for _path, each in conditions(where))


def asked_rules(where: Group, sources: Mapping[str, str]) -> set[str]:
    """Names and keys, folded, of the rules that a rule asks; `sources` as `rule_sources` tells them."""
    asked: set[str] = set()
    for _path, each in conditions(where):
        name = fields.canonical(each.field)
        if name in ("rule", "source"):
            values = each.value if isinstance(each.value, tuple) else (each.value,)
            folded = {value.casefold() for value in values if isinstance(value, str)}
            asked |= folded if name == "rule" else {sources[value] for value in folded & sources.keys()}
    return asked


def rule_sources(user: User) -> dict[str, str]:
    """The person's sources that are results of rules: the key of the rule by the source's name, both folded."""
    return _results(TrackSource.objects.of(user).filter(kind=TrackSource.Kind.RULE))


def _results(lists: Iterable[TrackSource]) -> dict[str, str]:
    return {each.name.casefold(): each.asked.casefold() for each in lists if each.kind == TrackSource.Kind.RULE}


def labelled(library: Library, name: str) -> Column | None:
    """What the person says of their tracks under a label of their own; None for one that they never gave."""
    if name in own.KNOWN:
        return None  # under the name of the registry
    told = own_words(library, name.casefold())
    if not told:
        return None
    numbered: dict[tuple[type, Any], int] = {}
    codes = np.full(library.table.size, -1, dtype=np.int32)
    for row, (_track, value) in told.items():
        codes[row] = numbered.setdefault((type(value), value), len(numbered))
    return Coded(codes, [value for _type, value in numbered])


def _rating(library: Library) -> Column:
    told = own_words(library, "rating")
    values = np.full(library.table.size, np.nan)
    values[list(told)] = [value for _track, value in told.values()]
    return Numbers(values)


def _label(library: Library) -> Column:
    return listed(library, ((row, value) for row, (_track, value) in own_words(library, "labels").items()))


_MAKERS: dict[str, Callable[[Library], Column | None]] = {
    "plays": lambda library: _plays(library, library.tallies.plays),
    "skip_rate": _skip_rate,
    "last_heard": lambda library: _heard_on(library, last=True),
    "first_heard": lambda library: _heard_on(library, last=False),
    "added": _added,
    "liked": _liked,
    "playlist": _playlist,
    "source": _source,
    "rule": _rule,
    "rating": _rating,
    "label": _label,
}
