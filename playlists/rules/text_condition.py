"""One condition of a typed query."""

import re
from datetime import date, timedelta

from playlists.rules import dates, fields, literals
from playlists.rules.fields import NUMERIC, WORDY, Type
from playlists.rules.nodes import Condition, Group, Node, Odd, Scalar, Value
from playlists.rules.text_scan import Scan

TEXT = "text"  # the field of a word that stands alone
KNOWN, UNKNOWN = "has", "no"  # has:genre, no:genre
_OPERATOR = re.compile(r"::|:|!=~|!=|=~|==|=|>=|<=|>|<")
_NAMED = re.compile(r"([^\W\d]\w*)(~?)\(")
_QUOTED_NAMED = re.compile(r"(~?)\(")
_DAYS = re.compile(r"(\d{1,5})d", re.ASCII)
_PATTERN = re.compile(r"/([^/\n]*)/(i?)(?![^\s,)|])")
_END = " \t\n\r,)|"
_COMPARED = {">": ("gt", "after"), "<": ("lt", "before"), ">=": ("gte", ""), "<=": ("lte", "")}


def condition(scan: Scan) -> Node:
    """What begins here. A range of dates becomes a group of two conditions."""
    start = scan.at
    name = scan.quotation() if scan.here('"') else scan.name()
    bare = scan.source[start] != '"'
    operator = scan.match(_OPERATOR) if name or not bare else ""
    if not operator:
        return _alone(scan, start)
    if bare and name in (KNOWN, UNKNOWN) and operator == ":":
        return Condition(_field(scan), "exists" if name == KNOWN else "not_exists")
    type_ = fields.type_of(name)
    if operator in (":", "::"):
        return _colon(scan, name, type_, ignore_case=operator == ":")
    if operator in _COMPARED:
        return _compared(scan, name, type_, operator)
    value = _list(scan, type_) if scan.here("(") else _one(scan, type_)
    kind = ("not_in" if operator[0] == "!" else "in") if isinstance(value, tuple) else ""
    return Condition(name, kind or ("ne" if operator[0] == "!" else "eq"), value, operator.endswith("~"))


def _alone(scan: Scan, start: int) -> Condition:
    """A word or quotation without a field: looked for in title, artist and album."""
    scan.at = start
    text = scan.quotation() if scan.here('"') else scan.word()
    if not text and scan.at == start:
        scan.fail("stray", found=scan.source[start : start + 1])
    return Condition(TEXT, "contains", text, ignore_case=True)


def _field(scan: Scan) -> str:
    name = scan.quotation() if scan.here('"') else scan.name()
    if not name:
        scan.fail("no_value")
    return name


def _colon(scan: Scan, name: str, type_: Type | None, *, ignore_case: bool) -> Node:
    if scan.here("("):
        return Condition(name, "any_of", _list(scan, type_), ignore_case)
    if scan.here("+("):
        scan.take(1)
        return Condition(name, "all_of", _list(scan, type_), ignore_case)
    if (pattern := _PATTERN.match(scan.source, scan.at)) and type_ in (None, "text"):
        scan.take(pattern.end() - scan.at)
        return Condition(name, "regex", pattern[1], bool(pattern[2]))
    if scan.here("/") and type_ in (None, "text"):
        scan.fail("unclosed_pattern")
    if found := _named(scan, name):
        return found
    if scan.here(f'{literals.JSON}"'):
        return Condition(name, _default(name, type_), _json(scan), ignore_case)
    return _plain(scan, name, type_, ignore_case=ignore_case)


def _named(scan: Scan, name: str) -> Condition | None:
    """title:contains~("x"), title:op"…"("x"): any operator with any value."""
    start = scan.at
    if scan.here('op"'):
        scan.at += 2
        operator = scan.quotation()
        marks = _QUOTED_NAMED.match(scan.source, scan.at)
        if not marks:
            scan.at = start
            return None
    else:
        marks = _NAMED.match(scan.source, scan.at)
        if not marks:
            return None
        operator = marks[1]
    ignore_case = marks[marks.lastindex or 1] == "~"
    scan.take(marks.end() - scan.at)
    opened = scan.at - 1
    value: Value = None
    if scan.peek() == "[":
        value = items(scan, None, "]")
    elif scan.peek() != ")":
        value = _one(scan, None)
    if scan.peek() != ")":
        scan.fail("unclosed_bracket", at=opened)
    scan.take(1)
    return Condition(name, operator, value, ignore_case)


def _plain(scan: Scan, name: str, type_: Type | None, *, ignore_case: bool) -> Node:
    """A word or quotation after a colon: what it means hangs on its form and on the field."""
    start = scan.at
    starred, quoted = scan.here('*"'), scan.here('"') or scan.here('*"')
    if quoted:
        scan.at += starred
        text, ends = scan.quotation(), scan.here("*")
        if ends:
            scan.take(1)
        return Condition(name, _starred(starred, ends, name, type_), text, ignore_case)
    word = scan.word()
    if not word:
        scan.fail("no_value")
    if type_ not in WORDY:
        if days := _DAYS.fullmatch(word):
            return Condition(name, "in_last_days", int(days[1]))
        if ".." in word:
            return _range(scan, name, type_, word, start)
        value = literals.read(word, type_)
        if not isinstance(value, str) or (type_ == "date" and dates.is_date(word)):
            return Condition(name, "eq", value)
    if type_ not in ("tags", "membership") and len(word) > 1 and (word[0] == "*") != (word[-1] == "*"):
        return Condition(name, _starred(word[0] == "*", word[-1] == "*", name, type_), word.strip("*"), ignore_case)
    return Condition(name, _default(name, type_), word, ignore_case)


def _starred(before: bool, after: bool, name: str, type_: Type | None) -> str:
    if before == after:
        return _default(name, type_)
    return "ends_with" if before else "starts_with"


def _default(name: str, type_: Type | None) -> str:
    return "in_playlist" if type_ == "membership" and fields.canonical(name) == "playlist" else "contains"


def _range(scan: Scan, name: str, type_: Type | None, word: str, start: int) -> Node:
    low, _dots, high = word.partition("..")
    first, last = literals.number(low, type_), literals.number(high, type_)
    if (first is None and low) or (last is None and high) or not (low or high) or type_ == "date":
        return _dates(scan, name, low, high, start)
    if not low:
        return Condition(name, "lte", last)
    return Condition(name, "between", (first, last)) if high else Condition(name, "gte", first)


def _dates(scan: Scan, name: str, low: str, high: str, start: int) -> Node:
    """added:2020-01-01..2020-06-30: after the day before, and before the day after. A year stands for all of it."""
    first, last = dates.parse(low) if low else None, _last_day(high) if high else None
    if (low and not first) or (high and not last) or not (low or high):
        scan.fail("bad_date_range", at=start, end=scan.last)
    found: list[Node] = []
    day = timedelta(days=1)
    try:
        if first:
            found.append(Condition(name, "after", (first - day).isoformat()))
        if last:
            found.append(Condition(name, "before", (last + day).isoformat()))
    except OverflowError:
        scan.fail("bad_date_range", at=start, end=scan.last)
    return found[0] if len(found) == 1 else Group("all", tuple(found))


def _last_day(text: str) -> date | None:
    first = dates.parse(text)
    if first is None or len(text) == 10:
        return first
    year, month = (first.year + 1, 1) if len(text) == 4 or first.month == 12 else (first.year, first.month + 1)
    return first.replace(year=year, month=month) - timedelta(days=1) if year <= 9999 else None


def _compared(scan: Scan, name: str, type_: Type | None, operator: str) -> Condition:
    number_kind, date_kind = _COMPARED[operator]
    bare = not scan.here('"')
    value = _one(scan, None if type_ in WORDY else type_)
    if bare and date_kind and isinstance(value, str | int) and not isinstance(value, bool):
        word = str(value)
        if dates.is_date(word) and (type_ == "date" or (isinstance(value, str) and type_ not in NUMERIC)):
            return Condition(name, date_kind, word)
    return Condition(name, number_kind, value)


def _one(scan: Scan, type_: Type | None) -> Scalar | Odd:
    """One value, with or without quotation marks."""
    if scan.here(f'{literals.JSON}"'):
        value = _json(scan)
        if isinstance(value, tuple):
            scan.fail("bad_json_value")
        return value
    if scan.here('"'):
        return scan.quotation()
    word = scan.word()
    if not word:
        scan.fail("no_value")
    return literals.read(word, type_)


def _list(scan: Scan, type_: Type | None) -> tuple[Scalar | Odd, ...]:
    return items(scan, type_, ")")


def items(scan: Scan, type_: Type | None, end: str) -> tuple[Scalar | Odd, ...]:
    """(a, b c, "d, e"): between commas; words side by side are one text."""
    opened = scan.at
    scan.take(1)
    found: list[Scalar | Odd] = []
    while scan.peek() not in ("", end):
        if scan.peek() == ",":
            scan.at += 1
            continue
        if scan.here('"') or scan.here(f'{literals.JSON}"'):
            found.append(_one(scan, type_))
            continue
        start = scan.at
        while scan.peek() not in ("", end, ",", '"', "[", "(", ")", "|", "]"):
            scan.word()
        words = " ".join(scan.source[start : scan.last].split())
        if not words or scan.last <= start:
            scan.fail("stray", found=scan.peek())
        found.append(literals.read(words, type_))
    if scan.peek() != end:
        scan.fail("unclosed_bracket", at=opened)
    scan.take(1)
    return tuple(found)


def _json(scan: Scan) -> Value:
    start = scan.at
    scan.at += len(literals.JSON)
    text = scan.quotation()
    try:
        return literals.from_json(text)
    except ValueError:
        scan.fail("bad_json_value", at=start, end=scan.last)
