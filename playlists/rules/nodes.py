"""What a rule is: nested groups of conditions, and how the tracks they find are chosen and put in order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

ALL, ANY, NONE = "all", "any", "none"
GROUP_OPERATORS = (ALL, ANY, NONE)
GROUP_WORDS = {"and": ALL, "all": ALL, "or": ANY, "any": ANY, "none": NONE, "not": NONE}  # as people say them

Scalar = bool | int | float | str | None
Path = tuple[int, ...]  # of a node: the places to take from the root; () is the root itself

# The bounds of anything that a person can send, in all three faces. Together they bound the cost of one answer: at most
# MAX_NODES passes over the tracks, MAX_REGEX of them with a pattern, each linear in the length of the texts.
MAX_DEPTH = 10  # groups within groups, the root counted
MAX_NODES = 200  # conditions and groups of one rule
MAX_REGEX = 5  # patterns of one rule
MAX_WINDOWS = 8  # different "plays in the last N days" of one rule
MAX_CHARACTERS = 500  # of one text value
MAX_PATTERN = 200  # characters of one pattern
MAX_ITEMS = 500  # of one list value
MAX_SOURCE = 20_000  # characters of a typed query
MAX_JSON = 200_000  # characters of a rule as JSON
MAX_ORDERS = 5  # keys of one order
MAX_TRACKS = 10_000  # in one playlist, by Spotify
MAX_MINUTES = 100_000
MAX_APART = 50  # tracks between two of one artist


@dataclass(frozen=True, slots=True)
class Odd:
    """A value that no operator takes (an object, a list in a list), kept as the JSON it was."""

    json: str


Value = Scalar | Odd | tuple[Scalar | Odd, ...]


@dataclass(frozen=True, slots=True)
class Condition:
    """One question about a track. Any text is allowed as field and operator: what is not known is simply false."""

    field: str
    operator: str
    value: Value = None
    ignore_case: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """Nodes joined by all, any or none of; with any other operator it is false."""

    operator: str
    nodes: tuple[Node, ...] = ()


Node = Condition | Group


@dataclass(frozen=True, slots=True)
class Order:
    """Sort by a field, unknown values last; or by chance, the same all day, with the field RANDOM."""

    field: str
    descending: bool = False


RANDOM = "random"
TRACKS, MINUTES = "tracks", "minutes"


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `amount` tracks or minutes, the first by `by`; without it, by the order of the rule."""

    amount: int
    unit: str = TRACKS
    by: tuple[Order, ...] = ()


@dataclass(frozen=True, slots=True)
class Apart:
    """At least so many other tracks between two of one artist or album, as far as there are others."""

    artist: int = 0
    album: int = 0


@dataclass(frozen=True, slots=True)
class Query:
    """A whole rule: which tracks, how many of them, in which order."""

    where: Group = Group(ALL)
    limit: Limit | None = None
    order: tuple[Order, ...] = ()
    apart: Apart = Apart()


def walk(node: Node, path: Path = ()) -> Iterator[tuple[Path, Node]]:
    """Every node with its path, parents before children."""
    yield path, node
    if isinstance(node, Group):
        for place, child in enumerate(node.nodes):
            yield from walk(child, (*path, place))


def conditions(node: Node) -> Iterator[tuple[Path, Condition]]:
    """Every condition with its path, in the order of reading."""
    for path, each in walk(node):
        if isinstance(each, Condition):
            yield path, each


def at(root: Group, path: Path) -> Node:
    """The node at `path`. LookupError if there is none."""
    node: Node = root
    for place in path:
        if not isinstance(node, Group) or not 0 <= place < len(node.nodes):
            raise LookupError(path)
        node = node.nodes[place]
    return node


def replaced(root: Group, path: Path, new: Node | None) -> Group:
    """`root` with the node at `path` (not the root itself) replaced, or taken out. LookupError if there is none."""
    place, deeper = path[0], path[1:]
    at(root, path)
    nodes = list(root.nodes)
    child = nodes[place]
    if deeper:
        assert isinstance(child, Group)
        nodes[place] = replaced(child, deeper, new)
    elif new is None:
        del nodes[place]
    else:
        nodes[place] = new
    return Group(root.operator, tuple(nodes))


def appended(root: Group, path: Path, new: Node) -> Group:
    """`root` with `new` at the end of the group at `path`. LookupError if there is no group."""
    group = at(root, path)
    if not isinstance(group, Group):
        raise LookupError(path)
    grown = Group(group.operator, (*group.nodes, new))
    return replaced(root, path, grown) if path else grown
