"""From which years the music was."""

from datetime import date
from typing import Any

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from insights.actions import decades as action
from insights.analysis.decades import Step
from insights.api.asked import AUTH, Asked, Basis, Range

router = Router()


class DecadeOut(Schema):
    decade: int = Field(..., description="1990 stands for 1990 to 1999")
    plays: int
    ms: int


class DecadePart(Schema):
    first: date
    last: date
    known: int = Field(..., description="plays of albums whose year is known")
    unknown: int
    middle: int | None = Field(..., description="half of the known plays are of music of this year or older")
    items: list[DecadeOut]


class DecadesOut(Schema):
    basis: Basis
    unit: str
    total: DecadePart
    course: list[DecadePart]


@router.get("/decades", response=DecadesOut, auth=AUTH, summary="Plays by the decade of their album, over time")
def decades(request: HttpRequest, words: Query[Range]) -> dict[str, Any]:
    asked = Asked(request, words)
    found = action.counted(reading=asked.reading, period=asked.period, today=asked.today)

    def told(step: Step) -> dict[str, Any]:
        rows = zip(found.decades, step.plays, step.ms, strict=True)
        return {
            "first": step.first, "last": step.last, "known": step.known, "unknown": step.unknown,
            "middle": step.middle,
            "items": [{"decade": decade, "plays": plays, "ms": ms} for decade, plays, ms in rows],
        }  # fmt: skip

    return {
        "basis": asked.basis, "unit": found.unit, "total": told(found.total),
        "course": [told(step) for step in found.steps],
    }  # fmt: skip
