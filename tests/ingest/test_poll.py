"""Polling recently-played through the gateway, against the sandbox over HTTP."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone

from accounts.fields import to_ms
from accounts.models import SpotifyApp, SpotifyConnection, User
from ingest.actions import poll, welcome
from ingest.models import Gap, Play, PollState
from tests.sandbox_fixtures import TestSandbox

Connect = Callable[..., SpotifyConnection]


@pytest.fixture(autouse=True)
def _empty_cache(db: None) -> None:
    cache.clear()


@pytest.fixture
def quiet(spotify: TestSandbox) -> Any:
    """A listener of whom nothing is known but what a test adds."""
    return next(one for one in spotify.listeners if not spotify.world.world.plays(one, _ago(days=3), timezone.now()))


def _ago(**span: float) -> datetime:
    return timezone.now() - timedelta(**span)


@pytest.fixture
def connection(anna: User, connected: Connect, quiet: Any) -> SpotifyConnection:
    made = connected(anna, quiet)
    poll.begin(connection=made, now=timezone.now())
    return made


def _poll(connection: SpotifyConnection) -> int:
    return poll.run(connection_id=connection.pk, claim=None, now=timezone.now())


def _play(spotify: TestSandbox, quiet: Any, count: int, *, last: timedelta = timedelta(minutes=2)) -> None:
    """`count` plays in a row, the last of which ended `last` ago."""
    for number in range(count):
        track = spotify.world.tracks[number % 90]
        spotify.add_play(quiet.id, track, at=timezone.now() - last - timedelta(minutes=3 * (count - 1 - number)))


class TestOnePoll:
    def test_stores_what_was_played(self, connection, spotify, quiet, anna):
        _play(spotify, quiet, 3)
        assert _poll(connection) == 3
        play = Play.objects.of(anna).select_related("track").latest("ended_at")
        assert play.track.spotify_id == spotify.world.tracks[2].id
        assert play.origin == Play.Origin.POLL
        assert play.is_estimate
        assert play.ms_played == play.track.duration_ms
        assert play.ended_at - play.started_at == timedelta(milliseconds=play.ms_played)

    def test_twice_keeps_each_play_once(self, connection, spotify, quiet, anna):
        _play(spotify, quiet, 5)
        assert [_poll(connection), _poll(connection)] == [5, 0]
        assert Play.objects.of(anna).count() == 5

    def test_cursor_is_the_newest_play_and_never_now(self, connection, spotify, quiet):
        _poll(connection)
        assert PollState.objects.get().cursor is None
        _play(spotify, quiet, 2, last=timedelta(minutes=40))
        _poll(connection)
        state = PollState.objects.get()
        assert timedelta(minutes=39) < timezone.now() - state.cursor < timedelta(minutes=41)
        assert state.new_plays == 2
        assert timezone.now() + timedelta(seconds=30) < state.next_at <= timezone.now() + timedelta(hours=6)

    def test_takes_in_a_play_that_comes_late(self, connection, spotify, quiet, anna):
        _play(spotify, quiet, 2)
        _poll(connection)
        _play(spotify, quiet, 1, last=timedelta(hours=55))
        assert _poll(connection) == 1
        assert Play.objects.of(anna).count() == 3

    def test_learns_when_the_person_listens(self, connection, spotify, quiet):
        _play(spotify, quiet, 20, last=timedelta(hours=1))
        _poll(connection)
        memory = PollState.objects.get().memory
        assert memory["heard"] or sum(memory["weeks"]) >= 0
        assert memory["burst"] == pytest.approx(30, abs=1)

    def test_of_a_connection_that_is_gone_does_nothing(self, connection, db):
        connection.state = SpotifyConnection.State.RECONNECT
        connection.save()
        assert _poll(connection) == 0
        connection.delete()
        assert poll.run(connection_id=99, claim=None, now=timezone.now()) == 0


class TestGaps:
    def test_none_on_the_first_poll(self, connection, spotify, quiet):
        _play(spotify, quiet, 60)
        assert _poll(connection) == 50
        assert not Gap.objects.exists()

    def test_a_full_page_of_new_plays_is_one(self, connection, spotify, quiet, anna):
        _play(spotify, quiet, 1, last=timedelta(hours=10))
        _poll(connection)
        _play(spotify, quiet, 60)
        _poll(connection)
        gap = Gap.objects.get(user=anna)
        assert gap.reason == Gap.Reason.FULL_PAGE
        assert gap.started_at < gap.ended_at < timezone.now() - timedelta(hours=2)
        assert gap.ended_at <= Play.objects.of(anna).order_by("-ended_at")[49].started_at

    def test_tells_why_nobody_looked(self, connection, spotify, quiet):
        _play(spotify, quiet, 1, last=timedelta(hours=10))
        _poll(connection)
        PollState.objects.update(stopped_for=Gap.Reason.CONSENT)
        _play(spotify, quiet, 55)
        _poll(connection)
        assert Gap.objects.get().reason == Gap.Reason.CONSENT
        assert PollState.objects.get().stopped_for == ""

    def test_49_new_plays_are_none(self, connection, spotify, quiet):
        _play(spotify, quiet, 1, last=timedelta(hours=10))
        _poll(connection)
        _play(spotify, quiet, 49)
        _poll(connection)
        assert not Gap.objects.exists()


class TestTrouble:
    def test_of_one_is_put_off_and_harms_nobody_else(self, connection, connected, spotify, ben):
        other = connected(ben, spotify.listeners[0])
        poll.begin(connection=other, now=timezone.now())
        spotify.fault(status=503, path="/v1/me/player/*", listener=connection.spotify_user_id)
        assert _poll(connection) == 0
        assert _poll(other) > 0
        state = PollState.objects.get(pk=connection.pk)
        assert (state.failures, state.stopped_for) == (1, Gap.Reason.OUTAGE)
        assert state.next_at > timezone.now()

    def test_a_quota_stops_the_whole_developer_account(self, connection, connected, spotify, ben):
        other = connected(ben, spotify.listeners[0])
        poll.begin(connection=other, now=timezone.now())
        spotify.fault(status=429, retry_after=40_000, reason="QUOTA_EXCEEDED", path="/v1/me/player/*")
        _poll(connection)
        waits = [state.next_at - timezone.now() for state in PollState.objects.all()]
        assert all(timedelta(hours=11) < wait < timedelta(hours=12) for wait in waits)
        assert {state.stopped_for for state in PollState.objects.all()} == {Gap.Reason.BLOCKED}
        assert poll.hand_out(now=timezone.now()) == []

    def test_a_wrong_secret_is_tried_again_when_its_block_ends(self, connection, spotify):
        SpotifyConnection.objects.update(access_expires_at=_ago(minutes=1))
        spotify.app(secret="changed")
        _poll(connection)
        state = PollState.objects.select_related("connection__app").get()
        assert state.stopped_for == Gap.Reason.BLOCKED
        assert state.next_at == state.connection.app.blocked_until < timezone.now() + timedelta(hours=2)

    def test_asks_for_nothing_that_was_not_allowed(self, connection, spotify):
        SpotifyConnection.objects.update(scopes=["user-library-read"])
        _poll(connection)
        assert PollState.objects.get().stopped_for == Gap.Reason.CONSENT
        assert not spotify.requests("/v1/*")

    def test_a_dead_consent_stops_one(self, connection, connected, spotify, ben):
        spotify.revoke(connection.spotify_user_id)
        _poll(connection)
        state = PollState.objects.get()
        assert state.stopped_for == Gap.Reason.CONSENT
        assert poll.hand_out(now=timezone.now() + timedelta(days=1)) == []
        assert spotify.requests("/v1/me/player/*") == spotify.requests("/v1/me/player/*")[:1]

    @pytest.mark.parametrize(
        "fault", [{"kind": "bad_json"}, {"kind": "cut"}, {"kind": "empty"}, {"kind": "content"}, {"kind": "reset"}]
    )
    def test_a_broken_answer_loses_nothing(self, connection, spotify, quiet, fault):
        _play(spotify, quiet, 4)
        spotify.fault(path="/v1/me/player/*", count=1, **fault)
        _poll(connection)
        PollState.objects.update(next_at=timezone.now())
        _poll(connection)
        assert Play.objects.count() == 4

    def test_odd_entries_do_not_stop_the_rest(self, connection, spotify, quiet):
        _play(spotify, quiet, 9)
        spotify.fault(kind="nulls", path="/v1/me/player/*")
        spotify.fault(kind="duplicates", path="/v1/me/player/*")
        _poll(connection)
        assert 0 < Play.objects.count() <= 9


class TestTurns:
    def test_are_handed_out_once(self, connection):
        now = timezone.now()
        first, second = poll.hand_out(now=now), poll.hand_out(now=now)
        assert [pk for pk, _claim in first] == [connection.pk]
        assert second == []

    def test_a_message_delivered_twice_polls_once(self, connection, spotify):
        [(pk, claim)] = poll.hand_out(now=timezone.now())
        for _ in range(2):
            poll.run(connection_id=pk, claim=claim, now=timezone.now())
        assert len(spotify.requests("/v1/me/player/recently-played")) == 1

    def test_come_again_when_a_worker_died(self, connection):
        poll.hand_out(now=timezone.now())
        assert poll.hand_out(now=timezone.now() + poll.LEASE)

    def test_wait_when_the_calls_are_spent(self, connection, spotify):
        SpotifyApp.objects.update(daily_calls=2, interactive_reserve=1)
        assert len(poll.hand_out(now=timezone.now())) == 1
        _poll(connection)
        PollState.objects.update(next_at=timezone.now())
        assert poll.hand_out(now=timezone.now()) == []
        state = PollState.objects.get()
        assert state.stopped_for == Gap.Reason.BUDGET
        assert state.next_at > timezone.now()

    def test_go_on_when_an_operator_lifts_a_block(self, connection, spotify):
        spotify.fault(status=429, retry_after=40_000, reason="QUOTA_EXCEEDED", path="/v1/me/player/*", count=1)
        _poll(connection)
        assert poll.hand_out(now=timezone.now()) == []
        SpotifyApp.objects.update(blocked_until=None, block_reason="")
        assert len(poll.hand_out(now=timezone.now())) == 1

    def test_pass_over_disabled_apps_and_people(self, connection):
        SpotifyApp.objects.update(enabled=False)
        assert poll.hand_out(now=timezone.now()) == []
        SpotifyApp.objects.update(enabled=True)
        User.objects.update(is_active=False)
        assert poll.hand_out(now=timezone.now()) == []

    def test_a_new_consent_polls_at_once(self, connection):
        PollState.objects.update(next_at=timezone.now() + timedelta(days=9), failures=7)
        welcome.connected(connection=connection, is_new=False, now=timezone.now())
        assert [pk for pk, _claim in poll.hand_out(now=timezone.now())] == [connection.pk]
        assert [job.kind for job in connection.user.jobs.all()] == ["pull_library"]

    def test_tasks_do_it_all(self, connection, spotify, quiet, monkeypatch):
        from ingest import tasks

        _play(spotify, quiet, 2)
        monkeypatch.setattr("celery.app.task.Task.apply_async", lambda self, kwargs, **_: self(**kwargs))
        assert tasks.plan_polls() == 1
        assert Play.objects.count() == 2
        assert to_ms(PollState.objects.get().polled_at) > to_ms(datetime(2020, 1, 1, tzinfo=UTC))
