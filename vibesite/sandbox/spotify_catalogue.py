"""Tracks, albums, artists and search.

https://developer.spotify.com/documentation/web-api/reference/search
"""

from __future__ import annotations

from typing import Any

from vibesite.sandbox import shelf
from vibesite.sandbox.service import Call
from vibesite.sandbox.spotify_ask import item_id, kept, market, page, span
from vibesite.sandbox.spotify_door import refusal, service
from vibesite.sandbox.spotify_shapes import Shapes
from vibesite.sandbox.spotify_spoken_shapes import audiobook_brief, episode_brief, show_brief

SEARCHED = ("album", "artist", "playlist", "track", "show", "episode", "audiobook")
GROUPS = ("album", "single", "appears_on", "compilation")
DEEPEST = 1000  # offset and limit of a search together reach this far
NOT_FOUND = "Resource not found"


def found(thing: Any) -> Any:
    """The thing, or 404."""
    if thing is None:
        raise refusal(404, NOT_FOUND)
    return thing


@service.route("/tracks/<one_id>", person=False)
def track(call: Call) -> dict:
    shapes = Shapes(call, market(call))
    return shapes.relinked(found(call.world.find_track(item_id(call.args["one_id"]))))


@service.route("/artists/<one_id>", person=False)
def artist(call: Call) -> dict:
    return Shapes(call).artist(found(call.world.find_artist(item_id(call.args["one_id"]))))


@service.route("/albums/<one_id>", person=False)
def album(call: Call) -> dict:
    return whole_album(call, Shapes(call, market(call)), call.args["one_id"])


def whole_album(call: Call, shapes: Shapes, album_id: str) -> dict:
    one = found(call.world.find_album(item_id(album_id)))
    tracks = page(
        call,
        one.track_ids,
        50,
        0,
        lambda track_id: shapes.track_brief(call.world.track(track_id)),
        path=f"/v1/albums/{one.id}/tracks",
        extra=kept(call, "market"),
    )
    return shapes.album(one, tracks)


@service.route("/albums/<one_id>/tracks", person=False)
def album_tracks(call: Call) -> dict:
    limit, offset = span(call)
    shapes = Shapes(call, market(call))
    one = found(call.world.find_album(item_id(call.args["one_id"])))

    def show(track_id: str) -> dict:
        return shapes.track_brief(call.world.track(track_id))

    return page(call, one.track_ids, limit, offset, show, extra=kept(call, "market"))


@service.route("/artists/<one_id>/albums", person=False)
def artist_albums(call: Call) -> dict:
    """Development mode: 5 by default, 10 at most; extended still 20 and 50."""
    extended = call.notes["app"].extended
    limit, offset = span(call, limit=20, most=50) if extended else span(call, limit=5, most=10)
    one = found(call.world.find_artist(item_id(call.args["one_id"])))
    groups = call.query.get("include_groups", "")
    wanted = [part for part in groups.split(",") if part] or list(GROUPS)
    if any(group not in GROUPS for group in wanted):
        raise refusal(400, "Invalid album type")
    albums = [(group_of(each, one.id), each) for each in call.world.albums_of(one.id)]
    albums = [(group, each) for group, each in albums if group in wanted]
    shapes = Shapes(call, market(call))

    def show(pair: tuple[str, Any]) -> dict:
        return shapes.album_brief(pair[1], group=pair[0])

    return page(call, albums, limit, offset, show, extra=kept(call, "include_groups", "market"))


def group_of(album: Any, artist_id: str) -> str:
    """What the album is to this artist."""
    return album.album_type if artist_id in album.artist_ids else "appears_on"


@service.route("/search", person=False)
def search(call: Call) -> dict:
    """Development mode: 5 by default, 10 at most; extended still 20 and 50."""
    extended = call.notes["app"].extended
    limit, offset = span(call, limit=20, far=DEEPEST) if extended else span(call, limit=5, most=10, far=DEEPEST)
    q = call.query.get("q", "").strip()
    if not q:
        raise refusal(400, "No search query")
    kinds = [part for part in call.query.get("type", "").split(",") if part]
    if not kinds:
        raise refusal(400, "Missing parameter type")
    for kind in kinds:
        if kind not in SEARCHED:
            raise refusal(400, f"Bad search type field {kind}")
    if len(q) > 250:
        raise refusal(400, "Query exceeds maximum length of 250 characters")
    shapes = Shapes(call, market(call))
    return {f"{kind}s": _search_page(call, shapes, kind, q, limit, offset) for kind in kinds}


def _search_page(call: Call, shapes: Shapes, kind: str, q: str, limit: int, offset: int) -> dict:
    hits: list[Any]
    if kind in ("track", "album", "artist"):
        hits = call.world.search(q, kind, limit=DEEPEST, offset=0)
        show: Any = {"track": shapes.track, "album": shapes.album_brief, "artist": shapes.artist}[kind]
    elif kind == "playlist":
        hits = _public_playlists(call, q)
        show = lambda hit: None if hit is None else shapes.playlist_brief(hit)  # noqa: E731
    else:
        hits, show = _spoken(call, shapes, kind, q)
    return page(call, hits, limit, offset, show, extra=kept(call, "q", "type", "market", "include_external"))


def _public_playlists(call: Call, q: str) -> list[Any]:
    """Hits among what is on somebody's profile; a list of Spotify's own comes as null, as has been seen."""
    words = q.casefold().split()
    seen: dict[str, Any] = {}
    for listener in call.world.listeners:
        for one in shelf.of_listener(call.world, listener, call.now):
            if one.public and all(word in one.name.casefold() for word in words):
                seen[one.id] = None if one.owner_id == "spotify" else one
    return list(seen.values())


def _spoken(call: Call, shapes: Shapes, kind: str, q: str) -> tuple[list[Any], Any]:
    words = q.casefold().split()

    def fits(thing: Any) -> bool:
        return all(word in thing.name.casefold() for word in words)

    spoken = call.world.spoken
    if kind == "show":
        return [one for one in spoken.shows if fits(one)], lambda one: show_brief(shapes, one)
    if kind == "audiobook":
        return [one for one in spoken.books if fits(one)], lambda one: audiobook_brief(shapes, one)
    shows = [one for one in spoken.shows if fits(one)]
    episodes = [spoken.episode(one_id) for one in shows for one_id in one.episode_ids[:20]]
    return episodes, lambda one: episode_brief(shapes, one)
