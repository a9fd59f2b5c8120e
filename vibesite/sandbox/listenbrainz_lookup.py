"""ListenBrainz: look-ups by name, popularity, radio. All but popularity want a token."""

from __future__ import annotations

from typing import Any

from werkzeug.wrappers import Response

from vibesite.sandbox.friends import (
    artist_by_mbid,
    credit,
    knows,
    listeners_of,
    playcount_of,
    similar_artists,
    track_called,
)
from vibesite.sandbox.listenbrainz_door import let_in, service, told, wrong
from vibesite.sandbox.model import Track
from vibesite.sandbox.service import Call

KNOWN = 86  # of a hundred recordings
MOST = 1000


def release_of(call: Call, track: Track) -> dict[str, Any]:
    album = call.world.album(track.album_id)
    return {"release_name": album.name, "release_mbid": album.mbid}


@service.route("/1/metadata/lookup")
def lookup(call: Call) -> Response:
    let_in(call)
    artist, title = call.query.get("artist_name", ""), call.query.get("recording_name", "")
    if not artist or not title:
        raise wrong("artist_name and recording_name are required.")
    track = track_called(call.world, artist, title)
    if track is None or not knows("listenbrainz", track.mbid, KNOWN):
        return told(call, {})
    mbids = [call.world.artist(id).mbid for id in track.artist_ids]
    names = {"artist_credit_name": credit(call.world, track), "recording_name": track.name}
    return told(call, names | {"artist_mbids": mbids, "recording_mbid": track.mbid} | release_of(call, track))


def _asked(call: Call, key: str) -> list[str]:
    try:
        body = call.json
    except ValueError:
        raise wrong("Cannot parse JSON document.") from None
    mbids = body.get(key) if isinstance(body, dict) else None
    if not isinstance(mbids, list) or not mbids:
        raise wrong(f"'{key}' JSON element must be present and be a list.")
    if len(mbids) > MOST:
        raise wrong(f"Too many {key}, at most {MOST} are allowed.")
    return [str(one) for one in mbids]


@service.route("/1/popularity/recording", methods=("POST",))
def recordings(call: Call) -> Response:
    rows = []
    for one in _asked(call, "recording_mbids"):
        twins = call.world.by_mbid(one)
        heard = playcount_of(twins[0]) if twins and knows("listenbrainz", one, KNOWN) else None
        users = None if heard is None else heard // 5 + 1
        rows.append({"recording_mbid": one, "total_listen_count": heard, "total_user_count": users})
    return told(call, rows)


@service.route("/1/popularity/artist", methods=("POST",))
def artists(call: Call) -> Response:
    rows = []
    for one in _asked(call, "artist_mbids"):
        artist = artist_by_mbid(call.world, one)
        users = listeners_of(artist) if artist else None
        rows.append({"artist_mbid": one, "total_listen_count": users and users * 19, "total_user_count": users})
    return told(call, rows)


def _top(call: Call, artist_id: str, count: int) -> list[Track]:
    best = call.world.best_of(artist_id)
    return list({track.mbid: track for track in reversed(best) if knows("listenbrainz", track.mbid, KNOWN)}.values())[
        ::-1
    ][:count]


@service.route("/1/popularity/top-recordings-for-artist/<one_id>")
def top_recordings(call: Call) -> Response:
    let_in(call)
    artist = artist_by_mbid(call.world, call.args["one_id"])
    if artist is None:
        return told(call, [])
    rows = []
    for track in _top(call, artist.id, 100):
        heard = playcount_of(track)
        names = {"artist_name": credit(call.world, track), "recording_name": track.name, "recording_mbid": track.mbid}
        row = names | release_of(call, track) | {"length": track.duration_ms, "caa_id": None, "caa_release_mbid": None}
        row["artist_mbids"] = [call.world.artist(id).mbid for id in track.artist_ids]
        rows.append(row | {"total_listen_count": heard, "total_user_count": heard // 5 + 1})
    return told(call, rows)


@service.route("/1/lb-radio/artist/<one_id>")
def radio(call: Call) -> Response:
    """Recordings by an artist and the similar ones, under each artist's MBID."""
    let_in(call)
    artist = artist_by_mbid(call.world, call.args["one_id"])
    if artist is None:
        raise wrong("Artist not found", 404)
    near = min(max(call.query.get("max_similar_artists", 10, int), 1), 50)
    each = min(max(call.query.get("max_recordings_per_artist", 5, int), 1), 100)
    body = {}
    for kin in [artist, *(one for one, _ in similar_artists(call.world, artist)[:near])]:
        body[kin.mbid] = [
            {
                "recording_mbid": track.mbid,
                "similar_artist_mbid": kin.mbid,
                "similar_artist_name": kin.name,
                "total_listen_count": playcount_of(track),
            }
            for track in _top(call, kin.id, each)
        ]
    return told(call, body)
