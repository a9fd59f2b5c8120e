"""What a rule would put into a playlist, and why: for the page, while typing, and for whoever writes it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ingest.models import Track
from playlists.drafts import Draft
from playlists.library import Library
from playlists.models import Rule
from playlists.rules import choose, explain, fields, printer, validate
from playlists.rules.choose import salt_of
from playlists.rules.nodes import Path, Query, conditions
from playlists.rules.problems import Problem

FIRST, MISSES = 12, 5  # tracks shown while typing


@dataclass(frozen=True, slots=True)
class Missed:
    """A track that one condition alone keeps out."""

    track: Track
    asked: str  # the condition, as a typed query
    is_unknown: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """What a rule finds now. `shares` by the path of the condition."""

    draft: Draft
    tracks: list[Track]  # the first of them
    shares: dict[Path, explain.Share]
    asked: list[tuple[explain.Share, str]]  # each condition as a typed query
    misses: list[Missed]
    problems: list[Problem]

    @property
    def share(self) -> float:
        return self.draft.found / self.draft.of_tracks if self.draft.of_tracks else 0.0


def of_rule(*, rule: Rule, library: Library) -> Draft:
    """What the rule alone chooses now."""
    return drafted(rule.query, library, salt=salt_of(rule.pk, library.today))


def drafted(query: Query, library: Library, *, salt: int) -> Draft:
    """Find, choose and order."""
    found = library.masks.of(query.where)
    places = choose.choose(query, library.table, found, salt=salt)
    why = tuple(printer.write_condition(asked) for _path, asked in conditions(query.where))
    tracks = tuple(library.table.track[places].tolist())
    ms, count = length_ms(library, tracks), int(np.count_nonzero(found))
    return Draft(tracks, why, ms, library.table.size, count, library.user)


def length_ms(library: Library, track_ids: Sequence[int]) -> int:
    """How long these tracks of the library are together."""
    places = np.flatnonzero(np.isin(library.table.track, track_ids))
    return round(float(choose.minutes(library.table, places).sum()) * 60_000)


def answer(*, query: Query, library: Library, salt: int, first: int = FIRST) -> Answer:
    """All that the builder shows beside a rule. The rule has no errors."""
    draft = drafted(query, library, salt=salt)
    shares = explain.shares(query.where, library.masks)
    near = explain.near_misses(query.where, library.masks, size=MISSES)
    missed = [int(library.table.track[miss.place]) for miss in near]
    tracks = named([*draft.track_ids[:first], *missed])
    return Answer(
        draft,
        [tracks[pk] for pk in draft.track_ids[:first] if pk in tracks],
        {share.path: share for share in shares},
        [(share, printer.write_condition(share.condition)) for share in shares],
        [
            Missed(tracks[pk], printer.write_condition(miss.condition), miss.is_unknown)
            for miss, pk in zip(near, missed, strict=True)
            if pk in tracks
        ],
        [each for each in validate.check(query, coverage=coverage(query, library)) if each.warning],
    )


def named(ids: list[int]) -> dict[int, Track]:
    """Tracks with what a row shows of them, in one query."""
    return Track.objects.select_related("artist", "album").in_bulk(ids)


def coverage(query: Query, library: Library) -> dict[str, float]:
    """Of what share of the tracks the asked fields are known."""
    told: dict[str, float] = {}
    for _path, asked in conditions(query.where):
        column = library.table.column(asked.field)
        known = float(column.known.mean()) if column is not None and library.table.size else 0.0
        told[asked.field] = told[fields.canonical(asked.field)] = known
    return told
