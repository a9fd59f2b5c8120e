"""What became of the turns of scheduled rules, and who is told: held runs wait, three failures in a row stop."""

from datetime import datetime

from django.db.models import F, Q
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from accounts import mails, notices
from accounts.models import Job, Notice
from playlists.models import Rule, Schedule, SyncRun
from playlists.models.schedule import ScheduleQuerySet

STOPS_AFTER = 3  # failures in a row
HELD, STOPPED = "sync_held", "schedule_stopped"  # kinds of notice, by rule
MOST = 2_000
Outcome = Schedule.Outcome
State = SyncRun.State
_ENDED = {
    State.DONE: Outcome.DONE,
    State.UNCHANGED: Outcome.UNCHANGED,
    State.HELD: Outcome.HELD,
    State.FAILED: Outcome.FAILED,
    State.STALE: Outcome.FAILED,
    State.DROPPED: Outcome.PASSED,
    State.REPLACED: Outcome.PASSED,
}


def follow(*, now: datetime) -> int:
    """Note how the turns under way, and those that waited for a word, have ended; how many had."""
    moved_on = Q(outcome=Outcome.STARTED) | (Q(outcome=Outcome.HELD) & (Q(run=None) | ~Q(run__state=State.HELD)))
    watched = Schedule.objects.filter(moved_on).order_by("started_at", "pk")
    count = 0
    for schedule in watched.select_related("rule__user", "rule__playlist", "job", "run__job")[:MOST]:
        with translation.override(schedule.rule.user.reads):
            found = verdict(schedule)
            if found is not None:
                count += _note(schedule, *found, now=now)
    return count


def verdict(schedule: Schedule) -> tuple[Outcome, str] | None:
    """How the turn ended, with what is said about it; None while it goes on."""
    run, job = schedule.run, schedule.job
    if run is None:
        # The turn's job stores its run before it is done: a job that is done and has none had it erased, or made none.
        if schedule.outcome == Outcome.HELD or (job is not None and job.state == Job.State.DONE):
            return Outcome.PASSED, _erased()
        return _of_job(job)
    if (ended := _ENDED.get(State(run.state))) is not None:
        return None if ended == schedule.outcome else (ended, run.message)
    # Planned, queued or running: as long as somebody works on it, or will. One that is queued gets a job (`take_up`).
    return None if run.job is None and run.state != State.RUNNING else _of_job(run.job)


def _of_job(job: Job | None) -> tuple[Outcome, str] | None:
    if job is None:
        return Outcome.FAILED, _("It was lost on the way.")
    if job.is_open or job.state == Job.State.DONE:  # what it did is written in a moment
        return None
    if job.state == Job.State.CANCELLED:
        return Outcome.PASSED, job.message
    return Outcome.FAILED, job.error or _("It ended before the playlist was written.")


def let_go(schedules: ScheduleQuerySet) -> None:
    """Their runs were just erased: turns that waited for them are over."""
    schedules.lost().update(outcome=Outcome.PASSED, message=_erased())


def _erased() -> str:
    return _("The playlist was switched off or taken away meanwhile.")


def _note(schedule: Schedule, outcome: Outcome, message: str, *, now: datetime) -> bool:
    """Write the outcome down and tell who has to know; False if another process did."""
    rows = Schedule.objects.filter(pk=schedule.pk)
    same = rows.filter(outcome=schedule.outcome, started_at=schedule.started_at, job=schedule.job_id)
    failed = outcome == Outcome.FAILED
    failures = F("failures") + 1 if failed else F("failures") if outcome == Outcome.PASSED else 0
    if not same.update(outcome=outcome, message=message, failures=failures):
        return False
    if failed and rows.filter(failures__gte=STOPS_AFTER).update(stopped_at=now, next_at=None):
        _tell_stopped(schedule, message, now)
    if outcome == Outcome.HELD:
        _tell_held(schedule, now)
    else:
        notices.settle(kind=HELD, key=str(schedule.pk), user=schedule.rule.user, now=now)
    return True


def _tell_stopped(schedule: Schedule, message: str, now: datetime) -> None:
    rule = schedule.rule
    told = {"name": rule.name, "times": STOPS_AFTER, "why": message}
    notices.tell(
        user=rule.user,
        kind=STOPPED,
        key=str(rule.pk),
        level=Notice.Level.ERROR,
        url=reverse("playlists:rule-preview", args=[rule.pk]),
        now=now,
        text=lambda: _("“%(name)s” failed %(times)d times in a row and is no longer written by itself: %(why)s") % told,
    )
    mails.send(rule.user, STOPPED, rule=rule, why=message, times=STOPS_AFTER)


def _tell_held(schedule: Schedule, now: datetime) -> None:
    """On the pages each time; by mail once, until the person has said something."""
    rule, run = schedule.rule, schedule.run
    if run is None:
        return
    notice = notices.tell(
        user=rule.user,
        kind=HELD,
        key=str(rule.pk),
        level=Notice.Level.WARNING,
        url=reverse("playlists:run", args=[run.pk]),
        now=now,
        text=lambda: (
            _("“%(name)s” was not written: it would change much, and waits for your word.") % {"name": rule.name}
        ),
    )
    if notice.times == 1:
        mails.send(rule.user, HELD, rule=rule, run=run)


def settle(rule: Rule, *, now: datetime) -> None:
    """The person looked after it: what was told of it is old news."""
    for kind in (HELD, STOPPED):
        notices.settle(kind=kind, key=str(rule.pk), user=rule.user, now=now)
