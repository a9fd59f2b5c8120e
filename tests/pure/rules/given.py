"""Rules and tracks by chance, for properties: valid rules, and any rule at all."""

from datetime import date, timedelta

from hypothesis import strategies as st

from playlists.rules import fields
from playlists.rules.nodes import (
    ALL,
    ANY,
    MAX_DEPTH,
    MAX_REGEX,
    MAX_WINDOWS,
    NONE,
    RANDOM,
    Apart,
    Condition,
    Group,
    Limit,
    Odd,
    Order,
    Query,
    walk,
)
from playlists.rules.operators import OPERATORS, Operator, fitting

TODAY = date(2026, 11, 20)
WORDS = st.sampled_from(
    ["love", "Love", "LOVE song", "ß", "STRASSE", "calm", "rock", "Rock", "5", "5.0", "yes", "30d", "2020-01-31",
     "a..b", "*", "a*", "(", 'say "x"', "back\\slash", "-dash", "x,y", "a|b", "today", "-6m", "json", "/a/",
     "é", "~", "1..2"]
)  # fmt: skip
TEXT = WORDS | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=8)
NUMBERS = (
    st.integers(-5, 200)
    | st.sampled_from([0.5, 0.25, 1.0, -3.5, 1e-7, 120.5, 2000, 1999])
    | st.floats(-1e6, 1e6, allow_nan=False)
)
DATES = st.sampled_from(["today", "-30d", "-2w", "-6m", "-1y", "2020", "2020-02", "2026-11-20", "1999-12-31"])
PATTERNS = st.sampled_from(["love", "^L", "o.e$", "(a|b)+", r"\d", "[^/]x", "a/b", "é", "(?i)LOVE"])
OWN_FIELDS = st.sampled_from(
    ["vibe", "Own Field", "has", "no", "any", "a-b", "a.b", "limit", "ünï", "1st", "json", 'q"']
)
NAMES = st.sampled_from([*sorted(fields.REGISTRY), "name", "tempo", "plays_30d", "plays_7d"]) | OWN_FIELDS


def _one(type_):
    if type_ in fields.NUMERIC:
        return NUMBERS
    if type_ == "boolean":
        return st.booleans()
    if type_ == "date":
        return DATES
    return TEXT if type_ in fields.WORDY else TEXT | NUMBERS | st.booleans()


def _value(operator: Operator, type_):
    shape = operator.shape
    if shape == "pair":
        return st.tuples(NUMBERS, NUMBERS).map(lambda pair: tuple(sorted(pair)))
    if shape == "list":
        return st.lists(_one(type_), min_size=1, max_size=4).map(tuple)
    return {
        "one": _one(type_), "number": NUMBERS, "text": TEXT, "pattern": PATTERNS, "date": DATES,
        "days": st.integers(1, 400), "nothing": st.none(),
    }[shape]  # fmt: skip


@st.composite
def conditions(draw) -> Condition:
    """A condition that validation accepts."""
    name = draw(NAMES)
    type_ = fields.type_of(name)
    operator = draw(st.sampled_from(fitting(type_)))
    from playlists.rules.builder import is_cased

    asked = Condition(name, operator.name, draw(_value(operator, type_)))
    return Condition(asked.field, asked.operator, asked.value, is_cased(asked) and draw(st.booleans()))


SCALARS = st.none() | st.booleans() | NUMBERS | TEXT | st.just("") | st.just(Odd('{"a": [1]}'))
ANY_NAME = NAMES | st.text(max_size=6)
ANY_OPERATOR = st.sampled_from([*OPERATORS, "weird", "two words", "", "op", "json"])
any_conditions = st.builds(
    Condition, ANY_NAME, ANY_OPERATOR, SCALARS | st.lists(SCALARS, max_size=3).map(tuple), st.booleans()
)


def _groups(leaves, operators):
    groups = st.recursive(
        leaves,
        lambda nodes: st.builds(Group, operators, st.lists(nodes, max_size=4).map(tuple)),
        max_leaves=12,
    )
    return st.builds(Group, operators, st.lists(groups, max_size=4).map(tuple)).filter(
        lambda group: depth(group) <= MAX_DEPTH
    )


def depth(node) -> int:
    return 1 + max(map(depth, node.nodes), default=0) if isinstance(node, Group) else 0


KNOWN_OPERATORS = st.sampled_from([ALL, ANY, NONE])
groups = _groups(conditions(), KNOWN_OPERATORS)
any_groups = _groups(conditions() | any_conditions, KNOWN_OPERATORS | st.sampled_from(["xor", "two words", ""]))
orders = st.lists(
    st.builds(Order, st.sampled_from(["plays", "energy", "title", "added", "explicit", RANDOM]), st.booleans()),
    max_size=3,
).map(tuple)
limits = st.builds(Limit, st.integers(1, 60), st.sampled_from(["tracks", "minutes"]), orders)


def _within_bounds(query: Query) -> bool:
    """Whether it has no more patterns and windows of time than a rule may have."""
    asked = [node for _path, node in walk(query.where) if isinstance(node, Condition)]
    windows = {node.field for node in asked if fields.window_days(node.field) is not None}
    return sum(node.operator == "regex" for node in asked) <= MAX_REGEX and len(windows) <= MAX_WINDOWS


queries = st.builds(
    Query, groups, st.none() | limits, orders, st.builds(Apart, st.integers(0, 4), st.integers(0, 4))
).filter(_within_bounds)
any_queries = st.builds(Query, any_groups, st.none() | limits, orders, st.just(Apart()))

TAGS = st.lists(WORDS, max_size=3).map(tuple)
DAYS = st.integers(-800, 30).map(lambda days: TODAY + timedelta(days=days))
_FACTS = {
    "text": WORDS, "number": NUMBERS, "integer": st.integers(-5, 200), "duration": NUMBERS, "boolean": st.booleans(),
    "date": DAYS, "tags": TAGS, "membership": TAGS, None: WORDS | NUMBERS | st.booleans() | DAYS | TAGS,
}  # fmt: skip


@st.composite
def values(draw, names: list[str]) -> dict:
    """What is known of one track, of these fields; about a third is not."""
    return {name: draw(_FACTS[fields.type_of(name)]) if draw(st.integers(0, 2)) else None for name in names}
