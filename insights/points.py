"""What charts are given: values with their words and the way to the plays behind them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from urllib.parse import quote_plus

from django.urls import reverse
from django.utils import formats
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ingest.period import Period


@dataclass(frozen=True, slots=True)
class Point:
    """One value of a chart; what each attribute means is said in `vibesite/charts/shapes.py`."""

    label: str
    value: float | None
    text: str
    href: str = ""
    tick: str | None = None  # short words for the axis, if the label is long
    on: date | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a heatmap."""

    label: str
    points: Sequence[Point]


def number(value: int) -> str:
    """12345 as “12,345”, in the person's language."""
    return formats.number_format(value, use_l10n=True, force_grouping=True)


def amount(plays: int, ms: int, *, by_time: bool) -> tuple[float, str]:
    """The value of a point and its words: plays, or minutes heard."""
    if by_time:
        minutes = round(ms / 60_000)
        return minutes, ngettext("%(n)s minute", "%(n)s minutes", minutes) % {"n": number(minutes)}
    return plays, ngettext("%(n)s play", "%(n)s plays", plays) % {"n": number(plays)}


def in_log(first: date, last: date, *, show: str = "plays", **words: str) -> str:
    """Where the log lists the plays (or `show`: "skips", "all") of some local days, both included.

    `words` are more filters of its address; those without a value are left out.
    """
    rest = {key: value for key, value in words.items() if value}
    address = f"{_log()}?range=custom&from={first.isoformat()}&to={last.isoformat()}&show={show}"
    return f"{address}&{urlencode(rest)}" if rest else address


def in_log_of(period: Period, *, show: str = "plays", **words: str | int) -> str:
    """The same of a period, which may be open on a side. `words` may be 0."""
    given = "".join(
        f"&{key}={value if isinstance(value, int) else quote_plus(value)}"
        for key, value in words.items()
        if value != ""
    )
    return f"{_log()}?{period.query}&show={show}{given}"


@cache
def _log() -> str:
    return reverse("ingest:log")


def day_words(day: date) -> str:
    return formats.date_format(day, "DATE_FORMAT")


def days_words(first: date, last: date) -> str:
    """“3 March 2025”, or “3 to 9 March 2025” as two dates."""
    return day_words(first) if last - first < timedelta(days=1) else f"{day_words(first)} – {day_words(last)}"


def than_before(now: float, before: float) -> str:
    """How much more or less than in the stretch before, in words; empty if there was nothing in it."""
    if not before:
        return ""
    share = now / before - 1
    if abs(share) < 0.005:
        return _("about as much as before")
    said = number(round(100 * abs(share)))
    return (_("%(share)s%% more than before") if share > 0 else _("%(share)s%% less than before")) % {"share": said}
