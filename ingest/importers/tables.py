"""Rows out of text tables of any size and state: CSV, and lines parted by tabs.

Each row becomes a dictionary by the columns of its layout. A damaged row costs itself; a line without an end costs no
memory.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from ingest.importers.rows import ELEMENT_BYTES, EXCERPT, Bad, Block, Stream, legible
from ingest.importers.scrobbles import Told

CHUNK_BYTES = 1024 * 1024
DELIMITERS = ",;\t"  # spreadsheets save a CSV with the sign of their country
TABLE_ROWS = 10_000  # in one block

Cells = dict[str, str]


@dataclass(frozen=True, slots=True)
class Layout:
    """How a table is written. Its rows begin behind the line `header` (counted from 1; 0 if there is none)."""

    format: str  # a key of base.FORMATS
    columns: tuple[str, ...]
    told: Told
    delimiter: str = ","
    quoted: bool = True  # a cell may stand in quotes, with the delimiter and line ends in it
    header: int = 0
    least: int = 0  # cells of a whole row; 0: one for each column
    comments: str = ""  # lines that begin so are no rows
    note: str = ""  # what a person should know of every file of this kind


class TableReader:
    """One text table. Go through `blocks` once; `note` then tells what was odd."""

    def __init__(self, stream: Stream, layout: Layout) -> None:
        self._stream = stream
        self._layout = layout
        self._count = 0
        self._ended_whole = True
        self.consumed = 0  # bytes of text that are behind us
        self.is_empty = False
        self.note = layout.note

    def blocks(self, row_type: Any = None) -> Iterator[Block[Cells]]:
        """Every row, some thousands at a time."""
        numbers: list[int] = []
        rows: list[Cells] = []
        bad: list[Bad] = []
        for cells in self._cells():
            self._count += 1
            if cells is None or not self._is_whole(cells):
                reason = "unreadable_line" if cells is None else "wrong_columns"
                bad.append(Bad(self._count, reason, {"text": self._layout.delimiter.join(cells or [])[:EXCERPT]}))
            else:
                numbers.append(self._count)
                rows.append(dict(zip(self._layout.columns, cells, strict=False)))
            if len(rows) + len(bad) >= TABLE_ROWS:
                yield Block(numbers, rows, bad)
                numbers, rows, bad = [], [], []
        if not self._ended_whole and bad and bad[-1].row == self._count:
            cut = _("Cut after row %(row)d: the last line is not whole.") % {"row": self._count - 1}
            self.note = f"{self.note} {cut}".strip()
        if rows or bad:
            yield Block(numbers, rows, bad)

    def _is_whole(self, cells: list[str]) -> bool:
        least = self._layout.least or len(self._layout.columns)
        return len(cells) >= least and not any(cells[len(self._layout.columns) :])

    def _cells(self) -> Iterator[list[str] | None]:
        """The cells of every row; None for a row that cannot be taken apart."""
        lines, delimiter = self._lines(), self._layout.delimiter
        if self._layout.quoted:
            reader = csv.reader(lines, delimiter=delimiter)
        else:
            reader = csv.reader(lines, delimiter=delimiter, quoting=csv.QUOTE_NONE)
        while True:
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error:
                yield None
                continue
            if any(cell.strip() for cell in cells):
                yield cells

    def _lines(self) -> Iterator[str]:
        """The lines of rows, each with its end. What is longer than any row is cut, and its rest passed over."""
        rest, number, is_long = b"", 0, False
        while chunk := self._stream.read(CHUNK_BYTES):
            self.consumed += len(chunk)
            *whole, rest = (rest + chunk).split(b"\n")
            for line in whole:
                number += 1
                if not is_long and number > self._layout.header and not self._is_comment(line):
                    yield legible(line).rstrip("\r") + "\n"
                is_long = False
            if len(rest) > ELEMENT_BYTES:
                if not is_long:
                    yield rest[:EXCERPT].decode("utf-8", "replace") + "\n"
                rest, is_long = b"", True
        if rest.strip() and not is_long and not self._is_comment(rest):
            self._ended_whole = False
            yield legible(rest)

    def _is_comment(self, line: bytes) -> bool:
        return bool(self._layout.comments) and line.startswith(self._layout.comments.encode())


def header_of(line: str, delimiter: str = ",") -> tuple[str, ...]:
    """The cells of a header line, without outer spaces."""
    try:
        return tuple(cell.strip() for cell in next(csv.reader([line], delimiter=delimiter), []))
    except csv.Error:
        return ()
