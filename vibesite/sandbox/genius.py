"""Genius: search and songs. The API gives no lyrics, and its pages refuse servers. https://docs.genius.com"""

from __future__ import annotations

from typing import Any

from werkzeug.wrappers import Response

from vibesite.sandbox.chance import number
from vibesite.sandbox.friends import credit, knows, playcount_of
from vibesite.sandbox.model import Artist, Track
from vibesite.sandbox.search import words
from vibesite.sandbox.service import Answer, Call, Service, json_response

service = Service(
    "genius",
    "Genius",
    prefix="/genius",
    about="Links to lyrics pages. Bearer token: anything that begins with “sandbox”.",
)
KNOWN = 80  # of a hundred recordings
_MANY = 50


@service.refusals
def refuse(status: int, message: str) -> Response:
    return json_response({"meta": {"status": status, "message": message}}, status)


def _let_in(call: Call) -> None:
    token = call.request.headers.get("Authorization", "").partition(" ")[2]
    token = token or call.query.get("access_token", "")
    if not token:
        message = "This call requires an access_token. Please see: https://genius.com/developers"
        raise Answer(refuse(401, message))
    if not token.startswith("sandbox"):
        told = "The access token provided is expired, revoked, malformed or invalid for other reasons."
        raise Answer(json_response({"error": "invalid_token", "error_description": told}, 401))


def own_id(track: Track) -> int:
    return number("genius", track.mbid) % 9_000_000 + 1000


def _slug(text: str) -> str:
    return "-".join(words(text)) or "untitled"


def _artist(call: Call, artist: Artist) -> dict[str, Any]:
    own = number("genius artist", artist.id) % 3_000_000 + 100
    picture = f"{call.url_root}/img/{artist.id}.svg"
    return {
        "_type": "artist",
        "id": own,
        "api_path": f"/artists/{own}",
        "name": artist.name,
        "url": f"{call.url_root}/genius/artists/{_slug(artist.name)}",
        "image_url": picture,
        "header_image_url": picture,
        "is_verified": False,
        "is_meme_verified": False,
    }


def _song(call: Call, track: Track) -> dict[str, Any]:
    """A page tells of the first pressing, whichever was found."""
    world = call.world
    track = min(world.by_mbid(track.mbid), key=lambda twin: (twin.released, twin.id))
    artists = [world.artist(id) for id in track.artist_ids]
    path = f"/{_slug(artists[0].name).capitalize()}-{_slug(track.name)}-lyrics"
    picture = f"{call.url_root}/img/{track.album_id}.svg"
    return {
        "_type": "song",
        "id": own_id(track),
        "annotation_count": 0,
        "api_path": f"/songs/{own_id(track)}",
        "artist_names": credit(world, track),
        "full_title": f"{track.name} by\u00a0{artists[0].name}",
        "title": track.name,
        "title_with_featured": track.name,
        "path": path,
        "url": f"{call.url_root}/genius{path}",
        "header_image_url": picture,
        "song_art_image_url": picture,
        "lyrics_state": "complete",
        "language": track.language,
        "release_date_for_display": world.album(track.album_id).release_date,
        "stats": {"unreviewed_annotations": 0, "hot": False, "pageviews": playcount_of(track)},
        "primary_artist": _artist(call, artists[0]),
        "featured_artists": [_artist(call, artist) for artist in artists[1:]],
    }


@service.route("/search")
def search(call: Call) -> dict:
    _let_in(call)
    size = min(max(call.query.get("per_page", 10, int), 1), 20)
    page = max(call.query.get("page", 1, int), 1)
    kept: dict[str, Track] = {}
    for track in call.world.search(" ".join(words(call.query.get("q", ""))), "track", 400):
        if knows("genius", track.mbid, KNOWN):
            kept.setdefault(track.mbid, track)  # a page a recording, not a pressing
    hits = list(kept.values())[:_MANY][(page - 1) * size : page * size]
    rows = [{"highlights": [], "index": "song", "type": "song", "result": _song(call, track)} for track in hits]
    return {"meta": {"status": 200}, "response": {"hits": rows}}


@service.route("/songs/<int:one_id>")
def song(call: Call) -> dict:
    _let_in(call)
    world = call.world

    def make() -> dict[int, Track]:
        return {own_id(track): track for track in world.tracks if knows("genius", track.mbid, KNOWN)}

    track = world.indexed("genius", make).get(call.args["one_id"])
    if track is None:
        raise Answer(refuse(404, "Not found"))
    return {"meta": {"status": 200}, "response": {"song": _song(call, track)}}


@service.route("/<slug>-lyrics")
def page(call: Call) -> Response:
    """The page with the words: shut to servers."""
    return Response("<html><title>Attention Required!</title>Sorry, you have been blocked</html>", 403)
