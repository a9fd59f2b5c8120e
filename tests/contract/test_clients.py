"""Two public clients, spotipy and tekore, unpatched, through whole sessions: sign-in, reads, writes, refresh, errors.

Only their documented settings send them here instead of to Spotify: class attributes and `prefix` in spotipy, a sender
in tekore.
"""

from __future__ import annotations

import base64
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
import spotipy
import tekore
from spotipy.cache_handler import MemoryCacheHandler
from spotipy.oauth2 import SpotifyClientCredentials, SpotifyOAuth, SpotifyOauthError, SpotifyPKCE

REDIRECT = "http://127.0.0.1:8711/callback"
SCOPES = (
    "user-read-recently-played user-read-playback-state user-read-currently-playing user-top-read user-library-read "
    "user-library-modify playlist-read-private playlist-read-collaborative playlist-modify-private "
    "playlist-modify-public ugc-image-upload user-follow-read user-modify-playback-state"
)
JPEG = base64.b64encode(b"\xff\xd8\xff\xe0" + bytes(2000) + b"\xff\xd9").decode()


def agree(address: str, listener_id: str, decision: str = "allow") -> str:
    """What a browser does at the consent page: read the form, choose, press; the address it is led back to."""
    page = requests.get(address, timeout=5)
    assert page.status_code == 200, page.text
    fields = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    form = fields | {"listener": listener_id, "decision": decision}
    back = requests.post(address.partition("?")[0], data=form, allow_redirects=False, timeout=5)
    assert back.status_code == 303, back.text
    return back.headers["Location"]


@pytest.fixture
def spotipy_classes(sandbox):
    urls = {"OAUTH_AUTHORIZE_URL": f"{sandbox.url}/authorize", "OAUTH_TOKEN_URL": f"{sandbox.url}/api/token"}
    return {cls.__name__: type(cls.__name__, (cls,), urls) for cls in (SpotifyOAuth, SpotifyPKCE)} | {
        "SpotifyClientCredentials": type(
            "Here", (SpotifyClientCredentials,), {"OAUTH_TOKEN_URL": urls["OAUTH_TOKEN_URL"]}
        )
    }


def _spotipy(sandbox, auth: str) -> spotipy.Spotify:
    client = spotipy.Spotify(auth=auth, requests_session=requests.Session(), requests_timeout=5)
    client.prefix = sandbox.api_url
    return client


def test_spotipy_reads_and_writes_in_development_mode(sandbox, spotipy_classes):
    mara = sandbox.listeners[0]
    oauth = spotipy_classes["SpotifyOAuth"](
        client_id="sandbox-app",
        client_secret="sandbox-secret",
        redirect_uri=REDIRECT,
        scope=SCOPES,
        state="abc",
        open_browser=False,
        cache_handler=MemoryCacheHandler(),
    )
    back = agree(oauth.get_authorize_url(), mara.id)
    state, code = oauth.parse_auth_response_url(back)
    assert state == "abc"
    token = oauth.get_access_token(code, check_cache=False, as_dict=True)
    assert set(token["scope"].split()) == set(SCOPES.split())
    client = _spotipy(sandbox, token["access_token"])

    assert client.me()["account_id"] == mara.account_id
    assert "email" not in client.me()
    recent = client.current_user_recently_played(limit=50)["items"]
    assert [play["played_at"] for play in recent] == sorted((play["played_at"] for play in recent), reverse=True)

    page = client.current_user_saved_tracks(limit=50)
    likes = list(page["items"])
    while page["next"]:
        assert page["next"].startswith(sandbox.url)
        page = client.next(page)
        likes += page["items"]
    assert [item["track"]["id"] for item in likes] == [one for _, one in sandbox.world.liked(mara, sandbox.clock.now())]

    assert len(client.current_user_top_tracks(limit=10)["items"]) == 10
    assert client.current_user_top_artists(time_range="short_term")["items"]
    assert client.search("a", type="track")["tracks"]["limit"] == 10
    track = sandbox.world.tracks[0]
    assert client.track(track.id)["external_ids"]["isrc"] == track.isrc
    assert client.album_tracks(track.album_id)["items"]
    client.current_playback()
    client.currently_playing()

    made = client.current_user_playlist_create("Made by spotipy", public=False, description="a test")
    uris = [one.uri for one in sandbox.world.tracks[:5]]
    first = client.playlist_add_items(made["id"], uris)["snapshot_id"]
    second = client.playlist_reorder_items(made["id"], 0, 3)["snapshot_id"]
    assert first != second
    assert _uris(client, made["id"]) == [uris[1], uris[2], uris[0], uris[3], uris[4]]
    client.playlist_remove_all_occurrences_of_items(made["id"], [uris[0]])
    assert _uris(client, made["id"]) == [uris[1], uris[2], uris[3], uris[4]]
    client.playlist_replace_items(made["id"], uris[:2])
    assert _uris(client, made["id"]) == uris[:2]
    client.playlist_change_details(made["id"], name="Renamed")
    client.playlist_upload_cover_image(made["id"], JPEG)
    assert client.playlist(made["id"])["name"] == "Renamed"
    picture = client.playlist_cover_image(made["id"])[0]["url"]
    assert requests.get(picture, timeout=5).content == base64.b64decode(JPEG)
    assert made["id"] in [one["id"] for one in client.current_user_playlists()["items"]]

    client.current_user_saved_tracks_add([track.uri])
    assert client.current_user_saved_tracks_contains([track.uri]) == [True]
    assert client.current_user_saved_tracks(limit=1)["items"][0]["track"]["id"] == track.id
    client.current_user_saved_tracks_delete([track.uri])
    assert client.current_user_saved_tracks_contains([track.uri]) == [False]

    fresh = oauth.refresh_access_token(token["refresh_token"])
    assert _spotipy(sandbox, fresh["access_token"]).me()["id"] == mara.id


def _uris(client: spotipy.Spotify, playlist_id: str) -> list[str]:
    return [item["item"]["uri"] for item in client.playlist_items(playlist_id)["items"]]


def test_spotipy_with_pkce_and_no_secret_gets_single_use_refresh_tokens(sandbox, spotipy_classes):
    mara = sandbox.listeners[0]
    pkce = spotipy_classes["SpotifyPKCE"](
        client_id="sandbox-app",
        redirect_uri=REDIRECT,
        scope=SCOPES,
        open_browser=False,
        cache_handler=MemoryCacheHandler(),
    )
    code = pkce.parse_response_code(agree(pkce.get_authorize_url(), mara.id))
    access = pkce.get_access_token(code, check_cache=False)
    assert _spotipy(sandbox, access).me()["id"] == mara.id
    old = pkce.cache_handler.get_cached_token()["refresh_token"]
    new = pkce.refresh_access_token(old)["refresh_token"]
    assert new != old
    with pytest.raises(SpotifyOauthError) as caught:
        pkce.refresh_access_token(old)
    assert caught.value.error == "invalid_grant"


def test_spotipy_hears_errors_whole(sandbox):
    mara = sandbox.listeners[0]
    client = _spotipy(sandbox, sandbox.tokens_for(mara.id)["access_token"])
    with pytest.raises(spotipy.SpotifyException) as caught:
        client.search("a", limit=11)
    assert (caught.value.http_status, "Invalid limit" in caught.value.msg) == (400, True)
    with pytest.raises(spotipy.SpotifyException) as caught:
        client.tracks([sandbox.world.tracks[0].id])
    assert caught.value.http_status == 403
    sandbox.app(quota=len(sandbox.requests()))
    with pytest.raises(spotipy.SpotifyException) as caught:
        client.me()
    assert (caught.value.http_status, caught.value.reason) == (429, "QUOTA_EXCEEDED")
    assert int(caught.value.headers["Retry-After"]) > 80_000


def test_spotipy_client_credentials_read_the_catalogue_only(sandbox, spotipy_classes):
    manager = spotipy_classes["SpotifyClientCredentials"](
        client_id="sandbox-app", client_secret="sandbox-secret", cache_handler=MemoryCacheHandler()
    )
    client = _spotipy(sandbox, manager.get_access_token(as_dict=False))
    artist = sandbox.world.artists[5]
    assert client.artist(artist.id)["name"] == artist.name
    with pytest.raises(spotipy.SpotifyException) as caught:
        client.me()
    assert caught.value.http_status == 403


class Detour(tekore.SyncSender):
    """Tekore's own extension point: the same requests, to another host."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.url = url

    def send(self, request: tekore.Request) -> tekore.Response:
        for host, path in (("https://api.spotify.com", ""), ("https://accounts.spotify.com", "")):
            request.url = request.url.replace(host, self.url + path)
        return super().send(request)


def test_tekore_reads_and_writes_in_extended_mode(sandbox):
    mara, sender = sandbox.listeners[0], Detour(sandbox.url)
    credentials = tekore.Credentials("sandbox-extended", "sandbox-extended-secret", REDIRECT, sender=sender)
    auth = tekore.UserAuth(credentials, SCOPES + " user-read-private user-read-email")
    address = auth.url.replace("https://accounts.spotify.com", sandbox.url)
    token = auth.request_token(url=agree(address, mara.id))
    client = tekore.Spotify(token, sender=sender)

    me = client.current_user()
    assert (me.id, me.country, me.product) == (mara.id, mara.country, "premium")
    assert client.playback_recently_played(limit=50).items
    likes = client.saved_tracks(limit=50)
    assert len(list(client.all_items(likes))) == likes.total
    assert client.saved_albums().items
    assert client.current_user_top_tracks(limit=5).items[0].popularity is not None
    assert client.followed_artists().items[0].followers.total >= 0
    tracks = [one.id for one in sandbox.world.tracks[:3]]
    assert [one.id for one in client.tracks(tracks)] == tracks
    assert client.artist_albums(sandbox.world.tracks[0].artist_ids[0], limit=50).items
    found = client.search(sandbox.world.tracks[0].name, types=("track",), limit=50)[0]
    assert found.limit == 50

    odd = {one.id for one in sandbox.world.playlists(mara, sandbox.clock.now()) if any(i.local for i in one.items)}
    for playlist in client.playlists(mara.id).items:  # tekore 6.2 cannot read the null album_type of a local file
        if playlist.owner.id == mara.id and playlist.id not in odd:
            assert client.playlist(playlist.id).tracks.total == playlist.tracks.total

    made = client.playlist_create(mara.id, "Made by tekore", public=True)
    uris = [one.uri for one in sandbox.world.tracks[:3]]
    client.playlist_add(made.id, uris)
    client.playlist_reorder(made.id, 0, 3)
    client.playlist_remove(made.id, uris[1:2])
    assert [item.track.uri for item in client.playlist_items(made.id).items] == [uris[2], uris[0]]
    client.saved_tracks_add(tracks[:1])
    assert client.saved_tracks_contains(tracks[:1]) == [True]
    client.playlist_unfollow(made.id)
    assert made.id not in [one.id for one in client.followed_playlists().items]

    sandbox.play_now(mara.id, sandbox.world.tracks[0], progress_ms=1000)
    assert client.playback().item.id == tracks[0]
    client.playback_pause()
    assert client.playback().is_playing is False

    refreshed = credentials.refresh(token)
    assert tekore.Spotify(refreshed, sender=sender).current_user().id == mara.id
    with pytest.raises(tekore.BadRequest):
        client.track("short")
    with pytest.raises(tekore.NotFound):
        client.track("0" * 22)


def test_tekore_with_pkce(sandbox):
    sender = Detour(sandbox.url)
    credentials = tekore.Credentials("sandbox-extended", redirect_uri=REDIRECT, sender=sender)
    address, verifier = credentials.pkce_user_authorisation("user-library-read", state="s")
    back = agree(address.replace("https://accounts.spotify.com", sandbox.url), sandbox.listeners[3].id)
    code = parse_qs(urlsplit(back).query)["code"][0]
    token = credentials.request_pkce_token(code, verifier)
    assert tekore.Spotify(token, sender=sender).saved_tracks().items
    assert credentials.refresh_pkce_token(token.refresh_token).refresh_token != token.refresh_token
