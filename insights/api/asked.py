"""What every figure of the API is asked for, and says that it rests on."""

from datetime import date
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Schema
from ninja.errors import HttpError

from accounts.api import may
from ingest import counts, lens
from ingest.api import Days, period_of, person

AUTH = may("read")


RULE: Any = Field(
    "", description="count by another rule than the person's own", json_schema_extra={"enum": ["", *counts.RULES]}
)


class Range(Days):
    """A stretch of time and a rule."""

    rule: str = RULE


class Counting(Schema):
    """What reads all history is asked for a rule alone."""

    rule: str = RULE

    @property
    def range(self) -> Range:
        return Range.model_validate({"rule": self.rule})


class Basis(Schema):
    """What the figures rest on."""

    first: date | None
    last: date | None
    time_zone: str
    rule: str = Field(..., description="what counts: vibesite, lastfm, listenbrainz, spotify, finished or own")


class Asked:
    """The words that every figure takes: a range and a rule."""

    def __init__(self, request: HttpRequest, words: Range) -> None:
        if words.rule and words.rule not in counts.RULES:
            raise HttpError(422, f"“rule” is one of {', '.join(counts.RULES)}; without it, the person's own counts.")
        user = person(request)
        name = words.range or ("custom" if words.first or words.to else "all")
        self.period = period_of(user, name, words.first, words.to)
        self.reading = lens.read(user, rule=words.rule)
        self.today = timezone.now().astimezone(user.zone).date()
        self.week_starts_on = user.week_starts_on

    @property
    def basis(self) -> dict[str, Any]:
        zone = self.period.zone.key
        rule = self.reading.lens.rule.name
        return {"first": self.period.first, "last": self.period.last, "time_zone": zone, "rule": rule}
