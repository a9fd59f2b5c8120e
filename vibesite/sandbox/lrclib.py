"""LRCLIB: plain and synced lyrics by names and duration. https://lrclib.net/docs"""

from __future__ import annotations

from typing import Any

from werkzeug.wrappers import Response

from vibesite.sandbox.chance import number
from vibesite.sandbox.friends import credit, knows, plain, track_called
from vibesite.sandbox.lyrics import is_instrumental, synced
from vibesite.sandbox.model import Track
from vibesite.sandbox.service import Answer, Call, Service, json_response

service = Service(
    "lrclib",
    "LRCLIB",
    prefix="/lrclib/api",
    about="Made-up lyrics, plain and with time marks.",
    examples=("/lrclib/api/search?q=rain",),
)
KNOWN = 84  # of a hundred recordings
MOST_HITS = 20
NEAR_S = 2  # a duration may be off by this


@service.refusals
def refuse(status: int, message: str) -> Response:
    name = {404: "NotFound", 400: "ValidationError"}.get(status, "Error")
    return json_response({"code": status, "name": name, "message": message, "statusCode": status}, status)


def _missing() -> Answer:
    told = "Failed to find specified track"
    body = {"code": 404, "name": "TrackNotFound", "message": told, "statusCode": 404}
    return Answer(json_response(body, 404))


def own_id(track: Track) -> int:
    return number("lrclib", track.id) % 90_000_000 + 1000


def _has(track: Track) -> bool:
    return knows("lrclib", track.mbid, KNOWN) and (is_instrumental(track) or track.lyrics is not None)


def _row(call: Call, track: Track) -> dict[str, Any]:
    quiet = is_instrumental(track)
    return {
        "id": own_id(track),
        "name": track.name,
        "trackName": track.name,
        "artistName": credit(call.world, track),
        "albumName": call.world.album(track.album_id).name,
        "duration": round(track.duration_ms / 1000),
        "instrumental": quiet,
        "plainLyrics": None if quiet else track.lyrics,
        "syncedLyrics": None if quiet or not knows("lrclib synced", track.mbid, 80) else synced(track),
    }


def _named(call: Call) -> Track | None:
    title, artist = call.query.get("track_name", ""), call.query.get("artist_name", "")
    for name, value in (("track_name", title), ("artist_name", artist)):
        if not value.strip():
            raise Answer(refuse(400, f"Failed to deserialize query string: missing field `{name}`"))
    return track_called(call.world, artist, title, call.query.get("album_name", ""))


@service.route("/get")
@service.route("/get-cached")
def get(call: Call) -> dict:
    track = _named(call)
    if track is None or not _has(track):
        raise _missing()
    told = call.query.get("duration", "")
    if told:
        try:
            seconds = float(told)
        except ValueError:
            raise Answer(refuse(400, "Failed to deserialize query string: duration: invalid float")) from None
        twins = [twin for twin in call.world.by_mbid(track.mbid) if _near(twin, seconds)]
        if not twins:
            raise _missing()
        track = track if _near(track, seconds) else twins[0]
    return _row(call, track)


def _near(track: Track, seconds: float) -> bool:
    return abs(round(track.duration_ms / 1000) - seconds) <= NEAR_S


@service.route("/get/<int:one_id>")
def get_by_id(call: Call) -> dict:
    world = call.world
    index = world.indexed("lrclib", lambda: {own_id(track): track for track in world.tracks if _has(track)})
    track = index.get(call.args["one_id"])
    if track is None:
        raise _missing()
    return _row(call, track)


@service.route("/search")
def search(call: Call) -> list:
    """By `q` over all names, or by `track_name` with `artist_name` and `album_name`; an empty list if nothing fits."""
    query = call.query.get("q", "")
    title = call.query.get("track_name", "")
    if not query.strip() and not title.strip():
        return []
    found = call.world.search(f"{plain(query)} {plain(title)} {plain(call.query.get('artist_name', ''))}", "track", 200)
    album = plain(call.query.get("album_name", ""))
    kept = [track for track in found if _has(track) and album in plain(call.world.album(track.album_id).name)]
    return [_row(call, track) for track in kept[:MOST_HITS]]
