"""From which years a person's music was, ready for charts."""

from dataclasses import dataclass
from datetime import date

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from ingest.lens import Reading
from ingest.period import Period
from insights.analysis import decades, time
from insights.points import Point, Row, amount, days_words, in_log, in_log_of


@dataclass(frozen=True, slots=True)
class Course:
    """One line of a chart."""

    name: str
    points: list[Point]


@dataclass(frozen=True, slots=True)
class Decades:
    """One stretch of time."""

    plays: int
    coverage: float | None  # the share of plays whose year is known
    unknown: int
    unknown_url: str
    middle: int | None  # half of the plays are of music of this year or older
    unit: time.Unit
    shares: list[Point]  # all of the stretch, by decade
    columns: list[str]  # the steps of the course
    rows: list[Row]  # decades, the latest first: per cent of each step's plays, or of its time
    middles: list[Course]  # one line: how many years old the middle year of each step was; its words are the year


def course(*, reading: Reading, period: Period, today: date, by_time: bool) -> Decades:
    found, rule = counted(reading=reading, period=period, today=today), reading.rule_asked
    total, unit = found.total, found.unit
    return Decades(
        plays=total.known + total.unknown,
        coverage=found.coverage,
        unknown=total.unknown,
        unknown_url=in_log_of(period, released="0-0", rule=rule),
        middle=total.middle,
        unit=unit,
        shares=[
            Point(
                _name(decade),
                *amount(total.plays[n], total.ms[n], by_time=by_time),
                in_log_of(period, released=_years(decade), rule=rule) if total.plays[n] else "",
            )
            for n, decade in enumerate(found.decades)
        ],
        columns=[_column(step, unit) for step in found.steps],
        rows=[_row(found, n, by_time, rule) for n in reversed(range(len(found.decades)))],
        middles=[
            Course(
                "",
                [
                    Point(
                        _label(step, unit),
                        None if step.middle is None else max(0, step.last.year - step.middle),
                        str(step.middle or ""),
                        _in_step(step, rule),
                        _column(step, unit),
                    )
                    for step in found.steps
                ],
            )
        ],
    )


def counted(*, reading: Reading, period: Period, today: date) -> decades.Course:
    """The figures alone, in steps that fit the stretch."""
    heard = reading.heard(period).counted
    first, last = time.bounds(heard, period.first, period.last, today)
    unit = decades.unit_for(first, last)
    return decades.course(heard, unit=unit, first=first, last=last, week_starts_on=reading.user.week_starts_on)


def _row(found: decades.Course, n: int, by_time: bool, rule: str) -> Row:
    decade = found.decades[n]
    points = []
    for step in found.steps:
        part, whole = (step.ms[n], sum(step.ms)) if by_time else (step.plays[n], step.known)
        percent = round(100 * part / whole) if whole else None
        said = amount(step.plays[n], step.ms[n], by_time=by_time)[1]
        words = _("%(percent)s%%, %(said)s") % {"percent": percent, "said": said} if whole else ""
        href = in_log(step.first, step.last, released=_years(decade), rule=rule) if step.plays[n] else ""
        points.append(Point(f"{_name(decade)}, {_label(step, found.unit)}", percent, words, href))
    return Row(_name(decade), points)


def _in_step(step: decades.Step, rule: str) -> str:
    return in_log(step.first, step.last, rule=rule) if step.known else ""


def _name(decade: int) -> str:
    return _("%(year)ss") % {"year": decade}


def _years(decade: int) -> str:
    """For the log's address; the decade of year 0 has no known year in it."""
    return f"{max(decade, 1)}-{decade + 9}"


def _label(step: decades.Step, unit: time.Unit) -> str:
    if unit == "year":
        return str(step.first.year)
    if unit == "month":
        return formats.date_format(step.first, "YEAR_MONTH_FORMAT")
    return days_words(step.first, step.last)


def _column(step: decades.Step, unit: time.Unit) -> str:
    """Short words, as many columns stand side by side."""
    if unit == "year":
        return str(step.first.year)
    if unit == "month":
        return formats.date_format(step.first, pgettext("date format of little room", "M y"))
    return formats.date_format(step.first, pgettext("date format", "j M"))
