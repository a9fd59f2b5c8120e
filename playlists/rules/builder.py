"""The builder's face: a rule as flat form fields, and back, without any script.

A node at path (0, 2) has the prefix `n-0-2`; the root is `n`. A group has `…-group` (its operator); a condition has
`…-field`, `…-operator`, `…-value`, for a pair also `…-to`, and `…-exact` where upper and lower case matter, else
`…-fold` if it was told that they do not. The rest is `limit-amount`, `limit-unit`, `limit-by`, `order`, `apart-artist`,
`apart-album`. A value that its input would not give back as it was stands there as json"…".
"""

from collections.abc import Mapping
from dataclasses import replace

from playlists.rules import fields, literals
from playlists.rules.fields import NUMERIC, WORDY, Type
from playlists.rules.nodes import (
    ALL,
    MAX_DEPTH,
    MAX_NODES,
    TRACKS,
    Apart,
    Condition,
    Group,
    Limit,
    Node,
    Odd,
    Order,
    Path,
    Query,
    Scalar,
    Value,
    appended,
    at,
    replaced,
)
from playlists.rules.operators import CASED, OPERATORS, fitting
from playlists.rules.problems import Invalid
from playlists.rules.text_condition import items
from playlists.rules.text_scan import Scan

ROOT = "n"
BLANK = Condition("artist", "contains", "", ignore_case=True)


def prefix(path: Path) -> str:
    return "-".join([ROOT, *map(str, path)])


def to_form(query: Query) -> dict[str, str]:
    """The fields of the form, as a browser would send them."""
    form: dict[str, str] = {}
    _node_to_form(query.where, (), form)
    limit = query.limit
    form["limit-amount"] = str(limit.amount) if limit else ""
    form["limit-unit"] = limit.unit if limit else TRACKS
    form["limit-by"] = orders_text(limit.by) if limit else ""
    form["order"] = orders_text(query.order)
    form["apart-artist"], form["apart-album"] = str(query.apart.artist), str(query.apart.album)
    return form


def from_form(form: Mapping[str, str]) -> Query:
    """The rule that a form says. What makes no sense is kept for `validate` to mark; only the size is cut."""
    where = _node_from_form(form, (), [0])
    assert isinstance(where, Group)
    amount, by = form.get("limit-amount", "").strip(), read_orders(form.get("limit-by", ""))
    limit = Limit(_whole(amount), form.get("limit-unit", TRACKS), by) if amount else None
    apart = Apart(*(_whole(form.get(f"apart-{part}", "") or "0") for part in ("artist", "album")))
    return Query(where, limit, read_orders(form.get("order", "")), apart)


def edited(query: Query, action: str) -> Query:
    """After a press on a button: `add`, `group`, `remove` or `up`, and the path: `add:0-2`. Odd ones do nothing.

    `again` is said when another field or operator was chosen there.
    """
    verb, _colon, where = action.partition(":")
    try:
        path = tuple(int(step) for step in where.split("-") if step)
        new = _edited(query.where, verb, path)
    except (LookupError, ValueError):
        return query
    return Query(new, query.limit, query.order, query.apart)


def _edited(root: Group, verb: str, path: Path) -> Group:
    if verb == "add":
        return appended(root, path, BLANK)
    if verb == "group" and len(path) + 1 < MAX_DEPTH:
        return appended(root, path, Group("any", (BLANK,)))
    if verb == "again" and path:
        return replaced(root, path, _fitted(at(root, path)))
    if verb == "remove" and path:
        return replaced(root, path, None)
    if verb == "up" and path and path[-1] > 0:
        above = (*path[:-1], path[-1] - 1)
        one, other = at(root, above), at(root, path)
        return replaced(replaced(root, above, other), path, one)
    return root


def _fitted(node: Node) -> Node:
    """An operator that was asked of another field, and cannot be asked of this one, gives way to one that can."""
    if not isinstance(node, Condition):
        return node
    offered = fitting(fields.type_of(node.field))
    if any(each.name == node.operator for each in offered):
        return node
    blank = Condition(node.field, offered[0].name, "")
    return replace(blank, ignore_case=is_cased(blank))


def _node_to_form(node: Node, path: Path, form: dict[str, str]) -> None:
    name = prefix(path)
    if isinstance(node, Group):
        form[f"{name}-group"] = node.operator
        for place, child in enumerate(node.nodes):
            _node_to_form(child, (*path, place), form)
        return
    form[f"{name}-field"], form[f"{name}-operator"] = node.field, node.operator
    form[f"{name}-value"], form[f"{name}-to"] = value_texts(node)
    if is_cased(node) != node.ignore_case:
        form[f"{name}-{'fold' if node.ignore_case else 'exact'}"] = "on"


def _node_from_form(form: Mapping[str, str], path: Path, count: list[int]) -> Node | None:
    name = prefix(path)
    if f"{name}-field" in form:
        asked = Condition(form[f"{name}-field"], form.get(f"{name}-operator", "eq"))
        type_ = fields.type_of(asked.field)
        value = _read_value(asked.operator, type_, form.get(f"{name}-value", ""), form.get(f"{name}-to", ""))
        ignore_case = f"{name}-exact" not in form if is_cased(asked) else f"{name}-fold" in form
        return Condition(asked.field, asked.operator, value, ignore_case)
    if f"{name}-group" not in form and path:
        return None
    children: list[Node] = []
    place, limit = 0, MAX_NODES + 2  # one more than allowed, so that it is said
    while len(path) <= MAX_DEPTH and count[0] < limit:
        child = _node_from_form(form, (*path, place), count)
        if child is None:
            break
        count[0] += 1
        children.append(child)
        place += 1
    return Group(form.get(f"{name}-group", ALL), tuple(children))


def is_cased(asked: Condition) -> bool:
    """Whether upper and lower case can matter to the condition."""
    type_ = fields.type_of(asked.field)
    return asked.operator in CASED and (type_ is None or type_ in WORDY)


def shape_of(asked: Condition) -> str:
    """The form of its value; "one" for an operator that nobody knows."""
    operator = OPERATORS.get(asked.operator)
    return operator.shape if operator else "one"


def value_texts(asked: Condition) -> tuple[str, str]:
    """What stands in the input for the value, and in the second one of a pair."""
    value, type_ = asked.value, fields.type_of(asked.field)
    text, to = _written(value, type_, shape_of(asked))
    is_line = not set("\r\n") & {*text, *to}  # which is all that an input holds
    if is_line and repr(_read_value(asked.operator, type_, text, to)) == repr(value):
        return text, to
    return literals.as_json(value), ""


def _written(value: Value, type_: Type | None, shape: str) -> tuple[str, str]:
    """As a person would write it, who need not be understood."""
    if isinstance(value, tuple):
        if shape == "pair" and len(value) == 2:
            return _scalar_text(value[0], type_), _scalar_text(value[1], type_)
        return ", ".join(literals.write(each, type_) for each in value), ""
    if value is None or not isinstance(value, Scalar):
        return "", ""
    return literals.write(value, None) if shape == "one" and type_ is None else _scalar_text(value, type_), ""


def _scalar_text(value: Scalar | Odd, type_: Type | None) -> str:
    if isinstance(value, str):
        return value
    return literals.write(value, type_ if type_ in NUMERIC else None)


def _read_value(operator: str, type_: Type | None, text: str, to: str) -> Value:
    try:
        return _as_json(text)
    except (Invalid, ValueError):
        pass
    known = OPERATORS.get(operator)
    shape = known.shape if known else "one"
    if shape == "nothing":
        return None
    if shape == "pair":
        return _number(text, type_), _number(to, type_)
    if shape == "list":
        return _listed(text, type_)
    if shape in ("number", "days"):
        return _number(text, type_)
    if shape in ("text", "pattern", "date") or type_ in (*WORDY, "date"):
        return text
    if type_ is None:
        return _literal(text)
    return _number(text, type_) if type_ in NUMERIC else literals.read(text.strip(), type_)


def _number(text: str, type_: Type | None) -> Scalar:
    found = literals.number(text.strip().replace(",", "."), type_)
    return text if found is None else found


def _listed(text: str, type_: Type | None) -> Value:
    scan = Scan(f"({text})")
    try:
        found = items(scan, type_, ")")
    except Invalid:
        return text
    return found if scan.at == len(scan.source) else text


def _as_json(text: str) -> Value:
    """What a json"…" says that is all of the text. Invalid or ValueError if it is none."""
    scan = Scan(text.strip())
    if not scan.here(f'{literals.JSON}"'):
        raise ValueError
    scan.at += len(literals.JSON)
    quoted = scan.quotation()
    if scan.at != len(scan.source):
        raise ValueError
    return literals.from_json(quoted)


def _literal(text: str) -> Value:
    """A value for a field of no known type: 5, yes, "5", or any text as it stands."""
    scan = Scan(text.strip())
    try:
        if scan.here('"'):
            quoted = scan.quotation()
            return quoted if scan.at == len(scan.source) else text
    except Invalid:
        return text
    return literals.read(text.strip(), None)


def orders_text(orders: tuple[Order, ...]) -> str:
    return ", ".join(("-" if each.descending else "") + each.field for each in orders)


def read_orders(text: str) -> tuple[Order, ...]:
    words = [word.strip() for word in text.split(",")]
    return tuple(Order(word.removeprefix("-"), word.startswith("-")) for word in words if word)


def _whole(text: str) -> int:
    """-1, which no setting allows, for what is no whole number."""
    text = text.strip()
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else -1
