"""The services beside Spotify, over real HTTP, with their odd ways."""

import msgspec
import pytest
import requests

from vibesite.sandbox.friends import knows, plain
from vibesite.sandbox.listenbrainz_labs import ALGORITHMS
from vibesite.sandbox.lyrics import is_instrumental
from vibesite.sandbox.musicbrainz import KNOWN, LINKED

AGENT = {"User-Agent": "Vibesite/1.0 ( tests@example.org )"}


@pytest.fixture
def friends(sandbox):
    """The sandbox with nobody counting calls."""
    sandbox.state.set_option("friend_limits", False)
    return sandbox


def get(sandbox, path, **options):
    return requests.get(sandbox.url + path, timeout=5, **options)


# ReccoBeats


def test_features_leave_out_the_unknown_and_lose_the_order(friends):
    tracks = friends.world.tracks[:40]
    answer = get(friends, "/reccobeats/v1/audio-features", params={"ids": ",".join(track.id for track in tracks)})
    rows = answer.json()["content"]
    ids = [row["href"].rpartition("/")[2] for row in rows]
    asked = [track.id for track in tracks]
    assert set(ids) < set(asked)
    assert ids != [id for id in asked if id in ids]
    row, track = rows[0], friends.world.track(ids[0])
    assert row["energy"] == track.features.energy
    assert row["isrc"] == track.isrc
    assert "time_signature" not in row


def test_features_by_isrc_give_every_pressing_and_by_uuid_one(friends):
    world = friends.world
    track = next(t for t in world.tracks if len(world.by_isrc(t.isrc)) > 1 and knows("reccobeats", t.mbid, 91))
    rows = get(friends, f"/reccobeats/v1/audio-features?ids={track.isrc}").json()["content"]
    assert len(rows) == len(world.by_isrc(track.isrc))
    own = rows[0]["id"]
    assert get(friends, f"/reccobeats/v1/track/{own}/audio-features").json()["isrc"] == track.isrc
    assert get(friends, f"/reccobeats/v1/track/{own}").json()["trackTitle"]
    refused = get(friends, f"/reccobeats/v1/track/{track.id}/audio-features")
    assert (refused.status_code, refused.json()["error"]) == (400, 4001)
    missing = get(friends, "/reccobeats/v1/track/00000000-0000-4000-8000-000000000000/audio-features")
    assert (missing.status_code, missing.json()["error"]) == (404, 4041)


def test_features_take_forty_ids_and_five_seeds(friends):
    ids = [track.id for track in friends.world.tracks[:41]]
    assert get(friends, "/reccobeats/v1/audio-features", params={"ids": ids}).status_code == 400
    assert get(friends, "/reccobeats/v1/audio-features", params={"ids": ids[:40]}).status_code == 200
    assert get(friends, "/reccobeats/v1/audio-features").status_code == 400
    near = get(friends, "/reccobeats/v1/track/recommendation", params={"size": 7, "seeds": ids[:5]})
    assert len(near.json()["content"]) == 7
    assert near.json()["content"][0]["artists"][0]["name"]
    for wrong in ({"size": 7, "seeds": ids[:6]}, {"size": 7}, {"seeds": ids[:1]}, {"size": 101, "seeds": ids[:1]}):
        assert get(friends, "/reccobeats/v1/track/recommendation", params=wrong).status_code == 400


def test_features_of_a_file(friends):
    url = friends.url + "/reccobeats/v1/analysis/audio-features"
    first = requests.post(url, files={"audioFile": b"RIFF" * 99}, timeout=5).json()
    assert first == requests.post(url, files={"audioFile": b"RIFF" * 99}, timeout=5).json()
    assert len(first) == 9
    assert requests.post(url, timeout=5).status_code == 400
    assert requests.post(url, files={"audioFile": b"x" * (5 << 20) + b"x"}, timeout=5).status_code == 413


def test_too_many_calls_are_told_when_to_come_back(sandbox):
    sandbox.clock.freeze()
    url = f"/reccobeats/v1/audio-features?ids={sandbox.world.tracks[0].id}"
    codes = [get(sandbox, url).status_code for _ in range(61)]
    assert codes == [200] * 60 + [429]
    late = get(sandbox, url)
    assert late.json()["error"] == 4291
    assert int(late.headers["Retry-After"]) > 0


# Last.fm


def lastfm(sandbox, method, **params):
    params = {"method": method, "format": "json", "api_key": "sandbox-key"} | params
    answer = get(sandbox, "/lastfm/2.0/", params=params)
    assert answer.status_code == 200
    return answer.json()


def known_artist(world):
    return next(
        a for a in world.artists if len(a.similar) > 3 and knows("lastfm", a.id, 95) and plain(a.name).isascii()
    )


def test_lastfm_tells_what_is_similar_in_strings(friends):
    artist = known_artist(friends.world)
    near = lastfm(friends, "artist.getSimilar", artist=artist.name.upper(), limit="3")["similarartists"]
    assert [type(row["match"]) for row in near["artist"]] == [str] * 3
    assert near["@attr"]["artist"]
    tags = lastfm(friends, "artist.getTopTags", artist=artist.name)["toptags"]["tag"]
    assert tags[0]["count"] == "100"
    best = lastfm(friends, "artist.getTopTracks", artist=artist.name)["toptracks"]
    assert int(best["@attr"]["total"]) > 0
    assert lastfm(friends, "artist.getInfo", artist=artist.name)["artist"]["stats"]["listeners"].isdigit()


def test_lastfm_gives_one_as_an_object(friends):
    artist = known_artist(friends.world)
    assert isinstance(
        lastfm(friends, "artist.getSimilar", artist=artist.name, limit="1")["similarartists"]["artist"], dict
    )


def test_lastfm_similar_tracks_are_by_similar_acts(friends):
    world = friends.world
    track = next(t for t in world.tracks if knows("lastfm", t.mbid, 88) and knows("lastfm near", t.mbid, 85))
    name = world.artist(track.artist_ids[0]).name
    rows = lastfm(friends, "track.getSimilar", artist=name, track=track.name)["similartracks"]["track"]
    assert len(rows) > 10
    matches = [float(row["match"]) for row in rows]
    assert matches == sorted(matches, reverse=True)
    assert lastfm(friends, "track.getInfo", artist=name, track=track.name)["track"]["listeners"].isdigit()
    assert lastfm(friends, "track.getTopTags", artist=name, track=track.name)["toptags"]["tag"] is not None


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"artist": "Nobody Has This Name At All"}, 6),
        ({}, 6),
        ({"api_key": "wrong", "artist": "x"}, 10),
        ({"api_key": "sandbox-suspended", "artist": "x"}, 26),
        ({"method": "artist.noSuchThing"}, 3),
    ],
)
def test_lastfm_errors_come_with_200(friends, params, code):
    params = {"method": "artist.getSimilar"} | params
    assert lastfm(friends, params.pop("method"), **params)["error"] == code


def test_lastfm_counts_five_calls_a_second(sandbox):
    sandbox.clock.freeze()
    artist = known_artist(sandbox.world).name
    answers = [lastfm(sandbox, "artist.getInfo", artist=artist) for _ in range(6)]
    assert [answer.get("error") for answer in answers] == [None] * 5 + [29]


def test_lastfm_scrobbles_are_what_was_heard(friends, now):
    friends.clock.freeze(now)
    mara = friends.listeners[0]
    told = lastfm(friends, "user.getRecentTracks", user=mara.id, limit="50")["recenttracks"]
    dated = [row for row in told["track"] if "date" in row]
    assert 49 <= len(dated) <= 51
    stamps = [int(row["date"]["uts"]) for row in dated]
    assert stamps == sorted(stamps, reverse=True)
    assert lastfm(friends, "user.getRecentTracks", user="nobody")["error"] == 6


# MusicBrainz


def test_musicbrainz_knows_isrcs_links_and_artists(friends):
    world = friends.world
    track = next(
        t for t in world.tracks if knows("musicbrainz", t.mbid, KNOWN) and knows("musicbrainz link", t.id, LINKED)
    )
    base = "/musicbrainz/ws/2"
    told = get(friends, f"{base}/isrc/{track.isrc}?inc=artist-credits+releases&fmt=json", headers=AGENT).json()
    row = next(row for row in told["recordings"] if row["id"] == track.mbid)
    assert row["artist-credit"][0]["name"] == world.artist(track.artist_ids[0]).name
    assert row["releases"]
    link = f"https://open.spotify.com/track/{track.id}"
    params = {"resource": link, "inc": "recording-rels", "fmt": "json"}
    one = get(friends, f"{base}/url", params=params, headers=AGENT).json()
    assert one["relations"][0]["recording"]["id"] == track.mbid
    several = get(friends, f"{base}/url", params=params | {"resource": [link, link + "x"]}, headers=AGENT).json()
    assert several["url-count"] == 1
    artist = world.artist(track.artist_ids[0])
    genres = get(friends, f"{base}/artist/{artist.mbid}?inc=genres+tags&fmt=json", headers=AGENT).json()
    assert genres["genres"][0]["name"] in artist.genres
    found = get(
        friends, f"{base}/recording", params={"query": f"isrc:{track.isrc}", "fmt": "json"}, headers=AGENT
    ).json()
    assert track.mbid in [row["id"] for row in found["recordings"]]


def test_musicbrainz_refuses(friends):
    base = "/musicbrainz/ws/2"
    assert get(friends, f"{base}/isrc/ZZZZZ2600001?fmt=json", headers=AGENT).status_code == 404
    assert get(friends, f"{base}/isrc/nonsense?fmt=json", headers=AGENT).status_code == 400
    assert get(friends, f"{base}/url?fmt=json", headers=AGENT).status_code == 400
    assert get(friends, f"{base}/isrc/ZZZZZ2600001?fmt=json").status_code == 403  # a library's own User-Agent
    missing = {"resource": "https://open.spotify.com/track/0000000000000000000000", "fmt": "json"}
    assert get(friends, f"{base}/url", params=missing, headers=AGENT).status_code == 404


def test_musicbrainz_answers_once_a_second(sandbox, now):
    sandbox.clock.freeze(now)
    url = "/musicbrainz/ws/2/isrc/ZZZZZ2600001?fmt=json"
    assert [get(sandbox, url, headers=AGENT).status_code for _ in range(2)] == [404, 503]


# LRCLIB and Genius


def test_lrclib_by_names_and_duration(friends):
    world = friends.world
    track = next(t for t in world.tracks if t.lyrics and knows("lrclib", t.mbid, 84) and plain(t.name).isascii())
    params = {"track_name": track.name, "artist_name": world.artist(track.artist_ids[0]).name}
    seconds = round(track.duration_ms / 1000)
    found = get(friends, "/lrclib/api/get", params=params | {"duration": seconds + 2}).json()
    assert found["plainLyrics"]
    assert found["instrumental"] is False
    assert get(friends, f"/lrclib/api/get/{found['id']}").json() == found
    wrong = get(friends, "/lrclib/api/get", params=params | {"duration": seconds + 400})
    assert (wrong.status_code, wrong.json()["name"]) == (404, "TrackNotFound")
    assert get(friends, "/lrclib/api/get", params={"track_name": track.name}).status_code == 400
    hits = get(friends, "/lrclib/api/search", params={"q": track.name}).json()
    assert 0 < len(hits) <= 20
    assert get(friends, "/lrclib/api/search", params={"q": "qqqzzz"}).json() == []


def test_lrclib_instrumentals_have_no_words(friends):
    track = next(t for t in friends.world.tracks if is_instrumental(t) and knows("lrclib", t.mbid, 84))
    params = {"track_name": track.name, "artist_name": friends.world.artist(track.artist_ids[0]).name}
    found = get(friends, "/lrclib/api/get", params=params).json()
    assert (found["instrumental"], found["plainLyrics"], found["syncedLyrics"]) == (True, None, None)


def test_genius_links_and_shuts_its_pages(friends):
    track = next(t for t in friends.world.tracks if knows("genius", t.mbid, 80) and plain(t.name).isascii())
    auth = {"Authorization": "Bearer sandbox-token"}
    hits = get(friends, "/genius/search", params={"q": track.name}, headers=auth).json()["response"]["hits"]
    song = hits[0]["result"]
    assert song["primary_artist"]["name"]
    assert get(friends, f"/genius/songs/{song['id']}", headers=auth).json()["response"]["song"] == song
    assert requests.get(song["url"], timeout=5).status_code == 403
    assert get(friends, "/genius/search?q=x").status_code == 401
    assert get(friends, "/genius/search?q=x", headers={"Authorization": "Bearer stolen"}).status_code == 401


# ListenBrainz


def token(sandbox, listener=0):
    return {"Authorization": f"Token lb-{sandbox.listeners[listener].id}"}


def listen(at=1_700_000_000, **metadata):
    return {"listened_at": at, "track_metadata": {"artist_name": "A", "track_name": "B"} | metadata}


def submit(sandbox, kind, payload, headers=None):
    body = {"listen_type": kind, "payload": payload}
    headers = token(sandbox) if headers is None else headers
    return requests.post(sandbox.url + "/listenbrainz/1/submit-listens", json=body, headers=headers, timeout=5)


def test_listens_are_kept_once_and_read_back(friends):
    user = friends.listeners[0].id
    assert submit(friends, "import", [listen(1_700_000_000 + n) for n in range(30)]).json() == {"status": "ok"}
    assert submit(friends, "single", [listen()]).status_code == 200
    assert submit(friends, "playing_now", [{"track_metadata": listen()["track_metadata"]}]).status_code == 200
    count = get(friends, f"/listenbrainz/1/user/{user}/listen-count").json()["payload"]["count"]
    assert count == 30
    page = get(friends, f"/listenbrainz/1/user/{user}/listens?count=10&max_ts=1700000020").json()["payload"]
    assert [row["listened_at"] for row in page["listens"]] == list(range(1_700_000_019, 1_700_000_009, -1))
    assert get(friends, f"/listenbrainz/1/user/{user}/playing-now").json()["payload"]["count"] == 1
    assert get(friends, "/listenbrainz/1/user/nobody/listens").status_code == 404


@pytest.mark.parametrize(
    ("kind", "payload"),
    [
        ("single", []),
        ("single", [listen(), listen()]),
        ("album", [listen()]),
        ("single", [{"listened_at": 5, "track_metadata": {}}]),
        ("single", [listen(at="soon")]),
        ("single", [listen(artist_name="")]),
        ("playing_now", [listen()]),
        ("import", [listen()] * 1001),
        ("single", [3]),
        ("single", [listen(at=99_999_999_999)]),
    ],
)
def test_wrong_listens_are_refused(friends, kind, payload):
    answer = submit(friends, kind, payload)
    assert answer.status_code == 400
    assert answer.json()["code"] == 400


def test_tokens(friends):
    assert submit(friends, "single", [listen()], headers={}).status_code == 401
    assert submit(friends, "single", [listen()], headers={"Authorization": "Token wrong"}).status_code == 401
    valid = get(friends, "/listenbrainz/1/validate-token", headers=token(friends)).json()
    assert (valid["valid"], valid["user_name"]) == (True, friends.listeners[0].id)
    assert get(friends, "/listenbrainz/1/validate-token?token=x").json()["valid"] is False
    assert get(friends, "/listenbrainz/1/validate-token").status_code == 400
    assert submit(friends, "single", [listen(note="x" * 11_000)]).status_code == 413


def test_lookup_popularity_and_radio(friends):
    world = friends.world
    track = next(t for t in world.tracks if knows("listenbrainz", t.mbid, 86) and plain(t.name).isascii())
    artist = world.artist(track.artist_ids[0])
    names = {"artist_name": artist.name, "recording_name": track.name}
    base = "/listenbrainz/1"
    assert get(friends, f"{base}/metadata/lookup/", params=names).status_code == 401
    found = get(friends, f"{base}/metadata/lookup/", params=names, headers=token(friends)).json()
    assert world.by_mbid(found["recording_mbid"])
    assert (
        get(friends, f"{base}/metadata/lookup/", params=names | {"artist_name": "?"}, headers=token(friends)).json()
        == {}
    )
    asked = {"recording_mbids": [track.mbid, "unknown"]}
    heard = requests.post(f"{friends.url}{base}/popularity/recording", json=asked, timeout=5)
    assert [row["total_listen_count"] is None for row in heard.json()] == [False, True]
    assert int(heard.headers["X-RateLimit-Remaining"]) >= 0
    best = get(friends, f"{base}/popularity/top-recordings-for-artist/{artist.mbid}", headers=token(friends)).json()
    assert track.mbid in [row["recording_mbid"] for row in best]
    assert get(friends, f"{base}/popularity/top-recordings-for-artist/{artist.mbid}").status_code == 401
    radio = get(friends, f"{base}/lb-radio/artist/{artist.mbid}", headers=token(friends)).json()
    assert artist.mbid in radio


def test_labs_want_an_algorithm(friends):
    world = friends.world
    artist = known_artist(world)
    url = "/listenbrainz/labs/similar-artists/json"
    rows = get(friends, url, params={"artist_mbids": artist.mbid, "algorithm": ALGORITHMS[0]}).json()
    assert {row["artist_mbid"] for row in rows} == {world.artist(id).mbid for id in artist.similar}
    assert get(friends, url, params={"artist_mbids": artist.mbid}).status_code == 400
    assert get(friends, url, params={"artist_mbids": artist.mbid, "algorithm": "old"}).status_code == 400
    track = next(t for t in world.tracks if knows("listenbrainz", t.mbid, 86))
    asked = [{"recording_mbids": [track.mbid], "algorithm": ALGORITHMS[0]}]
    near = requests.post(f"{friends.url}/listenbrainz/labs/similar-recordings/json", json=asked, timeout=5).json()
    assert near
    assert all(row["reference_mbid"] == track.mbid for row in near)
    asked = [{"recording_mbid": track.mbid}]
    ids = requests.post(f"{friends.url}/listenbrainz/labs/spotify-id-from-mbid/json", json=asked, timeout=5).json()
    assert set(ids[0]["spotify_track_ids"]) <= {twin.id for twin in world.by_mbid(track.mbid)}


def test_listenbrainz_counts_calls(sandbox):
    sandbox.clock.freeze()
    codes = [get(sandbox, "/listenbrainz/1/validate-token?token=x").status_code for _ in range(31)]
    assert codes == [200] * 30 + [429]
    late = get(sandbox, "/listenbrainz/1/validate-token?token=x")
    assert late.headers["X-RateLimit-Remaining"] == "0"
    assert int(late.headers["X-RateLimit-Reset-In"]) > 0


def test_answers_are_the_same_every_time(friends):
    url = f"/reccobeats/v1/track/recommendation?size=20&seeds={friends.world.tracks[3].id}"
    assert get(friends, url).content == get(friends, url).content
    assert msgspec.json.decode(get(friends, url).content)["content"]
