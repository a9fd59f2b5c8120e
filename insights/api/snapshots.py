"""Snapshots of listening: taken, listed, one by one."""

from datetime import date, datetime
from typing import Any

from django.db.models import Q
from django.http import HttpRequest
from ninja import Field, Router, Schema
from ninja.errors import HttpError

from accounts.access import get_owned
from accounts.api import JobOut, may, within
from accounts.models import Job, User
from ingest.api import person
from insights import snapshot_jobs
from insights.models import ListeningSnapshot

router = Router(tags=["snapshots"])
Range = ListeningSnapshot.Range


class Wish(Schema):
    """What to take. Without ranges: all three."""

    ranges: list[Range] = []
    past: bool = Field(False, description="also of each week of the last year, from the plays that are known by now")


class FeatureOut(Schema):
    """One audio feature over the plays of which it is known, each play weighing alike."""

    mean: float
    spread: float = Field(..., description="standard deviation")
    min: float
    max: float
    plays: int
    tracks: int = Field(..., description="distinct tracks that it rests on")


class GenreOut(Schema):
    id: int
    name: str
    plays: int
    share: float = Field(..., description="of the ten biggest together")


class PartOut(Schema):
    plays: int
    ms: int
    share: float | None


class SnapshotOut(Schema):
    """One person's listening in the stretch that ends with the day `on`. Shares are from 0 to 1."""

    id: int
    on: date
    first: date
    range: Range
    taken_at: datetime
    version: int = Field(..., description="of the computation")
    zone: str
    rule: str = Field(..., description="what counted as a play")
    plays: int
    ms: int
    days: int
    tracks: int
    artists: int
    albums: int
    features: dict[str, FeatureOut]
    moods: dict[str, float | None] = Field(..., description="shares of the plays whose moods are known, and how many")
    genres: list[GenreOut]
    diversity: dict[str, float | None] = Field(..., description="artists (of 50), genres (entropy), repeats")
    hours: dict[str, PartOut] = Field(..., description="morning from 5, afternoon from 12, evening from 17, night 22")
    hipster: dict[str, Any]
    coverage: dict[str, float | None]
    sources: dict[str, list[str]] = Field(..., description="the providers that told features and genres")
    top: dict[str, list[dict[str, int]]]


class SnapshotPage(Schema):
    items: list[SnapshotOut]
    next: str | None = Field(None, description="give it as `before` to read on")


_PARTS = ("features", "moods", "diversity", "hipster", "coverage", "sources", "top")


def told(row: ListeningSnapshot) -> dict[str, Any]:
    """One snapshot as the API says it."""
    columns = ("id", "on", "first", "range", "taken_at", "version", "zone", "rule", "plays", "ms", "days", "tracks",
               "artists", "albums")  # fmt: skip
    parts = {name: row.part(name) for name in _PARTS} | {"hours": row.hours}
    return {name: getattr(row, name) for name in columns} | parts | {"genres": row.figures.get("genres", [])}


def listed(user: User, *, kind: str | None, before: str, limit: int) -> dict[str, Any]:
    """A page of a person's snapshots, newest first."""
    rows = ListeningSnapshot.objects.of(user)
    if kind:
        rows = rows.filter(range=kind)
    if before:
        day, _space, last = before.partition("~")
        try:
            on = date.fromisoformat(day)
        except ValueError:
            raise HttpError(422, "“before” is no place in the list: give what the last page named as “next”.") from None
        rows = rows.filter(Q(on__lt=on) | Q(on=on, range__gt=last))
    found = list(rows.order_by("-on", "range")[: within(limit) + 1])
    page = found[: within(limit)]
    more = f"{page[-1].on.isoformat()}~{page[-1].range}" if len(found) > len(page) else None
    return {"items": [told(row) for row in page], "next": more}


@router.get("", response=SnapshotPage, auth=may("read"), summary="Snapshots, newest first")
def snapshot_list(request: HttpRequest, range: Range | None = None, before: str = "", limit: int = 50) -> Any:
    return listed(person(request), kind=range, before=before, limit=limit)


@router.post("", response={202: JobOut}, auth=may("import"), summary="Take snapshots of today")
def take(request: HttpRequest, wish: Wish) -> tuple[int, Job]:
    """Queued at once; follow it by `GET /jobs/{id}`. A second wish for the same joins the first."""
    return 202, snapshot_jobs.start(user=person(request), ranges=wish.ranges, past=wish.past)


@router.get("/{pk}", response=SnapshotOut, auth=may("read"), summary="One snapshot")
def snapshot(request: HttpRequest, pk: int) -> dict[str, Any]:
    return told(get_owned(request.user, ListeningSnapshot, pk))
