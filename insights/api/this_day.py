"""The same date in every year."""

import re
from datetime import date, datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema
from pydantic import BeforeValidator

from insights.actions import this_day as action
from insights.api.asked import AUTH, Asked, Basis, Counting

router = Router()


def _written_out(told: Any) -> Any:
    """Pydantic would take a number for seconds since 1970."""
    if isinstance(told, str) and not re.fullmatch(r"\d{4}-\d\d-\d\d", told):
        raise ValueError("write it as 2024-03-31")
    return told


class Dated(Counting):
    """A date and a rule."""

    day: Annotated[date | None, BeforeValidator(_written_out)] = Field(
        None, ge=date(1970, 1, 1), le=date(9998, 12, 31), description="today without one"
    )


class MostOut(Schema):
    id: int
    name: str
    artist: str | None
    plays: int


class DayOut(Schema):
    on: date
    stands_in: bool = Field(..., description="28 February for a 29th that this year has not")
    years_ago: int
    plays: int
    ms: int
    artists: int
    first_at: datetime
    most: list[MostOut]


class DaysOut(Schema):
    basis: Basis
    day: date
    items: list[DayOut] = Field(..., description="the latest year first; years without a play are left out")


@router.get("/on-this-day", response=DaysOut, auth=AUTH, summary="What was heard on a date in every year")
def on_this_day(request: HttpRequest, words: Query[Dated]) -> dict[str, Any]:
    asked = Asked(request, words.range)
    day = words.day or asked.today
    items = [
        {
            "on": each.then.on,
            "stands_in": each.then.stands_in,
            "years_ago": each.years_ago,
            "plays": each.then.plays,
            "ms": each.then.ms,
            "artists": each.then.artists,
            "first_at": each.first_at,
            "most": [
                {"id": most.track.pk, "name": most.track.name, "artist": getattr(most.track.artist, "name", None),
                 "plays": most.plays}
                for most in each.most
            ],
        }
        for each in action.years(reading=asked.reading, on=day, today=asked.today)
    ]  # fmt: skip
    return {"basis": asked.basis, "day": day, "items": items}
