"""Stretches of a person's time, from the words in an address to half-open moments. Pure."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

NAMED = ("today", "week", "month", "4w", "3m", "6m", "1y", "year", "all")
_DAYS = {"4w": 28, "3m": 91, "6m": 183, "1y": 365}
_EARLIEST, _LATEST = 1970, 9998
# What a range and a date look like, for descriptions.
_YEAR, _MONTH = r"(19[7-9]\d|[2-9]\d{3})", "-(0[1-9]|1[0-2])"
PATTERN = f"^({'|'.join(NAMED)}|custom|{_YEAR}({_MONTH})?)?$"
DAY_PATTERN = rf"^({_YEAR}{_MONTH}-(0[1-9]|[12]\d|3[01]))?$"


class BadPeriod(ValueError):
    """The words name no stretch of time; the message says what to write instead."""


@dataclass(frozen=True, slots=True)
class Period:
    """Local days `first` to `last`, both included; None is open on that side. `name` is the word in the address."""

    name: str
    first: date | None
    last: date | None
    zone: ZoneInfo

    @property
    def start_ms(self) -> int | None:
        """The first moment inside, in milliseconds since 1970 UTC; None without a first day."""
        return None if self.first is None else midnight_ms(self.first, self.zone)

    @property
    def end_ms(self) -> int | None:
        """The first moment after, in milliseconds since 1970 UTC; None without a last day."""
        if self.last is None or self.last == date.max:
            return None
        return midnight_ms(self.last + timedelta(days=1), self.zone)

    @property
    def days(self) -> int | None:
        """Local days from the first to the last; None if a side is open."""
        return None if self.first is None or self.last is None else (self.last - self.first).days + 1

    @property
    def query(self) -> str:
        """The words for an address, so that a page can be kept and shared."""
        if self.name == "custom":
            ends = {"from": self.first, "to": self.last}
            return "&".join(["range=custom", *(f"{key}={day.isoformat()}" for key, day in ends.items() if day)])
        return f"range={self.name}"

    @property
    def before(self) -> "Period | None":
        """The stretch of the same length that ends where this begins; a calendar year or month has the one before.

        None where a side is open, and before 1970.
        """
        if self.first is None or self.last is None:
            return None
        year, month = (self.first, _next_year), (self.first, _next_month)
        for (start, following), back in ((year, _year_before), (month, _month_before)):
            if _starts_one(start, following) and following(start) - timedelta(days=1) == self.last:
                return self._custom(back(start), start - timedelta(days=1))
        before = self.first - timedelta(days=1)
        long = self.last - self.first
        return self._custom(before - long, before) if before - date.min >= long else None

    @property
    def year_ago(self) -> "Period | None":
        """The same dates one year earlier ("same time last year"); None where a side is open, and before 1970."""
        if self.first is None or self.last is None:
            return None
        return self._custom(_same_day(self.first, -1), _same_day(self.last, -1))

    def _custom(self, first: date, last: date) -> "Period | None":
        return replace(self, name="custom", first=first, last=last) if first.year >= _EARLIEST else None


def parse(
    name: str, *, first: str = "", last: str = "", today: date, zone: ZoneInfo, week_starts_on: int = 1
) -> Period:
    """The period that an address names; `today` is the person's local date, `week_starts_on` 1 (Monday) to 7.

    Words: `today`, `week` and `month` (the present ones), `4w` (28 days to today), `3m` (91), `6m` (183), `1y` (365),
    `year` (this calendar year), `all`, a year such as `2024`, a month such as `2024-03`, or `custom` with ISO dates.
    Raises BadPeriod.
    """
    if name in _DAYS:
        return Period(name, today - timedelta(days=_DAYS[name] - 1), today, zone)
    if name == "custom":
        start, end = _day(first), _day(last)
        if start and end and start > end:
            start, end = end, start
        return Period(name, start, end, zone)
    found = _calendar(name, today, week_starts_on)
    if found is None:
        raise BadPeriod(
            f"“{name}” is no range: use {', '.join(NAMED)}, a year such as 2024, a month such as 2024-03, "
            "or custom with from and to."
        )
    return Period(name, *found, zone)


def midnight_ms(day: date, zone: ZoneInfo) -> int:
    """The first moment of a local day, also where a clock change skips midnight; milliseconds since 1970 UTC."""
    return round(datetime.combine(day, time.min, zone).timestamp() * 1000)


def _calendar(name: str, today: date, week_starts_on: int) -> tuple[date | None, date | None] | None:
    if name == "all":
        return None, None
    if name == "today":
        return today, today
    if name == "week":
        start = today - timedelta(days=(today.isoweekday() - week_starts_on) % 7)
        return start, start + timedelta(days=6)
    if name == "month":
        return today.replace(day=1), _next_month(today.replace(day=1)) - timedelta(days=1)
    if name == "year":
        return date(today.year, 1, 1), date(today.year, 12, 31)
    parts = name.split("-")
    if not all(part.isascii() and part.isdigit() for part in parts) or [len(part) for part in parts] not in (
        [4],
        [4, 2],
    ):
        return None
    year = int(parts[0])
    if not _EARLIEST <= year <= _LATEST:
        return None
    if len(parts) == 1:
        return date(year, 1, 1), date(year, 12, 31)
    if not 1 <= int(parts[1]) <= 12:
        return None
    start = date(year, int(parts[1]), 1)
    return start, _next_month(start) - timedelta(days=1)


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError as exc:
        raise BadPeriod(f"“{text}” is no date: write it as 2024-03-31.") from exc
    if not _EARLIEST <= day.year <= _LATEST:
        raise BadPeriod(f"“{text}” is outside the years {_EARLIEST} to {_LATEST}.")
    return day


def _starts_one(day: date, following: Callable[[date], date]) -> bool:
    return day.day == 1 and (following is not _next_year or day.month == 1)


def _next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def _next_year(day: date) -> date:
    return day.replace(year=day.year + 1)


def _month_before(day: date) -> date:
    return (day - timedelta(days=1)).replace(day=1)


def _year_before(day: date) -> date:
    return day.replace(year=day.year - 1)


def _same_day(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February
        return day.replace(year=day.year + years, day=28)


def first_day(text: str) -> date | None:
    """The first day of a date that is as precise as known (1998, 1998-04, 1998-04-20); None for what is none."""
    parts = text.split("-")
    if len(parts) > 3 or not all(part.isascii() and part.isdecimal() for part in parts):
        return None
    try:
        return date(*(int(part) for part in (*parts, "1", "1")[:3]))
    except ValueError:
        return None
