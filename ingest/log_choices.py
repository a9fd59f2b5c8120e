"""What the log's form offers to choose from: what the person's own plays hold, most heard first."""

from dataclasses import dataclass

import numpy as np
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _

from ingest import columns, contexts, log_address
from ingest.lens import Reading
from ingest.log_address import Asked
from ingest.models import Word

MOST = 40  # devices and contexts in a list


@dataclass(frozen=True, slots=True)
class Option:
    value: str
    words: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Choices:
    """The options of each field; `kept` are the words of the address that have no field."""

    show: list[Option]
    origins: list[Option]
    platforms: list[Option]
    contexts: list[Option]
    weekdays: list[Option]
    hours: list[Option]
    untils: list[Option]
    kept: dict[str, str]
    open: bool  # whether any of the fields behind "more" is in use


_FIELDS = ("q", "show", "origin", "platform", "context", "weekday", "hour", "until", "from", "to")
_BEHIND = ("origin", "platform", "context", "weekday", "hour", "range")


def of(asked: Asked, reading: Reading) -> Choices:
    """Two queries, whatever there is."""
    words = asked.words
    seen = set((np.flatnonzero(reading.words("flags")) & columns.ORIGIN_BITS).tolist())
    origins = [(name, str(origin.label)) for name, origin in log_address.ORIGINS.items() if origin in seen]
    weekdays = [(str(day + 1), str(WEEKDAYS[day])) for day in range(7)]
    weekdays += [("12345", _("Monday to Friday")), ("67", _("Weekend"))]
    hours = [(str(hour), f"{hour:02}:00") for hour in range(24)]
    untils = [(str(hour), f"{hour % 24:02}:00") for hour in range(1, 25)]
    kept = {key: value for key, value in words.items() if key not in _FIELDS}
    if asked.filters.period is not None and words.get("range") == "custom":
        kept.pop("range")
    return Choices(
        show=_options(list(log_address.show_words().items()), words.get("show", "all")),
        origins=_options(origins, words.get("origin", "")),
        platforms=_options(_platforms(reading), words.get("platform", "")),
        contexts=_options(_contexts(reading), words.get("context", "")),
        weekdays=_options(weekdays, words.get("weekday", "")),
        hours=_options(hours, words.get("hour", "")),
        untils=_options(untils, words.get("until", "")),
        kept=kept,
        open=any(key in words for key in _BEHIND),
    )


def _options(rows: list[tuple[str, str]], chosen: str) -> list[Option]:
    return [Option(value, words, value == chosen) for value, words in rows]


def _most(reading: Reading, column: str) -> list[int]:
    """The words that most plays have, 0 ("not told") left out."""
    counts = reading.words(column)
    counts[:1] = 0
    found = np.flatnonzero(counts)
    return [int(word) for word in found[np.lexsort((found, -counts[found]))][:MOST]]


def _platforms(reading: Reading) -> list[tuple[str, str]]:
    keys = _most(reading, "platform")
    texts = Word.objects.in_bulk(keys)
    return [(str(key), texts[key].text) for key in keys if key in texts]


def _contexts(reading: Reading) -> list[tuple[str, str]]:
    keys = _most(reading, "context")
    named = contexts.named(reading.user, keys) if keys else {}
    rows = [(str(key), named[key]) for key in keys if key in named]
    return [(key, f"{context.name} ({context.kind})") for key, context in rows]
