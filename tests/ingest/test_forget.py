"""Disconnecting takes what came from Spotify's API; leaving takes everything; nobody else loses a row."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.actions import depart
from accounts.models import User
from ingest import columns
from ingest.actions import record
from ingest.evidence import Evidence, Origin
from ingest.models import ColumnsDelta, Gap, MergedPlay, Play, PlayLedger, SourceTrack, Track, TrackSource
from tests.factories.accounts import SpotifyConnectionFactory


@pytest.fixture
def track(db):
    return Track.objects.create(name="Teardrop")


@pytest.fixture
def hear(track, now):
    def one(user, origin, hours):
        end = int((now + timedelta(hours=hours)).timestamp() * 1000)
        evidence = Evidence(
            origin=origin,
            track_id=track.pk,
            started_ms=end - 200_000,
            ended_ms=end,
            ms_played=200_000,
            is_estimate=origin is Origin.POLL,
        )
        record.plays(user=user, evidence=[evidence], now=now)

    return one


@pytest.fixture
def home(anna, ben, hear, track):
    """Anna's polled, watched, exported and doubly told plays, and Ben's."""
    connection = SpotifyConnectionFactory(user=anna)
    for hours, origins in enumerate(
        [[Origin.POLL], [Origin.WATCH], [Origin.EXPORT], [Origin.POLL, Origin.EXPORT]], start=1
    ):
        for origin in origins:
            hear(anna, origin, hours)
    hear(ben, Origin.POLL, 1)
    for user, of in ((anna, connection), (ben, SpotifyConnectionFactory(user=ben))):
        source = TrackSource.objects.create(user=user, connection=of, kind="liked")
        SourceTrack.objects.create(source=source, position=0, track=track)
        Gap.objects.create(
            user=user, connection=of, started_at=timezone.now(), ended_at=timezone.now(), reason="budget"
        )
    return connection


def origins_of(user):
    return sorted(Play.objects.of(user).values_list("origin", flat=True))


def test_disconnecting_takes_what_came_through_the_api(home, anna, ben, now):
    said = dict(depart.preview(user=anna, connection=home).rows)
    gone = depart.disconnect(connection=home, now=now)
    assert dict(gone.rows) == said
    assert said["plays seen by polling"] == 3
    assert said["lists of tracks"] == said["tracks in these lists"] == said["gaps in the log"] == 1
    assert origins_of(anna) == [Origin.EXPORT, Origin.EXPORT]
    assert not MergedPlay.objects.filter(user=anna).exists()
    assert not TrackSource.objects.filter(user=anna).exists()
    assert len(columns.load(anna)) == 2
    assert columns.check(anna) == []
    assert origins_of(ben) == [Origin.POLL]
    assert SourceTrack.objects.count() == 1


def test_with_another_account_connected_the_plays_stay(home, anna, now):
    SpotifyConnectionFactory(user=anna)
    depart.disconnect(connection=home, now=now)
    assert len(origins_of(anna)) == 4
    assert not TrackSource.objects.filter(user=anna).exists()


def test_leaving_takes_everything(home, anna, ben, now):
    depart.leave(user=anna, now=now)
    anna.refresh_from_db()
    place = columns.folder(anna.pk)
    gone = depart.forget(user=anna)
    assert dict(gone.rows)["plays"] == 4
    for model in (Play, MergedPlay, TrackSource, Gap, ColumnsDelta, PlayLedger):
        assert set(model.objects.values_list("user_id", flat=True)) <= {ben.pk}
    assert list(User.objects.all()) == [ben]
    assert not place.exists()
    assert origins_of(ben) == [Origin.POLL]


def test_a_poll_on_its_way_writes_nothing_after_the_disconnect(home, anna, now):
    from accounts.spotify.payloads import PlayPayload, RecentPage, TrackPayload
    from ingest.actions import poll
    from ingest.models import PollState

    state = PollState.objects.create(connection=home, next_at=now)
    heard = TrackPayload("4uLU6hMCjMI75M1A2tKUQC", "", "Teardrop", 200_000, None, None, False, 1, 1, [], None)
    depart.disconnect(connection=home, now=now)
    assert poll._keep(state, RecentPage([PlayPayload(heard, now, None)], 0), now) == 0
    assert set(origins_of(anna)) == {Origin.EXPORT}
