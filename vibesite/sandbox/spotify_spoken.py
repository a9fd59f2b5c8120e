"""Shows, episodes, audiobooks and chapters."""

from __future__ import annotations

from typing import Any

from vibesite.sandbox import spotify_spoken_shapes as spoken
from vibesite.sandbox.service import Call
from vibesite.sandbox.spotify_ask import item_id, kept, market, page, span
from vibesite.sandbox.spotify_catalogue import found
from vibesite.sandbox.spotify_door import service
from vibesite.sandbox.spotify_shapes import Shapes

POSITION = ("user-read-playback-position",)


def _episodes(call: Call, shapes: Shapes, show: Any, limit: int, offset: int) -> dict:
    newest = [one for one in reversed(show.episode_ids) if _out(call, one)]
    return page(
        call,
        newest,
        limit,
        offset,
        lambda one_id: spoken.episode_brief(shapes, call.world.find_episode(one_id)),
        path=f"/v1/shows/{show.id}/episodes",
        extra=kept(call, "market"),
    )


def _out(call: Call, episode_id: str) -> bool:
    return call.world.find_episode(episode_id).release_date <= call.now.date().isoformat()


def _chapters(call: Call, shapes: Shapes, book: Any, limit: int, offset: int) -> dict:
    return page(
        call,
        book.chapter_ids,
        limit,
        offset,
        lambda one_id: spoken.chapter_brief(shapes, call.world.find_chapter(one_id)),
        path=f"/v1/audiobooks/{book.id}/chapters",
        extra=kept(call, "market"),
    )


@service.route("/shows/<one_id>", scopes=POSITION, person=False)
def show(call: Call) -> dict:
    shapes = Shapes(call, market(call))
    one = found(call.world.find_show(item_id(call.args["one_id"])))
    return spoken.show_brief(shapes, one) | {"episodes": _episodes(call, shapes, one, 50, 0)}


@service.route("/shows/<one_id>/episodes", scopes=POSITION, person=False)
def show_episodes(call: Call) -> dict:
    limit, offset = span(call)
    one = found(call.world.find_show(item_id(call.args["one_id"])))
    return _episodes(call, Shapes(call, market(call)), one, limit, offset)


@service.route("/episodes/<one_id>", scopes=POSITION, person=False)
def episode(call: Call) -> dict:
    one = found(call.world.find_episode(item_id(call.args["one_id"])))
    return spoken.episode_full(Shapes(call, market(call)), one)


@service.route("/audiobooks/<one_id>", person=False)
def audiobook(call: Call) -> dict:
    one = found(call.world.find_audiobook(item_id(call.args["one_id"])))
    return whole_audiobook(call, Shapes(call, market(call)), one)


def whole_audiobook(call: Call, shapes: Shapes, book: Any) -> dict:
    return spoken.audiobook_brief(shapes, book) | {"chapters": _chapters(call, shapes, book, 50, 0)}


@service.route("/audiobooks/<one_id>/chapters", person=False)
def audiobook_chapters(call: Call) -> dict:
    limit, offset = span(call)
    one = found(call.world.find_audiobook(item_id(call.args["one_id"])))
    return _chapters(call, Shapes(call, market(call)), one, limit, offset)


@service.route("/chapters/<one_id>", person=False)
def chapter(call: Call) -> dict:
    one = found(call.world.find_chapter(item_id(call.args["one_id"])))
    return spoken.chapter_full(Shapes(call, market(call)), one)
