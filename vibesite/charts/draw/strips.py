"""Lanes, shares and sparklines as SVG."""

from collections.abc import Sequence
from html import escape

from vibesite.charts.draw.marks import Marks, num, svg, words
from vibesite.charts.shapes import Lane, Point
from vibesite.charts.strips import SPARK_HEIGHT, SPARK_WIDTH, Spark, Stretch

HOURS = range(0, 25, 3)
TONES = 6
LANE = 30  # px
SHADES = 5  # of a share bar


def lane(stretches: Sequence[Stretch], given: Lane, marks: Marks, *, name: str) -> str:
    """One lane and the hours behind it. `marks` count the links of all lanes together."""
    marks.parts = []
    for stretch in stretches:
        block = given.blocks[stretch.index]
        shape = (
            f'<rect class="block tone-{min(max(int(block.tone), 0), TONES - 1)}" x="{num(stretch.x)}%" y="4" '
            f'width="{num(stretch.width)}%" height="{LANE - 8}"/>'
        )
        marks.add(given.label, block.text, shape, block.href)
    grid = "".join(
        f'<line class="gridline" x1="{num(hour / 0.24)}%" x2="{num(hour / 0.24)}%" y2="{LANE}"/>' for hour in HOURS
    )
    size = f'width="100%" height="{LANE}"'
    drawn = "".join([grid, *marks.parts])
    return svg(drawn, name=name, said=given.label, kind="lane-svg", size=size, interactive=bool(marks.count))


def hours() -> str:
    """The hours under the lanes: each sixth on a phone, each third where there is room."""
    named = "".join(
        words(
            f"{hour:02}",
            f'x="{num(hour / 0.24)}%" y="14"',
            "graph-label spare" if hour % 6 else "graph-label",
            anchor="start" if not hour else "end" if hour == 24 else "middle",
        )
        for hour in HOURS
    )
    return f'<svg class="lane-svg" width="100%" height="18" aria-hidden="true">{named}</svg>'


def shares(stretches: Sequence[Stretch], points: Sequence[Point], *, name: str, percents: Sequence[str]) -> str:
    """One bar of all parts; `percents` say each part's share, written on it where there is room."""
    marks = Marks(0)
    for place, stretch in enumerate(stretches):
        shade = min(place, SHADES - 1)
        shape = f'<rect class="share share-{shade}" x="{num(stretch.x)}%" width="{num(stretch.width)}%" height="34"/>'
        if stretch.width >= 16:
            at = f'x="{num(stretch.x)}%" dx="8" y="22"'
            shape += words(percents[place], at, f"share-number on-share-{shade}")
        point = points[stretch.index]
        marks.add(point.label, point.text, shape)
    said = ", ".join(f"{points[each.index].label} {percent}" for each, percent in zip(stretches, percents, strict=True))
    size = 'width="100%" height="34"'
    return svg("".join(marks.parts), name=name, said=said, kind="share-svg", size=size, interactive=False)


def swatch(place: int) -> str:
    shade = min(place, SHADES - 1)
    square = f'<rect class="share share-{shade}" width="12" height="12"/>'
    return f'<svg width="12" height="12" aria-hidden="true">{square}</svg>'


def spark(geometry: Spark, *, name: str) -> str:
    """Decoration beside a figure if it has no `name`."""
    strokes = "".join(
        f'<path class="line tone-0" d="M{"L".join(f"{num(x)} {num(y)}" for x, y in piece)}"/>'
        for piece in geometry.pieces
        if len(piece) > 1
    )
    end = ""
    if geometry.end:
        x, y = geometry.end
        end = f'<circle class="dot tone-0" cx="{num(x)}" cy="{num(y)}" r="2.5"/>'
    role = f'role="img" aria-label="{escape(name)}"' if name else 'aria-hidden="true"'
    size = f'width="{SPARK_WIDTH}" height="{SPARK_HEIGHT}"'
    return f'<svg class="sparkline" {role} {size} viewBox="0 0 {SPARK_WIDTH} {SPARK_HEIGHT}">{strokes}{end}</svg>'
