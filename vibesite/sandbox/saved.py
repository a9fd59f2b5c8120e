"""What a listener saved or follows: the world's word, then what was done through the API, newest first."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from vibesite.sandbox.chance import dice

if TYPE_CHECKING:
    from vibesite.sandbox.living import Living

KINDS = ("track", "album", "artist", "show", "episode", "audiobook")


def of_kind(living: Living, listener: Any, kind: str, at: datetime) -> list[tuple[datetime, str]]:
    """Pairs of added-at and id."""
    edits = living.state.saved.library.get(listener.id, {})
    prefix = f"spotify:{kind}:"
    touched = {uri.removeprefix(prefix): added for uri, added in edits.items() if uri.startswith(prefix)}
    key = ("saved", listener.id, kind, int(at.timestamp()) // 5)
    held = living.remember(key, lambda: _of_world(living, listener, kind, at))
    if not touched:
        return held
    kept = [(added, one) for added, one in held if one not in touched]
    kept += [(datetime.fromtimestamp(added, UTC), one) for one, added in touched.items() if added is not None]
    return sorted(kept, key=lambda pair: pair[0], reverse=True)


def _of_world(living: Living, listener: Any, kind: str, at: datetime) -> list[tuple[datetime, str]]:
    world = living.world
    born = datetime(listener.born.year, listener.born.month, listener.born.day, tzinfo=UTC)
    if kind == "track":
        pairs = world.liked(listener, at)
    elif kind == "album":
        pairs = world.saved_albums(listener, at)
    elif kind == "artist":  # the order is all that shows
        pairs = [(born + timedelta(minutes=place), one) for place, one in enumerate(world.followed(listener, at))]
    else:
        pairs = [(born + timedelta(days=9 * place), one) for place, one in enumerate(_spoken(world, listener, kind))]
    return sorted(((pair[0], pair[1]) for pair in pairs), key=lambda pair: pair[0], reverse=True)


def _spoken(world: Any, listener: Any, kind: str) -> list[str]:
    """A few shows, episodes and books of those who listen to such things, always the same."""
    if not listener.spoken:
        return []
    chance = dice(world.salt, "spoken", listener.id)
    shows = chance.sample(world.spoken.shows, 4)
    if kind == "show":
        return [show.id for show in shows]
    if kind == "episode":
        return [show.episode_ids[chance.randrange(100, 400)] for show in shows for _ in range(2)]
    return [book.id for book in chance.sample(world.spoken.books, 2)]


def holds(living: Living, listener: Any, kind: str, one_id: str, at: datetime) -> bool:
    edits = living.state.saved.library.get(listener.id, {})
    uri = f"spotify:{kind}:{one_id}"
    if uri in edits:
        return edits[uri] is not None
    key = ("held", listener.id, kind, int(at.timestamp()) // 5)
    held = living.remember(key, lambda: {one for _, one in of_kind(living, listener, kind, at)})
    return one_id in held


def put(living: Living, listener: Any, uri: str, at: float | None) -> None:
    """Save (`at`, Unix s) or remove (None) one thing. Saving what is saved keeps its first moment."""
    kind, _, one_id = uri.removeprefix("spotify:").partition(":")
    if kind in KINDS and at is not None and holds(living, listener, kind, one_id, datetime.fromtimestamp(at, UTC)):
        return
    with living.state.lock:
        living.state.saved.library.setdefault(listener.id, {})[uri] = at
        living.state.changed()
