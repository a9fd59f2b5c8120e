"""One date in every year of a person's history, with its tracks."""

from dataclasses import dataclass
from datetime import date, datetime

from accounts.fields import from_ms
from ingest.lens import Reading
from ingest.models import Track
from insights.actions import top
from insights.analysis import this_day
from insights.points import in_log, number


@dataclass(frozen=True, slots=True)
class Most:
    """A track of the day, how often it was played, and these plays."""

    track: Track
    plays: int
    plays_url: str
    page: str


@dataclass(frozen=True, slots=True)
class Day:
    """One year's day."""

    then: this_day.Then
    years_ago: int
    most: list[Most]
    plays_url: str

    @property
    def first_at(self) -> datetime:
        return from_ms(self.then.first_ms)

    @property
    def said(self) -> str:
        return number(self.then.plays)


def years(*, reading: Reading, on: date, today: date) -> list[Day]:
    """`on` and the same date in each earlier year, as far as there are plays, the latest first."""
    found, rule = this_day.years(reading.heard().counted, on), reading.rule_asked
    items = top.named(reading.user, "tracks", sorted({most.key for then in found for most in then.most}))
    return [
        Day(
            then=then,
            years_ago=today.year - then.on.year,
            most=[
                Most(
                    items[most.key],
                    most.plays,
                    in_log(then.on, then.on, track=str(most.key), rule=rule),
                    top.page_of(items[most.key]),
                )
                for most in then.most
                if most.key in items
            ],
            plays_url=in_log(then.on, then.on, rule=rule),
        )
        for then in found
    ]
