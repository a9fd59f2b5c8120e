"""Celery's side of `insights`: ids in, one action each, harmless when run twice. It registers the handlers of jobs."""

from celery import shared_task
from django.utils import timezone

from insights import snapshot_jobs  # noqa: F401  (its handler)
from insights.actions import snapshot_care


@shared_task(name="insights.plan_snapshots")
def plan_snapshots(**_from_newer_code: object) -> int:
    """Hand out the snapshots of yesterday to those whose night it is, some persons a task."""
    groups = snapshot_care.due(now=timezone.now())
    for group in groups:
        take_snapshots.apply_async(kwargs={"user_ids": group}, queue="insights")
    return sum(map(len, groups))


@shared_task(name="insights.take_snapshots")
def take_snapshots(*, user_ids: list[int], **_from_newer_code: object) -> dict[str, int]:
    return snapshot_care.take_for(user_ids=user_ids, now=timezone.now())


@shared_task(name="insights.clean_snapshots")
def clean_snapshots(**_from_newer_code: object) -> dict[str, int]:
    """Tell whose snapshots grow old, and delete those that were told of in time."""
    return snapshot_care.clean(now=timezone.now())
