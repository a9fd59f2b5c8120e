"""Cells coloured by value: a heatmap of rows and columns, a calendar of years."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from vibesite.charts import scales
from vibesite.charts.shapes import Day, Row

HEAT_STEPS = 6
DAY_STEPS = 4
CELL = 11  # px of a day
PITCH = 13  # px from one day to the next
LEFT, HEAD = 34, 20  # px for the weekdays' names, and for the months'
SPACIOUS = 8  # columns up to which a cell has room for its number
YEARS = 20
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
    year: int
    days: list[DayCell]
    absent: list[tuple[int, int]]  # places of the year's days that were not given
    months: list[tuple[int, int]]  # number 1 to 12, and x of the column in which the month begins


@dataclass(frozen=True, slots=True)
class Calendar:
    years: list[Year]  # newest first
    width: int
    height: int  # of one year
    left_out: int  # years older than those drawn


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
    """One block per year, weeks as columns. `week_starts_on` 1 (Monday) to 7; 0 means Monday too.

    Days in any order; of one date given twice, both are drawn, the later on top. The newest `YEARS` years are drawn.
    """
    given = list(days)
    found = scales.levels([day.value for day in given], DAY_STEPS)
    first = (week_starts_on or 1) - 1
    by_year: dict[int, list[DayCell]] = {}
    shifts: dict[int, int] = {}
    for index, (day, level) in enumerate(zip(given, found, strict=True)):
        on = day.on
        if on.year not in shifts:
            shifts[on.year] = (date(on.year, 1, 1).weekday() - first) % 7
            by_year[on.year] = []
        by_year[on.year].append(DayCell(index, *_place(on, shifts[on.year]), level))
    kept = sorted(by_year, reverse=True)[:YEARS]
    years = [_year(year, by_year[year], shifts[year]) for year in kept]
    return Calendar(years, LEFT + 54 * PITCH, HEAD + 7 * PITCH, len(by_year) - len(kept))


def _year(year: int, days: list[DayCell], shift: int) -> Year:
    taken = {(day.x, day.y) for day in days}
    first = date(year, 1, 1).toordinal()
    whole = (_place(date.fromordinal(day), shift) for day in range(first, date(year, 12, 31).toordinal() + 1))
    months = [(month, _place(date(year, month, 1), shift)[0]) for month in range(1, 13)]
    return Year(year, days, [place for place in whole if place not in taken], months)


def _place(on: date, shift: int) -> tuple[int, int]:
    """A day's x and y in px; `shift` is how many days of its year's first week lie before the year."""
    week, weekday = divmod(on.timetuple().tm_yday - 1 + shift, 7)
    return LEFT + week * PITCH, HEAD + weekday * PITCH
