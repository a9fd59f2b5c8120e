"""The world with what was done to it: edits, likes, injected plays and player words, over the made-up truth.

Reads as the World does (whatever is not here is the World's own), so exports and services can be given either.
Playlists, saved things and playback have their own modules; this one is where they meet.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from vibesite.sandbox.clock import Clock
from vibesite.sandbox.model import TruePlay
from vibesite.sandbox.state import State

_PLAY: dict[str, Any] = {
    "kind": "track",
    "reason_start": "clickrow",
    "reason_end": "trackdone",
    "shuffle": False,
    "offline": False,
    "incognito": False,
    "platform": "ios",
    "country": "",
    "context_uri": None,
    "skipped": False,
    "device": "phone",
}


class Living:
    """See the module. Cheap to build; safe in threads."""

    def __init__(self, world: Any, state: State, clock: Clock) -> None:
        self.world = world
        self.state = state
        self.clock = clock
        self.lock = threading.Lock()
        self._index_lock = threading.Lock()
        self.memory: dict[Any, Any] = {}  # what the modules of this package derive and may lose at any time
        self._listeners = {listener.id: listener for listener in world.listeners}

    def __getattr__(self, name: str) -> Any:
        return getattr(self.__dict__["world"], name)

    def forget(self) -> None:
        """Drop what was derived; the state was reset."""
        self.memory.clear()

    def remember(self, key: Any, make: Callable[[], Any], *, most: int = 512) -> Any:
        """What `make` gave for `key` before, or gives now."""
        try:
            return self.memory[key]
        except KeyError:
            value = make()
            with self.lock:
                if len(self.memory) >= most:
                    self.memory.clear()
                self.memory[key] = value
            return value

    # Things by id; None if there is no such thing.

    def find_track(self, track_id: str) -> Any:
        return _find(self.world.track, track_id)

    def find_album(self, album_id: str) -> Any:
        return _find(self.world.album, album_id)

    def find_artist(self, artist_id: str) -> Any:
        return _find(self.world.artist, artist_id)

    def find_listener(self, listener_id: str) -> Any:
        return self._listeners.get(listener_id)

    def find_show(self, show_id: str) -> Any:
        return _find(self.world.spoken.show, show_id)

    def find_episode(self, episode_id: str) -> Any:
        return _find(self.world.spoken.episode, episode_id)

    def find_audiobook(self, audiobook_id: str) -> Any:
        return _find(self.world.spoken.audiobook, audiobook_id)

    def find_chapter(self, chapter_id: str) -> Any:
        return _find(self.world.spoken.chapter, chapter_id)

    def search(self, q: str, kind: str = "track", limit: int = 50, offset: int = 0) -> list[Any]:
        """The World's search; its index is made at the first, once however many ask."""
        if "index" not in self.memory:
            with self._index_lock:
                self.world.search("", kind, limit=1, offset=0)
                self.memory["index"] = True
        return self.world.search(q, kind, limit=limit, offset=offset)

    # Plays

    def plays(self, listener: Any, start: datetime, end: datetime) -> list[TruePlay]:
        """True plays that ended in [start, end), injected ones too, oldest end first."""
        plays = list(self.world.plays(listener, start, end))
        told = self.state.saved.plays.get(listener.id)
        if told:
            plays += [play for play in told if start <= play.ended_at < end]
            plays.sort(key=lambda play: play.ended_at)
        return plays

    def latest_plays(
        self, listener: Any, until: datetime, wanted: Callable[[TruePlay], bool], count: int
    ) -> list[TruePlay]:
        """The last `count` plays of the world that `wanted` accepts and that ended before `until`, newest first."""
        found: list[TruePlay] = []
        span = timedelta(days=1)
        end, born = until, _born(listener)
        while len(found) < count and end > born:
            start = max(end - span, born)
            chunk = sorted(self.world.plays(listener, start, end), key=lambda play: play.ended_at)
            found.extend(play for play in reversed(chunk) if wanted(play))
            end, span = start, span * 2
        return found[:count]

    def injected(self, listener_id: str) -> list[TruePlay]:
        return self.state.saved.plays.get(listener_id, [])

    def add_play(
        self,
        listener_id: str,
        item_id: str,
        *,
        ended_at: datetime | None = None,
        started_at: datetime | None = None,
        ms_played: int | None = None,
        **more: Any,
    ) -> TruePlay:
        """Put a play into the truth. KeyError for an unknown listener or item, ValueError for what cannot be.

        The end is now if neither end nor start is told; `ms_played` is the whole item if not told. `more` are other
        fields of TruePlay.
        """
        listener = self._listeners[listener_id]
        kind = more.get("kind", "track")
        item = {"track": self.find_track, "episode": self.find_episode, "chapter": self.find_chapter}[kind](item_id)
        if item is None:
            raise KeyError(item_id)
        ms = item.duration_ms if ms_played is None else int(ms_played)
        span = timedelta(milliseconds=ms)
        if ended_at is None:
            ended_at = started_at + span if started_at else self.clock.now()
        if started_at is None:
            started_at = ended_at - span
        if started_at > ended_at or ms < 0:
            raise ValueError("a play cannot end before it starts")
        fields = _PLAY | {"country": listener.country}
        if ms < item.duration_ms:
            fields |= {"reason_end": "fwdbtn", "skipped": True}
        unknown = set(more) - set(TruePlay.__struct_fields__)
        if unknown:
            raise ValueError(f"a play has no {', '.join(sorted(unknown))}")
        play = TruePlay(item_id=item_id, started_at=started_at, ended_at=ended_at, ms_played=ms, **(fields | more))
        with self.state.lock:
            self.state.saved.plays.setdefault(listener_id, []).append(play)
            self.state.changed()
        return play

    # Saved things (saved.py), playlists (shelf.py)

    def liked(self, listener: Any, at: datetime) -> list[tuple[datetime, str]]:
        """Liked tracks, newest first."""
        from vibesite.sandbox import saved

        return saved.of_kind(self, listener, "track", at)

    def playlists(self, listener: Any, at: datetime) -> list[Any]:
        """Own and followed playlists as the world's Playlist."""
        from vibesite.sandbox import shelf

        return [shelf.as_playlist(playlist) for playlist in shelf.of_listener(self, listener, at)]


def _find(look: Callable[[str], Any], wanted: str) -> Any:
    try:
        return look(wanted)
    except (LookupError, StopIteration):
        return None


def _born(listener: Any) -> datetime:
    born = listener.born
    return datetime(born.year, born.month, born.day, tzinfo=UTC) - timedelta(days=1)
