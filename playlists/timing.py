"""When a clock in somebody's zone strikes next. Pure.

An hour that a clock change skips strikes when the clocks have jumped; one that comes twice strikes the first time.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_DAYS = 9  # looked at: a week, and what clock changes may swallow


def next_after(moment: datetime, zone: ZoneInfo, *, hour: int, weekday: int | None = None) -> datetime:
    """The first time after `moment` (aware) that it is `hour` o'clock in `zone`, in UTC.

    `weekday` is 1 for Monday to 7; None for any day. ValueError if the hour or the weekday is none.
    """
    if not 0 <= hour <= 23 or weekday not in (None, *range(1, 8)):
        raise ValueError(f"no such time: hour {hour}, weekday {weekday}")
    return next(at for at in _strikes(moment.astimezone(zone).date(), zone, hour, weekday) if at > moment)


def _strikes(today: date, zone: ZoneInfo, hour: int, weekday: int | None) -> Iterator[datetime]:
    # A day that a zone left out (Samoa, 30 December 2011) strikes with the day after it: begin a day early.
    for days in range(-1, _DAYS):
        day = today + timedelta(days=days)
        if weekday is None or day.isoweekday() == weekday:
            # fold=0: of two such hours the first; of none, the offset before the jump, which names the jump's end.
            yield datetime.combine(day, time(hour, fold=0), zone).astimezone(UTC)
