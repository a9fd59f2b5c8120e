"""Which of a person's tracks pass some filters, in which order, and page by page."""

import zlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ingest import columns, mapped
from ingest.collection.rows import Collection, Mask
from ingest.models import TrackSource
from ingest.shelf.arrays import BETWEEN, END, Shelf

HEARD, LIKED, PLAYLIST = "listening", "liked", "playlist"  # sources by kind; the words that rules use for them
ORDERS = ("plays", "new", "title", "artist")
SIZE = 50  # rows of a page
_FORMAT = 1
_STEP, _COMPARED = 8, 128  # bytes of a name that are compared as one number, and in all


@dataclass(frozen=True, slots=True)
class Filters:
    """Which tracks to show; all without any. Every one that is given must hold."""

    text: str = ""  # words of title, artist or album
    source: str = ""  # HEARD, LIKED or PLAYLIST
    list: int = 0  # of one list; a TrackSource id
    missing: frozenset[str] = frozenset()  # kinds of knowledge that there is nothing of


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows in their order, how many pass in all, and the tracks to go on from; 0 where there is no more."""

    rows: list[int]
    matches: int
    newer: int  # the way back
    older: int


def passing(collection: Collection, filters: Filters) -> Mask:
    mask = np.ones(collection.size, dtype=bool)
    if filters.text.strip():
        mask &= collection.of_places(collection.rack.matching(filters.text))
    if filters.source:
        mask &= of_source(collection, filters.source)
    if filters.list:
        mask &= collection.is_in([filters.list])
    for kind in filters.missing:
        mask &= ~collection.knows(kind)
    return mask


def of_source(collection: Collection, source: str) -> Mask:
    if source == HEARD:
        return collection.is_heard
    kind = TrackSource.Kind.LIKED if source == LIKED else TrackSource.Kind.PLAYLIST
    return collection.is_in([pk for pk, each in collection.lists.items() if each.kind == kind])


def page(collection: Collection, mask: Mask, *, by: str, after: int = 0, before: int = 0, size: int = SIZE) -> Page:
    """The rows that follow the track `after` in the order `by`, or come before the track `before`; else the first.

    A track that is not the person's (any more) counts as the beginning.
    """
    order = ordered(collection, by)
    shown = order[mask[order]]
    # Where in `shown` each row stands or would stand.
    spot = np.empty(collection.size, dtype=np.intp)
    spot[order] = np.cumsum(mask[order]) - mask[order]
    start, end = 0, size
    if (row := collection.row_of(after)) >= 0:
        start = int(spot[row] + mask[row])
        end = start + size
    elif (row := collection.row_of(before)) >= 0:
        end = int(spot[row])
        start = max(0, end - size)
        end = max(end, start + size) if start == 0 else end
    rows = shown[start:end].tolist()
    back = int(collection.track[rows[0]]) if rows and start > 0 else 0
    onward = int(collection.track[rows[-1]]) if rows and end < shown.size else 0
    return Page(rows, int(shown.size), back, onward)


def ordered(collection: Collection, by: str) -> NDArray[np.intp]:
    """All rows in one of ORDERS; ties by track."""
    if by == "plays":
        return np.argsort(-collection.plays, kind="stable")
    if by == "new":
        return np.arange(collection.size)[::-1]
    rack, first = collection.rack, collection.first
    path = columns.folder(collection.user.pk) / f"order-{by}"
    state = [zlib.crc32(rack.lines), zlib.crc32(first.tobytes()), first.size]
    found = mapped.read(path, _FORMAT)
    if found is None or found[0] != state:
        found = state, {"order": _by_name(rack, first, {"title": 0, "artist": 1}[by])}
        mapped.write(path, _FORMAT, *found)
    return found[1]["order"]


def _by_name(rack: Shelf, places: NDArray[np.intp], part: int) -> NDArray[np.intp]:
    """By the bytes of one part of the line of each place, eight of them at a time as one number."""
    lines = np.frombuffer(rack.lines, dtype=np.uint8)
    order = np.arange(places.size)
    if not places.size:
        return order
    begins = np.concatenate([np.zeros(1, dtype=np.int64), rack.ends[:-1] + 1])[places]
    if part:
        marks = np.flatnonzero(lines == BETWEEN[0])
        begins = marks[np.searchsorted(marks, begins) + part - 1] + 1
    group = np.zeros(places.size, dtype=np.intp)  # of each spot in `order`: equal so far
    tied = np.arange(places.size)  # spots that are not decided
    for depth in range(0, _COMPARED, _STEP):
        numbers = _numbers(lines, begins[order[tied]] + depth)
        by_number = np.lexsort((numbers, group[tied])) if depth else np.argsort(numbers, kind="stable")
        order[tied], numbers = order[tied][by_number], numbers[by_number]
        is_new = np.ones(tied.size, dtype=bool)
        is_new[1:] = (np.diff(group[tied]) != 0) | (np.diff(numbers) != 0)
        group[tied] = tied[np.maximum.accumulate(np.where(is_new, np.arange(tied.size), 0))]
        alone = is_new & np.append(is_new[1:], True)
        tied = tied[~alone & (numbers & np.uint64(0xFF) > 0)]
        if not tied.size:
            break
    return order


def _numbers(lines: NDArray[np.uint8], begins: NDArray[np.int64]) -> NDArray[np.uint64]:
    """The next bytes of each text, up to its end, as a number that sorts like them."""
    window = np.minimum(begins[:, None] + np.arange(_STEP), lines.size - 1)
    heads = lines[window]
    over = np.logical_or.accumulate((heads == BETWEEN[0]) | (heads == END[0]), axis=1)
    return np.ascontiguousarray(np.where(over, 0, heads).astype(np.uint8)).view(">u8").ravel().astype(np.uint64)
