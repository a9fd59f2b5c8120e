"""How much was heard, and what most."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

import numpy as np
from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from accounts.api import within
from accounts.fields import from_ms
from ingest.heard import What
from insights.actions import top as tops
from insights.actions.sessions import public
from insights.analysis.top import Kind, Measure
from insights.api.asked import AUTH, Asked, Basis, Range

router = Router()


class Summary(Schema):
    basis: Basis
    plays: int
    ms: int
    tracks: int
    artists: int
    albums: int
    skips: int = Field(..., description="music left early, as /skips tells it: private sessions apart")
    not_counted: int = Field(..., description="music in the range that is no play by the rule")
    first_at: datetime | None
    last_at: datetime | None


class TopLine(Schema):
    rank: int
    moved: int | None = Field(None, description="places gained since the range before; null: was not in it")
    id: int
    name: str
    artist: str | None = None
    plays: int
    ms: int
    days: int | None = None
    share: float


class Top(Schema):
    basis: Basis
    keys: int = Field(..., description="how many there are in all")
    items: list[TopLine]


@router.get("/summary", response=Summary, auth=AUTH, summary="How much was heard")
def summary(request: HttpRequest, words: Query[Range]) -> dict[str, Any]:
    asked = Asked(request, words)
    heard = asked.reading.heard(asked.period)
    counted = heard.counted
    whats: tuple[What, ...] = ("tracks", "artists", "albums")
    return {
        "basis": asked.basis,
        "plays": len(counted),
        "ms": counted.total_ms,
        **{what: int(np.count_nonzero(counted.plays_of(what))) for what in whats},
        "skips": int(public(asked.reading, asked.period).skips.sum()),
        "not_counted": len(heard) - len(counted),
        "first_at": from_ms(int(counted.started[0])) if len(counted) else None,
        "last_at": from_ms(int(counted.started[-1])) if len(counted) else None,
    }


@router.get("/top/{what}", response=Top, auth=AUTH, summary="What was heard most")
def top(
    request: HttpRequest,
    what: Kind,
    words: Query[Range],
    by: Measure = "plays",
    start: int = 0,
    limit: int = 50,
) -> dict[str, Any]:
    asked = Asked(request, words)
    found = tops.listing(
        reading=asked.reading, what=what, period=asked.period, by=by, start=max(0, start), size=within(limit)
    )
    items = [
        {
            **asdict(line.ranked),
            "moved": line.ranked.moved,
            "id": line.ranked.key,
            "name": getattr(line.item, "name", ""),
            "artist": getattr(getattr(line.item, "artist", None), "name", None),
        }
        for line in found.lines
    ]
    return {"basis": asked.basis, "keys": found.keys, "items": items}
