"""What was left early."""

from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Schema

from ingest import counts
from insights.actions.sessions import public
from insights.analysis import skips as skip_figures
from insights.api.asked import AUTH, Asked, Basis, Range

router = Router()


class RateOut(Schema):
    starts: int
    skips: int


class SkipsOut(Schema):
    basis: Basis
    below_ms: int
    overall: RateOut
    by_hour: list[RateOut]


@router.get("/skips", response=SkipsOut, auth=AUTH, summary="What was left early")
def skips(request: HttpRequest, words: Query[Range]) -> dict[str, Any]:
    asked = Asked(request, words)
    started = skip_figures.Started(public(asked.reading, asked.period))
    return {
        "basis": asked.basis,
        "below_ms": counts.skip_below_ms(),
        "overall": skip_figures.overall(started),
        "by_hour": skip_figures.by_hour(started),
    }
