"""The contract of submit-listens: every limit with its message, and what a listen tells. No database."""

import json

import pytest

from ingest.evidence import Origin
from ingest.listenbrainz import MAX_BYTES, MAX_LISTEN_BYTES, BadListen, parse
from ingest.submissions import UNTOLD_MS

NOW_S = 1_795_176_000  # 2026-11-20 12:00 UTC
ID = "1rrgWMXGCGHru5bIRxGFV0"


def listen(at=NOW_S - 600, /, metadata=None, info=None, **rest):
    track = {"artist_name": "Dool", "track_name": "Vantablack", **(metadata or {})}
    if info is not None:
        track["additional_info"] = info
    told = {"track_metadata": {key: value for key, value in track.items() if value is not ...}, **rest}
    return told if at is None else {"listened_at": at, **told}


def sent(*listens, kind="import", now_s=NOW_S):
    return parse(json.dumps({"listen_type": kind, "payload": list(listens)}).encode(), now_s=now_s)


def told(info=None, metadata=None, kind="single"):
    return sent(listen(None if kind == "playing_now" else NOW_S - 600, metadata, info), kind=kind)[1][0]


def raw(document):
    return document if isinstance(document, bytes) else json.dumps(document).encode()


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (b"{", "Cannot parse JSON document"),
        (b"\xff", "Cannot parse JSON document"),
        (b"[" * 200_000, "Cannot parse JSON document"),
        ([], "Top level of JSON document should be a json object."),
        ({}, "Invalid JSON document submitted."),
        ({"payload": [listen()]}, "Invalid JSON document submitted."),
        ({"listen_type": "single"}, "Invalid JSON document submitted."),
        ({"listen_type": "single", "payload": {}}, "The payload in the JSON document should be a list of listens."),
        ({"listen_type": "single", "payload": []}, "JSON document does not contain any listens"),
        ({"listen_type": "double", "payload": [listen()]}, "JSON document requires a valid listen_type key."),
        ({"listen_type": "single", "payload": [listen()] * 2}, "contains more than listen for a single/playing_now"),
        ({"listen_type": "playing_now", "payload": [listen(None)] * 2}, "contains more than listen for a single"),
        (
            {"listen_type": "import", "payload": [listen()] * 1001},
            "Too many listens. You may not submit more than 1000 listens at once.",
        ),
        (
            {"listen_type": "single", "payload": [listen(info={"x": "x" * MAX_LISTEN_BYTES})]},
            "JSON document is too large. Each listens may not be larger than 10240 bytes.",
        ),
        (b" " * (MAX_BYTES + 1), "Payload too large. Payload cannot exceed 10240000 bytes"),
    ],
)
def test_what_no_request_may_be(document, message):
    with pytest.raises(BadListen, match=message.replace(".", r"\.")):
        parse(raw(document), now_s=NOW_S)


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (None, "Listen is empty and cannot be validated."),
        ("x", "Listen is empty and cannot be validated."),
        (listen(None), "JSON document must contain the key listened_at at the top level."),
        (listen("soon"), "JSON document must contain an int value for listened_at."),
        (listen([]), "JSON document must contain an int value for listened_at."),
        (listen(float("inf")), "JSON document must contain an int value for listened_at."),
        (listen(NOW_S + 3600), "Value for key listened_at is too high."),
        (listen(NOW_S * 1000), "Value for key listened_at is too high."),
        (
            listen(1_033_430_399),
            "Value for key listened_at is too low. listened_at timestamp should be greater than 1033410600 "
            "(2002-10-01 00:00:00 UTC).",
        ),
        ({"listened_at": NOW_S}, "JSON document must contain the key track_metadata at the top level."),
        (listen(extra=1), "JSON document may only contain listened_at and track_metadata top level keys"),
        (
            {"listened_at": NOW_S, "track_metadata": None},
            "JSON document may not have track_metadata with null value.",
        ),
        ({"listened_at": NOW_S, "track_metadata": "x"}, "track_metadata should be a JSON object."),
        (
            listen(metadata={"track_name": ...}),
            "JSON document does not contain required field track_metadata.track_name.",
        ),
        (
            listen(metadata={"artist_name": ...}),
            "JSON document does not contain required field track_metadata.artist_name.",
        ),
        (listen(metadata={"track_name": 7}), "track_metadata.track_name must be a single string."),
        (listen(metadata={"artist_name": ["Dool"]}), "track_metadata.artist_name must be a single string."),
        (listen(metadata={"track_name": None}), "track_metadata.track_name must be a single string."),
        (listen(metadata={"track_name": " \t"}), "field track_metadata.track_name is empty."),
        (listen(metadata={"artist_name": ""}), "field track_metadata.artist_name is empty."),
        (listen(metadata={"release_name": 7}), "track_metadata.release_name must be a single string."),
        (listen(metadata={"track_name": "a\x00b"}), "a\x00b contains a unicode null"),
        (listen(info={"deep": [{"er": "\x00"}]}), "\x00 contains a unicode null"),
        (listen(info=[1]), "track_metadata.additional_info should be a JSON object."),
        (
            listen(info={"tags": ["t"] * 51}),
            "JSON document may not contain more than 50 items in track_metadata.additional_info.tags.",
        ),
        (
            listen(info={"tags": ["t" * 65]}),
            "JSON document may not contain track_metadata.additional_info.tags longer than 64 characters.",
        ),
        (listen(info={"tags": [1]}), "track_metadata.additional_info.tags should be a list of strings."),
        (
            listen(info={"duration": 1, "duration_ms": 1000}),
            "JSON document should not contain both duration and duration_ms.",
        ),
        (listen(info={"duration": 0}), "Value for duration is invalid, should be a positive integer."),
        (listen(info={"duration_ms": "long"}), "Value for duration_ms is invalid, should be a positive integer."),
        (listen(info={"duration": None}), "Value for duration is invalid, should be a positive integer."),
        (
            listen(info={"duration": 2_073_601}),
            "Value for duration is too large, max permitted value is 2073600",
        ),
        (
            listen(info={"duration_ms": 2_073_600_001}),
            "Value for duration_ms is too large, max permitted value is 2073600000",
        ),
        *[
            (listen(info={key: "no-mbid"}), f"{key} MBID format invalid.")
            for key in ("release_mbid", "recording_mbid", "release_group_mbid", "track_mbid")
        ],
        (listen(info={"artist_mbids": ["no-mbid"]}), "artist_mbids MBID format invalid."),
        (listen(info={"work_mbids": [7]}), "work_mbids MBID format invalid."),
    ],
)
def test_what_no_listen_may_be(bad, message):
    with pytest.raises(BadListen) as refused:
        sent(listen(), bad)  # the good one before it does not help
    assert str(refused.value) == message


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (listen(), "JSON document must not contain listened_at while submitting playing_now."),
        ({}, "JSON document must contain the key track_metadata at the top level."),
        (
            listen(None, extra=1),
            "JSON document may only contain track_metadata as top level key when submitting playing_now.",
        ),
    ],
)
def test_what_playing_now_may_not_be(bad, message):
    with pytest.raises(BadListen) as refused:
        sent(bad, kind="playing_now")
    assert str(refused.value) == message


@pytest.mark.parametrize("at", [1_033_430_400, NOW_S, NOW_S + 3599, str(NOW_S), NOW_S + 0.9])
def test_moments_at_the_edge(at):
    (heard,) = sent(listen(at))[1]
    assert heard.started_ms == int(float(at)) * 1000


def test_exactly_as_much_as_allowed():
    tags = ["t" * 64] * 50
    kind, listens = sent(*[listen(info={"tags": tags, "duration": 2_073_600})] * 1000)
    assert (kind, len(listens)) == ("import", 1000)


@pytest.mark.parametrize("empty", [None, "", []])
def test_blank_details_are_as_if_not_told(empty):
    info = dict.fromkeys(("artist_mbids", "recording_mbid", "isrc", "spotify_id", "artist_names"), empty)
    for nothing in (None, "", " \t"):  # Mopidy-ListenBrainz sends "" for a track without an album
        assert told(info, {"release_name": nothing}) == told()


@pytest.mark.parametrize(
    ("info", "kind", "spotify_id"),
    [
        ({"spotify_id": f"http://open.spotify.com/track/{ID}"}, 0, ID),
        ({"spotify_id": f"https://open.spotify.com/intl-de/track/{ID}?si=abc"}, 0, ID),
        ({"spotify_id": f"spotify:track:{ID}"}, 0, ID),
        ({"spotify_id": ID}, 0, ID),
        ({"origin_url": f"https://open.spotify.com/track/{ID}"}, 0, ID),
        ({"origin_url": f"https://open.spotify.com/episode/{ID}"}, 1, ID),
        ({"origin_url": f"https://example.org/track/{ID}"}, 0, None),
        ({"spotify_id": 7}, 0, None),
        ({"spotify_id": f"{ID}!"}, 0, None),
    ],
)
def test_spotify_ids_in_every_form(info, kind, spotify_id):
    track = told(info).track
    assert (track.kind, track.spotify_id) == (kind, spotify_id)


def test_names_and_artists():
    one = told({"artist_names": ["Dool", "Okkultokrati"]}, {"artist_name": "Dool & Okkultokrati", "release_name": "H"})
    assert (one.track.artist, one.track.title, one.track.album) == ("Dool", "Vantablack", "H")
    assert one.credits == ("Dool", "Okkultokrati")
    assert told(None, {"artist_name": " AC/DC & Friends "}).track.artist == "AC/DC & Friends"  # never cut


@pytest.mark.parametrize(
    ("info", "platform"),
    [
        ({"media_player": "Poweramp", "submission_client": "Pano Scrobbler"}, "Poweramp (Pano Scrobbler)"),
        ({"media_player": "Navidrome", "submission_client": "Navidrome"}, "Navidrome"),
        ({"submission_client": "mpd"}, "mpd"),
        ({"listening_from": "vlc"}, "vlc"),
        ({"music_service_name": "Bandcamp", "submission_client": "Web"}, "Bandcamp (Web)"),
        ({"media_player": ["x"]}, ""),
        (None, ""),
    ],
)
def test_platforms(info, platform):
    assert told(info).platform == platform


@pytest.mark.parametrize(
    ("info", "known_ms", "ms", "is_estimate"),
    [
        ({"duration_ms": 200_000}, None, 200_000, True),
        ({"duration": "200"}, None, 200_000, True),
        ({"duration": 200, "duration_played": 90}, 210_000, 90_000, False),
        ({"duration_played": 90.5}, None, 90_500, False),
        ({"duration_played": -1}, 210_000, 210_000, True),
        ({"duration_played": True}, 210_000, 210_000, True),
        (None, 210_000, 210_000, True),
        (None, None, UNTOLD_MS, True),
        ({"duration": 2_073_600}, None, 172_800_000, True),
    ],
)
def test_how_long_it_was_heard(info, known_ms, ms, is_estimate):
    event = told(info).evidence(track_id=1, platform=2, known_ms=known_ms)
    assert (event.origin, event.started_ms) == (Origin.SUBMIT, (NOW_S - 600) * 1000)
    assert (event.ms_played, event.ended_ms - event.started_ms) == (ms, ms)
    assert (event.is_estimate, event.platform) == (is_estimate, 2)


@pytest.mark.parametrize(("info", "isrc"), [({"isrc": "us-rc1-76-07839"}, "USRC17607839"), ({"isrc": "?"}, "")])
def test_isrcs(info, isrc):
    assert told(info).isrc == isrc


@pytest.mark.parametrize(("number", "kept"), [(3, 3), ("3", 3), (0, None), ("A1", None), ([], None), (99_999, None)])
def test_track_numbers(number, kept):
    assert told({"tracknumber": number}).track_number == kept


def test_playing_now_was_not_heard_yet():
    heard = told(kind="playing_now")
    assert heard.started_ms is None
    with pytest.raises(ValueError, match="not heard"):
        heard.evidence(track_id=1, platform=0, known_ms=None)
