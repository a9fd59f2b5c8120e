"""The home page's figures: a person's last four weeks in three numerals, their sentences, and a bar for each day."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from django.urls import reverse
from django.utils import formats
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from numpy.typing import NDArray

from accounts.models import User
from ingest import columns, lens, shelf
from ingest.models import Artist
from vibesite.charts.shapes import Spot
from vibesite.templatetags.numbers import count, span

DAYS = 28
HOUR_MS = 3_600_000


@dataclass(frozen=True, slots=True)
class Figure:
    """One numeral, what it counts, and its sentence; `href` leads to what stands behind it."""

    value: str
    unit: str
    label: str
    sentence: str
    href: str


@dataclass(frozen=True, slots=True)
class Headline:
    """What the home page says of a stretch of time. `recent`: the last four weeks; else all of the history."""

    recent: bool
    figures: list[Figure]
    days: list[Spot]  # in minutes


@dataclass(frozen=True, slots=True)
class Counted:
    """Plays that count, in order of their start: aligned arrays. Artist 0 is not known.

    `known` are the artists of the counted plays before these, as a table by artist.
    """

    started: NDArray[np.int64]
    ms: NDArray[np.int32]
    artist: NDArray[np.int32]
    known: NDArray[np.bool_]


def of(user: User, *, today: date) -> Headline | None:
    """The figures of the 28 days to `today`, a local date; of everything if these are silent; None without plays."""
    reading = lens.read(user)
    plays, rack = reading.plays, reading.rack
    if not len(plays):
        return None
    heard = reading.heard()
    mask = np.zeros(len(plays), dtype=np.bool_)
    mask[heard.chosen] = heard.counts
    midnights = _midnights(today - timedelta(days=2 * DAYS - 1), 2 * DAYS + 1, user.zone)
    counted = _counted(plays, rack, mask, int(np.searchsorted(plays.started, midnights[0])))
    edges = np.searchsorted(counted.started, midnights)
    first, last = int(edges[DAYS]), int(edges[-1])
    if first == last:
        counted = _counted(plays, rack, mask, 0)
        if not counted.ms.size:
            return None
        return Headline(False, _figures(counted, slice(0, counted.ms.size), None, []), [])
    minutes = [int(counted.ms[edges[n] : edges[n + 1]].sum()) for n in range(DAYS, 2 * DAYS)]
    dates = [today - timedelta(days=DAYS - 1 - n) for n in range(DAYS)]
    before = slice(int(edges[0]), first)
    figures = _figures(counted, slice(first, last), before, list(zip(dates, minutes, strict=True)))
    return Headline(True, figures, _bars(dates, minutes))


def _counted(plays: columns.Columns, rack: shelf.Shelf, mask: NDArray[np.bool_], since: int) -> Counted:
    """What counts of the plays from place `since` on; of those before, only whose they were."""
    artist_of = np.zeros(int(rack.track[-1]) + 1, dtype=np.int32)
    artist_of[rack.track] = rack.artist
    heard = np.zeros(artist_of.size, dtype=np.bool_)
    heard[plays.track[:since][mask[:since]]] = True
    known = np.zeros(int(rack.artist.max()) + 1, dtype=np.bool_)
    known[artist_of[heard]] = True
    recent = mask[since:]
    return Counted(
        plays.started[since:][recent], plays.ms[since:][recent], artist_of[plays.track[since:][recent]], known
    )


def _midnights(first: date, number: int, zone: ZoneInfo) -> NDArray[np.int64]:
    """The first moments of `number` local days from `first` on, in milliseconds since 1970 UTC."""
    days = (datetime.combine(first + timedelta(days=n), time.min, zone) for n in range(number))
    return np.array([round(day.timestamp() * 1000) for day in days], dtype=np.int64)


def _long(day: date) -> str:
    return f"{formats.date_format(day, 'l')}, {formats.date_format(day, 'MONTH_DAY_FORMAT')}"


def _bars(dates: list[date], minutes: list[int]) -> list[Spot]:
    bars = []
    for number, (day, ms) in enumerate(zip(dates, minutes, strict=True)):
        tick = formats.date_format(day, pgettext("date format", "j M")) if number % 7 == 0 else ""
        said = span(ms) if ms else _("nothing")
        bars.append(Spot(_long(day), ms / 60_000, said, f"{reverse('ingest:log')}?day={day.isoformat()}", tick))
    return bars


def _figures(counted: Counted, window: slice, before: slice | None, by_day: list[tuple[date, int]]) -> list[Figure]:
    ms = int(counted.ms[window].sum())
    plays = counted.ms[window].size
    hours = ms / HOUR_MS
    value, unit = (count(hours), _("h")) if hours >= 2 else (count(ms / 60_000), _("min"))
    stretch = "all" if before is None else "4w"
    log = f"{reverse('ingest:log')}?show=plays"
    tracks, artists = (f"{reverse('insights:top', args=[what])}?range={stretch}" for what in ("tracks", "artists"))
    first_time, stayed, leader, times = _artists(counted, window)
    label = (
        ngettext("artist heard for the first time", "artists heard for the first time", first_time)
        if before is not None
        else ngettext("artist", "artists", first_time)
    )
    return [
        Figure(count(plays), "", ngettext("play", "plays", plays), _than_before(counted, plays, before), log),
        Figure(value, unit, _("of listening"), _busiest(by_day), f"{tracks}&by=time"),
        Figure(count(first_time), "", label, _stayed(first_time, stayed, leader, times), artists),
    ]


def _than_before(counted: Counted, plays: int, before: slice | None) -> str:
    if before is None:
        return ""
    earlier = counted.ms[before].size
    if not earlier:
        return _("The four weeks before were silent.")
    more = plays - earlier
    if not more:
        return _("Exactly as many as in the four weeks before.")
    text = (
        _("%(n)s more than in the four weeks before.") if more > 0 else _("%(n)s fewer than in the four weeks before.")
    )
    return text % {"n": count(abs(more))}


def _busiest(by_day: list[tuple[date, int]]) -> str:
    """The weekday that most of the time fell on, if it stands out; else the longest day."""
    if not by_day:
        return ""
    weekdays = [0] * 7
    for day, ms in by_day:
        weekdays[day.weekday()] += ms
    total = sum(weekdays)
    best = max(range(7), key=lambda number: weekdays[number])
    if weekdays[best] >= 0.25 * total:
        share = round(100 * weekdays[best] / total)
        return _("%(weekday)s holds %(share)s%% of it.") % {"weekday": WEEKDAYS[best], "share": share}
    day, ms = max(by_day, key=lambda pair: pair[1])
    return _("The longest day was %(day)s: %(span)s.") % {"day": _long(day), "span": span(ms)}


def _artists(counted: Counted, window: slice) -> tuple[int, int, int, int]:
    """Artists met first in `window`; those of them heard on; and the artist heard most in it, and how often."""
    known = counted.known.copy()
    known[counted.artist[: window.start]] = True
    inside = np.bincount(counted.artist[window], minlength=known.size)
    inside[0] = 0
    fresh = np.where(known, 0, inside)
    leader = int(inside.argmax())
    return int((fresh > 0).sum()), int((fresh >= 5).sum()), leader if inside[leader] else 0, int(inside[leader])


def _stayed(first_time: int, stayed: int, leader: int, times: int) -> str:
    if stayed and first_time:
        text = ngettext(
            "%(n)s of them you heard five times or more.", "%(n)s of them you heard five times or more.", stayed
        )
        return text % {"n": count(stayed)}
    name = Artist.objects.filter(pk=leader).values_list("name", flat=True).first()
    if not name:
        return ""
    text = ngettext("%(name)s led, with %(n)s play.", "%(name)s led, with %(n)s plays.", times)
    return text % {"name": f"\u2068{name}\u2069", "n": count(times)}  # isolated: the name may run right to left
