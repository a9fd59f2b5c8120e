"""A rule as a typed query: the short form where it is read back as the same, the long one where it is not."""

from functools import lru_cache

from playlists.rules import fields, literals
from playlists.rules.nodes import ALL, ANY, NONE, TRACKS, Apart, Condition, Group, Node, Order, Query
from playlists.rules.problems import Invalid
from playlists.rules.text_condition import KNOWN, TEXT, UNKNOWN, condition
from playlists.rules.text_scan import Scan


def write(query: Query) -> str:
    """The text that `text.parse` reads as this very rule."""
    parts = [_root(query.where)]
    if limit := query.limit:
        by = f" by {_orders(limit.by)}" if limit.by else ""
        parts.append(f"limit {limit.amount}{'' if limit.unit == TRACKS else ' ' + limit.unit}{by}")
    if query.order:
        parts.append(f"order {_orders(query.order)}")
    if query.apart != Apart():
        sides = (("artist", query.apart.artist), ("album", query.apart.album))
        parts.append("apart " + " ".join(f"{what} {number}" for what, number in sides if number))
    return " | ".join(parts).strip()


def _root(group: Group) -> str:
    if group.operator == ALL and not (len(group.nodes) == 1 and _is_named(group.nodes[0])):
        return " ".join(map(_term, group.nodes))
    if group.operator == ANY and len(group.nodes) > 1:
        return " , ".join(map(_alternative, group.nodes))
    return _named(group)


def _alternative(node: Node) -> str:
    if isinstance(node, Group) and node.operator == ALL and len(node.nodes) > 1:
        return " ".join(map(_term, node.nodes))
    return _term(node)


def _term(node: Node) -> str:
    if isinstance(node, Condition):
        return write_condition(node)
    if _is_named(node):
        return _named(node)
    if node.operator == NONE:
        return f"-{_term(node.nodes[0])}"
    if node.operator == ANY:
        return f"({' , '.join(map(_alternative, node.nodes))})"
    return f"({' '.join(map(_term, node.nodes))})"


def _is_named(node: Node) -> bool:
    """Whether a group within others can only be written as its operator and brackets."""
    if isinstance(node, Condition):
        return False
    if node.operator == ALL:
        return False
    return len(node.nodes) < 2 if node.operator == ANY else node.operator != NONE or len(node.nodes) != 1


def _named(group: Group) -> str:
    plain = group.operator.isidentifier()
    name = group.operator if plain else f"group{literals.quoted(group.operator)}"
    return f"{name}({' '.join(map(_term, group.nodes))})"


def _orders(orders: tuple[Order, ...]) -> str:
    return ", ".join(("-" if each.descending else "") + _name(each.field) for each in orders)


@lru_cache(maxsize=2048)
def _name(name: str) -> str:
    scan = Scan(name)
    return name if name and name not in (KNOWN, UNKNOWN) and scan.name() == name else literals.quoted(name)


def write_condition(asked: Condition) -> str:
    """One condition."""
    short = _short(asked)
    return short if short and _reads_back(short, asked) else _long(asked)


def _reads_back(form: str, asked: Condition) -> bool:
    scan = Scan(form)
    try:
        if scan.peek() in "-(" or scan.group_name() is not None:
            return False
        found = condition(scan)
    except Invalid:
        return False
    return scan.at == len(form) and repr(found) == repr(asked)  # repr tells 1 from 1.0 and True


def _short(asked: Condition) -> str:
    name, type_, value = _name(asked.field), fields.type_of(asked.field), asked.value
    colon, tilde = (":" if asked.ignore_case else "::"), ("~" if asked.ignore_case else "")
    if isinstance(value, tuple):
        items = f"({', '.join(literals.write(each, type_) for each in value)})"
        if asked.operator == "between" and len(value) == 2:
            return f"{name}:{literals.write(value[0], type_)}..{literals.write(value[1], type_)}"
        forms = {"in": f"={tilde}", "not_in": f"!={tilde}", "any_of": colon, "all_of": f"{colon}+"}
        return f"{name}{forms[asked.operator]}{items}" if asked.operator in forms else ""
    word = literals.write(value, type_)
    if asked.operator == "contains" and asked.field == TEXT and asked.ignore_case and isinstance(value, str):
        return value if literals.is_plain(value, "text") else literals.quoted(value)
    forms = {
        "eq": f"{name}:{word}" if not isinstance(value, str) or type_ == "date" else f"{name}={tilde}{word}",
        "ne": f"{name}!={tilde}{word}",
        "gt": f"{name}>{word}", "lt": f"{name}<{word}", "gte": f"{name}:{word}..", "lte": f"{name}:..{word}",
        "after": f"{name}>{value}", "before": f"{name}<{value}", "in_last_days": f"{name}:{value}d",
        "contains": f"{name}{colon}{word}", "in_playlist": f"{name}{colon}{word}",
        "starts_with": f"{name}{colon}{word}*", "ends_with": f"{name}{colon}*{word}",
        "regex": f"{name}:/{value}/{'i' if asked.ignore_case else ''}",
        "exists": f"{KNOWN}:{name}", "not_exists": f"{UNKNOWN}:{name}",
    }  # fmt: skip
    return forms.get(asked.operator, "")


def _long(asked: Condition) -> str:
    """title:contains("x"): what no short form says."""
    operator = asked.operator if asked.operator.isidentifier() else f"op{literals.quoted(asked.operator)}"
    if isinstance(asked.value, tuple):
        value = f"[{', '.join(literals.write(each, None) for each in asked.value)}]"
    else:
        value = "" if asked.value is None else literals.write(asked.value, None)
    return f"{_name(asked.field)}:{operator}{'~' if asked.ignore_case else ''}({value})"
