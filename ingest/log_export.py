"""The log as files: all plays that pass the filters, newest first, as a stream of CSV or JSON."""

import csv
import io
from collections.abc import Iterator
from typing import Any

import msgspec

from ingest.log import Entry, Log
from ingest.models import Play, Word
from ingest.reconcile import DETAILS

_WORDS = DETAILS[:5]
_RISKY = (
    "=",
    "+",
    "-",
    "@",
    "\t",
    "\r",
    "\n",
    "＝",
    "＋",
    "－",
    "＠",
)  # a spreadsheet takes what follows for a formula
FIELDS = (
    "started_at", "ended_at", "local_time", "ms_played", "is_estimate", "title", "artist", "album", "spotify_id",
    "isrc", "known_from", "counts", "skipped", "hidden", *_WORDS, *DETAILS[5:],
)  # fmt: skip


def as_csv(log: Log) -> Iterator[bytes]:
    """A line of names, then one for each play. Text that a spreadsheet would run is led by an apostrophe."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(FIELDS)
    yield b"\xef\xbb\xbf" + _taken(buffer)  # by the mark spreadsheets know that it is UTF-8
    for rows in _rows(log):
        writer.writerows([harmless(row[name]) for name in FIELDS] for row in rows)
        yield _taken(buffer)


def as_json(log: Log) -> Iterator[bytes]:
    """A list of objects, one a line."""
    before = b"[\n"
    for rows in _rows(log):
        for row in rows:
            row["started_at"], row["ended_at"] = row["started_at"].isoformat(), row["ended_at"].isoformat()
        yield before + b",\n".join(msgspec.json.encode(row) for row in rows)
        before = b",\n"
    yield b"\n]\n" if before != b"[\n" else b"[]\n"


def harmless(value: Any) -> Any:
    """A value as a cell that no spreadsheet runs."""
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if isinstance(value, str) and value.lstrip(" ").startswith(_RISKY):
        return f"'{value}"
    return "" if value is None else value


def _rows(log: Log) -> Iterator[list[dict[str, Any]]]:
    texts: dict[int, str | None] = {0: None}
    for entries in log.stream():
        seen = {getattr(entry.play, name) for entry in entries for name in _WORDS} - texts.keys()
        texts |= dict(Word.objects.filter(pk__in=seen).values_list("pk", "text"))
        yield [_row(entry, texts, log) for entry in entries]


def _row(entry: Entry, texts: dict[int, str | None], log: Log) -> dict[str, Any]:
    play, track = entry.play, entry.play.track
    return {
        "started_at": play.started_at,
        "ended_at": play.ended_at,
        "local_time": play.started_at.astimezone(log.user.zone).isoformat(timespec="seconds"),
        "ms_played": play.ms_played,
        "is_estimate": play.is_estimate,
        "title": track.name,
        "artist": track.artist.name if track.artist else "",
        "album": track.album.name if track.album else "",
        "spotify_id": track.spotify_id,
        "isrc": track.isrc,
        "known_from": Play.Origin(play.origin).name.lower(),
        "counts": entry.counts,
        "skipped": entry.skipped,
        "hidden": entry.hidden,
        **{name: texts.get(getattr(play, name)) for name in _WORDS},
        **{name: getattr(play, name) for name in DETAILS[5:]},
    }


def _taken(buffer: io.StringIO) -> bytes:
    text = buffer.getvalue().encode()
    buffer.seek(0)
    buffer.truncate()
    return text
