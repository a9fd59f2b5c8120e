"""Cells coloured by value: a heatmap of rows and columns, a calendar of years."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from vibesite.charts import scales
from vibesite.charts.shapes import Day, Row

HEAT_STEPS = 6
DAY_STEPS = 4
CELL = 11  # px of a day
PITCH = 13  # px from one day to the next
LEFT, HEAD = 34, 20  # px for the weekdays' names, and for the months'
SPACIOUS = 8  # columns up to which a cell has room for its number
YEARS = 20
HEADROOM = 5  # columns that the name of a month and its year take
STRIP = timedelta(weeks=53)  # days within it are one strip, whatever years they are of
WIDE, NARROW = 480, 250  # px for the column labels, on a page and on a phone


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a heatmap: x and width in per cent, the rest in px; `level` None where nothing is known."""

    row: int
    column: int
    x: float
    y: float
    width: float
    height: float
    level: int | None


@dataclass(frozen=True, slots=True)
class Heatmap:
    height: float
    cells: list[Cell]
    numbered: bool  # cells are large enough for their number
    steps: tuple[int, int]  # of the column labels, on a page and on a phone


@dataclass(frozen=True, slots=True)
class DayCell:
    """A day: its index among the days given, its place in px within its year."""

    index: int
    x: int
    y: int
    level: int | None


@dataclass(frozen=True, slots=True)
class Year:
    """A block of weeks: a year, or a strip that begins in it."""

    year: int
    days: list[DayCell]
    absent: list[tuple[int, int]]  # places of the year's days that were not given
    months: list[tuple[date, int]]  # its first day here, and x of the column in which it begins


@dataclass(frozen=True, slots=True)
class Calendar:
    years: list[Year]  # newest first; a single one for a strip
    width: int
    height: int  # of one year
    left_out: int  # years older than those drawn
    is_strip: bool = False


def heatmap(rows: Sequence[Row], labels: Sequence[str]) -> Heatmap:
    """Cells for `rows` of one point for each of the columns' `labels`; levels are found over all of them."""
    columns = len(labels)
    found = scales.levels([point.value for row in rows for point in row.points[:columns]], HEAT_STEPS)
    numbered = columns <= SPACIOUS
    tall, width = (38.0 if numbered else 26.0), 100 / max(1, columns)
    cells, at = [], iter(found)
    for number, row in enumerate(rows):
        cells += [
            Cell(number, column, column * width, number * tall, width, tall, next(at))
            for column in range(min(columns, len(row.points)))
        ]
    longest = max((len(label) for label in labels), default=1)
    return Heatmap(len(rows) * tall, cells, numbered, scales.strides(columns, longest, WIDE, NARROW))


def calendar(days: Iterable[Day], *, week_starts_on: int = 1) -> Calendar:
    """Weeks as columns: one strip for what fits into `STRIP`, else one block per year, the newest `YEARS` of them.

    `week_starts_on` 1 (Monday) to 7; 0 means Monday too. Days in any order; of one date given twice, both are drawn,
    the later on top.
    """
    given = list(days)
    first = (week_starts_on or 1) - 1
    dates = [day.on for day in given]
    found = list(enumerate(zip(dates, scales.levels([day.value for day in given], DAY_STEPS), strict=True)))
    start, end = min(dates, default=date.min), max(dates, default=date.min)
    if end - start < STRIP:
        strip = _block(start, end, found, first)
        return Calendar([strip], LEFT + (1 + _week(end, start, first)[0]) * PITCH, HEAD + 7 * PITCH, 0, is_strip=True)
    by_year: dict[int, list] = {}
    for each in found:
        by_year.setdefault(each[1][0].year, []).append(each)
    kept = sorted(by_year, reverse=True)[:YEARS]
    years = [_block(date(year, 1, 1), date(year, 12, 31), by_year[year], first) for year in kept]
    return Calendar(years, LEFT + 54 * PITCH, HEAD + 7 * PITCH, len(by_year) - len(kept))


def _block(start: date, end: date, told: Iterable[tuple[int, tuple[date, int | None]]], first: int) -> Year:
    days = [DayCell(index, *_place(on, start, first), level) for index, (on, level) in told]
    taken = {(day.x, day.y) for day in days}
    whole = [start + timedelta(days=number) for number in range((end - start).days + 1)]
    places = [_place(on, start, first) for on in whole]
    months = [(on, x) for on, (x, _y) in zip(whole, places, strict=True) if on.day == 1]
    if not months or months[0][1] - LEFT >= HEADROOM * PITCH:
        months.insert(0, (start, LEFT))
    return Year(start.year, days, [place for place in places if place not in taken], months)


def _place(on: date, start: date, first: int) -> tuple[int, int]:
    """A day's x and y in px, in the block that begins with the week of `start`."""
    week, weekday = _week(on, start, first)
    return LEFT + week * PITCH, HEAD + weekday * PITCH


def _week(on: date, start: date, first: int) -> tuple[int, int]:
    return divmod((on - start).days + (start.weekday() - first) % 7, 7)
