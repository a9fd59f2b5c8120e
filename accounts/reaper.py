"""What nobody looks after any more: jobs whose worker died, whose message was lost, whose time has come, or which are
old news. Run by beat every few seconds; any number of reapers may run at once."""

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext as _

from accounts import job_run, jobs, process
from accounts.models import Job

logger = logging.getLogger(__name__)

SEND_AGAIN_AFTER = timedelta(seconds=60)  # a waiting job's message is then taken for lost; the wait doubles each time
SILENT_BUT_ALIVE = 5  # times JOB_LOST_AFTER: a process of this host that runs but cannot reach the database
KEEP_FINISHED = timedelta(days=30)
BATCH = 500


def reap(*, now: datetime) -> dict[str, int]:
    """Take back lost jobs, send waiting ones again; counts of each."""
    return {"taken_back": _take_back_lost(now), "sent": _send_due(now)}


def _take_back_lost(now: datetime) -> int:
    taken = 0
    for job in Job.objects.filter(state=Job.State.RUNNING).order_by("heartbeat_at")[:BATCH]:
        dead = process.is_dead(job.worker.partition("#")[0])
        heard = job.heartbeat_at or job.started_at or job.created_at
        patience = settings.JOB_LOST_AFTER * (SILENT_BUT_ALIVE if dead is False else 1)
        if dead or now - heard > patience:
            taken += take_back(job, now=now)
    return taken


def take_back(job: Job, *, now: datetime, wait: bool = True) -> int:
    """Give a lost run's job back to the queue, or end it if its attempts are spent. 0 if it was heard of meanwhile.

    `wait` backs off first, as after any failed attempt; without it the job may be claimed at once.
    """
    with translation.override(jobs.language_of(job)):
        changes = _changes(job, now=now, wait=wait)
    same_run = Job.objects.filter(pk=job.pk, state=Job.State.RUNNING, worker=job.worker, heartbeat_at=job.heartbeat_at)
    taken = same_run.update(**changes)
    if taken:
        logger.warning("job %s (%s) lost its worker %s: now %s", job.pk, job.kind, job.worker, changes["state"])
    return taken


def _changes(job: Job, *, now: datetime, wait: bool) -> dict[str, object]:
    changes: dict[str, object] = {"traceback": f"The worker {job.worker} was lost, last heard of {job.heartbeat_at}."}
    if job.cancel_requested:
        changes |= {"state": Job.State.CANCELLED, "finished_at": now, "message": _("Stopped, as you asked.")}
    elif job.attempts >= job.max_attempts:
        changes |= {"state": Job.State.FAILED, "finished_at": now, "error": job_run.spent(job)}
    else:
        changes |= {
            "state": Job.State.QUEUED,
            "not_before": now + (job_run.backoff(job.attempts) if wait and job.attempts > 1 else timedelta()),
            "dispatched_at": None,
            "message": _("Interrupted; it goes on from where it was."),
        }
    return changes


def _send_due(now: datetime) -> int:
    sent = 0
    due = Q(not_before=None) | Q(not_before__lte=now)
    for job in Job.objects.filter(due, state=Job.State.QUEUED).order_by("id")[:BATCH]:
        if _message_is_missing(job, now):
            sent += jobs.dispatch(job, now=now)
    return sent


def _message_is_missing(job: Job, now: datetime) -> bool:
    """Never sent since it became due, or sent so long ago that the message is likely lost.

    The wait doubles with each sending, so a long queue is not filled with copies; a copy too many does no harm.
    """
    became_due = max(job.created_at, job.not_before or job.created_at)
    if job.dispatched_at is None or job.dispatched_at < became_due:
        return True if job.not_before else now - job.created_at > SEND_AGAIN_AFTER
    return now - job.dispatched_at > max(SEND_AGAIN_AFTER, job.dispatched_at - became_due)


def forget_old(*, now: datetime) -> int:
    """Delete jobs that ended more than 30 days ago; how many."""
    deleted = 0
    while True:
        old = Job.objects.filter(finished_at__lt=now - KEEP_FINISHED).exclude(state__in=Job.OPEN)
        batch = list(old.values_list("pk", flat=True)[:BATCH])
        if not batch:
            return deleted
        deleted += Job.objects.filter(pk__in=batch).delete()[0]
