"""Jobs that go on by a person's or an operator's word: ended ones begun again, and put off ones released."""

from datetime import datetime
from functools import partial

from django.db import transaction

from accounts import jobs
from accounts.models import Job, SpotifyApp


class CannotRepeat(Exception):
    """The job is not begun again; the text says why, for the person."""


def may_ask(job: Job) -> bool:
    """Whether beginning `job` again makes sense at all: it did not end well, and its kind can be repeated."""
    if job.state not in (Job.State.FAILED, Job.State.CANCELLED):
        return False
    try:
        return jobs.get_handler(job.kind).again is not None
    except LookupError:  # a kind of a former version
        return False


def why_not(job: Job) -> str:
    """Why a job that `may_ask` cannot be begun again just now, for the person; empty if it can."""
    return jobs.get_handler(job.kind).why_not(job)


def again(*, job: Job) -> Job:
    """Begin an ended job's work anew, as a new job; one that is open already is returned. Raises CannotRepeat."""
    if not may_ask(job):
        raise CannotRepeat
    with transaction.atomic():
        job = Job.objects.select_for_update(of=("self",)).select_related("owner").get(pk=job.pk)
        if reason := why_not(job):
            raise CannotRepeat(reason)
        begin = jobs.get_handler(job.kind).again
        assert begin is not None
        return begin(job)


def release(*, app: SpotifyApp, now: datetime) -> int:
    """Make due what was put off while `app` was blocked, after its block ended early; how many.

    These are the waiting jobs of people who are connected through it, but for those that wait for another attempt after
    a failure. A job that waits for something else finds that out at its first call, which costs it nothing.
    """
    waiting = Job.objects.filter(state=Job.State.QUEUED, not_before__gt=now, error="")
    found = list(waiting.filter(owner__in=app.connections.values("user")))
    released = 0
    for job in found:
        if waiting.filter(pk=job.pk).update(not_before=now):
            transaction.on_commit(partial(jobs.dispatch, job, now=now))
            released += 1
    return released
