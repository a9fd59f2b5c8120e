"""Two stretches of time, side by side."""

from dataclasses import asdict
from datetime import date
from typing import Any, Literal

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema
from ninja.errors import HttpError

from ingest.api import period_of, person
from ingest.heard import What
from ingest.period import DAY_PATTERN, Period
from insights.actions import compare as action
from insights.api.asked import AUTH, Asked, Basis, Range

router = Router()


class Beside(Range):
    """A range, and what it is compared with."""

    what: Literal["tracks", "artists", "albums"] = "artists"
    vs: Literal["before", "year", "custom"] = Field(
        "before", description="the stretch before, the same dates a year ago, or those of vs_from and vs_to"
    )
    vs_from: str = Field("", json_schema_extra={"pattern": DAY_PATTERN})
    vs_to: str = Field("", json_schema_extra={"pattern": DAY_PATTERN})


class TotalsOut(Schema):
    plays: int
    ms: int
    tracks: int
    artists: int
    albums: int
    days: int


class ChangeOut(Schema):
    id: int
    name: str
    plays: int
    then: int
    gain: float = Field(..., description="by how much its share of all plays changed, -1 to 1")


class Stretch(Schema):
    first: date | None
    last: date | None


class Compared(Schema):
    basis: Basis
    other: Stretch
    now: TotalsOut
    then: TotalsOut
    entries: list[ChangeOut]
    risers: list[ChangeOut]
    fallers: list[ChangeOut]
    leavers: list[ChangeOut]


@router.get("/compare", response=Compared, auth=AUTH, summary="Two stretches of time, side by side")
def compare(request: HttpRequest, words: Query[Beside]) -> dict[str, Any]:
    asked = Asked(request, words)
    other = _other(request, asked.period, words)
    if other is None:
        raise HttpError(422, "There is nothing before this range: choose one with both ends, or “vs=custom”.")
    what: What = words.what
    found = action.compared(asked.reading, what, asked.period, other)
    groups: dict[str, Any] = {
        str(name): [
            {"id": row.change.key, "name": row.item.name, "plays": row.change.plays, "then": row.change.then,
             "gain": row.change.gain}
            for row in rows
        ]
        for name, rows in found.groups.items()
    }  # fmt: skip
    ends = {"first": other.first, "last": other.last}
    return {"basis": asked.basis, "other": ends, "now": asdict(found.now), "then": asdict(found.then), **groups}


def _other(request: HttpRequest, period: Period, words: Beside) -> Period | None:
    """The other stretch; None if there is none of the kind. Raises BadPeriod."""
    if words.vs == "custom":
        return period_of(person(request), "custom", words.vs_from, words.vs_to)
    return period.year_ago if words.vs == "year" else period.before
