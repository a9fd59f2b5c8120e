"""Charts as SVG from the server: labelled directly, in the palette, each with its numbers as a table.

What points, series, rows, lanes and blocks are is said in `vibesite/charts/shapes.py`; any object with their attributes
will do. Tags that draw no axis (lists, sparklines, marks of change) are in `chart_strips`.
"""

from collections.abc import Sequence
from typing import Any

from django import template
from django.template.loader import render_to_string
from django.utils.dates import MONTHS, MONTHS_3, WEEKDAYS_ABBR
from django.utils.formats import number_format
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, pgettext

from vibesite.charts import grids, rounds, scales, uprights
from vibesite.charts.draw import grids as draw_grids
from vibesite.charts.draw import rounds as draw_rounds
from vibesite.charts.draw import uprights as draw_uprights
from vibesite.charts.draw.table import Value, table
from vibesite.charts.shapes import Day, Point, Profile, Row, Series
from vibesite.templatetags.numbers import percent

register = template.Library()

FIGURE = "charts/figure.html"


@register.inclusion_tag(FIGURE)
def column_chart(points: Sequence[Point], *, caption: str = "", unit: str = "", tall: bool = False) -> dict[str, Any]:
    """Values over time or categories, from a zero baseline; the highest is labelled. 1 to some 400 points."""
    points = list(points)
    if not _any(points):
        return figure("column", caption, "")
    geometry = uprights.columns(points, height=260 if tall else 160)
    drawing = draw_uprights.columns(geometry, points, name=caption, said=_peak(points), number=axis_number)
    return figure("column", caption, drawing, unit=unit, rows=_listed(caption, unit, points))


@register.inclusion_tag(FIGURE)
def line_chart(
    series: Sequence[Series], *, caption: str = "", unit: str = "", invert: bool = False, tall: bool = False
) -> dict[str, Any]:
    """Up to four lines, named at their ends, with gaps where nothing is known. `invert` for ranks: 1 on top."""
    drawn = list(series)[:4]
    if not any(_any(each.points) for each in drawn):
        return figure("line", caption, "")
    geometry = uprights.lines(drawn, height=280 if tall else 200, invert=invert)
    said = " ".join(f"{each.name}: {_last(each.points)}." for each in drawn if _any(each.points))
    drawing = draw_uprights.lines(geometry, drawn, name=caption, said=said, number=axis_number)
    names = [each.name for each in drawn]
    rows = _crossed(caption, names, [each.points for each in drawn])
    key = draw_uprights.key(names) if any(names) else ""
    return figure("line", caption, drawing, unit=unit, rows=rows, key=key) | {"bare": not any(names)}


@register.inclusion_tag(FIGURE)
def heatmap_chart(rows: Sequence[Row], *, columns: Sequence[str], caption: str = "") -> dict[str, Any]:
    """Cells coloured by value, e.g. weekdays by hours; numbers stand in them up to eight columns."""
    rows, labels = list(rows), [str(label) for label in columns]
    points = [point for row in rows for point in row.points]
    if not _any(points) or not labels:
        return figure("heatmap", caption, "")
    geometry = grids.heatmap(rows, labels)
    drawing = draw_grids.heatmap(geometry, rows, labels, name=caption, said=_heaviest(rows, labels), number=axis_number)
    listed = (((row.label, ""), [(point.text, point.href) for point in row.points]) for row in rows)
    return figure("heatmap", caption, drawing, rows=table(caption, labels, listed), after=_scale(grids.HEAT_STEPS))


@register.inclusion_tag(FIGURE)
def calendar_chart(days: Sequence[Day], *, caption: str = "", week_starts_on: int = 1) -> dict[str, Any]:
    """A cell for each day, a block for each year, newest first. `week_starts_on` 1 (Monday, as is 0) to 7 (Sunday)."""
    days = list(days)
    if not _any(days):
        return figure("calendar", caption, "")
    geometry = grids.calendar(days, week_starts_on=week_starts_on)
    first = (week_starts_on or 1) - 1
    years = draw_grids.calendar(
        geometry,
        days,
        name=caption,
        said=_peak(days),
        months=[str(MONTHS_3[month]).capitalize() for month in range(1, 13)],
        weekdays=[str(WEEKDAYS_ABBR[(first + row) % 7]) for row in range(7)],
    )
    drawing = render_to_string(
        "charts/calendar.html",
        {
            "caption": caption or gettext("Calendar"),
            "years": [(str(year), mark_safe(drawn)) for year, drawn in years],  # noqa: S308 - escaped by its writer
            "is_strip": geometry.is_strip,
            "left_out": geometry.left_out,
        },
    )
    return figure("calendar", caption, drawing, rows=_months(caption, days), after=_scale(grids.DAY_STEPS))


@register.inclusion_tag(FIGURE)
def clock_chart(points: Sequence[Point], *, caption: str = "") -> dict[str, Any]:
    """The 24 hours of a day around a clock, midnight on top."""
    points = list(points)
    if not _any(points):
        return figure("clock", caption, "")
    drawing = draw_rounds.clock(rounds.clock(points), points, name=caption, said=_peak(points))
    return figure("clock", caption, drawing, rows=_listed(caption, "", points))


@register.inclusion_tag(FIGURE)
def radar_chart(axes: Sequence[str], series: Sequence[Profile], *, caption: str = "") -> dict[str, Any]:
    """One or two outlines of values from 0 to 1 over three or more axes."""
    labels, drawn = [str(axis) for axis in axes], list(series)[:2]
    if len(labels) < 3 or not any(scales.known(each.values) for each in drawn):
        return figure("radar", caption, "")
    texts = [[percent(value) for value in [*each.values, *[None] * len(labels)][: len(labels)]] for each in drawn]
    said = " ".join(
        f"{each.name}: {', '.join(f'{label} {text}' for label, text in zip(labels, said, strict=True))}."
        for each, said in zip(drawn, texts, strict=True)
    )
    drawing = draw_rounds.radar(rounds.radar(len(labels), drawn), labels, drawn, texts, name=caption, said=said)
    listed = (((label, ""), [(said[index], "") for said in texts]) for index, label in enumerate(labels))
    key = draw_uprights.key([each.name for each in drawn]) if any(each.name for each in drawn) else ""
    return figure("radar", caption, drawing, rows=table(caption, [each.name for each in drawn], listed), key=key)


def figure(
    kind: str, caption: str, drawing: str, *, unit: str = "", rows: str = "", key: str = "", after: str = ""
) -> dict[str, Any]:
    """What charts/figure.html needs; no drawing: it says that there is nothing yet. Parts are escaped SVG, HTML."""
    parts = {"drawing": drawing, "table": rows, "key": key, "after": after}
    safe: dict[str, SafeString] = {name: mark_safe(part) for name, part in parts.items()}  # noqa: S308
    table_name = gettext("%(caption)s: table") % {"caption": caption} if caption else gettext("Table")
    return {"kind": kind, "caption": caption, "unit": unit, "table_name": table_name, **safe}


def axis_number(value: float) -> str:
    """A number with little room: 950, 0.5, 12k, 1.5M, in the person's language."""
    for size, form in ((1_000_000_000, "%(number)sB"), (1_000_000, "%(number)sM"), (10_000, "%(number)sk")):
        if abs(value) >= size:
            unit = 1000 if size == 10_000 else size
            return pgettext("short number", form) % {"number": _plain(value / unit, 1)}
    return _plain(value, 2)


def _plain(value: float, digits: int) -> str:
    rounded = round(value, digits)
    places = next(count for count in range(digits + 1) if round(rounded, count) == rounded)
    return number_format(rounded, decimal_pos=places, use_l10n=True, force_grouping=True)


def _any(points: Sequence[Point]) -> bool:
    """Whether there is anything to draw: nothing known, or nothing but zeros, is no chart."""
    return any(scales.known(point.value for point in points))


def _peak(points: Sequence[Point]) -> str:
    top = max((point for point in points if point.value), key=lambda point: point.value or 0)
    return gettext("Most: %(day)s, %(said)s") % {"day": top.label, "said": top.text}


def _last(points: Sequence[Point]) -> str:
    point = [point for point in points if scales.known([point.value])][-1]
    return f"{point.label} {point.text}"


def _heaviest(rows: Sequence[Row], labels: Sequence[str]) -> str:
    cells = ((row, label, point) for row in rows for label, point in zip(labels, row.points, strict=False))
    row, label, point = max((cell for cell in cells if cell[2].value), key=lambda cell: cell[2].value or 0)
    return gettext("Most: %(day)s, %(said)s") % {"day": f"{row.label}, {label}", "said": point.text}


def _listed(caption: str, unit: str, points: Sequence[Point]) -> str:
    return table(caption, [unit] if unit else [], (((point.label, point.href), [(point.text, "")]) for point in points))


def _crossed(caption: str, names: Sequence[str], columns: Sequence[Sequence[Point]]) -> str:
    longest = max(columns, key=len)
    listed = (
        (
            (point.label, ""),
            [(points[index].text, points[index].href) if index < len(points) else ("", "") for points in columns],
        )
        for index, point in enumerate(longest)
    )
    return table(caption, names, listed)


def _months(caption: str, days: Sequence[Day]) -> str:
    """Days as a table of months by days of the month, newest month first; numbers without their unit save width."""
    said: dict[float | None, str] = {None: "–"}
    by_month: dict[tuple[int, int], list[Value]] = {}
    for day in days:
        month = by_month.setdefault((-day.on.year, -day.on.month), [("", "")] * 31)
        if day.value not in said:
            said[day.value] = axis_number(day.value or 0)
        month[day.on.day - 1] = (said[day.value], day.href)
    listed = (((f"{MONTHS[-month]} {-year}", ""), by_month[year, month]) for year, month in sorted(by_month))
    return table(caption, [str(number) for number in range(1, 32)], listed)


def _scale(steps: int) -> str:
    return draw_grids.scale(steps, pgettext("scale", "less"), pgettext("scale", "more"))
