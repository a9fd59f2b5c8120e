"""Clock and radar as SVG, in squares that scale down no further than a phone is wide."""

import math
from collections.abc import Sequence

from vibesite.charts.draw.marks import Marks, links, num, svg, words
from vibesite.charts.rounds import HUB, MARGIN, RADAR_HEIGHT, RADAR_WIDTH, RIM, SIZE, At, Clock, Hour, Radar, place
from vibesite.charts.shapes import Point, Profile

SLIT = 0.012  # radians left free on each side of an hour


def clock(geometry: Clock, points: Sequence[Point], *, name: str, said: str) -> str:
    middle = num(SIZE / 2)
    marks = Marks(links(point.href for point in points))
    for hour in geometry.hours:
        point = points[hour.index]
        shape = f'<path class="hit" d="{_wedge(hour, RIM)}"/>'
        if hour.radius is not None and hour.radius > HUB:
            shape += f'<path class="bar" d="{_wedge(hour, max(hour.radius, HUB + 1.5))}"/>'
        kind = "mark mark-void" if hour.radius is None else "mark mark-peak" if hour.index == geometry.peak else "mark"
        marks.add(point.label, point.text, shape, point.href, kind)
    body = [
        f'<circle class="gridline" cx="{middle}" cy="{middle}" r="{num(RIM)}"/>',
        *marks.parts,
        f'<circle class="ground" cx="{middle}" cy="{middle}" r="{num(HUB)}"/>',
    ]
    for hour in geometry.hours:
        if hour.label:
            at = f'x="{num(hour.label.x)}" y="{num(hour.label.y + 4)}"'
            lean = hour.label.x - SIZE / 2
            side = "middle" if abs(lean) < 9 else "start" if lean > 0 else "end"
            body.append(words(points[hour.index].label, at, "graph-label", anchor=side))
    if geometry.peak is not None:
        top = points[geometry.peak]
        body.append(words(top.label, f'x="{middle}" y="{num(SIZE / 2 - 2)}"', "clock-peak", anchor="middle"))
        body.append(words(top.text, f'x="{middle}" y="{num(SIZE / 2 + 18)}"', "graph-label", anchor="middle"))
    size = f'viewBox="{-MARGIN} 0 {SIZE + 2 * MARGIN} {SIZE}"'
    drawn = "".join(body)
    return svg(drawn, name=name, said=said, kind="round-svg", size=size, interactive=bool(marks.linked))


def radar(
    geometry: Radar, axes: Sequence[str], profiles: Sequence[Profile], texts: Sequence[Sequence[str]], *, name: str,
    said: str,
) -> str:  # fmt: skip
    """`texts` are the profiles' values in words."""
    middle = At(RADAR_WIDTH / 2, RADAR_HEIGHT / 2)
    body = [f'<path class="gridline" d="{_polygon(ring)}"/>' for ring in geometry.rings]
    for axis, label in zip(geometry.axes, axes, strict=True):
        ends = f'x1="{num(middle.x)}" y1="{num(middle.y)}" x2="{num(axis.end.x)}" y2="{num(axis.end.y)}"'
        body.append(f'<line class="gridline" {ends}/>')
        short = label if len(label) <= 13 else f"{label[:12].rstrip()}…"
        at = f'x="{num(axis.label.x)}" y="{num(axis.label.y)}"'
        body.append(words(short, at, "graph-label", anchor=axis.side))
    marks = Marks(0)
    for index, outline in reversed(list(enumerate(geometry.outlines))):
        known = [spot for spot in outline if spot]
        if len(known) > 2:
            body.append(f'<path class="outline tone-{index}" d="{_polygon(known)}"/>')
        for number, spot in enumerate(outline):
            if spot:
                dot = f'<circle class="dot tone-{index}" cx="{num(spot.x)}" cy="{num(spot.y)}" r="4"/>'
                label = f"{axes[number]}, {profiles[index].name}" if profiles[index].name else axes[number]
                marks.add(label, texts[index][number], dot)
    size = f'viewBox="0 0 {RADAR_WIDTH} {RADAR_HEIGHT}"'
    drawn = "".join([*body, *marks.parts])
    return svg(drawn, name=name, said=said, kind="radar-svg", size=size, interactive=False)


def _wedge(hour: Hour, radius: float) -> str:
    start, end = hour.start + SLIT, hour.end - SLIT
    inner, outer = (place(HUB, start), place(HUB, end)), (place(radius, start), place(radius, end))
    large = int(end - start > math.pi)
    return (
        f"M{_at(inner[0])}L{_at(outer[0])}A{num(radius)} {num(radius)} 0 {large} 1 {_at(outer[1])}"
        f"L{_at(inner[1])}A{num(HUB)} {num(HUB)} 0 {large} 0 {_at(inner[0])}Z"
    )


def _polygon(places: Sequence[At]) -> str:
    return "M" + "L".join(_at(each) for each in places) + "Z"


def _at(each: At) -> str:
    return f"{num(each.x)} {num(each.y)}"
