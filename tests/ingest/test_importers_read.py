# ruff: noqa: E501 - tables, one case a line
"""Scrobble logs of every kind as batches: recognised by content, read to the moment, damage told and counted."""

import csv
import io
import json
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from ingest.evidence import Origin
from ingest.importers import lists
from ingest.importers.archive import Limits
from ingest.importers.reading import Reading
from ingest.models import Track
from tests.ingest import scrobble_logs as logs
from tests.ingest.broken_uploads import text, zipped
from tests.ingest.scrobble_logs import LOGS, START, Log, listenings
from tests.ingest.test_import_broken import HORIZON, LIMITS, uploads

UNTAGGED = b"#AUDIOSCROBBLER/1.1\n#TZ/UTC\n#CLIENT/x\n"


def read(*files: tuple[str, bytes], zone: str = "UTC", limits: Limits = LIMITS):
    """The reading, and its plays as (start s, length s, is a guess, title, artist, album, skipped)."""
    reading = Reading(uploads(list(files)), limits=limits, horizon_ms=HORIZON, zone=ZoneInfo(zone))
    plays = []
    for batch in reading.batches():
        assert batch.origin in (Origin.SUBMIT, Origin.EXPORT)
        guessed = batch.is_estimate if batch.is_estimate is not None else [False] * len(batch)
        for start, ms, guess, track, skipped in zip(
            batch.started_ms.tolist(), batch.ms_played.tolist(), guessed, batch.track.tolist(), batch.skipped.tolist(), strict=True
        ):  # fmt: skip
            name = reading.tables.tracks.names[track]
            plays.append((start / 1000, ms / 1000, bool(guess), name.title, name.artist, name.album, skipped))
    assert reading.rows == len(plays) + reading.set_aside
    return reading, plays


def reasons(reading: Reading) -> dict[str, int]:
    return {reason: count for report in reading.files for reason, count in report.reasons.items()}


@pytest.mark.parametrize("log", LOGS, ids=str)
def test_every_log_tells_the_same_listenings(log: Log) -> None:
    reading, plays = read((log.name, log.write(listenings())))
    assert [report.format for report in reading.files if report.format] == [log.format]
    length = 200 if log.knows_length else 0
    skipped = 0 if log.format == "rockbox" else -1
    late = 30 if log.to_minute else 0
    assert sorted(plays) == [
        (start + late, length, True, title, artist, album, skipped) for start, title, artist, album, _ in listenings()
    ]
    assert reading.tables.tracks.unsure == set(range(len(listenings())))
    assert reasons(reading) == ({"not_heard": 2} if log.format == "lastfm_json" else {})
    assert not any(report.covers for report in reading.files)


@pytest.mark.parametrize("log", LOGS, ids=str)
def test_files_of_every_kind_are_read_together_with_spotifys(log: Log) -> None:
    both = zipped(("x/StreamingHistory.json", text()), ("y/list.txt", log.write(listenings())), ("z/other.zip", log.write(listenings())))  # fmt: skip
    reading, plays = read(("everything.zip", both))
    assert {"extended", log.format} >= {report.format for report in reading.files if report.format} >= {"extended"}
    assert len(plays) >= 6


@pytest.mark.parametrize(
    "log", [log for log in LOGS if log.format != "listenbrainz" or log.write is not logs.listenbrainz_zip], ids=str
)
def test_a_cut_file_gives_what_is_whole_and_says_so(log: Log) -> None:
    whole = log.write(listenings(40))
    reading, plays = read((log.name, whole[: len(whole) * 3 // 4]))
    assert 18 <= len(plays) <= 32
    assert "Cut after row" in reading.files[0].note or log.format in (
        "lastfm_json",
        "librefm",
        "lastfm_minutes",
        "lastfm_stats",
        "rockbox",
    )
    assert reading.files[0].note or reading.set_aside <= 41


@pytest.mark.parametrize("log", LOGS, ids=str)
def test_a_byte_order_mark_and_windows_line_ends_change_nothing(log: Log) -> None:
    if log.write is logs.listenbrainz_zip:
        return
    content = b"\xef\xbb\xbf" + log.write(listenings()).replace(b"\n", b"\r\n")
    _reading, plays = read((log.name, content))
    assert len(plays) == 3
    assert {play[3] for play in plays} == {"Title 0", "Title 1", "Title 2"}


@pytest.mark.parametrize(
    "log", [log for log in LOGS if log.write in (logs.ghan_csv, logs.librefm_csv, logs.pano_csv)], ids=str
)
@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_a_spreadsheet_of_another_country_parts_cells_by_another_sign(log: Log, delimiter: str) -> None:
    told = [(START, "Title, one", "Artist; two", "Album", 200), *listenings()[1:]]
    lead, table = b"", log.write(told)
    if log.write is logs.librefm_csv:
        lead, table = table.partition(b"Time,")[0], b"".join(table.partition(b"Time,")[1:])
    cells = list(csv.reader(io.StringIO(table.decode())))
    reading, plays = read((log.name, lead + logs.table(cells, delimiter)))
    assert reading.files[0].format == log.format
    assert [play[3:5] for play in sorted(plays)][:1] == [("Title, one", "Artist; two")]
    assert len(plays) == 3


def ghan(*rows: str) -> bytes:
    return "\n".join(["uts,utc_time,artist,artist_mbid,album,album_mbid,track,track_mbid", *rows, ""]).encode()


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (ghan('1609459200,,A,,,,"",'), "no_name_and_no_id"),
        (ghan("0,,A,,,,T,"), "too_early_log"),
        (ghan("-5,,A,,,,T,"), "too_early_log"),
        (ghan("4102444800,,A,,,,T,"), "future"),
        (ghan("soon,,A,,,,T,"), "bad_time"),
        (ghan(",,A,,,,T,"), "bad_time"),
        (ghan("1e400,,A,,,,T,"), "bad_time"),
        (ghan("1609459200,,A"), "wrong_columns"),
        (ghan("1609459200,,A,,,,T,,more,more"), "wrong_columns"),
        (logs.table([["A", "", "T", "01 Jan 2021 00:00"], ["A", "", "T", ""]]), "not_heard"),
        (json.dumps([{"listened_at": None, "track_metadata": {"track_name": "T", "artist_name": "A"}}]).encode(), "bad_time"),
        (json.dumps([{"listened_at": START, "track_metadata": None}]).encode(), "no_name_and_no_id"),
        (json.dumps([logs.listen((START, "T", "A", "", 1), duration_played=0)]).encode(), "zero_ms"),
        (json.dumps([logs.listen((START, "T", "A", "", 1), duration_played=-3)]).encode(), "bad_ms"),
        (json.dumps({"scrobbles": [{"time": START, "track": {"title": "T", "artists": ["A"]}, "duration": 0, "origin": ""}]}).encode(), "zero_ms"),
        (json.dumps({"scrobbles": [{"time": START, "track": {"title": "T", "artists": ["A"]}, "duration": 90_000, "origin": ""}]}).encode(), "bad_ms"),
        (json.dumps(logs.pano_entry((START, "T", "A", "", 1), "love")).encode(), "not_heard"),
        (UNTAGGED + b"A\tAl\t\t1\t200\tL\t1609459200\t\n", "no_name_and_no_id"),
        (UNTAGGED + b"A\tAl\tT\t1\t200\tL\t0\t\n", "too_early_log"),
        (UNTAGGED + b"A\tAl\n", "wrong_columns"),
        (logs.mongoexport([("no id", "2021-01-01T00:03:20Z", 200_000)]), "no_name_and_no_id"),
        (logs.mongoexport([("a" * 22, "never", 200_000)]), "bad_time"),
    ],
)  # fmt: skip
def test_what_cannot_be_a_play_is_set_aside_by_reason(content: bytes, why: str) -> None:
    reading, _plays = read(("log", content))
    assert reasons(reading) == ({why: 1})
    assert "moment" not in reading.examples[0].excerpt


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.csv", b"date,steps,calories\n2021,1,2\n", "its columns are others (date, steps, calories)"),
        ("a.csv", b"artist,album,track,when\nA,B,C,D\n", "its columns are others (artist, album, track, when)"),
        ("a.log", b"\x7fELF" + bytes(range(256)) * 30, "not JSON"),
        ("a.json", b'{"scrobbles": [{"when": 1}]}', "its rows have other fields (when)"),
        ("a.json", b'[{"track": [{"when": 1}]}]', ""),
        ("a.csv", b"", "empty"),
        ("a.txt", b"dear diary", "not JSON"),
        ("a.gz", b"\x1f\x8b\x08\x00", "gzip"),
    ],
)
def test_files_of_other_things_say_what_is_wrong(name: str, content: bytes, says: str) -> None:
    reading, plays = read((name, content))
    assert not plays
    assert says in reading.files[0].note


def test_an_empty_log_is_history_without_rows() -> None:
    reading, _plays = read(("a.json", b'{"maloja": {"export_time": 1}, "scrobbles": []}'))
    assert reading.files[0].format == "empty"


def test_one_row_that_does_not_fit_costs_itself_alone() -> None:
    good = logs.pages(listenings(2))
    good[0]["track"] += [7, {"name": 3, "artist": {"#text": "A"}, "date": {"uts": []}}]
    reading, plays = read(("a.json", json.dumps(good).encode()))
    assert len(plays) == 2
    assert reasons(reading) == {"not_heard": 1, "not_a_row": 1, "bad_time": 1}


def test_pages_may_be_longer_than_any_row_and_one_track_needs_no_list() -> None:
    told = listenings(3000)
    many = json.dumps([*logs.pages(told, size=3000), {"track": logs.api_track(told[0])}]).encode()
    assert len(many) > lists.PAGE_BYTES // 20
    reading, plays = read(("a.json", many))
    assert len(plays) == 3001
    assert reading.examples[0].row == 1


def test_a_page_may_begin_with_its_attributes() -> None:
    turned = [{"@attr": page["@attr"], "track": page["track"]} for page in logs.pages(listenings())]
    assert len(read(("a.json", json.dumps(turned).encode()))[1]) == 3


def test_pages_may_keep_their_envelope() -> None:
    kept = [{"recenttracks": page} for page in logs.pages(listenings())]
    assert len(read(("a.json", json.dumps(kept).encode()))[1]) == 3


def test_all_there_is_may_be_pages_of_one_track() -> None:
    alone = [{"track": logs.api_track(each), "@attr": {"page": "1"}} for each in listenings(2)]
    assert len(read(("a.json", json.dumps(alone).encode()))[1]) == 2


@pytest.mark.parametrize("log", [log for log in LOGS if log.write in (logs.ghan_csv, logs.rockbox)], ids=str)
def test_old_players_write_their_own_character_sets_and_line_ends(log: Log) -> None:
    told = [(START + 300 * at, title, "Sigur R\u00f3s", "\u00c1g\u00e6tis", 200) for at, title in enumerate("AB")]
    written = log.write(told).decode()
    expected = read((log.name, written.encode()))[1]
    assert expected[0][4:6] == ("Sigur R\u00f3s", "\u00c1g\u00e6tis")
    assert read((log.name, written.encode("cp1252")))[1] == expected
    assert read((log.name, written.replace("\n", "\r").encode()))[1] == expected


def test_a_cut_within_a_letter_does_not_change_how_the_line_is_read() -> None:
    line = "1609459200,,\u010cern\u00fd \u0159\u00e1d,,,,T\u00e9".encode()[:-1] + b","
    (play,) = read(("a.csv", ghan() + line))[1]
    assert play[4] == "\u010cern\u00fd \u0159\u00e1d"


def test_an_answer_of_the_api_is_read_as_well() -> None:
    answer = {"recenttracks": {"track": [logs.api_track(each) for each in listenings()], "@attr": {"page": "1"}}}
    assert len(read(("a.json", json.dumps(answer).encode()))[1]) == 3
    listed = {"status": "ok", "list": json.loads(logs.maloja(listenings()))["scrobbles"]}
    assert len(read(("a.json", json.dumps(listed).encode()))[1]) == 3


def test_commas_quotes_and_line_ends_within_names_are_kept() -> None:
    odd = [(START, 'Say "Yes", Then\nNo', "Crosby, Stills & Nash", "1, 2", 200)]
    (play,) = read(("a.csv", logs.ghan_csv(odd)))[1]
    assert play[3:6] == ('Say "Yes", Then\nNo', "Crosby, Stills & Nash", "1, 2")


def test_a_line_without_an_end_costs_no_memory() -> None:
    reading, plays = read(("a.csv", ghan("1609459200,,A,,,,T,") + b"x" * 5_000_000 + b"\n1609459500,,A,,,,U,\n"))
    assert [play[3] for play in plays] == ["T", "U"]
    assert reasons(reading) == {"wrong_columns": 1}


# --- What single formats know --------------------------------------------------------------------------------------
def test_listens_of_odd_shapes_keep_their_names() -> None:
    names = {"artist_name": "Artist", "track_name": "Title"}
    odd = [
        {**names, "additional_info": []},
        {**names, "additional_info": "none"},
        {**names, "additional_info": 5, "release_name": ["Album"]},
        {"artist_name": 311, "track_name": 99, "release_name": 1989},
    ]
    lines = [{"listened_at": START + at * 300, "track_metadata": each} for at, each in enumerate(odd)]
    _reading, plays = read(("x", "\n".join(json.dumps(line) for line in lines).encode()))
    assert [play[3:6] for play in plays] == [("Title", "Artist", "")] * 3 + [("99", "311", "1989")]


def test_what_listenbrainz_clients_tell_of_time_and_track() -> None:
    listens = [
        logs.listen((START, "A", "X", "", 200), duration_played=90),
        logs.listen((START + 300, "B", "X", "", 0), duration="201", duration_ms=None),
        logs.listen((START + 600, "C", "X", "", 200), spotify_id="http://open.spotify.com/track/" + "c" * 22),
        logs.listen(
            (START + 900, "D", "X", "", 200), origin_url="https://open.spotify.com/episode/" + "d" * 22, spotify_id=7
        ),
        logs.listen((START + 1200, "E", "X", "", 200), duration_ms="soon", artist_mbids="?"),
    ]
    reading, plays = read(("a.json", json.dumps(listens).encode()))
    assert [play[:3] for play in plays] == [
        (START, 90, False), (START + 300, 201, True), (START + 600, 200, True), (START + 900, 200, True), (START + 1200, 0, True),
    ]  # fmt: skip
    tracks = reading.tables.tracks
    assert [(name.kind, name.spotify_id) for name in tracks.names] == [
        (0, None), (0, None), (0, "c" * 22), (Track.Kind.EPISODE, "d" * 22), (0, None),
    ]  # fmt: skip
    assert tracks.unsure == {0, 1, 4}
    assert tracks.artist_mbids == {"X": {logs.MBID}}


def test_maloja_tells_what_was_heard_and_takes_the_artist_of_the_album() -> None:
    told = json.loads(logs.maloja(listenings(2)))
    told["scrobbles"][0]["duration"] = 77
    told["scrobbles"][1]["track"] |= {"album": None, "length": None}
    plays = read(("a.json", json.dumps(told).encode()))[1]
    assert [(play[1], play[2], play[4], play[5]) for play in plays] == [
        (77, False, "Artist", "Album"),
        (0, True, "Guest", ""),
    ]


def rockbox(zone: str, *lines: str) -> bytes:
    return "\n".join(["#AUDIOSCROBBLER/1.1", f"#TZ/{zone}", "#CLIENT/Rockbox", *lines, ""]).encode()


def test_a_skip_lasted_until_the_next_track_began() -> None:
    log = rockbox(
        "UTC",
        f"Metallica\tMetallica\tEnter Sandman\t1\t365\tL\t{START}\t",
        f"Portishead\tLive\tCowboys\t2\t312\tS\t{START + 363}\tdb45ed76-f5bf-430f-a19f-fbe3cd1c77d3",
        f"Steppenwolf\tLive\tThe Pusher\t12\t350\tL\t{START + 365}\t",
        f"<UNTAGGED>\t\t/Music/x.mp3\t\t0\tS\t{START + 900}\t",
    )
    _reading, plays = read((".scrobbler.log", log))
    assert [(play[1], play[2], play[4], play[6]) for play in plays] == [
        (363, True, "Metallica", 0),
        (2, True, "Portishead", 1),
        (350, True, "Steppenwolf", 0),
        (15, True, "", 1),
    ]


@pytest.mark.parametrize(
    ("zone", "told", "utc"),
    [
        ("Europe/Berlin", "2021-01-01T12:00", "2021-01-01T11:00"),
        ("Europe/Berlin", "2021-07-01T12:00", "2021-07-01T10:00"),
        ("Asia/Kolkata", "2021-07-01T00:15", "2021-06-30T18:45"),
        ("UTC", "2021-07-01T12:00", "2021-07-01T12:00"),
    ],
)
def test_a_clock_without_a_zone_is_read_in_the_persons(zone: str, told: str, utc: str) -> None:
    clock = int(datetime.fromisoformat(told).replace(tzinfo=UTC).timestamp())
    reading, plays = read(("log", rockbox("UNKNOWN", f"A\tB\tC\t1\t200\tL\t{clock}\t")), zone=zone)
    assert plays[0][0] == datetime.fromisoformat(utc).replace(tzinfo=UTC).timestamp()
    assert "no time zone" in reading.files[0].note
    assert not read(("log", rockbox("UTC", f"A\tB\tC\t1\t200\tL\t{clock}\t")), zone=zone)[0].files[0].note


@pytest.mark.parametrize("date", ["2021-01-01T00:03:20.000Z", {"$numberLong": str((START + 200) * 1000)}])
@pytest.mark.parametrize("length", [200_000, {"$numberInt": "200000"}, {"$numberDouble": "200000.0"}])
def test_your_spotify_tells_the_end_in_mongodbs_shells(date, length) -> None:
    reading, plays = read(("infos.json", logs.mongoexport([("a" * 22, date, length)])))
    assert plays[0][:3] == (START, 200, True)
    assert reading.tables.tracks.names[0].spotify_id == "a" * 22
    assert not reading.tables.tracks.unsure
