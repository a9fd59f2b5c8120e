"""A table of audio features as findings: what Spotify told until 2024 and people kept as CSV.

Columns by their usual names: `id`, `track_id`, `uri` or `isrc` for the track, and any of the features (`tempo` and
`loudness` too). What is no number is left out of its row; the fold passes over what is out
of bounds.
"""

import csv
import math
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import TextIO

from django.db import transaction

from ingest.actions import enrich
from ingest.models import Track
from ingest.providers.told import Table

CHUNK = 2_000
_IDS = ("id", "track_id", "spotify_id", "uri", "track_uri", "spotify_track_uri", "isrc")
_NAMES = {"tempo": "tempo_bpm", "loudness": "loudness_db"}
_SPOTIFY_ID = re.compile(r"(?:spotify:track:|.*/track/)?([0-9A-Za-z]{22})(?:\?.*)?")
_ISRC = re.compile(r"[A-Z]{2}[A-Z0-9]{3}[0-9]{7}")


class NotATable(ValueError):
    """The file has no heading that names a track and a feature; the text says what was missing."""


@dataclass(slots=True)
class Account:
    """What became of the rows."""

    rows: int = 0
    known: int = 0  # of tracks of our catalogue, with a feature: findings now
    unknown: int = 0  # of tracks that nobody here has
    unreadable: int = 0  # without a track's id or without any feature
    columns: list[str] = field(default_factory=list)


def load(stream: TextIO, *, now: datetime) -> Account:
    """Read a table and accept what it says. Safe to repeat. Raises NotATable."""
    reader = csv.DictReader(stream)
    names = [name.strip().lower() for name in reader.fieldnames or []]
    reader.fieldnames = names
    features = [name for name in names if _NAMES.get(name, name) in Table.fields]
    if not features or not set(_IDS) & set(names):
        raise NotATable(f"a column of {', '.join(_IDS)} and one of the features are needed; found {', '.join(names)}")
    account = Account(columns=features)
    for rows in _chunks(reader):
        told: dict[str, dict[str, float]] = {}
        for row in rows:
            account.rows += 1
            name, values = _name_of(row), _values_of(row, features)
            if name and values:
                told[name] = values
            else:
                account.unreadable += 1
        _keep(told, account, now)
    return account


def _chunks(rows: Iterable[dict[str, str]]) -> Iterator[list[dict[str, str]]]:
    walk = iter(rows)
    while chunk := list(islice(walk, CHUNK)):
        yield chunk


def _name_of(row: dict[str, str]) -> str:
    """A Spotify id, or an ISRC; empty if the row has neither."""
    for column in _IDS:
        text = (row.get(column) or "").strip()
        if column == "isrc":
            code = text.upper().replace("-", "")
            return code if _ISRC.fullmatch(code) else ""
        if found := _SPOTIFY_ID.fullmatch(text):
            return found[1]
    return ""


def _values_of(row: dict[str, str], features: list[str]) -> dict[str, float]:
    values = {}
    for column in features:
        with suppress(ValueError):
            values[_NAMES.get(column, column)] = float(row.get(column) or "")
    return {name: value for name, value in values.items() if math.isfinite(value)}


def _keep(told: dict[str, dict[str, float]], account: Account, now: datetime) -> None:
    by_id = Track.objects.filter(spotify_id__in=[name for name in told if len(name) == 22])
    by_isrc = Track.objects.filter(isrc__in=[name for name in told if len(name) == 12])
    found = {**dict(by_isrc.values_list("pk", "isrc")), **dict(by_id.values_list("pk", "spotify_id"))}
    account.known += len(set(found.values()))
    account.unknown += len(told) - len(set(found.values()))
    with transaction.atomic():
        enrich.keep(Table(), "track", {pk: dict(told[name or ""]) for pk, name in found.items()}, now=now)
