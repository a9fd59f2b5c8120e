"""What was discovered, heard again, played over and over, and forgotten."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from typing import Any, Literal

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from accounts.api import within
from insights.actions.discoveries import Line, Past
from insights.analysis.rediscoveries import SILENCE_DAYS
from insights.api.asked import AUTH, Asked, Basis, Range

router = Router()


class Things(Range):
    """A range, what to look at, and which rows of the list."""

    what: Literal["artists", "tracks", "albums"] = "artists"
    start: int = Field(0, ge=0, description="rows passed over")
    limit: int = 50


class Silent(Things):
    silence: int = Field(SILENCE_DAYS, ge=1, le=99_999, description="days without a play, at least")


class ThingRow(Schema):
    id: int
    name: str
    artist: str | None = None


class NewOut(ThingRow):
    on: date = Field(..., description="the day of its first play")
    plays: int = Field(..., description="all since, also after the range")
    later_days: int
    stayed: bool


class NewStep(Schema):
    first: date
    last: date
    new: int
    keys: int = Field(..., description="different things heard, new or not")
    plays: int


class NewPage(Schema):
    basis: Basis
    history_from: date | None = Field(..., description="what is heard soon after it looks new")
    new: int
    keys: int = Field(..., description="different things heard, new or not")
    new_plays: int
    plays: int
    settled: int = Field(..., description="new ones that had a month to stay")
    stayed: int = Field(..., description="of these, heard on three later days or more")
    unit: str | None
    course: list[NewStep]
    items: list[NewOut]
    next: int | None = Field(None, description="give it as `start` to read on")


class ReturnOut(ThingRow):
    before: date = Field(..., description="the last day before the silence")
    on: date
    silent_days: int
    plays_before: int
    plays_since: int


class ObsessionOut(ThingRow):
    first: date = Field(..., description="of its seven strongest days")
    last: date
    plays: int = Field(..., description="in these days")
    share: float = Field(..., description="of all plays in them, 0 to 1")
    began: date
    ended: date


class FavouriteOut(ThingRow):
    year: int
    rank: int = Field(..., description="its place in that year")
    year_plays: int
    plays: int
    last_on: date
    silent_days: int = Field(..., description="up to today")


class Counted(Schema):
    basis: Basis
    count: int
    next: int | None = Field(None, description="give it as `start` to read on")


class ReturnPage(Counted):
    items: list[ReturnOut]


class ObsessionPage(Counted):
    items: list[ObsessionOut]


class FavouritePage(Counted):
    items: list[FavouriteOut]


@router.get("/discoveries", response=NewPage, auth=AUTH, summary="What was heard for the first time")
def new(request: HttpRequest, words: Query[Things]) -> dict[str, Any]:
    asked, past, size = _opened(request, words)
    if past.is_empty:
        counts = dict.fromkeys(("new", "keys", "new_plays", "plays", "settled", "stayed"), 0)
        return {"basis": asked.basis, "history_from": None, "unit": None, "course": [], "items": [], **counts}
    told = past.new(period=asked.period, start=words.start, size=size)
    items = [{**row, "stayed": line.row.stayed} for line, row in zip(told.lines, _told(told.lines), strict=True)]
    return {
        **asdict(told.found),
        "basis": asked.basis,
        "history_from": told.history_from,
        "unit": told.unit,
        "course": told.steps,
        "items": items,
        "next": _next(words.start, size, told.found.new),
    }


@router.get("/discoveries/again", response=ReturnPage, auth=AUTH, summary="What was heard again after a long silence")
def again(request: HttpRequest, words: Query[Silent]) -> dict[str, Any]:
    asked, past, size = _opened(request, words)
    if past.is_empty:
        return _listed(asked, words, size, 0, [])
    found, lines = past.returns(period=asked.period, silence_days=words.silence, start=words.start, size=size)
    return _listed(asked, words, size, found.keys, lines)


@router.get("/discoveries/obsessions", response=ObsessionPage, auth=AUTH, summary="What took over a week")
def obsessions(request: HttpRequest, words: Query[Things]) -> dict[str, Any]:
    asked, past, size = _opened(request, words)
    if past.is_empty:
        return _listed(asked, words, size, 0, [])
    found, lines = past.obsessions(period=asked.period, start=words.start, size=size)
    return _listed(asked, words, size, found.count, lines)


@router.get("/discoveries/forgotten", response=FavouritePage, auth=AUTH, summary="Favourites that fell silent")
def forgotten(request: HttpRequest, words: Query[Silent]) -> dict[str, Any]:
    asked, past, size = _opened(request, words)
    if past.is_empty:
        return _listed(asked, words, size, 0, [])
    found, lines = past.forgotten(period=asked.period, silence_days=words.silence, start=words.start, size=size)
    return _listed(asked, words, size, found.keys, lines)


def _opened(request: HttpRequest, words: Things) -> tuple[Asked, Past, int]:
    asked = Asked(request, words)
    return asked, Past(asked.reading, words.what, asked.today), within(words.limit)


def _listed(asked: Asked, words: Things, size: int, count: int, lines: Sequence[Line[Any]]) -> dict[str, Any]:
    return {
        "basis": asked.basis, "count": count, "items": _told(lines), "next": _next(words.start, size, count),
    }  # fmt: skip


def _told(lines: Sequence[Line[Any]]) -> list[dict[str, Any]]:
    return [
        {
            **asdict(line.row),
            "id": line.row.key,
            "name": line.item.name,
            "artist": getattr(getattr(line.item, "artist", None), "name", None),
        }
        for line in lines
    ]


def _next(start: int, size: int, count: int) -> int | None:
    return start + size if start + size < count else None
