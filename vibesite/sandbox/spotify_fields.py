"""The `fields` filter of playlist calls: `items(added_at,item(name,album.name)),next,!href`. Pure.

Names are joined by commas, reached into by dots or brackets; a leading `!` leaves a name out and keeps its siblings.
"""

from __future__ import annotations

from typing import Any

Wanted = dict[str, Any]  # name: Wanted (its own filter) or True (whole) or False (left out)


def parse(text: str) -> Wanted:
    """ValueError if the brackets do not match or a name is missing."""
    wanted, end = _names(text, 0)
    if end != len(text):
        raise ValueError(text)
    return wanted


def _names(text: str, start: int) -> tuple[Wanted, int]:
    wanted: Wanted = {}
    place = start
    while place < len(text) and text[place] != ")":
        place = _path(text, place, wanted)
        if place < len(text) and text[place] == ",":
            place += 1
    return wanted, place


def _path(text: str, start: int, into: Wanted) -> int:
    """One `a.b(c,d)`, merged into `into`."""
    place = start
    while place < len(text) and text[place] not in ".,()":
        place += 1
    name = text[start:place].strip()
    if name.lstrip("!") == "":
        raise ValueError(text)
    if name.startswith("!"):
        into[name[1:]] = False
        return place
    if place < len(text) and text[place] in ".(":
        inner = into.get(name)
        inner = inner if isinstance(inner, dict) else {}
        into[name] = inner
        if text[place] == ".":
            return _path(text, place + 1, inner)
        more, place = _names(text, place + 1)
        if place >= len(text):
            raise ValueError(text)
        inner.update(more)
        return place + 1
    into.setdefault(name, True)
    return place


def keep(value: Any, wanted: Wanted) -> Any:
    """What the filter leaves of `value`; unknown names are passed over."""
    if isinstance(value, list):
        return [keep(one, wanted) for one in value]
    if not isinstance(value, dict):
        return value
    chosen = {name for name, inner in wanted.items() if inner is not False}
    names = [name for name in value if (name in chosen if chosen else wanted.get(name) is not False)]
    return {
        name: keep(value[name], wanted[name]) if isinstance(wanted.get(name), dict) else value[name] for name in names
    }
