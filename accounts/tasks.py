"""Celery's side of `accounts`: ids in, one action each, harmless when run twice."""

from celery import shared_task
from django.utils import timezone

from accounts import jobs_depart  # noqa: F401  (its handler)


@shared_task(name="accounts.run_job")
def run_job(*, job_id: int, **_from_newer_code: object) -> None:
    from accounts import job_run

    job_run.run(job_id=job_id)


@shared_task(name="accounts.reap_jobs")
def reap_jobs(**_from_newer_code: object) -> dict[str, int]:
    from accounts import reaper

    return reaper.reap(now=timezone.now())


@shared_task(name="accounts.forget_old_jobs")
def forget_old_jobs(**_from_newer_code: object) -> int:
    from accounts import reaper

    return reaper.forget_old(now=timezone.now())


@shared_task(name="accounts.refresh_tokens", ignore_result=True)
def refresh_tokens(**_from_newer_code: object) -> int:
    """Every half hour: one task per connection that needs care, so that a slow one delays nobody."""
    from accounts.actions import care, hand_over

    now = timezone.now()
    for key in hand_over.waiting().values_list("pk", flat=True):
        hand_over.send(key)
    keys = care.due(now)
    for key in keys:
        look_after_connection.apply_async(kwargs={"connection_id": key}, queue="live")
    care.remind(now)
    return len(keys)


@shared_task(name="accounts.look_after_connection", ignore_result=True)
def look_after_connection(*, connection_id: int, **_from_newer_code: object) -> None:
    from accounts.actions import care
    from accounts.models import SpotifyConnection

    connection = SpotifyConnection.objects.select_related("app", "user").filter(pk=connection_id).first()
    if connection is not None:  # else disconnected since it was queued
        care.look_after(connection=connection, now=timezone.now())


@shared_task(name="accounts.check_tokens", ignore_result=True)
def check_tokens(*, connection_id: int, **_from_newer_code: object) -> None:
    """Ask Spotify whose tokens a program stored."""
    from accounts.actions import hand_over

    hand_over.check(connection_id=connection_id, now=timezone.now())
