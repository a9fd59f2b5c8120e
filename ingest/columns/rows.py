"""One play as a row of numbers, and one person's plays as arrays of them. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ingest.evidence import Evidence

# In the order of `Columns`; moments are ms since 1970 UTC, words are `Word` ids with 0 for "not told".
ROW = np.dtype(
    [
        ("id", "<i8"),
        ("track", "<i4"),
        ("started", "<i8"),
        ("ended", "<i8"),
        ("ms", "<i4"),
        ("flags", "<u2"),
        ("reason_start", "<u4"),
        ("reason_end", "<u4"),
        ("platform", "<u4"),
        ("country", "<u4"),
        ("context", "<u4"),
    ]
)
NAMES: tuple[str, ...] = ROW.names or ()
Rows = NDArray[np.void]  # of ROW

ORIGIN_BITS = 0b111
ESTIMATE = 1 << 3
# Each of these is two bits: 0 not told, 1 no, 2 yes.
SHUFFLE, OFFLINE, INCOGNITO, SKIPPED = 4, 6, 8, 10


@dataclass(frozen=True)
class Columns:
    """One person's plays, sorted by start, then id. Memory-mapped and read-only when loaded from disk."""

    id: NDArray[np.int64]
    track: NDArray[np.int32]
    started: NDArray[np.int64]
    ended: NDArray[np.int64]
    ms: NDArray[np.int32]
    flags: NDArray[np.uint16]
    reason_start: NDArray[np.uint32]
    reason_end: NDArray[np.uint32]
    platform: NDArray[np.uint32]
    country: NDArray[np.uint32]
    context: NDArray[np.uint32]
    version: int = 0  # of the PlayLedger
    generation: int = 0  # of the files: while it stays, plays only come. 0: not told

    def __len__(self) -> int:
        return len(self.id)

    def __getitem__(self, name: str) -> NDArray[Any]:
        """A column by its name, as of an array of ROW."""
        return getattr(self, name)

    def where(self, chosen: NDArray[np.bool_] | NDArray[np.integer] | slice) -> Columns:
        """The plays that a mask, an array of places or a slice names."""
        return Columns(**{name: getattr(self, name)[chosen] for name in NAMES}, version=self.version)

    def between(self, start_ms: int | None, end_ms: int | None) -> Columns:
        """Plays started in [start_ms, end_ms); None is open on that side."""
        first = 0 if start_ms is None else int(np.searchsorted(self.started, start_ms))
        last = len(self) if end_ms is None else int(np.searchsorted(self.started, end_ms))
        return self.where(slice(first, max(first, last)))

    def rows(self) -> Rows:
        table = np.empty(len(self), dtype=ROW)
        for name in NAMES:
            table[name] = getattr(self, name)
        return table

    @cached_property
    def origin(self) -> NDArray[np.uint8]:
        return (self.flags & ORIGIN_BITS).astype(np.uint8)

    @cached_property
    def is_estimate(self) -> NDArray[np.bool_]:
        return (self.flags & ESTIMATE) != 0

    @cached_property
    def incognito(self) -> NDArray[np.bool_]:
        """True where Spotify said "private session"."""
        return (self.flags & np.uint16(2 << INCOGNITO)) != 0

    def told(self, switch: int) -> NDArray[np.int8]:
        """A switch (SHUFFLE, OFFLINE, INCOGNITO, SKIPPED): -1 not told, 0 no, 1 yes."""
        return ((self.flags >> switch) & 0b11).astype(np.int8) - np.int8(1)


def of_rows(rows: Rows, version: int = 0) -> Columns:
    arrays: dict[str, Any] = {name: np.ascontiguousarray(rows[name]) for name in NAMES}
    return Columns(**arrays, version=version)


EMPTY = of_rows(np.empty(0, dtype=ROW))


def flags_of(event: Evidence) -> int:
    flags = event.origin | (ESTIMATE if event.is_estimate else 0)
    for value, switch in (
        (event.shuffle, SHUFFLE),
        (event.offline, OFFLINE),
        (event.incognito, INCOGNITO),
        (event.skipped, SKIPPED),
    ):
        if value is not None:
            flags |= (2 if value else 1) << switch
    return flags


def row_of(pk: int, event: Evidence) -> tuple:
    """One element of an array of ROW."""
    return (
        pk,
        event.track_id,
        event.started_ms,
        event.ended_ms,
        event.ms_played,
        flags_of(event),
        event.reason_start,
        event.reason_end,
        event.platform,
        event.country,
        event.context,
    )


def event_of(row: tuple, import_id: int | None = None) -> Evidence:
    """The opposite of `row_of`."""
    flags = row[5]
    shuffle, offline, incognito, skipped = (
        None if not (flags >> switch) & 0b11 else (flags >> switch) & 0b11 == 2
        for switch in (SHUFFLE, OFFLINE, INCOGNITO, SKIPPED)
    )
    return Evidence(
        origin=flags & ORIGIN_BITS,
        track_id=row[1],
        started_ms=row[2],
        ended_ms=row[3],
        ms_played=row[4],
        is_estimate=bool(flags & ESTIMATE),
        reason_start=row[6],
        reason_end=row[7],
        platform=row[8],
        country=row[9],
        context=row[10],
        shuffle=shuffle,
        offline=offline,
        incognito=incognito,
        skipped=skipped,
        import_id=import_id,
    )
