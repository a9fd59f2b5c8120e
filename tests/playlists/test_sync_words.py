"""A person's word on plans: not bypassed by a crash, not given to another plan, not lost to a look."""

import pytest
from django.utils import timezone

from accounts import jobs, requeue
from accounts.models import Job, SpotifyApp
from playlists import guards
from playlists.actions import sync
from playlists.actions import write as write_action
from playlists.models import SyncRun
from tests.playlists.test_sync import agreed

State = SyncRun.State


class Killed(BaseException):
    pass


class TestACrashBesideAGuard:
    def test_after_any_save_the_plan_still_waits_for_a_word(self, write, playlist, there, uris, run_jobs, monkeypatch):
        write(playlist, uris[:10])
        run = sync.start(playlist=playlist, wanted=uris[:2], now=timezone.now())
        save = write_action.Writing._save

        def dying(self, *fields):
            save(self, *fields)
            raise Killed

        with monkeypatch.context() as patched:
            patched.setattr(write_action.Writing, "_save", dying)
            with pytest.raises(Killed):
                run_jobs(sync.KIND)
        Job.objects.filter(state=Job.State.RUNNING).update(state=Job.State.QUEUED, worker="")
        run_jobs(sync.KIND)
        run.refresh_from_db()
        assert (run.state, run.guards, there.uris) == (State.HELD, [guards.REMOVES], uris[:10])

    def test_a_plan_that_was_begun_upon_without_a_word_is_held(self, write, playlist, there, uris, run_jobs):
        """As older code left it."""
        write(playlist, uris[:10])
        run = sync.start(playlist=playlist, wanted=uris[:2], now=timezone.now())
        playlist.refresh_from_db()
        made = sync.preview(playlist=playlist, wanted=uris[:2], now=timezone.now())
        kept = {name: getattr(made, name) for name in ("plan_hash", "guards", "before", "start", "after", "calls")}
        SyncRun.objects.filter(pk=run.pk).update(state=State.RUNNING, **kept)
        run_jobs(sync.KIND)
        run.refresh_from_db()
        assert (run.state, there.uris) == (State.HELD, uris[:10])


class TestAStoppedRun:
    @pytest.fixture
    def stopped(self, playlist, uris, run_jobs, spotify):
        """Confirmed, and its job stopped by its owner: before its first write, or after it."""

        def make(skip):
            run = agreed(sync.preview(playlist=playlist, wanted=uris[:250], now=timezone.now()))
            quota = {"kind": "status", "status": 429, "retry_after": 7200, "method": "POST"}
            spotify.fault(**quota, path="/v1/playlists/*", count=1, skip=skip)
            run_jobs(sync.KIND)
            jobs.cancel(job=Job.objects.get(), now=timezone.now())
            SpotifyApp.objects.update(blocked_until=None, rate_limited_until=None)
            run.refresh_from_db()
            assert run.is_stuck
            return run

        return make

    def test_is_not_written_in_place_of_the_plan_just_confirmed(self, stopped, playlist, there, uris, run_jobs):
        run = stopped(1)
        fresh = agreed(sync.preview(playlist=playlist, wanted=uris[300:310], now=timezone.now()), sure=True)
        run_jobs(sync.KIND)
        run.refresh_from_db()
        fresh.refresh_from_db()
        assert (run.state, fresh.state) == (State.FAILED, State.DONE), fresh.message
        assert set(uris[300:310]) <= set(there.uris)
        assert run.can_be_undone
        assert requeue.why_not(Job.objects.earliest("pk"))

    def test_nor_if_it_was_stopped_after_that_plan_was_shown(self, playlist, there, uris, run_jobs):
        sync.start(playlist=playlist, wanted=uris[:20], now=timezone.now())
        Job.objects.update(state=Job.State.RUNNING)
        run = SyncRun.objects.get()
        SyncRun.objects.update(state=State.RUNNING)
        shown = sync.preview(playlist=playlist, wanted=uris[300:310], now=timezone.now())
        Job.objects.update(state=Job.State.CANCELLED)
        agreed(shown)
        run_jobs(sync.KIND)
        run.refresh_from_db()
        shown.refresh_from_db()
        assert (run.state, shown.state, there.uris) == (State.DROPPED, State.DONE, uris[300:310])

    def test_gives_way_to_a_turn_of_a_schedule_too(self, write, playlist, there, uris):
        run = sync.start(playlist=playlist, wanted=uris[:20], now=timezone.now())
        Job.objects.update(state=Job.State.FAILED)
        assert write(playlist, uris[300:310]).state == State.DONE
        run.refresh_from_db()
        assert (run.state, there.uris) == (State.DROPPED, uris[300:310])


class TestAConfirmedPlanThatWaits:
    @pytest.fixture
    def confirmed(self, playlist, uris):
        return agreed(sync.preview(playlist=playlist, wanted=uris[:10], now=timezone.now()))

    def test_is_written_though_somebody_looks(self, confirmed, playlist, there, uris, run_jobs):
        sync.preview(playlist=playlist, wanted=uris[:20], now=timezone.now())
        run_jobs(sync.KIND)
        confirmed.refresh_from_db()
        assert (confirmed.state, there.uris) == (State.DONE, uris[:10])

    def test_and_a_turn_of_a_schedule_follows_it(self, confirmed, write, playlist, there, uris):
        turn = write(playlist, uris[:12])
        confirmed.refresh_from_db()
        assert (confirmed.state, turn.state, there.uris) == (State.DONE, State.DONE, uris[:12])
        assert turn.before == uris[:10]

    def test_only_the_persons_next_word_takes_its_place(self, confirmed, playlist, there, uris, run_jobs):
        fresh = agreed(sync.preview(playlist=playlist, wanted=uris[:20], now=timezone.now()))
        run_jobs(sync.KIND)
        confirmed.refresh_from_db()
        fresh.refresh_from_db()
        assert (confirmed.state, fresh.state, there.uris) == (State.REPLACED, State.DONE, uris[:20])


class TestAJobThatWasForgotten:
    @pytest.mark.parametrize("state", SyncRun.WRITING)
    def test_its_run_waits_for_a_person(self, playlist, there, uris, run_jobs, state):
        run = sync.start(playlist=playlist, wanted=uris[:3], now=timezone.now())
        Job.objects.update(state=Job.State.CANCELLED)
        SyncRun.objects.update(state=state)
        Job.objects.all().delete()
        assert sync.take_up(now=timezone.now()) == 0
        run_jobs(sync.KIND)
        run.refresh_from_db()
        assert (run.is_stuck, run.is_moving, there.uris) == (True, False, [])
        sync.drop(run=run, now=timezone.now())
        run.refresh_from_db()
        assert (run.state, run.can_be_planned_again) == (State.DROPPED, True)
