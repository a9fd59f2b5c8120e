"""What was played lately and what plays now.

https://developer.spotify.com/documentation/web-api/reference/get-recently-played
"""

from __future__ import annotations

import zlib
from datetime import datetime, timedelta
from typing import Any

from vibesite.sandbox import player
from vibesite.sandbox.faults import ASKED
from vibesite.sandbox.model import TruePlay
from vibesite.sandbox.service import Call
from vibesite.sandbox.spotify_ask import market, whole, with_ms
from vibesite.sandbox.spotify_door import refusal, service
from vibesite.sandbox.spotify_shapes import Shapes
from vibesite.sandbox.spotify_spoken_shapes import chapter_as_episode, episode_full

MEMORY = 50  # plays that exist, whatever the cursor says
SHORTEST_MS = 30_000  # shorter plays are left out, unless they reached the end


def shows_as_played(play: TruePlay) -> bool:
    """Whether recently-played will ever tell of it."""
    if play.kind != "track" or play.incognito:
        return False
    return play.ms_played >= SHORTEST_MS or play.reason_end == "trackdone"


def recent_plays(call: Call, listener: Any) -> list[tuple[datetime, TruePlay]]:
    """The last 50 that Spotify tells of by now, newest first, each with its `played_at`."""
    lag, jitter, starts = call.state.option("recent_lag_s"), 0.0, False
    lag_told = 0.0
    where = {"method": "GET", "path": call.request.path, "app": call.app, "listener": listener.id}
    for fault in call.sandbox.faults.strike(ASKED, **where):
        call.fault = fault.kind
        if fault.kind == "starts":
            starts = True
        else:
            lag = lag_told = float(fault.more.get("seconds", 3600))
            jitter = float(fault.more.get("jitter", 0))

    def known(play: TruePlay, after_s: float) -> bool:
        late = zlib.crc32(f"{play.item_id} {play.ended_at}".encode()) % 1000 / 1000 * jitter
        return shows_as_played(play) and play.known_at + timedelta(seconds=after_s + late) <= call.now

    world = call.world
    found = world.latest_plays(listener, call.now, lambda play: known(play, lag), MEMORY)
    found += [play for play in world.injected(listener.id) if known(play, lag_told)]
    found.sort(key=lambda play: play.ended_at, reverse=True)
    plays = [(play.started_at if starts else play.ended_at, play) for play in found[:MEMORY]]
    return sorted(plays, key=lambda pair: pair[0], reverse=True)


def _cursor(at: datetime) -> int:
    return int(at.timestamp() * 1000 + 0.5)


@service.route("/me/player/recently-played", scopes=("user-read-recently-played",))
def recently_played(call: Call) -> dict:
    limit = whole(call, "limit", 20, 1, MEMORY)
    far = 10**15
    after, before = whole(call, "after", -1, 0, far), whole(call, "before", -1, 0, far)
    if after >= 0 and before >= 0:
        raise refusal(400, "Only one of after or before may be specified")
    plays = recent_plays(call, call.notes["listener"])
    if after >= 0:
        plays = [pair for pair in plays if _cursor(pair[0]) > after]
    if before >= 0:
        plays = [pair for pair in plays if _cursor(pair[0]) < before]
    part = plays[:limit]
    shapes = Shapes(call)
    link = f"{call.url_root}/v1/me/player/recently-played?limit={limit}"
    cursors = {"after": str(_cursor(part[0][0])), "before": str(_cursor(part[-1][0]))} if part else None
    forth = None
    if cursors:
        older = len(plays) > limit
        forth = f"{link}&after={cursors['after']}" if after >= 0 else f"{link}&before={cursors['before']}"
        forth = forth if older else None
    return {
        "items": [
            {
                "track": shapes.track(call.world.track(play.item_id)),
                "played_at": with_ms(at),
                "context": shapes.context(play.context_uri),
            }
            for at, play in part
        ],
        "next": forth,
        "cursors": cursors,
        "limit": limit,
        "href": link + (f"&after={after}" if after >= 0 else "") + (f"&before={before}" if before >= 0 else ""),
    }


def item_shape(shapes: Shapes, kind: str, item_id: str | None, *, episodes: bool) -> dict[str, Any] | None:
    """What plays; episodes only for those who asked for them."""
    item = player.item_of(shapes.world, kind, item_id)
    if item is None or (kind != "track" and not episodes):
        return None
    return {"track": shapes.track, "episode": _episode(shapes), "chapter": _chapter(shapes)}[kind](item)


def _episode(shapes: Shapes) -> Any:
    return lambda episode: episode_full(shapes, episode)


def _chapter(shapes: Shapes) -> Any:
    return lambda chapter: chapter_as_episode(shapes, chapter)


def _state(call: Call) -> tuple[dict[str, Any], Any] | None:
    now = player.playback(call.world, call.notes["listener"], call.now)
    if now is None:
        return None
    state, _ = now
    shapes = Shapes(call, market(call))
    episodes = "episode" in call.query.get("additional_types", "")
    kind = "episode" if state.kind == "chapter" else state.kind
    nothing = kind in ("ad", "unknown")
    body = {
        "timestamp": _cursor(state.timestamp),
        "context": shapes.context(state.context_uri),
        "progress_ms": None if kind == "unknown" else state.progress_ms,
        "item": None if nothing else item_shape(shapes, state.kind, state.item_id, episodes=episodes),
        "currently_playing_type": kind,
        "actions": {"disallows": {"resuming": True} if state.is_playing else {"pausing": True}},
        "is_playing": state.is_playing,
    }
    return body, state


def device_shape(device: Any) -> dict[str, Any]:
    return {
        "id": device.id,
        "is_active": device.is_active,
        "is_private_session": device.is_private_session,
        "is_restricted": device.is_restricted,
        "name": device.name,
        "supports_volume": device.supports_volume,
        "type": device.type,
        "volume_percent": device.volume_percent,
    }


@service.route("/me/player/currently-playing", scopes=("user-read-currently-playing",), status=401)
def currently_playing(call: Call) -> dict | None:
    found = _state(call)
    return None if found is None else found[0]


@service.route("/me/player", scopes=("user-read-playback-state",), status=401)
def playback_state(call: Call) -> dict | None:
    found = _state(call)
    if found is None:
        return None
    body, state = found
    more = {
        "device": device_shape(state.device),
        "shuffle_state": state.shuffle,
        "smart_shuffle": False,
        "repeat_state": state.repeat,
    }
    return more | body
