"""Which of what providers said is accepted: a fold over findings, the surest last and a manual word after all. Pure.

Values of a finding, each optional: features by name (0 to 1, `tempo_bpm`, `loudness_db`, `key` 0 to 11, `mode` 0 or 1),
"tags", "genres" and "moods" as {name: weight from 0 to 1}, "listeners", "popularity" (0 to 100), "lyrics" as
`ingest.lyrics.facts` makes it; and whatever else a provider wants to remember.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ingest import tag_words
from ingest.heard import FEATURES

MANUAL, ESTIMATE, LLM = "manual", "estimate", "llm"  # providers whose word is shown as what it is
MOST_TAGS = 20  # of one subject
LEAST_WEIGHT = 0.05
BOUNDS = dict.fromkeys(FEATURES, (0.0, 1.0)) | {"tempo_bpm": (20.0, 300.0), "loudness_db": (-70.0, 10.0)}
BOUNDS |= {"key": (0, 11), "mode": (0, 1), "listeners": (0, 10**11), "popularity": (0, 100)}
_WHOLE = ("key", "mode", "listeners", "popularity")
NUMBERS = tuple(BOUNDS)
_WORDS = {"genres": tag_words.GENRE, "moods": tag_words.MOOD, "tags": None}


@dataclass(frozen=True, slots=True)
class Said:
    """One finding: `values` is a mapping, or something broken that is passed over."""

    provider: str
    values: Any
    confidence: float = 1.0  # 0 to 1
    version: int = 1
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Accepted:
    """What holds, and by whose word: numbers by field, tags by (kind, name), the facts of the words."""

    numbers: dict[str, tuple[float, str]] = field(default_factory=dict)
    tags: dict[tuple[int, str], tuple[float, str]] = field(default_factory=dict)
    lyrics: tuple[Mapping[str, Any], str] | None = None


@dataclass(frozen=True, slots=True)
class Beside:
    """One provider's value of a field, beside those of the others."""

    provider: str
    version: int
    confidence: float
    value: Any  # of a word: its weight, by confidence
    wins: bool
    at: datetime | None = None


def ordered(said: Iterable[Said]) -> list[Said]:
    """The weakest first, so that the later word wins: by confidence, then by name; manual is last whatever it says."""
    usable = [each for each in said if isinstance(each.values, Mapping)]
    return sorted(usable, key=lambda each: (each.provider == MANUAL, each.confidence, each.provider, each.version))


def flat(said: Iterable[Said]) -> dict[str, Any]:
    """All values of all findings as one mapping; the later word wins, key by key."""
    view: dict[str, Any] = {}
    for each in ordered(said):
        view |= each.values
    return view


def fold(said: Iterable[Said]) -> Accepted:
    """What is accepted. The same in whatever order the findings come; what is out of bounds counts as not said."""
    numbers: dict[str, tuple[float, str]] = {}
    lyrics: tuple[Mapping[str, Any], str] | None = None
    order = ordered(said)
    for each in order:
        for name in NUMBERS:
            value = number(name, each.values.get(name))
            if value is not None:
                numbers[name] = (value, each.provider)
        if isinstance(each.values.get("lyrics"), Mapping):
            lyrics = (each.values["lyrics"], each.provider)
    return Accepted(numbers, _tags(order), lyrics)


def number(name: str, value: Any) -> float | None:
    """`value` if it can be one of that field; None if not. Whole numbers stay whole."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    low, high = BOUNDS[name]
    if not low <= value <= high:
        return None
    if name in _WHOLE:
        return int(value) if value == int(value) else None
    return float(value)


def beside(said: Iterable[Said]) -> dict[str, list[Beside]]:
    """Every value of every number, by field, the winner first: conflicts stand side by side."""
    rows: dict[str, list[Beside]] = {}
    for each in reversed(ordered(said)):
        for name in NUMBERS:
            value = number(name, each.values.get(name))
            if value is not None:
                known = rows.setdefault(name, [])
                known.append(_beside(each, value, wins=not known))
    return rows


def words_beside(said: Iterable[Said]) -> dict[int, dict[str, list[Beside]]]:
    """Every word of every provider, by kind and name, what is accepted first; each with its weight."""
    order = ordered(said)
    accepted = _tags(order)
    kinds = {name: kind for kind, name in accepted}
    rows: dict[int, dict[str, list[Beside]]] = {}
    for each in reversed(order):
        for key, of_key in _WORDS.items():
            for name, (weight, provider) in _weighted(each, key).items():
                kind = kinds.get(name, tag_words.kind(name) if of_key is None else of_key)
                wins = accepted.get((kind, name)) == (weight, provider)
                names = rows.setdefault(kind, {})
                names.setdefault(name, []).append(_beside(each, weight, wins=wins))
    for found in rows.values():
        for lines in found.values():
            lines.sort(key=lambda line: (not line.wins, -line.value))
    order_of = {key: place for place, key in enumerate(accepted)}
    return {
        kind: dict(sorted(found.items(), key=lambda item: order_of.get((kind, item[0]), len(order_of))))
        for kind, found in sorted(rows.items())
    }


def _beside(said: Said, value: Any, *, wins: bool) -> Beside:
    return Beside(said.provider, said.version, said.confidence, value, wins, said.at)


def _tags(order: list[Said]) -> dict[tuple[int, str], tuple[float, str]]:
    """The weights of all words, each the most that anybody gives it by confidence.

    A manual word on genres or moods replaces all others of that kind.
    """
    found: dict[str, tuple[float, str]] = {}
    kinds: dict[str, int] = {}
    final: dict[int, dict[str, tuple[float, str]]] = {}
    for each in order:
        for key, kind in _WORDS.items():
            words = _weighted(each, key)
            if each.provider == MANUAL and kind is not None and key in each.values:
                final[kind] = words
                continue
            for name, told in words.items():
                found[name] = max(found.get(name, (0.0, "")), told)
                kinds[name] = max(kinds.get(name, tag_words.TAG), kind or tag_words.kind(name), key=tag_words.strength)
    tags = {(kinds[name], name): told for name, told in found.items() if kinds[name] not in final}
    tags |= {(kind, name): told for kind, words in final.items() for name, told in words.items()}
    best = sorted(tags.items(), key=lambda item: (-item[1][0], item[0]))
    return dict(best[:MOST_TAGS])


def _weighted(said: Said, key: str) -> dict[str, tuple[float, str]]:
    told = said.values.get(key)
    words: dict[str, tuple[float, str]] = {}
    for text, weight in told.items() if isinstance(told, Mapping) else ():
        name = tag_words.name(str(text))
        if not name or isinstance(weight, bool) or not isinstance(weight, int | float) or not 0 < weight <= 1:
            continue
        worth = round(weight * (1.0 if said.provider == MANUAL else said.confidence), 3)
        if worth >= LEAST_WEIGHT:
            words[name] = max(words.get(name, (0.0, "")), (worth, said.provider))
    return words
