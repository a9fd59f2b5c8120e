"""What a snapshot says about somebody's listening, as findings with their numbers. Pure.

`insights/narrative/wellness.py` puts them in words. It is about music alone: nothing is concluded about the person's
health or state of mind.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

LEAST_TRACKS = 10  # with fewer there is nothing to say; with fewer known ones, nothing about how it sounds
_NIGHT = 0.25  # share of plays from which on the night is worth a sentence
_REPEATS = 0.6
_MOVED = 0.05  # points of a share that are a change
_MORE = 0.2  # part of the plays that is a change


@dataclass(frozen=True, slots=True)
class Picture:
    """One snapshot as numbers: shares from 0 to 1, None where nothing is known."""

    plays: int
    ms: int
    days: int  # with a play
    length: int  # days of the stretch
    tracks: int
    artists: int
    hours: Mapping[str, float]  # shares of plays by part of the day
    moods: Mapping[str, float] = field(default_factory=dict)  # shares of the known plays
    known_plays: int = 0  # of which the moods are known
    known_tracks: int = 0  # of which some feature is known
    energy: float | None = None
    energy_spread: float | None = None
    valence: float | None = None
    repeats: float | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that can be said. `numbers` are all that its sentence may name; `word` chooses among its kind."""

    kind: str
    numbers: Mapping[str, float]
    word: str = ""


def is_enough(picture: Picture) -> bool:
    return picture.tracks >= LEAST_TRACKS


def findings(now: Picture, then: Picture | None = None) -> list[Finding]:
    """What stands out, in the order in which it is told. `then` is an earlier stretch of the same length.

    Equal shares: the part of the day and the mood that come first in their order. Nothing below LEAST_TRACKS.
    """
    if not is_enough(now):
        return []
    found = [
        Finding("amount", {"plays": now.plays, "ms": now.ms, "days": now.days, "length": now.length}),
        *_rhythm(now),
        *_sound(now),
        *_variety(now),
    ]
    return found + (_changes(now, then) if then is not None and is_enough(then) else [])


def _rhythm(now: Picture) -> list[Finding]:
    part = max(now.hours, key=lambda name: now.hours[name])
    found = [Finding("rhythm", {"share": now.hours[part]}, part)]
    if part != "night" and now.hours.get("night", 0) >= _NIGHT:
        found.append(Finding("night", {"share": now.hours["night"]}))
    return found


def _sound(now: Picture) -> list[Finding]:
    if now.known_tracks < LEAST_TRACKS or not now.known_plays:
        return [Finding("unknown", {"known": now.known_tracks, "tracks": now.tracks})]
    named = {name: share for name, share in now.moods.items() if name != "other" and share > 0}
    found = []
    if named:
        mood = max(named, key=lambda name: named[name])
        found.append(Finding("mood", {"share": named[mood], "known": now.known_plays, "plays": now.plays}, mood))
    if now.energy is not None:
        level = "high" if now.energy >= 0.65 else "low" if now.energy <= 0.4 else "middle"
        found.append(Finding("energy", {"mean": now.energy}, level))
    return found


def _variety(now: Picture) -> list[Finding]:
    if now.repeats is None:
        return []
    word = "faithful" if now.repeats >= _REPEATS else "roaming"
    return [Finding("variety", {"artists": now.artists, "tracks": now.tracks, "repeats": now.repeats}, word)]


def _changes(now: Picture, then: Picture) -> list[Finding]:
    found = []
    if abs(now.plays - then.plays) >= _MORE * then.plays:
        word = "more" if now.plays > then.plays else "less"
        found.append(Finding("change-plays", {"now": now.plays, "then": then.plays}, word))
    for name, here, there in (("energy", now.energy, then.energy), ("valence", now.valence, then.valence)):
        if here is not None and there is not None and abs(here - there) >= _MOVED:
            word = "up" if here > there else "down"
            found.append(Finding(f"change-{name}", {"now": here, "then": there}, word))
    return found
