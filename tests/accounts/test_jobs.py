"""A job is started once, run once, resumed where it was, and ends as exactly one of done, failed, cancelled."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from accounts import job_run, jobs
from accounts.models import Job
from tests.accounts.conftest import begin


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
