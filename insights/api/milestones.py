"""The marks of a listening life."""

from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from ingest.api import TrackOut
from insights.actions import milestones as action
from insights.analysis.milestones import PACE_DAYS
from insights.api.asked import AUTH, Asked, Basis, Counting
from insights.api.time import RunOut

router = Router()


class MarkOut(Schema):
    kind: str = Field(..., description="plays, hours or artists so far; or year: the first play of one")
    number: int
    at: datetime = Field(..., description="when the play that reached it began")
    on: date = Field(..., description="its local day")
    track: TrackOut | None


class AheadOut(Schema):
    number: int
    left: int
    per_day: float
    pace_days: int = Field(..., description="of how many days this pace is, up to today")
    on: date | None = Field(..., description="when this pace gets there; null: never")


class BiggestOut(Schema):
    on: date
    plays: int
    ms: int


class LongestOut(Schema):
    started_at: datetime
    ms: int = Field(..., description="from its first note to its last")


class MarksOut(Schema):
    basis: Basis
    items: list[MarkOut] = Field(..., description="the latest first")
    ahead: AheadOut | None = Field(..., description="the next round number of plays")
    biggest_day: BiggestOut | None
    longest_session: LongestOut | None
    longest_streak: RunOut | None


@router.get("/milestones", response=MarksOut, auth=AUTH, summary="Round numbers, firsts, longest and biggest")
def milestones(request: HttpRequest, words: Query[Counting]) -> dict[str, Any]:
    asked = Asked(request, words.range)
    found = action.reached(reading=asked.reading, today=asked.today)
    ahead, longest = found.ahead, found.longest
    return {
        "basis": asked.basis,
        "items": [
            {"kind": mark.mark.kind, "number": mark.mark.number, "at": mark.at, "on": mark.on, "track": mark.track}
            for _year, those in found.years
            for mark in those
        ],
        "ahead": ahead and {
            "number": ahead.number, "left": ahead.left, "per_day": ahead.per_day, "pace_days": PACE_DAYS,
            "on": ahead.on,
        },
        "biggest_day": found.biggest,
        "longest_session": longest and {"started_at": longest.at, "ms": longest.ms},
        "longest_streak": found.streak,
    }  # fmt: skip
