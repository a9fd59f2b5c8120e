"""Jobs whose worker or message is lost: nobody does them twice, and somebody does them."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from accounts import job_run, jobs, process, reaper
from accounts.models import Job
from tests.accounts.conftest import begin


def test_a_lost_run_changes_nothing_more(db, handle):
    """A zombie: its job was taken back and done by another while it slept."""
    written = []

    def work(run):
        if run.job.attempts == 1:
            reaper.take_back(Job.objects.get(pk=run.job.pk), now=timezone.now(), wait=False)
            assert job_run.run(job_id=run.job.pk, heartbeat=False).state == Job.State.DONE
            with transaction.atomic():
                run.commit_step(by="zombie")
            pytest.fail("must not get here")
        written.append("second")
        return {"by": "second"}

    handle(work)
    job = begin()
    job_run.run(job_id=job.pk, heartbeat=False)
    job.refresh_from_db()
    assert (job.state, job.result, job.step, written) == (Job.State.DONE, {"by": "second"}, {}, ["second"])


def test_a_zombie_that_just_returns_does_not_overwrite(db, handle):
    def work(run):
        if run.job.attempts == 1:
            reaper.take_back(Job.objects.get(pk=run.job.pk), now=timezone.now(), wait=False)
            job_run.run(job_id=run.job.pk, heartbeat=False)
            return {"by": "zombie"}
        return {"by": "second"}

    handle(work)
    job = begin()
    job_run.run(job_id=job.pk, heartbeat=False)
    job.refresh_from_db()
    assert job.result == {"by": "second"}


@pytest.mark.parametrize(("asked_s", "expected"), [(1.0, Job.State.DONE), (20.0, Job.State.QUEUED)])
def test_a_long_job_gives_way_when_its_worker_ends(db, handle, run_jobs, monkeypatch, asked_s, expected):
    """Short ones finish; long ones go on after the restart, and it costs them no attempt."""

    def work(run):
        with transaction.atomic():
            run.commit_step(rows=100)
        monkeypatch.setattr(process, "stopping_for", lambda: asked_s)
        run.advance(100, 200)

    handle(work)
    job = begin()
    job_run.run(job_id=job.pk, heartbeat=False)
    job.refresh_from_db()
    assert (job.state, job.step) == (expected, {"rows": 100})
    assert job.attempts == (1 if expected == Job.State.DONE else 0)
    if expected == Job.State.QUEUED:
        assert job.not_before <= timezone.now()  # any worker may take it at once


GHOST = "elsewhere/1/abcdef00/4242/1#00"
DEAD = f"{process.host()}/4194399/1#00"  # a number no process has


def running(worker: str, heard_s: int, **changes) -> Job:
    now = timezone.now()
    defaults = {
        "kind": "rehearsal",
        "state": Job.State.RUNNING,
        "attempts": 1,
        "worker": worker,
        "started_at": now - timedelta(hours=1),
        "heartbeat_at": now - timedelta(seconds=heard_s),
    }
    return Job.objects.create(**defaults | changes)


@pytest.mark.parametrize(
    ("worker", "heard_s", "changes", "expected"),
    [
        (GHOST, 10, {}, Job.State.RUNNING),
        (GHOST, 61, {}, Job.State.QUEUED),
        (DEAD, 1, {}, Job.State.QUEUED),
        (GHOST, 61, {"attempts": 5}, Job.State.FAILED),
        (GHOST, 61, {"cancel_requested": True}, Job.State.CANCELLED),
        (f"{process.identity()}#00", 61, {}, Job.State.RUNNING),  # alive, but the database was away
        (f"{process.identity()}#00", 301, {}, Job.State.QUEUED),
    ],
    ids=["heard of", "silent", "dead", "attempts spent", "to be cancelled", "silent but alive", "silent for too long"],
)
def test_lost_jobs_are_taken_back(db, handle, worker, heard_s, changes, expected):
    handle(lambda run: None)
    job = running(worker, heard_s, **changes)
    reaper.reap(now=timezone.now())
    job.refresh_from_db()
    assert job.state == expected


def test_a_message_that_comes_back_takes_the_job_of_a_dead_worker_at_once(db, handle):
    handle(lambda run: {"ok": True})
    job = running(DEAD, 1)
    assert job_run.run(job_id=job.pk).state == Job.State.DONE


@pytest.fixture
def sent(monkeypatch):
    messages = []
    monkeypatch.setattr("celery.app.task.Task.apply_async", lambda self, **kw: messages.append(kw))
    return messages


def test_waiting_jobs_are_sent_again_less_and_less_often(db, handle, sent, django_capture_on_commit_callbacks):
    handle(lambda run: None, queue="bulk")
    with django_capture_on_commit_callbacks(execute=True):
        job = begin()
    assert sent == [{"kwargs": {"job_id": job.pk}, "queue": "bulk"}]
    begun = timezone.now()
    minutes = [
        minute for minute in range(120) if reaper.reap(now=begun + timedelta(minutes=minute, seconds=30))["sent"]
    ]
    assert minutes == [1, 3, 7, 15, 31, 63]


def test_put_off_jobs_are_sent_when_their_time_comes(db, handle, sent):
    handle(lambda run: None)
    now = timezone.now()
    Job.objects.create(kind="rehearsal", not_before=now + timedelta(minutes=5), dispatched_at=now)
    assert reaper.reap(now=now + timedelta(minutes=4))["sent"] == 0
    assert reaper.reap(now=now + timedelta(minutes=5, seconds=1))["sent"] == 1
    assert reaper.reap(now=now + timedelta(minutes=5, seconds=21))["sent"] == 0


def test_a_broker_that_is_away_does_not_lose_the_job(db, handle, monkeypatch):
    def refuse(self, **kwargs):
        raise ConnectionRefusedError("broker down")

    handle(lambda run: None)
    monkeypatch.setattr("celery.app.task.Task.apply_async", refuse)
    job = begin()
    assert jobs.dispatch(job, now=timezone.now()) is False
    job.refresh_from_db()
    assert job.state == Job.State.QUEUED


def test_old_news_is_forgotten(db):
    now = timezone.now()
    Job.objects.create(kind="rehearsal", state="done", finished_at=now - timedelta(days=31))
    kept = Job.objects.create(kind="rehearsal", state="failed", finished_at=now - timedelta(days=29))
    waiting = Job.objects.create(kind="rehearsal", state="queued")
    assert reaper.forget_old(now=now) == 1
    assert set(Job.objects.all()) == {kept, waiting}
