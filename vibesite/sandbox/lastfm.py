"""Last.fm: similar tracks and artists, tags, scrobbles. https://www.last.fm/api

Errors arrive with HTTP 200; a list of one arrives as an object; numbers are strings; artist pictures are all a star.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from werkzeug.wrappers import Response

from vibesite.sandbox.friends import (
    artist_by_mbid,
    artist_called,
    knows,
    listeners_of,
    playcount_of,
    similar_artists,
    similar_tracks,
    throttle,
    track_called,
)
from vibesite.sandbox.model import Artist, Track, TruePlay
from vibesite.sandbox.service import Answer, Call, Service, json_response

service = Service(
    "lastfm",
    "Last.fm",
    prefix="/lastfm",
    about="Similar music, tags and scrobbles. API key: anything that begins with “sandbox”.",
    examples=("/lastfm/2.0/?method=artist.getSimilar&format=json&api_key=sandbox-key&artist=",),
)
LIMIT, SECONDS = 5, 1.0
SCROBBLE_S = 30
_STAR = "https://lastfm.freetls.fastly.net/i/u/300x300/2a96cbd8b46e442fc41c2b86b821562f.png"
_TOLD = {
    3: "Invalid Method - No method with that name in this package",
    6: "Invalid parameters - Your request is missing a required parameter",
    10: "Invalid API key - You must be granted a valid key by last.fm",
    11: "Service Offline - This service is temporarily offline. Try again later.",
    16: "There was a temporary error processing your request. Please try again",
    26: "Suspended API key - Access for your account has been suspended, please contact Last.fm",
    29: "Rate Limit Exceeded - Your IP has made too many requests in a short period, exceeding our API guidelines",
}


def failed(code: int, message: str = "", status: int = 200) -> Response:
    return json_response({"error": code, "message": message or _TOLD[code], "links": []}, status)


@service.refusals
def refuse(status: int, message: str) -> Response:
    """A fault of any kind is their 16, a 429 their 29, both with HTTP 200; outright 5xx stay what they are."""
    if status == 429:
        return failed(29)
    return failed(11, status=status) if status >= 500 else failed(3, status=status)


def _many(rows: list[Any]) -> Any:
    """One row stands alone, as Last.fm's XML-minded JSON has it."""
    return rows[0] if len(rows) == 1 else rows


def _limit(call: Call, usual: int, most: int) -> int:
    told = call.query.get("limit", "")
    return min(max(int(told), 1), most) if told.isdigit() else usual


def _pictures(url: str = _STAR) -> list[dict[str, str]]:
    return [{"#text": url, "size": size} for size in ("small", "medium", "large", "extralarge", "mega", "")]


def _artist(call: Call) -> Artist:
    world, query = call.world, call.query
    if not query.get("artist") and not query.get("mbid"):
        raise Answer(failed(6))
    found = artist_by_mbid(world, query["mbid"]) if query.get("mbid") else artist_called(world, query["artist"])
    if found is None or not found.genres or not knows("lastfm", found.id, 95):
        raise Answer(failed(6, "The artist you supplied could not be found"))
    return found


def _track(call: Call) -> Track:
    world, query = call.world, call.query
    if query.get("mbid"):
        twins = world.by_mbid(query["mbid"])
        found = twins[0] if twins else None
    elif query.get("artist") and query.get("track"):
        found = track_called(world, query["artist"], query["track"])
    else:
        raise Answer(failed(6))
    if found is None or not knows("lastfm", found.mbid, 88):
        raise Answer(failed(6, "Track not found"))
    return found


def _url(*names: str) -> str:
    return "https://www.last.fm/music/" + "/_/".join(name.replace(" ", "+") for name in names)


def _mbid(key: str, mbid: str) -> str:
    return mbid if knows("lastfm mbid", key, 60) else ""


def _artist_row(artist: Artist) -> dict[str, Any]:
    mbid = _mbid(artist.id, artist.mbid)
    return {"name": artist.name, "mbid": mbid, "url": _url(artist.name), "image": _pictures(), "streamable": "0"}


def _track_row(call: Call, track: Track) -> dict[str, Any]:
    artist = call.world.artist(track.artist_ids[0])
    return {
        "name": track.name,
        "playcount": str(playcount_of(track)),
        "mbid": _mbid(track.mbid, track.mbid),
        "url": _url(artist.name, track.name),
        "streamable": {"#text": "0", "fulltrack": "0"},
        "duration": str(track.duration_ms // 1000),
        "artist": {
            "name": artist.name,
            "mbid": _mbid(artist.id, artist.mbid),
            "url": _url(artist.name),
        },
        "image": _pictures(),
    }


def artist_get_similar(call: Call) -> dict:
    artist = _artist(call)
    near = similar_artists(call.world, artist)[: _limit(call, 100, 250)]
    rows = [_artist_row(kin) | {"match": str(likeness)} for kin, likeness in near]
    return {"similarartists": {"artist": _many(rows), "@attr": {"artist": artist.name}}}


def track_get_similar(call: Call) -> dict:
    track = _track(call)
    near = similar_tracks(call.world, [track], _limit(call, 100, 250)) if knows("lastfm near", track.mbid, 85) else []
    rows = [_track_row(call, kin) | {"match": str(likeness)} for kin, likeness in near]
    return {"similartracks": {"track": _many(rows), "@attr": {"artist": call.world.artist(track.artist_ids[0]).name}}}


def _tag_rows(artist: Artist) -> list[dict[str, str]]:
    link = "https://www.last.fm/tag/"
    return [
        {"count": str(max(1, round(weight * 100))), "name": name, "url": link + name.replace(" ", "+")}
        for name, weight in artist.tags
    ]


def artist_get_top_tags(call: Call) -> dict:
    artist = _artist(call)
    return {"toptags": {"tag": _many(_tag_rows(artist)), "@attr": {"artist": artist.name}}}


def track_get_top_tags(call: Call) -> dict:
    track = _track(call)
    artist = call.world.artist(track.artist_ids[0])
    rows = [row for row in _tag_rows(artist) if knows("lastfm tag", track.mbid + row["name"], 70)]
    return {"toptags": {"tag": _many(rows), "@attr": {"artist": artist.name, "track": track.name}}}


def artist_get_top_tracks(call: Call) -> dict:
    artist = _artist(call)
    page, size = max(call.query.get("page", 1, int), 1), _limit(call, 50, 1000)
    best = list({track.mbid: track for track in reversed(call.world.best_of(artist.id))}.values())[::-1]
    shown = best[(page - 1) * size : page * size]
    rows = [
        _track_row(call, track)
        | {"listeners": str(playcount_of(track) // 4 + 1), "@attr": {"rank": str((page - 1) * size + place + 1)}}
        for place, track in enumerate(shown)
    ]
    about = {"artist": artist.name, "page": str(page), "perPage": str(size), "total": str(len(best))}
    return {"toptracks": {"track": _many(rows), "@attr": about | {"totalPages": str(-(-len(best) // size))}}}


def artist_get_info(call: Call) -> dict:
    artist = _artist(call)
    heard = {"listeners": str(listeners_of(artist)), "playcount": str(listeners_of(artist) * 21)}
    tags = [{"name": row["name"], "url": row["url"]} for row in _tag_rows(artist)[:5]]
    near = [_artist_row(kin) for kin, _ in similar_artists(call.world, artist)[:5]]
    more = {"stats": heard, "tags": {"tag": _many(tags)}, "similar": {"artist": _many(near)}, "ontour": "0"}
    return {"artist": _artist_row(artist) | more}


def track_get_info(call: Call) -> dict:
    track = _track(call)
    tags = [{"name": row["name"], "url": row["url"]} for row in _tag_rows(call.world.artist(track.artist_ids[0]))[:5]]
    row = _track_row(call, track) | {"duration": str(track.duration_ms), "toptags": {"tag": _many(tags)}}
    return {"track": row | {"listeners": str(playcount_of(track) // 4 + 1)}}


def _scrobbled(call: Call, play: TruePlay) -> bool:
    """Half of it or four minutes, of a track over 30 s, and not in private."""
    track = call.world.find_track(play.item_id) if play.kind == "track" else None
    if track is None or play.incognito or track.duration_ms <= SCROBBLE_S * 1000:
        return False
    return play.ms_played >= min(track.duration_ms / 2, 240_000)


def _scrobble(call: Call, track: Track, started: datetime | None) -> dict[str, Any]:
    artist, album = call.world.artist(track.artist_ids[0]), call.world.album(track.album_id)
    row: dict[str, Any] = {
        "artist": {"mbid": _mbid(artist.id, artist.mbid), "#text": artist.name},
        "streamable": "0",
        "image": _pictures()[:4],
        "mbid": _mbid(track.mbid, track.mbid),
        "album": {"mbid": "", "#text": album.name},
        "name": track.name,
        "url": _url(artist.name, track.name),
    }
    if started is None:
        return row | {"@attr": {"nowplaying": "true"}}
    stamp = str(int(started.timestamp()))
    return row | {"date": {"uts": stamp, "#text": started.strftime("%d %b %Y, %H:%M")}}


def user_get_recent_tracks(call: Call) -> dict:
    """A listener's scrobbles, newest first: `user` is their Spotify id. The last three months if no `from` is told."""
    listener = call.world.find_listener(call.query.get("user", ""))
    if listener is None:
        raise Answer(failed(6, "User not found"))
    page, size = max(call.query.get("page", 1, int), 1), _limit(call, 50, 200)
    end = min(call.now, datetime.fromtimestamp(call.query.get("to", 4_000_000_000, int), UTC))
    since = call.query.get("from", type=int)
    start = end - timedelta(days=92) if since is None else datetime.fromtimestamp(since, UTC)
    heard = [play for play in call.world.plays(listener, start, end) if _scrobbled(call, play)][::-1]
    rows = [
        _scrobble(call, call.world.find_track(play.item_id), play.started_at)
        for play in heard[(page - 1) * size : page * size]
    ]
    playing = call.world.now_playing(listener, call.now)
    if playing and playing.is_playing and playing.kind == "track" and not playing.device.is_private_session:
        rows.insert(0, _scrobble(call, call.world.find_track(playing.item_id), None))  # beside the limit, on any page
    about = {"user": listener.id, "page": str(page), "perPage": str(size), "total": str(len(heard))}
    return {"recenttracks": {"track": _many(rows), "@attr": about | {"totalPages": str(-(-len(heard) // size))}}}


METHODS: dict[str, Callable[[Call], dict]] = {
    "artist.getsimilar": artist_get_similar,
    "artist.gettoptags": artist_get_top_tags,
    "artist.gettoptracks": artist_get_top_tracks,
    "artist.getinfo": artist_get_info,
    "track.getsimilar": track_get_similar,
    "track.gettoptags": track_get_top_tags,
    "track.getinfo": track_get_info,
    "user.getrecenttracks": user_get_recent_tracks,
}


@service.route("/2.0/", methods=("GET", "POST"))
def root(call: Call) -> Any:
    key = call.query.get("api_key", "")
    if not key.startswith("sandbox") or key == "sandbox-suspended":
        return failed(26 if key == "sandbox-suspended" else 10)
    if throttle(call, "lastfm", LIMIT, SECONDS):
        return failed(29)
    method = METHODS.get(call.query.get("method", "").lower())
    if method is None:
        return failed(3)
    if call.query.get("format") != "json":
        xml = '<?xml version="1.0" encoding="UTF-8"?>\n<lfm status="ok"></lfm>'
        return Response(xml, content_type="text/xml; charset=UTF-8")
    return method(call)
