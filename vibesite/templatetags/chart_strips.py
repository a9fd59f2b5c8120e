"""Charts without an axis of values: bars that are a list, a day's lanes, shares of a whole, sparklines, movement."""

from collections.abc import Sequence
from typing import Any, Literal

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from vibesite.charts import scales, strips
from vibesite.charts.draw import strips as draw
from vibesite.charts.draw.marks import Marks, links
from vibesite.charts.draw.table import table
from vibesite.charts.shapes import Lane, Point
from vibesite.templatetags.charts import FIGURE, figure
from vibesite.templatetags.numbers import percent

register = template.Library()


@register.inclusion_tag("charts/bar_list.html")
def bar_list(points: Sequence[Point], *, caption: str = "") -> dict[str, Any]:
    """Horizontal bars with their names; rows with `href` are links. The list is its own table."""
    points = list(points)
    most = max(scales.known(point.value for point in points), default=0) or 1
    return {
        "caption": caption,
        "rows": [(point, f"{max(0.0, 100 * (point.value or 0) / most):.2f}") for point in points],
    }


@register.inclusion_tag(FIGURE)
def timeline_chart(lanes: Sequence[Lane], *, caption: str = "") -> dict[str, Any]:
    """A day (or some) from midnight to midnight: each play where and as long as it was, with the hours under it."""
    lanes = list(lanes)
    if not any(lane.blocks for lane in lanes):
        return figure("timeline", caption, "")
    marks = Marks(links(block.href for lane in lanes for block in lane.blocks))
    drawn = [(lane.label, _safe(draw.lane(strips.lane(lane.blocks), lane, marks, name=caption))) for lane in lanes]
    context = {"lanes": drawn, "hours": _safe(draw.hours())}
    drawing = render_to_string("charts/lanes.html", context)
    listed = (((lane.label, ""), [(block.text, block.href)]) for lane in lanes for block in lane.blocks)
    return figure("timeline", caption, drawing, rows=table(caption, [], listed))


@register.inclusion_tag(FIGURE)
def share_bar(points: Sequence[Point], *, caption: str = "") -> dict[str, Any]:
    """What each value is of all of them, as one bar; its parts are listed beneath, so there is no other table."""
    points = list(points)
    parts = strips.shares(points)
    if not parts:
        return figure("share", caption, "")
    percents = [percent(part.width / 100) for part in parts]
    listed = [
        (points[part.index], said, _safe(draw.swatch(place)))
        for place, (part, said) in enumerate(zip(parts, percents, strict=True))
    ]
    key = render_to_string("charts/share_key.html", {"parts": listed})
    drawing = draw.shares(parts, points, name=caption, percents=percents)
    return figure("share", caption, drawing, after=key)


@register.simple_tag
def sparkline(values: Sequence[float | None], *, label: str = "") -> SafeString:
    """A tiny line in the text. `label` says it in words; without one it is decoration beside its figure."""
    return _safe(draw.spark(strips.spark(list(values)), name=label))


@register.inclusion_tag("charts/change.html")
def change(value: float | Literal["new"] | None) -> dict[str, Any]:
    """Movement in a ranking: 3 is ▲ 3, -2 is ▼ 2, 0 is =; None or "new" was not there before."""
    if value is None or isinstance(value, str):
        return {"way": "new"}
    return {"way": "up" if value > 0 else "down" if value < 0 else "same", "by": abs(value)}


def _safe(drawn: str) -> SafeString:
    return mark_safe(drawn)  # noqa: S308 - its writer escaped every part
