"""Playlists as they are now: the world's until somebody edits one, then the edited copy."""

from __future__ import annotations

import copy
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_plus, unquote_plus

from vibesite.sandbox.chance import base62
from vibesite.sandbox.model import Playlist, PlaylistItem
from vibesite.sandbox.state import EditedPlaylist, Entry

if TYPE_CHECKING:
    from vibesite.sandbox.living import Living

MOST_ITEMS = 10_000
MOST_PLAYLISTS = 11_000


def of_listener(living: Living, listener: Any, at: datetime) -> list[EditedPlaylist]:
    """Own and followed ones, newest first; not the unfollowed."""
    saved = living.state.saved
    edits = saved.library.get(listener.id, {})
    shown: dict[str, EditedPlaylist] = {}
    mine = [one for one in list(saved.playlists.values()) if one.owner_id == listener.id]
    for one in sorted(mine, key=lambda one: one.created_at, reverse=True):
        shown[one.id] = one
    for one in _of_world(living, listener, at):
        shown[one.id] = saved.playlists.get(one.id, one)
    for uri, added in edits.items():
        if not uri.startswith("spotify:playlist:"):
            continue
        playlist_id = uri.removeprefix("spotify:playlist:")
        if added is None:
            shown.pop(playlist_id, None)
        elif playlist_id not in shown and (followed := find(living, playlist_id, at)) is not None:
            shown = {playlist_id: followed} | shown
    return list(shown.values())


def _of_world(living: Living, listener: Any, at: datetime) -> list[EditedPlaylist]:
    key = ("playlists", listener.id, int(at.timestamp()) // 5)
    return living.remember(key, lambda: [_from_world(one) for one in living.world.playlists(listener, at)])


def find(living: Living, playlist_id: str, at: datetime) -> EditedPlaylist | None:
    """Any playlist by id, whoever's it is."""
    edited = living.state.saved.playlists.get(playlist_id)
    if edited is not None:
        return edited
    owner = _owners(living, at).get(playlist_id)
    if owner is None:
        return None
    for one in _of_world(living, owner, at):
        if one.id == playlist_id:
            return one
    return None


def _owners(living: Living, at: datetime) -> dict[str, Any]:
    """Playlist id: a listener in whose list the world has it. New ones may appear each hour."""

    def look() -> dict[str, Any]:
        return {one.id: listener for listener in living.world.listeners for one in _of_world(living, listener, at)}

    return living.remember(("owners", int(at.timestamp()) // 3600), look)


def edit(living: Living, playlist: EditedPlaylist) -> EditedPlaylist:
    """The copy to change, kept from now on. Hold the state's lock, and call `edited` on it after the change."""
    known = living.state.saved.playlists.get(playlist.id)
    if known is not None:
        return known
    mine = copy.deepcopy(playlist)
    living.state.saved.playlists[mine.id] = mine
    living.state.changed()
    return mine


def make(living: Living, listener: Any, *, name: str, at: datetime, **more: Any) -> EditedPlaylist:
    """A new empty playlist of this listener."""
    with living.state.lock:
        living.state.saved.made += 1
        made = living.state.saved.made
        playlist = EditedPlaylist(
            id=base62(living.state.salt, "made", listener.id, made, at.timestamp()),
            owner_id=listener.id,
            name=name,
            created_at=at.timestamp(),
            version=0,
            **more,
        )
        playlist.edited()
        living.state.saved.playlists[playlist.id] = playlist
        living.state.changed()
    return playlist


def may_read(playlist: EditedPlaylist, listener_id: str) -> bool:
    """Owner or collaborator. The world's collaborators are those who added something."""
    if playlist.owner_id == listener_id:
        return True
    return playlist.collaborative and any(entry.added_by == listener_id for entry in playlist.items)


def _from_world(playlist: Playlist) -> EditedPlaylist:
    return EditedPlaylist(
        id=playlist.id,
        owner_id=playlist.owner_id,
        name=playlist.name,
        description=playlist.description,
        public=playlist.public,
        collaborative=playlist.collaborative,
        items=[_entry(item) for item in playlist.items],
        snapshot_id=playlist.snapshot_id,
        version=len(playlist.items) + 1,
        created_at=playlist.created_at.timestamp(),
    )


def _entry(item: PlaylistItem) -> Entry:
    uri = None
    if item.track_id:
        uri = f"spotify:track:{item.track_id}"
    elif item.episode_id:
        uri = f"spotify:episode:{item.episode_id}"
    elif item.local:
        uri = "spotify:local:" + ":".join(quote_plus(str(part)) for part in item.local)
    return Entry(uri, item.added_at.timestamp() if item.added_at else None, item.added_by)


def as_playlist(playlist: EditedPlaylist) -> Playlist:
    """As the world would have it; for exports."""
    return Playlist(
        playlist.id,
        playlist.name,
        playlist.description or "",
        playlist.owner_id,
        bool(playlist.public),
        playlist.collaborative,
        playlist.snapshot_id,
        tuple(_item(entry) for entry in playlist.items),
        datetime.fromtimestamp(playlist.created_at, UTC),
    )


def _item(entry: Entry) -> PlaylistItem:
    added = datetime.fromtimestamp(entry.added_at, UTC) if entry.added_at is not None else None
    by = entry.added_by or ""
    kind, _, rest = (entry.uri or "").removeprefix("spotify:").partition(":")
    if kind == "track":
        return PlaylistItem(added, by, track_id=rest)
    if kind == "episode":
        return PlaylistItem(added, by, episode_id=rest)
    if kind == "local":
        artist, album, title, seconds = [unquote_plus(part) for part in [*rest.split(":"), "", "", "", ""][:4]]
        return PlaylistItem(added, by, local=(artist, album, title, int(seconds or 0)))
    return PlaylistItem(added, by)
