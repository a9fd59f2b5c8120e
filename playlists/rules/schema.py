"""The JSON face: `{"operator": "and", "conditions": [{"field": "energy", "operator": "gte", "value": 0.8}, …]}`.

A group may hold groups; its operator is `and` (the default), `or` or `none`. At the root may also stand `limit`,
`order` and `apart`. Whatever has this form is read, sense or not: `validate` says what is wrong with it.
"""

import json
import math
from collections.abc import Mapping
from typing import Any

from playlists.rules.nodes import (
    ALL,
    ANY,
    GROUP_WORDS,
    MAX_DEPTH,
    MAX_JSON,
    MAX_NODES,
    NONE,
    TRACKS,
    Apart,
    Condition,
    Group,
    Limit,
    Node,
    Odd,
    Order,
    Query,
    Scalar,
    Value,
)
from playlists.rules.problems import Invalid, Problem

_WRITTEN = {ALL: "and", ANY: "or", NONE: "none"}
_OF_GROUP = {"operator", "conditions", "limit", "order", "apart"}


def loads(text: str) -> Query:
    """A rule from JSON text: the group, or what a whole rule has under `rules`. Invalid says what and where."""
    if len(text) > MAX_JSON:
        raise Invalid([Problem("too_long", {"most": MAX_JSON})])
    try:
        data = json.loads(text, parse_constant=_constant)
    except (ValueError, RecursionError) as exc:
        raise Invalid([Problem("not_json", {"line": getattr(exc, "lineno", 1)})]) from exc
    is_whole = isinstance(data, Mapping) and "conditions" not in data and isinstance(data.get("rules"), Mapping)
    return load(data["rules"] if is_whole else data)


def dumps(query: Query, *, indent: int | None = None) -> str:
    return json.dumps(dump(query), ensure_ascii=False, indent=indent)


def load(data: object) -> Query:
    """A rule from decoded JSON. Invalid says what and where."""
    if not isinstance(data, Mapping):
        raise Invalid([Problem("not_a_group")])
    reader = _Reader()
    where = reader.group(data, "", 1)
    query = Query(where, reader.limit(data.get("limit")), reader.orders(data.get("order"), "order"))
    query = Query(query.where, query.limit, query.order, reader.apart(data.get("apart")))
    if reader.problems:
        raise Invalid(reader.problems)
    return query


def dump(query: Query) -> dict[str, Any]:
    """The opposite of `load`."""
    data = _dumped(query.where)
    if query.limit:
        data["limit"] = {"amount": query.limit.amount, "unit": query.limit.unit, "by": _orders(query.limit.by)}
    if query.order:
        data["order"] = _orders(query.order)
    if query.apart != Apart():
        data["apart"] = {"artist": query.apart.artist, "album": query.apart.album}
    return data


def value_of(raw: object) -> Value:
    """A value as decoded from JSON."""
    if isinstance(raw, list | tuple):
        return tuple(_scalar(each) for each in raw)
    return _scalar(raw)


def raw_of(value: Value) -> Any:
    """The opposite of `value_of`."""
    if isinstance(value, tuple):
        return [raw_of(each) for each in value]
    return json.loads(value.json) if isinstance(value, Odd) else value


def _scalar(raw: object) -> Scalar | Odd:
    if raw is None or isinstance(raw, bool | int | str):
        return raw
    if isinstance(raw, float) and math.isfinite(raw):
        return raw
    try:
        return Odd(json.dumps(raw, sort_keys=True, ensure_ascii=False))
    except (TypeError, ValueError, RecursionError):
        return None


def _constant(name: str) -> None:
    raise ValueError(f"{name} is no number")


def _dumped(node: Node) -> dict[str, Any]:
    if isinstance(node, Condition):
        data: dict[str, Any] = {"field": node.field, "operator": node.operator, "value": raw_of(node.value)}
        return data | ({"ignore_case": True} if node.ignore_case else {})
    operator = _WRITTEN.get(node.operator, node.operator)
    return {"operator": operator, "conditions": [_dumped(child) for child in node.nodes]}


def _orders(orders: tuple[Order, ...]) -> list[str]:
    return [("-" if each.descending else "") + each.field for each in orders]


class _Reader:
    """Reads what it can and keeps what is wrong. Paths are those of the JSON: conditions[2].value."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.nodes = 0

    def wrong(self, at: str, code: str, **params: object) -> None:
        if len(self.problems) < 20:
            self.problems.append(Problem(code, params, at=at))

    def group(self, data: Mapping[str, Any], at: str, depth: int) -> Group:
        dot = f"{at}." if at else ""
        operator, children = data.get("operator", "and"), data.get("conditions", [])
        if not isinstance(operator, str):
            self.wrong(f"{dot}operator", "not_text")
            operator = "and"
        if "conditions" not in data and not data.keys() <= _OF_GROUP:  # misspelled, rather than empty
            self.wrong(f"{dot}conditions", "missing")
        if not isinstance(children, list | tuple):
            self.wrong(f"{dot}conditions", "not_a_list")
            children = []
        if depth > MAX_DEPTH:
            self.wrong(at, "too_deep", most=MAX_DEPTH)
            children = []
        nodes = []
        for number, child in enumerate(children):
            self.nodes += 1
            if self.nodes > MAX_NODES:
                self.wrong(f"{dot}conditions", "too_many", most=MAX_NODES)
                break
            nodes.append(self.node(child, f"{dot}conditions[{number}]", depth))
        return Group(GROUP_WORDS.get(operator, operator), tuple(nodes))

    def node(self, data: object, at: str, depth: int) -> Node:
        if not isinstance(data, Mapping):
            self.wrong(at, "not_a_condition")
            return Group(ALL)
        if "conditions" in data:
            return self.group(data, at, depth + 1)
        name, operator = data.get("field"), data.get("operator")
        for key, given in (("field", name), ("operator", operator)):
            if not isinstance(given, str):
                self.wrong(f"{at}.{key}", "missing" if given is None else "not_text")
        if not isinstance(data.get("ignore_case", False), bool):
            self.wrong(f"{at}.ignore_case", "needs_truth")
        value = value_of(data.get("value"))
        return Condition(str(name), str(operator), value, data.get("ignore_case") is True)

    def limit(self, data: object) -> Limit | None:
        if data is None:
            return None
        if not isinstance(data, Mapping):
            self.wrong("limit", "not_a_limit")
            return None
        amount, unit = data.get("amount"), data.get("unit", TRACKS)
        if not isinstance(amount, int) or isinstance(amount, bool):
            self.wrong("limit.amount", "not_whole")
            amount = 1
        if not isinstance(unit, str):
            self.wrong("limit.unit", "not_text")
            unit = TRACKS
        return Limit(amount, unit, self.orders(data.get("by"), "limit.by"))

    def orders(self, data: object, at: str) -> tuple[Order, ...]:
        if data is None:
            return ()
        given = [data] if isinstance(data, str) else data
        if not isinstance(given, list | tuple) or not all(isinstance(each, str) for each in given):
            self.wrong(at, "not_an_order")
            return ()
        return tuple(Order(each.removeprefix("-"), each.startswith("-")) for each in given)

    def apart(self, data: object) -> Apart:
        if data is None:
            return Apart()
        given = [data.get(key, 0) for key in ("artist", "album")] if isinstance(data, Mapping) else []
        numbers = [each for each in given if isinstance(each, int) and not isinstance(each, bool)]
        if len(numbers) != 2:
            self.wrong("apart", "not_apart")
            return Apart()
        return Apart(*numbers)
