"""A person's word on plans: not bypassed by a crash, not given to another plan, not lost to a look."""

import pytest
from django.utils import timezone

from accounts.models import Job
from playlists import guards
from playlists.actions import sync
from playlists.actions import write as write_action
from playlists.models import SyncRun

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
