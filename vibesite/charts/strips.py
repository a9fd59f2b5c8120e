"""Drawings of one line: blocks on a lane, shares of a whole, a sparkline."""

from collections.abc import Sequence
from dataclasses import dataclass

from vibesite.charts import scales
from vibesite.charts.shapes import Block, Point

SPARK_WIDTH, SPARK_HEIGHT = 96, 24


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a strip, in per cent of its width; `index` among what was given."""

    index: int
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Spark:
    """A tiny line in px: pieces between gaps, and its last known value."""

    pieces: list[list[tuple[float, float]]]
    end: tuple[float, float] | None


def lane(blocks: Sequence[Block]) -> list[Stretch]:
    """Blocks held within their lane; one that ends before it starts, or lies outside, has no width."""
    found = []
    for index, block in enumerate(blocks):
        start, end = min(max(block.start, 0.0), 1.0), min(max(block.end, 0.0), 1.0)
        found.append(Stretch(index, 100 * start, 100 * max(0.0, end - start)))
    return found


def shares(points: Sequence[Point]) -> list[Stretch]:
    """What each value is of the sum of all; unknown, zero and negative ones are left out."""
    values = [max(0.0, float(point.value)) if scales.known([point.value]) and point.value else 0.0 for point in points]
    whole = sum(values)
    found, at = [], 0.0
    for index, value in enumerate(values):
        if value > 0:
            found.append(Stretch(index, at, 100 * value / whole))
            at += 100 * value / whole
    return found


def spark(values: Sequence[float | None]) -> Spark:
    """A line from zero to the largest value."""
    scale = scales.from_zero(values)
    step = (SPARK_WIDTH - 6) / max(1, len(values) - 1)
    pieces: list[list[tuple[float, float]]] = [[]]
    for index, value in enumerate(values):
        if value is None or not scales.known([value]):
            pieces.append([])
            continue
        x = 3 + index * step if len(values) > 1 else SPARK_WIDTH - 3
        pieces[-1].append((x, 3 + (SPARK_HEIGHT - 6) * (1 - scale.share(value))))
    pieces = [piece for piece in pieces if piece]
    return Spark(pieces, pieces[-1][-1] if pieces else None)
