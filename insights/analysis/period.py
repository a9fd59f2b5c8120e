"""Stretches of a person's time, from the words in an address to half-open moments. Pure."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

NAMED = ("4w", "6m", "1y", "year", "all")


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
        return None if self.first is None else _midnight_ms(self.first, self.zone)

    @property
    def end_ms(self) -> int | None:
        """The first moment after, in milliseconds since 1970 UTC; None without a last day."""
        return (
            None
            if self.last is None or self.last == date.max
            else _midnight_ms(self.last + timedelta(days=1), self.zone)
        )

    @property
    def query(self) -> str:
        """The words for an address, so that a page can be kept and shared."""
        if self.name == "custom":
            ends = {"from": self.first, "to": self.last}
            return "&".join(["range=custom", *(f"{key}={day.isoformat()}" for key, day in ends.items() if day)])
        return f"range={self.name}"


def parse(name: str, *, first: str = "", last: str = "", today: date, zone: ZoneInfo) -> Period:
    """The period that an address names; `today` is the person's local date.

    Words: `4w` (28 days to today), `6m` (183), `1y` (365), `year` (this calendar year), `all`, a year such as `2024`,
    or `custom` with ISO dates. Raises BadPeriod.
    """
    days = {"4w": 28, "6m": 183, "1y": 365}
    if name in days:
        return Period(name, today - timedelta(days=days[name] - 1), today, zone)
    if name == "all":
        return Period(name, None, None, zone)
    if name == "year":
        return Period(name, date(today.year, 1, 1), date(today.year, 12, 31), zone)
    if len(name) == 4 and name.isascii() and name.isdigit() and 1970 <= int(name) <= 9998:
        return Period(name, date(int(name), 1, 1), date(int(name), 12, 31), zone)
    if name == "custom":
        start, end = _day(first), _day(last)
        if start and end and start > end:
            start, end = end, start
        return Period(name, start, end, zone)
    raise BadPeriod(
        f"“{name}” is no range: use 4w, 6m, 1y, year, all, a year such as 2024, or custom with from and to."
    )


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError as exc:
        raise BadPeriod(f"“{text}” is no date: write it as 2024-03-31.") from exc
    if not 1970 <= day.year <= 9998:
        raise BadPeriod(f"“{text}” is outside the years 1970 to 9998.")
    return day


def _midnight_ms(day: date, zone: ZoneInfo) -> int:
    """The first moment of a local day, also where a clock change skips midnight."""
    return round(datetime.combine(day, time.min, zone).timestamp() * 1000)
