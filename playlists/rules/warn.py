"""Conditions that are allowed but can never be true: out of range, against each other, about nothing that is known."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from playlists.rules import fields
from playlists.rules.nodes import ALL, ANY, Condition, Group, Path, walk
from playlists.rules.operators import OPERATORS, is_number
from playlists.rules.problems import Problem

_POSITIVE_WITHOUT_VALUE = ("ne", "not_in", "not_exists")  # true of what is not known


@dataclass(frozen=True, slots=True)
class Interval:
    """Numbers from `low` to `high`; whether the ends themselves are in."""

    low: float = -math.inf
    high: float = math.inf
    with_low: bool = True
    with_high: bool = True

    @property
    def is_empty(self) -> bool:
        return self.low > self.high or (self.low == self.high and not (self.with_low and self.with_high))

    def meet(self, other: Interval) -> Interval:
        low = max((self.low, not self.with_low), (other.low, not other.with_low))
        high = min((self.high, self.with_high), (other.high, other.with_high))
        return Interval(low[0], high[0], not low[1], high[1])


def warnings(root: Group, coverage: Mapping[str, float] | None) -> Iterator[Problem]:
    """In the order of reading. `coverage` as in `validate.check`."""
    for path, node in walk(root):
        if isinstance(node, Condition):
            yield from _alone(node, path, coverage)
        elif node.operator == ANY and not node.nodes:
            yield Problem("empty_any", node=path, warning=True)
        elif node.operator == ALL and not _within_all(root, path):
            yield from _together(list(_conjunction(node, path)))


def _alone(asked: Condition, path: Path, coverage: Mapping[str, float] | None) -> Iterator[Problem]:
    field = fields.find(asked.field)
    if coverage is not None:
        known = coverage.get(asked.field, coverage.get(fields.canonical(asked.field)))
        if field is None and not known:
            yield Problem("unknown_field", {"field": asked.field[:60]}, node=path, part="field", warning=True)
        elif field and not known and asked.operator not in _POSITIVE_WITHOUT_VALUE:
            yield Problem("no_coverage", {"field": field.label}, node=path, part="field", warning=True)
    if field and (wanted := interval(asked)):
        low = -math.inf if field.low is None else field.low
        high = math.inf if field.high is None else field.high
        if not wanted.is_empty and wanted.meet(Interval(low, high)).is_empty:
            told = {"field": field.label, "low": _said(low), "high": _said(high)}
            yield Problem("out_of_range", told, node=path, part="value", warning=True)


def _reckoned(number: float) -> float:
    """As a float: a whole number may be greater than any."""
    try:
        return float(number)
    except OverflowError:
        return math.inf if number > 0 else -math.inf


def _said(bound: float) -> str:
    return "∞" if bound == math.inf else "-∞" if bound == -math.inf else f"{bound:g}"


def interval(asked: Condition) -> Interval | None:
    """The numbers for which the condition is true; None if it is no such condition."""
    value, operator = asked.value, asked.operator
    if operator == "between" and isinstance(value, tuple) and len(value) == 2:
        low, high = value
        return Interval(_reckoned(low), _reckoned(high)) if is_number(low) and is_number(high) else None
    if not is_number(value):
        return None
    number = _reckoned(value)
    return {
        "eq": Interval(number, number),
        "gt": Interval(low=number, with_low=False),
        "gte": Interval(low=number),
        "lt": Interval(high=number, with_high=False),
        "lte": Interval(high=number),
    }.get(operator)


def _within_all(root: Group, path: Path) -> bool:
    """Whether the group at `path` stands in one of all, which is looked at with its own."""
    parent = root
    for place in path[:-1]:
        child = parent.nodes[place]
        assert isinstance(child, Group)
        parent = child
    return bool(path) and parent.operator == ALL


def _conjunction(group: Group, path: Path) -> Iterator[tuple[Path, Condition]]:
    """All conditions that have to be true together."""
    for place, child in enumerate(group.nodes):
        if isinstance(child, Condition):
            yield (*path, place), child
        elif child.operator == ALL:
            yield from _conjunction(child, (*path, place))


def _together(asked: list[tuple[Path, Condition]]) -> Iterator[Problem]:
    spans: dict[str, Interval] = {}
    firsts: dict[str, Condition] = {}
    texts: dict[str, Condition] = {}
    absent: dict[str, Condition] = {c.field: c for _path, c in asked if c.operator == "not_exists"}
    for path, condition in asked:
        name = fields.canonical(condition.field)
        other: Condition | None = None
        if condition.operator not in _POSITIVE_WITHOUT_VALUE and condition.operator in OPERATORS:
            other = absent.get(condition.field)
        if wanted := interval(condition):
            met = spans.get(name, Interval()).meet(wanted)
            if met.is_empty and not wanted.is_empty and name in firsts and not spans[name].is_empty:
                other = firsts[name]
            spans[name] = met
            firsts.setdefault(name, condition)
        if condition.operator == "eq" and fields.type_of(name) in ("text", "boolean", "date"):
            before = texts.setdefault(name, condition)
            if _differ(before, condition):
                other = before
        if other is not None:
            yield Problem("contradiction", {"other": _told(other)}, node=path, warning=True)


def _differ(one: Condition, other: Condition) -> bool:
    values = [c.value.casefold() if isinstance(c.value, str) else c.value for c in (one, other)]
    return values[0] != values[1]


def _told(asked: Condition) -> str:
    """The condition as a typed query writes it."""
    from playlists.rules.printer import write_condition  # it reads text, which this does not need otherwise

    return write_condition(asked)
