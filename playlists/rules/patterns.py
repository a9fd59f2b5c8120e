"""Patterns that cannot hang: RE2 answers in time linear in the text, whatever the pattern (decision 15).

Syntax: https://github.com/google/re2/wiki/Syntax (no look-around, no back-references). Compiling is bounded by
MAX_PATTERN characters and MAX_BYTES of memory.
"""

import re
from collections.abc import Callable
from functools import lru_cache

import re2

from playlists.rules.nodes import MAX_PATTERN

MAX_BYTES = 2 << 20  # of one compiled pattern and its automaton; RE2 refuses a pattern that needs more


class BadPattern(ValueError):
    """The pattern cannot be used; `position` counts characters from 0, `reason` is RE2's own short phrase."""

    def __init__(self, reason: str, position: int) -> None:
        super().__init__(reason)
        self.reason, self.position = reason, position


def options(ignore_case: bool) -> "re2.Options":
    """Bounded, and without what only captures would need."""
    chosen = re2.Options()
    chosen.max_mem = MAX_BYTES
    chosen.log_errors = False
    chosen.never_capture = True
    chosen.case_sensitive = not ignore_case
    return chosen


def check(pattern: str) -> None:
    """Raise BadPattern if it cannot be used."""
    if len(pattern) > MAX_PATTERN:
        raise BadPattern(f"longer than {MAX_PATTERN} characters", MAX_PATTERN)
    try:
        re2.compile(pattern, options(ignore_case=False))
    except UnicodeEncodeError as exc:
        raise BadPattern("not a character", exc.start) from exc
    except re2.error as exc:
        told = exc.args[0].decode("utf-8", "replace") if exc.args and isinstance(exc.args[0], bytes) else str(exc)
        raise BadPattern(*_located(told, pattern)) from exc
    if finder(pattern, ignore_case=False) is None:
        raise BadPattern("needs too much memory", 0)


def _located(told: str, pattern: str) -> tuple[str, int]:
    """The phrase and the place: RE2 names the piece that it stumbled over, not where it stands."""
    reason, _colon, piece = told.partition(": ")
    if reason.startswith("missing )"):
        return reason, _unclosed(pattern)
    place = pattern.find(piece) if piece else len(pattern)
    if reason.startswith("unexpected )"):
        place = pattern.find(")")
    if place < 0:
        try:
            re.compile(pattern)
            place = 0
        except (re.error, OverflowError, RecursionError) as exc:
            place = getattr(exc, "pos", None) or 0
    if reason.startswith("trailing"):
        place = len(pattern) - 1
    return reason, max(0, place)


def _unclosed(pattern: str) -> int:
    """Where the bracket stands that is never closed."""
    open_at, skip, inside = [], False, False
    for place, letter in enumerate(pattern):
        if skip:
            skip = False
        elif letter == "\\":
            skip = True
        elif inside:
            inside = letter != "]"
        elif letter == "[":
            inside = True
        elif letter == "(":
            open_at.append(place)
        elif letter == ")" and open_at:
            open_at.pop()
    return open_at[-1] if open_at else 0


def finder(pattern: str, *, ignore_case: bool) -> Callable[[str], bool] | None:
    """Whether a text holds the pattern anywhere; None for one that cannot be used."""
    match = matcher(pattern, ignore_case=ignore_case)
    if match is None:
        return None

    def finds(text: str) -> bool:
        try:
            return bool(match(text.encode()))
        except UnicodeEncodeError:  # half a character: no text that anybody could have typed
            return False

    return finds


@lru_cache(maxsize=256)
def matcher(pattern: str, *, ignore_case: bool) -> Callable[[bytes], object] | None:
    """What is true of a UTF-8 text that holds the pattern; None for one that cannot be used."""
    if len(pattern) > MAX_PATTERN:
        return None
    try:
        found = re2.Set.SearchSet(options(ignore_case))  # a set of one: several times faster to ask than a pattern
        found.Add(pattern)
        found.Compile()
    except (re2.error, UnicodeEncodeError):
        return None
    bare = getattr(found, "_set", found)  # without its Python wrapper, which takes as long as RE2 itself
    match: Callable[[bytes], object] = bare.Match
    return match
