"""The world's nouns as Spotify's JSON objects, in the words of the mode: development lacks what February 2026 took."""

from __future__ import annotations

import hashlib
import zlib
from typing import Any

from vibesite.sandbox.service import Call
from vibesite.sandbox.spotify_ask import day_and_time

MARKETS = ["AT", "AU", "BE", "BR", "CA", "CH", "CZ", "DE", "DK", "ES", "FI", "FR", "GB", "IE", "IN", "IT", "JP", "KZ"]
MARKETS += ["MX", "NL", "NO", "NZ", "PL", "PT", "SE", "UA", "US"]
OPEN = "https://open.spotify.com"
SIZES = (640, 300, 64)
FREE = ("free", "open")  # products that may not steer the player


def sometimes(*words: str, one_in: int) -> bool:
    """Yes for one in so many things, always the same ones."""
    return zlib.crc32("\x1f".join(words).encode()) % one_in == 0


class Shapes:
    """All shapes for one call. `market` adds is_playable, as at Spotify."""

    def __init__(self, call: Call, market: str = "") -> None:
        self.call = call
        self.world = call.world
        self.root = call.url_root
        self.extended: bool = call.notes["app"].extended
        self.market = market
        self._albums: dict[str, dict[str, Any]] = {}

    def _base(self, kind: str, one_id: str) -> dict[str, Any]:
        return {
            "external_urls": {"spotify": f"{OPEN}/{kind}/{one_id}"},
            "href": f"{self.root}/v1/{kind}s/{one_id}",
            "id": one_id,
            "type": kind,
            "uri": f"spotify:{kind}:{one_id}",
        }

    def images(self, one_id: str, sizes: tuple[int, ...] = SIZES) -> list[dict[str, Any]]:
        return [{"url": f"{self.root}/img/{one_id}.svg?size={size}", "height": size, "width": size} for size in sizes]

    def artist_brief(self, artist_id: str) -> dict[str, Any]:
        artist = self.world.find_artist(artist_id)
        return self._base("artist", artist_id) | {"name": artist.name if artist else "Various Artists"}

    def artist(self, artist: Any) -> dict[str, Any]:
        bare = sometimes(artist.id, one_in=3) if self.extended else not sometimes(artist.id, one_in=3)
        shape = self._base("artist", artist.id) | {
            "name": artist.name,
            "genres": [] if bare else list(artist.genres),
            "images": [] if sometimes(artist.id, "faceless", one_in=40) else self.images(artist.id),
        }
        if self.extended:
            shape["followers"] = {"href": None, "total": artist.followers}
            shape["popularity"] = artist.popularity
        return shape

    def album_brief(self, album: Any, *, group: str = "") -> dict[str, Any]:
        known = self._albums.get(album.id)
        if known is None:
            known = self._base("album", album.id) | {
                "album_type": album.album_type,
                "artists": [self.artist_brief(artist_id) for artist_id in album.artist_ids],
                "images": self.images(album.id),
                "name": album.name,
                "release_date": album.release_date,
                "release_date_precision": album.release_date_precision,
                "total_tracks": album.total_tracks,
            }
            if self.market:
                known["is_playable"] = True
            elif self.extended:
                known["available_markets"] = MARKETS
            self._albums[album.id] = known
        if group and self.extended:
            return known | {"album_group": group}
        return known

    def album(self, album: Any, tracks: dict[str, Any]) -> dict[str, Any]:
        shape = self.album_brief(album) | {
            "copyrights": [{"text": f"{album.release_date[:4]} {album.label}", "type": kind} for kind in ("C", "P")],
            "external_ids": {"upc": album.upc},
            "genres": [],
            "tracks": tracks,
        }
        if self.extended:
            shape["label"] = album.label
            shape["popularity"] = getattr(album, "popularity", 0)
        return shape

    def track_brief(self, track: Any) -> dict[str, Any]:
        """As inside an album: no album, no external_ids."""
        shape = self._base("track", track.id) | {
            "artists": [self.artist_brief(artist_id) for artist_id in track.artist_ids],
            "disc_number": track.disc_number,
            "duration_ms": track.duration_ms,
            "explicit": track.explicit,
            "is_local": False,
            "name": track.name,
            "preview_url": None,
            "track_number": track.track_number,
        }
        if self.market:
            shape["is_playable"] = True
        elif self.extended:
            shape["available_markets"] = MARKETS
        return shape

    def track(self, track: Any) -> dict[str, Any]:
        shape = self.track_brief(track)
        shape["album"] = self.album_brief(self.world.album(track.album_id))
        shape["external_ids"] = {"isrc": track.isrc}
        if self.extended:
            shape["popularity"] = track.popularity
        return shape

    def relinked(self, track: Any) -> dict[str, Any]:
        """With a market, some tracks come as their other pressing; development mode does not say so."""
        if not self.market or not sometimes(track.id, self.market, one_in=12):
            return self.track(track)
        twins = [twin for twin in self.world.by_isrc(track.isrc) if twin.id != track.id]
        if not twins:
            return self.track(track)
        shape = self.track(twins[0])
        if self.extended:
            shape["linked_from"] = self._base("track", track.id)
        return shape

    def local_track(self, uri: str) -> dict[str, Any]:
        """A file of the listener's own in a playlist: no id, no links."""
        from urllib.parse import unquote_plus

        artist, album, title, seconds = [unquote_plus(part) for part in [*uri.split(":")[2:], "", "", "", ""][:4]]
        nothing: dict[str, Any] = {"external_urls": {}, "href": None, "id": None}
        shape = nothing | {
            "album": nothing
            | {
                "album_type": None,
                "artists": [],
                "images": [],
                "name": album,
                "release_date": None,
                "release_date_precision": None,
                "type": "album",
                "uri": None,
            },
            "artists": [nothing | {"name": artist, "type": "artist", "uri": None}],
            "disc_number": 0,
            "duration_ms": int(seconds or 0) * 1000,
            "explicit": False,
            "external_ids": {},
            "is_local": True,
            "name": title,
            "preview_url": None,
            "track_number": 0,
            "type": "track",
            "uri": uri,
        }
        if self.extended:
            shape |= {"popularity": 0, "available_markets": []}
            shape["album"]["available_markets"] = []
        return shape

    # People and playlists

    def person(self, listener_id: str, *, named: bool = True) -> dict[str, Any]:
        listener = self.world.find_listener(listener_id)
        shape = self._base("user", listener_id)
        if named:
            name = listener.display_name if listener else listener_id
            shape["display_name"] = name
        return shape

    def me(self, listener: Any) -> dict[str, Any]:
        shape = self.person(listener.id) | {"images": self.faces(listener)}
        if not self.call.state.option("hide_account_id"):
            shape["account_id"] = listener.account_id
        if self.extended:
            token = self.call.notes["token"]
            shape["followers"] = {"href": None, "total": zlib.crc32(listener.id.encode()) % 90}
            if "user-read-private" in token.scopes:
                shape["country"] = listener.country
                shape["product"] = "free" if listener.product in FREE else "premium"  # family plans say premium
                shape["explicit_content"] = {"filter_enabled": False, "filter_locked": False}
            if "user-read-email" in token.scopes:
                shape["email"] = getattr(listener, "email", f"{listener.id}@listeners.example")
        return shape

    def faces(self, listener: Any) -> list[dict[str, Any]]:
        if sometimes(listener.id, "faceless", one_in=4):
            return []
        return self.images(listener.id, (300, 64))

    def playlist_brief(self, playlist: Any, *, readable: bool = True) -> dict[str, Any]:
        """As in a list of playlists; `items` tells only where and how many."""
        count = {"href": f"{self.root}/v1/playlists/{playlist.id}/items", "total": len(playlist.items)}
        shape = self._playlist(playlist) | {"items": count}
        if self.extended:
            shape["tracks"] = {"href": f"{self.root}/v1/playlists/{playlist.id}/tracks", "total": len(playlist.items)}
        return shape

    def playlist(self, playlist: Any, first: dict[str, Any] | None) -> dict[str, Any]:
        """The whole object; `first` is the first page of items, None where they are not for this listener."""
        shape = self._playlist(playlist)
        if self.extended:
            shape["followers"] = {"href": None, "total": zlib.crc32(playlist.id.encode()) % 40}
        else:
            shape["followers"] = {"href": None, "total": 0}
        if first is not None:
            shape["items"] = first
            if self.extended:
                shape["tracks"] = {
                    name: value.replace("/items?", "/tracks?") if isinstance(value, str) else value
                    for name, value in first.items()
                }
        return shape

    def _playlist(self, playlist: Any) -> dict[str, Any]:
        return self._base("playlist", playlist.id) | {
            "collaborative": playlist.collaborative,
            "description": playlist.description or ("" if playlist.description is not None else None),
            "images": self.playlist_images(playlist),
            "name": playlist.name,
            "owner": self.person(playlist.owner_id),
            "primary_color": None,
            "public": playlist.public,
            "snapshot_id": playlist.snapshot_id,
        }

    def playlist_images(self, playlist: Any) -> list[dict[str, Any]]:
        """An uploaded picture has one size and no measures; else a mosaic; nothing while empty."""
        if playlist.image is not None:
            mark = hashlib.sha256(playlist.image).hexdigest()[:16]
            return [{"url": f"{self.root}/img/{playlist.id}.jpg?v={mark}", "height": None, "width": None}]
        if not playlist.items:
            return []
        return self.images(playlist.id)

    def playlist_item(self, entry: Any, *, old_key: bool = False) -> dict[str, Any]:
        """`item`, and `track` as its deprecated copy; old paths have `track` only."""
        content = self.content(entry.uri)
        local = bool(entry.uri and entry.uri.startswith("spotify:local:"))
        if content is not None:
            content = content | {"episode": content["type"] == "episode", "track": content["type"] == "track"}
        shape = {
            "added_at": day_and_time(entry.added_at),
            "added_by": self.person(entry.added_by, named=False) if entry.added_by is not None else None,
            "is_local": local,
            "primary_color": None,
            "video_thumbnail": {"url": None},
        }
        if not old_key:
            shape["item"] = content
        shape["track"] = content
        return shape

    def content(self, uri: str | None) -> dict[str, Any] | None:
        """What a playlist line stands for: a track, an episode, a local file, or nothing any more."""
        if uri is None:
            return None
        if uri.startswith("spotify:local:"):
            return self.local_track(uri)
        kind, _, one_id = uri.removeprefix("spotify:").partition(":")
        if kind == "track":
            track = self.world.find_track(one_id)
            return None if track is None else self.track(track)
        episode = self.world.find_episode(one_id)
        if episode is None:
            return None
        from vibesite.sandbox.spotify_spoken_shapes import episode_full

        return episode_full(self, episode)

    def context(self, uri: str | None) -> dict[str, Any] | None:
        """Where something was played from."""
        if not uri:
            return None
        if uri.endswith(":collection"):
            owner = uri.split(":")[2]
            return {
                "external_urls": {"spotify": f"{OPEN}/collection"},
                "href": f"{self.root}/v1/me/tracks",
                "type": "collection",
                "uri": f"spotify:user:{owner}:collection",
            }
        kind, _, one_id = uri.removeprefix("spotify:").partition(":")
        base = self._base(kind, one_id)
        return {name: base[name] for name in ("external_urls", "href", "type", "uri")}
