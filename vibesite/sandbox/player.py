"""What a listener's player is doing: as it was told to, else as the world has it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from vibesite.sandbox.chance import hexes
from vibesite.sandbox.model import Device, Playback
from vibesite.sandbox.state import PlayerWord

if TYPE_CHECKING:
    from vibesite.sandbox.living import Living

FORGOTTEN = timedelta(minutes=12)  # a paused player has no active device after this


def item_of(living: Living, kind: str, item_id: str | None) -> Any:
    """The track, episode or chapter; None for ads and the unknown."""
    if item_id is None:
        return None
    look = {"track": living.find_track, "episode": living.find_episode, "chapter": living.find_chapter}.get(kind)
    return look(item_id) if look else None


def playback(living: Living, listener: Any, at: datetime) -> tuple[Playback, bool] | None:
    """The player at a moment and whether it was told so; None when there is no active device."""
    word = living.state.saved.players.get(listener.id)
    if word is None:
        found = living.world.now_playing(listener, at)
        return None if found is None else (found, False)
    if word.silent:
        return None
    since = datetime.fromtimestamp(word.since, UTC)
    passed = max(0, round((at.timestamp() - word.since) * 1000)) if word.is_playing else 0
    item = item_of(living, word.kind, word.track_id)
    if not word.is_playing and at - since > FORGOTTEN:
        return None
    if item is not None and word.progress_ms + passed >= item.duration_ms:
        return None
    return _playback(living, listener, word, since, passed), True


def _playback(living: Living, listener: Any, word: PlayerWord, since: datetime, passed: int) -> Playback:
    device = Device(
        hexes(living.state.salt, "told device", listener.id, word.device_name),
        word.device_name,
        word.device_type,
        word.private_session,
        word.volume_percent,
    )
    return Playback(
        kind=word.kind,
        item_id=word.track_id or "",
        progress_ms=word.progress_ms + passed,
        is_playing=word.is_playing,
        timestamp=since,
        device=device,
        context_uri=word.context_uri,
        shuffle=word.shuffle,
        repeat=word.repeat,
        play=None,  # type: ignore[arg-type]  # nothing true stands behind it
    )


def tell(living: Living, listener_id: str, word: PlayerWord | None) -> None:
    """Tell the player what to do; None gives it back to the world. What was told does not become a play."""
    with living.state.lock:
        if word is None:
            living.state.saved.players.pop(listener_id, None)
        else:
            living.state.saved.players[listener_id] = word
        living.state.changed()


def word_of(living: Living, listener: Any, at: datetime) -> PlayerWord | None:
    """The present state as a word to change and tell; None when there is no active device."""
    now = playback(living, listener, at)
    if now is None:
        return None
    state = now[0]
    told = living.state.saved.players.get(listener.id)
    return PlayerWord(
        track_id=state.item_id or None,
        since=at.timestamp(),
        kind=state.kind,
        progress_ms=state.progress_ms,
        is_playing=state.is_playing,
        private_session=state.device.is_private_session,
        context_uri=state.context_uri,
        shuffle=state.shuffle,
        repeat=state.repeat,
        volume_percent=state.device.volume_percent,
        device_name=state.device.name,
        device_type=state.device.type,
        queue=list(told.queue) if told else [],
    )
