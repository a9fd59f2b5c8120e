"""What is wrong with a rule, and what is allowed but hardly meant. The same for all three faces.

Takes time linear in the size of the rule, which MAX_NODES, MAX_ITEMS and MAX_CHARACTERS bound.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from playlists.rules import dates, fields, patterns
from playlists.rules.fields import NUMERIC, Field, Type
from playlists.rules.nodes import (
    GROUP_OPERATORS,
    MAX_APART,
    MAX_CHARACTERS,
    MAX_DEPTH,
    MAX_ITEMS,
    MAX_MINUTES,
    MAX_NODES,
    MAX_ORDERS,
    MAX_PATTERN,
    MAX_REGEX,
    MAX_TRACKS,
    MAX_WINDOWS,
    MINUTES,
    RANDOM,
    TRACKS,
    Condition,
    Group,
    Odd,
    Order,
    Path,
    Query,
    Scalar,
    Value,
    walk,
)
from playlists.rules.operators import OPERATORS, is_number
from playlists.rules.problems import Problem, json_path
from playlists.rules.storable import is_storable
from playlists.rules.warn import warnings

MAX_NUMBER = 1e15  # whole numbers up to here are exact in every engine
MAX_DAYS = 36_500
BOUNDS = frozenset({
    "too_deep", "too_many", "value_long", "list_long", "number_big", "many_patterns", "many_windows", "limit_range",
    "unknown_unit", "many_orders", "apart_range",
})  # fmt: skip
Spans = Mapping[Path, tuple[int, int]]


def check(query: Query, *, coverage: Mapping[str, float] | None = None, spans: Spans | None = None) -> list[Problem]:
    """Errors and warnings, in the order of reading; empty if all is well.

    `coverage`: the share of tracks, 0 to 1, that each field is known for; without it nothing is said about that.
    `spans`: where each node stands in the typed query, to say the same there.
    """
    found = [*_tree(query.where), *_settings(query)]
    found += warnings(query.where, coverage)
    return [_spanned(each, spans or {}) for each in found]


def errors(query: Query) -> list[Problem]:
    """Only what forbids saving."""
    return [each for each in check(query) if not each.warning]


def beyond(query: Query) -> list[Problem]:
    """What forbids even trying it, as it has no end or no meaning at all; conditions without sense are just false."""
    return [each for each in errors(query) if each.code in BOUNDS]


def _spanned(problem: Problem, spans: Spans) -> Problem:
    at = json_path(problem.node, problem.part) if problem.node is not None else problem.at
    start, end = spans.get(problem.node, (None, None)) if problem.node is not None else (None, None)
    return replace(problem, at=at, start=start, end=end)


def _tree(root: Group) -> Iterator[Problem]:
    count = regexes = 0
    windows: set[str] = set()
    for path, node in walk(root):
        count += 1
        if count == MAX_NODES + 2:
            yield Problem("too_many", {"most": MAX_NODES}, node=path)
        if isinstance(node, Group):
            if len(path) >= MAX_DEPTH:
                yield Problem("too_deep", {"most": MAX_DEPTH}, node=path)
            if node.operator not in GROUP_OPERATORS:
                yield Problem("unknown_group", {"operator": node.operator[:60]}, node=path, part="operator")
            continue
        yield from _condition(node, path)
        regexes += node.operator == "regex"
        if node.operator == "regex" and regexes == MAX_REGEX + 1:
            yield Problem("many_patterns", {"most": MAX_REGEX}, node=path, part="operator")
        if fields.window_days(node.field) is not None and node.field not in windows:
            windows.add(node.field)
            if len(windows) == MAX_WINDOWS + 1:
                yield Problem("many_windows", {"most": MAX_WINDOWS}, node=path, part="field")


def _condition(asked: Condition, path: Path) -> Iterator[Problem]:
    if not asked.field.strip():
        yield Problem("empty_field", node=path, part="field")
        return
    if len(asked.field) > MAX_CHARACTERS:
        yield Problem("value_long", {"most": MAX_CHARACTERS}, node=path, part="field")
        return
    field, operator = fields.find(asked.field), OPERATORS.get(asked.operator)
    if operator is None:
        yield Problem("unknown_operator", {"operator": asked.operator[:60]}, node=path, part="operator")
        return
    if field and field.type not in operator.types:
        told = {"operator": operator.label, "field": field.label}
        yield Problem("operator_unfit", told, node=path, part="operator")
        return
    for code, params in _value(asked.value, operator.shape, field.type if field else None):
        yield Problem(code, params, node=path, part="value")


Wrong = Iterator[tuple[str, dict[str, object]]]


def _value(value: Value, shape: str, type_: Type | None) -> Wrong:
    if shape == "nothing":
        return
    if shape in ("list", "pair"):
        yield from _several(value, shape, type_)
    elif isinstance(value, tuple) and not (shape == "one" and type_ in ("tags", "membership", None)):
        yield "needs_value", {}
    elif isinstance(value, tuple):
        yield from _several(value, "list", type_)
    elif shape == "number":
        yield from _number(value)
    elif shape in ("text", "pattern"):
        yield from _text(value, pattern=shape == "pattern")
    elif shape == "date":
        yield from _date(value)
    elif shape == "days":
        if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= MAX_DAYS:
            yield "needs_days", {}
    else:
        yield from _one(value, type_)


def _several(value: Value, shape: str, type_: Type | None) -> Wrong:
    if shape == "pair":
        if not (isinstance(value, tuple) and len(value) == 2 and all(map(is_number, value))):
            yield "needs_two_numbers", {}
        elif not value[0] <= value[1]:  # type: ignore[operator]
            yield "reversed", {}
        else:
            yield from _number(max(value, key=abs))  # type: ignore[arg-type]
        return
    if not isinstance(value, tuple) or not value:
        yield "needs_list", {}
    elif len(value) > MAX_ITEMS:
        yield "list_long", {"most": MAX_ITEMS}
    else:
        for each in value:
            if wrong := next(_one(each, type_), None):
                yield wrong
                return


def _one(value: Scalar | Odd, type_: Type | None) -> Wrong:
    """A value to be equal to."""
    if type_ in NUMERIC:
        yield from _number(value)
    elif type_ == "boolean":
        if not isinstance(value, bool):
            yield "needs_truth", {}
    elif type_ == "date":
        yield from _date(value)
    elif type_ is not None or isinstance(value, str):
        yield from _text(value)
    elif value is None or isinstance(value, Odd):
        yield "needs_value", {}
    elif not isinstance(value, bool):
        yield from _number(value)


def _number(value: Scalar | Odd) -> Wrong:
    if not is_number(value):
        yield "needs_number", {}
    elif not abs(value) <= MAX_NUMBER:
        yield "number_big", {}


def _text(value: Scalar | Odd, *, pattern: bool = False) -> Wrong:
    if not isinstance(value, str):
        yield "needs_text", {}
    elif not value:
        yield "needs_value", {}
    elif len(value) > (MAX_PATTERN if pattern else MAX_CHARACTERS):
        yield "value_long", {"most": MAX_PATTERN if pattern else MAX_CHARACTERS}
    elif not is_storable(value):
        yield "bad_text", {}
    elif pattern:
        try:
            patterns.check(value)
        except patterns.BadPattern as exc:
            yield "bad_pattern", {"reason": exc.reason, "position": exc.position + 1}


def _date(value: Scalar | Odd) -> Wrong:
    if not isinstance(value, str) or not dates.is_date(value):
        yield "needs_date", {}


def _settings(query: Query) -> Iterator[Problem]:
    if limit := query.limit:
        most = MAX_MINUTES if limit.unit == MINUTES else MAX_TRACKS
        if not 1 <= limit.amount <= most:
            yield Problem("limit_range", {"most": most}, at="limit.amount")
        if limit.unit not in (TRACKS, MINUTES):
            yield Problem("unknown_unit", at="limit.unit")
        yield from _orders(limit.by, "limit.by")
    yield from _orders(query.order, "order")
    for part in ("artist", "album"):
        if not 0 <= getattr(query.apart, part) <= MAX_APART:
            yield Problem("apart_range", {"most": MAX_APART}, at=f"apart.{part}")


def _orders(orders: tuple[Order, ...], at: str) -> Iterator[Problem]:
    if len(orders) > MAX_ORDERS:
        yield Problem("many_orders", {"most": MAX_ORDERS}, at=at)
        return
    for number, order in enumerate(orders):
        field: Field | None = fields.find(order.field)
        if order.field != RANDOM and (field is None or field.type not in fields.ORDERABLE):
            yield Problem("unknown_order", {"field": order.field[:60]}, at=f"{at}[{number}]")
