"""Round drawings: the hours of a day as a clock, values on axes as a radar. All in px of their own square."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from vibesite.charts import scales
from vibesite.charts.shapes import Point, Profile

SIZE = 320
MARGIN = 24  # px on both sides, for the names of hours
HUB, RIM = 62.0, 136.0  # radii of the clock's hole and of its longest hour
REACH = 116.0  # radius of the radar's outer ring
RADAR_WIDTH, RADAR_HEIGHT = 400, 290


@dataclass(frozen=True, slots=True)
class At:
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Hour:
    """A wedge from `start` to `end` radians, clockwise from the top, and from the hub to `radius`; None if unknown."""

    index: int
    start: float
    end: float
    radius: float | None
    label: At | None  # where the hour's name stands, for every third


@dataclass(frozen=True, slots=True)
class Clock:
    hours: list[Hour]
    peak: int | None


@dataclass(frozen=True, slots=True)
class Axis:
    end: At
    label: At
    side: str  # how the label lies to its place: start, middle or end


@dataclass(frozen=True, slots=True)
class Radar:
    axes: list[Axis]
    rings: list[list[At]]
    outlines: list[list[At | None]]


def clock(points: Sequence[Point]) -> Clock:
    """Wedges whose areas are as the values (lengths would make the larger ones too large)."""
    values = [point.value for point in points]
    most = max(scales.known(values), default=0)
    turn = 2 * math.pi / max(1, len(points))
    hours, peak = [], None
    for index, value in enumerate(values):
        start = index * turn
        radius = None
        if scales.known([value]):
            share = max(0.0, float(value or 0) / most) if most > 0 else 0.0
            radius = math.sqrt(HUB**2 + share * (RIM**2 - HUB**2))
            if peak is None and most > 0 and value == most:
                peak = index
        named = place(RIM + 13, start) if index % 3 == 0 else None
        hours.append(Hour(index, start, start + turn, radius, named))
    return Clock(hours, peak)


def radar(axes: int, profiles: Sequence[Profile]) -> Radar:
    """Outlines on `axes` spokes, the first upright, clockwise. Values are held within 0 to 1. ValueError below 3."""
    if axes < 3:
        raise ValueError(f"a radar needs at least 3 axes, not {axes}")
    middle = (RADAR_WIDTH / 2, RADAR_HEIGHT / 2)
    angles = [2 * math.pi * index / axes for index in range(axes)]
    spokes = []
    for angle in angles:
        sideways = math.sin(angle)
        side = "middle" if abs(sideways) < 0.2 else "start" if sideways > 0 else "end"
        lift = 4 - 4 * math.cos(angle)
        label = place(REACH + 12, angle, middle)
        spokes.append(Axis(place(REACH, angle, middle), At(label.x, label.y + lift), side))
    rings = [[place(REACH * share, angle, middle) for angle in angles] for share in (0.25, 0.5, 0.75, 1.0)]
    outlines = []
    for profile in profiles:
        values = [*profile.values, *[None] * axes][:axes]
        outlines.append(
            [
                None if value is None else place(REACH * min(max(value, 0.0), 1.0), angle, middle)
                for value, angle in zip(values, angles, strict=True)
            ]
        )
    return Radar(spokes, rings, outlines)


def place(radius: float, angle: float, middle: tuple[float, float] = (SIZE / 2, SIZE / 2)) -> At:
    """The point at `radius` and `angle` (radians, clockwise from the top) around `middle`."""
    return At(middle[0] + radius * math.sin(angle), middle[1] - radius * math.cos(angle))
