"""The schedule in the database follows the one in the code, and the operator's pause."""

import json
from datetime import timedelta

import pytest
from celery import current_app
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from vibesite import schedule
from vibesite.celery import QUEUES


def test_the_first_sync_adds_and_the_second_changes_nothing(db, django_assert_max_num_queries):
    assert schedule.sync()["added"] == len(schedule.ENTRIES)
    assert schedule.sync() == {"added": 0, "changed": 0, "removed": 0}


def test_every_entry_names_a_task_a_queue_and_a_reason(db):
    current_app.loader.import_default_modules()
    for entry in schedule.ENTRIES:
        assert entry.task in current_app.tasks, entry
        assert entry.queue in QUEUES
        assert entry.why.endswith(".")
    assert len({entry.name for entry in schedule.ENTRIES}) == len(schedule.ENTRIES)


def test_a_pause_survives(db, monkeypatch):
    schedule.sync()
    row = PeriodicTask.objects.get(name="vibesite.reap-jobs")
    row.enabled = False
    row.save()
    changed = schedule.Entry("reap-jobs", "accounts.reap_jobs", timedelta(seconds=45), "Less often.", kwargs={"a": 1})
    monkeypatch.setattr(schedule, "ENTRIES", (changed,))
    assert schedule.sync() == {"added": 0, "changed": 1, "removed": len(OTHERS)}
    row.refresh_from_db()
    assert (row.enabled, row.interval.every, row.kwargs) == (False, 45, json.dumps({"a": 1}))


OTHERS = [entry for entry in schedule.ENTRIES if entry.name != "reap-jobs"]


def test_rows_of_operators_are_left_alone(db):
    every = IntervalSchedule.objects.create(every=5, period="minutes")
    PeriodicTask.objects.create(name="my own", task="my.task", interval=every)
    schedule.sync()
    assert PeriodicTask.objects.filter(name="my own").exists()


@pytest.mark.parametrize("entry", schedule.ENTRIES, ids=lambda entry: entry.name)
def test_frequent_entries_expire_so_that_they_do_not_pile_up(db, entry):
    schedule.sync()
    row = PeriodicTask.objects.get(name=schedule.PREFIX + entry.name)
    if isinstance(entry.when, timedelta):
        assert row.expire_seconds
        assert row.expire_seconds <= max(10, entry.when.total_seconds())
