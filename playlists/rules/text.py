"""The typed query: `mood:calm energy:..0.4 , year:1990..1999 -artist:"X" | limit 50 by -plays`.

    a b            both                     a , b          either
    -a             not                      (a b , c)      grouped;  any(a b)  none(a b)  all(a b) say it in words
    word           in title, artist, album  "two words"    the same, as one
    title:love     holds it, in any case    title::Love    exactly so;  title:love*  title:*love  title:/^love/i
    energy:0.2..0.4   energy:..0.4   energy>0.4   plays=0   plays!=0   artist=~"x" (is, in any case)
    genre=(rock, metal)   genre!=(rock, metal)   genre:(rock, metal)   genre:+(rock, metal) (all of them)
    added:30d      in the last 30 days      last_heard<-6m   released>2020-01-31
    has:genre  no:genre                     title:contains("…")   any operator by its name; contains~ in any case

Then come settings, each after a bar: `| limit 90 minutes by -plays | order random | apart artist 3 album 2`. What is
wrong is said with its place, in characters. Reading takes time linear in the text, of which MAX_SOURCE characters are
allowed.
"""

from dataclasses import dataclass, field

from playlists.rules.nodes import (
    ALL,
    ANY,
    GROUP_WORDS,
    MAX_DEPTH,
    MAX_NODES,
    MAX_SOURCE,
    NONE,
    Group,
    Node,
    Path,
    Query,
    at,
)
from playlists.rules.problems import Invalid, Problem
from playlists.rules.text_condition import condition
from playlists.rules.text_scan import Scan
from playlists.rules.text_settings import settings

Span = tuple[int, int]  # of characters, half-open


@dataclass(frozen=True, slots=True)
class Parsed:
    """A typed query as it was understood, with the place of each node in the text."""

    query: Query
    spans: dict[Path, Span] = field(default_factory=dict)


@dataclass(slots=True)
class _Read:
    """A node with its place, and the same of its children."""

    node: Node
    span: Span
    children: "list[_Read]" = field(default_factory=list)
    named: bool = False  # written as all(…), any(…), …: alone it is the root itself


def parse(source: str) -> Parsed:
    """The rule that was typed. Invalid with one problem, whose `start` and `end` say where."""
    if len(source) > MAX_SOURCE:
        raise Invalid([Problem("too_long", {"most": MAX_SOURCE}, start=MAX_SOURCE, end=len(source))])
    scan = Scan(source)
    parser = _Parser(scan)
    read = parser.alternatives(1)
    if scan.peek() not in ("", "|"):
        scan.fail("stray", found=scan.peek())
    query = settings(scan, Query(_root(read)))
    spans: dict[Path, Span] = {}
    _place(_rooted(read), (), spans)
    for path, (start, end) in spans.items():
        if isinstance(at(query.where, path), Group) and len(path) >= MAX_DEPTH:
            scan.fail("too_deep", at=start, end=end, most=MAX_DEPTH)
    if len(spans) > MAX_NODES + 1:
        scan.fail("too_many", at=0, end=len(source), most=MAX_NODES)
    return Parsed(query, spans)


def _rooted(read: _Read) -> _Read:
    """A single group in brackets, negation or condition is one node within the root; a named group is the root."""
    return read.children[0] if len(read.children) == 1 and read.children[0].named else read


def _root(read: _Read) -> Group:
    node = _rooted(read).node
    assert isinstance(node, Group)
    return node


def _place(read: _Read, path: Path, spans: dict[Path, Span]) -> None:
    spans[path] = read.span
    for number, child in enumerate(read.children):
        _place(child, (*path, number), spans)


def _group(operator: str, children: list[_Read], span: Span, *, named: bool = False) -> _Read:
    return _Read(Group(operator, tuple(child.node for child in children)), span, children, named)


class _Parser:
    def __init__(self, scan: Scan) -> None:
        self.scan, self.nodes = scan, 0

    def alternatives(self, depth: int) -> _Read:
        """Terms side by side, and lists of them between commas."""
        scan, start = self.scan, self.scan.skip()
        parts, began, commas = [self.terms(depth)], [start], []
        while scan.peek() == ",":
            commas.append(scan.at)
            scan.at += 1
            began.append(scan.skip())
            parts.append(self.terms(depth))
        end = scan.last
        if not commas:
            return _group(ALL, parts[0], (start, max(start, end)))
        for number, terms in enumerate(parts):
            if not terms:
                scan.fail("no_condition", at=commas[min(number, len(commas) - 1)])
        children = [terms[0] if len(terms) == 1 else self.wrapped(terms, depth) for terms in parts]
        return _group(ANY, children, (start, end))

    def wrapped(self, terms: list[_Read], depth: int) -> _Read:
        self.count(terms[0].span[0], depth + 1)
        return _group(ALL, terms, (terms[0].span[0], terms[-1].span[1]))

    def terms(self, depth: int) -> list[_Read]:
        found = []
        while self.scan.peek() not in ("", ",", ")", "|"):
            found.append(self.term(depth))
        return found

    def term(self, depth: int) -> _Read:
        scan, start = self.scan, self.scan.skip()
        if scan.peek() == "-":
            self.count(start, depth + 1)
            scan.at += 1
            if scan.at >= len(scan.source) or scan.source[scan.at] in " \t\n\r,)|":
                scan.fail("no_condition", at=start)
            child = self.term(depth + 1)
            return _group(NONE, [child], (start, scan.last))
        if scan.peek() == "(":
            self.count(start, depth + 1)
            return self.bracketed(depth)
        if (operator := scan.group_name()) is not None:
            self.count(start, depth + 1)
            return self.named(operator, start, depth)
        self.count(start, depth)
        return _Read(condition(scan), (start, scan.last))

    def bracketed(self, depth: int) -> _Read:
        scan, start = self.scan, self.scan.at
        scan.at += 1
        read = self.alternatives(depth + 1)
        self.close(start)
        return _group(_operator(read), read.children, (start, scan.last))

    def named(self, operator: str, start: int, depth: int) -> _Read:
        """all(a b): each term is a child; commas between them say nothing."""
        scan = self.scan
        bracket = scan.at - 1
        children: list[_Read] = []
        while scan.peek() not in ("", ")", "|"):
            if scan.peek() == ",":
                scan.at += 1
            else:
                children.append(self.term(depth + 1))
        self.close(bracket)
        return _group(GROUP_WORDS.get(operator, operator), children, (start, scan.last), named=True)

    def close(self, opened: int) -> None:
        if self.scan.peek() != ")":
            self.scan.fail("unclosed_bracket", at=opened)
        self.scan.take(1)

    def count(self, at: int, depth: int) -> None:
        self.nodes += 1
        # Roughly: what is written as one group may turn out to be the root, or a list between commas one level more.
        if depth > MAX_DEPTH + 1:
            self.scan.fail("too_deep", at=at, most=MAX_DEPTH)
        if self.nodes > MAX_NODES + 1:
            self.scan.fail("too_many", at=at, most=MAX_NODES)


def _operator(read: _Read) -> str:
    assert isinstance(read.node, Group)
    return read.node.operator
