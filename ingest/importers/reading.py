"""A whole upload as batches of plays, and the account of what was set aside on the way.

Reading is deterministic: read again, the same upload gives the same batches, so a resumed import passes over those it
has and its account comes out the same.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import IO, Any, BinaryIO
from zoneinfo import ZoneInfo

import msgspec
from django.utils.translation import gettext as _

from ingest.evidence import Origin, PlayBatch
from ingest.importers import archive, choices, formats, own_tracks, own_words
from ingest.importers.archive import WHOLE_BYTES, Limits, Member, Unreadable, Upload
from ingest.importers.base import UTC_ZONE, Sheet, Tables
from ingest.importers.rows import PERSONAL_FIELDS, Bad

EXAMPLES = 5  # rows shown for each reason
EXCERPT_CHARACTERS = 200
VIDEO = re.compile(r"video[^/]*$", re.I)
_TELLING_ALL = (Origin.EXPORT, Origin.ACCOUNT_DATA)  # of their time; a log of scrobbles, or what was polled, need not
ROW_BYTES = 650  # of a usual extended row: the first guess at how many there will be


@dataclass(slots=True)
class FileReport:
    """What reading one file gave; what became of its plays is not known here."""

    position: int
    name: str
    size: int = 0
    format: str = ""
    note: str = ""
    rows: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    covers: tuple[int, int] | None = None  # earliest start and latest end of its plays, ms

    @property
    def set_aside(self) -> int:
        return self.reasons.total()


@dataclass(frozen=True, slots=True)
class Example:
    """One row that was set aside, without what is personal and not history."""

    file: str
    row: int
    reason: str
    excerpt: dict[str, Any]


class Reading:
    """One pass over uploads. Iterate over `batches()` to the end; then `files`, `examples` and the counts are final."""

    def __init__(
        self,
        uploads: list[Upload],
        *,
        limits: Limits,
        horizon_ms: int,
        set_aside: IO[bytes] | None = None,
        zone: ZoneInfo = UTC_ZONE,
    ) -> None:
        """Rows that end after `horizon_ms` are of the future. `set_aside` gets every row set aside, as JSON lines.

        In `zone` are times that their file gives without one.
        """
        self._uploads = uploads
        self._limits = limits
        self._horizon_ms = horizon_ms
        self._zone = zone
        self._sink = set_aside
        self.tables = Tables()
        self.files: list[FileReport] = []
        self.examples: list[Example] = []
        self.choices: choices.Choices | None = None  # of an export of ours
        self.own_words: list[own_words.Word] = []
        self.own_tracks: list[own_tracks.Told] = []
        self._per_reason: Counter[str] = Counter()
        self._bytes_read = self._bytes_ahead = 0
        self.current = ""  # the file being read

    @property
    def rows(self) -> int:
        return sum(report.rows for report in self.files)

    @property
    def set_aside(self) -> int:
        return self._per_reason.total()

    @property
    def has_history(self) -> bool:
        """At least one file is history, were it an empty one."""
        return any(report.format for report in self.files)

    @property
    def expected_rows(self) -> int:
        """Rows there will be in all, as far as can be told from those read and the bytes to come."""
        rows = self.rows
        each = self._bytes_read / rows if rows and self._bytes_read else ROW_BYTES
        return rows + round(self._bytes_ahead / each)

    def batches(self) -> Iterator[PlayBatch]:
        """Every play of every file. Nothing in the upload makes this raise."""
        with archive.opened(self._uploads, self._limits) as members:
            self.files = [
                FileReport(position, member.name, member.size, note=member.note)
                for position, member in enumerate(members)
            ]
            self._bytes_ahead = sum(member.size for member in members if not member.note)
            # Videos last: a song that is heard and seen is music.
            order = sorted(zip(members, self.files, strict=True), key=lambda each: _is_video(each[1]))
            readable = [(member, report) for member, report in order if not member.note]
            for (member, report), opening in zip(readable, _opened_ahead([each for each, _r in readable]), strict=True):
                self.current = report.name
                try:
                    yield from self._read(member, report, opening)
                except Unreadable as bad:
                    report.note = str(bad)
                self._bytes_ahead -= member.size if not report.rows else 0

    def _read(self, member: Member, report: FileReport, opening: Callable[[], BinaryIO]) -> Iterator[PlayBatch]:
        with opening() as stream:
            if report.name.rpartition("/")[2] == choices.NAME:
                self.choices, report.format = choices.read(stream), "choices"
                report.note = _("Your choices.")
                return
            if report.name.rpartition("/")[2] == own_words.NAME:
                self.own_words, report.format = own_words.read(stream), "own_words"
                report.note = _("Your labels, ratings and corrections.")
                return
            if report.name.rpartition("/")[2] == own_tracks.FILE:
                report.format, report.note = "own_tracks", _("What was known of your tracks.")
                for told in own_tracks.read(stream):
                    self.own_tracks.append(told)
                    self.tables.tracks.billings[told.name.spotify_id or told.name] = told.billing
                return
            found = formats.of(stream)
            report.format, reader = found.format, found.reader
            if found.parse is None:
                report.note = _("The list is empty.")
                return
            sheet = Sheet(report.position, self._horizon_ms, is_video=_is_video(report), zone=self._zone)
            before, left = reader.consumed, member.size
            for block in reader.blocks(found.row_type):
                parsed = found.parse(block, sheet, self.tables)
                report.rows += len(parsed.batch) + len(parsed.bad)
                spent = min(left, reader.consumed - before)
                before, left = reader.consumed, left - spent
                self._bytes_read += spent
                self._bytes_ahead -= spent
                self._set_aside(report, parsed.bad)
                if len(batch := parsed.batch):
                    if batch.origin in _TELLING_ALL:
                        first, last = report.covers or (1 << 62, 0)
                        report.covers = min(first, int(batch.started_ms.min())), max(last, int(batch.ended_ms.max()))
                    yield batch
            self._bytes_ahead -= left
            report.note = reader.note

    def _set_aside(self, report: FileReport, bad: list[Bad]) -> None:
        for each in sorted(bad, key=lambda each: each.row):
            report.reasons[each.reason] += 1
            self._per_reason[each.reason] += 1
            if self._per_reason[each.reason] <= EXAMPLES:
                self.examples.append(Example(report.name, each.row, each.reason, shown(each.excerpt)))
            if self._sink is not None:
                line = {"file": report.name, "row": each.row, "reason": each.reason, "data": each.excerpt}
                self._sink.write(msgspec.json.encode(line) + b"\n")


def _opened_ahead(members: list[Member]) -> Iterator[Callable[[], BinaryIO]]:
    """How to open each member. While one is read, a thread unpacks the next: that part of the work needs no turn."""
    with ThreadPoolExecutor(1, "unpack") as thread:
        ahead: Future[BinaryIO] | None = None
        for member, after in zip_longest(members, members[1:]):
            opening = ahead.result if ahead else member.open
            # In this context, so that what is wrong with the next is said in the person's language.
            small = after is not None and after.size <= WHOLE_BYTES
            ahead = thread.submit(copy_context().run, after.open) if after and small else None
            yield opening


def _is_video(report: FileReport) -> bool:
    return VIDEO.search(report.name) is not None


def shown(row: Any) -> dict[str, Any]:
    """A row as an example: what is told, without personal fields, cut to what fits a page and any database."""
    values = row if isinstance(row, dict) else msgspec.to_builtins(row)
    return {
        key: value.replace("\0", "")[:EXCERPT_CHARACTERS] if isinstance(value, str) else value
        for key, value in values.items()
        if not PERSONAL_FIELDS.match(key)
    }
