"""Midway the playlist, the account, the rule or the person is gone, or the clock is another one."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from accounts import job_run
from accounts.actions import depart
from accounts.models import Job, SpotifyConnection, User
from accounts.spotify import crypto
from accounts.spotify.gateway import SpotifyGateway
from playlists.actions import schedule_turns, schedules, shared, sync
from playlists.models import Playlist, Rule, Schedule, SyncRun
from playlists.rules import schema, text
from tests.factories.ingest import TrackFactory, heard
from vibesite.sandbox import shelf

State = SyncRun.State


@pytest.fixture
def before(spotify, monkeypatch) -> Callable[..., None]:
    """Do something right before the call of that kind and number about playlists reaches Spotify."""
    plain = spotify._listener.app
    deeds: dict[tuple[str, int], Callable[[], Any]] = {}
    asked: dict[str, int] = {}

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        if environ["PATH_INFO"].startswith("/v1/playlists/"):
            method = environ["REQUEST_METHOD"]
            asked[method] = asked.get(method, 0) + 1
            deeds.pop((method, asked[method]), lambda: None)()
        return plain(environ, start_response)

    monkeypatch.setattr(spotify._listener, "app", app)

    def add(method: str, number: int, deed: Callable[[], Any]) -> None:
        deeds[method, number] = deed

    return add


def edited(there, **changes: Any) -> None:
    with there.spotify.state.lock:
        mine = shelf.edit(there.spotify.world, there._held)
        for name, value in changes.items():
            setattr(mine, name, value)
        mine.edited()


def halt(write, playlist, uris, before, deed) -> SyncRun:
    """A run of three calls, before the second of which something happens."""
    before("POST", 2, deed)
    run = write(playlist, uris[:250])
    assert run.has_begun
    return run


@pytest.mark.parametrize("shown", [True, False], ids=["public", "private"])
def test_another_owner_has_it(write, playlist, there, uris, before, spotify, shown):
    other = spotify.listeners[1].id
    run = halt(write, playlist, uris, before, lambda: edited(there, owner_id=other, public=shown))
    assert run.state == State.FAILED
    assert run.message.startswith("The playlist is gone, or no longer yours to change.")
    edited(there, owner_id=there.listener.id)
    assert write(playlist, uris[:250]).state == State.DONE
    assert there.uris == uris[:250]


def test_the_consent_is_taken_back_and_given_again(write, playlist, there, uris, before, spotify, connection, mara):
    def revoke() -> None:
        spotify.state.saved.generations[f"sandbox-app:{mara.id}"] = 1 + spotify.state.generation("sandbox-app", mara.id)

    run = halt(write, playlist, uris, before, revoke)
    assert run.state == State.FAILED
    assert "connect again" in run.message
    connection.refresh_from_db()
    assert connection.state == SpotifyConnection.State.RECONNECT
    answer = spotify.tokens_for(mara.id)
    SpotifyConnection.objects.update(
        access_token_encrypted=crypto.encrypt(answer["access_token"]),
        refresh_token_encrypted=crypto.encrypt(answer["refresh_token"]),
        access_expires_at=timezone.now() + timedelta(hours=1),
        state=SpotifyConnection.State.ACTIVE,
    )
    assert write(playlist, uris[:250]).state == State.DONE
    assert there.uris == uris[:250]


class TestErased:
    @pytest.fixture
    def erased(self, playlist, uris, run_jobs, monkeypatch):
        """Erase in the middle of a run: before its second write, or after it. The job as it ended, if it is there."""
        plain, calls = SpotifyGateway.playlist_add, []

        def make(deed, number: int) -> Job | None:
            def add(self, *args):
                calls.append(args)
                if len(calls) == number:
                    deed()
                return plain(self, *args)

            monkeypatch.setattr(SpotifyGateway, "playlist_add", add)
            run = sync.start(playlist=playlist, wanted=uris[:250], now=timezone.now())
            assert run is not None
            run_jobs(sync.KIND, ahead=True)
            assert len(calls) <= number + 1
            return Job.objects.filter(pk=run.job_id).first()

        return make

    @pytest.mark.parametrize("number", [2, 3])
    def test_the_account_is_disconnected(self, erased, connection, there, number):
        job = erased(lambda: depart.disconnect(connection=connection, now=timezone.now()), number)
        assert job is None or not job.is_open, job.traceback
        assert (Playlist.objects.count(), SyncRun.objects.count()) == (0, 0)

    @pytest.mark.parametrize("number", [2, 3])
    def test_the_person_leaves(self, erased, anna, there, number):
        def leave() -> None:
            depart.leave(user=anna, now=timezone.now())
            depart.forget(user=anna)

        assert erased(leave, number) is None
        assert (Playlist.objects.count(), SyncRun.objects.count()) == (0, 0)
        assert not User.objects.filter(username="anna").exists()


def test_a_playlist_switched_off_while_its_turn_waits_is_not_written(playlist, there, uris, run_jobs):
    run = sync.start(playlist=playlist, wanted=uris[:5], now=timezone.now())
    Playlist.objects.update(is_enabled=False)
    run_jobs(sync.KIND, ahead=True)
    run.refresh_from_db()
    assert (run.state, there.uris) == (State.DROPPED, [])


def test_what_a_person_agreed_to_is_written_though_it_is_switched_off(playlist, there, uris, run_jobs):
    run = sync.preview(playlist=playlist, wanted=uris[:5], now=timezone.now())
    sync.confirm(run=run, plan_hash=run.plan_hash, sure=True, now=timezone.now())
    Playlist.objects.update(is_enabled=False)
    run_jobs(sync.KIND, ahead=True)
    assert there.uris == uris[:5]


class TestTheRuleOfATurn:
    @pytest.fixture
    def begun(self, anna, playlist, uris):
        now = timezone.now()
        heard(anna, TrackFactory(spotify_id=uris[0].removeprefix("spotify:track:")), now - timedelta(days=2))
        rule = Rule.objects.create(
            user=anna, name="Mine", body=schema.dump(text.parse("plays:1..").query), playlist=playlist
        )
        kept = schedules.keep(rule=rule, kind="daily", hour=6, weekday=1, now=now)
        schedule_turns.hand_out(now=kept.next_at)
        return rule

    @pytest.mark.parametrize("when", ["before", "after"])
    @pytest.mark.parametrize(
        "deed",
        [
            lambda: Rule.objects.all().delete(),
            lambda: Schedule.objects.all().delete(),
            lambda: Rule.objects.update(is_enabled=False),
            lambda: Playlist.objects.update(is_enabled=False),
            lambda: Playlist.objects.all().delete(),
        ],
        ids=["deleted", "scheduled no more", "switched off", "playlist off", "playlist gone"],
    )
    def test_it_goes_while_its_tracks_are_chosen(self, begun, there, run_jobs, monkeypatch, deed, when):
        plain = shared.fill

        def fill(*args):
            if when == "before":
                deed()
            found = plain(*args)
            if when == "after":
                deed()
            return found

        monkeypatch.setattr(shared, "fill", fill)
        ran = run_jobs(ahead=True)
        assert there.uris == []
        assert [job.state for job in ran] == [Job.State.DONE]
        schedule_turns.hand_out(now=timezone.now())
        assert set(Schedule.objects.values_list("outcome", flat=True)) <= {Schedule.Outcome.PASSED}


def test_a_clock_that_was_ahead_makes_no_failed_run_forgotten(write, playlist, there, uris, before):
    """It is measured by the failed run, though that began earlier by the clock than the one before it."""
    with time_machine.travel(timezone.now() + timedelta(minutes=30)):
        assert write(playlist, uris[:350]).state == State.DONE
    other = there.listener.id
    before("POST", 5, lambda: edited(there, owner_id="somebody"))
    run = write(playlist, uris[349::-1])
    assert (run.state, run.has_begun) == (State.FAILED, True)
    edited(there, owner_id=other)
    assert write(playlist, uris[349::-1]).state == State.DONE
    assert there.uris == uris[349::-1]


def test_a_clock_that_was_ahead_does_not_hold_up_the_making(write, anna, connection, uris):
    made = Playlist.objects.create(
        owner=anna, connection=connection, name="New", create_began_at=timezone.now() + timedelta(days=400)
    )
    run = sync.start(playlist=made, wanted=uris[:3], now=timezone.now())
    assert run is not None
    job = Job.objects.open().get(kind=sync.KIND)
    job_run.run(job_id=job.pk, heartbeat=False)
    job.refresh_from_db()
    assert job.not_before < timezone.now() + timedelta(minutes=2)
