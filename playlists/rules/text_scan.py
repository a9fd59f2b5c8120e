"""The place in a typed query, and the words and quotations that begin there."""

import re
from typing import NoReturn

from playlists.rules import literals
from playlists.rules.problems import Invalid, Problem

_NAME = re.compile(r"[^\W\d][\w.]*(?:-[\w.]+)*")
_GROUP = re.compile(r"([^\W\d]\w*)\(")
_WORD = re.compile(r"[^\s\"(),|\[\]]+")
_QUOTED_GROUP = "group"  # group"…"(a b): an operator that is no word


class Scan:
    """Where reading stands. `last` is the end of the last thing that was taken."""

    def __init__(self, source: str) -> None:
        self.source, self.at, self.last = source, 0, 0

    def skip(self) -> int:
        """Past white space; the place."""
        while self.at < len(self.source) and self.source[self.at].isspace():
            self.at += 1
        return self.at

    def peek(self) -> str:
        """The next character that is no white space, skipping to it; empty at the end."""
        self.skip()
        return self.source[self.at : self.at + 1]

    def here(self, text: str) -> bool:
        """Whether `text` stands at the place, without skipping."""
        return self.source.startswith(text, self.at)

    def take(self, length: int) -> str:
        text = self.source[self.at : self.at + length]
        self.at += length
        self.last = self.at
        return text

    def match(self, pattern: re.Pattern[str]) -> str:
        """What the pattern finds at the place, taken; empty if nothing."""
        found = pattern.match(self.source, self.at)
        return self.take(found.end() - self.at) if found else ""

    def name(self) -> str:
        return self.match(_NAME)

    def word(self) -> str:
        """Everything up to white space, a comma, bar, bracket or quotation mark."""
        return self.match(_WORD)

    def group_name(self) -> str | None:
        """The operator of a group written as any(…), its bracket taken too; None if none begins here."""
        start = self.at
        if self.here(f'{_QUOTED_GROUP}"'):
            self.at += len(_QUOTED_GROUP)
            name = self.quotation()
            if self.here("("):
                self.take(1)
                return name
            self.at = start
            return None
        found = _GROUP.match(self.source, self.at)
        if not found:
            return None
        self.take(found.end() - self.at)
        return found[1]

    def quotation(self) -> str:
        """The text between the quotation marks that begin here."""
        found = literals.unquoted(self.source, self.at)
        if isinstance(found, int):
            self.fail("unclosed_quote" if found == self.at else "bad_escape", at=found)
        text, end = found
        self.take(end - self.at)
        return text

    def fail(self, code: str, *, at: int | None = None, end: int | None = None, **params: object) -> NoReturn:
        start = self.at if at is None else at
        raise Invalid([Problem(code, params, start=start, end=max(start + 1, end or 0))])
