"""What is known of one track as the older tool told it: entries with categories, and their flat view. Pure.

An entry is a mapping with `source`, `version`, `timestamp` and `categories` (any keys, any values).
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from playlists.rules.operators import Fact

_GREATEST = 1e300


@dataclass(frozen=True, slots=True)
class View:
    """Categories by name, and who told each."""

    values: dict[str, Any]
    told_by: dict[str, str]

    @property
    def facts(self) -> dict[str, Fact]:
        """As rules ask them."""
        return {name: fact(value) for name, value in self.values.items()}


def view(told: object) -> View:
    """The flat view of a list of entries, the later word wins; or of a flat mapping, of which nobody knows who told it.

    Entries that are none, or whose categories are not a mapping, are passed over.
    """
    if isinstance(told, Mapping):
        return View({str(name): value for name, value in told.items()}, {})
    values: dict[str, Any] = {}
    told_by: dict[str, str] = {}
    for entry in told if isinstance(told, Sequence) and not isinstance(told, str) else ():
        categories = entry.get("categories") if isinstance(entry, Mapping) else None
        if isinstance(categories, Mapping):
            source = entry.get("source")
            for name, value in categories.items():
                values[str(name)] = value
                told_by[str(name)] = source if isinstance(source, str) else ""
    return View(values, told_by)


def fact(value: Any) -> Fact:
    """One value as a rule asks it. Of a list its texts count; anything stranger is the text of its JSON.

    Numbers beyond what a computer reckons with are the greatest that it does; what is no number at all is not known.
    """
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int):
        return value if abs(value) <= _GREATEST else _GREATEST if value > 0 else -_GREATEST
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, list | tuple):
        return tuple(each if isinstance(each, str) else _as_text(each) for each in value)
    return _as_text(value)


def _as_text(value: Any) -> str:
    try:
        return json.dumps(value, ensure_ascii=False, sort_keys=True)
    except (TypeError, ValueError, RecursionError):  # nested beyond reason
        return ""
