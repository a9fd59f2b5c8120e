"""Local time over arrays: where hours and days of a zone begin and end, clock changes included. Pure.

Plays are ordered by their start, so a statistic by hour or day needs no arithmetic per play: it asks where the edges of
the hours lie (`numpy.searchsorted`) and takes differences.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
_EPOCH = date(1970, 1, 1)
_STEP_S = 7 * 86_400  # no zone has changed its clock twice within a week since 1970


@dataclass(frozen=True, slots=True)
class Hours:
    """Local hours in order of time: hour n is [edges[n], edges[n + 1]) in ms since 1970 UTC.

    `day` counts local days since 1970-01-01, `hour` is 0 to 23. An hour that a clock change repeats stands twice; one
    that it skips is missing; where it cuts one, the parts are shorter.
    """

    edges: NDArray[np.int64]  # n + 1
    day: NDArray[np.int32]  # n
    hour: NDArray[np.int8]  # n

    @property
    def weekday(self) -> NDArray[np.int8]:
        """0 is Monday."""
        return ((self.day + 3) % 7).astype(np.int8)  # 1970-01-01 was a Thursday


def local_ms(moments: NDArray[np.int64], zone: ZoneInfo) -> NDArray[np.int64]:
    """Moments, in any order, as the wall clock showed them: ms since 1970-01-01 00:00 local."""
    if not moments.size:
        return moments.astype(np.int64)
    starts, offsets = _offsets(zone, int(moments.min()), int(moments.max()))
    if offsets.size == 1:
        return moments + offsets[0]
    return moments + offsets[np.searchsorted(starts, moments, side="right") - 1]


def local_days(moments: NDArray[np.int64], zone: ZoneInfo) -> NDArray[np.int64]:
    """Local days since 1970-01-01 of moments in any order."""
    return local_ms(moments, zone) // DAY_MS


def hours(first_ms: int, last_ms: int, zone: ZoneInfo) -> Hours:
    """All local hours from that of `first_ms` to that of `last_ms`, both whole."""
    starts, offsets = _offsets(zone, first_ms - 2 * HOUR_MS, last_ms + 2 * HOUR_MS)
    begins, labels = [], []
    for number, (start, offset) in enumerate(zip(starts.tolist(), offsets.tolist(), strict=True)):
        end = int(starts[number + 1]) if number + 1 < starts.size else last_ms + 2 * HOUR_MS
        first = -(-(start + offset) // HOUR_MS) * HOUR_MS  # the first whole local hour at or after the change
        local = np.arange(first, end + offset, HOUR_MS, dtype=np.int64)
        if number and first != start + offset:  # the change cuts an hour: its rest is a part of its own
            local = np.concatenate([[start + offset], local])
        begins.append(local - offset)
        labels.append(local)
    edges, local = np.concatenate(begins), np.concatenate(labels)
    low = max(0, int(np.searchsorted(edges, first_ms, side="right")) - 1)
    high = int(np.searchsorted(edges, last_ms, side="right"))
    inside = local[low:high] // HOUR_MS
    return Hours(edges[low : high + 1], (inside // 24).astype(np.int32), (inside % 24).astype(np.int8))


def midnights(first: date, last: date, zone: ZoneInfo) -> NDArray[np.int64]:
    """The first moments of the local days `first` to `last`, and of the day after: one more than there are days."""
    days = np.arange(day_number(first), day_number(last) + 2, dtype=np.int64) * DAY_MS
    starts, offsets = _offsets(zone, int(days[0]) - 2 * DAY_MS, int(days[-1]) + 2 * DAY_MS)
    # As datetime does it: the offset before the change counts for a midnight that is repeated or skipped.
    changes = starts[1:] + np.maximum(offsets[1:], offsets[:-1])
    return days - offsets[np.searchsorted(changes, days, side="right")]


def moments_of(local: datetime, zone: ZoneInfo) -> list[datetime]:
    """The moments at which a wall clock shows `local` (naive), in UTC: two where it went back, none where it jumped."""
    found = {local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)}
    return sorted(moment for moment in found if moment.astimezone(zone).replace(tzinfo=None) == local)


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - _EPOCH).days


def day_of(number: int) -> date:
    """The opposite of `day_number`."""
    return _EPOCH + timedelta(days=int(number))


def _offsets(zone: ZoneInfo, first_ms: int, last_ms: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Moments from which on each offset holds, and the offsets in ms; the first moment lies before `first_ms`."""
    first = datetime.fromtimestamp(first_ms / 1000, UTC).year - 1
    last = datetime.fromtimestamp(last_ms / 1000, UTC).year + 1
    starts, offsets = _transitions(zone, max(1, first), min(9998, last))
    low = int(np.searchsorted(starts, first_ms, side="right")) - 1
    high = int(np.searchsorted(starts, last_ms, side="right"))
    return starts[max(0, low) : high], offsets[max(0, low) : high]


@lru_cache(maxsize=512)
def _transitions(zone: ZoneInfo, first: int, last: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The clock changes from year `first` to `last`, found by halving; zoneinfo does not list them."""

    def offset(second: int) -> int:
        span = datetime.fromtimestamp(second, zone).utcoffset()
        return 0 if span is None else round(span.total_seconds() * 1000)

    at = int(datetime(first, 1, 1, tzinfo=UTC).timestamp())
    end = int(datetime(last, 12, 31, tzinfo=UTC).timestamp())
    starts, offsets = [at * 1000], [offset(at)]
    while at < end:
        low, high = at, at + _STEP_S
        if offset(high) != offsets[-1]:
            before = offsets[-1]
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if offset(middle) == before else (low, middle)
            starts.append(high * 1000)
            offsets.append(offset(high))
            at = high
        else:
            at = high
    return np.array(starts, dtype=np.int64), np.array(offsets, dtype=np.int64)
