"""Facts of many tracks as columns: one element per track. What `masks` asks instead of one track after the other.

Each kind of column answers a condition for all tracks at once and means exactly what `operators.holds` means for one;
tests/pure/rules/test_masks.py proves it on generated rules and tracks. Texts are compared once per distinct value.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from playlists.rules import dates, fields
from playlists.rules.evaluate import TrackFacts
from playlists.rules.nodes import Condition, Value
from playlists.rules.operators import Fact, holds, is_number, last_days, wanted_day
from playlists.rules.pattern_scan import Lines
from playlists.rules.texts import text_hits

Mask = NDArray[np.bool_]
EPOCH = date(1970, 1, 1)
NO_DAY = np.iinfo(np.int32).min
_EXACT = 2**53  # whole numbers up to here are exact as floats


class Column:
    """One field of all tracks. Sub-classes say what equals a value, and what else they can be asked."""

    known: Mask

    def fact(self, place: int) -> Fact:
        """The value of one track."""
        raise NotImplementedError

    def same(self, value: Value, asked: Condition, today: date) -> Mask:
        """Which tracks have a value that equals this one."""
        raise NotImplementedError

    def special(self, asked: Condition, today: date) -> Mask | None:
        """Operators of this kind alone; None for one that is never true of it."""
        raise NotImplementedError

    def sort_keys(self, places: NDArray[np.intp]) -> NDArray[np.float64]:
        """Numbers to sort these places by; of what is not known, anything."""
        raise NotImplementedError

    def mask(self, asked: Condition, today: date) -> Mask:
        operator, value = asked.operator, asked.value
        if operator in ("exists", "not_exists"):
            return self.known if operator == "exists" else ~self.known
        if operator in ("eq", "ne"):
            found = self.same(value, asked, today)
            return found if operator == "eq" else ~found
        if operator in ("in", "any_of", "not_in"):
            if not isinstance(value, tuple):
                return np.zeros(self.known.size, dtype=bool)
            found = self.among(value, asked, today)
            return ~found if operator == "not_in" else found
        if operator == "all_of":
            return self._all_of(asked, today)
        found_or_none = self.special(asked, today)
        return np.zeros(self.known.size, dtype=bool) if found_or_none is None else found_or_none

    def among(self, values: tuple[Value, ...], asked: Condition, today: date) -> Mask:
        found = np.zeros(self.known.size, dtype=bool)
        for value in values:
            found |= self.same(value, asked, today)
        return found

    def _all_of(self, asked: Condition, today: date) -> Mask:
        values = asked.value
        if not isinstance(values, tuple) or not values:
            return np.zeros(self.known.size, dtype=bool)
        found = self.known.copy()
        for value in values:
            found &= self.same(value, asked, today)
            if not found.any():  # so that a list costs no more passes than a track has tags
                break
        return found


class Numbers(Column):
    """Numbers; NaN is not known."""

    def __init__(self, values: NDArray[np.floating]) -> None:
        self.values = values
        self.known = ~np.isnan(values)

    def fact(self, place: int) -> Fact:
        value = float(self.values[place])
        return None if value != value else int(value) if value.is_integer() else value

    def same(self, value: Value, asked: Condition, today: date) -> Mask:
        if not is_number(value) or not _is_exact(value):
            return np.zeros(self.known.size, dtype=bool)
        found: Mask = self.values == value
        return found

    def among(self, values: tuple[Value, ...], asked: Condition, today: date) -> Mask:
        wanted = [float(each) for each in values if is_number(each) and _is_exact(each)]
        return np.isin(self.values, wanted)

    def special(self, asked: Condition, today: date) -> Mask | None:
        value, found = asked.value, None
        if asked.operator == "between" and isinstance(value, tuple) and len(value) == 2:
            low, high = value
            if is_number(low) and is_number(high):
                found = (self.values >= _bound(low)) & (self.values <= _bound(high))
        elif is_number(value):
            compare = _COMPARE.get(asked.operator)
            found = compare(self.values, _bound(value)) if compare else None
        return found

    def sort_keys(self, places: NDArray[np.intp]) -> NDArray[np.float64]:
        return self.values[places].astype(np.float64)


def _is_exact(value: float) -> bool:
    return isinstance(value, float) or abs(value) <= _EXACT


def _bound(value: float) -> float:
    """As a float; whole numbers too big for one are beyond everything."""
    if _is_exact(value):
        return float(value)
    return float("inf") if value > 0 else float("-inf")


_COMPARE = {"gt": np.greater, "gte": np.greater_equal, "lt": np.less, "lte": np.less_equal}


class Flags(Column):
    """Yes and no: 1 and 0; -1 is not known."""

    def __init__(self, values: NDArray[np.int8]) -> None:
        self.values = values
        self.known = values >= 0

    def fact(self, place: int) -> Fact:
        value = int(self.values[place])
        return None if value < 0 else bool(value)

    def same(self, value: Value, asked: Condition, today: date) -> Mask:
        if not isinstance(value, bool):
            return np.zeros(self.known.size, dtype=bool)
        found: Mask = self.values == int(value)
        return found

    def special(self, asked: Condition, today: date) -> Mask | None:
        return None

    def sort_keys(self, places: NDArray[np.intp]) -> NDArray[np.float64]:
        return self.values[places].astype(np.float64)


class Days(Column):
    """Days since 1970-01-01 in the person's zone; NO_DAY is not known."""

    def __init__(self, values: NDArray[np.int32]) -> None:
        self.values = values
        self.known = values != NO_DAY

    def fact(self, place: int) -> Fact:
        value = int(self.values[place])
        return None if value == NO_DAY else EPOCH + timedelta(days=value)

    def same(self, value: Value, asked: Condition, today: date) -> Mask:
        on = dates.resolve(value, today) if isinstance(value, str) else None
        found: Mask = self.values == (NO_DAY if on is None else day_number(on))
        return found & self.known

    def special(self, asked: Condition, today: date) -> Mask | None:
        if asked.operator == "in_last_days":
            span = last_days(asked.value, today)
            if span is None:
                return None
            return self.known & (self.values >= day_number(span[0])) & (self.values <= day_number(span[1]))
        bound = wanted_day(asked.value, today)
        if bound is None or asked.operator not in ("before", "after"):
            return None
        number = day_number(bound)
        return self.known & (self.values < number if asked.operator == "before" else self.values > number)

    def sort_keys(self, places: NDArray[np.intp]) -> NDArray[np.float64]:
        return self.values[places].astype(np.float64)


def day_number(on: date) -> int:
    return (on - EPOCH).days


class Coded(Column):
    """Texts, or values of any kind, by number: `values[codes[n]]`; the code -1 is not known."""

    def __init__(self, codes: NDArray[np.int32], values: Sequence[Fact]) -> None:
        self.codes, self.values = codes, values
        self.known = codes >= 0

    @cached_property
    def folded(self) -> Sequence[Fact]:
        """The values with all case taken out."""
        if self.is_text and self.lines.is_whole:
            return self.lines.folded
        return [each.casefold() if isinstance(each, str) else each for each in self.values]

    @cached_property
    def is_text(self) -> bool:
        return not any(kind is not str for kind in set(map(type, self.values)))

    @cached_property
    def lines(self) -> Lines:
        """The texts joined, for patterns."""
        return Lines(self.values)  # type: ignore[arg-type]  # asked of texts alone

    def few(self, codes: Sequence[int]) -> list[Fact]:
        """The values of some codes."""
        return [self.values[code] for code in codes]

    def fact(self, place: int) -> Fact:
        code = int(self.codes[place])
        return None if code < 0 else self.values[code]

    def mask(self, asked: Condition, today: date) -> Mask:
        hits = None
        if self.is_text:
            texts = self.folded if asked.ignore_case and asked.operator != "regex" else self.values
            hits = text_hits(asked, texts, lambda: self.lines)  # type: ignore[arg-type]
        if hits is None:
            hits = [holds(asked, each, today) for each in self.values]
        told = np.empty(len(hits) + 1, dtype=bool)
        told[:-1] = hits
        told[-1] = holds(asked, None, today)  # which code -1 finds: what is not known
        return told[self.codes]

    def sort_keys(self, places: NDArray[np.intp]) -> NDArray[np.float64]:
        codes = self.codes[places]
        distinct = np.unique(codes[codes >= 0]).tolist()
        folded = self.folded if 4 * len(distinct) > len(self.values) else None
        texts = {code: str(folded[code] if folded else self.values[code]) for code in distinct}
        order = sorted(distinct, key=texts.__getitem__ if folded else lambda code: texts[code].casefold())
        ranks = np.zeros(len(self.values) + 1)
        ranks[order] = np.arange(len(order))
        return ranks[codes]


class Tags(Column):
    """Lists of texts: those of track n are `values[codes[start[n]:start[n + 1]]]`."""

    def __init__(
        self, start: NDArray[np.integer], codes: NDArray[np.int32], values: Sequence[str], known: Mask | None = None
    ) -> None:
        self.start, self.codes, self.values = start, codes, values
        self.known = np.diff(start) > 0 if known is None else known

    @cached_property
    def folded(self) -> list[str]:
        return [each.casefold() for each in self.values]

    def fact(self, place: int) -> Fact:
        if not self.known[place]:
            return None
        return tuple(self.values[code] for code in self.codes[self.start[place] : self.start[place + 1]])

    def same(self, value: Value, asked: Condition, today: date) -> Mask:
        if isinstance(value, tuple):
            return self._exactly(value, asked)
        return self._holding({value}, asked)

    def among(self, values: tuple[Value, ...], asked: Condition, today: date) -> Mask:
        return self._holding({each for each in values if isinstance(each, str)}, asked)

    def special(self, asked: Condition, today: date) -> Mask | None:
        if asked.operator not in ("contains", "in_playlist") or isinstance(asked.value, tuple):
            return None
        return self.same(asked.value, asked, today)

    def _hits(self, wanted: set[Value], asked: Condition) -> Mask:
        """Which of the distinct tags are wanted."""
        texts = {each for each in wanted if isinstance(each, str)}
        if asked.ignore_case:
            texts = {each.casefold() for each in texts}
        tags = self.folded if asked.ignore_case else self.values
        return np.fromiter((each in texts for each in tags), dtype=bool, count=len(tags))

    def _holding(self, wanted: set[Value], asked: Condition) -> Mask:
        return self._any(self._hits(wanted, asked))

    def _any(self, hits: Mask) -> Mask:
        """Which tracks have at least one of the distinct tags that `hits` marks."""
        if not hits.any():
            return np.zeros(self.known.size, dtype=bool)
        running = np.zeros(self.codes.size + 1, dtype=np.int64)
        np.cumsum(hits[self.codes], out=running[1:])
        found: Mask = running[self.start[1:]] > running[self.start[:-1]]
        return found

    def _exactly(self, wanted: tuple[Value, ...], asked: Condition) -> Mask:
        """Which have these tags and no others, in any order."""
        if not all(isinstance(each, str) for each in wanted):
            return np.zeros(self.known.size, dtype=bool)
        found = self.known & ~self._any(~self._hits(set(wanted), asked))
        for each in wanted:
            if not found.any():
                break
            found &= self._holding({each}, asked)
        return found

    def sort_keys(self, places: NDArray[np.intp]) -> NDArray[np.float64]:
        return np.zeros(places.size)


@dataclass(frozen=True)
class Table:
    """All tracks that a rule is asked about, in the order of their ids.

    `columns` by field name; a field without one is known of no track. It may be lazy: only what is asked is looked up.
    """

    track: NDArray[np.integer]
    columns: Mapping[str, Column] = field(default_factory=dict)

    @property
    def size(self) -> int:
        return int(self.track.size)

    def column(self, name: str) -> Column | None:
        """By its own name first, then by that of the registry."""
        found = self.columns.get(name)
        return found if found is not None else self.columns.get(fields.canonical(name))

    def facts(self, place: int, names: Sequence[str]) -> TrackFacts:
        """What is known of the track at that place, of these fields."""
        found = {name: column.fact(place) for name in names if (column := self.column(name)) is not None}
        return TrackFacts(int(self.track[place]), found)
