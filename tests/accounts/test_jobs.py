"""A job is started once, run once, resumed where it was, and ends as exactly one of done, failed, cancelled."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from accounts import job_run, jobs, process, reaper
from accounts.models import Job


@pytest.fixture
def handle(monkeypatch):
    """Register a handler for jobs of kind "rehearsal" for one test."""

    def register(function, **options):
        monkeypatch.setattr(jobs, "_handlers", dict(jobs._handlers))
        jobs.handler("rehearsal", **options)(function)

    return register


def begin(**changes) -> Job:
    return jobs.start("rehearsal", **{"owner": None, "parameters": {}} | changes)


def test_a_job_runs_and_keeps_its_result(db, handle, run_jobs):
    def work(run):
        for count in range(1, 4):
            run.advance(count, 3, f"row {count}", unit="rows")
        return {"rows": 3}

    handle(work)
    job = begin(message="Starting")
    assert (job.state, job.message) == (Job.State.QUEUED, "Starting")

    run_jobs()

    job.refresh_from_db()
    assert (job.state, job.result, job.attempts, job.share) == (Job.State.DONE, {"rows": 3}, 1, 1.0)
    assert (job.message, job.unit) == ("row 3", "rows")  # throttled progress is not lost at the end
    assert job.finished_at >= job.started_at


def test_an_unknown_kind_is_refused_at_the_start(db):
    with pytest.raises(LookupError):
        jobs.start("no such kind", owner=None, parameters={})


def test_one_job_is_open_per_kind_and_key(db, handle, run_jobs):
    handle(lambda run: None)
    first = begin(key="import 1")
    assert begin(key="import 1") == first
    assert begin(key="import 2") != first
    assert begin() != begin()
    run_jobs()
    assert begin(key="import 1") != first


def test_a_second_delivery_does_nothing(db, handle):
    ran = []
    handle(lambda run: ran.append(run.job.pk))
    job = begin()
    assert job_run.run(job_id=job.pk) is not None
    assert job_run.run(job_id=job.pk) is None
    assert ran == [job.pk]


def test_a_retry_goes_on_from_the_last_committed_step(db, handle, run_jobs):
    seen = []

    def work(run):
        for count in range(run.step.get("count", 0), 4):
            with transaction.atomic():
                seen.append(count)
                run.commit_step(count=count + 1)
            if run.job.attempts == 1 and count == 1:
                raise RuntimeError("the disk hiccuped")

    handle(work)
    job = begin()
    run_jobs()
    job.refresh_from_db()
    assert (job.state, job.step) == (Job.State.QUEUED, {"count": 2})
    assert job.not_before > timezone.now()
    assert "the disk hiccuped" in job.traceback
    assert "disk" not in job.error  # people are not shown our insides
    run_jobs(ahead=True)
    job.refresh_from_db()
    assert (job.state, seen, job.attempts, job.error) == (Job.State.DONE, [0, 1, 2, 3], 2, "")


def test_attempts_end(db, handle, run_jobs):
    def work(run):
        raise RuntimeError("never works")

    handle(work, max_attempts=3)
    job = begin()
    run_jobs(ahead=True)
    job.refresh_from_db()
    assert (job.state, job.attempts) == (Job.State.FAILED, 3)
    assert f"job {job.pk}" in job.error


def broken(*args):
    raise RuntimeError("our own fault")


def test_a_fault_before_the_handler_fails_the_job_at_once(db, handle, monkeypatch):
    handle(lambda run: pytest.fail("must not run"))
    job = begin()
    monkeypatch.setattr(jobs, "language_of", broken)
    job_run.run(job_id=job.pk, heartbeat=False)
    job.refresh_from_db()
    assert (job.state, job.attempts) == (Job.State.FAILED, 1)
    assert f"job {job.pk}" in job.error
    assert "our own fault" in job.traceback


def test_a_result_that_cannot_be_stored_fails_the_job_at_once(db, handle):
    handle(lambda run: {"rows": object()})
    job = begin()
    job_run.run(job_id=job.pk, heartbeat=False)
    job.refresh_from_db()
    assert job.state == Job.State.FAILED
    assert "not JSON serializable" in job.traceback


def test_failure_ends_at_once_with_its_own_words(db, handle, run_jobs):
    def work(run):
        raise jobs.Failure("This is not a zip. Nothing was changed. Choose the file Spotify sent you.")

    handle(work)
    job = begin()
    run_jobs()
    job.refresh_from_db()
    assert (job.state, job.attempts) == (Job.State.FAILED, 1)
    assert job.error.startswith("This is not a zip.")


def test_putting_off_costs_no_attempt(db, handle, run_jobs):
    until = timezone.now() + timedelta(hours=3)

    def work(run):
        raise jobs.PutOff(until, "Today's calls are spent.")

    handle(work, max_attempts=2)
    job = begin()
    for _ in range(4):
        job_run.run(job_id=job.pk, heartbeat=False)
        job.refresh_from_db()
        assert (job.state, job.attempts, job.not_before) == (Job.State.QUEUED, 0, until)
        assert job_run.run(job_id=job.pk, heartbeat=False) is None  # not before its time
        Job.objects.update(not_before=None)
    assert job.message == "Today's calls are spent."


class Blocked(Exception):
    until = timezone.now() + timedelta(hours=9)


class Busy(Exception):
    retry_after_s = 4000


@pytest.mark.parametrize("error", [Blocked, Busy])
def test_errors_that_say_when_put_the_job_off(db, handle, run_jobs, error):
    def work(run):
        raise error

    handle(work)
    job = begin()
    run_jobs()
    job.refresh_from_db()
    assert (job.state, job.attempts) == (Job.State.QUEUED, 0)
    assert job.not_before > timezone.now() + timedelta(hours=1)


def test_a_waiting_job_is_cancelled_at_once(db, handle):
    handle(lambda run: pytest.fail("must not run"))
    job = jobs.cancel(job=begin(), now=timezone.now())
    assert job.state == Job.State.CANCELLED
    assert job_run.run(job_id=job.pk) is None


def test_a_running_job_is_cancelled_at_its_next_step(db, handle, run_jobs):
    def work(run):
        jobs.cancel(job=Job.objects.get(pk=run.job.pk), now=timezone.now())
        run.advance(1)
        pytest.fail("must not get here")

    handle(work)
    job = begin()
    run_jobs()
    job.refresh_from_db()
    assert (job.state, job.attempts) == (Job.State.CANCELLED, 1)


def test_a_finished_job_cannot_be_cancelled(db, handle, run_jobs):
    handle(lambda run: None)
    job = begin()
    run_jobs()
    assert jobs.cancel(job=job, now=timezone.now()).state == Job.State.DONE


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


@pytest.mark.django_db(transaction=True)
def test_many_callers_start_one_job(handle):
    handle(lambda run: None)
    barrier, found = threading.Barrier(6), []

    def call():
        barrier.wait()
        found.append(begin(key="same").pk)
        connection.close()

    threads = [threading.Thread(target=call) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 6
    assert len(set(found)) == 1


@pytest.mark.django_db(transaction=True)
def test_many_deliveries_run_a_job_once(handle):
    ran = []
    handle(lambda run: ran.append(1))
    job = begin()
    barrier = threading.Barrier(6)

    def call():
        barrier.wait()
        job_run.run(job_id=job.pk, heartbeat=False)
        connection.close()

    threads = [threading.Thread(target=call) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ran == [1]


@pytest.mark.django_db(transaction=True)
def test_a_silent_handler_is_kept_alive_by_its_heartbeat(handle, settings):
    settings.JOB_HEARTBEAT = timedelta(seconds=0.02)
    heard = threading.Event()

    def work(run):
        first = run.job.heartbeat_at
        for _ in range(250):
            if Job.objects.get(pk=run.job.pk).heartbeat_at > first:
                heard.set()
                return
            threading.Event().wait(0.02)

    handle(work)
    job_run.run(job_id=begin().pk)
    assert heard.is_set()
