"""When it was heard."""

from datetime import date
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema
from ninja.errors import HttpError
from pydantic import BaseModel, ConfigDict, PlainSerializer, WithJsonSchema

from insights.analysis import time as time_figures
from insights.api.asked import AUTH, Asked, Basis, Range

router = Router()


Day = Annotated[date, PlainSerializer(date.isoformat), WithJsonSchema({"type": "string", "format": "date"})]


class Step(BaseModel):
    """Not a `Schema`, which looks at each value a second time: there are thousands of days."""

    model_config = ConfigDict(from_attributes=True)

    first: Day
    last: Day
    hour: int | None = None
    plays: int
    ms: int


class Course(Schema):
    basis: Basis
    unit: str
    items: list[Step]


class Grid(Schema):
    basis: Basis
    weekdays: list[int] = Field(..., description="of the rows; 0 is Monday")
    plays: list[list[int]]
    ms: list[list[int]]


class Clock(Schema):
    basis: Basis
    plays: list[int]
    ms: list[int]


class RunOut(Schema):
    first: date
    last: date
    days: int


class StreaksOut(Schema):
    basis: Basis
    longest: RunOut | None
    current: RunOut | None


@router.get("/over-time", response=Course, auth=AUTH, summary="How much in each hour, day, week, month or year")
def over_time(
    request: HttpRequest,
    words: Query[Range],
    unit: Literal["", "hour", "day", "week", "month", "year"] = "",
) -> dict[str, Any]:
    asked = Asked(request, words)
    heard = asked.reading.heard(asked.period).counted
    first, last = time_figures.bounds(heard, asked.period.first, asked.period.last, asked.today)
    chosen = unit or time_figures.unit_for(first, last)
    if chosen == "hour" and (last - first).days > 31:
        raise HttpError(422, "Hours are told for up to 31 days: ask for a shorter range, or a longer unit.")
    steps = time_figures.course(heard, unit=chosen, first=first, last=last, week_starts_on=asked.week_starts_on)
    return {"basis": asked.basis, "unit": chosen, "items": steps}


@router.get("/heatmap", response=Grid, auth=AUTH, summary="Weekdays by hours")
def heatmap(
    request: HttpRequest,
    words: Query[Range],
    blocks: Literal["6", "24"] = "6",
) -> dict[str, Any]:
    asked = Asked(request, words)
    counted = asked.reading.heard(asked.period).counted
    grid = time_figures.grid(counted, blocks=int(blocks), week_starts_on=asked.week_starts_on)
    return {
        "basis": asked.basis, "weekdays": grid.weekdays, "plays": grid.plays.tolist(), "ms": grid.ms.tolist(),
    }  # fmt: skip


@router.get("/clock", response=Clock, auth=AUTH, summary="Hours of the day")
def clock(request: HttpRequest, words: Query[Range]) -> dict[str, Any]:
    asked = Asked(request, words)
    plays, ms = time_figures.around_the_clock(asked.reading.heard(asked.period).counted)
    return {"basis": asked.basis, "plays": plays.tolist(), "ms": ms.tolist()}


@router.get("/streaks", response=StreaksOut, auth=AUTH, summary="Days in a row")
def streaks(request: HttpRequest, words: Query[Range]) -> dict[str, Any]:
    asked = Asked(request, words)
    heard = asked.reading.heard(asked.period).counted
    found = time_figures.streaks(time_figures.active_days(heard), asked.today)
    return {"basis": asked.basis, "longest": found.longest, "current": found.current}
