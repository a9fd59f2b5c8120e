"""What a person really listened to, from looks at their player. Pure: a look goes in, skips come out.

Recently-played never tells of a track left within 30 s. A look every 15 s does: listened time is the time that played,
not the position reached, so pauses, seeks and changes of device do not count as listening, nor as leaving. What a look
cannot tell stays untold: a track first seen in the middle, or a look missed for more than 45 s while something changed,
never becomes a skip.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from typing import Any, Self

CADENCE = timedelta(seconds=15)
IDLE_CADENCE = timedelta(seconds=60)
IDLE_AFTER = timedelta(minutes=5)
BLIND_MS = 45_000  # a longer time between two looks is not known
SLACK_MS = 3_000  # clocks, cross-fades and answers on their way
SKIP_BELOW_MS = 30_000


@dataclass(frozen=True, slots=True)
class Look:
    """What the player answered at `at_ms`. `track_id` is None when nothing, an ad or an episode is on.

    `kind` is "track", "other" (an ad, an episode: something else is on), "nothing", or "unclear" (an answer without
    an item, which tells nothing).
    """

    at_ms: int
    kind: str = "nothing"
    track_id: str | None = None
    duration_ms: int = 0
    progress_ms: int = 0
    is_playing: bool = False
    is_private: bool = False
    context: str = ""
    shuffle: bool | None = None


@dataclass(frozen=True, slots=True)
class Listening:
    """One track as listened to so far. `known` is False if its beginning or a part of it was not seen."""

    track_id: str
    duration_ms: int
    started_ms: int
    last_ms: int  # when it was last known to play
    progress_ms: int  # at the last look
    listened_ms: int
    playing: bool
    known: bool
    context: str = ""
    shuffle: bool | None = None


@dataclass(frozen=True, slots=True)
class State:
    """What is remembered between two looks."""

    at_ms: int | None = None  # of the last look that told something
    playing_ms: int | None = None  # of the last look that found something playing
    now: Listening | None = None

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Of what `to_json` gave; anything else starts anew."""
        try:
            now = Listening(**data["now"]) if data["now"] else None
            return cls(data["at_ms"], data["playing_ms"], now)
        except (KeyError, TypeError):
            return cls()

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Skip:
    """A track left after less than 30 s of listening."""

    track_id: str
    started_ms: int
    ended_ms: int
    ms_played: int
    context: str = ""
    shuffle: bool | None = None


def see(state: State, look: Look) -> tuple[State, Skip | None]:
    """The state after `look`, and the track that was skipped since the last one, if any."""
    if look.is_private:
        return State(at_ms=look.at_ms, playing_ms=state.playing_ms), None  # nothing of it is remembered
    if look.kind == "unclear" or (state.at_ms is not None and look.at_ms <= state.at_ms):
        return state, None
    blind = state.at_ms is None or look.at_ms - state.at_ms > BLIND_MS
    passed = 0 if state.at_ms is None else look.at_ms - state.at_ms
    heard_at = look.at_ms if look.is_playing else state.playing_ms
    before, skip = state.now, None
    if look.kind == "nothing":
        now = _stopped(before, look, passed, blind) if before else None
    elif look.kind == "track" and before and look.track_id == before.track_id:
        now, skip = _same(before, look, passed, blind)
    else:
        skip = _left(before, look, passed, blind) if before else None
        now = _begun(look, passed, blind) if look.kind == "track" else None
    return State(look.at_ms, heard_at, now), skip


def wait(state: State) -> timedelta:
    """Until the next look: longer once nothing has been playing for five minutes."""
    if state.at_ms is None or state.playing_ms is None:
        return CADENCE if state.at_ms is None else IDLE_CADENCE
    idle = timedelta(milliseconds=state.at_ms - state.playing_ms)
    return IDLE_CADENCE if idle >= IDLE_AFTER else CADENCE


def _begun(look: Look, passed: int, blind: bool) -> Listening:
    """A track that was not on at the last look. Its start was seen if it can have begun since then."""
    seen = not blind and look.progress_ms <= passed + SLACK_MS
    return Listening(
        track_id=look.track_id or "",
        duration_ms=look.duration_ms,
        started_ms=look.at_ms - look.progress_ms,
        last_ms=look.at_ms,
        progress_ms=look.progress_ms,
        listened_ms=min(look.progress_ms, passed) if seen else 0,
        playing=look.is_playing,
        known=seen,
        context=look.context,
        shuffle=look.shuffle,
    )


def _same(before: Listening, look: Look, passed: int, blind: bool) -> tuple[Listening, Skip | None]:
    """The same track as at the last look: it went on, paused, was resumed, sought through, or began again."""
    moved = look.progress_ms - before.progress_ms
    at_end = before.progress_ms + passed >= before.duration_ms - SLACK_MS
    if not blind and before.playing and moved < -SLACK_MS and at_end and look.progress_ms <= passed + SLACK_MS:
        return _begun(look, passed, blind), None  # played to its end and repeated
    played = 0
    if before.playing or look.is_playing:
        # Sought forward or back: how much of the time played is not told; all of it, so that nothing is called a
        # skip which may be none.
        played = moved if 0 <= moved <= passed + SLACK_MS else passed
    changed = before.playing or look.is_playing or abs(moved) > SLACK_MS
    resumed_in_place = not before.playing and 0 <= moved <= passed + SLACK_MS
    return replace(
        before,
        progress_ms=look.progress_ms,
        last_ms=look.at_ms if look.is_playing else min(before.last_ms + played, look.at_ms),
        listened_ms=before.listened_ms + min(played, passed),
        playing=look.is_playing,
        known=before.known and not (blind and changed and not resumed_in_place),
    ), None


def _stopped(before: Listening, look: Look, passed: int, blind: bool) -> Listening | None:
    """Nothing is on: the track may be resumed later, or have come to its end."""
    if not before.playing:
        return before
    left = max(0, before.duration_ms - before.progress_ms)
    if left <= passed + SLACK_MS:
        return None  # it was the last of its list
    played = min(passed, left)
    return replace(
        before,
        listened_ms=before.listened_ms + played,
        progress_ms=before.progress_ms + played,
        last_ms=before.last_ms + played,
        playing=False,
        known=before.known and not blind,
    )


def _left(before: Listening, look: Look, passed: int, blind: bool) -> Skip | None:
    """Something else is on: the skip, if `before` was left early and all of it was seen."""
    if blind or not before.known:
        return None
    since = min(look.progress_ms, passed) if look.is_playing else 0  # the new one has been on for this long
    free = passed - since  # in which `before` may have played on
    if before.progress_ms + free >= before.duration_ms - SLACK_MS or before.listened_ms + free >= SKIP_BELOW_MS:
        return None  # it came to its end, or may have; or it was listened to for long enough, or may have been
    played = free if before.playing else 0
    listened = before.listened_ms + played
    ended = max(before.last_ms + played, before.started_ms)
    return Skip(before.track_id, before.started_ms, ended, listened, before.context, before.shuffle)
