"""Dates as a person writes them in a rule: 1999, 1999-04, 1999-04-20, today, -30d, -6m, -1y.

All are days in the person's own zone; who asks gives `today` there.
"""

import re
from datetime import date, timedelta

_ISO = re.compile(r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?", re.ASCII)
_BACK = re.compile(r"-(\d{1,5})([dwmy])", re.ASCII)
TODAY = "today"


def is_date(text: str) -> bool:
    """Whether `resolve` understands it, today."""
    return resolve(text, date(2000, 1, 1)) is not None or bool(_BACK.fullmatch(text))


def resolve(text: str, today: date) -> date | None:
    """The day that is meant: a year or month is its first day; None for what is no date, or before the year 1."""
    if text == TODAY:
        return today
    if back := _BACK.fullmatch(text):
        return _back(today, int(back[1]), back[2])
    return parse(text)


def parse(text: str) -> date | None:
    """An absolute date, as precise as it is written; None for anything else."""
    found = _ISO.fullmatch(text)
    if not found:
        return None
    year, month, day = (int(part) if part else 1 for part in found.groups())
    try:
        return date(year, month, day)
    except ValueError:
        return None


def whole(text: str) -> date | None:
    """A full date, 1999-04-20; None for anything less."""
    return parse(text) if len(text) == 10 else None


def _back(today: date, number: int, unit: str) -> date | None:
    try:
        if unit in "dw":
            return today - timedelta(days=number * (7 if unit == "w" else 1))
        months = today.year * 12 + today.month - 1 - number * (12 if unit == "y" else 1)
        year, month = divmod(months, 12)
        following = date(year + (month == 11), month % 12 + 2 if month < 11 else 1, 1)
        last = (following - timedelta(days=1)).day
        return date(year, month + 1, min(today.day, last))
    except (ValueError, OverflowError):
        return None
