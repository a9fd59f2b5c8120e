"""Work that a person can watch: the kinds of job there are, starting one, and what a running one may say and ask.

A handler is written as if nothing ever failed, under three rules: what it does is written together with
`run.commit_step(…)` in one transaction, it goes on from `run.step`, and it calls `run.advance(…)` often, outside of
transactions. Then a killed worker costs the work since the last step, and nothing is done twice: `commit_step` fails
inside the transaction of a run that has lost its job.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext as _
from kombu.exceptions import OperationalError as BrokerUnreachable

from accounts import process
from accounts.models import Job, User

logger = logging.getLogger(__name__)

WRITE_EVERY_S = 0.5  # progress is written at most this often; people cannot read faster
MESSAGE_LENGTH = 300
GIVE_WAY_AFTER_S = 8.0  # a job that runs on so long after its worker was asked to end goes back to the queue


class Failure(Exception):
    """Ends the job as failed, with this text for the person: what happened, what is safe, what to do. No retry."""


class PutOff(Exception):
    """Put the job back in the queue until `until`, because of a budget or a quota. Costs no attempt."""

    def __init__(self, until: datetime, reason: str) -> None:
        super().__init__(until, reason)
        self.until = until
        self.reason = reason


class Cancelled(Exception):
    """The person asked to stop. Let it pass through the handler."""


class LostLease(Exception):
    """The job was given to another run while this one was not heard of. Let it pass through the handler."""


@dataclass(frozen=True, slots=True)
class Handler:
    """How one kind of job is run."""

    kind: str
    run: Callable[["Run"], dict[str, Any] | None]
    queue: str
    max_attempts: int
    again: Callable[[Job], Job] | None  # begins an ended job's work anew; None: it cannot be repeated
    why_not: Callable[[Job], str]  # why this ended job cannot be begun again, for people; empty if it can


_handlers: dict[str, Handler] = {}


def handler(
    kind: str,
    *,
    queue: str = "live",
    max_attempts: int = 5,
    again: Callable[[Job], Job] | None = None,
    why_not: Callable[[Job], str] = lambda job: "",
) -> Callable[[Callable], Callable]:
    """Register the function that runs jobs of `kind`. Its module is imported by its app's `tasks.py`.

    A person may begin a failed or stopped job again if the kind tells how in `again`: mostly `start_same`.
    """

    def register(function: Callable[["Run"], dict[str, Any] | None]) -> Callable[["Run"], dict[str, Any] | None]:
        known = _handlers.get(kind)
        if known and (known.run.__module__, known.run.__qualname__) != (function.__module__, function.__qualname__):
            raise ValueError(f"two handlers for jobs of kind {kind!r}")
        _handlers[kind] = Handler(kind, function, queue, max_attempts, again, why_not)
        return function

    return register


def get_handler(kind: str) -> Handler:
    """The handler of `kind`; LookupError if no app has one."""
    if kind not in _handlers:
        autodiscover_modules("tasks")  # web processes and commands have not read them yet
    try:
        return _handlers[kind]
    except KeyError:
        raise LookupError(f"no handler for jobs of kind {kind!r}") from None


def language_of(job: Job) -> str:
    """What its messages are written in: the owner's language."""
    return job.owner.reads if job.owner else settings.LANGUAGE_CODE


def kinds() -> list[str]:
    autodiscover_modules("tasks")
    return sorted(_handlers)


def start(
    kind: str,
    *,
    owner: User | None,
    parameters: dict[str, Any],
    key: str = "",
    message: str = "",
    step: dict[str, Any] | None = None,
) -> Job:
    """Queue a job, sent to the workers once the caller's transaction commits.

    With a `key`, one job of this kind and key is open at a time: while there is one, it is returned instead.
    `step` is where an earlier job of the same work left off. LookupError for an unknown kind.
    """
    chosen = get_handler(kind)
    for _attempt in range(5):  # the open one may end between our insert and our look at it
        try:
            with transaction.atomic():
                job = Job.objects.create(
                    kind=kind,
                    owner=owner,
                    parameters=parameters,
                    key=key,
                    message=message[:MESSAGE_LENGTH],
                    step=step or {},
                    max_attempts=chosen.max_attempts,
                )
        except IntegrityError:
            existing = Job.objects.open().filter(kind=kind, key=key).first() if key else None
            if existing is not None:
                return existing
            if not key:
                raise
            continue
        transaction.on_commit(partial(_dispatch_now, job))
        return job
    raise RuntimeError(f"could not start {kind} {key}: jobs of this key open and close too fast")


def start_same(job: Job) -> Job:
    """A new job with the arguments of an ended one, from the beginning."""
    return start(job.kind, owner=job.owner, parameters=job.parameters, key=job.key)


def _dispatch_now(job: Job) -> None:
    dispatch(job, now=timezone.now())


def dispatch(job: Job, *, now: datetime) -> bool:
    """Send the message that makes a worker run `job`. False if the broker cannot be reached: the reaper sends again."""
    from accounts.tasks import run_job

    Job.objects.filter(pk=job.pk).update(dispatched_at=now)
    try:
        run_job.apply_async(kwargs={"job_id": job.pk}, queue=get_handler(job.kind).queue)
    except (BrokerUnreachable, OSError) as exc:
        logger.warning("job %s not sent, it will be sent again: %s", job.pk, exc)
        return False
    return True


def cancel(*, job: Job, now: datetime) -> Job:
    """Stop `job`: at once while it waits, at its next step while it runs. A finished one stays as it is."""
    ended = Job.objects.filter(pk=job.pk, state=Job.State.QUEUED).update(
        state=Job.State.CANCELLED, cancel_requested=True, finished_at=now, message=_("Stopped before it began.")
    )
    if not ended:
        Job.objects.filter(pk=job.pk, state=Job.State.RUNNING).update(cancel_requested=True)
    job.refresh_from_db()
    return job


class Run:
    """One attempt at a job, as its handler sees it. Every write is fenced by the claim: a lost run changes nothing."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self._claim = job.worker
        self._written = 0.0  # time.monotonic() of the last write of progress
        self._unwritten = False

    @property
    def step(self) -> dict[str, Any]:
        """The last committed step; {} at first. A resumed run goes on from here."""
        return self.job.step

    @property
    def parameters(self) -> dict[str, Any]:
        return self.job.parameters

    def mine(self) -> Any:
        """The job's row as long as this run holds it."""
        return Job.objects.filter(pk=self.job.pk, state=Job.State.RUNNING, worker=self._claim)

    def advance(self, done: int, total: int | None = None, message: str | None = None, unit: str = "") -> None:
        """Tell how far it is; written at most twice a second. Cancelled if asked to stop, LostLease if taken away."""
        job = self.job
        job.done = max(0, int(done))
        job.total = job.total if total is None else max(0, int(total))
        job.message = job.message if message is None else message[:MESSAGE_LENGTH]
        job.unit = unit or job.unit
        self._unwritten = True
        if time.monotonic() - self._written >= WRITE_EVERY_S:
            self.flush()

    def flush(self) -> None:
        """Write the progress told so far, and ask whether to go on."""
        self._written = time.monotonic()
        self._unwritten = False
        if not self.mine().filter(cancel_requested=False).update(**self.progress(), heartbeat_at=timezone.now()):
            self.check()
        if process.stopping_for() > GIVE_WAY_AFTER_S:
            raise PutOff(timezone.now(), _("Interrupted by a restart; it goes on from where it was."))

    def check(self) -> None:
        """Raise Cancelled or LostLease if this run has to stop; needed only where `advance` is not called."""
        asked = self.mine().values_list("cancel_requested", flat=True).first()
        if asked is None:
            raise LostLease(self.job.pk)
        if asked:
            raise Cancelled(self.job.pk)

    def progress(self) -> dict[str, Any]:
        job = self.job
        return {"done": job.done, "total": job.total, "message": job.message, "unit": job.unit}

    def commit_step(self, **step: Any) -> None:
        """Store where to go on from, inside the caller's transaction. LostLease undoes that transaction if the job
        was given to another run: so the work of a step is in the database exactly once."""
        if not self.mine().update(step=step, heartbeat_at=timezone.now()):
            raise LostLease(self.job.pk)
        self.job.step = step
