"""One measure over a person's snapshots, as a line that a page can draw."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.urls import reverse
from django.utils import formats
from django.utils.translation import pgettext

from accounts.models import User
from insights.measures import Measure
from insights.models import ListeningSnapshot
from insights.points import Point, day_words

SPAN = timedelta(days=365)  # of one drawing
_DAILY = 92  # days up to which each has its own point
_FILLED = 0.5  # with fewer days than this share of them known, weeks read better


@dataclass(frozen=True, slots=True)
class Line:
    name: str
    points: Sequence[Point]


@dataclass(frozen=True, slots=True)
class Course:
    """Up to a year of one measure, oldest first; days before or after which there is more, None if there is not."""

    line: Line
    known: int  # points with a value
    older: date | None
    newer: date | None


def course(*, user: User, kind: str, measure: Measure, until: date | None) -> Course:
    """The year up to `until` (None: up to the newest snapshot) of one range and measure."""
    rows = ListeningSnapshot.objects.of(user).filter(range=kind)
    newest = rows.order_by("-on").values_list("on", flat=True).first()
    if newest is None:
        return Course(Line("", []), 0, None, None)
    last = min(until, newest) if until else newest
    first = last - SPAN
    found = list(
        rows.filter(on__gt=first, on__lte=last)
        .order_by("on")
        .annotate(value=measure.expression)
        .values_list("on", "pk", "value")
    )
    points = _points(found, measure)
    newer = min(last + SPAN, newest) if last < newest else None
    older = first if rows.filter(on__lte=first).exists() else None
    return Course(Line("", points), sum(point.value is not None for point in points), older, newer)


def _points(found: list[tuple[date, int, float | None]], measure: Measure) -> list[Point]:
    """A point for each day, or for each week where days would be many or mostly bare: evenly, so gaps are seen."""
    if not found:
        return []
    first, last = found[0][0], found[-1][0]
    days = (last - first).days + 1
    step = 1 if days <= _DAILY and len(found) >= _FILLED * days else 7
    by_step = {(last - on).days // step: (on, pk, value) for on, pk, value in found}  # of several the newest
    points = []
    for back in range((last - first).days // step, -1, -1):
        on, pk, value = by_step.get(back, (last - timedelta(days=back * step), 0, None))
        number = None if value is None else float(value)
        words = formats.date_format(on, pgettext("date format", "j M"))
        href = reverse("insights:snapshot", args=[pk]) if pk else ""
        points.append(Point(day_words(on), measure.drawn(number), measure.said(number), href, words))
    return points
