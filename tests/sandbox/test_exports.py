"""Privacy exports: in Spotify's layout, odd where the real ones are, and exactly as the account says."""

import io
import re
import zipfile
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import msgspec
import pytest

from vibesite.sandbox import exports
from vibesite.sandbox.world import Size, World

UNTIL = datetime(2026, 11, 20, 12, tzinfo=UTC)
WORLD = World(size=Size.SMALL)
EARLY = datetime(2021, 6, 1, tzinfo=UTC)
TRACK = (
    "master_metadata_track_name master_metadata_album_artist_name master_metadata_album_album_name spotify_track_uri"
)
SPOKEN = "episode_name episode_show_name spotify_episode_uri audiobook_title audiobook_uri audiobook_chapter_uri"
LATE = "audiobook_chapter_title reason_start reason_end shuffle skipped offline offline_timestamp incognito_mode"
NEW_KEYS = f"ts platform ms_played conn_country ip_addr {TRACK} {SPOKEN} {LATE}".split()
OTHERS = "YourLibrary Playlist1 Userdata Payments Identity Identifiers Inferences Follow SearchQueries"


def read(out: io.BytesIO) -> dict[str, list[dict]]:
    archive = zipfile.ZipFile(out)
    return {name: msgspec.json.decode(archive.read(name)) for name in archive.namelist() if name.endswith(".json")}


def extended(id: str, until: datetime = UNTIL, **options):
    out = io.BytesIO()
    account = exports.extended_zip(WORLD, WORLD.listener(id), until, out, **options)
    return account, read(out), zipfile.ZipFile(out)


def item(row: dict) -> str:
    """What was played, as the account's key."""
    named = "\n".join(
        str(row[f"master_metadata_{field}"]) for field in ("album_artist_name", "track_name", "album_album_name")
    )
    uri = row["spotify_track_uri"] or row["spotify_episode_uri"] or row.get("audiobook_chapter_uri")
    return uri or (named if row["master_metadata_track_name"] is not None else "")


@pytest.fixture(scope="module")
def igor():
    return extended("igor-tishina")


@pytest.fixture(scope="module")
def ruth():
    return extended("ruth.reads.aloud", rows_per_file=9_000)


def test_layout_of_the_extended_history(igor):
    account, files, archive = igor
    names = archive.namelist()
    assert archive.testzip() is None
    assert re.fullmatch(r"Spotify Extended Streaming History/Streaming_History_Audio_2020-202\d_0\.json", names[0])
    assert names[-1] == "Spotify Extended Streaming History/ReadMeFirst_ExtendedStreamingHistory.pdf"
    assert archive.read(names[-1]).startswith(b"%PDF-1.4")
    assert {name: len(rows) for name, rows in files.items()} == account.files
    assert max(account.files.values()) == 16_000
    assert all(list(row) == NEW_KEYS for rows in files.values() for row in rows[:50])


@pytest.mark.parametrize("old", [False, True])
def test_the_account_counts_what_is_in_the_files(old, ruth):
    account, files, _ = extended("ruth.reads.aloud", rows_per_file=9_000, old=True) if old else ruth
    rows = [row for name in files for row in files[name]]
    assert account.rows == len(rows)
    keys = [(item(row), row["ts"], row["ms_played"]) for row in rows]
    assert account.distinct == len(set(keys))
    assert account.exact_duplicates == len(keys) - len(set(keys)) > 0
    assert account.episodes == sum(row["spotify_episode_uri"] is not None for row in rows) > 1000
    assert account.chapters == sum(row.get("audiobook_chapter_uri") is not None for row in rows)
    assert (account.chapters > 0) is not old
    assert account.nameless == sum(item(row) == "" for row in rows) > 0
    music = [
        row for row in rows if item(row) and not row["spotify_episode_uri"] and not row.get("audiobook_chapter_uri")
    ]
    assert account.tracks == len(music)
    assert account.names_missing == sum(row["master_metadata_track_name"] is None for row in music) > 0
    assert account.uri_missing == sum(row["spotify_track_uri"] is None for row in music) > 0
    assert account.distinct_tracks == len({item(row) for row in music})
    assert account.zero_ms == sum(row["ms_played"] == 0 for row in rows) > 0
    assert account.short == sum(row["ms_played"] < 30_000 for row in rows)
    assert account.offline == sum(row["offline"] for row in rows) > 0
    assert account.distinct_ms == sum(played for _, _, played in set(keys))
    assert (account.first, account.last) == (min(row["ts"] for row in rows), max(row["ts"] for row in rows))
    assert account.tracks + account.episodes + account.chapters + account.nameless == account.rows


def test_every_true_play_is_told(igor):
    _, files, _ = igor
    igor_ = WORLD.listener("igor-tishina")
    told = Counter((row["spotify_track_uri"], row["ts"], row["ms_played"]) for rows in files.values() for row in rows)
    plays = WORLD.plays(igor_, UNTIL - timedelta(days=200), UNTIL)
    missing = [
        play for play in plays if not told[play.uri, play.ended_at.strftime("%Y-%m-%dT%H:%M:%SZ"), play.ms_played]
    ]
    assert len(missing) < len(plays) * 0.006  # those whose URI Spotify has lost


def test_oddities_of_the_real_format(igor):
    account, files, _ = igor
    batches = list(files.values())
    for before, after in pairwise(batches):
        assert before[-3:] == after[:3]
    rows = [row for batch in batches for row in batch]
    assert account.incognito == sum(row["incognito_mode"] for row in rows) > 5_000
    assert {row["skipped"] for row in rows if row["ts"] < "2021"} == {None}
    assert {row["skipped"] for row in rows if row["ts"] > "2023"} == {True, False}
    assert "ZZ" in {row["conn_country"] for row in rows}
    assert None in {row["ip_addr"] for row in rows}
    assert None in {row["reason_end"] for row in rows}
    assert None in {row["offline_timestamp"] for row in rows}
    assert all(row["offline_timestamp"] < 10**10 for row in rows if row["offline_timestamp"])
    moments = Counter((row["ts"], row["spotify_track_uri"]) for row in rows)
    assert any(count > 1 for count in moments.values())
    waits = [
        datetime.fromisoformat(row["ts"]).timestamp() - row["offline_timestamp"] - row["ms_played"] / 1000
        for row in rows
        if row["offline_timestamp"]
    ]
    assert min(waits) > -2.1
    assert max(waits) > 3 * 3600


def test_rides_without_signal_come_in_at_once():
    _, files, _ = extended("mara.commutes", datetime(2019, 3, 1, tzinfo=UTC))
    at_once = Counter(row["ts"] for rows in files.values() for row in rows if row["offline"])
    assert max(at_once.values()) > 5


def test_the_old_format_is_endsong():
    account, files, archive = extended("igor-tishina", EARLY, old=True)
    assert "MyData/endsong_0.json" in files
    assert account.format == "endsong"
    row = files["MyData/endsong_0.json"][0]
    assert {"username", "ip_addr_decrypted", "user_agent_decrypted"} <= set(row)
    assert "audiobook_title" not in row
    stamps = {row["offline_timestamp"] for row in files["MyData/endsong_0.json"]}
    assert 0 in stamps
    assert max(stamps) > 10**12
    assert b"\n" not in archive.read("MyData/endsong_0.json")


def test_podcasts_with_pictures_are_in_the_video_file(ruth):
    account, files, _ = ruth
    videos = {name: rows for name, rows in files.items() if "Streaming_History_Video_" in name}
    assert account.video == sum(map(len, videos.values())) > 100


def test_same_question_same_bytes_and_later_ones_go_on():
    mara = WORLD.listener("mara.commutes")
    first, again, later = io.BytesIO(), io.BytesIO(), io.BytesIO()
    exports.extended_zip(WORLD, mara, EARLY, first)
    exports.extended_zip(WORLD, mara, EARLY, again)
    exports.extended_zip(WORLD, mara, EARLY + timedelta(days=30), later)
    assert first.getvalue() == again.getvalue()
    before, after = (
        {(item(row), row["ts"], row["ms_played"]) for rows in read(out).values() for row in rows}
        for out in (first, later)
    )
    assert before < after


@pytest.mark.parametrize("format", ["extended", "endsong"])
def test_the_truth_helper_agrees_with_the_writer(format):
    listener = WORLD.listener("igor-tishina")
    out = io.BytesIO()
    written = exports.extended_zip(WORLD, listener, EARLY, out, old=format == "endsong")
    assert exports.account_of_rows(WORLD, listener, EARLY, format) == written


def test_an_empty_account_exports_an_empty_history():
    account, files, _ = extended("31emptyroom5b7jxq2dwlk3ev4yfa")
    assert account.rows == 0
    assert list(files.values()) == [[]]


@pytest.mark.parametrize("old", [False, True])
def test_account_data(old):
    out = io.BytesIO()
    ruth = WORLD.listener("ruth.reads.aloud")
    account = exports.account_zip(WORLD, ruth, UNTIL, out, old=old)
    assert exports.account_of_rows(WORLD, ruth, UNTIL, account.format) == account
    files = read(out)
    history = {name: rows for name, rows in files.items() if "StreamingHistory" in name}
    assert {name: len(rows) for name, rows in history.items()} == account.files
    words = {name.split("/")[1].split("_")[1] for name in history} if not old else set()
    assert words == ({"music", "podcast", "audiobook"} if not old else set())
    music = files["MyData/StreamingHistory0.json" if old else "Spotify Account Data/StreamingHistory_music_0.json"]
    assert list(music[0]) == ["endTime", "artistName", "trackName", "msPlayed"]
    assert all(len(row["endTime"]) == 16 for row in music)
    folder = "MyData" if old else "Spotify Account Data"
    others = [
        "YourLibrary",
        "Playlist1",
        "Userdata",
        "Payments",
        "Identity",
        "Identifiers",
        "Inferences",
        "Follow",
        "SearchQueries",
    ]
    assert {f"{folder}/{name}.json" for name in others} <= set(files)
    assert files[f"{folder}/YourLibrary.json"]["tracks"][0].keys() == {"artist", "album", "track", "uri"}
    playlists = files[f"{folder}/Playlist1.json"]["playlists"]
    assert any(entry["localTrack"] for playlist in playlists for entry in playlist["items"])


def test_synthetic_histories_of_any_size():
    for rows in (1, 40_000):
        out, again = io.BytesIO(), io.BytesIO()
        account = exports.synthetic_zip(rows, out)
        exports.synthetic_zip(rows, again)
        assert out.getvalue() == again.getvalue()
        told = [row for rows_ in read(out).values() for row in rows_]
        assert len(told) == account.rows == rows
        assert list(told[0]) == NEW_KEYS
        keys = {(item(row), row["ts"], row["ms_played"]) for row in told}
        assert account.distinct == len(keys)
        assert account.distinct_ms == sum(played for _, _, played in keys)
        assert account.distinct_tracks == len({item(row) for row in told})
        assert account.zero_ms == sum(row["ms_played"] == 0 for row in told)
        assert account.short == sum(row["ms_played"] < 30_000 for row in told)
        assert (account.first, account.last) == (told[0]["ts"], told[-1]["ts"])
