"""Turns of schedules of which nothing is left: they end, and hold up none of the person's others."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Job
from playlists.actions import forget, schedule_turns, schedules
from playlists.models import Playlist, Rule, Schedule, SyncRun

NOW = timezone.now().replace(microsecond=0)
Outcome = Schedule.Outcome


@pytest.fixture
def put_off(anna, connection, run_jobs) -> list[Schedule]:
    """As many turns as one person may have under way, each with a sync that a quota puts off."""
    for number in range(schedule_turns.OF_ONE):
        playlist = Playlist.objects.create(owner=anna, name=f"List {number}", connection=connection)
        rule = Rule.objects.create(user=anna, name=f"Rule {number}", body={"conditions": []}, playlist=playlist)
        schedules.keep(rule=rule, kind="daily", hour=6, weekday=1, now=NOW)
    Schedule.objects.update(next_at=NOW)
    assert schedule_turns.hand_out(now=NOW) == schedule_turns.OF_ONE
    run_jobs(schedule_turns.KIND)
    found = list(Schedule.objects.select_related("job", "run"))
    assert {(each.outcome, each.job.state, each.run.state) for each in found} == {
        (Outcome.STARTED, Job.State.DONE, SyncRun.State.QUEUED)
    }
    return found


def another(anna) -> Schedule:
    """One more schedule of hers, that is due."""
    playlist = Playlist.objects.create(owner=anna, name="Another")
    rule = Rule.objects.create(user=anna, name="Another", body={"conditions": []}, playlist=playlist)
    schedules.keep(rule=rule, kind="daily", hour=6, weekday=1, now=NOW)
    Schedule.objects.filter(pk=rule.pk).update(next_at=NOW)
    return Schedule.objects.get(pk=rule.pk)


def test_turns_whose_runs_were_erased_hold_up_no_others(anna, put_off):
    SyncRun.objects.all().delete()
    waiting = another(anna)
    assert schedule_turns.hand_out(now=NOW + timedelta(minutes=1)) == 1
    waiting.refresh_from_db()
    assert waiting.outcome == Outcome.STARTED
    ended = Schedule.objects.exclude(pk=waiting.pk)
    assert set(ended.values_list("outcome", "failures")) == {(Outcome.PASSED, 0)}
    assert "taken away" in ended[0].message


def test_disconnecting_ends_them_at_once(anna, connection, put_off):
    forget.playlists(user=anna, connection=connection, dry_run=False)
    assert set(Schedule.objects.values_list("outcome", flat=True)) == {Outcome.PASSED}


def test_disconnecting_leaves_turns_of_other_accounts_alone(ben, connection, put_off):
    forget.playlists(user=ben, connection=None, dry_run=False)
    assert set(Schedule.objects.values_list("outcome", flat=True)) == {Outcome.STARTED}


def test_who_schedules_it_anew_does_not_wait_for_the_old_turn(put_off):
    SyncRun.objects.all().delete()
    kept = schedules.keep(rule=put_off[0].rule, kind="weekly", hour=6, weekday=1, now=NOW)
    kept.refresh_from_db()
    assert (kept.outcome, kept.message) == (Outcome.NONE, "")


def test_one_that_is_under_way_goes_on_when_it_is_scheduled_anew(put_off):
    kept = schedules.keep(rule=put_off[0].rule, kind="weekly", hour=6, weekday=1, now=NOW)
    kept.refresh_from_db()
    assert (kept.outcome, kept.run) == (Outcome.STARTED, put_off[0].run)


def test_a_held_one_whose_run_was_erased_waits_for_nobody(put_off):
    Schedule.objects.update(outcome=Outcome.HELD)
    Job.objects.all().delete()
    SyncRun.objects.all().delete()
    schedule_turns.hand_out(now=NOW)
    assert set(Schedule.objects.values_list("outcome", "failures")) == {(Outcome.PASSED, 0)}


def test_a_run_midway_that_nobody_works_on_any_more_has_failed(put_off):
    SyncRun.objects.update(state=SyncRun.State.RUNNING)
    Job.objects.all().delete()
    schedule_turns.hand_out(now=NOW)
    assert set(Schedule.objects.values_list("outcome", "failures")) == {(Outcome.FAILED, 1)}


def test_a_run_that_waits_for_a_worker_is_not_lost(put_off):
    Job.objects.all().delete()  # `sync.take_up` finds it one
    schedule_turns.hand_out(now=NOW)
    assert set(Schedule.objects.values_list("outcome", flat=True)) == {Outcome.STARTED}
