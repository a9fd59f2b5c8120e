"""Writing playlists, against the sandbox over HTTP."""

import pytest
from django.utils import timezone

from accounts import jobs, requeue
from accounts.models import Job, SpotifyApp
from playlists import guards, writing
from playlists.actions import remote, sync
from playlists.actions import write as write_action
from playlists.models import Playlist, SyncRun
from tests.playlists.conftest import LOCAL

State = SyncRun.State


def agreed(run: SyncRun, *, sure: bool = False) -> SyncRun:
    return sync.confirm(run=run, plan_hash=run.plan_hash, sure=sure, now=timezone.now())


@pytest.mark.parametrize("count", [1, 99, 100, 101, 350])
def test_any_number_is_written_in_order_and_writing_again_changes_nothing(write, playlist, there, uris, count):
    run = write(playlist, uris[:count])
    assert (run.state, there.uris) == (State.DONE, uris[:count])
    assert run.writes == writing.least_calls([], uris[:count])
    again = write(playlist, uris[:count])
    assert (again.state, again.writes) == (State.UNCHANGED, 0)


def test_a_change_costs_the_fewest_calls_and_keeps_what_stays(write, playlist, there, uris, spotify):
    write(playlist, uris[:150])
    asked = len(spotify.requests("/v1/playlists/*"))
    run = write(playlist, [*uris[:70], *uris[71:150], uris[200]])
    assert there.uris == [*uris[:70], *uris[71:150], uris[200]]
    assert run.writes == 2
    assert len(spotify.requests("/v1/playlists/*")) - asked == run.writes + run.reads == 2 + 4


def test_a_playlist_is_made_once_even_if_the_answer_is_lost(write, anna, connection, uris, spotify, mara, monkeypatch):
    monkeypatch.setattr(remote, "SHOWS_LATE", remote.SHOWS_LATE * 0)
    playlist = Playlist.objects.create(owner=anna, connection=connection, name="New one")
    spotify.fault(kind="cut", path="/v1/me/playlists", method="POST", count=1)
    run = write(playlist, uris[:3])
    assert run.state == State.DONE, run.message
    made = [one for one in spotify.state.saved.playlists.values() if one.name == "New one"]
    assert [[entry.uri for entry in one.items] for one in made] == [uris[:3]]
    assert not made[0].public


class TestGuards:
    def test_a_plan_that_empties_wants_a_second_word(self, write, playlist, there, uris):
        write(playlist, uris[:10])
        run = write(playlist, [])
        assert (run.state, there.uris) == (State.HELD, uris[:10])
        assert guards.EMPTIES in run.guards
        with pytest.raises(sync.Refused, match="empty"):
            agreed(run)

    def test_with_that_word_it_is_emptied(self, write, playlist, there, uris, run_jobs):
        write(playlist, uris[:10])
        agreed(write(playlist, []), sure=True)
        run_jobs(sync.KIND)
        assert there.uris == []

    @pytest.mark.parametrize(("kept", "state"), [(7, State.DONE), (6, State.HELD)])
    def test_more_than_thirty_per_cent_removed_waits(self, write, playlist, there, uris, kept, state):
        write(playlist, uris[:10])
        assert write(playlist, uris[:kept]).state == state
        assert len(there.uris) == (kept if state == State.DONE else 10)

    def test_fewer_than_the_least_waits(self, write, playlist, there, uris):
        write(playlist, uris[:10])
        Playlist.objects.update(min_tracks=10)
        assert write(playlist, uris[:9]).guards == [guards.SHORT]
        assert there.uris == uris[:10]

    def test_a_playlist_that_was_there_is_not_taken_over_silently(self, write, playlist, there, uris):
        there.set(uris[:5])
        Playlist.objects.update(synced_uris=None)
        run = write(playlist, uris[:6])
        assert (run.guards, there.uris) == ([guards.FOREIGN], uris[:5])


class TestAPersonsWord:
    def test_is_bound_to_what_they_saw(self, playlist, there, uris, run_jobs):
        run = sync.preview(playlist=playlist, wanted=uris[:10], now=timezone.now())
        assert there.uris == []
        with pytest.raises(sync.Refused):
            sync.confirm(run=run, plan_hash="something else", sure=True, now=timezone.now())
        there.set(uris[50:52])
        agreed(run)
        run_jobs(sync.KIND)
        run.refresh_from_db()
        assert (run.state, there.uris) == (State.STALE, uris[50:52])

    def test_twice_is_once(self, playlist, there, uris, run_jobs):
        run = sync.preview(playlist=playlist, wanted=uris[:10], now=timezone.now())
        assert agreed(run).pk == agreed(run).pk
        run_jobs(sync.KIND)
        assert there.uris == uris[:10]
        assert agreed(run).state == State.DONE

    def test_a_newer_plan_takes_the_place(self, playlist, uris):
        first = sync.preview(playlist=playlist, wanted=uris[:10], now=timezone.now())
        sync.preview(playlist=playlist, wanted=uris[:11], now=timezone.now())
        first.refresh_from_db()
        assert first.state == State.REPLACED
        with pytest.raises(sync.Refused):
            agreed(first)


class TestHandEdits:
    def test_stay(self, write, playlist, there, uris):
        write(playlist, uris[:10])
        there.set([*uris[:3], uris[300], *uris[3:9]])  # one added, the last removed
        run = write(playlist, uris[:12])
        assert run.state == State.DONE
        assert there.uris == [*uris[:3], uris[300], *uris[3:9], *uris[10:12]]

    def test_or_are_asked_about(self, write, playlist, there, uris, run_jobs):
        write(playlist, uris[:10])
        Playlist.objects.update(keeps_hand_edits=False)
        there.set([*uris[:10], uris[300]])
        run = write(playlist, uris[:12])
        assert (run.state, run.guards) == (State.HELD, [guards.EDITED])
        agreed(run)
        run_jobs(sync.KIND)
        assert there.uris == uris[:12]

    def test_incremental_removes_nothing_but_copies(self, write, playlist, there, uris):
        Playlist.objects.update(mode=Playlist.Mode.INCREMENTAL)
        there.set([uris[5], uris[1], uris[5]])
        write(playlist, [uris[1], uris[2]])
        assert there.uris == [uris[5], uris[1], uris[2]]


def test_what_cannot_be_written_is_kept(write, playlist, there, uris):
    there.set([uris[0], LOCAL, uris[1], uris[2], LOCAL])
    Playlist.objects.update(synced_uris=uris[:3])
    run = write(playlist, [uris[2], uris[1], uris[0], uris[4]])
    assert run.state == State.DONE
    assert [uri for uri in there.uris if uri != LOCAL] == [uris[2], uris[1], uris[0], uris[4]]
    assert there.uris.count(LOCAL) == 2


class TestUndo:
    def test_brings_back_tracks_and_order(self, write, playlist, there, uris, run_jobs):
        write(playlist, uris[:120])
        run = write(playlist, [*uris[100:120], *uris[:90]])
        back = sync.undo(run=run, now=timezone.now())
        agreed(back)
        run_jobs(sync.KIND)
        assert there.uris == uris[:120]

    def test_of_a_run_that_wrote_nothing_is_refused(self, write, playlist, uris):
        write(playlist, uris[:10])
        with pytest.raises(sync.Refused):
            sync.undo(run=write(playlist, uris[:10]), now=timezone.now())


class TestFaults:
    def test_a_short_read_changes_nothing(self, write, playlist, there, uris, spotify):
        write(playlist, uris[:150])
        spotify.fault(kind="status", status=503, path="/v1/playlists/*/items", method="GET", count=1)
        run = write(playlist, uris[:151], ahead=False)
        assert (run.state, there.uris) == (State.RUNNING, uris[:150])

    @pytest.mark.parametrize("kind", ["cut", "reset", "bad_json", "empty"])
    @pytest.mark.parametrize("skip", [0, 1, 2])
    def test_a_lost_answer_is_neither_repeated_nor_forgotten(self, write, playlist, there, uris, spotify, kind, skip):
        spotify.fault(kind=kind, path="/v1/playlists/*/items", count=1, skip=skip)
        run = write(playlist, uris[:250])
        assert (run.state, there.uris) == (State.DONE, uris[:250])

    def test_a_quota_puts_it_off_and_says_until_when(self, write, playlist, there, uris, spotify):
        spotify.fault(kind="status", status=429, retry_after=7200, path="/v1/playlists/*", method="POST", count=1)
        run = write(playlist, uris[:250], ahead=False)
        assert run.state == State.RUNNING
        job = Job.objects.get()
        assert job.state == Job.State.QUEUED
        assert (job.not_before - timezone.now()).total_seconds() > 7000

    def test_without_a_connection_it_ends_with_what_to_do(self, write, playlist, there, uris):
        Playlist.objects.update(connection=None)
        run = write(playlist, uris[:10])
        assert (run.state, there.uris) == (State.FAILED, [])
        assert "connect again" in run.message
        with pytest.raises(sync.NotConnected, match="connected"):
            sync.preview(playlist=Playlist.objects.get(), wanted=uris[:3], now=timezone.now())

    def test_an_edit_while_it_is_written_is_kept(self, write, playlist, there, uris, monkeypatch):
        from accounts.spotify.gateway import SpotifyGateway

        send = SpotifyGateway.playlist_add

        def add(self, playlist_id, chunk, position=None):
            answer = send(self, playlist_id, chunk, position)
            if len(there.uris) == 200:
                there.set([uris[399], *there.uris[1:]])  # the owner puts one in and takes one out
            return answer

        monkeypatch.setattr(SpotifyGateway, "playlist_add", add)
        run = write(playlist, uris[:350])
        assert run.state == State.DONE, run.message
        assert sorted(there.uris) == sorted([*uris[1:350], uris[399]])
        assert run.replans == 1


class TestTooLong:
    MANY = [f"spotify:track:{number:022}" for number in range(writing.MOST + 1)]

    def test_a_plan_is_refused_in_words_and_nothing_is_kept(self, anna, connection):
        with pytest.raises(sync.Refused, match="10,001 tracks"):
            sync.into_new(owner=anna, name="Everything", wanted=self.MANY, now=timezone.now())
        assert not Playlist.objects.exists()

    def test_a_run_nobody_watches_ends_with_the_same_words(self, write, playlist, there):
        run = write(playlist, self.MANY)
        assert (run.state, there.uris) == (State.FAILED, [])
        assert "10,001 tracks" in run.message

    def test_what_was_put_in_by_hand_counts_too(self, playlist, there, uris):
        there.set(uris[:2])
        with pytest.raises(sync.Refused, match="10,002 tracks"):
            sync.preview(playlist=playlist, wanted=self.MANY[:-1], now=timezone.now())


def test_a_playlist_not_made_yet_takes_the_account_that_was_connected_since(anna, connection, uris):
    playlist = Playlist.objects.create(owner=anna, name="Later")
    run = sync.preview(playlist=playlist, wanted=uris[:3], now=timezone.now())
    assert (run.state, run.playlist.connection) == (State.PLANNED, connection)


class TestWaitingRuns:
    def test_one_queued_as_its_job_ended_is_taken_up(self, playlist, there, uris, run_jobs):
        run = sync.start(playlist=playlist, wanted=uris[:3], now=timezone.now())
        Job.objects.update(state=Job.State.DONE)  # it looked for the last time before the run was there
        assert sync.take_up(now=timezone.now()) == 1
        assert sync.take_up(now=timezone.now()) == 0
        run_jobs(sync.KIND)
        run.refresh_from_db()
        assert (run.state, there.uris) == (State.DONE, uris[:3])

    @pytest.mark.parametrize("ended", [Job.State.FAILED, Job.State.CANCELLED])
    def test_a_failed_or_stopped_one_waits_for_a_person(self, playlist, there, uris, run_jobs, ended):
        run = sync.start(playlist=playlist, wanted=uris[:3], now=timezone.now())
        Job.objects.update(state=ended)
        assert sync.take_up(now=timezone.now()) == 0
        fresh = requeue.again(job=Job.objects.get())
        run.refresh_from_db()
        assert (run.job, run.is_stuck) == (fresh, False)
        run_jobs(sync.KIND)
        assert there.uris == uris[:3]
        assert requeue.why_not(Job.objects.exclude(pk=fresh.pk).get())

    def test_a_newer_plan_is_not_written_over_by_one_just_looked_up(self, playlist, there, uris, run_jobs, monkeypatch):
        run = sync.start(playlist=playlist, wanted=uris[:3], now=timezone.now())
        looked_up = write_action.Writing.__init__

        def late(self, job_run, one):
            looked_up(self, job_run, one)
            sync.preview(playlist=playlist, wanted=uris[:5], now=timezone.now())

        monkeypatch.setattr(write_action.Writing, "__init__", late)
        run_jobs(sync.KIND)
        run.refresh_from_db()
        assert (run.state, there.uris) == (State.REPLACED, [])


class TestStoppedMidway:
    @pytest.fixture
    def halted(self, playlist, there, uris, run_jobs, spotify):
        """A run whose job was stopped by its owner after the first hundred."""
        run = sync.start(playlist=playlist, wanted=uris[:250], now=timezone.now())
        quota = {"kind": "status", "status": 429, "retry_after": 7200, "method": "POST"}
        spotify.fault(**quota, path="/v1/playlists/*", count=1, skip=1)
        run_jobs(sync.KIND)
        jobs.cancel(job=Job.objects.get(), now=timezone.now())
        SpotifyApp.objects.update(blocked_until=None, rate_limited_until=None)
        run.refresh_from_db()
        assert run.is_stuck
        assert 0 < len(there.uris) < 250
        return run

    def test_it_can_be_let_go_and_undone(self, halted, there, run_jobs):
        sync.drop(run=halted, now=timezone.now())
        halted.refresh_from_db()
        assert (halted.state, halted.can_be_undone) == (State.FAILED, True)
        agreed(sync.undo(run=halted, now=timezone.now()), sure=True)
        run_jobs(sync.KIND)
        assert there.uris == []

    def test_or_planned_again(self, halted, there, uris, run_jobs):
        sync.drop(run=halted, now=timezone.now())
        fresh = sync.again(run=halted, now=timezone.now())
        assert fresh.before == there.uris
        agreed(fresh)
        run_jobs(sync.KIND)
        assert there.uris == uris[:250]
