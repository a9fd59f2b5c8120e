"""Snapshots under their first addresses, with sign-in: ingest, and the list of one's own."""

from typing import Any

from django.http import Http404, HttpRequest
from ninja import Field, Router, Schema

from accounts.api import may
from accounts.api_twins import TaskOut, task_of
from accounts.models import User
from ingest.api import person
from insights import snapshot_jobs
from insights.api.snapshots import Range, SnapshotOut, SnapshotPage, listed, snapshot

router = Router(tags=["twins"])


class Ingest(Schema):
    """What to take; without a range: all three."""

    time_range: Range | None = None
    user_id: int | None = Field(None, description="oneself; anybody else is not found")


@router.post("/ingest", response={202: TaskOut}, auth=may("import"), summary="Take snapshots of today")
def ingest(request: HttpRequest, asked: Ingest) -> tuple[int, dict[str, Any]]:
    """Queued at once. A token that has ended is refreshed first, and the newest plays are fetched."""
    user = _oneself(request, asked.user_id)
    ranges = [asked.time_range] if asked.time_range else []
    return 202, task_of(snapshot_jobs.start(user=user, ranges=ranges))


@router.get("/snapshots", response=SnapshotPage, auth=may("read"), summary="Snapshots, newest first")
def snapshots(
    request: HttpRequest,
    time_range: Range | None = None,
    user_id: int | None = None,
    before: str = "",
    limit: int = 50,
) -> dict[str, Any]:
    return listed(_oneself(request, user_id), kind=time_range, before=before, limit=limit)


router.add_api_operation(
    "/snapshots/{pk}", ["GET"], snapshot, response=SnapshotOut, auth=may("read"), summary="One snapshot"
)


def _oneself(request: HttpRequest, user_id: int | None) -> User:
    """The caller; Http404 where somebody else was asked for."""
    user = person(request)
    if user_id not in (None, user.pk):
        raise Http404
    return user
