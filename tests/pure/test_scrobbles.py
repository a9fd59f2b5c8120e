# ruff: noqa: E501 - tables, one case a line
"""How scrobble logs write moments, lengths, links and ids."""

import pytest

from ingest.importers import lastfm, librefm, pano, rockbox
from ingest.importers.lists import list_inside
from ingest.importers.scrobbles import mbid, milliseconds, moment, played, spotify_track

MIDNIGHT = 1_609_459_200_000  # 2021-01-01T00:00:00Z


@pytest.mark.parametrize(
    ("told", "ms"),
    [
        (1_609_459_200, MIDNIGHT), ("1609459200", MIDNIGHT), (" 1609459200 ", MIDNIGHT), (1_609_459_200.25, MIDNIGHT + 250),
        ("1609459200.5", MIDNIGHT + 500), (1_609_459_200_000, MIDNIGHT), ("1609459200000", MIDNIGHT),
        ("2021-01-01T00:00:00Z", MIDNIGHT), ("2021-01-01T01:00:00+01:00", MIDNIGHT), ("2021-01-01 00:00:00", MIDNIGHT),
        (0, 0), (-1, -1000), (None, None), ("", None), ("soon", None), ("nan", None), (float("inf"), None), (10**30, None), ("9" * 40, None),
    ],
)  # fmt: skip
def test_moments(told, ms) -> None:
    assert moment(told) == ms


@pytest.mark.parametrize(
    ("told", "each", "ms"),
    [(200_000, 1, 200_000), ("200", 1000, 200_000), (1.5, 1000, 1500), (0, 1, 0), (-1, 1, 0), (None, 1, 0), ("x", 1, 0), ([], 1, 0), (90_000, 1000, 0), ("null", 1, 0)],
)  # fmt: skip
def test_a_length_that_cannot_be_is_not_told(told, each, ms) -> None:
    assert milliseconds(told, each=each) == ms


@pytest.mark.parametrize(
    ("told", "ms"), [(77, 77_000), ("77", 77_000), (0, 0), (-3, -3000), (None, None), ("x", None), (1e300, -1)]
)
def test_a_time_heard_that_cannot_be_is_left_to_be_judged(told, ms) -> None:
    assert played(told, each=1000) == ms


@pytest.mark.parametrize(
    ("links", "found"),
    [
        (("https://open.spotify.com/track/" + "a" * 22,), (0, "a" * 22)),
        (("http://open.spotify.com/track/" + "a" * 22 + "?si=1",), (0, "a" * 22)),
        (("spotify:episode:" + "b" * 22,), (1, "b" * 22)),
        (("https://example.org/", "spotify:track:" + "c" * 22), (0, "c" * 22)),
        (("https://open.spotify.com/track/short", None, ""), (0, "")),
    ],
)
def test_links_of_spotify(links, found) -> None:
    assert spotify_track(*links) == found


@pytest.mark.parametrize("told", ["", None, "x", 7, [], "a74b1b7f-71a5-4011-9441"])
def test_what_is_no_musicbrainz_id(told) -> None:
    assert mbid(told) == ""


@pytest.mark.parametrize(
    ("lines", "format"),
    [
        (["uts,utc_time,artist,artist_mbid,album,album_mbid,track,track_mbid"], "lastfm_csv"),
        (['"uts","utc_time","artist","album","track"'], "lastfm_csv"),
        (["A,B,C,04 Mar 2021 05:06"], "lastfm_minutes"),
        (["", 'A,"B, C",D,"4 Mar 2021, 05:06"'], "lastfm_minutes"),
        (["A,B,C"], ""),
        (["A,B,C,2021-03-04"], ""),
        (["note", "", "Time,Artist,Track,Album"], "librefm"),
        (["Time\tArtist\tTrack\tAlbum"], "librefm"),
        (["1609459200\tT\tA\tB\t\t\t"], "librefm"),
        (["x\tT\tA\tB\t\t\t"], ""),
        (["#AUDIOSCROBBLER/1.1", "#TZ/UTC"], "rockbox"),
        (["#AUDIOSCROBBLER/2.0"], ""),
        (["timeHuman,timeMs,artist,track,album,albumArtist,durationMs,mediaPlayerPackage"], "pano"),
        ([], ""),
    ],
)
def test_tables_are_known_by_their_first_lines(lines, format) -> None:
    found = [layout for module in (rockbox, lastfm, pano, librefm) if (layout := module.layout(lines))]
    assert [layout.format for layout in found] == ([format] if format else [])


@pytest.mark.parametrize(
    ("text", "at"),
    [
        (b'{"scrobbles": [', 14), (b'{"a": {"scrobbles": 1}, "b": [1, {"list": [2]}], "listens":[', 59), (b'{"recenttracks": {"track": [', 27),
        (b'{"name": "scrobbles", "x": [', None), (b'{"other": [{"track": [', None), (b'{"scrobbles": 7}', None), (b"", None), (b'{"say \\"list\\": [', None),
    ],
)  # fmt: skip
def test_where_the_list_of_rows_begins(text, at) -> None:
    assert list_inside(text) == at
