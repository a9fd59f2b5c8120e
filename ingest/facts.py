"""Which of what providers said is accepted: a fold over findings, the surest last and a manual word after all. Pure.

Values of a finding, each optional: features by name (0 to 1, `tempo_bpm`, `loudness_db`, `key` 0 to 11, `mode` 0 or 1),
"tags", "genres" and "moods" as {name: weight from 0 to 1}, "listeners", "popularity" (0 to 100), "lyrics" as
`ingest.lyrics.facts` makes it; and whatever else a provider wants to remember.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ingest import tag_words
from ingest.heard import FEATURES

MANUAL, ESTIMATE, LLM = "manual", "estimate", "llm"  # providers whose word is shown as what it is
MOST_TAGS = 20  # of one subject
LEAST_WEIGHT = 0.05
_BOUNDS = dict.fromkeys(FEATURES, (0.0, 1.0)) | {"tempo_bpm": (20.0, 300.0), "loudness_db": (-70.0, 10.0)}
_BOUNDS |= {"key": (0, 11), "mode": (0, 1), "listeners": (0, 10**11), "popularity": (0, 100)}
_WHOLE = ("key", "mode", "listeners", "popularity")
NUMBERS = tuple(_BOUNDS)
_WORDS = {"genres": tag_words.GENRE, "moods": tag_words.MOOD, "tags": None}


@dataclass(frozen=True, slots=True)
class Said:
    """One finding: `values` is a mapping, or something broken that is passed over."""

    provider: str
    values: Any
    confidence: float = 1.0  # 0 to 1
    version: int = 1


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
    value: Any
    wins: bool


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
    low, high = _BOUNDS[name]
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
                known.append(Beside(each.provider, each.version, each.confidence, value, wins=not known))
    return rows


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
