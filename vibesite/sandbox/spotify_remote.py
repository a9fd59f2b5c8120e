"""The remote control: devices, queue and commands. It moves what the player shows; true plays stay as they are.

https://developer.spotify.com/documentation/web-api/reference/start-a-users-playback
"""

from __future__ import annotations

import re
from typing import Any

from vibesite.sandbox import player
from vibesite.sandbox.service import Call
from vibesite.sandbox.spotify_ask import body, whole
from vibesite.sandbox.spotify_door import refusal, service
from vibesite.sandbox.spotify_player import device_shape, item_shape
from vibesite.sandbox.spotify_shapes import FREE, Shapes
from vibesite.sandbox.state import PlayerWord

MODIFY = ("user-modify-playback-state",)
_ITEM = re.compile(r"spotify:(track|episode):([0-9A-Za-z]{22})")


@service.route("/me/player/devices", scopes=("user-read-playback-state",))
def devices(call: Call) -> dict:
    now = player.playback(call.world, call.notes["listener"], call.now)
    return {"devices": [device_shape(now[0].device)] if now else []}


@service.route("/me/player/queue", scopes=("user-read-currently-playing", "user-read-playback-state"))
def queue(call: Call) -> dict:
    listener = call.notes["listener"]
    now = player.playback(call.world, listener, call.now)
    word = call.state.saved.players.get(listener.id)
    shapes = Shapes(call)
    coming = []
    for uri in word.queue if word else []:
        kind, _, one_id = uri.removeprefix("spotify:").partition(":")
        coming.append(item_shape(shapes, kind, one_id, episodes=True))
    playing = item_shape(shapes, now[0].kind, now[0].item_id, episodes=True) if now else None
    return {"currently_playing": playing, "queue": coming}


def _word(call: Call) -> PlayerWord:
    """The player to be changed: Premium only, and only when there is one."""
    listener = call.notes["listener"]
    if listener.product in FREE:
        raise refusal(403, "Player command failed: Premium required", reason="PREMIUM_REQUIRED")
    word = player.word_of(call.world, listener, call.now)
    if word is None:
        raise refusal(404, "Player command failed: No active device found", reason="NO_ACTIVE_DEVICE")
    return word


def _tell(call: Call, word: PlayerWord) -> None:
    player.tell(call.world, call.listener, word)


def _item(call: Call, uri: Any) -> tuple[str, str]:
    fits = _ITEM.fullmatch(uri) if isinstance(uri, str) else None
    if fits is None:
        raise refusal(400, "Invalid track uri")
    if player.item_of(call.world, fits[1], fits[2]) is None:
        raise refusal(404, "Resource not found")
    return fits[1], fits[2]


@service.route("/me/player", methods=("PUT",), scopes=MODIFY)
def transfer(call: Call) -> None:
    told = body(call)
    wanted = told.get("device_ids") if isinstance(told, dict) else None
    if not isinstance(wanted, list) or len(wanted) != 1:
        raise refusal(400, "Only one device_id may be given")
    _tell(call, _word(call))


@service.route("/me/player/play", methods=("PUT",), scopes=MODIFY)
def play(call: Call) -> None:
    word = _word(call)
    told = body(call, needed=False) or {}
    if not isinstance(told, dict):
        raise refusal(400, "Error parsing JSON.")
    if uris := told.get("uris"):
        word.kind, word.track_id = _item(call, uris[0])
        word.progress_ms, word.context_uri, word.queue = 0, None, list(uris[1:])
    elif context := told.get("context_uri"):
        first = _first_of(call, context)
        word.kind, word.track_id, word.progress_ms, word.context_uri = "track", first, 0, context
    if isinstance(told.get("position_ms"), int):
        word.progress_ms = max(0, told["position_ms"])
    word.is_playing = True
    _tell(call, word)


def _first_of(call: Call, context: Any) -> str:
    """The track an album or artist begins with."""
    kind, _, one_id = str(context).removeprefix("spotify:").partition(":")
    album = call.world.find_album(one_id) if kind == "album" else None
    if album is not None:
        return album.track_ids[0]
    if kind == "artist" and call.world.find_artist(one_id) is not None:
        best = call.world.best_of(one_id)
        if best:
            return best[0].id
    raise refusal(404, "Resource not found")


@service.route("/me/player/pause", methods=("PUT",), scopes=MODIFY)
def pause(call: Call) -> None:
    word = _word(call)
    word.is_playing = False
    _tell(call, word)


def _skip(call: Call, step: int) -> None:
    """To the queue's next, else along the album."""
    word = _word(call)
    if step > 0 and word.queue:
        word.kind, word.track_id = _item(call, word.queue.pop(0))
    elif word.kind == "track" and word.track_id:
        album = call.world.album(call.world.track(word.track_id).album_id)
        place = (album.track_ids.index(word.track_id) + step) % len(album.track_ids)
        word.track_id = album.track_ids[place]
    word.progress_ms = 0
    _tell(call, word)


@service.route("/me/player/next", methods=("POST",), scopes=MODIFY)
def skip(call: Call) -> None:
    _skip(call, 1)


@service.route("/me/player/previous", methods=("POST",), scopes=MODIFY)
def back(call: Call) -> None:
    _skip(call, -1)


@service.route("/me/player/seek", methods=("PUT",), scopes=MODIFY)
def seek(call: Call) -> None:
    word = _word(call)
    place = whole(call, "position_ms", -1, 0, 10**9)
    if place < 0:
        raise refusal(400, "Missing required parameter: position_ms")
    word.progress_ms = place
    _tell(call, word)


@service.route("/me/player/repeat", methods=("PUT",), scopes=MODIFY)
def repeat(call: Call) -> None:
    if call.query.get("state") not in ("track", "context", "off"):
        raise refusal(400, "Invalid state")
    word = _word(call)
    word.repeat = call.query["state"]
    _tell(call, word)


@service.route("/me/player/shuffle", methods=("PUT",), scopes=MODIFY)
def shuffle(call: Call) -> None:
    if call.query.get("state") not in ("true", "false"):
        raise refusal(400, "Invalid state")
    word = _word(call)
    word.shuffle = call.query["state"] == "true"
    _tell(call, word)


@service.route("/me/player/volume", methods=("PUT",), scopes=MODIFY)
def volume(call: Call) -> None:
    percent = whole(call, "volume_percent", -1, 0, 100)
    if percent < 0:
        raise refusal(400, "Missing required parameter: volume_percent")
    word = _word(call)
    word.volume_percent = percent
    _tell(call, word)


@service.route("/me/player/queue", methods=("POST",), scopes=MODIFY)
def enqueue(call: Call) -> None:
    uri = call.query.get("uri", "")
    _item(call, uri)
    word = _word(call)
    word.queue.append(uri)
    _tell(call, word)
