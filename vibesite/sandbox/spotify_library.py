"""What a listener saved, follows and plays most; and who they are."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from werkzeug.wrappers import Response

from vibesite.sandbox import saved, shelf
from vibesite.sandbox import spotify_spoken_shapes as spoken
from vibesite.sandbox.service import Call
from vibesite.sandbox.spotify_ask import day_and_time, kept, market, page, span, whole
from vibesite.sandbox.spotify_catalogue import found, whole_album
from vibesite.sandbox.spotify_door import refusal, service
from vibesite.sandbox.spotify_shapes import Shapes

MOST_URIS = 40
_URI = re.compile(r"spotify:(track|album|artist|episode|show|audiobook|user|playlist):([^:,\s]+)")
RANGES = {"short_term": 28, "medium_term": 182, "long_term": 365}  # days
READ, FOLLOWED = ("user-library-read",), ("user-follow-read",)


@service.route("/me")
def me(call: Call) -> dict:
    return Shapes(call).me(call.notes["listener"])


def _saved(call: Call, kind: str, key: str, show: Any) -> dict:
    limit, offset = span(call)
    pairs = saved.of_kind(call.world, call.notes["listener"], kind, call.now)

    def entry(pair: Any) -> dict:
        return {"added_at": day_and_time(pair[0]), key: show(pair[1])}

    return page(call, pairs, limit, offset, entry, extra=kept(call, "market"))


@service.route("/me/tracks", scopes=READ)
def saved_tracks(call: Call) -> dict:
    shapes = Shapes(call, market(call))
    return _saved(call, "track", "track", lambda one: shapes.track(call.world.track(one)))


@service.route("/me/albums", scopes=READ)
def saved_albums(call: Call) -> dict:
    shapes = Shapes(call, market(call))
    return _saved(call, "album", "album", lambda one: whole_album(call, shapes, one))


@service.route("/me/shows", scopes=READ)
def saved_shows(call: Call) -> dict:
    shapes = Shapes(call, market(call))
    return _saved(call, "show", "show", lambda one: spoken.show_brief(shapes, call.world.find_show(one)))


@service.route("/me/episodes", scopes=READ)
def saved_episodes(call: Call) -> dict:
    shapes = Shapes(call, market(call))
    return _saved(call, "episode", "episode", lambda one: spoken.episode_full(shapes, call.world.find_episode(one)))


@service.route("/me/audiobooks", scopes=READ)
def saved_audiobooks(call: Call) -> dict:
    limit, offset = span(call)
    shapes = Shapes(call, market(call))
    pairs = saved.of_kind(call.world, call.notes["listener"], "audiobook", call.now)

    def entry(pair: Any) -> dict:
        book = spoken.audiobook_brief(shapes, call.world.find_audiobook(pair[1]))
        return {"added_at": day_and_time(pair[0]), "audiobook": book}

    return page(call, pairs, limit, offset, entry)


@service.route("/me/following", scopes=FOLLOWED)
def following(call: Call) -> dict:
    """Followed artists by id, in a fixed order; the cursor is the last id seen."""
    if call.query.get("type") != "artist":
        raise refusal(400, "Invalid type")
    limit = whole(call, "limit", 20, 1, 50)
    everyone = [one for _, one in saved.of_kind(call.world, call.notes["listener"], "artist", call.now)]
    after = call.query.get("after", "")
    start = everyone.index(after) + 1 if after in everyone else 0
    part = everyone[start : start + limit]
    more = start + limit < len(everyone)
    shapes = Shapes(call)
    link = f"{call.url_root}/v1/me/following?type=artist&limit={limit}"
    return {
        "artists": {
            "href": link + (f"&after={after}" if after else ""),
            "items": [shapes.artist(call.world.artist(one)) for one in part],
            "limit": limit,
            "next": f"{link}&after={part[-1]}" if more else None,
            "cursors": {"after": part[-1] if more else None},
            "total": len(everyone),
        }
    }


@service.route("/me/top/<kind>", scopes=("user-top-read",))
def top(call: Call) -> dict:
    """Ranked, without counts; 99 at most."""
    kind = call.args["kind"]
    if kind not in ("tracks", "artists"):
        raise refusal(404, "Service not found")
    limit, offset = span(call)
    reach = call.query.get("time_range", "medium_term")
    if reach not in RANGES:
        raise refusal(400, "Invalid time range")
    listener = call.notes["listener"]
    at = call.now.replace(hour=0, minute=0, second=0, microsecond=0)  # at Spotify too it moves about daily
    ranked = call.world.remember(
        ("top", listener.id, kind, reach, at),
        lambda: call.world.world.top(listener, at - timedelta(seconds=1), kind, days=RANGES[reach]),
    )
    shapes = Shapes(call)
    if kind == "tracks":
        return page(
            call, ranked, limit, offset, lambda one: shapes.track(call.world.track(one)), extra=dict(call.query)
        )
    return page(call, ranked, limit, offset, lambda one: shapes.artist(call.world.artist(one)), extra=dict(call.query))


# /me/library: any kind by URI, 40 at a time, in the query


def _uris(call: Call) -> list[tuple[str, str]]:
    text = call.query.get("uris", "")
    if not text:
        raise refusal(400, "Missing required parameter: uris")
    uris = [part.strip() for part in text.split(",") if part.strip()]
    if len(uris) > MOST_URIS:
        raise refusal(400, f"Too many uris requested. Maximum: {MOST_URIS}")
    pairs = []
    for uri in uris:
        fits = _URI.fullmatch(uri)
        if fits is None:
            raise refusal(400, f"Invalid URI: {uri}")
        pairs.append((fits[1], fits[2]))
    return pairs


def _needs(call: Call, kinds: set[str], words: Mapping[str, tuple[str, ...]]) -> None:
    """Each kind of thing has a scope of its own."""
    granted = call.notes["token"].scopes
    for kind in kinds:
        wanted = words.get(kind, words[""])
        if not any(scope in granted for scope in wanted):
            raise refusal(403, "Insufficient client scope")


_MODIFY = {
    "": ("user-library-modify",),
    "artist": ("user-follow-modify",),
    "user": ("user-follow-modify",),
    "playlist": ("playlist-modify-public", "playlist-modify-private"),
}
_CONTAINS = {
    "": ("user-library-read",),
    "artist": ("user-follow-read",),
    "user": ("user-follow-read",),
    "playlist": ("playlist-read-private",),
}


def _exists(call: Call, kind: str, one_id: str) -> bool:
    world = call.world
    if kind == "playlist":
        return shelf.find(world, one_id, call.now) is not None
    if kind == "show" and world.find_audiobook(one_id) is not None:
        return True
    look = {
        "track": world.find_track,
        "album": world.find_album,
        "artist": world.find_artist,
        "episode": world.find_episode,
        "show": world.find_show,
        "audiobook": world.find_audiobook,
        "user": world.find_listener,
    }[kind]
    return look(one_id) is not None


def _kind(call: Call, kind: str, one_id: str) -> str:
    """An audiobook's URI says show."""
    return "audiobook" if kind == "show" and call.world.find_audiobook(one_id) else kind


def _write(call: Call, at: float | None) -> Any:
    pairs = _uris(call)
    if any(kind == "artist" for kind, _ in pairs) and not call.state.option("library_artists"):
        raise refusal(400, "Unsupported URI type: artist")
    _needs(call, {kind for kind, _ in pairs}, _MODIFY)
    for kind, one_id in pairs:
        if not _exists(call, kind, one_id):
            found(None)
    for place, (kind, one_id) in enumerate(reversed(pairs)):  # the first named is the newest, as in the app
        moment = None if at is None else at + place / 1000
        saved.put(call.world, call.notes["listener"], f"spotify:{_kind(call, kind, one_id)}:{one_id}", moment)
    return empty()


def empty(status: int = 200) -> Response:
    """200 without a body, as Spotify ends its writes."""

    return Response(b"", status)


@service.route("/me/library", methods=("PUT",))
def library_add(call: Call) -> Any:
    return _write(call, call.now.timestamp())


@service.route("/me/library", methods=("DELETE",))
def library_remove(call: Call) -> Any:
    return _write(call, None)


@service.route("/me/library/contains")
def library_contains(call: Call) -> list[bool]:
    pairs = _uris(call)
    _needs(call, {kind for kind, _ in pairs}, _CONTAINS)
    return [contains(call, _kind(call, kind, one_id), one_id) for kind, one_id in pairs]


def contains(call: Call, kind: str, one_id: str) -> bool:
    listener = call.notes["listener"]
    if kind == "playlist":
        return any(one.id == one_id for one in shelf.of_listener(call.world, listener, call.now))
    if kind == "user":
        return call.state.saved.library.get(listener.id, {}).get(f"spotify:user:{one_id}") is not None
    return saved.holds(call.world, listener, kind, one_id, call.now)
