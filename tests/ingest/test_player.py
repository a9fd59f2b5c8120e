"""What plays now, and the skips that only looking at the player tells, against the sandbox over HTTP."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.utils import timezone

from accounts.models import SpotifyApp, SpotifyConnection, User
from ingest.actions import player, poll
from ingest.models import Play, PollState
from tests.sandbox_fixtures import TestSandbox


@pytest.fixture(autouse=True)
def _empty_cache(db: None) -> None:
    cache.clear()


@pytest.fixture
def connection(anna: User, connected: Callable[..., SpotifyConnection], mara: Any) -> SpotifyConnection:
    made = connected(anna, mara)
    poll.begin(connection=made, now=timezone.now())
    return made


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[dict]:
    """Tasks that were sent."""
    sent: list[dict] = []
    monkeypatch.setattr(
        "celery.app.task.Task.apply_async", lambda self, kwargs=None, **_: sent.append({"task": self.name, **kwargs})
    )
    return sent


class TestNow:
    def test_a_page_never_waits_for_spotify(self, connection, anna, asked, spotify):
        assert player.now_playing(anna, timezone.now()) is None
        assert player.now_playing(anna, timezone.now()) is None
        assert [one["task"] for one in asked] == ["ingest.look_at_player"]
        assert spotify.requests("/v1/me/player*") == []

    def test_shows_what_the_look_found(self, connection, anna, spotify, mara):
        track = spotify.world.tracks[3]
        spotify.play_now(mara.id, track, progress_ms=20_000)
        now = timezone.now()
        player.look(user_id=anna.pk, now=now)
        shown = player.now_playing(anna, now)
        assert shown.track.spotify_id == track.id
        assert shown.is_playing
        assert 20_000 <= shown.progress_ms < 25_000
        assert shown.progress_at(now + timedelta(seconds=10)) == shown.progress_ms + 10_000
        assert shown.progress_at(now + timedelta(hours=1)) == shown.duration_ms

    def test_holds_until_the_track_should_end(self, connection, anna, asked, spotify, mara):
        track = spotify.world.tracks[3]
        spotify.play_now(mara.id, track)
        now = timezone.now()
        player.look(user_id=anna.pk, now=now)
        player.now_playing(anna, now + timedelta(milliseconds=track.duration_ms) - timedelta(seconds=9))
        assert asked == []
        player.now_playing(anna, now + timedelta(milliseconds=track.duration_ms) + timedelta(seconds=1))
        assert len(asked) == 1

    def test_a_track_nobody_looked_at_since_is_not_shown_for_ever(self, connection, anna, spotify, mara):
        spotify.play_now(mara.id, spotify.world.tracks[3])
        now = timezone.now()
        player.look(user_id=anna.pk, now=now)
        assert player.now_playing(anna, now + timedelta(minutes=30)) is None

    def test_nothing_and_a_private_session_show_nothing(self, connection, anna, spotify, mara):
        spotify.play_now(mara.id)
        player.look(user_id=anna.pk, now=timezone.now())
        assert player.now_playing(anna, timezone.now()) is None
        spotify.play_now(mara.id, spotify.world.tracks[3], private_session=True)
        player.look(user_id=anna.pk, now=timezone.now())
        assert player.now_playing(anna, timezone.now()) is None
        assert spotify.world.tracks[3].name not in str(PollState.objects.get().watching)

    @pytest.mark.parametrize("kind", ["ad", "episode"])
    def test_an_ad_or_episode_has_no_track(self, connection, anna, spotify, mara, kind):
        item = spotify.world.spoken.shows[0].episode_ids[0] if kind == "episode" else None
        spotify.play_now(mara.id, item, kind=kind)
        player.look(user_id=anna.pk, now=timezone.now())
        shown = player.now_playing(anna, timezone.now())
        assert shown is None or shown.track is None

    def test_trouble_waits_and_is_no_error(self, connection, anna, asked, spotify):
        spotify.fault(status=503, path="/v1/me/player")
        now = timezone.now()
        player.look(user_id=anna.pk, now=now)
        assert player.now_playing(anna, now + timedelta(seconds=1)) is None
        assert asked == []

    def test_calls_for_polls_are_left_alone(self, connection, anna, spotify):
        SpotifyApp.objects.update(daily_calls=5, interactive_reserve=0)
        for _ in range(5):
            player.look(user_id=anna.pk, now=timezone.now())
        assert len(spotify.requests("/v1/me/player")) == 3

    def test_somebody_without_spotify_costs_nothing(self, ben, asked):
        assert player.now_playing(ben, timezone.now()) is None
        assert asked == []


class TestSkips:
    def look(self, traveller: Any, anna: User, spotify: TestSandbox, seconds: float) -> None:
        traveller.shift(timedelta(seconds=seconds))
        player.look(user_id=anna.pk, now=timezone.now(), watching=True)

    def test_a_track_left_early_is_stored(self, connection, anna, spotify, mara):
        SpotifyApp.objects.update(daily_calls=50_000)
        first, second = spotify.world.tracks[3], spotify.world.tracks[4]
        with time_machine.travel(timezone.now(), tick=False) as traveller:
            spotify.play_now(mara.id)
            self.look(traveller, anna, spotify, 0)
            traveller.shift(timedelta(seconds=5))
            spotify.play_now(mara.id, first)
            self.look(traveller, anna, spotify, 10)
            traveller.shift(timedelta(seconds=5))
            spotify.play_now(mara.id, second)
            self.look(traveller, anna, spotify, 10)
        play = Play.objects.of(anna).select_related("track").get()
        assert play.track.spotify_id == first.id
        assert play.origin == Play.Origin.WATCH
        assert play.ms_played == pytest.approx(15_000, abs=1_000)
        assert not play.is_estimate

    def test_handed_out_only_where_calls_abound(self, connection, anna):
        assert player.hand_out(now=timezone.now()) == []
        SpotifyApp.objects.update(daily_calls=player.WATCH_CALLS)
        assert player.hand_out(now=timezone.now()) == [anna.pk]
        assert player.hand_out(now=timezone.now()) == []  # its time has not come again

    def test_or_a_page_is_open(self, connection, connected, anna, ben, spotify):
        other = connected(ben, spotify.listeners[1])
        poll.begin(connection=other, now=timezone.now())
        SpotifyApp.objects.update(daily_calls=player.WATCH_CALLS)
        assert player.hand_out(now=timezone.now()) == []
        player.now_playing(ben, timezone.now())
        assert player.hand_out(now=timezone.now()) == [ben.pk]
