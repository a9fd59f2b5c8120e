"""Spotify's Web API for one connection: what may be asked is here, and nothing else of the code touches spotipy.

Every call pays its budget before the wire is touched, has a time-out and ends in a typed row or a typed error
(errors.py). Nothing retries or sleeps here; the work that called is put off (backoff.py).
"""

import json
import re
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import spotipy
from django.conf import settings
from django.utils import timezone

from accounts.fields import to_ms
from accounts.models import SpotifyApp, SpotifyConnection
from accounts.spotify import breaker, budget, payloads, tokens, translate, troubles, wire
from accounts.spotify.errors import BadRequest, NotReadable, ReconnectNeeded, ScopeMissing, SpotifyError, Upstream
from accounts.spotify.payloads import (
    AlbumPayload,
    Page,
    PlaybackPayload,
    PlaylistItemPayload,
    PlaylistPayload,
    ProfilePayload,
    RecentPage,
    SavedAlbumPayload,
    SavedTrackPayload,
    TrackPayload,
)

PAGE = 50
SEARCH = 10  # hits of one answer: all that apps in development mode get
LIBRARY_URIS = 40  # of one PUT or DELETE me/library
PLAYLIST_URIS = 100  # of one write to a playlist
_ID = re.compile(r"(?<=/)(?:[0-9A-Za-z]{22}|spotify:[a-z]+:[^/]+)(?=/|$)")


def endpoint_of(method: str, path: str) -> str:
    """Our short name of a call, without ids: `me/player/recently-played`, `POST playlists/…/items`."""
    plain = _ID.sub("…", "/" + path.partition("?")[0].strip("/")).strip("/")
    return plain if method == "GET" else f"{method} {plain}"


class SpotifyGateway:
    """One client for one job or request; not shared between threads."""

    def __init__(
        self,
        connection: SpotifyConnection,
        *,
        interactive: bool = False,
        clock: Callable[[], datetime] = timezone.now,
    ) -> None:
        self.connection, self.interactive, self.clock = connection, interactive, clock
        self._spotify = _Client(self)

    # --- Reading ----------------------------------------------------------------------------------------------------

    def profile(self) -> ProfilePayload:
        """https://developer.spotify.com/documentation/web-api/reference/get-current-users-profile"""
        found = payloads.profile(self._spotify.me())
        if found is None:
            raise Upstream("me", "a profile without an id")
        return found

    def recent_plays(self, after: datetime | None = None, limit: int = PAGE) -> RecentPage:
        """The newest plays, at most 50 whatever `after` says. Exclusive, in whole milliseconds."""
        return payloads.recent(
            self._spotify.current_user_recently_played(limit=limit, after=None if after is None else to_ms(after))
        )

    def playback(self) -> PlaybackPayload | None:
        """What the player does now; None when nothing is active."""
        return payloads.playback(self._spotify.current_playback(market=_market(), additional_types="track,episode"))

    def saved_tracks(self, offset: int = 0, limit: int = PAGE) -> Page[SavedTrackPayload]:
        data = self._spotify.current_user_saved_tracks(limit=limit, offset=offset, market=_market())
        return payloads.page(data, payloads.saved_track, offset=offset, limit=limit)

    def saved_albums(self, offset: int = 0, limit: int = PAGE) -> Page[SavedAlbumPayload]:
        data = self._spotify._get("me/albums", limit=limit, offset=offset, market=_market())
        return payloads.page(data, payloads.saved_album, offset=offset, limit=limit)

    def album(self, album_id: str) -> tuple[AlbumPayload, Page[TrackPayload]]:
        """An album with the first of its tracks, usually 50; these come without their album and ISRC."""
        data = self._spotify._get(f"albums/{album_id}", market=_market())
        found = payloads.album(data)
        if found is None:
            raise Upstream("albums/…", "an album without id and name")
        return found, payloads.album_tracks(data)

    def album_tracks(self, album_id: str, offset: int = 0, limit: int = PAGE) -> Page[TrackPayload]:
        data = self._spotify._get(f"albums/{album_id}/tracks", limit=limit, offset=offset, market=_market())
        return payloads.page(data, payloads.track, offset=offset, limit=limit)

    def playlists(self, offset: int = 0, limit: int = PAGE) -> Page[PlaylistPayload]:
        data = self._spotify.current_user_playlists(limit=limit, offset=offset)
        return payloads.page(data, payloads.playlist, offset=offset, limit=limit)

    def playlist_items(
        self, playlist_id: str, offset: int = 0, limit: int = PAGE, *, as_kept: bool = False
    ) -> Page[PlaylistItemPayload]:
        """Raises NotReadable for a playlist that the person neither owns nor collaborates on.

        `as_kept`: under the ids it was written with. Asked for a market, Spotify shows other pressings of some tracks.
        """
        path, market = f"playlists/{playlist_id}/items", None if as_kept else _market()
        data = self._spotify._get(path, limit=limit, offset=offset, market=market, additional_types="track,episode")
        return payloads.page(data, payloads.playlist_item, offset=offset, limit=limit)

    def playlist(self, playlist_id: str) -> tuple[PlaylistPayload, Page[PlaylistItemPayload]]:
        """A playlist with the first page of its items, usually 100, as they are kept (see `playlist_items`).

        NotReadable: its items are not ours to read.
        """
        data = self._spotify._get(f"playlists/{playlist_id}", additional_types="track,episode")
        found = payloads.playlist(data)
        contents = payloads.contents(data)
        if found is None:
            raise Upstream("playlists/…", "a playlist without an id")
        if contents is None:
            raise NotReadable("playlists/…", "an answer without items")
        return found, payloads.page(contents, payloads.playlist_item, offset=0, limit=PLAYLIST_URIS)

    def track(self, track_id: str) -> TrackPayload:
        found = payloads.track(self._spotify._get(f"tracks/{track_id}"))
        if found is None:
            raise Upstream("tracks/…", "a track without id and name")
        return found

    def search_tracks(self, query: str, limit: int = SEARCH) -> Page[TrackPayload]:
        """The first hits, the best first. https://developer.spotify.com/documentation/web-api/reference/search"""
        data = self._spotify._get("search", q=query, type="track", limit=limit, market=_market())
        return payloads.page(payloads.tracks_found(data), payloads.track, offset=0, limit=limit)

    # --- Writing ----------------------------------------------------------------------------------------------------

    def library_add(self, uris: Iterable[str]) -> None:
        for chunk in _chunks(uris, LIBRARY_URIS):
            self._spotify._put("me/library", uris=",".join(chunk))

    def library_remove(self, uris: Iterable[str]) -> None:
        """A playlist's URI unfollows it, which is all the deleting that Spotify knows."""
        for chunk in _chunks(uris, LIBRARY_URIS):
            self._spotify._delete("me/library", uris=",".join(chunk))

    def playlist_add(self, playlist_id: str, uris: list[str], position: int | None = None) -> str:
        """At most 100 URIs in one call; returns the new snapshot id. Never repeated blindly: that doubles tracks."""
        if len(uris) > PLAYLIST_URIS:
            raise BadRequest("POST playlists/…/items", f"{len(uris)} tracks in one call, {PLAYLIST_URIS} are allowed")
        body: dict[str, Any] = {"uris": uris} if position is None else {"uris": uris, "position": position}
        return self._version(self._spotify._post(f"playlists/{playlist_id}/items", payload=body))

    def playlist_replace(self, playlist_id: str, uris: list[str]) -> str:
        """Make these, at most 100, all that is in it. Harmless when repeated; returns the new snapshot id."""
        if len(uris) > PLAYLIST_URIS:
            raise BadRequest("PUT playlists/…/items", f"{len(uris)} tracks in one call, {PLAYLIST_URIS} are allowed")
        return self._version(self._spotify._put(f"playlists/{playlist_id}/items", payload={"uris": uris}))

    def playlist_move(self, playlist_id: str, *, start: int, length: int, before: int) -> str:
        """Move the items `start` to `start + length` in front of the one at `before`. Never repeated blindly."""
        body = {"range_start": start, "range_length": length, "insert_before": before}
        return self._version(self._spotify._put(f"playlists/{playlist_id}/items", payload=body))

    def playlist_remove(self, playlist_id: str, uris: list[str]) -> str:
        """Every copy of each of at most 100 URIs goes."""
        if len(uris) > PLAYLIST_URIS:
            raise BadRequest("DELETE playlists/…/items", f"{len(uris)} tracks in one call, {PLAYLIST_URIS} are allowed")
        body = {"items": [{"uri": uri} for uri in uris]}
        return self._version(self._spotify._delete(f"playlists/{playlist_id}/items", payload=body))

    def playlist_create(self, *, name: str, description: str, public: bool) -> PlaylistPayload:
        """Never repeated blindly: that makes two. https://developer.spotify.com/documentation/web-api"""
        body = {"name": name, "description": description, "public": public}
        found = payloads.playlist(self._spotify._post("me/playlists", payload=body))
        if found is None:
            raise Upstream("POST me/playlists", "a playlist without an id")
        return found

    @staticmethod
    def _version(data: Any) -> str:
        """The snapshot id that each change of items is answered with. Upstream without: unsure whether it was done."""
        version = data.get("snapshot_id") if isinstance(data, dict) else None
        if not version:
            raise Upstream("playlists/…/items", "an answer without a snapshot id")
        return str(version)

    # --- The wire ---------------------------------------------------------------------------------------------------

    def call(self, method: str, url: str, body: Any, params: dict[str, Any]) -> Any:
        """One call of spotipy's, our way. Raises SpotifyError."""
        path = _path_of(url)
        endpoint = endpoint_of(method, path)
        token = tokens.access_token(self.connection, self.clock())
        try:
            return self._pay_and_send(method, path, endpoint, body, params, token)
        except ReconnectNeeded:
            pass  # 401: the token died early; one fresh one, then it is the person's turn
        token = tokens.access_token(self.connection, self.clock(), rejected=token)
        try:
            return self._pay_and_send(method, path, endpoint, body, params, token)
        except ReconnectNeeded as exc:
            troubles.of_connection(connection=self.connection, error=exc, now=self.clock())
            raise

    def _pay_and_send(
        self, method: str, path: str, endpoint: str, body: Any, params: dict[str, Any], token: wire.Secret
    ) -> Any:
        app, now = self._app(), self.clock()
        fuses = (f"connection:{self.connection.pk}", f"app:{app.pk}")
        breaker.check(*fuses, endpoint=endpoint, now=now)
        budget.take(app=app, endpoint=endpoint, now=now, connection=self.connection, interactive=self.interactive)
        try:
            answer = self._send(method, path, endpoint, body, params, token)
        except SpotifyError as exc:
            self._failed(app, endpoint, exc, fuses)
            raise
        breaker.success(*fuses, now=self.clock())
        troubles.over(connection=self.connection, now=self.clock())
        return answer

    def _send(
        self, method: str, path: str, endpoint: str, body: Any, params: dict[str, Any], token: wire.Secret
    ) -> Any:
        response = wire.send(
            self._spotify._session,
            method,
            f"{settings.SPOTIFY_API_URL}/{path}",
            endpoint=endpoint,
            params={name: value for name, value in params.items() if value is not None},
            data=json.dumps(body) if body is not None else None,
            headers={"Content-Type": "application/json", "Accept": "application/json"},
            auth=wire.Bearer(token),
        )
        if not 200 <= response.status_code < 300:
            raise translate.api_error(response, endpoint=endpoint, now=self.clock())
        if response.status_code == 204 or not response.content.strip():
            return None
        answer = wire.json_of(response)
        if answer is None and method == "GET":
            raise Upstream(endpoint, "an answer that is not JSON")
        return answer

    def _failed(self, app: SpotifyApp, endpoint: str, error: SpotifyError, fuses: tuple[str, ...]) -> None:
        now = self.clock()
        if isinstance(error, Upstream):
            breaker.failure(*fuses, error=str(error), now=now)
        else:
            breaker.success(*fuses, now=now)  # a refusal is an answer
        budget.note(
            app=app,
            endpoint=endpoint,
            now=now,
            connection=self.connection,
            interactive=self.interactive,
            failed=True,
        )
        troubles.of_app(app=app, error=error, now=now)
        if not isinstance(error, ReconnectNeeded | ScopeMissing):
            troubles.of_connection(connection=self.connection, error=error, now=now)

    def _app(self) -> SpotifyApp:
        return self.connection.app


class _Client(spotipy.Spotify):
    """spotipy knows the paths and parameters; how a call is made is ours."""

    def __init__(self, gateway: SpotifyGateway) -> None:
        super().__init__(auth=None, requests_session=wire.session())
        self._gateway = gateway

    def _internal_call(self, method: str, url: str, payload: Any, params: dict[str, Any]) -> Any:
        return self._gateway.call(method, url, payload, params)


def _path_of(url: str) -> str:
    """The part behind the API's address. `next` links are absolute: only those of the same host may have our token."""
    if "://" not in url:
        return url.lstrip("/")
    prefix = settings.SPOTIFY_API_URL + "/"
    if not url.startswith(prefix):
        raise Upstream("next", f"a link to another host: {urlsplit(url).hostname}")
    return url[len(prefix) :]


def _market() -> str | None:
    return settings.SPOTIFY_DEFAULT_MARKET or None


def _chunks(uris: Iterable[str], size: int) -> Iterable[list[str]]:
    known = list(uris)
    for start in range(0, len(known), size):
        yield known[start : start + size]
