"""The world with what was done to it: edits, likes, injected plays and player words, over the made-up truth.

Reads as the World does (whatever is not here is the World's own), so exports and services can be given either.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from vibesite.sandbox.clock import Clock
from vibesite.sandbox.state import State


def moment(seconds: float) -> datetime:
    """Unix seconds as an aware UTC datetime."""
    return datetime.fromtimestamp(seconds, UTC)


class Injected:
    """A play that was added by hand; looks like the world's TruePlay."""

    injected = True

    def __init__(self, told: dict[str, Any]) -> None:
        self.told = told
        self.track_id: str | None = told.get("track_id")
        self.episode = None
        self.started_at = moment(told["started_at"])
        self.ended_at = moment(told["ended_at"])
        self.ms_played: int = told["ms_played"]
        self.reason_start: str = told.get("reason_start", "clickrow")
        self.reason_end: str = told.get("reason_end", "trackdone")
        self.shuffle: bool = told.get("shuffle", False)
        self.offline: bool = told.get("offline", False)
        self.incognito: bool = told.get("incognito", False)
        self.platform: str = told.get("platform", "ios")
        self.country: str = told.get("country", "DE")
        self.context_uri: str | None = told.get("context_uri")
        self.skipped: bool = told.get("skipped", False)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self.__dict__["told"].get(name)


class Living:
    """See the module. Cheap to build; safe in threads."""

    def __init__(self, world: Any, state: State, clock: Clock) -> None:
        self.world = world
        self.state = state
        self.clock = clock
        self._lock = threading.Lock()
        self._listeners = {listener.id: listener for listener in world.listeners}

    def __getattr__(self, name: str) -> Any:
        return getattr(self.__dict__["world"], name)

    def forget(self) -> None:
        """Drop what was derived; the state was reset."""

    def find_track(self, track_id: str) -> Any:
        return _find(self.world.track, track_id)

    def find_album(self, album_id: str) -> Any:
        return _find(self.world.album, album_id)

    def find_artist(self, artist_id: str) -> Any:
        return _find(self.world.artist, artist_id)

    def find_listener(self, listener_id: str) -> Any:
        return self._listeners.get(listener_id)

    def plays(self, listener: Any, start: datetime, end: datetime) -> list[Any]:
        """True plays that ended in [start, end), injected ones too, oldest end first."""
        plays = list(self.world.plays(listener, start, end))
        told = self.state.saved.plays.get(listener.id)
        if told:
            added = [play for play in map(Injected, told) if start <= play.ended_at < end]
            plays = sorted([*plays, *added], key=lambda play: play.ended_at)
        return plays

    def latest_plays(self, listener: Any, until: datetime, wanted: Any, count: int) -> list[Any]:
        """The last `count` plays that `wanted` accepts and that ended before `until`, newest first."""
        found: list[Any] = []
        span = timedelta(days=2)
        end = until
        born = _born(listener)
        while len(found) < count and end > born:
            start = max(end - span, born)
            chunk = [play for play in self.plays(listener, start, end) if wanted(play)]
            found.extend(reversed(chunk))
            end, span = start, span * 2
        if len(found) < count:
            found.extend(reversed([play for play in self._injected_before(listener, end) if wanted(play)]))
        return found[:count]

    def _injected_before(self, listener: Any, end: datetime) -> Iterable[Any]:
        told = self.state.saved.plays.get(listener.id, ())
        return sorted((p for p in map(Injected, told) if p.ended_at < end), key=lambda play: play.ended_at)

    def add_play(self, listener_id: str, **told: Any) -> dict[str, Any]:
        """Put a play into the truth. KeyError for an unknown listener or track, ValueError for times that cannot be.

        `track_id`, and `ended_at` or `started_at` (aware datetimes); `ms_played` defaults to the whole track.
        """
        if listener_id not in self._listeners:
            raise KeyError(listener_id)
        track = self.find_track(told["track_id"])
        if track is None:
            raise KeyError(told["track_id"])
        ms_played = told.get("ms_played")
        ms_played = track.duration_ms if ms_played is None else int(ms_played)
        ended, started = told.get("ended_at"), told.get("started_at")
        if ended is None:
            ended = (started or self.clock.now()) + timedelta(milliseconds=ms_played) if started else self.clock.now()
        if started is None:
            started = ended - timedelta(milliseconds=ms_played)
        if started > ended or ms_played < 0:
            raise ValueError("a play cannot end before it starts")
        plain = {name: value for name, value in told.items() if name not in ("started_at", "ended_at")}
        if ms_played < track.duration_ms:
            plain.setdefault("reason_end", "fwdbtn")
            plain.setdefault("skipped", True)
        plain |= {"ms_played": ms_played, "started_at": started.timestamp(), "ended_at": ended.timestamp()}
        with self.state.lock:
            self.state.saved.plays.setdefault(listener_id, []).append(plain)
            self.state.changed()
        return plain


def _find(look: Any, wanted: str) -> Any:
    try:
        return look(wanted)
    except (KeyError, LookupError):
        return None


def _born(listener: Any) -> datetime:
    born = listener.born
    if isinstance(born, datetime):
        return born
    return datetime(born.year, born.month, born.day, tzinfo=UTC) - timedelta(days=1)
