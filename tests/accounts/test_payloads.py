"""Spotify's JSON, whole, thin and broken."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.spotify import payloads

TRACK = {
    "id": "11dFghVXANMlKmJXsNCbNl",
    "uri": "spotify:track:11dFghVXANMlKmJXsNCbNl",
    "type": "track",
    "name": "Cut To The Feeling",
    "duration_ms": 207959,
    "explicit": False,
    "external_ids": {"isrc": "usum7-170 3861"},
    "disc_number": 1,
    "track_number": 2,
    "artists": [{"id": "6sFIWsNpZYqfjUpaCgueju", "name": "Carly Rae Jepsen"}, None, {"id": "x"}],
    "album": {
        "id": "0tGPJ0bkWOUmH7MEOR77qc",
        "name": "Cut To The Feeling",
        "album_type": "single",
        "release_date": "2017-05-26",
        "total_tracks": 1,
        "images": [{"url": "l", "width": 640}, {"url": "m", "width": 300}, {"url": "s", "width": 64}],
        "artists": [],
    },
}


def test_a_whole_track():
    track = payloads.track(TRACK)
    assert track.isrc == "USUM71703861"
    assert [artist.name for artist in track.artists] == ["Carly Rae Jepsen"]
    assert track.album.image_url == "m"
    assert track.is_local is False


def test_a_local_file_has_no_id():
    track = payloads.track({"id": None, "name": "Demo", "uri": "spotify:local:Me:Tape:Demo:120", "artists": None})
    assert track.id is None
    assert track.is_local
    assert track.album is None


@pytest.mark.parametrize("entry", [None, [], "x", 7, {}, {"type": "episode", "id": "x", "name": "A talk"}])
def test_what_is_no_track(entry):
    assert payloads.track(entry) is None


def test_item_comes_before_its_deprecated_copy():
    item = payloads.playlist_item({"added_at": None, "item": TRACK, "track": None})
    assert item.track.id == TRACK["id"]
    assert payloads.playlist_item({"track": TRACK}).track.id == TRACK["id"]
    gone = payloads.playlist_item({"added_at": "2024-01-02T03:04:05Z", "item": None})
    assert (gone.track, gone.kind, gone.added_at) == (None, "", datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC))
    assert payloads.playlist_item({"item": {"type": "episode", "uri": "spotify:episode:x"}}).kind == "episode"


def test_a_bad_play_does_not_stop_the_page():
    page = payloads.recent(
        {"items": [None, {"track": TRACK}, {"track": TRACK, "played_at": "2024-05-01T00:00:00.123Z"}]}
    )
    assert [play.played_at.microsecond for play in page.items] == [123000]
    assert page.left_out == 2


def test_nulls_keep_their_place():
    page = payloads.page({"items": [None, {"id": "p"}], "total": 2}, payloads.playlist, offset=0, limit=50)
    assert page.items[0] is None
    assert page.items[1].id == "p"


@pytest.mark.parametrize("value", ["", "yesterday", None, True, [], 10**30, "2024-13-01T00:00:00Z"])
def test_what_is_no_moment(value):
    assert payloads.moment(value) is None


def test_moments_are_utc():
    assert payloads.moment("2024-05-01T02:00:00+02:00") == datetime(2024, 5, 1, tzinfo=UTC)
    assert payloads.moment(1_714_521_600_000) == datetime(2024, 5, 1, tzinfo=UTC)


json_values: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=True) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["id", "name", "items", "item", "track", "album", "images", "artists", "external_ids", "isrc"]
            )
            | st.sampled_from(
                ["owner", "context", "device", "played_at", "added_at", "total", "next", "type", "width", "url"]
            ),
            inner,
            max_size=6,
        )
    ),
    max_leaves=25,
)


@given(json_values)
def test_nothing_that_is_json_breaks_a_parser(data):
    payloads.profile(data)
    payloads.recent(data)
    payloads.playback(data)
    payloads.track(data)
    for parse in (payloads.saved_track, payloads.playlist, payloads.playlist_item):
        parse(data)
        payloads.page(data, parse, offset=0, limit=50)
