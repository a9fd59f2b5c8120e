"""What each operator means: one track's value against one condition. The plain truth that `masks` is proved against.

Numbers are ints and floats; true and false are no numbers. A value that is not known is None. A field of tags is a
tuple of texts. Nothing here raises: an operator or type that does not fit is false.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeGuard

from playlists.rules import dates, patterns
from playlists.rules.fields import Type, gettext_noop
from playlists.rules.nodes import Condition, Odd, Scalar, Value

Fact = bool | int | float | str | date | tuple[str, ...] | None
Test = Callable[[Fact, Condition, date], bool]


def is_number(value: object) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def holds(condition: Condition, fact: Fact, today: date) -> bool:
    """Whether the condition is true of a track whose field has this value."""
    test = _TESTS.get(condition.operator)
    return test is not None and test(fact, condition, today)


def _folded(text: str, condition: Condition) -> str:
    return text.casefold() if condition.ignore_case else text


def _same(fact: Fact, value: Scalar | Odd, condition: Condition, today: date) -> bool:
    """Equality. A list of tags equals a text that it holds: the one category of old became a list of tags."""
    if fact is None or value is None:
        return False
    if isinstance(fact, tuple):
        return isinstance(value, str) and any(_same(tag, value, condition, today) for tag in fact)
    if isinstance(fact, bool) or isinstance(value, bool):
        return fact is value
    if isinstance(fact, str):
        return isinstance(value, str) and _folded(fact, condition) == _folded(value, condition)
    if isinstance(fact, date):
        return isinstance(value, str) and dates.resolve(value, today) == fact
    return not isinstance(value, str) and fact == value


def _equals(fact: Fact, condition: Condition, today: date) -> bool:
    value = condition.value
    if isinstance(value, tuple):
        wanted = {_folded(each, condition) if isinstance(each, str) else each for each in value}
        return isinstance(fact, tuple) and {_folded(tag, condition) for tag in fact} == wanted
    return _same(fact, value, condition, today)


def _among(fact: Fact, condition: Condition, today: date) -> bool:
    value = condition.value
    return isinstance(value, tuple) and any(_same(fact, each, condition, today) for each in value)


def _not_among(fact: Fact, condition: Condition, today: date) -> bool:
    return isinstance(condition.value, tuple) and not _among(fact, condition, today)


def _all_of(fact: Fact, condition: Condition, today: date) -> bool:
    value = condition.value
    return isinstance(value, tuple) and bool(value) and all(_same(fact, each, condition, today) for each in value)


def _compared(compare: Callable[[float, float], bool]) -> Test:
    def test(fact: Fact, condition: Condition, today: date) -> bool:
        return is_number(fact) and is_number(condition.value) and compare(fact, condition.value)

    return test


def _between(fact: Fact, condition: Condition, today: date) -> bool:
    value = condition.value
    if not (is_number(fact) and isinstance(value, tuple) and len(value) == 2):
        return False
    low, high = value
    return is_number(low) and is_number(high) and low <= fact <= high


def _worded(compare: Callable[[str, str], bool]) -> Test:
    def test(fact: Fact, condition: Condition, today: date) -> bool:
        value = condition.value
        if not (isinstance(fact, str) and isinstance(value, str)):
            return False
        return compare(_folded(fact, condition), _folded(value, condition))

    return test


def _contains(fact: Fact, condition: Condition, today: date) -> bool:
    value = condition.value
    if isinstance(fact, tuple):
        return not isinstance(value, tuple) and _same(fact, value, condition, today)
    return _IN_TEXT(fact, condition, today)


def _in_playlist(fact: Fact, condition: Condition, today: date) -> bool:
    return isinstance(fact, tuple) and _contains(fact, condition, today)


def _regex(fact: Fact, condition: Condition, today: date) -> bool:
    if not (isinstance(fact, str) and isinstance(condition.value, str)):
        return False
    finds = patterns.finder(condition.value, ignore_case=condition.ignore_case)
    return finds is not None and finds(fact)


def day(fact: Fact) -> date | None:
    """The day that a fact is; a text counts if it is a full date, as in somebody's own enrichment."""
    if isinstance(fact, str):
        return dates.whole(fact)
    return fact if isinstance(fact, date) else None


def wanted_day(value: Value, today: date) -> date | None:
    return dates.resolve(value, today) if isinstance(value, str) else None


def _dated(compare: Callable[[date, date], bool]) -> Test:
    def test(fact: Fact, condition: Condition, today: date) -> bool:
        on, bound = day(fact), wanted_day(condition.value, today)
        return on is not None and bound is not None and compare(on, bound)

    return test


def last_days(value: Value, today: date) -> tuple[date, date] | None:
    """The first and last day of "in the last N days", today being one of them; None if N is no number from 1 up."""
    if not is_number(value) or not value >= 1:
        return None
    try:
        return today - timedelta(days=int(value) - 1), today
    except OverflowError:
        return date.min, today


def _in_last_days(fact: Fact, condition: Condition, today: date) -> bool:
    on, span = day(fact), last_days(condition.value, today)
    return on is not None and span is not None and span[0] <= on <= span[1]


_IN_TEXT = _worded(lambda text, part: part in text)
_TESTS: dict[str, Test] = {
    "eq": _equals,
    "ne": lambda fact, condition, today: not _equals(fact, condition, today),
    "gt": _compared(lambda a, b: a > b),
    "gte": _compared(lambda a, b: a >= b),
    "lt": _compared(lambda a, b: a < b),
    "lte": _compared(lambda a, b: a <= b),
    "between": _between,
    "in": _among,
    "not_in": _not_among,
    "contains": _contains,
    "starts_with": _worded(str.startswith),
    "ends_with": _worded(str.endswith),
    "regex": _regex,
    "exists": lambda fact, condition, today: fact is not None,
    "not_exists": lambda fact, condition, today: fact is None,
    "before": _dated(lambda on, bound: on < bound),
    "after": _dated(lambda on, bound: on > bound),
    "in_last_days": _in_last_days,
    "in_playlist": _in_playlist,
    "any_of": _among,
    "all_of": _all_of,
}

Shape = str  # of a value: "one", "number", "pair", "list", "text", "pattern", "date", "days", "nothing"


@dataclass(frozen=True, slots=True)
class Operator:
    """One operator as the builder offers it. `label` is English, marked for translation."""

    name: str
    label: str
    shape: Shape
    types: tuple[Type, ...]


_ = gettext_noop
_NUMBERS: tuple[Type, ...] = ("number", "integer", "duration")
_TEXT: tuple[Type, ...] = ("text",)
_LISTS: tuple[Type, ...] = ("tags", "membership")
_ANY: tuple[Type, ...] = ("text", *_NUMBERS, "boolean", "date", *_LISTS)
OPERATORS = {
    each.name: each
    for each in (
        Operator("contains", _("contains"), "text", (*_TEXT, *_LISTS)),
        Operator("in_playlist", _("is in"), "text", ("membership",)),
        Operator("eq", _("is"), "one", _ANY),
        Operator("ne", _("is not"), "one", _ANY),
        Operator("gte", _("is at least"), "number", _NUMBERS),
        Operator("lte", _("is at most"), "number", _NUMBERS),
        Operator("gt", _("is more than"), "number", _NUMBERS),
        Operator("lt", _("is less than"), "number", _NUMBERS),
        Operator("between", _("is between"), "pair", _NUMBERS),
        Operator("in_last_days", _("was in the last days"), "days", ("date",)),
        Operator("before", _("was before"), "date", ("date",)),
        Operator("after", _("was after"), "date", ("date",)),
        Operator("any_of", _("is any of"), "list", _LISTS),
        Operator("all_of", _("is all of"), "list", _LISTS),
        Operator("in", _("is one of"), "list", ("text", *_NUMBERS, *_LISTS)),
        Operator("not_in", _("is none of"), "list", ("text", *_NUMBERS, *_LISTS)),
        Operator("starts_with", _("starts with"), "text", _TEXT),
        Operator("ends_with", _("ends with"), "text", _TEXT),
        Operator("regex", _("matches the pattern"), "pattern", _TEXT),
        Operator("exists", _("is known"), "nothing", _ANY),
        Operator("not_exists", _("is not known"), "nothing", _ANY),
    )
}
CASED = ("contains", "starts_with", "ends_with", "regex", "eq", "ne", "in", "not_in", "any_of", "all_of", "in_playlist")


def fitting(type_: Type | None) -> list[Operator]:
    """The operators to offer for a type; all of them where it is not known."""
    return [each for each in OPERATORS.values() if type_ is None or type_ in each.types]
