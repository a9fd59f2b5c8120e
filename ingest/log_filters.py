"""Which plays of the log pass some filters: one pass over the columns, whatever is asked for at once."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ingest import clock
from ingest.heard import Heard, What
from ingest.lens import Reading
from ingest.period import Period

# Everything; what counts; music that was started, outside of private sessions unless these count; of that the skips;
# what is neither play nor skip; what was hidden.
SHOW = ("all", "plays", "started", "skips", "rest", "hidden")

Places = NDArray[np.integer]


@dataclass(frozen=True, slots=True)
class Filters:
    """Which plays of the log to show; all of it without any. Every one that is given must hold."""

    text: str = ""  # words of title, artist or album
    show: str = "all"  # one of SHOW
    period: Period | None = None
    things: tuple[tuple[What, int], ...] = ()  # of one track with its recording, artist or album
    origin: int | None = None  # a Play.Origin
    platform: int | None = None  # a Word id; 0: no device was told
    context: int | None = None  # likewise
    hours: tuple[int, int] | None = None  # from this local hour until before that, over midnight too
    weekdays: frozenset[int] = frozenset()  # ISO: 1 Monday to 7 Sunday, by the local day; empty for all
    span: tuple[int, int] | None = None  # started in [first, second], ms since 1970 UTC: a listening session, say
    released: tuple[int, int] | None = None  # of albums that came out in these years, both included; 0: not known
    rule: str = ""  # one of `counts.RULES` to count by; empty for the person's own


EVERYTHING = Filters()


def passing(reading: Reading, filters: Filters) -> Places | None:
    """Places of plays that pass, oldest first; None for all of them. What the person removed never passes."""
    inside = _inside(reading, filters)
    mask = _mask(reading, filters, inside)
    chosen = None if mask is None else np.flatnonzero(mask) + inside.start
    if filters.show != "all":
        chosen = _shown(reading, filters.show, inside, chosen)
    if chosen is None:
        if inside == slice(0, len(reading.plays)) and not reading.removed.size:
            return None
        chosen = np.arange(inside.start, inside.stop)
    return chosen[~np.isin(chosen, reading.removed)] if reading.removed.size else chosen


def _inside(reading: Reading, filters: Filters) -> slice:
    """The plays of the period and the span: they are ordered by their start."""
    inside = reading.inside(filters.period)
    if filters.span is None:
        return inside
    first, last = np.searchsorted(reading.plays.started, [filters.span[0], filters.span[1] + 1])
    start = max(inside.start, int(first))
    return slice(start, max(start, min(inside.stop, int(last))))


def _mask(reading: Reading, filters: Filters, inside: slice) -> NDArray[np.bool_] | None:
    """Which of the plays of a slice pass everything but `show`; None for all of them."""
    plays = reading.plays
    masks: list[NDArray[np.bool_]] = []
    if (by_place := _by_place(reading, filters)) is not None:
        masks.append(by_place[reading.place[inside]])
    if filters.origin is not None:
        masks.append(plays.origin[inside] == filters.origin)
    if filters.platform is not None:
        masks.append(plays.platform[inside] == filters.platform)
    if filters.context is not None:
        masks.append(plays.context[inside] == filters.context)
    if filters.hours is not None or filters.weekdays:
        masks.append(_at_times(plays.started[inside], filters, reading))
    return np.logical_and.reduce(masks) if masks else None


def _by_place(reading: Reading, filters: Filters) -> NDArray[np.bool_] | None:
    """Which tracks of the shelf pass."""
    masks = [reading.facts.places_of(what, key) for what, key in filters.things]
    if filters.text.strip():
        masks.append(reading.rack.matching(filters.text))
    if filters.released is not None:
        masks.append((reading.facts.year >= filters.released[0]) & (reading.facts.year <= filters.released[1]))
    return np.logical_and.reduce(masks) if masks else None


def _at_times(started: NDArray[np.int64], filters: Filters, reading: Reading) -> NDArray[np.bool_]:
    """By the local hour and weekday in which a play began, as every figure has them. `started` ascends."""
    if not started.size:
        return np.zeros(0, dtype=bool)
    hours = clock.hours(int(started[0]), int(started[-1]), reading.user.zone)
    wanted = np.ones(hours.hour.size, dtype=bool)
    if filters.hours is not None:
        first, until = filters.hours
        wanted &= (hours.hour - first) % 24 < ((until - first) % 24 or 24)
    if filters.weekdays:
        wanted &= np.isin(hours.weekday + 1, list(filters.weekdays))
    return np.repeat(wanted, np.diff(np.searchsorted(started, hours.edges)))


def _shown(reading: Reading, show: str, inside: slice, chosen: Places | None) -> Places:
    """Of the `chosen` (None: all of `inside`) those that `show` names."""
    if show == "hidden":
        hidden = reading.hidden[(reading.hidden >= inside.start) & (reading.hidden < inside.stop)]
        return hidden if chosen is None else chosen[np.isin(chosen, hidden)]
    heard = reading.heard(among=inside if chosen is None else chosen)
    if show == "plays":
        return spots(heard)[heard.counts]
    public = reading.is_public(heard)
    if show == "started":
        return spots(heard)[public]
    if show == "skips":
        return spots(heard)[heard.skips & public]
    among = np.arange(inside.start, inside.stop) if chosen is None else chosen
    return np.setdiff1d(among, spots(heard)[heard.counts | (heard.skips & public)], assume_unique=True)


def spots(heard: Heard) -> Places:
    """The places of these among all plays."""
    return np.arange(heard.chosen.start, heard.chosen.stop) if isinstance(heard.chosen, slice) else heard.chosen
