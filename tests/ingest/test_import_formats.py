# ruff: noqa: E501 - tables, one case a line
"""What rows of each format become: which moment, which track, what is kept and what is not."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ingest.evidence import Origin, PlayBatch
from ingest.importers import archive
from ingest.importers.archive import Limits, Upload
from ingest.importers.reading import Reading
from ingest.models import Track
from tests.ingest.broken_uploads import NAME, one, row, rows, text, zipped
from tests.ingest.test_import_broken import HORIZON, LIMITS, uploads

END = 1_609_459_230_000  # 2021-01-01T00:00:30Z
KIND = Track.Kind


def read(files: list[tuple[str, bytes]], limits: Limits = LIMITS) -> tuple[Reading, list[PlayBatch]]:
    reading = Reading(uploads(files), limits=limits, horizon_ms=HORIZON)
    return reading, list(reading.batches())


def single(found: dict[str, Any], name: str = NAME) -> tuple[PlayBatch, Any]:
    reading, batches = read(one(text([found]), name))
    assert len(batches) == 1, [report.note for report in reading.files]
    return batches[0], reading.tables.tracks.names[batches[0].track[0]]


def podcast(**changes: Any) -> dict[str, Any]:
    nothing = dict.fromkeys(
        ["master_metadata_track_name", "master_metadata_album_artist_name", "master_metadata_album_album_name"]
    )
    episode = {
        "episode_name": "Episode 1",
        "episode_show_name": "Show",
        "spotify_episode_uri": "spotify:episode:" + "e" * 22,
    }
    return row(0, **nothing, spotify_track_uri=None, **episode) | changes


# --- Starts ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("told", "start"),
    [
        (None, END - 200_000),
        (0, END - 200_000),
        (1_609_459_000, 1_609_459_000_000),  # seconds, as in new exports
        (1_609_459_000_123, 1_609_459_000_123),  # milliseconds, as in old ones
        (1_609_459_231, END - 200_000),  # after the end
        (1_609_459_230, END),
        (1_609_459_230 - 172_800, END - 172_800_000),  # two days before
        (1_609_459_230 - 172_801, END - 200_000),  # earlier still
        (-5, END - 200_000),
    ],
)
def test_the_start_is_what_the_export_tells_if_that_can_be(told: int | None, start: int) -> None:
    batch, _track = single(row(0, offline_timestamp=told))
    assert (batch.started_ms.tolist(), batch.ended_ms.tolist()) == ([start], [END])


# --- Extended history ------------------------------------------------------------------------------------------------
def test_a_row_keeps_everything_but_what_is_personal() -> None:
    reading, (batch,) = read(one(text([row(0, shuffle=True, skipped=None, incognito_mode=True, offline=False)])))
    words = reading.tables.words.words
    assert batch.origin == Origin.EXPORT
    assert [words[getattr(batch, name)[0]][1] for name in ("reason_start", "reason_end", "platform", "country")] == [
        "trackdone",
        "trackdone",
        "ios",
        "DE",
    ]
    assert [getattr(batch, name).tolist() for name in ("shuffle", "skipped", "incognito", "offline")] == [
        [1], [-1], [1], [0],
    ]  # fmt: skip
    assert batch.ms_played.tolist() == [200_000]
    assert batch.row.tolist() == [1]
    assert not any("203.0.113" in word for _kind, word in words)


def test_the_old_layout_is_read_alike() -> None:
    old = row(0, username="anna", ip_addr_decrypted="203.0.113.9", user_agent_decrypted="x", skipped=None)
    del old["ip_addr"]
    reading, (batch,) = read([("MyData.zip", zipped(("MyData/endsong_0.json", text([old]))))])
    assert reading.files[0].format == "extended_old"
    assert len(batch) == 1


def test_the_format_is_told_by_the_keys_not_by_the_name() -> None:
    reading, batches = read([("whatever.json", text()), ("StreamingHistory0.json", text(rows(1)))])
    assert [report.format for report in reading.files] == ["extended", "extended"]
    assert sum(map(len, batches)) == 4


@pytest.mark.parametrize(
    ("found", "kind", "spotify_id", "names"),
    [
        (row(0), KIND.MUSIC, "0" * 22, ("Title 0", "Artist", "Album")),
        (row(0, spotify_track_uri=None), KIND.MUSIC, None, ("Title 0", "Artist", "Album")),
        (row(0, spotify_track_uri="spotify:track:"), KIND.MUSIC, None, ("Title 0", "Artist", "Album")),
        (row(0, spotify_track_uri="https://open.spotify.com/track/" + "a" * 22), KIND.MUSIC, "a" * 22, ("Title 0", "Artist", "Album")),
        (row(0, master_metadata_track_name=None, master_metadata_album_artist_name=None, master_metadata_album_album_name=None), KIND.MUSIC, "0" * 22, ("", "", "")),
        (row(0, spotify_track_uri="spotify:local:A:B:C:200"), KIND.MUSIC, None, ("Title 0", "Artist", "Album")),
        (row(0, spotify_track_uri="spotify:local:The+Band:Their+Album:A%26B:200", master_metadata_track_name=None), KIND.MUSIC, None, ("A&B", "The Band", "Their Album")),
        (podcast(), KIND.EPISODE, "e" * 22, ("Episode 1", "Show", "Show")),
        (podcast(spotify_episode_uri=None), KIND.EPISODE, None, ("Episode 1", "Show", "Show")),
        (podcast(episode_name=None, episode_show_name=None, spotify_episode_uri=None, audiobook_title="Book", audiobook_chapter_title="One",
                 audiobook_uri="spotify:show:" + "b" * 22, audiobook_chapter_uri="spotify:chapter:" + "c" * 22), KIND.CHAPTER, "c" * 22, ("One", "Book", "Book")),
        (podcast(episode_name=None, episode_show_name=None, spotify_episode_uri=None, audiobook_title="Book", audiobook_chapter_title="One",
                 audiobook_uri="spotify:show:" + "b" * 22, audiobook_chapter_uri="spotify:episode:" + "c" * 22), KIND.CHAPTER, "c" * 22, ("One", "Book", "Book")),
    ],
)  # fmt: skip
def test_which_track_a_row_names(found, kind, spotify_id, names) -> None:
    _batch, track = single(found)
    assert (track.kind, track.spotify_id, (track.title, track.artist, track.album)) == (kind, spotify_id, names)


def test_a_first_row_that_is_too_long_costs_itself_alone() -> None:
    rows = [row(0, master_metadata_track_name="x" * 5_000_000), row(1)]
    reading, batches = read([(NAME, json.dumps(rows).encode())])
    assert (reading.rows, reading.set_aside, sum(map(len, batches))) == (2, 1, 1)
    assert reading.files[0].reasons == {"too_long": 1}


def test_music_in_a_video_file_is_video_and_a_podcast_there_a_podcast() -> None:
    name = "Spotify Extended Streaming History/Streaming_History_Video_2021.json"
    assert single(row(0), name)[1].kind == KIND.VIDEO
    assert single(podcast(), name)[1].kind == KIND.EPISODE


def test_a_song_that_is_also_heard_is_one_track_and_music() -> None:
    folder = "Spotify Extended Streaming History/"
    video = (folder + "Streaming_History_Video_2021.json", text([row(0)]))
    audio = (
        folder + "Streaming_History_Audio_2021.json",
        text([row(5, spotify_track_uri=row(0)["spotify_track_uri"])]),
    )
    for order in ([video, audio], [audio, video]):
        reading, batches = read([("a.zip", zipped(*order))])
        assert [track.kind for track in reading.tables.tracks.names] == [KIND.MUSIC]
        assert sum(map(len, batches)) == 2


def test_a_later_name_fills_a_missing_one() -> None:
    nameless = row(0, master_metadata_track_name=None, master_metadata_album_artist_name=None)
    reading, (batch,) = read(one(text([nameless, row(5, spotify_track_uri=nameless["spotify_track_uri"])])))
    assert batch.track.tolist() == [0, 0]
    assert reading.tables.tracks.names[0].title == "Title 5"


# --- Account data ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("found", "format", "kind", "names"),
    [
        ({"artistName": "A", "trackName": "T"}, "account_music", KIND.MUSIC, ("T", "A", "")),
        ({"podcastName": "Show", "episodeName": "E"}, "account_podcast", KIND.EPISODE, ("E", "Show", "Show")),
        ({"audiobookName": "Book", "authorName": "Au"}, "account_audiobook", KIND.CHAPTER, ("Book", "Au", "Book")),
    ],
)
def test_account_data_is_to_the_minute_and_by_name(found, format, kind, names) -> None:
    content = text([{"endTime": "2021-01-01 00:01", "msPlayed": 30_000, **found}])
    reading, (batch,) = read([("StreamingHistory_music_0.json", content)])
    track = reading.tables.tracks.names[batch.track[0]]
    assert reading.files[0].format == format
    assert (track.kind, track.spotify_id, (track.title, track.artist, track.album)) == (kind, None, names)
    assert batch.origin == Origin.ACCOUNT_DATA
    assert (batch.started_ms.tolist(), batch.ended_ms.tolist()) == ([END], [END + 30_000])
    assert batch.shuffle.tolist() == [-1]


def test_account_data_sets_aside_what_is_none() -> None:
    good = {"endTime": "2021-01-01 00:01", "msPlayed": 30_000, "artistName": "A", "trackName": "T"}
    bad = [good | {"msPlayed": 0}, good | {"trackName": None}, good | {"endTime": "soon"}, good | {"msPlayed": "many"}]
    reading, (batch,) = read([("StreamingHistory0.json", text([good, *bad]))])
    assert len(batch) == 1
    assert reading.files[0].reasons == {"zero_ms": 1, "no_name_and_no_id": 1, "bad_time": 1, "bad_ms": 1}


# --- Uploads ---------------------------------------------------------------------------------------------------------
def test_only_history_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    names = ["Payments.json", "Userdata.json", "Identity.json", "Identifiers.json", "Inferences.json", "SearchQueries.json",
             "Follow.json", "Marquee.json", "DuoNewFamily.json", "YourLibrary.json", "Playlist1.json", "ReadMe.pdf"]  # fmt: skip
    files = [("MyData/" + name, b"[{}]") for name in names]
    content = zipped(*files, ("MyData/StreamingHistory_music_0.json", text()))
    opened: list[str] = []
    real = zipfile.ZipFile.open
    monkeypatch.setattr(
        zipfile.ZipFile, "open", lambda self, info, *a, **k: opened.append(info.filename) or real(self, info, *a, **k)
    )
    reading, batches = read([("my_spotify_data.zip", content)])
    assert opened == ["MyData/StreamingHistory_music_0.json"]
    assert len(reading.files) == len(names) + 1
    assert all(report.note for report in reading.files[:-1])
    assert sum(map(len, batches)) == 3


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_zip_in_a_zip_and_loose_files_beside(method: int) -> None:
    inner = zipped((NAME, text(rows(2))), ("x/Streaming_History_Audio_2022.json", text([row(900)])))
    outer = zipped(("parts/inner.zip", inner), ("Streaming_History_Audio_2023.json", text([row(905)])), method=method)
    reading, batches = read([("all.zip", outer), ("endsong_9.json", text([row(910)]))])
    assert sum(map(len, batches)) == 5
    assert reading.files[0].name == "parts/inner.zip/" + NAME


def test_reading_again_gives_the_same_batches() -> None:
    reading = Reading(uploads(one(text(rows(50)))), limits=LIMITS, horizon_ms=HORIZON)
    first, second = list(reading.batches()), [reading, *reading.batches()][1:]
    for a, b in zip(first, second, strict=True):
        assert all(
            np.array_equal(getattr(a, name), getattr(b, name)) for name in ("row", "track", "started_ms", "platform")
        )


def test_a_large_member_is_streamed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "WHOLE_BYTES", 1000)
    reading, batches = read(one(text(rows(400))))
    assert sum(map(len, batches)) == 400
    broken = zipped((NAME, text(rows(400))), method=zipfile.ZIP_STORED).replace(b"Title 5", b"Title 6")
    reading, batches = read([("a.zip", broken)])
    assert not batches
    assert "checksum" in reading.files[0].note


def test_an_upload_that_unpacks_to_too_much_is_read_up_to_the_limit() -> None:
    size = len(text())
    limits = Limits(members=500, member_bytes=size, total_bytes=2 * size, ratio=250)
    files = [(f"Streaming_History_Audio_{n}.json", text()) for n in range(3)]
    reading, _batches = read([("a.zip", zipped(*files))], limits)
    assert [bool(report.note) for report in reading.files] == [False, False, True]
    assert "unpack to more than" in reading.files[2].note


def test_zip64_is_read() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed, packed.open(NAME, "w", force_zip64=True) as member:
        member.write(text())
    assert sum(map(len, read([("a.zip", out.getvalue())])[1])) == 3


def test_junk_of_other_systems_is_not_mentioned() -> None:
    reading, _batches = read([("a.zip", zipped((NAME, text()), ("__MACOSX/._x.json", b"x"), ("a/.DS_Store", b"x")))])
    assert len(reading.files) == 1


def test_folders_are_walked_and_links_in_them_left(tmp_path: Path) -> None:
    (tmp_path / "deep" / "er").mkdir(parents=True)
    (tmp_path / "deep" / "er" / "endsong_0.json").write_bytes(text())
    (tmp_path / "data.zip").write_bytes(zipped((NAME, text(rows(1)))))
    (tmp_path / "link.json").symlink_to("/etc/hostname")
    found = archive.from_paths([tmp_path])
    assert [upload.name for upload in found] == ["data.zip", "deep/er/endsong_0.json"]
    reading = Reading(found, limits=LIMITS, horizon_ms=HORIZON)
    assert sum(map(len, reading.batches())) == 4
    with pytest.raises(FileNotFoundError):
        archive.from_paths([tmp_path / "nowhere"])


def test_every_row_set_aside_is_written_without_personal_fields() -> None:
    sink = io.BytesIO()
    content = (
        text([row(0, ms_played=0), 7, row(5, ts="never")])[:-1]
        + b', {"ip_addr": "203.0.113.7", "username": "anna" oops}]'
    )
    reading = Reading(
        [Upload("a.json", len(content), lambda: io.BytesIO(content))], limits=LIMITS, horizon_ms=HORIZON, set_aside=sink
    )
    assert not list(reading.batches())
    told = [json.loads(line) for line in sink.getvalue().splitlines()]
    assert [(line["row"], line["reason"]) for line in told] == [
        (1, "zero_ms"), (2, "not_a_row"), (3, "bad_time"), (4, "unreadable"),
    ]  # fmt: skip
    assert told[0]["data"]["master_metadata_track_name"] == "Title 0"
    assert b"203.0.113.7" not in sink.getvalue()
    assert b"anna" not in sink.getvalue()


def test_progress_knows_what_is_ahead() -> None:
    reading = Reading(
        uploads([("a.zip", zipped(*((f"h{n}.json", text(rows(200))) for n in range(5))))]),
        limits=LIMITS,
        horizon_ms=HORIZON,
    )
    expected = [reading.expected_rows for _batch in reading.batches()]
    assert all(900 < guess < 1100 for guess in expected)
    assert reading.expected_rows == reading.rows == 1000
