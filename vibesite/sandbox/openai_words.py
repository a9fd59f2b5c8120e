"""What the made-up model says: values that fit a JSON schema, and prose around the figures of the prompt.

All of it hangs on the prompt alone. Nothing here knows anything; it repeats figures it was shown.
"""

from __future__ import annotations

import json
import random
import re
from typing import Any

_NUMBER = re.compile(r"(?<![\w.])\d+(?:[.,]\d+)*\s?%?")
_NAME = re.compile(r"[\"“«]([^\"”»\n]{2,60})[\"”»]")
OPENINGS = (
    "You have a way of coming back",
    "This stretch has a colour of its own",
    "There is a quiet order to your listening",
    "Your evenings do most of the talking",
    "Some weeks wander, this one walked",
)
WITH_FIGURE = (
    "The figure that stands out is {}.",
    "Look at {}: that is no accident.",
    "Much of it turns on {}.",
    "You can hear it in {}.",
    "Few people would get to {}.",
)
WITH_NAME = ("“{}” sits in the middle of it all.", "No wonder, with “{}” around.", "“{}” kept finding you.")
ENDINGS = (
    "Try a day without the skip button.",
    "Go back to something from last spring.",
    "Let one album run to its end.",
    "Nobody is judging. Well, hardly.",
)
FIGURES = ("Wanderer", "Keeper", "Diver", "Clock")
WORDS = ["warm", "slow", "bright", "late", "quiet", "restless", "golden", "hazy", "bold", "gentle", "electric", "tidal"]


class Refused(ValueError):
    """The schema is not one that can be followed; the message says why."""


class Voice:
    """Speaks for one prompt."""

    def __init__(self, chance: random.Random, prompt: str, *, lies: bool = False) -> None:
        self.chance = chance
        self.figures = list(dict.fromkeys(_NUMBER.findall(prompt)))[:60]
        self.names = list(dict.fromkeys(_NAME.findall(prompt)))[:40]
        if lies:
            self.figures = [f"{chance.randrange(1000, 99_999)}" for _ in range(5)]

    def sentence(self) -> str:
        roll = self.chance.random()
        if self.figures and roll < 0.5:
            return self.chance.choice(WITH_FIGURE).format(self.chance.choice(self.figures).strip())
        if self.names and roll < 0.8:
            return self.chance.choice(WITH_NAME).format(self.chance.choice(self.names))
        return self.chance.choice(ENDINGS)

    def prose(self, sentences: int = 4) -> str:
        middle = [self.sentence() for _ in range(max(0, sentences - 2))]
        if self.figures and not any(figure.strip() in line for figure in self.figures for line in middle):
            middle[:1] = [self.chance.choice(WITH_FIGURE).format(self.figures[0].strip())]
        return " ".join([f"{self.chance.choice(OPENINGS)}.", *middle, self.chance.choice(ENDINGS)])

    def phrase(self, name: str) -> str:
        """A short text for a field of that name."""
        low = name.lower()
        if any(part in low for part in ("summary", "text", "body", "roast", "description", "narrative", "check")):
            return self.prose(3)
        if any(part in low for part in ("persona", "title", "name", "headline")):
            return f"The {self.chance.choice(WORDS).title()} {self.chance.choice(FIGURES)}"
        if low in ("emoji", "icon"):
            return self.chance.choice("🌙🔥🌊🌿🎧")
        if "language" in low:
            return "en"
        return self.sentence() if len(low) > 3 and "suggest" in low else f"{self.chance.choice(WORDS)} {low or 'thing'}"


class Filler:
    """Fills a JSON schema."""

    def __init__(self, voice: Voice, schema: dict[str, Any]) -> None:
        self.voice = voice
        self.chance = voice.chance
        self.root = schema

    def fill(self, schema: Any, name: str = "", depth: int = 0) -> Any:
        if schema is True or schema == {}:
            return self.voice.phrase(name)
        if not isinstance(schema, dict) or depth > 24:
            raise Refused(f"Invalid schema at '{name}'")
        if "$ref" in schema:
            return self.fill(self._resolve(schema["$ref"]), name, depth + 1)
        if "const" in schema:
            return schema["const"]
        if schema.get("enum"):
            return self.chance.choice(schema["enum"])
        for word in ("anyOf", "oneOf"):
            if schema.get(word):
                plain = [each for each in schema[word] if each.get("type") != "null"] or schema[word]
                return self.fill(plain[0], name, depth + 1)
        if schema.get("allOf"):
            merged = {key: value for part in schema["allOf"] for key, value in part.items()}
            return self.fill(merged, name, depth + 1)
        return self._typed(schema, name, depth)

    def _resolve(self, reference: str) -> Any:
        found: Any = self.root
        for part in reference.removeprefix("#").strip("/").split("/"):
            if part:
                found = found.get(part) if isinstance(found, dict) else None
        if found is None:
            raise Refused(f"reference '{reference}' cannot be resolved")
        return found

    def _typed(self, schema: dict[str, Any], name: str, depth: int) -> Any:
        kind = schema.get("type") or ("object" if "properties" in schema else "string")
        if isinstance(kind, list):
            kind = next((each for each in kind if each != "null"), "null")
        if kind == "object":
            properties = schema.get("properties", {})
            return {key: self.fill(inner, key, depth + 1) for key, inner in properties.items()}
        if kind == "array":
            least = schema.get("minItems", 0)
            count = min(schema.get("maxItems", 99), max(least, self.chance.randrange(2, 5)))
            if depth > 12:
                count = least
            return [self.fill(schema.get("items", {}), name.removesuffix("s"), depth + 1) for _ in range(count)]
        if kind in ("integer", "number"):
            return self._number(schema, kind)
        if kind == "boolean":
            return self.chance.random() < 0.5
        if kind == "null":
            return None
        if kind != "string":
            raise Refused(f"'{kind}' is not a valid type at '{name}'")
        return self._text(schema, name)

    def _number(self, schema: dict[str, Any], kind: str) -> float:
        low = schema.get("minimum", schema.get("exclusiveMinimum", 0))
        high = schema.get("maximum", schema.get("exclusiveMaximum", max(low + 1, 1 if kind == "number" else 100)))
        if kind == "number":
            return round(low + (high - low) * (0.1 + 0.8 * self.chance.random()), 3)
        low += "exclusiveMinimum" in schema
        high -= "exclusiveMaximum" in schema
        step = max(1, int(schema.get("multipleOf", 1)))
        first = -(-int(low) // step)
        return self.chance.randint(first, max(first, int(high) // step)) * step

    def _text(self, schema: dict[str, Any], name: str) -> str:
        made = {"date": "2026-11-20", "date-time": "2026-11-20T12:00:00Z", "email": "nobody@listeners.example"}.get(
            schema.get("format", "")
        ) or self.voice.phrase(name)
        if schema.get("pattern") == "^#[0-9a-fA-F]{6}$":
            made = f"#{self.chance.randrange(1 << 24):06x}"
        least, most = schema.get("minLength", 0), schema.get("maxLength", 10_000)
        while len(made) < least:
            made = f"{made} {self.voice.sentence()}"
        return made[:most].rstrip() if len(made) > most else made


def check_strict(schema: Any, path: tuple[str, ...] = ()) -> None:
    """What OpenAI asks of a strict schema: every object closed, every property required. Refused if not."""
    if not isinstance(schema, dict):
        return
    if schema.get("type") == "object" or "properties" in schema:
        if schema.get("additionalProperties") is not False:
            raise Refused(f"In context={path}, 'additionalProperties' is required to be supplied and to be false.")
        missing = sorted(set(schema.get("properties", {})) - set(schema.get("required", [])))
        if missing:
            raise Refused(
                f"In context={path}, 'required' is required to be supplied and to be an array including every key in "
                f"properties. Missing '{missing[0]}'."
            )
    for key in ("properties", "$defs", "definitions"):
        for name, inner in schema.get(key, {}).items():
            check_strict(inner, (*path, key, name))
    check_strict(schema.get("items"), (*path, "items"))
    for word in ("anyOf", "oneOf", "allOf"):
        for place, inner in enumerate(schema.get(word, ())):
            check_strict(inner, (*path, word, str(place)))


def fitting(voice: Voice, schema: dict[str, Any]) -> str:
    """A JSON text that fits `schema`. Refused if it cannot be read."""
    return json.dumps(Filler(voice, schema).fill(schema), ensure_ascii=False)
