"""One pattern over many texts: through all of them at once where few have it, else one after the other.

Asking RE2 once for each of a hundred thousand titles costs 30 ms, nearly all of it the way there and back. The same
titles as lines of one text are read in a few; but each line that is found costs again. So a sample decides.
"""

import re
from collections.abc import Callable, Sequence
from functools import cached_property, lru_cache

import numpy as np
import re2
from numpy.typing import NDArray

from playlists.rules import patterns

Hits = NDArray[np.bool_]
_END = "\n"
_SAMPLE = 400  # texts that tell how many have it
_DENSE = 0.3  # of them; with more the lines are slower
_FEW = 2_000  # texts that are not worth joining
# What means the edges of the whole text, a place inside a character (\B), or a quotation that might not end.
_NOT_IN_LINES = re.compile(r"\\[ABzZCQE]|\(\?[a-zA-Z]*[-m]|[\n\r]")


class Lines:
    """Texts as the lines of one; made once for a column."""

    def __init__(self, texts: Sequence[str] = (), *, joined: str | None = None) -> None:
        """`joined`: the texts as lines already, at least one, of which none is two."""
        self.joined = _END.join(texts) if joined is None else joined
        ends = self.joined.count(_END)
        self.size = len(texts) if joined is None else ends + 1
        self.is_whole = ends == max(0, self.size - 1)  # no text is two lines
        try:
            self.bytes = self.joined.encode()
        except UnicodeEncodeError:  # half a character somewhere
            self.is_whole, self.bytes = False, b""

    @cached_property
    def _ends(self) -> NDArray[np.int64]:
        return np.flatnonzero(np.frombuffer(self.bytes, dtype=np.uint8) == ord(_END))

    @cached_property
    def folded(self) -> list[str]:
        """The texts with all case taken out: character by character, so that all can go at once."""
        return self.joined.casefold().split(_END) if self.size else []

    @cached_property
    def encoded(self) -> list[bytes]:
        return self.bytes.split(_END.encode())

    def hits(self, found: "re2._Regexp") -> Hits:
        """Which lines have it; `found` takes in the rest of a line, so that each is found once."""
        starts = np.fromiter((match.start() for match in found.finditer(self.bytes)), dtype=np.int64)
        hits = np.zeros(self.size, dtype=bool)
        hits[np.searchsorted(self._ends, starts)] = True
        return hits


@lru_cache(maxsize=64)
def _in_lines(pattern: str, *, ignore_case: bool) -> "re2._Regexp | None":
    """The pattern for lines; None if it means something else there, or takes too much memory."""
    if _NOT_IN_LINES.search(pattern):
        return None
    options = patterns.options(ignore_case)
    options.never_nl = True
    try:
        return re2.compile(f"(?m)(?:{pattern}).*$", options)
    except (re2.error, UnicodeEncodeError):
        return None


def hits(pattern: str, texts: Sequence[str], *, ignore_case: bool, lines: Callable[[], Lines]) -> Hits:
    """For each text whether it holds the pattern anywhere; for none if the pattern cannot be used."""
    finds = patterns.finder(pattern, ignore_case=ignore_case)
    if finds is None:
        return np.zeros(len(texts), dtype=bool)
    if len(texts) <= _FEW or not lines().is_whole:
        return np.fromiter(map(finds, texts), dtype=bool, count=len(texts))
    if (found := _in_lines(pattern, ignore_case=ignore_case)) is not None:
        sample = texts[:: len(texts) // _SAMPLE]
        if sum(map(finds, sample)) < _DENSE * len(sample):
            return lines().hits(found)
    match = patterns.matcher(pattern, ignore_case=ignore_case)
    assert match is not None
    return np.array([True if match(text) else False for text in lines().encoded])  # noqa: SIM210 - `bool` costs more
