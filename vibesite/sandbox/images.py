"""Pictures: covers, faces and mosaics as SVG, and uploaded playlist covers as they came."""

from __future__ import annotations

from typing import Any

from werkzeug.wrappers import Response

from vibesite.sandbox import covers, shelf
from vibesite.sandbox.model import Album, Artist
from vibesite.sandbox.service import Answer, Call, Service

service = Service("images", "Pictures", prefix="/img", about="Covers and faces, drawn from their ids.")
_YEAR = {"Cache-Control": "public, max-age=31536000, immutable"}


@service.route("/<one_id>.svg")
def drawn(call: Call) -> Response:
    """`size` is the side in pixels, 640 if not told."""
    one_id = call.args["one_id"]
    picture = call.world.remember(("picture", one_id), lambda: _draw(call, one_id))
    if picture is None:
        raise Answer(Response("No such picture", 404))
    size = call.query.get("size", "")
    if size.isdigit() and 16 <= int(size) <= 2000:
        picture = picture.replace('width="640" height="640"', f'width="{size}" height="{size}"', 1)
    return Response(picture, content_type="image/svg+xml", headers=_YEAR)


def _draw(call: Call, one_id: str) -> str | None:
    world = call.world
    if album := world.find_album(one_id):
        return covers.cover(album)
    if artist := world.find_artist(one_id):
        return covers.portrait(artist)
    if world.find_listener(one_id):
        return covers.portrait(_face(one_id))
    if world.find_show(one_id) or world.find_audiobook(one_id):
        return covers.cover(_sleeve(one_id))
    playlist = shelf.find(world, one_id, call.now)
    return covers.mosaic(shelf.as_playlist(playlist)) if playlist else None


def _face(listener_id: str) -> Any:
    """A listener drawn as artists are."""
    return Artist(listener_id, "", (), 0, 0, "", (), (), "", "")


def _sleeve(one_id: str) -> Any:
    """A show or book drawn as albums are."""
    return Album(one_id, "", (one_id,), "album", "", "day", 0, "", (), "", "", 0, "")


@service.route("/<one_id>.jpg")
def uploaded(call: Call) -> Response:
    playlist = shelf.find(call.world, call.args["one_id"], call.now)
    if playlist is None or playlist.image is None:
        raise Answer(Response("No such picture", 404))
    return Response(playlist.image, content_type="image/jpeg", headers={"Cache-Control": "public, max-age=3600"})
