"""Running one job: claim it, let its handler work, settle how it ended. Safe under any number of deliveries."""

import contextlib
import logging
import random
import traceback
import uuid
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import DatabaseError, transaction
from django.db.models import F, Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts import jobs, process
from accounts.heartbeat import Heartbeat
from accounts.models import Job

logger = logging.getLogger(__name__)

BACKOFF_FIRST = timedelta(seconds=5)
BACKOFF_LONGEST = timedelta(minutes=10)
TRACEBACK_LENGTH = 20_000  # characters kept, the last ones


def run(*, job_id: int, heartbeat: bool = True) -> Job | None:
    """Claim and run one job; None if it was not ours to run (done, running elsewhere, cancelled, not due yet)."""
    now = timezone.now()
    job = claim(job_id=job_id, now=now)
    if job is None:
        return None
    attempt = jobs.Run(job)
    logger.info("job %s (%s) begins, attempt %s", job.pk, job.kind, job.attempts)
    try:
        with translation.override(jobs.language_of(job)):
            _run(attempt, heartbeat)
    except DatabaseError:
        raise  # nothing can be written now: the reaper gives the job to another run
    except Exception as exc:
        # Not of the handler's work, but before or after it: another attempt would end the same way.
        logger.exception("job %s (%s) could not be run", job.pk, job.kind)
        _settle(attempt, Job.State.FAILED, error=spent(job), traceback=_trace(exc))
    try:
        job.refresh_from_db()
    except Job.DoesNotExist:  # erased with its owner meanwhile
        return None
    logger.info("job %s (%s) is %s after %.1f s", job.pk, job.kind, job.state, (timezone.now() - now).total_seconds())
    return job


def _run(attempt: jobs.Run, heartbeat: bool) -> None:
    job = attempt.job
    try:
        with Heartbeat(job) if heartbeat else contextlib.nullcontext():
            result = jobs.get_handler(job.kind).run(attempt)
    except jobs.LostLease:
        logger.warning("job %s was given to another worker", job.pk)
    except Exception as exc:
        _settle_error(attempt, exc, now=timezone.now())
    else:
        _settle(attempt, Job.State.DONE, result=result or {}, error="", traceback="")


def claim(*, job_id: int, now: datetime) -> Job | None:
    """Take a waiting, due job for this process; exactly one of any number of callers gets it."""
    job = Job.objects.filter(pk=job_id).first()
    if job is not None and job.state == Job.State.RUNNING and process.is_dead(job.worker.partition("#")[0]):
        # Its message came back because its worker died on this host: no need to wait for the heartbeat to grow old.
        from accounts import reaper

        reaper.take_back(job, now=now, wait=False)
    word = f"{process.identity()}#{uuid.uuid4().hex[:8]}"
    due = Q(not_before=None) | Q(not_before__lte=now)
    claimed = (
        Job.objects.filter(due, pk=job_id, state=Job.State.QUEUED)
        .filter(attempts__lt=F("max_attempts"))
        .update(
            state=Job.State.RUNNING,
            worker=word,
            attempts=F("attempts") + 1,
            heartbeat_at=now,
            started_at=now,
            finished_at=None,
            not_before=None,
            error="",
        )
    )
    return Job.objects.select_related("owner").get(pk=job_id, worker=word) if claimed else None


def _settle(attempt: jobs.Run, state: Job.State, **changes: Any) -> None:
    """End the attempt, with the last progress told; nothing if another run holds the job by now."""
    ended = {} if state == Job.State.QUEUED else {"finished_at": timezone.now()}
    with transaction.atomic():
        if not attempt.mine().update(state=state, **{**attempt.progress(), **ended, **changes}):
            logger.warning("job %s ended as %s after it was given to another worker", attempt.job.pk, state)


def _settle_error(attempt: jobs.Run, exc: Exception, *, now: datetime) -> None:
    job = attempt.job
    put_off = _put_off(exc, now)
    if isinstance(exc, jobs.Cancelled):
        _settle(attempt, Job.State.CANCELLED, message=_("Stopped, as you asked."))
    elif put_off is not None:
        until, reason = put_off
        _settle(attempt, Job.State.QUEUED, not_before=until, message=reason, attempts=F("attempts") - 1)
    elif isinstance(exc, jobs.Failure):
        _settle(attempt, Job.State.FAILED, error=str(exc), traceback=_trace(exc))
    elif job.attempts < job.max_attempts:
        logger.warning("job %s (%s) failed, attempt %s of %s", job.pk, job.kind, job.attempts, job.max_attempts)
        logger.info("job %s", job.pk, exc_info=exc)
        message = _("Something went wrong; it is tried again by itself.")
        _settle(
            attempt,
            Job.State.QUEUED,
            not_before=now + backoff(job.attempts),
            message=message,
            error=message,
            traceback=_trace(exc),
        )
    else:
        logger.error("job %s (%s) failed for good", job.pk, job.kind, exc_info=exc)
        _settle(attempt, Job.State.FAILED, error=spent(job), traceback=_trace(exc))


def spent(job: Job) -> str:
    """What a person reads when the last attempt failed."""
    return _(
        "This stopped %(attempts)d times because of a fault on our side. What was finished before is kept; "
        "nothing was done twice. Start it again later, or tell the operator about job %(job)d."
    ) % {"attempts": job.attempts, "job": job.pk}


def backoff(attempts: int) -> timedelta:
    """How long to wait after this many attempts: doubling, with up to a quarter of chance, at most ten minutes."""
    wait = min(BACKOFF_FIRST * 2 ** min(attempts - 1, 20), BACKOFF_LONGEST)
    return wait * (1 + random.random() / 4)  # noqa: S311 - spreads load, guards nothing


def _put_off(exc: Exception, now: datetime) -> tuple[datetime, str] | None:
    """Until when to wait: for PutOff, and for any error that says when to try again (`until`, `retry_after_s`)."""
    if isinstance(exc, jobs.PutOff):
        return exc.until, exc.reason[: jobs.MESSAGE_LENGTH]
    until = getattr(exc, "until", None)
    seconds = getattr(exc, "retry_after_s", None)
    if isinstance(seconds, int | float):
        until = now + timedelta(seconds=max(1, seconds))
    if not isinstance(until, datetime):
        return None
    return max(until, now + timedelta(seconds=1)), _("Waiting until the outside service takes calls again.")


def _trace(exc: Exception) -> str:
    text = "".join(traceback.format_exception(exc))
    return text[-TRACEBACK_LENGTH:] if settings.DEBUG or text else ""
