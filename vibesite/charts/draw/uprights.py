"""Columns and lines as SVG: as wide as their place, words in their own size."""

from collections.abc import Callable, Sequence
from html import escape

from vibesite.charts.draw.marks import Marks, links, num, svg, words
from vibesite.charts.scales import LETTER
from vibesite.charts.shapes import Point, Series
from vibesite.charts.uprights import EDGE, NARROW, Column, Columns, Dot, Label, Line, Lines, Tick

FOOT = 24  # px under the baseline for the labels
STRETCH = 1000  # units that lines have for the width of the plot, stretched to it


def columns(geometry: Columns, points: Sequence[Point], *, name: str, said: str, number: Callable[[float], str]) -> str:
    """`number` says a tick's value, `said` the gist for readers."""
    marks = Marks(links(point.href for point in points))
    for column in geometry.columns:
        point = points[column.index]
        hit = (
            f'<rect class="hit" x="{num(column.band_x)}%" width="{num(column.band_width)}%" '
            f'height="{geometry.height}"/>'
        )
        if column.y is None:
            kind = "mark mark-void"
            shape = hit
        else:
            kind = "mark mark-peak" if column.index == geometry.peak else "mark"
            shape = (
                f'{hit}<rect class="bar" x="{num(column.x)}%" y="{num(column.y)}" '
                f'width="{num(column.width)}%" height="{num(column.height)}"/>'
            )
        marks.add(point.label, point.text, shape, point.href, kind)
    body = [_grid(geometry.ticks, number), *marks.parts, _ground(geometry.ground)]
    if geometry.peak is not None:
        body.append(_peak(geometry.columns[geometry.peak], points[geometry.peak].text))
    body.append(_labels(geometry.labels, geometry.height))
    return _framed("".join(body), geometry.height, name, said, bool(marks.linked))


def _peak(column: Column, text: str) -> str:
    """The highest column's value over it, inside the plot even on a phone: of a long one, what stands first."""
    if len(text) * LETTER > NARROW * 0.8:
        text = text.split(", ")[0]
    half = len(text) * LETTER / 2 / NARROW * 100
    x, anchor = column.x + column.width / 2, "middle"
    if x > 100 - half:
        x, anchor = column.x + column.width, "end"
    elif x < half - 15:  # the axis has room left of the plot
        x, anchor = column.x, "start"
    return words(text, f'x="{num(x)}%" y="{num((column.y or 0) - 6)}"', "graph-said", anchor=anchor)


def lines(geometry: Lines, series: Sequence[Series], *, name: str, said: str, number: Callable[[float], str]) -> str:
    tall = geometry.height
    body = [_grid(geometry.ticks, number)]
    strokes = [
        f'<path class="line tone-{index}" d="{_path(piece)}"/>'
        for index, line in enumerate(geometry.lines)
        for piece in line.pieces
    ]
    body.append(
        f'<svg class="stretched" viewBox="0 0 {STRETCH} {tall}" width="100%" height="{tall}" '
        f'preserveAspectRatio="none">{"".join(strokes)}</svg>'
    )
    body += [_dot(dot, index, "dot") for index, line in enumerate(geometry.lines) for dot in line.lonely]
    marks = _bands(geometry, series)
    body += [*marks.parts, *_ends(geometry.lines, series), _labels(geometry.labels, tall)]
    return _framed("".join(body), tall, name, said, bool(marks.linked))


def _bands(geometry: Lines, series: Sequence[Series]) -> Marks:
    """One band for each label, saying all lines' values there; linked if one line is drawn. Else its dots are."""
    alone = len(series) == 1
    marks = Marks(links(point.href for each in series for point in each.points))
    dots = [{dot.index: dot for dot in _all(line)} for line in geometry.lines]
    for place, (x, width) in enumerate(geometry.places):
        here = [(number, each.points[place]) for number, each in enumerate(series) if place < len(each.points)]
        if not here:
            continue
        hit = f'<rect class="hit" x="{num(x)}%" width="{num(width)}%" height="{geometry.height}"/>'
        shown = [(number, point, dots[number][place]) for number, point in here if place in dots[number]]
        shape = "".join([hit, *(_dot(dot, number, "dot dot-hover") for number, _, dot in shown)])
        if alone:
            marks.add(here[0][1].label, here[0][1].text, shape, here[0][1].href)
            continue
        said = "\n".join(f"{series[number].name}: {point.text}" for number, point in here)
        marks.add(here[0][1].label, said, shape)
        for number, point, dot in shown:
            if point.href:
                label = f"{series[number].name}, {point.label}"
                marks.add(label, point.text, _dot(dot, number, "dot dot-hover"), point.href)
    return marks


def _ends(drawn: Sequence[Line], series: Sequence[Series]) -> list[str]:
    """Each line's name beside its end: no legend to look up."""
    parts = []
    for index, (line, each) in enumerate(zip(drawn, series, strict=True)):
        if line.end is None:
            continue
        parts.append(_dot(line.end, index, "dot"))
        if each.name:
            name = each.name if len(each.name) <= 15 else f"{each.name[:14].rstrip()}…"
            at = f'x="{num(line.end.x)}%" dx="10" y="{num(line.label_y + 4)}"'
            parts.append(words(name, at, f"graph-end tone-{index}"))
    return parts


def _all(line: Line) -> list[Dot]:
    return [*line.lonely, *(dot for piece in line.pieces for dot in piece)]


def _dot(dot: Dot, tone: int, kind: str) -> str:
    return f'<circle class="{kind} tone-{tone}" cx="{num(dot.x)}%" cy="{num(dot.y)}" r="3.5"/>'


def _path(piece: Sequence[Dot]) -> str:
    return "M" + "L".join(f"{num(dot.x * STRETCH / 100)} {num(dot.y)}" for dot in piece)


def _grid(ticks: Sequence[Tick], number: Callable[[float], str]) -> str:
    lines = [f'<line class="gridline" x2="100%" y1="{num(tick.y)}" y2="{num(tick.y)}"/>' for tick in ticks]
    named = [words(number(tick.value), f'x="-8" y="{num(tick.y + 4)}"', "graph-tick", anchor="end") for tick in ticks]
    return "".join([*lines, *named])


def _ground(y: float) -> str:
    return f'<line class="ground" x2="100%" y1="{num(y)}" y2="{num(y)}"/>'


def _labels(labels: Sequence[Label], height: int) -> str:
    return "".join(
        words(
            label.text,
            f'x="{num(label.x)}%" y="{height + 17}"',
            "graph-label spare" if label.spare else "graph-label",
            anchor="end" if label.x > EDGE else "middle",
        )
        for label in labels
    )


def _framed(body: str, height: int, name: str, said: str, interactive: bool) -> str:
    size = f'width="100%" height="{height + FOOT}"'
    return svg(body, name=name, said=said, kind="graph-svg", size=size, interactive=interactive)


def key(names: Sequence[str]) -> str:
    """Names of tones, for drawings too narrow (or too round) to carry them."""
    items = "".join(
        f'<li><svg width="18" height="10" aria-hidden="true"><path class="line tone-{tone}" d="M0 5H18"/></svg>'
        f"<bdi>{escape(name)}</bdi></li>"
        for tone, name in enumerate(names)
    )
    return f'<ul class="graph-key" role="list">{items}</ul>'
