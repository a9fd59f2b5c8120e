"""Sifting an import's rows by the million: repeats, rows known already, and rows that need the fold. Pure, vectorised.

What is left over is an event that no other can be one listening with; the tests hold it against `reconcile.fold`.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ingest.columns.rows import ESTIMATE, INCOGNITO, OFFLINE, ORIGIN_BITS, SHUFFLE, SKIPPED, Columns, Rows
from ingest.evidence import Origin
from ingest.reconcile import REACH_BACK_MS, REACH_ON_MS

Mask = NDArray[np.bool_]
Places = NDArray[np.intp]
Table = Rows | Columns  # columns by name either way; of the second only those that are asked for are read

_WORDS = ("reason_start", "reason_end", "platform", "country", "context")
_SWITCHES = (SHUFFLE, OFFLINE, INCOGNITO, SKIPPED)
_NO_WORD = np.uint32(2**32 - 1)
_TOLD = np.int64(1 << 40)  # above any time played


@dataclass(frozen=True, slots=True)
class Repeats:
    """Rows that tell an event again, and for each the row that told it."""

    place: Places
    of: Places


def origins(rows: Table) -> NDArray[np.uint16]:
    return rows["flags"] & np.uint16(ORIGIN_BITS)


def joined_repeats(rows: Rows) -> Repeats:
    """Find events told again in `rows` (of imports alone), and join what they tell into the first, in place."""
    marks = _marks(rows)
    order = np.argsort(marks, kind="stable")
    in_order = marks[order]
    again = np.flatnonzero((in_order[1:] == in_order[:-1]) & _same(rows, order[1:], rows, order[:-1])) + 1
    first = np.arange(len(rows))
    is_first = np.ones(len(rows), dtype=bool)
    is_first[again] = False
    first[order] = order[np.maximum.accumulate(np.where(is_first, np.arange(len(rows)), 0))]
    place = order[again]
    repeats = Repeats(place, first[place])
    _join(rows, repeats)
    return repeats


def known(rows: Rows, stored: Table) -> tuple[Mask, Mask]:
    """Which of `rows` are `stored` already; and which of these tell something that the stored one does not."""
    is_known = np.zeros(len(rows), dtype=bool)
    adds = np.zeros(len(rows), dtype=bool)
    if not len(stored) or not len(rows):
        return is_known, adds
    marks, stored_marks = _marks(rows), _marks(stored)
    order = np.argsort(stored_marks, kind="stable")
    twin = order[np.minimum(np.searchsorted(stored_marks, marks, sorter=order), len(stored) - 1)]
    is_known = (stored_marks[twin] == marks) & _same(rows, np.arange(len(rows)), stored, twin)
    found = np.flatnonzero(is_known)
    adds[found] = _adds(rows, found, stored, twin[found])
    return is_known, adds


def overlapping(rows: Rows, places: Places, stored: Table, group: NDArray[np.int64] | None = None) -> NDArray[np.int64]:
    """For each of `rows` at `places` the number of its cluster of repeats-to-be; -1 if it overlaps with none.

    Rows of one origin, extended exports or submissions. Those of one track are clustered, or, with a table `group`,
    of tracks with one number. A cluster may hold rows that are no repeats after all: the fold decides.
    """
    top = int(max(rows["track"].max(initial=0), stored["track"].max(initial=0)))
    number = np.arange(top + 1, dtype=np.int32) if group is None else group
    table = np.zeros(int(number.max(initial=0)) + 1, dtype=bool)
    table[number[rows["track"][places]]] = True
    near = np.flatnonzero(table[number[stored["track"]]])
    track, end, ms = (_together(rows, places, stored, near, name) for name in ("track", "ended", "ms"))
    track = number[track]
    cluster, order, begins = _swept(track, end - ms, end - 1)  # half-open: touching is not overlapping
    sizes = np.diff(np.append(begins, len(order)))
    knotted = sizes > 2
    pairs = begins[sizes == 2]
    one, other = order[pairs], order[pairs + 1]
    shared = np.minimum(end[one], end[other]) - np.maximum(end[one] - ms[one], end[other] - ms[other])
    knotted[sizes == 2] = 2 * shared > np.minimum(ms[one], ms[other])
    return np.where(knotted[cluster], cluster, -1)[: len(places)]


def among_others(rows: Rows, places: Places, around: Rows, merged: Mask, group: NDArray[np.int64]) -> NDArray[np.int64]:
    """For each of `rows` at `places` the number of its knot: what hangs together with events of other origins; or -1.

    `around` is what is stored, with a mask of the events that are `merged` already; `group` is the table from track to
    the number that tracks share which may be one song, as `reconcile.group`.
    """
    everything = np.arange(len(around))
    track, started, end, ms, flags = (
        _together(rows, places, around, everything, name) for name in ("track", "started", "ended", "ms", "flags")
    )
    start = np.minimum(started, end - ms) - REACH_BACK_MS
    cluster, order, begins = _swept(group[track], start, end + REACH_ON_MS)
    # A bit for each origin; one more for a merged event, which makes its cluster a knot whatever else is there.
    bits = np.left_shift(np.uint16(1), flags & np.uint16(ORIGIN_BITS))
    bits[len(places) :][merged] |= np.uint16(1 | 1 << 15)
    seen = np.bitwise_or.reduceat(bits[order], begins) if len(order) else bits
    knotted = (seen & (seen - np.uint16(1))) != 0
    return np.where(knotted[cluster], cluster, -1)[: len(places)]


def _together(rows: Table, places: Places, others: Table, near: Places, name: str) -> NDArray:
    return np.concatenate((rows[name][places], others[name][near]))


def _swept(group: NDArray, start: NDArray, end: NDArray) -> tuple[NDArray[np.int64], Places, Places]:
    """Clusters of spans that meet within their group: the cluster of each; places in order, and where each begins."""
    order = np.lexsort((start, group))
    if not len(order):
        return np.empty(0, dtype=np.int64), order, order
    # One by one, each taking the place of the unsorted: an import's peak of memory is here.
    group = group[order]
    first = np.append(True, group[1:] != group[:-1])
    del group
    start = start[order]
    end = end[order]
    begins_here = first.copy()
    begins_here[1:] |= start[1:] > _furthest(end, first)[:-1]
    cluster = np.empty(len(order), dtype=np.int64)
    cluster[order] = np.cumsum(begins_here) - 1
    return cluster, order, np.flatnonzero(begins_here)


def _furthest(end: NDArray, first: Mask) -> NDArray[np.int64]:
    """The running maximum of `end`, begun anew where `first` is true."""
    lowest, span = int(end.min()), int(end.max()) - int(end.min()) + 1
    lift = np.cumsum(first, dtype=np.int64)
    if span * int(lift[-1]) < 2**62:  # groups lifted apart, so that one running maximum serves all
        lift *= span
        lift -= lowest
        lifted = end + lift
        np.maximum.accumulate(lifted, out=lifted)
        lifted -= lift
        return lifted
    parts = np.split(end, np.flatnonzero(first)[1:])
    return np.concatenate([np.maximum.accumulate(part) for part in parts])


def _marks(rows: Table) -> NDArray[np.uint64]:
    """A 64-bit mark of what `reconcile.identity` tells events of imports apart by."""
    moment, ms = _identity(rows)
    mark = moment.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    mark ^= rows["track"].astype(np.uint64) * np.uint64(0xC2B2AE3D27D4EB4F)
    mark = (mark ^ (mark >> np.uint64(29))) * np.uint64(0xBF58476D1CE4E5B9)
    mark ^= (ms.astype(np.uint64) * np.uint64(8) + origins(rows)) * np.uint64(0x165667B19E3779F9)
    return (mark ^ (mark >> np.uint64(32))) * np.uint64(0x94D049BB133111EB)


def _identity(rows: Table) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """The moment and the time played that are of an event's identity: of a submission the start, and no time."""
    submitted = origins(rows) == Origin.SUBMIT
    if not submitted.any():
        return rows["ended"], rows["ms"]
    return np.where(submitted, rows["started"], rows["ended"]), np.where(submitted, np.int32(0), rows["ms"])


def _same(rows: Table, places: Places, others: Table, twins: Places) -> Mask:
    same = rows["track"][places] == others["track"][twins]
    (moment, ms), (their_moment, their_ms) = _identity(rows), _identity(others)
    same &= (moment[places] == their_moment[twins]) & (ms[places] == their_ms[twins])
    return same & (origins(rows)[places] == origins(others)[twins])


def _join(rows: Rows, repeats: Repeats) -> None:
    """As `reconcile.join`: the earliest start, the surest time played, of each detail the smallest that is known."""
    if not len(repeats.place):
        return
    place, of = repeats.place, repeats.of
    sure = _sureness(rows)
    np.maximum.at(sure, of, sure[place])
    surer = np.flatnonzero(sure > _sureness(rows))
    rows["ms"][surer] = sure[surer] % _TOLD
    rows["ended"][surer] = rows["started"][surer] + rows["ms"][surer]
    rows["flags"][surer[sure[surer] >= _TOLD]] &= np.uint16(~ESTIMATE & 0xFFFF)
    np.minimum.at(rows["started"], of, rows["started"][place])
    for name in _WORDS:
        told = np.where(rows[name] == 0, _NO_WORD, rows[name])
        np.minimum.at(told, of, told[place])
        rows[name] = np.where(told == _NO_WORD, 0, told)
    flags = rows["flags"] & np.uint16(ORIGIN_BITS | ESTIMATE)
    for switch in _SWITCHES:
        told = (rows["flags"] >> np.uint16(switch)) & np.uint16(0b11)
        told[told == 0] = 3
        np.minimum.at(told, of, told[place])
        flags |= (told % np.uint16(3)) << np.uint16(switch)
    rows["flags"] = flags


def _sureness(rows: Table) -> NDArray[np.int64]:
    """By which of two times played for one event is believed: one that is told before a guess, then the longer."""
    return rows["ms"].astype(np.int64) + np.where(rows["flags"] & np.uint16(ESTIMATE), 0, _TOLD)


def _adds(rows: Table, places: Places, others: Table, twins: Places) -> Mask:
    adds = rows["started"][places] < others["started"][twins]
    adds |= _sureness(rows)[places] > _sureness(others)[twins]
    for name in _WORDS:
        told, there = rows[name][places], others[name][twins]
        adds |= (told != 0) & ((there == 0) | (told < there))
    flags, their_flags = rows["flags"][places], others["flags"][twins]
    for switch in _SWITCHES:
        told = (flags >> np.uint16(switch)) & np.uint16(0b11)
        there = (their_flags >> np.uint16(switch)) & np.uint16(0b11)
        adds |= (told != 0) & ((there == 0) | (told < there))
    return adds
