"""The sandbox's Web API against Spotify's published description, in both modes."""

from __future__ import annotations

import base64
from typing import Any

import pytest
import requests

from tests.contract import openapi
from vibesite.sandbox.scopes import SCOPES

JPEG = base64.b64encode(b"\xff\xd8\xff\xe0" + bytes(400) + b"\xff\xd9").decode()
CURRENT = [(method, path) for method, path, operation in openapi.operations() if not operation.get("deprecated")]
OLD = [(method, path) for method, path, operation in openapi.operations() if operation.get("deprecated")]
QUERIES: dict[str, dict[str, Any]] = {
    "/search": {"q": "a", "type": "album,artist,playlist,track,show,episode,audiobook"},
    "/me/following": {"type": "artist"},
    "/me/player/seek": {"position_ms": 1000},
    "/me/player/repeat": {"state": "off"},
    "/me/player/volume": {"volume_percent": 50},
    "/me/player/shuffle": {"state": "true"},
}
# In extended mode, these have been gone since November 2024.
GONE = (
    "related-artists",
    "audio-features",
    "audio-analysis",
    "recommendations",
    "featured-playlists",
    "categories/{category_id}/playlists",
)


@pytest.fixture
def things(sandbox):
    """Ids to fill paths with; a playlist of the listener's own with a local file, a gap and an episode in it."""
    anna = sandbox.listeners[0]
    world = sandbox.sandbox.base_world
    own = [one for one in world.playlists(anna, sandbox.clock.now()) if one.owner_id == anna.id and one.items]
    return {
        "listener": anna,
        "user_id": anna.id,
        "playlist_id": own[0].id,
        "all": [one.id for one in own],
        "track": world.tracks[5].id,
        "albums": world.albums[3].id,
        "artists": world.artists[3].id,
        "shows": world.spoken.shows[0].id,
        "episodes": world.spoken.shows[0].episode_ids[3],
        "audiobooks": world.spoken.books[0].id,
        "chapters": world.spoken.books[0].chapter_ids[0],
        "tracks": world.tracks[5].id,
        "category_id": world.artists[3].genres[0].replace(" ", "_"),
    }


def _ask(sandbox, things, method: str, path: str, client: str) -> requests.Response:
    noun = path.split("/")[1]
    values = {"id": things.get(noun, things["track"])} | {key: things[key] for key in ("playlist_id", "user_id")}
    values["category_id"] = things["category_id"]
    query = dict(QUERIES.get(path, {}))
    if "library" in path:
        query["uris"] = f"spotify:track:{things['track']},spotify:album:{things['albums']}"
    if path == "/me/player/queue" and method == "POST":
        query["uri"] = f"spotify:track:{things['track']}"
    if (path.count("/") == 1 or "contains" in path or method in ("PUT", "DELETE")) and "library" not in path:
        kind = path.split("/")[-2] if "contains" in path else path.split("/")[-1]
        query.setdefault("ids", things.get(kind, things["artists"]))
        if "following" in path:
            query |= {"type": "artist", "ids": things["artists"]}
    body: Any = None
    if path == "/me/playlists" or (path.endswith("/playlists") and method == "POST"):
        body = {"name": "Made in a test", "public": False}
    elif path.endswith(("/items", "/tracks")) and "playlist" in path:
        body = {"uris": [f"spotify:track:{things['track']}"]}
        if method == "DELETE":
            body = {path.rsplit("/", 1)[1]: [{"uri": f"spotify:track:{things['track']}"}]}
    elif path == "/playlists/{playlist_id}":
        body = {"name": "Renamed"}
    elif path == "/me/player":
        body = {"device_ids": ["x"]}
    headers = sandbox.headers_for(things["listener"].id, client, scopes=SCOPES)
    kwargs: dict[str, Any] = {"json": body} if method != "GET" and body is not None else {}
    if path.endswith("/images") and method == "PUT":
        kwargs = {"data": JPEG}
        headers["Content-Type"] = "image/jpeg"
    url = sandbox.url + "/v1" + openapi.filled(path, values)
    return requests.request(method, url, params=query, headers=headers, timeout=10, **kwargs)


def _body(answer: requests.Response) -> Any:
    return answer.json() if answer.content else None


@pytest.mark.parametrize("client", ["sandbox-app", "sandbox-extended"])
@pytest.mark.parametrize(("method", "path"), CURRENT, ids=[" ".join(one) for one in CURRENT])
def test_answer_is_as_described(sandbox, things, method, path, client):
    sandbox.play_now(things["listener"].id, things["track"], progress_ms=5000, context_uri="spotify:album:" + "1" * 22)
    answer = _ask(sandbox, things, method, path, client)
    assert answer.status_code < 300, answer.text
    assert openapi.faults_of(method, path, answer.status_code, _body(answer)) == []
    if client == "sandbox-app":
        assert list(openapi.removed_fields_in(_body(answer))) == []


@pytest.mark.parametrize(("method", "path"), OLD, ids=[" ".join(one) for one in OLD])
def test_removed_endpoints_are_forbidden_in_development_mode(sandbox, things, method, path):
    answer = _ask(sandbox, things, method, path, "sandbox-app")
    assert (answer.status_code, answer.json()) == (403, {"error": {"status": 403, "message": "Forbidden"}})


@pytest.mark.parametrize(("method", "path"), OLD, ids=[" ".join(one) for one in OLD])
def test_extended_mode_keeps_what_february_took(sandbox, things, method, path):
    answer = _ask(sandbox, things, method, path, "sandbox-extended")
    if any(word in path for word in GONE):
        assert answer.status_code == 403
        return
    assert answer.status_code < 300, answer.text
    assert openapi.faults_of(method, path, answer.status_code, _body(answer)) == []


@pytest.mark.parametrize("client", ["sandbox-app", "sandbox-extended"])
def test_every_own_playlist_is_as_described(sandbox, things, client):
    """Local files apart, whose nulls the description does not know."""
    headers = sandbox.headers_for(things["listener"].id, client, scopes=SCOPES)
    odd = set()
    for playlist_id in things["all"]:
        url = f"{sandbox.url}/v1/playlists/{playlist_id}/items?limit=50"
        while url:
            page = requests.get(url, headers=headers, timeout=10).json()
            url = page["next"]
            local = [item for item in page["items"] if item["is_local"]]
            odd |= {"local" for _ in local} | {"gone" for item in page["items"] if item["item"] is None}
            odd |= {item["item"]["type"] for item in page["items"] if item["item"]}
            for item in local:
                assert item["item"]["id"] is None
                assert item["item"]["uri"].startswith("spotify:local:")
            path = "/playlists/{playlist_id}/items"
            assert openapi.faults_of("GET", path, 200, page) == []
    assert {"local", "gone", "track", "episode"} <= odd


def test_episodes_ads_and_silence_are_as_described(sandbox, things):
    anna, path = things["listener"], "/me/player"
    headers = sandbox.headers_for(anna.id, scopes=SCOPES)

    def state(**query: str) -> Any:
        answer = requests.get(sandbox.url + "/v1" + path, headers=headers, params=query, timeout=5)
        assert openapi.faults_of("GET", path, answer.status_code, _body(answer)) == []
        return _body(answer)

    sandbox.play_now(anna.id, things["episodes"], kind="episode")
    assert state()["item"] is None
    assert state(additional_types="track,episode")["item"]["id"] == things["episodes"]
    sandbox.play_now(anna.id, things["chapters"], kind="chapter")
    assert state(additional_types="episode")["currently_playing_type"] == "episode"
    sandbox.play_now(anna.id, None, kind="ad")
    assert (state()["item"], state()["currently_playing_type"]) == (None, "ad")
    sandbox.play_now(anna.id)
    assert state() is None
