"""The sandbox's privacy exports of every listener, imported, against the truth they were made from."""

import io
import json
import zipfile
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from accounts import job_run
from accounts.models import User
from ingest.actions import imports
from ingest.importers.archive import Upload
from ingest.importers.reading import Reading
from ingest.models import HistoryImport, Play, Track
from tests.ingest.test_import_broken import LIMITS
from vibesite.sandbox import exports
from vibesite.sandbox.world import Size, World

WORLD = World(size=Size.SMALL)
LISTENERS = [listener.id for listener in WORLD.listeners]
UNTIL = datetime(2026, 11, 20, 12, tzinfo=UTC)
KINDS = {"tracks": Track.Kind.MUSIC, "episodes": Track.Kind.EPISODE, "chapters": Track.Kind.CHAPTER}


def export(listener_id: str, format: str, until: datetime) -> tuple[bytes, exports.Account]:
    out = io.BytesIO()
    listener = WORLD.listener(listener_id)
    if format in ("extended", "endsong"):
        told = exports.extended_zip(WORLD, listener, until, out, old=format == "endsong", rows_per_file=1000)
    else:
        told = exports.account_zip(WORLD, listener, until, out, old=format == "account_old")
    return out.getvalue(), told


def history(content: bytes, told: exports.Account) -> list[dict[str, Any]]:
    """Every row of the history files, by Python's own JSON."""
    archive = zipfile.ZipFile(io.BytesIO(content))
    return [row for name in told.files for row in json.loads(archive.read(name))]


def early(listener_id: str, days: int) -> datetime:
    born = WORLD.listener(listener_id).born
    return min(datetime(born.year, born.month, born.day, tzinfo=UTC) + timedelta(days=days), UNTIL)


def item(row: dict[str, Any]) -> str:
    """What was played, as any importer would tell it apart; empty if nothing tells."""
    names = (row.get("master_metadata_album_artist_name"), row.get("master_metadata_track_name"))
    return (
        row.get("spotify_track_uri")
        or row.get("spotify_episode_uri")
        or row.get("audiobook_chapter_uri")
        or ("\n".join(map(str, names)) if names[1] else "")
    )


def longest(rows: list[dict[str, Any]]) -> list[int]:
    """Times played of what is left when rows of one item that overlap by more than half of the shorter are one."""
    spans: dict[str, list[tuple[int, int]]] = {}
    for row in sorted(rows, key=lambda row: -row["ms_played"]):
        end = int(datetime.fromisoformat(row["ts"]).timestamp()) * 1000
        start = end - row["ms_played"]
        kept = spans.setdefault(item(row), [])
        if not any(2 * (min(end, b) - max(start, a)) > min(end - start, b - a) for a, b in kept):
            kept.append((start, end))
    return [b - a for kept in spans.values() for a, b in kept]


@pytest.mark.parametrize("format", ["extended", "endsong", "account", "account_old"])
@pytest.mark.parametrize("listener_id", LISTENERS)
def test_reading_agrees_with_the_truth_row_by_row(listener_id: str, format: str) -> None:
    content, told = export(listener_id, format, early(listener_id, 400) if format in ("extended", "endsong") else UNTIL)
    reading = Reading(
        [Upload("my_spotify_data.zip", len(content), lambda: io.BytesIO(content))],
        limits=LIMITS,
        horizon_ms=int(UNTIL.timestamp() * 1000),
    )
    kinds = dict.fromkeys(KINDS.values(), 0)
    played = 0
    for batch in reading.batches():
        played += int(batch.ms_played.sum())
        for track in batch.track.tolist():
            kinds[reading.tables.tracks.names[track].kind] += 1
    rows = history(content, told)
    empty = [file.name for file in reading.files if file.format == "empty"]
    silent = [row for row in rows if (row.get("ms_played", row.get("msPlayed"))) == 0]
    nameless = [row for row in rows if "ts" in row and not item(row) and row["ms_played"]]
    assert reading.rows == told.rows == len(rows)
    assert {file.name: file.rows for file in reading.files if file.format} == {**dict.fromkeys(empty, 0), **told.files}
    assert {reason: n for file in reading.files for reason, n in file.reasons.items()}.keys() <= {
        "zero_ms",
        "no_name_and_no_id",
    }
    reasons = {"zero_ms": 0, "no_name_and_no_id": 0}
    for file in reading.files:
        for reason, count in file.reasons.items():
            reasons[reason] += count
    assert reasons == {"zero_ms": told.zero_ms, "no_name_and_no_id": len(nameless)}
    assert len(silent) == told.zero_ms
    assert sum(kinds.values()) == told.rows - told.zero_ms - len(nameless)
    for name, kind in KINDS.items():
        assert 0 <= getattr(told, name) - kinds[kind] <= told.zero_ms
    assert played == sum(row.get("ms_played", row.get("msPlayed")) for row in rows) - sum(
        row["ms_played"] for row in nameless
    )
    assert not [file for file in reading.files if not file.format and not file.note]


@pytest.mark.parametrize("listener_id", LISTENERS)
def test_importing_an_export_gives_the_plays_of_the_truth(listener_id: str, anna: User, tmp_path, settings) -> None:
    settings.COLUMNS_DIR = tmp_path / "columns"
    settings.MEDIA_ROOT = tmp_path / "media"
    content, told = export(listener_id, "extended", early(listener_id, 45))
    path = tmp_path / "my_spotify_data.zip"
    path.write_bytes(content)
    good = [row for row in history(content, told) if row["ms_played"] and item(row)]
    exact = {(item(row), row["ts"], row["ms_played"]) for row in good}
    kept = longest(good)

    def bring() -> HistoryImport:
        found = imports.prepare(user=anna, paths=[path])
        job_run.run(job_id=found.job_id, heartbeat=False)
        found.refresh_from_db()
        assert (found.state, found.adds_up, found.rows) == ("done", True, told.rows), found.error
        assert found.set_aside == told.rows - len(good)
        return found

    first = bring()
    assert first.new + first.duplicate + first.merged == len(good)
    assert first.duplicate + first.merged >= len(good) - len(exact)
    assert first.new + first.merged >= len(kept)
    assert sorted(Play.objects.of(anna).values_list("ms_played", flat=True)) == sorted(kept)
    again = bring()
    assert (again.new, again.duplicate + again.merged) == (0, len(good))
    assert Play.objects.of(anna).count() == len(kept)
