"""MusicBrainz: recordings by ISRC, by Spotify link, by name; artists. https://musicbrainz.org/doc/MusicBrainz_API

One request a second for each address, 503 above; no real User-Agent, no answer.
"""

from __future__ import annotations

import re
from typing import Any
from xml.sax.saxutils import quoteattr

from werkzeug.wrappers import Response

from vibesite.sandbox.chance import mbid
from vibesite.sandbox.friends import artist_by_mbid, knows, throttle
from vibesite.sandbox.model import Artist, Track
from vibesite.sandbox.service import Answer, Call, Service, json_response

service = Service(
    "musicbrainz",
    "MusicBrainz",
    prefix="/musicbrainz/ws/2",
    about="Recordings, ISRCs and links. One call a second, with a User-Agent of your own.",
)
KNOWN = 90  # of a hundred recordings
LINKED = 22  # of a hundred Spotify tracks have a link
LIMIT, SECONDS = 1, 1.0
_LIBRARIES = re.compile(
    r"^(python-requests|python-urllib|python-httpx|aiohttp|java|curl|okhttp|go-http|axios|node)\b", re.I
)
_HELP = "For usage, please see: https://musicbrainz.org/development/mmd"
_SLOW = "Your requests are exceeding the allowable rate limit. Please see https://wiki.musicbrainz.org/XMLWebService"
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.I)


@service.refusals
def refuse(status: int, message: str) -> Response:
    if status in (429, 503):
        return json_response({"error": _SLOW}, 503, {"Retry-After": "1"})
    return json_response({"error": message, "help": _HELP}, status)


@service.before
def manners(call: Call) -> None:
    agent = call.request.headers.get("User-Agent", "").strip()
    if not agent or _LIBRARIES.match(agent):
        told = "Your User-Agent is missing or generic. Please identify your application: Name/1.0 ( contact )\n"
        raise Answer(Response(told, 403, content_type="text/plain"))
    if throttle(call, "musicbrainz", LIMIT, SECONDS):
        raise Answer(refuse(503, ""))


def _not_found() -> Answer:
    return Answer(refuse(404, "Not Found"))


def _answer(call: Call, body: dict[str, Any]) -> Any:
    """JSON if asked for; else the XML that is the default, with ids alone."""
    if call.query.get("fmt") == "json" or "application/json" in call.request.headers.get("Accept", ""):
        return body
    rows = "".join(f"<recording id={quoteattr(row['id'])}/>" for row in body.get("recordings", ()))
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n<metadata xmlns="http://musicbrainz.org/ns/mmd-2.0#">{rows}</metadata>'
    return Response(text, content_type="application/xml; charset=utf-8")


def _inc(call: Call) -> set[str]:
    return set(call.query.get("inc", "").replace(" ", "+").split("+"))


def _genres(artist: Artist) -> dict[str, list[dict[str, Any]]]:
    rows = [{"name": name, "count": max(1, round(weight * 12)), "disambiguation": ""} for name, weight in artist.tags]
    genres = [row | {"id": mbid("genre", row["name"])} for row in rows if row["name"] in artist.genres]
    return {"genres": genres, "tags": [{"name": row["name"], "count": row["count"]} for row in rows]}


def _artist(artist: Artist) -> dict[str, Any]:
    return {
        "id": artist.mbid,
        "name": artist.name,
        "sort-name": ", ".join(reversed(artist.name.rsplit(" ", 1))),
        "disambiguation": "",
        "type": "Group" if "&" in artist.name or artist.name.startswith("The ") else "Person",
        "country": artist.country,
    }


def _credits(call: Call, track: Track) -> list[dict[str, Any]]:
    artists = [call.world.artist(id) for id in track.artist_ids]
    joins = [", "] * (len(artists) - 2) + [" feat. "] * (len(artists) > 1) + [""]
    return [
        {"name": artist.name, "joinphrase": join, "artist": _artist(artist)}
        for artist, join in zip(artists, joins[-len(artists) :], strict=True)
    ]


def _release(call: Call, track: Track) -> dict[str, Any]:
    album = call.world.album(track.album_id)
    return {
        "id": album.mbid,
        "title": album.name,
        "date": album.release_date,
        "status": "Official",
        "country": "XW",
        "barcode": album.upc,
        "disambiguation": "",
    }


def _recording(call: Call, recording: str, inc: set[str]) -> dict[str, Any]:
    """A recording by its MBID, which exists."""
    twins = sorted(call.world.by_mbid(recording), key=lambda track: (track.released, track.id))
    first = twins[0]
    row: dict[str, Any] = {
        "id": recording,
        "title": first.name,
        "length": first.duration_ms,
        "disambiguation": "live" if "Live" in first.name else "",
        "video": False,
        "first-release-date": call.world.album(first.album_id).release_date,
    }
    if "artist-credits" in inc or "artists" in inc:
        row["artist-credit"] = _credits(call, first)
    if "releases" in inc:
        row["releases"] = [_release(call, track) for track in twins]
    if "isrcs" in inc:
        row["isrcs"] = sorted({track.isrc for track in twins})
    if inc & {"genres", "tags"}:
        told = _genres(call.world.artist(first.artist_ids[0]))
        row |= {name: rows for name, rows in told.items() if name in inc}
    return row


@service.route("/isrc/<isrc>")
def by_isrc(call: Call) -> Any:
    isrc = call.args["isrc"].upper()
    if not re.fullmatch(r"[A-Z]{2}[A-Z0-9]{3}\d{7}", isrc):
        raise Answer(refuse(400, "Invalid isrc."))
    found = {track.mbid: None for track in call.world.by_isrc(isrc) if knows("musicbrainz", track.mbid, KNOWN)}
    if not found:
        raise _not_found()
    return _answer(call, {"isrc": isrc, "recordings": [_recording(call, one, _inc(call)) for one in found]})


def _link(call: Call, resource: str) -> dict[str, Any] | None:
    track = call.world.find_track(resource.rpartition("/track/")[2].split("?")[0]) if "/track/" in resource else None
    if track is None or not knows("musicbrainz link", track.id, LINKED) or not knows("musicbrainz", track.mbid, KNOWN):
        return None
    relation = {
        "type": "free streaming",
        "type-id": "7e41ef12-a124-4324-afdb-fdbae687a89c",
        "direction": "backward",
        "target-type": "recording",
        "ended": False,
        "begin": None,
        "end": None,
        "attributes": [],
        "recording": _recording(call, track.mbid, set()),
    }
    relations = [relation] if "recording-rels" in _inc(call) else []
    return {"id": mbid("url", track.id), "resource": resource, "relations": relations}


@service.route("/url")
def by_url(call: Call) -> Any:
    asked = call.query.getlist("resource")
    if not asked:
        raise Answer(refuse(400, "Either query or resource parameter must be provided."))
    found = [link for resource in asked if (link := _link(call, resource))]
    if len(asked) > 1:
        return _answer(call, {"urls": found, "url-count": len(found), "url-offset": 0})
    if not found:
        raise _not_found()
    return _answer(call, found[0])


@service.route("/recording/<one_id>")
def recording(call: Call) -> Any:
    one_id = call.args["one_id"].lower()
    if not _UUID.fullmatch(one_id):
        raise Answer(refuse(400, "Invalid mbid."))
    if not call.world.by_mbid(one_id) or not knows("musicbrainz", one_id, KNOWN):
        raise _not_found()
    return _answer(call, _recording(call, one_id, _inc(call)))


@service.route("/artist/<one_id>")
def artist(call: Call) -> Any:
    one_id = call.args["one_id"].lower()
    if not _UUID.fullmatch(one_id):
        raise Answer(refuse(400, "Invalid mbid."))
    found = artist_by_mbid(call.world, one_id)
    if found is None:
        raise _not_found()
    told = _genres(found)
    return _answer(call, _artist(found) | {name: rows for name, rows in told.items() if name in _inc(call)})


@service.route("/recording")
def search(call: Call) -> Any:
    """`query=recording:"…" AND artist:"…"`, or bare words, or `isrc:…`."""
    query = call.query.get("query", "")
    if not query.strip():
        raise Answer(refuse(400, "Must supply a query"))
    asked = re.sub(r"\b(AND|OR)\b", " ", query.replace("recording:", "track:").replace("release:", "album:"))
    size, start = min(call.query.get("limit", 25, int), 100), call.query.get("offset", 0, int)
    hits = call.world.search(asked, "track", 2000)
    found = list({track.mbid: None for track in hits if knows("musicbrainz", track.mbid, KNOWN)})
    rows = [
        _recording(call, one, {"artist-credits", "releases", "isrcs"}) | {"score": max(1, 100 - place)}
        for place, one in enumerate(found[start : start + size])
    ]
    return _answer(call, {"created": call.now.isoformat(), "count": len(found), "offset": start, "recordings": rows})
