"""Playlists themselves: lists of them, one of them, making, changing, covers.

https://developer.spotify.com/documentation/web-api/reference/get-playlist
"""

from __future__ import annotations

import base64
import binascii
from typing import Any

from werkzeug.wrappers import Response

from vibesite.sandbox import shelf, spotify_fields
from vibesite.sandbox.service import Answer, Call, json_response
from vibesite.sandbox.spotify_ask import kept, mapping, market, page, span
from vibesite.sandbox.spotify_catalogue import found
from vibesite.sandbox.spotify_door import refusal, service
from vibesite.sandbox.spotify_library import empty
from vibesite.sandbox.spotify_shapes import Shapes
from vibesite.sandbox.state import EditedPlaylist

MODIFY = ("playlist-modify-public", "playlist-modify-private")
FIRST_PAGE = 100  # items inside GET /playlists/{id}
MOST_COVER = 256 * 1024  # bytes of the base64 text
COVERS_A_MINUTE = 10  # the upload's own limit, per listener
MOST_NAME, MOST_DESCRIPTION = 100, 300


def playlist_of(call: Call) -> EditedPlaylist:
    """The playlist of the path; Spotify's own are not for us."""
    one = found(shelf.find(call.world, call.args["playlist_id"], call.now))
    if one.owner_id == "spotify":
        found(None)
    if not one.public and one.owner_id != call.listener and not _listed(call, one):
        found(None)
    return one


def _listed(call: Call, playlist: EditedPlaylist) -> bool:
    """In this listener's own list: followed or worked on together."""
    listener = call.notes["listener"]
    return any(one.id == playlist.id for one in shelf.of_listener(call.world, listener, call.now))


def readable(call: Call, playlist: EditedPlaylist) -> bool:
    """Development mode shows items to the owner and collaborators only."""
    return call.notes["app"].extended or shelf.may_read(playlist, call.listener)


def writable(call: Call) -> EditedPlaylist:
    """The playlist of the path, if the token and the listener may change it."""
    playlist = playlist_of(call)
    if not shelf.may_read(playlist, call.listener):
        raise refusal(403, "You cannot edit a playlist you don't own.")
    _may_modify(call, bool(playlist.public))
    return playlist


def _may_modify(call: Call, public: bool) -> None:
    wanted = "playlist-modify-public" if public else "playlist-modify-private"
    if wanted not in call.notes["token"].scopes:
        raise refusal(403, "Insufficient client scope")


@service.route("/me/playlists")
def my_playlists(call: Call) -> dict:
    """Private ones need a scope, collaborative ones another; without, they are silently left out."""
    limit, offset = span(call)
    scopes = call.notes["token"].scopes
    shown: list[EditedPlaylist | None] = []
    for one in shelf.of_listener(call.world, call.notes["listener"], call.now):
        if one.collaborative and one.owner_id != call.listener and "playlist-read-collaborative" not in scopes:
            continue
        if not one.public and "playlist-read-private" not in scopes:
            continue
        shown.append(one)
    if call.state.option("null_playlists") and shown:
        shown.insert(1, None)
    shapes = Shapes(call)
    total = len(shown)
    listing = page(call, shown, limit, offset, lambda one: None if one is None else shapes.playlist_brief(one))
    newest = max((one.created_at for one in shown if one), default=0.0)
    if call.state.option("library_total_lag") and call.now.timestamp() - newest < 60:
        listing["total"] = total - 1
    return listing


def _details(call: Call, body: dict[str, Any], *, name_needed: bool) -> dict[str, Any]:
    """The checked words of a new or changed playlist."""
    details: dict[str, Any] = {}
    if name_needed and not body.get("name"):
        raise refusal(400, "Missing required field: name")
    for field, kind in (("name", str), ("description", str), ("public", bool), ("collaborative", bool)):
        if body.get(field) is None:
            continue
        if not isinstance(body[field], kind):
            raise refusal(400, "Error parsing JSON.")
        details[field] = body[field]
    if details.get("name") == "":
        raise refusal(400, "Attribute name is empty")
    if len(details.get("name", "")) > MOST_NAME:
        raise refusal(400, "Playlist name is too long")
    if len(details.get("description", "")) > MOST_DESCRIPTION:
        raise refusal(400, "Playlist description is too long")
    if call.state.option("ignore_private"):
        details.pop("public", None)
    return details


@service.route("/me/playlists", methods=("POST",), scopes=MODIFY)
def create(call: Call) -> Response:
    return create_for(call)


def create_for(call: Call) -> Response:
    """Make one; public unless told otherwise."""
    details = _details(call, mapping(call), name_needed=True)
    if details.get("collaborative") and details.get("public", True):
        raise refusal(400, "Collaborative playlists can only be private")
    _may_modify(call, details.get("public", True))
    if len(shelf.of_listener(call.world, call.notes["listener"], call.now)) >= shelf.MOST_PLAYLISTS:
        raise refusal(403, "Maximum number of playlists reached")
    playlist = shelf.make(call.world, call.notes["listener"], at=call.now, **details)
    shapes = Shapes(call)
    shape = shapes.playlist(playlist, _first_items(call, shapes, playlist))
    return json_response(shape, 201, {"Location": shape["href"]})


def _first_items(call: Call, shapes: Shapes, playlist: EditedPlaylist) -> dict[str, Any]:
    return page(
        call,
        playlist.items,
        FIRST_PAGE,
        0,
        shapes.playlist_item,
        path=f"/v1/playlists/{playlist.id}/items",
        extra=kept(call, "market", "additional_types"),
    )


def filtered(call: Call, body: dict[str, Any]) -> dict[str, Any]:
    """`body` as the query's `fields` wants it."""
    text = call.query.get("fields", "").replace(" ", "")
    if not text:
        return body
    try:
        return spotify_fields.keep(body, spotify_fields.parse(text))
    except ValueError:
        raise refusal(400, "Invalid fields") from None


@service.route("/playlists/<playlist_id>")
def one_playlist(call: Call) -> dict:
    playlist = playlist_of(call)
    shapes = Shapes(call, market(call))
    first = _first_items(call, shapes, playlist) if readable(call, playlist) else None
    return filtered(call, shapes.playlist(playlist, first))


@service.route("/playlists/<playlist_id>", methods=("PUT",), scopes=MODIFY)
def change(call: Call) -> Response:
    playlist = writable(call)
    if playlist.owner_id != call.listener:
        raise refusal(403, "You cannot edit a playlist you don't own.")
    details = _details(call, mapping(call), name_needed=False)
    if details.get("collaborative") and details.get("public", playlist.public):
        raise refusal(400, "Collaborative playlists can only be private")
    with call.state.lock:
        mine = shelf.edit(call.world, playlist)
        for name, value in details.items():
            setattr(mine, name, value)
        mine.edited()
        call.state.changed()
    return empty()


@service.route("/playlists/<playlist_id>/images")
def images(call: Call) -> list:
    return Shapes(call).playlist_images(playlist_of(call))


@service.route("/playlists/<playlist_id>/images", methods=("PUT",), scopes=("ugc-image-upload",), status=401)
def upload_image(call: Call) -> Response:
    """The body is base64 text of a JPEG, whatever the content type's name suggests."""
    playlist = writable(call)
    _count_upload(call)
    text = call.request.get_data()
    if len(text) > MOST_COVER:
        raise refusal(413, "Payload too large")
    try:
        image = base64.b64decode(b"".join(text.split()), validate=True)
    except binascii.Error:
        raise refusal(400, "Invalid base64 data") from None
    if not image.startswith(b"\xff\xd8\xff"):
        raise refusal(400, "The image could not be parsed: only JPEG is accepted")
    with call.state.lock:
        mine = shelf.edit(call.world, playlist)
        mine.image = image
        mine.edited()
        call.state.changed()
    return empty(202)


def _count_upload(call: Call) -> None:
    box = call.state.box("cover uploads")
    now = call.now.timestamp()
    with call.state.lock:
        recent = [at for at in box.get(call.listener, []) if now - 60 < at <= now]
        if len(recent) >= COVERS_A_MINUTE:
            wait = {"Retry-After": str(int(recent[0] + 60 - now) + 1)}
            response = json_response({"error": {"status": 429, "message": "API rate limit exceeded"}}, 429, wait)

            raise Answer(response)
        box[call.listener] = [*recent, now]
        call.state.changed()
