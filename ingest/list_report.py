"""What became of the rows of an imported list: counts, what to decide, and what was not found, by artist."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from django.db.models import Case, Count, QuerySet, When
from django.db.models.functions import Lower

from ingest.log_export import harmless
from ingest.models import ListRow, Track, TrackSource

SHOWN = 200  # rows that were not found, on the page; the file has all
DECIDED = 30  # rows to decide at once


@dataclass(frozen=True, slots=True)
class Doubt:
    """A row that could be several tracks, or was until its person said which."""

    row: ListRow
    tracks: list[Track]


@dataclass(frozen=True, slots=True)
class Report:
    found: int
    missing: int
    reasons: list[tuple[str, int]]  # in words, the most frequent first
    doubts: list[Doubt]
    doubts_left: int  # that are not shown
    by_artist: list[tuple[str, list[ListRow]]]

    @property
    def rows(self) -> int:
        return self.found + self.missing


def of(source: TrackSource) -> Report:
    rows = ListRow.objects.filter(source=source)
    counts = dict(rows.order_by().values_list("problem").annotate(Count("pk")))
    words = dict(ListRow.Problem.choices)
    reasons = sorted(((str(words[key]), count) for key, count in counts.items() if key), key=lambda each: -each[1])
    asked = list(rows.exclude(candidates=[]).order_by("chosen", "position")[:DECIDED])
    tracks = Track.objects.select_related("artist", "album").in_bulk({pk for row in asked for pk in row.candidates})
    doubts = [Doubt(row, [tracks[pk] for pk in row.candidates if pk in tracks]) for row in asked]
    several = counts.get(ListRow.Problem.SEVERAL, 0)
    lost = _missing(source).exclude(problem=ListRow.Problem.SEVERAL)  # those are asked about above
    return Report(
        found=counts.get("", 0),
        missing=sum(count for key, count in counts.items() if key),
        reasons=reasons,
        doubts=doubts,
        doubts_left=max(0, several - sum(not row.chosen for row in asked)),
        by_artist=[(artist, list(group)) for artist, group in groupby(lost[:SHOWN], lambda row: row.artist)],
    )


def _missing(source: TrackSource) -> QuerySet[ListRow]:
    """By artist, those without one last; in the order of the list."""
    rows = ListRow.objects.filter(source=source).exclude(problem="")
    nameless = Case(When(artist="", then=True), default=False)
    return rows.order_by(nameless, Lower("artist"), "artist", "position")


def as_csv(source: TrackSource) -> Iterator[bytes]:
    """All rows that were not found, by artist. Text that a spreadsheet would run is led by an apostrophe."""
    words = dict(ListRow.Problem.choices)
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(["artist", "title", "album", "isrc", "line", "reason", "told"])
    yield b"\xef\xbb\xbf"  # by the mark spreadsheets know that it is UTF-8
    for row in _missing(source).iterator(1_000):
        cells = (row.artist, row.title, row.album, row.isrc, row.position + 1, str(words[row.problem]), row.told)
        writer.writerow(map(harmless, cells))
        yield buffer.getvalue().encode()
        buffer.seek(0)
        buffer.truncate()
