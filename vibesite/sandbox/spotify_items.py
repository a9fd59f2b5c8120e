"""What is in a playlist: read, add, replace, move, remove. Writes change the world and can be read back.

https://developer.spotify.com/documentation/web-api/reference/add-items-to-playlist
"""

from __future__ import annotations

import re
from typing import Any

from werkzeug.wrappers import Response

from vibesite.sandbox import shelf
from vibesite.sandbox.service import Call, json_response
from vibesite.sandbox.spotify_ask import FAR, body, kept, mapping, market, page, span, whole
from vibesite.sandbox.spotify_door import refusal, service
from vibesite.sandbox.spotify_playlists import MODIFY, filtered, playlist_of, readable, writable
from vibesite.sandbox.spotify_shapes import Shapes
from vibesite.sandbox.state import EditedPlaylist, Entry

READ = ("playlist-read-private", "playlist-read-collaborative", *MODIFY)
MOST_AT_ONCE = 100
_URI = re.compile(r"spotify:(track|episode):([0-9A-Za-z]{22})")


def read(call: Call, *, most: int, limit: int, old_key: bool = False) -> dict:
    """A page of items, for whom they are readable."""
    limit, offset = span(call, limit=limit, most=most)
    playlist = playlist_of(call)
    if not readable(call, playlist):
        raise refusal(403, "Forbidden")
    if playlist.owner_id == call.listener and not playlist.public and not _granted(call, "playlist-read-private"):
        raise refusal(403, "Insufficient client scope")
    shapes = Shapes(call, market(call))

    def show(entry: Entry) -> dict:
        return shapes.playlist_item(entry, old_key=old_key)

    extra = kept(call, "market", "additional_types", "fields")
    return filtered(call, page(call, playlist.items, limit, offset, show, extra=extra))


def _granted(call: Call, *scopes: str) -> bool:
    return any(scope in call.notes["token"].scopes for scope in scopes)


@service.route("/playlists/<playlist_id>/items")
def items(call: Call) -> dict:
    return read(call, most=50, limit=20)


def _checked(call: Call, uris: Any) -> list[str]:
    """URIs of tracks and episodes that exist; local files cannot be added."""
    if not isinstance(uris, list) or not all(isinstance(uri, str) for uri in uris):
        raise refusal(400, "Error parsing JSON.")
    if len(uris) > MOST_AT_ONCE:
        raise refusal(400, f"You can add a maximum of {MOST_AT_ONCE} tracks per request.")
    for uri in uris:
        fits = _URI.fullmatch(uri)
        if fits is None:
            raise refusal(400, f"JSON body contains an invalid track uri: {uri}")
        known = call.world.find_track(fits[2]) if fits[1] == "track" else call.world.find_episode(fits[2])
        if known is None:
            raise refusal(400, "Payload contains a non-existing ID")
    return uris


def _wished(call: Call) -> tuple[list[str] | None, dict[str, Any]]:
    """URIs of the query or the body (a bare list is taken too, as public clients send it), and the body's rest."""
    if "uris" in call.query:
        return _checked(call, [part for part in call.query["uris"].split(",") if part]), {}
    told = body(call, needed=False)
    if isinstance(told, list):
        return _checked(call, told), {}
    if told is None:
        return None, {}
    if not isinstance(told, dict):
        raise refusal(400, "Error parsing JSON.")
    return (_checked(call, told["uris"]) if "uris" in told else None), told


def _done(playlist: EditedPlaylist, status: int) -> Response:
    return json_response({"snapshot_id": playlist.snapshot_id}, status)


def _entries(call: Call, uris: list[str]) -> list[Entry]:
    return [Entry(uri, call.now.timestamp(), call.listener) for uri in uris]


@service.route("/playlists/<playlist_id>/items", methods=("POST",), scopes=MODIFY)
def add(call: Call) -> Response:
    playlist = writable(call)
    uris, told = _wished(call)
    if not uris:
        raise refusal(400, "No uris provided")
    place = told.get("position", whole(call, "position", len(playlist.items), 0, FAR))
    if place is None:
        place = len(playlist.items)
    if not isinstance(place, int) or isinstance(place, bool) or not 0 <= place <= len(playlist.items):
        raise refusal(400, "Index out of bounds.")
    if len(playlist.items) + len(uris) > shelf.MOST_ITEMS:
        raise refusal(400, "Playlist size limit reached")
    with call.state.lock:
        mine = shelf.edit(call.world, playlist)
        mine.items[place:place] = _entries(call, uris)
        mine.edited()
        call.state.changed()
    return _done(mine, 201)


@service.route("/playlists/<playlist_id>/items", methods=("PUT",), scopes=MODIFY)
def replace_or_move(call: Call) -> Response:
    playlist = writable(call)
    uris, told = _wished(call)
    moving = "range_start" in told or "insert_before" in told
    if moving and uris is not None:
        raise refusal(400, "Cannot both replace and reorder")
    if moving:
        return _move(call, playlist, told)
    if uris is None:
        raise refusal(400, "Missing required field: uris")
    with call.state.lock:
        mine = shelf.edit(call.world, playlist)
        mine.items = _entries(call, uris)
        mine.edited()
        call.state.changed()
    return _done(mine, 200)


def _move(call: Call, playlist: EditedPlaylist, told: dict[str, Any]) -> Response:
    wished = (told.get("range_start"), told.get("insert_before"), told.get("range_length", 1))
    start, before, length = (value if type(value) is int else -1 for value in wished)
    if not all(type(value) is int for value in wished):
        raise refusal(400, "Missing required field: range_start, insert_before")
    count = len(playlist.items)
    if not (0 <= start < count and 0 <= before <= count and length >= 1 and start + length <= count):
        raise refusal(400, "Index out of bounds.")
    _known_snapshot(playlist, told.get("snapshot_id"))
    with call.state.lock:
        mine = shelf.edit(call.world, playlist)
        moved = mine.items[start : start + length]
        rest = mine.items[:start] + mine.items[start + length :]
        place = before if before <= start else max(start, before - length)
        mine.items = rest[:place] + moved + rest[place:]
        mine.edited()
        call.state.changed()
    return _done(mine, 200)


def _known_snapshot(playlist: EditedPlaylist, told: Any) -> None:
    """A write may name the present version or an earlier one of this playlist."""
    if told is not None and not playlist.had(told):
        raise refusal(400, "Invalid snapshot_id")


@service.route("/playlists/<playlist_id>/items", methods=("DELETE",), scopes=MODIFY)
def remove(call: Call) -> Response:
    return remove_named(call, "items")


def remove_named(call: Call, key: str) -> Response:
    """Every occurrence of each URI goes."""
    playlist = writable(call)
    told = mapping(call)
    named = told.get(key)
    if not isinstance(named, list) or not named:
        raise refusal(400, f"Missing required field: {key}")
    if len(named) > MOST_AT_ONCE:
        raise refusal(400, f"You can remove a maximum of {MOST_AT_ONCE} tracks per request.")
    if not all(isinstance(one, dict) and isinstance(one.get("uri"), str) for one in named):
        raise refusal(400, "Error parsing JSON.")
    for one in named:
        if not one["uri"].startswith(("spotify:track:", "spotify:episode:", "spotify:local:")):
            raise refusal(400, f"JSON body contains an invalid track uri: {one['uri']}")
    _known_snapshot(playlist, told.get("snapshot_id"))
    gone = {one["uri"] for one in named}
    with call.state.lock:
        mine = shelf.edit(call.world, playlist)
        mine.items = [entry for entry in mine.items if entry.uri not in gone]
        mine.edited()
        call.state.changed()
    return _done(mine, 200)
