"""What February 2026 took from development mode and extended apps still have: many at once, old playlist and library
paths, other people, browsing. And what November 2024 took from everybody.

https://developer.spotify.com/documentation/web-api/tutorials/february-2026-migration-guide
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from werkzeug.wrappers import Response

from vibesite.sandbox import saved, shelf, spotify_items, spotify_playlists
from vibesite.sandbox import spotify_spoken_shapes as spoken
from vibesite.sandbox.service import Call
from vibesite.sandbox.spotify_ask import ids, item_id, mapping, market, page, span
from vibesite.sandbox.spotify_catalogue import found, whole_album
from vibesite.sandbox.spotify_door import refusal, service
from vibesite.sandbox.spotify_library import FOLLOWED, READ, contains, empty
from vibesite.sandbox.spotify_playlists import MODIFY
from vibesite.sandbox.spotify_shapes import MARKETS, Shapes
from vibesite.sandbox.spotify_spoken import whole_audiobook

GONE = (
    "/artists/<one_id>/related-artists",
    "/audio-features",
    "/audio-features/<one_id>",
    "/audio-analysis/<one_id>",
    "/recommendations",
    "/recommendations/available-genre-seeds",
    "/browse/featured-playlists",
    "/browse/categories/<one_id>/playlists",
)


def gone(call: Call) -> None:
    raise refusal(403, "Forbidden")


for _rule in GONE:
    service.route(_rule, person=False, removed=True)(gone)


# Many at once; an unknown id gives null in its place


def _many(kind: str, most: int, show: Callable[[Call, Shapes, str], Any]) -> None:
    def answer(call: Call) -> dict:
        shapes = Shapes(call, market(call))
        return {f"{kind}s": [show(call, shapes, one) for one in ids(call, most)]}

    service.route(f"/{kind}s", person=False, removed=True)(answer)


def _or_null(look: str, shape: Callable[[Shapes, Any], Any]) -> Callable[[Call, Shapes, str], Any]:
    def show(call: Call, shapes: Shapes, one_id: str) -> Any:
        thing = getattr(call.world, look)(one_id)
        return None if thing is None else shape(shapes, thing)

    return show


def _album_or_null(call: Call, shapes: Shapes, one_id: str) -> Any:
    return whole_album(call, shapes, one_id) if call.world.find_album(one_id) else None


def _book_or_null(call: Call, shapes: Shapes, one_id: str) -> Any:
    book = call.world.find_audiobook(one_id)
    return whole_audiobook(call, shapes, book) if book else None


_many("track", 50, _or_null("find_track", lambda shapes, one: shapes.relinked(one)))
_many("album", 20, _album_or_null)
_many("artist", 50, _or_null("find_artist", lambda shapes, one: shapes.artist(one)))
_many("episode", 50, _or_null("find_episode", spoken.episode_full))
_many("show", 50, _or_null("find_show", spoken.show_brief))
_many("audiobook", 50, _book_or_null)
_many("chapter", 50, _or_null("find_chapter", spoken.chapter_full))


# Playlists under their old paths: /tracks, a person's, followers


@service.route("/playlists/<playlist_id>/tracks", removed=True)
def old_items(call: Call) -> dict:
    return spotify_items.read(call, most=100, limit=100)


@service.route("/playlists/<playlist_id>/tracks", methods=("POST",), removed=True, scopes=MODIFY)
def old_add(call: Call) -> Response:
    return spotify_items.add(call)


@service.route("/playlists/<playlist_id>/tracks", methods=("PUT",), removed=True, scopes=MODIFY)
def old_replace(call: Call) -> Response:
    return spotify_items.replace_or_move(call)


@service.route("/playlists/<playlist_id>/tracks", methods=("DELETE",), removed=True, scopes=MODIFY)
def old_remove(call: Call) -> Response:
    return spotify_items.remove_named(call, "tracks")


@service.route("/users/<user_id>", person=False, removed=True)
def user(call: Call) -> dict:
    listener = found(call.world.find_listener(call.args["user_id"]))
    shapes = Shapes(call)
    return shapes.person(listener.id) | {"followers": {"href": None, "total": 3}, "images": shapes.faces(listener)}


@service.route("/users/<user_id>/playlists", removed=True)
def user_playlists(call: Call) -> dict:
    """Somebody's profile: what they made and show."""
    limit, offset = span(call)
    listener = found(call.world.find_listener(call.args["user_id"]))
    shown = [
        one
        for one in shelf.of_listener(call.world, listener, call.now)
        if one.public or (listener.id == call.listener and "playlist-read-private" in call.notes["token"].scopes)
    ]
    return page(call, shown, limit, offset, Shapes(call).playlist_brief)


@service.route("/users/<user_id>/playlists", methods=("POST",), removed=True, scopes=MODIFY)
def user_create(call: Call) -> Response:
    if call.args["user_id"] != call.listener:
        raise refusal(403, "You cannot create a playlist for another user.")
    return spotify_playlists.create_for(call)


def _follow(call: Call, at: float | None) -> Response:
    playlist = spotify_playlists.playlist_of(call)
    saved.put(call.world, call.notes["listener"], f"spotify:playlist:{playlist.id}", at)
    return empty()


@service.route("/playlists/<playlist_id>/followers", methods=("PUT",), removed=True, scopes=MODIFY)
def follow_playlist(call: Call) -> Response:
    return _follow(call, call.now.timestamp())


@service.route("/playlists/<playlist_id>/followers", methods=("DELETE",), removed=True, scopes=MODIFY)
def unfollow_playlist(call: Call) -> Response:
    return _follow(call, None)


@service.route("/playlists/<playlist_id>/followers/contains", removed=True)
def follows_playlist(call: Call) -> list[bool]:
    playlist = spotify_playlists.playlist_of(call)
    return [contains(call, "playlist", playlist.id)]


# Saved things by kind


def _named(call: Call, most: int) -> list[str]:
    """Ids of the query, else of the body."""
    if "ids" in call.query:
        return ids(call, most)
    named = mapping(call).get("ids")
    if not isinstance(named, list) or not named or not all(isinstance(one, str) for one in named):
        raise refusal(400, "Missing required field: ids")
    if len(named) > most:
        raise refusal(400, "Too many ids requested")
    return [item_id(one) for one in named]


def _kept_by_kind(kind: str, most: int) -> None:
    def write(call: Call, at: float | None) -> Response:
        for place, one_id in enumerate(reversed(_named(call, most))):
            moment = None if at is None else at + place / 1000
            saved.put(call.world, call.notes["listener"], f"spotify:{kind}:{one_id}", moment)
        return empty()

    def add(call: Call) -> Response:
        return write(call, call.now.timestamp())

    def remove(call: Call) -> Response:
        return write(call, None)

    def holds(call: Call) -> list[bool]:
        return [contains(call, kind, one_id) for one_id in ids(call, most)]

    modify = ("user-library-modify",)
    service.route(f"/me/{kind}s", methods=("PUT",), removed=True, scopes=modify)(add)
    service.route(f"/me/{kind}s", methods=("DELETE",), removed=True, scopes=modify)(remove)
    service.route(f"/me/{kind}s/contains", removed=True, scopes=READ)(holds)


for _kind, _most in (("track", 50), ("album", 20), ("episode", 50), ("show", 50), ("audiobook", 50)):
    _kept_by_kind(_kind, _most)


def _followed_kind(call: Call) -> str:
    kind = call.query.get("type", "")
    if kind not in ("artist", "user"):
        raise refusal(400, "Invalid type")
    return kind


def _follow_many(call: Call, at: float | None) -> None:
    kind = _followed_kind(call)
    named = call.query["ids"].split(",") if kind == "user" and "ids" in call.query else _named(call, 50)
    for one_id in named:
        saved.put(call.world, call.notes["listener"], f"spotify:{kind}:{one_id}", at)


@service.route("/me/following", methods=("PUT",), removed=True, scopes=("user-follow-modify",))
def follow(call: Call) -> None:
    _follow_many(call, call.now.timestamp())


@service.route("/me/following", methods=("DELETE",), removed=True, scopes=("user-follow-modify",))
def unfollow(call: Call) -> None:
    _follow_many(call, None)


@service.route("/me/following/contains", removed=True, scopes=FOLLOWED)
def follows(call: Call) -> list[bool]:
    kind = _followed_kind(call)
    return [contains(call, kind, one_id) for one_id in call.query.get("ids", "").split(",") if one_id]


# Browsing


@service.route("/artists/<one_id>/top-tracks", person=False, removed=True)
def artist_top_tracks(call: Call) -> dict:
    shapes = Shapes(call, market(call))
    artist = found(call.world.find_artist(item_id(call.args["one_id"])))
    return {"tracks": [shapes.track(track) for track in call.world.best_of(artist.id)[:10]]}


@service.route("/browse/new-releases", person=False, removed=True)
def new_releases(call: Call) -> dict:
    limit, offset = span(call)
    today = call.now.date().isoformat()
    out = [album for album in call.world.albums if album.release_date <= today]
    newest = sorted(out, key=lambda album: album.release_date, reverse=True)[:100]
    return {"albums": page(call, newest, limit, offset, Shapes(call).album_brief)}


def _categories(call: Call) -> list[str]:
    return sorted({genre for artist in call.world.artists for genre in artist.genres[:1]})


def _category(call: Call, genre: str) -> dict:
    name = genre.replace(" ", "_")
    href = f"{call.url_root}/v1/browse/categories/{name}"
    icon = {"url": f"{call.url_root}/img/{name}.svg?size=274", "height": 274, "width": 274}
    return {"href": href, "icons": [icon], "id": name, "name": genre.title()}


@service.route("/browse/categories", person=False, removed=True)
def categories(call: Call) -> dict:
    limit, offset = span(call)
    return {"categories": page(call, _categories(call), limit, offset, lambda genre: _category(call, genre))}


@service.route("/browse/categories/<one_id>", person=False, removed=True)
def category(call: Call) -> dict:
    wanted = call.args["one_id"].replace("_", " ")
    return _category(call, found(wanted if wanted in _categories(call) else None))


@service.route("/markets", person=False, removed=True)
def markets(call: Call) -> dict:
    return {"markets": MARKETS}
