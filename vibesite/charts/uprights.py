"""Columns and lines. Along the page, places are per cent of the width, so that one drawing fits every screen and its
words keep their size; upwards they are px from the top."""

from collections.abc import Sequence
from dataclasses import dataclass

from vibesite.charts import scales
from vibesite.charts.shapes import Point, Series

TOP = 22  # px kept free above the highest value, for its label
WIDEST = 9.0  # per cent; a single column is no wall
WIDE, NARROW = 490, 270  # px that a plot has for labels, at least: beside the CSS's narrow shape, and on a phone
NAMED = 370  # px of a wide plot with its lines' names beside it
EDGE = 97.5  # per cent from which on a label is drawn inwards
DENSE = 90  # columns from which on they touch each other


@dataclass(frozen=True, slots=True)
class Tick:
    """A round number of the value axis, and its line's distance from the top in px."""

    value: float
    y: float


@dataclass(frozen=True, slots=True)
class Label:
    """Words under the axis, at `x` per cent. `spare`: left out where the drawing is narrow."""

    text: str
    x: float
    spare: bool


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its band (where it can be pointed at) and its body, None where nothing is known."""

    index: int
    band_x: float
    band_width: float
    x: float
    width: float
    y: float | None
    height: float


@dataclass(frozen=True, slots=True)
class Columns:
    height: int
    ground: float  # the baseline's distance from the top
    ticks: list[Tick]
    labels: list[Label]
    columns: list[Column]
    peak: int | None  # the index of the first highest value above zero


@dataclass(frozen=True, slots=True)
class Dot:
    index: int
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Line:
    """A line in pieces between gaps; `lonely` are values between two gaps, which no stroke would show."""

    pieces: list[list[Dot]]
    lonely: list[Dot]
    end: Dot | None
    label_y: float


@dataclass(frozen=True, slots=True)
class Lines:
    height: int
    ground: float
    ticks: list[Tick]
    labels: list[Label]
    lines: list[Line]
    places: list[tuple[float, float]]  # for each label: x and width in per cent of the band that it can be pointed at


def columns(points: Sequence[Point], *, height: int) -> Columns:
    """Columns from a zero baseline, for 1 to some 400 `points`, in a plot of `height` px."""
    scale = scales.from_zero((point.value for point in points), most=3 if height < 200 else 5)
    band = 100 / max(1, len(points))
    filled = 1.02 if len(points) > DENSE else 0.84 if len(points) > 45 else 0.74
    width = min(band * filled, WIDEST)
    ground = _y(0, scale, height)
    drawn, peak, most = [], None, 0.0
    for index, point in enumerate(points):
        y, tall = None, 0.0
        if scales.known([point.value]):
            value = float(point.value or 0)
            at = _y(value, scale, height)
            if value:  # what is there is seen, however small
                tall = max(1.5, abs(ground - at))
            y = ground - tall if value > 0 else ground
            if value > most:
                most, peak = value, index
        drawn.append(Column(index, index * band, band, index * band + (band - width) / 2, width, y, tall))
    labels = _labels(points, [(index + 0.5) * band for index in range(len(points))])
    return Columns(height, ground, _ticks(scale, height), labels, drawn, peak)


def lines(series: Sequence[Series], *, height: int, invert: bool = False) -> Lines:
    """Up to four lines over the same labels. `invert` for places in a ranking: 1 on top, no zero."""
    values = [point.value for each in series for point in each.points]
    scale = scales.ranks(values) if invert else scales.from_zero(values)
    count = max((len(each.points) for each in series), default=0)
    xs = [50.0] if count == 1 else [100 * index / (count - 1) for index in range(count)]
    drawn = [_line(each.points, xs, scale, height, invert) for each in series]
    ends = scales.apart([line.end.y if line.end else 0.0 for line in drawn], gap=17, low=TOP / 2, high=height - 4)
    drawn = [Line(line.pieces, line.lonely, line.end, y) for line, y in zip(drawn, ends, strict=True)]
    longest = max(series, key=lambda each: len(each.points), default=None)
    band = 100 / max(1, count - 1) if count > 1 else 100.0
    places = [(max(0.0, x - band / 2), min(100.0, x + band / 2) - max(0.0, x - band / 2)) for x in xs]
    labels = _labels(longest.points if longest else [], xs, NAMED if any(each.name for each in series) else WIDE)
    return Lines(height, float(height), _ticks(scale, height, invert), labels, drawn, places)


def _line(points: Sequence[Point], xs: list[float], scale: scales.Scale, height: int, invert: bool) -> Line:
    pieces: list[list[Dot]] = [[]]
    for index, point in enumerate(points):
        if scales.known([point.value]):
            pieces[-1].append(Dot(index, xs[index], _y(float(point.value or 0), scale, height, invert)))
        elif pieces[-1]:
            pieces.append([])
    pieces = [piece for piece in pieces if piece]
    lonely = [piece[0] for piece in pieces if len(piece) == 1]
    return Line([piece for piece in pieces if len(piece) > 1], lonely, pieces[-1][-1] if pieces else None, 0.0)


def _y(value: float, scale: scales.Scale, height: int, invert: bool = False) -> float:
    share = scale.share(value)
    return TOP + (height - TOP) * (share if invert else 1 - share)


def _ticks(scale: scales.Scale, height: int, invert: bool = False) -> list[Tick]:
    return [Tick(value, _y(value, scale, height, invert)) for value in scale.ticks]


def _labels(points: Sequence[Point], xs: list[float], width: int = WIDE) -> list[Label]:
    """Labels that fit: those the points bring as ticks, thinned if need be, else each second, third … label."""
    ticks = [getattr(point, "tick", None) for point in points]
    texts = ticks if any(ticks) else [point.label for point in points]
    named = [(str(text), x) for text, x in zip(texts, xs, strict=True) if text]
    longest = max((len(text) for text, _ in named), default=1)
    wide, narrow = scales.strides(len(named), longest, width, NARROW)
    wanted, few = _shown(named, wide, width, longest), _shown(named, narrow, NARROW, longest)
    return [Label(_short(text), x, index not in few) for index, (text, x) in enumerate(named) if index in wanted | few]


def _shown(named: list[tuple[str, float]], stride: int, width: int, longest: int) -> set[int]:
    """Each `stride`-th label; the last one is left out if, drawn inwards at the edge, it would touch the one before."""
    found = list(range(0, len(named), stride))
    if len(found) > 1 and named[found[-1]][1] > EDGE:
        between = (named[found[-1]][1] - named[found[-2]][1]) * width / 100
        if between < 1.5 * scales.label_width(longest):
            found.pop()
    return set(found)


def _short(text: str, most: int = scales.LONGEST) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"
