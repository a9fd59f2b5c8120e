"""When a person listens: the figures of one stretch of time, ready for charts."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils import dateformat
from django.utils.dates import WEEKDAYS, WEEKDAYS_ABBR
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from ingest import clock
from ingest.heard import Heard
from ingest.lens import Reading
from ingest.period import Period
from insights.analysis import time
from insights.points import Point, Row, amount, days_words, in_log, in_log_of

CALENDAR_DAYS = 371  # a calendar shows the last 53 weeks of a stretch: more cells cost more than a page may


@dataclass(frozen=True, slots=True)
class When:
    """One stretch of time. Points hold plays, or minutes where the person asked for time."""

    plays: int
    ms: int
    unit: time.Unit
    course: list[Point]
    rows: list[Row]  # of the heatmap
    blocks: list[str]  # its columns
    hours: list[Point]
    days: list[Point]  # of the calendar
    days_cut: bool  # whether the stretch is longer than the calendar
    active_days: int
    all_days: int
    most_active: time.Day | None
    most_active_href: str
    streaks: time.Streaks  # of all the person's history
    longest_href: str  # the plays of each run; empty without one
    current_href: str
    decades: list[Point]
    coverage: float | None  # share of plays whose year is known


def when(*, reading: Reading, period: Period, today: date, by_time: bool, blocks: int) -> When:
    """When the person listened in `period`; streaks look at all their history, so that none is cut by its ends."""
    week_starts_on, rule = reading.user.week_starts_on, reading.rule_asked
    whole = reading.heard().counted
    inside = whole.between(period.start_ms, period.end_ms)
    heard = whole if len(inside) == len(whole) else inside  # what was found for one is not looked for again
    first, last = time.bounds(heard, period.first, period.last, today)
    unit = time.unit_for(first, last)
    days = time.daily(heard, first, last)
    best = time.most_active(days)
    streaks = time.streaks(time.active_days(whole), today)
    decades = time.decades(heard)
    return When(
        plays=len(heard),
        ms=heard.total_ms,
        unit=unit,
        course=course_points(
            time.course(heard, unit=unit, first=first, last=last, week_starts_on=week_starts_on), unit, by_time, rule
        ),
        rows=grid_rows(time.grid(heard, blocks=blocks, week_starts_on=week_starts_on), by_time, period, rule),
        blocks=block_names(blocks),
        hours=_hours(heard, by_time, period, rule),
        days=_days(days, by_time, rule),
        days_cut=len(days.plays) > CALENDAR_DAYS,
        active_days=int((days.plays > 0).sum()),
        all_days=len(days.plays),
        most_active=best,
        most_active_href=in_log(best.on, best.on, rule=rule) if best else "",
        streaks=streaks,
        longest_href=_run_href(streaks.longest, rule),
        current_href=_run_href(streaks.current, rule),
        decades=[_decade(row, by_time) for row in decades.rows],
        coverage=decades.coverage,
    )


def _run_href(run: time.Run | None, rule: str) -> str:
    return in_log(run.first, run.last, rule=rule) if run else ""


def course_points(steps: Iterable[time.Step], unit: time.Unit, by_time: bool, rule: str) -> list[Point]:
    """What was heard in each step of a course."""
    day, month = pgettext("date format", "j M"), pgettext("date format", "M Y")
    label: Callable[[time.Step], str] = {
        "hour": lambda step: f"{step.hour:02}:00",
        "day": lambda step: dateformat.format(step.first, day),
        "week": lambda step: days_words(step.first, step.last),
        "month": lambda step: dateformat.format(step.first, month),
        "year": lambda step: str(step.first.year),
    }[unit]

    def point(step: time.Step) -> Point:
        value, text = amount(step.plays, step.ms, by_time=by_time)
        tick = dateformat.format(step.first, day) if unit == "week" else None
        span = "{}-{}".format(*step.span) if step.span else ""
        href = in_log(step.first, step.last, rule=rule, span=span) if step.plays else ""
        return Point(label(step), value, text, href, tick)

    return [point(step) for step in steps]


def grid_rows(grid: time.Grid, by_time: bool, period: Period, rule: str) -> list[Row]:
    """Each cell with the way to its plays."""
    cells = zip(grid.weekdays, grid.plays.tolist(), grid.ms.tolist(), strict=True)
    blocks = grid.plays.shape[1]
    size, names = 24 // blocks, block_names(blocks)

    def href(weekday: int, block: int) -> str:
        return in_log_of(period, weekday=weekday + 1, hour=block * size, until=(block + 1) * size, rule=rule)

    return [
        Row(
            str(WEEKDAYS_ABBR[weekday]),
            [
                Point(
                    f"{WEEKDAYS[weekday]}, {names[block]}",
                    *amount(plays[block], spent[block], by_time=by_time),
                    href(weekday, block) if plays[block] else "",
                )
                for block in range(blocks)
            ],
        )
        for weekday, plays, spent in cells
    ]


def block_names(blocks: int) -> list[str]:
    """“0–4”, “4–8” …; single hours by their number."""
    size = 24 // blocks
    return [str(hour) if size == 1 else f"{hour}–{hour + size}" for hour in range(0, 24, size)]


def _hours(heard: Heard, by_time: bool, period: Period, rule: str) -> list[Point]:
    plays, ms = (values.tolist() for values in time.around_the_clock(heard))
    return [
        Point(
            _("%(hour)s:00") % {"hour": hour},
            *amount(plays[hour], ms[hour], by_time=by_time),
            in_log_of(period, hour=hour, until=hour + 1, rule=rule) if plays[hour] else "",
        )
        for hour in range(24)
    ]


def _days(days: time.Daily, by_time: bool, rule: str) -> list[Point]:
    """The last days of the stretch, each with the way to its plays."""
    start = max(0, len(days.plays) - CALENDAR_DAYS)
    first, points = clock.day_of(days.first + start), []
    for number, (plays, ms) in enumerate(zip(days.plays[start:].tolist(), days.ms[start:].tolist(), strict=True)):
        on = first + timedelta(days=number)
        value, text = amount(plays, ms, by_time=by_time)
        points.append(Point(on.isoformat(), value, text, in_log(on, on, rule=rule) if plays else "", on=on))
    return points


def _decade(row: time.Decade, by_time: bool) -> Point:
    return Point(_("%(year)ss") % {"year": row.start}, *amount(row.plays, row.ms, by_time=by_time))
