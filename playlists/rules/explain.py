"""Why a rule finds what it finds: what each condition removes, what it narrowly misses, and the course of one track.

Costs one joining of masks per condition and level: at most MAX_NODES times that of the rule itself.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from playlists.rules import fields
from playlists.rules.evaluate import TrackFacts, joined
from playlists.rules.masks import Masks
from playlists.rules.masks import joined as joined_masks
from playlists.rules.nodes import Condition, Group, Node, Path, conditions
from playlists.rules.operators import Fact, holds, wanted_day
from playlists.rules.table import Days, Mask, Numbers, day_number
from playlists.rules.warn import interval

UNKNOWN_GAP = 2.0  # how far a track is from a condition about what is not known of it: farther than any other text
TEXT_GAP = 1.0  # how far from one about texts or tags: there is no nearer and farther
_YEAR = 365.0


@dataclass(frozen=True, slots=True)
class Share:
    """What one condition does in its rule, in tracks."""

    path: Path
    condition: Condition
    alone: int  # true of so many tracks, whatever the rest of the rule says
    removes: int  # so many more would be found without it
    adds: int  # so many fewer would be found without it


@dataclass(frozen=True, slots=True)
class Miss:
    """A track that is not found because of one condition alone. `gap`: how far off, 0 is on the edge."""

    place: int
    path: Path
    condition: Condition
    gap: float
    is_unknown: bool


@dataclass(frozen=True, slots=True)
class Step:
    """One node, asked of one track. `fact`: the value that was seen; None for groups too."""

    path: Path
    node: Node
    result: bool
    fact: Fact
    depth: int


def shares(root: Group, masks: Masks) -> list[Share]:
    """What each condition does, in the order of reading."""
    found, told = masks.of(root), []
    for path, asked in conditions(root):
        without = _with(root, path, None, masks)
        rest = np.ones_like(found) if without is None else without
        removed, added = int((rest & ~found).sum()), int((found & ~rest).sum())
        told.append(Share(path, asked, int(masks.of(asked).sum()), removed, added))
    return told


def near_misses(root: Group, masks: Masks, *, size: int) -> list[Miss]:
    """The tracks that fail by one condition alone, the nearest first; ties in the order of the table.

    A track that several conditions keep out one by one is told of once, with the one that it misses by least.
    """
    found = masks.of(root)
    places, gaps, which = [], [], []
    asked = list(conditions(root))
    for number, (path, condition) in enumerate(asked):
        turned = _with(root, path, ~masks.of(condition), masks)
        assert turned is not None
        spots = np.flatnonzero(turned & ~found)
        places.append(spots)
        gaps.append(_gaps(condition, masks, spots))
        which.append(np.full(spots.size, number))
    if not places:
        return []
    place, gap, source = np.concatenate(places), np.concatenate(gaps), np.concatenate(which)
    order = np.lexsort((source, place, gap))
    _tracks, first = np.unique(place[order], return_index=True)
    nearest = order[np.sort(first)[:size]]
    told = []
    for spot in nearest.tolist():
        path, condition = asked[int(source[spot])]
        column = masks.table.column(condition.field)
        is_unknown = column is None or not bool(column.known[place[spot]])
        told.append(Miss(int(place[spot]), path, condition, float(gap[spot]), is_unknown))
    return told


def trace(root: Group, facts: TrackFacts, *, today: date) -> list[Step]:
    """Every node asked of one track, parents before children."""
    steps: list[Step] = []

    def ask(node: Node, path: Path) -> bool:
        spot = len(steps)
        if isinstance(node, Condition):
            fact = facts.get(node.field)
            steps.append(Step(path, node, holds(node, fact, today), fact, len(path)))
        else:
            steps.append(Step(path, node, False, None, len(path)))
            result = joined(node, [ask(child, (*path, place)) for place, child in enumerate(node.nodes)])
            steps[spot] = Step(path, node, result, None, len(path))
        return steps[spot].result

    ask(root, ())
    return steps


def _with(node: Node, path: Path, instead: Mask | None, masks: Masks) -> Mask | None:
    """The mask of `node` with another at `path`, or without that node; None if nothing is left of it."""
    if not path:
        return instead
    assert isinstance(node, Group)
    parts = [
        _with(child, path[1:], instead, masks) if n == path[0] else masks.of(child)
        for n, child in enumerate(node.nodes)
    ]
    left = [part for part in parts if part is not None]
    return joined_masks(node, left, masks.table.size) if left else None


def _gaps(asked: Condition, masks: Masks, spots: NDArray[np.intp]) -> NDArray[np.float64]:
    """How far each of these tracks is from what is asked."""
    column = masks.table.column(asked.field)
    if column is None:
        return np.full(spots.size, UNKNOWN_GAP)
    known = column.known[spots]
    gap = np.full(spots.size, TEXT_GAP)
    wanted = interval(asked)
    if isinstance(column, Numbers) and wanted:
        values = column.values[spots]
        gap = np.maximum(np.maximum(wanted.low - values, values - wanted.high), 0) / _scale(asked.field, column)
    elif isinstance(column, Days) and (bound := wanted_day(asked.value, masks.today)):
        gap = np.abs(column.values[spots].astype(np.float64) - day_number(bound)) / _YEAR
    elif isinstance(column, Days) and asked.operator == "in_last_days" and isinstance(asked.value, int | float):
        edge = day_number(masks.today) - asked.value
        gap = np.abs(column.values[spots].astype(np.float64) - edge) / _YEAR
    return np.where(known, gap, UNKNOWN_GAP)


def _scale(name: str, column: Numbers) -> float:
    """By what numbers of this field are far apart: its whole range where that is narrow, else how much it varies."""
    field = fields.find(name)
    if field and field.low is not None and field.high is not None and field.high - field.low <= 400:
        return field.high - field.low
    known = column.values[column.known]
    spread = float(known.std()) if known.size else 0.0
    return spread if spread > 0 else 1.0
