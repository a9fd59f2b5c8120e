"""A whole rule as JSON, for programs and files: id, name, description, the rule itself, where it goes, when. Pure.

The form is that of the older tool (`id`, `name`, `description`, `rules`, `target_playlist_id`, `enabled`), with what it
did not have beside it: `target_playlist`, `priority`, `weight`, `schedule`. Keys that are not known are passed over.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from playlists.rules import schema
from playlists.rules.nodes import Query
from playlists.rules.problems import Invalid, Problem
from playlists.rules.storable import is_storable

MOST = 1_000  # rules of one file
KINDS = ("daily", "weekly", "likes")
_MISSING = object()


@dataclass(frozen=True, slots=True)
class Target:
    """A playlist, by its id at Spotify and by name; either may be empty."""

    spotify_id: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class When:
    """A schedule."""

    kind: str
    hour: int
    weekday: int


@dataclass(frozen=True, slots=True)
class RuleSet:
    """One rule with all that belongs to it. `id` is empty where none was told; `target` None: it goes nowhere."""

    name: str
    query: Query
    id: str = ""
    description: str = ""
    enabled: bool = True
    target: Target | None = None
    priority: int = 0
    weight: int = 1
    when: When | None = None


def load(data: object) -> RuleSet:
    """One rule from decoded JSON. Invalid says all that is wrong, each with its path."""
    if not isinstance(data, Mapping):
        raise Invalid([Problem("not_a_rule_set")])
    reader, query = _Reader(data), Query()
    raw = data.get("rules")
    try:
        if raw is None:
            reader.wrong("rules", "missing")
        else:
            query = schema.load(raw)
    except Invalid as exc:
        reader.problems += exc.problems
    found = RuleSet(
        query=query,
        id=reader.text("id", most=64),
        name=reader.text("name", most=100, needed=True),
        description=reader.text("description", most=300),
        enabled=reader.truth("enabled", default=True),
        target=reader.target(),
        priority=reader.whole("priority", 0, 0, 32_767),
        weight=reader.whole("weight", 1, 1, 100),
        when=reader.when(),
    )
    if reader.problems:
        raise Invalid(reader.problems)
    return found


def load_many(data: object) -> list[RuleSet]:
    """The rules of a file: a list, an object whose `rules` are a list of them, or a single one. Raises Invalid."""
    if isinstance(data, Mapping) and isinstance(data.get("rules"), list):
        data = data["rules"]
    given = data if isinstance(data, list) else [data]
    if len(given) > MOST:
        raise Invalid([Problem("many_rules", {"most": MOST})])
    sets: list[RuleSet] = []
    problems: list[Problem] = []
    for number, each in enumerate(given):
        try:
            sets.append(load(each))
        except Invalid as exc:
            problems += [within(problem, number) for problem in exc.problems]
    if problems:
        raise Invalid(problems[:20])
    return sets


def within(problem: Problem, number: int) -> Problem:
    """The problem of one rule with its place in the file."""
    at = f"[{number}].{problem.at}".rstrip(".")
    return Problem(problem.code, problem.params, at=at, warning=problem.warning)


def dump(told: RuleSet) -> dict[str, Any]:
    """The opposite of `load`."""
    target, when = told.target, told.when
    return {
        "id": told.id,
        "name": told.name,
        "description": told.description,
        "enabled": told.enabled,
        "target_playlist_id": (target.spotify_id or None) if target else None,
        "target_playlist": {"id": target.spotify_id or None, "name": target.name} if target else None,
        "priority": told.priority,
        "weight": told.weight,
        "schedule": {"kind": when.kind, "hour": when.hour, "weekday": when.weekday} if when else None,
        "rules": schema.dump(told.query),
    }


class _Reader:
    """Reads what it can and keeps what is wrong."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.data, self.problems = data, list[Problem]()

    def wrong(self, at: str, code: str, **params: object) -> None:
        self.problems.append(Problem(code, params, at=at))

    def text(self, key: str, *, most: int, needed: bool = False) -> str:
        given = self.data.get(key)
        if given is None:
            given = ""
        if not isinstance(given, str):
            self.wrong(key, "not_text")
            return ""
        if needed and not given.strip():
            self.wrong(key, "missing")
        elif len(given) > most:
            self.wrong(key, "value_long", most=most)
        elif not is_storable(given):
            self.wrong(key, "bad_text")
        return given.strip()

    def truth(self, key: str, *, default: bool) -> bool:
        given = self.data.get(key, default)
        if not isinstance(given, bool):
            self.wrong(key, "needs_truth")
            return default
        return given

    def whole(self, key: str, default: int, low: int, high: int, data: Mapping[str, Any] | None = None) -> int:
        given = (self.data if data is None else data).get(key, default)
        if not isinstance(given, int) or isinstance(given, bool) or not low <= given <= high:
            self.wrong(key if data is None else f"schedule.{key}", "whole_range", low=low, high=high)
            return default
        return given

    def target(self) -> Target | None:
        """`target_playlist_id` first; else `target_playlist`, an id or an object with id and name."""
        given = self.data.get("target_playlist")
        spotify_id = self.data.get("target_playlist_id", _MISSING)
        told = given if isinstance(given, Mapping) else {"id": given}
        if spotify_id not in (_MISSING, None):
            told = {**told, "id": spotify_id}
        found = []
        for key, most in (("id", 40), ("name", 100)):
            value = told.get(key) or ""
            if not isinstance(value, str) or len(value) > most or not is_storable(value):
                self.wrong("target_playlist_id" if key == "id" else "target_playlist.name", "not_text")
                value = ""
            found.append(value)
        return Target(*found) if any(found) else None

    def when(self) -> When | None:
        given = self.data.get("schedule")
        if given is None:
            return None
        if not isinstance(given, Mapping) or given.get("kind") not in KINDS:
            self.wrong("schedule.kind", "unknown_schedule")
            return None
        return When(given["kind"], self.whole("hour", 6, 0, 23, given), self.whole("weekday", 1, 1, 7, given))
