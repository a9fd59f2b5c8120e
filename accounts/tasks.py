"""Celery's side of `accounts`: ids in, one action each, harmless when run twice."""

from celery import shared_task
from django.utils import timezone


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
