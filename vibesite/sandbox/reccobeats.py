"""ReccoBeats: audio features and recommendations. Ids may be Spotify's, its own UUIDs or ISRCs.

Unknown ids are left out, order is not kept, one ISRC may give several rows. https://reccobeats.com/docs
"""

from __future__ import annotations

from typing import Any

import msgspec
from werkzeug.wrappers import Response

from vibesite.sandbox.chance import digest, mbid
from vibesite.sandbox.friends import knows, similar_tracks, throttle
from vibesite.sandbox.model import Features, Track
from vibesite.sandbox.service import Answer, Call, Service, json_response

service = Service(
    "reccobeats",
    "ReccoBeats",
    prefix="/reccobeats/v1",
    about="Audio features and recommendations, without a key.",
    examples=("/reccobeats/v1/audio-features?ids=", "/reccobeats/v1/track/recommendation?size=5&seeds="),
)
MOST_IDS = 40
MOST_SEEDS = 5
KNOWN = 91  # of a hundred tracks
LIMIT, SECONDS = 60, 10.0
MOST_BYTES = 5 << 20
_CODES = {400: 4001, 404: 4041, 405: 4051, 413: 4131, 429: 4291}


@service.refusals
def refuse(status: int, message: str) -> Response:
    body = {"error": _CODES.get(status, status * 10 + 1), "message": message, "status": status}
    return json_response(body, status, {"Retry-After": "5"} if status == 429 else None)


@service.before
def limits(call: Call) -> None:
    wait = throttle(call, "reccobeats", LIMIT, SECONDS)
    if wait:
        response = refuse(429, "Too many requests")
        response.headers["Retry-After"] = str(max(1, round(wait + 0.5)))
        raise Answer(response)


def wrong(message: str, status: int = 400) -> Answer:
    return Answer(refuse(status, message))


def own_id(track: Track) -> str:
    return mbid("reccobeats", track.id)


def _by_own_id(call: Call) -> dict[str, Track]:
    world = call.world
    return world.indexed(
        "reccobeats", lambda: {own_id(t): t for t in world.tracks if knows("reccobeats", t.mbid, KNOWN)}
    )


def _asked(call: Call, name: str, most: int) -> list[str]:
    ids = [part.strip() for value in call.query.getlist(name) for part in value.split(",") if part.strip()]
    if not ids:
        raise wrong(f"Parameter '{name}' is required")
    if len(ids) > most:
        raise wrong(f"{name}: size must be between 1 and {most}")
    return ids


def _find(call: Call, ids: list[str]) -> list[Track]:
    """The known ones of `ids`, each once, in an order of the service's own."""
    found: dict[str, Track] = {}
    for one in ids:
        if len(one) == 36:
            tracks = [track] if (track := _by_own_id(call).get(one.lower())) else []
        elif len(one) == 12:
            tracks = call.world.by_isrc(one.upper())
        else:
            tracks = [track] if (track := call.world.find_track(one)) else []
        found.update({track.id: track for track in tracks if knows("reccobeats", track.mbid, KNOWN)})
    return sorted(found.values(), key=lambda track: digest("order", track.id))


def _features(features: Features) -> dict[str, Any]:
    return msgspec.to_builtins(features)


def _features_row(track: Track) -> dict[str, Any]:
    link = f"https://open.spotify.com/track/{track.id}"
    return {"id": own_id(track), "href": link, "isrc": track.isrc} | _features(track.features)


def _track_row(call: Call, track: Track) -> dict[str, Any]:
    artists = [call.world.artist(id) for id in track.artist_ids]
    return {
        "id": own_id(track),
        "trackTitle": track.name,
        "artists": [
            {"id": mbid("reccobeats", a.id), "name": a.name, "href": f"https://open.spotify.com/artist/{a.id}"}
            for a in artists
        ],
        "durationMs": track.duration_ms,
        "isrc": track.isrc,
        "ean": None,
        "upc": None,
        "href": f"https://open.spotify.com/track/{track.id}",
        "availableCountries": "AR,AU,AT,CA,DE,ES,FR,GB,IN,JP,KR,KZ,SE,US",
        "popularity": track.popularity,
    }


@service.route("/audio-features")
def audio_features(call: Call) -> dict:
    return {"content": [_features_row(track) for track in _find(call, _asked(call, "ids", MOST_IDS))]}


@service.route("/track")
def tracks(call: Call) -> dict:
    return {"content": [_track_row(call, track) for track in _find(call, _asked(call, "ids", MOST_IDS))]}


def _one(call: Call) -> Track:
    """By the service's own UUID and nothing else."""
    wanted = call.args["uuid"]
    if len(wanted) != 36:
        raise wrong("id: must be a valid UUID")
    track = _by_own_id(call).get(wanted.lower())
    if track is None:
        raise wrong("Track not found", 404)
    return track


@service.route("/track/<uuid>")
def one_track(call: Call) -> dict:
    return _track_row(call, _one(call))


@service.route("/track/<uuid>/audio-features")
def one_features(call: Call) -> dict:
    return _features_row(_one(call))


@service.route("/track/recommendation")
def recommendation(call: Call) -> dict:
    size = call.query.get("size", "")
    if not size.isdigit() or not 1 <= int(size) <= 100:
        raise wrong("size: must be between 1 and 100")
    seeds = _find(call, _asked(call, "seeds", MOST_SEEDS))
    unwanted = {track.mbid for track in _find(call, call.query.get("negativeSeeds", "").split(","))}
    pairs = similar_tracks(call.world, seeds, int(size) * 2)
    near = [t for t, _ in pairs if t.mbid not in unwanted and knows("reccobeats", t.mbid, KNOWN)]
    return {"content": [_track_row(call, track) for track in near[: int(size)]]}


@service.route("/analysis/audio-features", methods=("POST",))
def analysis(call: Call) -> dict:
    """Features of an uploaded file: any file will do, and the same bytes always sound the same."""
    file = call.request.files.get("audioFile")
    if file is None:
        raise wrong("audioFile: is required")
    content = file.read()
    if len(content) > MOST_BYTES:
        raise wrong("audioFile: maximum size is 5MB", 413)
    if not content:
        raise wrong("audioFile: is empty")
    place = int.from_bytes(digest(content.hex(), size=4), "big") % len(call.world.tracks)
    row = _features(call.world.tracks[place].features)
    return {name: value for name, value in row.items() if name not in ("key", "mode")}
