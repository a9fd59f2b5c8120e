"""ListenBrainz labs: similar artists and recordings, Spotify ids of a recording. GET with a query or POST with rows.

`algorithm` is required and must be one that exists: the names change now and then.
"""

from __future__ import annotations

from typing import Any

from werkzeug.wrappers import Response

from vibesite.sandbox.friends import artist_by_mbid, credit, knows, similar_artists, similar_tracks
from vibesite.sandbox.listenbrainz_door import service, wrong
from vibesite.sandbox.service import Call, json_response

ALGORITHMS = (
    "session_based_days_7500_session_300_contribution_5_threshold_10_limit_100_filter_True_skip_30",
    "session_based_days_7500_session_300_contribution_3_threshold_10_limit_100_filter_True_skip_30",
    "session_based_days_180_session_300_contribution_5_threshold_15_limit_50_skip_30",
    "session_based_days_365_session_300_contribution_5_threshold_15_limit_50_filter_True_skip_30",
)


def _asked(call: Call, key: str, *, algorithm: bool = True) -> list[str]:
    """The values of `key`: comma list in the query, or a list of rows, or a row with a list, in the body."""
    rows: list[Any] = []
    if call.request.method == "POST":
        try:
            body = call.json
        except ValueError:
            raise wrong("Invalid JSON") from None
        rows = body if isinstance(body, list) else [body]
        if not all(isinstance(row, dict) for row in rows):
            raise wrong("Expected a list of objects")
        names = [row.get("algorithm") for row in rows]
        values = [value for row in rows for value in _several(row.get(key))]
    else:
        names = [call.query.get("algorithm")]
        values = [part for value in call.query.getlist(key) for part in value.split(",") if part]
    if not values:
        raise wrong(f"Parameter {key} is missing or empty")
    if algorithm and any(name not in ALGORITHMS for name in names):
        raise wrong("algorithm: value is not a valid enumeration member")
    return values


def _several(value: Any) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else [str(value)] if value else []


@service.route("/labs/similar-artists/json", methods=("GET", "POST"))
def near_artists(call: Call) -> Response:
    rows = []
    for one in _asked(call, "artist_mbids"):
        artist = artist_by_mbid(call.world, one)
        for kin, likeness in similar_artists(call.world, artist) if artist else ():
            rows.append(
                {
                    "artist_mbid": kin.mbid,
                    "name": kin.name,
                    "comment": "",
                    "type": "Group" if kin.name.startswith("The ") else "Person",
                    "gender": None,
                    "score": int(likeness * 6000),
                    "reference_mbid": one,
                }
            )
    return json_response(rows)


@service.route("/labs/similar-recordings/json", methods=("GET", "POST"))
def near_recordings(call: Call) -> Response:
    rows = []
    for one in _asked(call, "recording_mbids"):
        twins = call.world.by_mbid(one)
        if not twins or not knows("listenbrainz", one, 86):
            continue
        for track, likeness in similar_tracks(call.world, twins[:1], 50):
            album = call.world.album(track.album_id)
            rows.append(
                {
                    "recording_mbid": track.mbid,
                    "recording_name": track.name,
                    "artist_credit_name": credit(call.world, track),
                    "[artist_credit_mbids]": [call.world.artist(id).mbid for id in track.artist_ids],
                    "release_name": album.name,
                    "release_mbid": album.mbid,
                    "caa_id": None,
                    "caa_release_mbid": None,
                    "score": int(likeness * 900),
                    "reference_mbid": one,
                }
            )
    return json_response(rows)


@service.route("/labs/spotify-id-from-mbid/json", methods=("GET", "POST"))
def spotify_ids(call: Call) -> Response:
    rows = []
    for one in _asked(call, "recording_mbid", algorithm=False):
        twins = call.world.by_mbid(one)
        known = twins if knows("labs spotify", one, 75) else []
        first = twins[0] if twins else None
        rows.append(
            {
                "recording_mbid": one,
                "artist_name": credit(call.world, first) if first else "",
                "release_name": call.world.album(first.album_id).name if first else "",
                "track_name": first.name if first else "",
                "spotify_track_ids": [track.id for track in known],
            }
        )
    return json_response(rows)
