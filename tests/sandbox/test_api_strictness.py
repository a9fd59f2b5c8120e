"""What the Web API refuses, by table: status and Spotify's own words."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Any

import pytest
import requests

OK_ID = "0" * 22


@pytest.fixture
def ask(sandbox):
    """Ask as the first listener: `ask("GET", "/me", status=200)`."""
    session = requests.Session()

    def call(method: str, path: str, *, client: str = "sandbox-app", scopes: Any = None, who: int = 0, **more: Any):
        listener = sandbox.listeners[who]
        headers = sandbox.headers_for(listener.id, client, scopes=scopes) | more.pop("headers", {})
        return session.request(method, f"{sandbox.url}/v1{path}", headers=headers, timeout=5, **more)

    return call


def words(answer: requests.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["message"]


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/me/tracks?limit=51", "Invalid limit"),
        ("/me/tracks?limit=0", "Invalid limit"),
        ("/me/tracks?limit=ten", "Invalid limit"),
        ("/me/tracks?offset=-1", "Invalid offset"),
        ("/me/tracks?market=Germany", "Invalid market code"),
        ("/me/playlists?limit=51", "Invalid limit"),
        ("/me/top/tracks?limit=51", "Invalid limit"),
        ("/me/top/tracks?time_range=all", "Invalid time range"),
        ("/me/player/recently-played?limit=51", "Invalid limit"),
        ("/me/player/recently-played?after=1&before=2", "Only one of after or before may be specified"),
        ("/me/player/recently-played?after=yesterday", "Invalid after"),
        ("/me/following", "Invalid type"),
        ("/search?q=a&type=track&limit=11", "Invalid limit"),
        ("/search?q=a&type=track&offset=1001", "Invalid offset"),
        ("/search?type=track", "No search query"),
        ("/search?q=a", "Missing parameter type"),
        ("/search?q=a&type=song", "Bad search type field song"),
        ("/tracks/short", "Invalid base62 id"),
        ("/me/library/contains", "Missing required parameter: uris"),
        ("/me/library/contains?uris=track:1", "Invalid URI: track:1"),
        (
            "/me/library/contains?uris=" + ",".join(["spotify:track:" + OK_ID] * 41),
            "Too many uris requested. Maximum: 40",
        ),
    ],
)
def test_bad_question_is_400(ask, path, message):
    assert words(ask("GET", path)) == (400, message)


def test_artist_albums_are_ten_at_most_in_development_mode_and_fifty_in_extended(sandbox, ask):
    path = f"/artists/{sandbox.world.artists[3].id}/albums"
    assert ask("GET", path).json()["limit"] == 5
    assert words(ask("GET", path + "?limit=11")) == (400, "Invalid limit")
    assert ask("GET", path + "?limit=50", client="sandbox-extended").status_code == 200


@pytest.mark.parametrize(
    ("path", "status", "message"),
    [
        ("/tracks/" + OK_ID, 404, "Resource not found"),
        ("/playlists/" + OK_ID, 404, "Resource not found"),
        ("/nothing", 404, "Service not found"),
        ("/me/top/albums", 404, "Service not found"),
    ],
)
def test_what_is_not_there_is_404(ask, path, status, message):
    assert words(ask("GET", path)) == (status, message)


def test_spotifys_own_playlists_are_listed_and_not_readable(sandbox, ask):
    listed = ask("GET", "/me/playlists?limit=50").json()["items"]
    editorial = [one for one in listed if one["owner"]["id"] == "spotify"]
    assert editorial
    assert words(ask("GET", f"/playlists/{editorial[0]['id']}")) == (404, "Resource not found")


def test_wrong_method_is_405(ask):
    assert words(ask("POST", "/me")) == (405, "Method not allowed")


@pytest.mark.parametrize(
    ("method", "path", "scope", "status"),
    [
        ("GET", "/me/player/recently-played", "user-read-recently-played", 403),
        ("GET", "/me/player", "user-read-playback-state", 401),
        ("GET", "/me/player/currently-playing", "user-read-currently-playing", 401),
        ("GET", "/me/top/tracks", "user-top-read", 403),
        ("GET", "/me/tracks", "user-library-read", 403),
        ("GET", "/me/albums", "user-library-read", 403),
        ("GET", "/me/following?type=artist", "user-follow-read", 403),
        ("GET", "/me/library/contains?uris=spotify:track:" + OK_ID, "user-library-read", 403),
        ("PUT", "/me/library?uris=spotify:track:" + OK_ID, "user-library-modify", 403),
        ("POST", "/me/playlists", "playlist-modify-public", 403),
        ("PUT", "/me/player/pause", "user-modify-playback-state", 403),
    ],
)
def test_missing_scope_is_refused(sandbox, ask, method, path, scope, status):
    from tests.sandbox_fixtures import USUAL_SCOPES

    without = [one for one in USUAL_SCOPES if one != scope]
    more = {"json": {"name": "x"}} if method == "POST" else {}
    expected = "Permissions missing" if status == 401 else "Insufficient client scope"
    assert words(ask(method, path, scopes=without, **more)) == (status, expected)


def test_tokens_that_are_none(sandbox):
    def get(**headers: str) -> requests.Response:
        return requests.get(sandbox.url + "/v1/me", headers=headers, timeout=5)

    assert words(get()) == (401, "No token provided")
    assert words(get(Authorization="Basic abc")) == (400, "Only valid bearer authentication supported")
    assert words(get(Authorization="Bearer abc")) == (401, "Invalid access token")
    mara = sandbox.listeners[0].id
    good = sandbox.headers_for(mara)
    sandbox.clock.jump(timedelta(seconds=3601))
    assert words(get(**good)) == (401, "The access token expired")
    fresh = sandbox.headers_for(mara)
    sandbox.revoke(mara)
    assert words(get(**fresh)) == (401, "Invalid access token")
    refresh = sandbox.tokens_for(mara)["refresh_token"]
    assert words(get(Authorization=f"Bearer {refresh}")) == (401, "Invalid access token")


@pytest.mark.parametrize("body", ["text", "json"])
def test_unlisted_listener_signs_in_and_then_gets_403(sandbox, body):
    stranger = sandbox.listeners[-1]
    sandbox.app(unlisted_body=body)
    headers = sandbox.headers_for(stranger.id, allow=False)
    answer = requests.get(sandbox.url + "/v1/me", headers=headers, timeout=5)
    text = answer.json()["error"]["message"] if body == "json" else answer.text
    assert answer.status_code == 403
    assert text == "Check settings on developer.spotify.com/dashboard, the user may not be registered."


def test_nothing_works_while_the_owner_has_no_premium(sandbox, ask):
    sandbox.app(owner_premium=False, unlisted_body="json")
    assert words(ask("GET", "/me")) == (403, "Active premium subscription required for the owner of the app.")


def test_rate_limit_of_thirty_seconds(sandbox, ask):
    sandbox.clock.freeze()
    sandbox.app(rate_limit=3)
    assert [ask("GET", "/me").status_code for _ in range(4)] == [200, 200, 200, 429]
    refused = ask("GET", "/me")
    assert (refused.text, refused.headers["Retry-After"]) == ("Too many requests", "30")
    sandbox.clock.jump(timedelta(seconds=31))
    assert ask("GET", "/me").status_code == 200


def test_quota_is_of_the_developer_and_rolls_over_a_day(sandbox, ask):
    sandbox.clock.freeze()
    sandbox.app("sandbox-app", quota=3)
    sandbox.app("sandbox-second", developer="developer-1", quota=3)
    assert [ask("GET", "/me", client=app).status_code for app in ("sandbox-app", "sandbox-second", "sandbox-app")] == [
        200,
        200,
        200,
    ]
    refused = ask("GET", "/me", client="sandbox-second")
    assert refused.status_code == 429
    assert refused.json() == {"error": {"status": 429, "message": "Too many requests", "reason": "QUOTA_EXCEEDED"}}
    assert 86_000 < int(refused.headers["Retry-After"]) <= 86_400
    sandbox.clock.jump(timedelta(hours=12))
    assert 43_000 < int(ask("GET", "/me").headers["Retry-After"]) <= 43_200
    sandbox.clock.jump(timedelta(hours=12, minutes=1))
    assert ask("GET", "/me").status_code == 200


def test_profile_tells_less_in_development_mode(sandbox, ask):
    scopes = ("user-read-email", "user-read-private")
    less = ask("GET", "/me", scopes=scopes).json()
    more = ask("GET", "/me", scopes=scopes, client="sandbox-extended").json()
    assert set(less) == {"account_id", "id", "display_name", "external_urls", "href", "images", "type", "uri"}
    assert {"email", "country", "product", "followers", "explicit_content"} <= set(more)


# Playlists


@pytest.fixture
def playlist(ask):
    return ask("POST", "/me/playlists", json={"name": "Mine", "public": False}).json()["id"]


def uris(sandbox, count: int, start: int = 0) -> list[str]:
    tracks = sandbox.world.tracks
    return [tracks[(start + place) % len(tracks)].uri for place in range(count)]


@pytest.mark.parametrize(
    ("method", "told", "message"),
    [
        ("POST", {"uris": ["spotify:track:" + OK_ID] * 101}, "You can add a maximum of 100 tracks per request."),
        ("POST", {"uris": []}, "No uris provided"),
        ("POST", {"uris": ["spotify:local:a:b:c:1"]}, "JSON body contains an invalid track uri: spotify:local:a:b:c:1"),
        ("POST", {"uris": ["spotify:track:" + OK_ID]}, "Payload contains a non-existing ID"),
        ("PUT", {}, "Missing required field: uris"),
        ("PUT", {"range_start": 0, "insert_before": 9}, "Index out of bounds."),
        ("PUT", {"range_start": 0, "insert_before": 0, "uris": []}, "Cannot both replace and reorder"),
        ("DELETE", {"tracks": [{"uri": "spotify:track:" + OK_ID}]}, "Missing required field: items"),
        ("DELETE", {"items": [{"uri": "spotify:track:" + OK_ID}], "snapshot_id": "AAAA"}, "Invalid snapshot_id"),
    ],
)
def test_bad_playlist_write_is_400(ask, playlist, method, told, message):
    assert words(ask(method, f"/playlists/{playlist}/items", json=told)) == (400, message)


def test_a_body_that_is_not_json(ask, playlist):
    answer = ask("POST", f"/playlists/{playlist}/items", data="{", headers={"Content-Type": "application/json"})
    assert words(answer) == (400, "Error parsing JSON.")


def test_playlist_is_public_unless_told_otherwise_and_says_so(sandbox, ask):
    assert ask("POST", "/me/playlists", json={"name": "a"}).json()["public"] is True
    assert ask("POST", "/me/playlists", json={"name": "a", "public": False}).json()["public"] is False
    sandbox.state.set_option("ignore_private", True)
    assert ask("POST", "/me/playlists", json={"name": "a", "public": False}).json()["public"] is True
    assert words(ask("POST", "/me/playlists", json={"public": True})) == (400, "Missing required field: name")


def test_foreign_playlist_shows_no_items_in_development_mode(sandbox, ask):
    theirs = ask("POST", "/me/playlists", json={"name": "Theirs"}, who=1).json()["id"]
    ask("POST", f"/playlists/{theirs}/items", json={"uris": uris(sandbox, 2)}, who=1)
    assert "items" not in ask("GET", f"/playlists/{theirs}").json()
    assert words(ask("GET", f"/playlists/{theirs}/items")) == (403, "Forbidden")
    assert ask("POST", f"/playlists/{theirs}/items", json={"uris": uris(sandbox, 1)}).status_code == 403
    assert ask("GET", f"/playlists/{theirs}/items", client="sandbox-extended").json()["total"] == 2


def test_writes_are_read_back_and_change_the_snapshot(sandbox, ask, playlist):
    path = f"/playlists/{playlist}/items"
    seen = [ask("GET", f"/playlists/{playlist}").json()["snapshot_id"]]
    for start in range(0, 250, 100):
        count = min(100, 250 - start)
        seen.append(ask("POST", path, json={"uris": uris(sandbox, count, start)}).json()["snapshot_id"])
    seen.append(ask("POST", path, json={"uris": uris(sandbox, 1, 999), "position": 0}).json()["snapshot_id"])
    moved = {"range_start": 0, "range_length": 2, "insert_before": 5, "snapshot_id": seen[-1]}
    seen.append(ask("PUT", path, json=moved).json()["snapshot_id"])
    assert len(set(seen)) == len(seen)
    found: list[str] = []
    url = f"{path}?limit=50"
    while url:
        page = ask("GET", url).json()
        found += [item["item"]["uri"] for item in page["items"]]
        url = page["next"] and page["next"].partition("/v1")[2]
    was = uris(sandbox, 1, 999) + uris(sandbox, 250)
    assert found == was[2:5] + was[:2] + was[5:]
    assert all(item["track"] == item["item"] for item in page["items"])
    assert words(ask("GET", f"{path}?limit=51")) == (400, "Invalid limit")


def test_a_playlist_holds_ten_thousand(sandbox, ask, playlist):
    from vibesite.sandbox.state import Entry

    mine = sandbox.state.saved.playlists[playlist]
    mine.items = [Entry(uris(sandbox, 1)[0], 0.0, "x")] * 9_999
    path = f"/playlists/{playlist}/items"
    assert ask("POST", path, json={"uris": uris(sandbox, 1)}).status_code == 201
    assert words(ask("POST", path, json={"uris": uris(sandbox, 1)})) == (400, "Playlist size limit reached")


def test_unfollowing_hides_a_playlist_and_following_brings_it_back(ask, playlist):
    uri = f"spotify:playlist:{playlist}"

    def listed() -> bool:
        return playlist in [one["id"] for one in ask("GET", "/me/playlists?limit=50").json()["items"]]

    assert listed()
    assert ask("DELETE", f"/me/library?uris={uri}").content == b""
    assert not listed()
    assert ask("GET", f"/playlists/{playlist}").status_code == 200
    ask("PUT", f"/me/library?uris={uri}")
    assert listed()
    assert ask("GET", f"/me/library/contains?uris={uri}").json() == [True]


def test_library_takes_forty_uris_in_the_query_and_keeps_order(sandbox, ask):
    some = uris(sandbox, 40)
    assert ask("PUT", "/me/library", params={"uris": ",".join(some)}).status_code == 200
    saved = [item["track"]["uri"] for item in ask("GET", "/me/tracks?limit=50").json()["items"]]
    fresh = [uri for uri in some if uri in saved[:40]]
    assert saved[: len(fresh)] == fresh
    assert ask("GET", "/me/library/contains", params={"uris": ",".join(some)}).json() == [True] * 40
    ask("DELETE", "/me/library", params={"uris": some[0]})
    assert ask("GET", "/me/library/contains", params={"uris": ",".join(some[:2])}).json() == [False, True]


def test_cover_upload(sandbox, ask, playlist):
    jpeg = base64.b64encode(b"\xff\xd8\xff\xe0" + bytes(100))
    path, headers = f"/playlists/{playlist}/images", {"Content-Type": "image/jpeg"}
    assert ask("PUT", path, data=jpeg, headers=headers).status_code == 202
    assert ask("PUT", path, data=b"!!", headers=headers).status_code == 400
    assert ask("PUT", path, data=base64.b64encode(b"PNG" * 40), headers=headers).status_code == 400
    assert ask("PUT", path, data=b"A" * (256 * 1024 + 4), headers=headers).status_code == 413
    assert words(ask("PUT", path, data=jpeg, headers=headers, scopes=["playlist-modify-private"])) == (
        401,
        "Permissions missing",
    )
    assert [ask("PUT", path, data=jpeg, headers=headers).status_code for _ in range(8)][-1] == 429


def test_fields_filter(sandbox, ask, playlist):
    ask("POST", f"/playlists/{playlist}/items", json={"uris": uris(sandbox, 2)})
    page = ask("GET", f"/playlists/{playlist}/items?fields=items(item(id,album.name)),next,total").json()
    assert set(page) == {"items", "next", "total"}
    assert [set(item) for item in page["items"]] == [{"item"}, {"item"}]
    assert set(page["items"][0]["item"]) == {"id", "album"}
    whole = ask("GET", f"/playlists/{playlist}?fields=!items").json()
    assert "name" in whole
    assert "items" not in whole


def test_trailing_slashes(sandbox, ask):
    assert ask("GET", "/me/").status_code == 200
    assert ask("GET", f"/albums/{sandbox.world.albums[0].id}/tracks/?limit=1").json()["limit"] == 1


def test_null_among_the_playlists(sandbox, ask):
    sandbox.state.set_option("null_playlists", True)
    assert None in ask("GET", "/me/playlists?limit=50").json()["items"]
