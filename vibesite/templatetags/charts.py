"""Charts as SVG from the server: labelled directly, in the palette, with their numbers as text beside them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import template

register = template.Library()

HEIGHT = 120  # of a row of days, in units of its viewBox


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its words, its value, the value as said, and where it leads."""

    label: str
    value: float
    said: str
    href: str = ""
    tick: str = ""  # the label under the axis; empty for most days of a long row


@register.inclusion_tag("components/bars.html")
def bars(rows: Sequence[Bar], label: str) -> dict[str, Any]:
    """Horizontal bars, longest name welcome: the list is its own text."""
    most = max((row.value for row in rows), default=0) or 1
    return {"label": label, "rows": [(row, f"{100 * row.value / most:.2f}") for row in rows]}


@register.inclusion_tag("components/day_bars.html")
def day_bars(rows: Sequence[Bar], label: str) -> dict[str, Any]:
    """One upright bar per day (or hour, or month), oldest first; the numbers stand in a table under a summary."""
    most = max((row.value for row in rows), default=0)
    step = 12
    drawn = []
    for index, row in enumerate(rows):
        height = max(2.0, HEIGHT * row.value / most) if most and row.value else 1.0
        drawn.append(
            {
                "row": row,
                "at": f"{100 * index / len(rows):.2f}",
                "x": f"{index * step + 1.5:g}",
                "y": f"{HEIGHT - height:.1f}",
                "height": f"{height:.1f}",
                "most": bool(most) and row.value == most,
            }
        )
    peak = max(rows, key=lambda row: row.value, default=None)
    return {
        "label": label,
        "drawn": drawn,
        "width": max(1, len(rows)) * step,
        "height": HEIGHT,
        "peak": peak,
        "bar": step - 3,
    }
