"""Out of the tracks that a rule found: how many, in which order, and how far apart one artist's tracks stand."""

from collections import deque
from collections.abc import Sequence
from datetime import date
from heapq import heapify, heappop, heappush

import numpy as np
from numpy.typing import NDArray

from playlists.rules.nodes import MAX_TRACKS, MINUTES, RANDOM, Apart, Limit, Order, Query
from playlists.rules.table import Coded, Column, Mask, Numbers, Table

Places = NDArray[np.intp]
USUAL_MINUTES = 3.5  # of a track whose length is not known
_AHEAD = 60  # how many artists or albums may be passed over for the next one; more than MAX_APART


def choose(query: Query, table: Table, found: Mask, *, salt: int) -> Places:
    """Places in the table, in the order of the playlist; MAX_TRACKS at most.

    Without any order they stay in the order of the table. Ties keep that order too, what is not known comes last.
    `salt` decides what comes by chance: the same salt gives the same list.
    """
    places = np.flatnonzero(found)
    if query.limit:
        by = query.limit.by or query.order
        first = None if query.limit.unit == MINUTES else query.limit.amount
        places = _cut(query.limit, table, ordered(places, table, by, salt=salt, first=first))
    places = places[:MAX_TRACKS] if not query.order else places
    places = ordered(places, table, query.order, salt=salt, first=MAX_TRACKS)[:MAX_TRACKS]
    return _apart(places, table, query.apart)


def salt_of(number: int | None, today: date) -> int:
    """What decides what comes by chance: the same all of the person's day, another for each rule."""
    return (number or 0) * 100_003 + today.toordinal()


def ordered(places: Places, table: Table, orders: Sequence[Order], *, salt: int, first: int | None = None) -> Places:
    """`places` sorted by the first key, ties by the second …; if only the `first` so many matter, maybe no others."""
    if first is not None and 0 < first < places.size and orders:
        places = _among(first, places, table, orders[0])
    keys: list[NDArray[np.float64] | NDArray[np.uint64]] = []
    for order in orders:
        if order.field == RANDOM:
            keys.append(_chance(table.track[places], salt))
        elif (column := table.column(order.field)) is not None:
            keys += _keys(column, places, descending=order.descending)
    # lexsort takes the most important key last, and is stable.
    return places[np.lexsort(keys[::-1])] if keys else places


def _keys(column: Column, places: Places, *, descending: bool) -> list[NDArray[np.float64]]:
    known, values = column.known[places], column.sort_keys(places)
    return [(~known).astype(np.float64), np.where(known, -values if descending else values, 0.0)]


def _among(first: int, places: Places, table: Table, order: Order) -> Places:
    """Those that can be among the `first` so many by that key, whatever decides between equals."""
    column = table.column(order.field)
    if order.field == RANDOM or column is None or isinstance(column, Coded):
        return places
    unknown, values = _keys(column, places, descending=order.descending)
    values = np.where(unknown > 0, np.inf, values)
    return places[values <= np.partition(values, first - 1)[first - 1]]


def _chance(tracks: NDArray[np.integer], salt: int) -> NDArray[np.uint64]:
    """A number for each track that looks like chance (splitmix64 of its id and the salt)."""
    with np.errstate(over="ignore"):
        mixed = tracks.astype(np.uint64) + np.uint64(salt % 2**64) * np.uint64(0x9E3779B97F4A7C15)
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))


def minutes(table: Table, places: Places) -> NDArray[np.float64]:
    """How long each is; USUAL_MINUTES where that is not known."""
    column = table.column("duration")
    if not isinstance(column, Numbers):
        return np.full(places.size, USUAL_MINUTES)
    return np.where(column.known[places], column.values[places] / 60, USUAL_MINUTES)


def _cut(limit: Limit, table: Table, places: Places) -> Places:
    """The first so many, or as many of the first as fit into the minutes."""
    if limit.unit != MINUTES:
        return places[: limit.amount]
    running = np.cumsum(minutes(table, places))
    return places[: int(np.searchsorted(running, limit.amount + 1e-9, side="right"))]


def _apart(places: Places, table: Table, apart: Apart) -> Places:
    """Nearly the same order, with tracks of one artist or album pulled apart as far as there are others.

    Each step takes the first track that stands far enough from its like; if there is none, the first of all. Tracks of
    one artist and album wait in one queue, so that a step looks at _AHEAD queues at most, not at tracks.
    """
    groups = [(_codes(table, what), gap) for what, gap in (("artist", apart.artist), ("album", apart.album)) if gap]
    rules = [(codes[places].tolist(), gap) for codes, gap in groups if codes is not None]
    if not rules:
        return places
    last: list[dict[int, int]] = [{} for _rule in rules]

    def may_stand(each: int, now: int) -> bool:
        return all(
            codes[each] < 0 or now - seen.get(codes[each], -gap - 1) > gap
            for (codes, gap), seen in zip(rules, last, strict=True)
        )

    queues = _queues([codes for codes, _gap in rules], places.size)
    heads = [(queue[0], number) for number, queue in enumerate(queues)]
    heapify(heads)
    picked: list[int] = []
    while heads:
        held: list[tuple[int, int]] = []
        while heads and len(held) < _AHEAD and not may_stand(heads[0][0], len(picked)):
            held.append(heappop(heads))
        each, number = heappop(heads) if heads and len(held) < _AHEAD else held.pop(0)
        for head in held:
            heappush(heads, head)
        for (codes, _gap), seen in zip(rules, last, strict=True):
            seen[codes[each]] = len(picked)
        picked.append(each)
        queues[number].popleft()
        if queues[number]:
            heappush(heads, (queues[number][0], number))
    return places[picked]


def _queues(keys: list[list[int]], size: int) -> list[deque[int]]:
    """The tracks of each artist and album, in their order; those of nobody known wait alone."""
    queues: dict[tuple[int, ...], deque[int]] = {}
    for each in range(size):
        codes = tuple(key[each] for key in keys)
        queues.setdefault((*codes, each) if min(codes) < 0 else codes, deque()).append(each)
    return list(queues.values())


def _codes(table: Table, what: str) -> NDArray[np.int32] | None:
    column = table.column(what)
    return column.codes if isinstance(column, Coded) else None
