"""Heatmap and calendar as SVG."""

from collections.abc import Callable, Sequence
from datetime import date
from html import escape

from vibesite.charts.draw.marks import Marks, links, num, svg, words
from vibesite.charts.grids import CELL, DAY_STEPS, HEAD, HEAT_STEPS, LEFT, PITCH, Calendar, Heatmap, Year
from vibesite.charts.shapes import Day, Row

GAP = 2  # px between the cells of a heatmap
LABELS = 22  # px over a heatmap for the names of its columns


def heatmap(
    geometry: Heatmap, rows: Sequence[Row], labels: Sequence[str], *, name: str, said: str, number: Callable
) -> str:
    """`number` says a cell's value where there is room for it."""
    wide, narrow = geometry.steps
    marks = Marks(links(point.href for row in rows for point in row.points))
    for cell in geometry.cells:
        point = rows[cell.row].points[cell.column]
        y = LABELS + cell.y
        shape = (
            f'<rect class="cell {_tone(cell.level, HEAT_STEPS)}" x="{num(cell.x)}%" y="{num(y)}" '
            f'width="{num(cell.width)}%" height="{num(cell.height)}"/>'
        )
        if geometry.numbered and point.value is not None:
            at = f'x="{num(cell.x + cell.width / 2)}%" y="{num(y + cell.height / 2 + 5)}"'
            shape += words(number(point.value), at, f"cell-number on-{cell.level}", anchor="middle")
        marks.add(f"{rows[cell.row].label}, {labels[cell.column]}", point.text, shape, point.href)
    width = 100 / max(1, len(labels))
    heads = [
        words(label, f'x="{num((index + 0.5) * width)}%" y="14"', _spare(index, narrow), anchor="middle")
        for index, label in enumerate(labels)
        if index % wide == 0
    ]
    tall = geometry.height / max(1, len(rows))
    sides = [
        words(row.label, f'x="-8" y="{num(LABELS + (index + 0.5) * tall + 4)}"', "graph-label", anchor="end")
        for index, row in enumerate(rows)
    ]
    size = f'width="100%" height="{num(geometry.height + LABELS)}"'
    body = "".join([*heads, *sides, *marks.parts])
    return svg(body, name=name, said=said, kind="graph-svg", size=size, interactive=bool(marks.linked))


def calendar(
    geometry: Calendar, days: Sequence[Day], *, name: str, said: str, months: Sequence[str], weekdays: Sequence[str]
) -> list[tuple[int, str]]:
    """Each year and its drawing. `months` are the names of January to December, `weekdays` those of a week's rows."""
    total = links(day.href for day in days)
    marks = Marks(total)
    aside = [
        words(weekday, f'x="{LEFT - 6}" y="{HEAD + row * PITCH + CELL - 2}"', "graph-label", anchor="end")
        for row, weekday in enumerate(weekdays)
        if row % 2 == 0
    ]
    size = f'viewBox="0 0 {geometry.width} {geometry.height}" width="{geometry.width}" height="{geometry.height}"'
    blocks = []
    for year in geometry.years:
        marks.parts = []
        for cell in year.days:
            day = days[cell.index]
            shape = f'<path class="{_tone(cell.level, DAY_STEPS)}" d="M{cell.x} {cell.y}h{CELL}v{CELL}h-{CELL}z"/>'
            marks.add(day.label, day.text, shape, day.href)
        heads = [
            words(
                f"{months[on.month - 1]} {on.year}" if told else months[on.month - 1], f'x="{x}" y="13"', "graph-label"
            )
            for on, x, told in _heads(year, geometry)
        ]
        drawing = svg(
            "".join([*heads, *aside, _void(year.absent), *marks.parts]),
            name=f"{name}, {year.year}",
            said=said,
            kind="calendar-svg",
            size=size,
            interactive=bool(total),
        )
        blocks.append((year.year, drawing))
    return blocks


def _heads(year: Year, geometry: Calendar) -> list[tuple[date, int, bool]]:
    """Where each month begins, and whether its year is to be said: a strip has no year beside it."""
    return [(on, x, geometry.is_strip and (not number or on.month == 1)) for number, (on, x) in enumerate(year.months)]


def _void(places: Sequence[tuple[int, int]]) -> str:
    """Days that nothing is known of, so that every year has its shape."""
    if not places:
        return ""
    small = CELL - 1
    return f'<path class="days-void" d="{"".join(f"M{x}.5 {y}.5h{small}v{small}h-{small}z" for x, y in places)}"/>'


def scale(steps: int, less: str, more: str) -> str:
    """The legend of levels, from less to more."""
    cells = "".join(
        f'<rect class="cell {_tone(level, steps)}" x="{level * 16}" width="16" height="14"/>'
        for level in range(steps + 1)
    )
    width = 16 * (steps + 1)
    return (
        f'<p class="graph-scale"><span>{escape(less)}</span>'
        f'<svg width="{width}" height="14" aria-hidden="true">{cells}</svg><span>{escape(more)}</span></p>'
    )


def _tone(level: int | None, steps: int) -> str:
    """Levels are colours of one scale, whatever their number: the highest is always the sixth."""
    if level is None:
        return "level-none"
    return f"level-{round(level * HEAT_STEPS / steps)}"


def _spare(index: int, narrow: int) -> str:
    return "graph-label spare" if index % narrow else "graph-label"
