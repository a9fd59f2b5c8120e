"""Reading likes and playlists, whole or not at all, against the sandbox over HTTP."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Job, SpotifyApp, SpotifyConnection, User
from accounts.spotify import registration
from ingest.actions import pull, sources
from ingest.models import SourceTrack, Track, TrackSource, Wanted
from tests.sandbox_fixtures import TestSandbox

Liked, Playlist = TrackSource.Kind.LIKED, TrackSource.Kind.PLAYLIST


@pytest.fixture
def read(connection: SpotifyConnection, run_jobs: Callable[..., list[Job]]) -> Callable[..., Job]:
    """Read the library once; the job as it ended."""

    def once(**options: Any) -> Job:
        job = pull.start(connection=connection)
        run_jobs("pull_library", **options)
        job.refresh_from_db()
        return job

    return once


def _likes(user: User) -> list[str]:
    rows = SourceTrack.objects.filter(source__user=user, source__kind=Liked).order_by("position")
    return list(rows.values_list("track__spotify_id", flat=True))


def _truth(spotify: TestSandbox, mara: Any) -> list[str]:
    return [track_id for _at, track_id in spotify.world.liked(mara, spotify.clock.now())]


class TestLikes:
    def test_are_read_whole_and_in_order(self, read, anna, spotify, mara):
        job = read()
        assert job.state == Job.State.DONE, job.error
        assert _likes(anna) == _truth(spotify, mara)
        assert len(_likes(anna)) > 50
        source = TrackSource.objects.get(user=anna, kind=Liked)
        assert source.total == len(_likes(anna))
        assert source.pulled_at is not None

    def test_what_is_kept_is_asked_about_likes_first(self, read, anna):
        read()
        held = SourceTrack.objects.filter(source__user=anna, track__kind=Track.Kind.MUSIC)
        ranks = dict(Wanted.objects.exclude(track=None).values_list("track_id", "rank"))
        assert set(ranks) == set(held.values_list("track_id", flat=True))
        likes = held.filter(source__kind=Liked).order_by("position").values_list("track_id", flat=True)
        assert [ranks[pk] for pk in likes] == list(range(1, len(likes) + 1))
        artists = set(held.values_list("track__artist_id", flat=True))
        assert set(Wanted.objects.exclude(artist=None).values_list("artist_id", flat=True)) == artists

    def test_a_second_run_writes_nothing_and_costs_little(self, read, anna, spotify):
        read()
        ids = set(SourceTrack.objects.values_list("pk", flat=True))
        before = len(spotify.requests("/v1/me/tracks"))
        job = read()
        assert job.result["likes_changed"] == 0
        assert set(SourceTrack.objects.values_list("pk", flat=True)) == ids
        assert len(spotify.requests("/v1/me/tracks")) == before + 1

    def test_added_ones_come_with_one_call(self, read, connection, anna, spotify, mara):
        read()
        new = next(one for one in spotify.world.tracks if one.id not in _truth(spotify, mara))
        connection.gateway().library_add([f"spotify:track:{new.id}"])
        before = len(spotify.requests("/v1/me/tracks"))
        read()
        assert _likes(anna) == _truth(spotify, mara)
        assert _likes(anna)[0] == new.id
        assert len(spotify.requests("/v1/me/tracks")) == before + 1

    def test_unliked_ones_leave(self, read, connection, anna, spotify, mara):
        read()
        gone = _likes(anna)[60]
        connection.gateway().library_remove([f"spotify:track:{gone}"])
        read()
        assert gone not in _likes(anna)
        assert _likes(anna) == _truth(spotify, mara)

    def test_one_left_and_one_came(self, read, connection, anna, spotify, mara):
        read()
        new = next(one for one in spotify.world.tracks if one.id not in _truth(spotify, mara))
        connection.gateway().library_remove([f"spotify:track:{_likes(anna)[-1]}"])
        connection.gateway().library_add([f"spotify:track:{new.id}"])
        read()
        assert _likes(anna) == _truth(spotify, mara)

    def test_a_failed_read_changes_nothing_and_goes_on_later(self, read, connection, anna, spotify, mara):
        read()
        before = _likes(anna)
        connection.gateway().library_remove([f"spotify:track:{before[3]}"])
        spotify.fault(status=502, path="/v1/me/tracks", skip=2, count=1)
        job = pull.start(connection=connection)
        from accounts import job_run

        job_run.run(job_id=job.pk, heartbeat=False)
        job.refresh_from_db()
        assert job.state == Job.State.QUEUED
        assert _likes(anna) == before
        read(ahead=True)
        assert _likes(anna) == _truth(spotify, mara)

    def test_a_short_read_changes_nothing(self, read, connection, anna, monkeypatch):
        read()
        before = _likes(anna)
        from accounts.spotify.gateway import SpotifyGateway

        whole = SpotifyGateway.saved_tracks

        def short(self, offset=0, limit=50):
            import msgspec

            page = whole(self, offset, limit)
            return msgspec.structs.replace(page, total=(page.total or 0) + 7, has_next=page.has_next)

        monkeypatch.setattr(SpotifyGateway, "saved_tracks", short)
        job = read()
        assert job.state == Job.State.FAILED
        assert "former list was kept" in job.error
        assert _likes(anna) == before

    def test_a_quota_puts_it_off_and_it_goes_on_where_it_was(self, read, connection, anna, spotify, mara):
        spotify.fault(status=429, retry_after=40_000, reason="QUOTA_EXCEEDED", path="/v1/me/tracks", skip=2, count=1)
        job = read()
        assert job.state == Job.State.QUEUED
        assert job.not_before > timezone.now() + timedelta(hours=11)
        assert len(job.step["staged"]["rows"]) == 100
        assert _likes(anna) == []
        SpotifyApp.objects.update(blocked_until=None)
        job = read(ahead=True)
        assert job.state == Job.State.DONE, job.error
        assert _likes(anna) == _truth(spotify, mara)
        offsets = [one["query"].get("offset") for one in spotify.requests("/v1/me/tracks") if "query" in one]
        assert not offsets or len(offsets) <= len(_likes(anna)) // 50 + 4

    def test_leaves_calls_for_polls(self, read, connection, anna):
        SpotifyApp.objects.update(daily_calls=8, interactive_reserve=0)
        job = read()
        assert job.state == Job.State.QUEUED
        assert job.not_before > timezone.now()
        assert "plays" in job.message


class TestPlaylists:
    def test_own_ones_are_read_and_others_say_why_not(self, read, anna, spotify, mara):
        read()
        truth = {one.id: one for one in spotify.world.playlists(mara, spotify.clock.now())}
        rows = TrackSource.objects.filter(user=anna, kind=Playlist)
        assert {row.spotify_id for row in rows} == set(truth)
        for row in rows:
            own = row.owner_id == mara.id
            assert row.is_readable == own or row.is_collaborative
            assert bool(row.unreadable_reason) != row.is_readable
            if row.is_readable:
                assert row.entries.count() == len(truth[row.spotify_id].items)
                assert row.remote_version

    def test_unchanged_ones_cost_no_call(self, read, spotify):
        read()
        before = len(spotify.requests("/v1/playlists/*"))
        read()
        assert len(spotify.requests("/v1/playlists/*")) == before

    def test_changed_ones_are_read_again(self, read, connection, anna, spotify, mara):
        read()
        row = TrackSource.objects.filter(user=anna, kind=Playlist, owner_id=mara.id).first()
        length = row.entries.count()
        connection.gateway().playlist_add(row.spotify_id, [f"spotify:track:{spotify.world.tracks[5].id}"])
        read()
        row.refresh_from_db()
        assert row.entries.count() == length + 1
        assert row.entries.last().track.spotify_id == spotify.world.tracks[5].id

    def test_refused_ones_keep_what_was_read(self, read, anna, spotify, mara):
        read()
        row = TrackSource.objects.filter(user=anna, kind=Playlist, owner_id=mara.id).first()
        length = row.entries.count()
        TrackSource.objects.filter(pk=row.pk).update(remote_version="older")
        spotify.fault(status=403, path=f"/v1/playlists/{row.spotify_id}/items")
        job = read()
        assert job.state == Job.State.DONE, job.error
        row.refresh_from_db()
        assert (row.is_readable, row.unreadable_reason) == (False, "refused")
        assert row.entries.count() == length

    def test_left_ones_leave(self, read, connection, anna, mara):
        read()
        row = TrackSource.objects.filter(user=anna, kind=Playlist).first()
        connection.gateway().library_remove([f"spotify:playlist:{row.spotify_id}"])
        read()
        assert not TrackSource.objects.filter(pk=row.pk).exists()

    def test_odd_entries_keep_their_place(self, read, anna, spotify, mara):
        spotify.fault(kind="nulls", path="/v1/playlists/*")
        read()
        row = TrackSource.objects.filter(user=anna, kind=Playlist, owner_id=mara.id).exclude(total=0).first()
        assert [one.position for one in row.entries.all()] == list(range(row.total))


class TestJob:
    def test_a_dead_consent_fails_with_words(self, read, connection, spotify, mara):
        SpotifyConnection.objects.update(access_expires_at=timezone.now() - timedelta(hours=1))
        spotify.revoke(mara.id)
        job = read()
        assert job.state == Job.State.FAILED
        assert "connect again" in job.error.lower() or "not connected" in job.error

    def test_one_open_job_per_connection(self, connection):
        assert pull.start(connection=connection) == pull.start(connection=connection)

    def test_daily_only_for_stale_ones(self, read, connection):
        read()
        assert pull.start_due(now=timezone.now()) == 0
        assert pull.start_due(now=timezone.now() + timedelta(days=1, hours=1)) == 1


class TestLibraryPage:
    def test_shows_likes_first_then_playlists(self, read, anna, client: Client):
        read()
        client.force_login(anna)
        page = client.get("/library/").content.decode()
        names = list(TrackSource.objects.filter(kind=Playlist).values_list("name", flat=True))
        assert names
        assert page.index("Liked tracks") < min(page.index(_html(name)) for name in names if name)
        assert "Read again" in page

    def test_read_again_starts_a_job(self, connection, anna, client: Client):
        client.force_login(anna)
        answer = client.post(f"/library/{connection.pk}/read/")
        assert answer.status_code == 302
        assert Job.objects.get().kind == "pull_library"
        assert "about to be read" in client.get("/library/").content.decode()

    def test_of_another_person_is_404(self, connection, ben, client: Client):
        client.force_login(ben)
        assert client.post(f"/library/{connection.pk}/read/").status_code == 404
        assert b"Mara" not in client.get("/library/").content
        assert not Job.objects.exists()

    def test_of_nobody_says_what_to_do(self, ben, client: Client):
        client.force_login(ben)
        assert b"Connect Spotify" in client.get("/library/").content


def _html(text: str) -> str:
    from django.utils.html import escape

    return escape(text)


def test_registration_knows_the_app(connection):
    assert registration.from_settings() == connection.app


class TestGrown:
    old = [sources.Entry(f"spotify:track:{n}", n, n, False) for n in range(100)]
    new = [sources.Entry(f"spotify:track:x{n}", 900 + n, 900 + n, False) for n in range(60)]

    def test_nothing(self):
        assert sources.grown(self.old, self.old[:50], 100) == self.old

    def test_some_on_top(self):
        now = self.new[:3] + self.old
        assert sources.grown(self.old, now[:50], 103) == now

    @pytest.mark.parametrize("total", [99, 101, None])
    def test_not_told_by_the_first_page(self, total):
        assert sources.grown(self.old, self.old[:50], total) is None

    def test_more_than_a_page(self):
        assert sources.grown(self.old, (self.new + self.old)[:50], 160) is None

    def test_one_gone_one_new(self):
        assert sources.grown(self.old, (self.new[:1] + self.old)[:50], 100) is None


class TestLessAllowed:
    """At Spotify's page each permission can be left unchecked."""

    def scopes(self, connection, *scopes):
        connection.scopes = list(scopes)
        connection.save()

    def test_without_likes_the_playlists_are_read_once_a_day(self, connection, read, anna, spotify):
        self.scopes(connection, "playlist-read-private", "playlist-read-collaborative")
        job = read()
        assert job.state == Job.State.DONE, job.error
        assert "not allowed by you" in job.message
        assert TrackSource.objects.filter(user=anna, kind=Playlist).exists()
        assert not spotify.requests("/v1/me/tracks")
        assert pull.start_due(now=timezone.now()) == 0
        assert pull.start_due(now=timezone.now() + timedelta(days=1, hours=1)) == 1

    def test_without_playlists_the_likes_are_read(self, connection, read, anna, spotify):
        self.scopes(connection, "user-library-read")
        assert read().state == Job.State.DONE
        assert _likes(anna)
        assert not spotify.requests("/v1/me/playlists")

    def test_without_both_nothing_is_begun_and_a_wish_is_answered(self, connection, anna, client):
        self.scopes(connection, "user-read-recently-played")
        assert pull.start_due(now=timezone.now()) == 0
        client.force_login(anna)
        told = client.post(f"/library/{connection.pk}/read/", follow=True)
        assert not Job.objects.exists()
        assert "did not allow us to read your likes" in told.content.decode()


def test_an_answer_that_fails_midway_costs_no_attempt(connection, read, anna, spotify, mara, run_jobs):
    spotify.fault(status=500, path="/v1/me/tracks", skip=2, count=1)
    spotify.fault(status=500, path="/v1/me/tracks", skip=5, count=1)
    job = read(ahead=True)
    assert (job.state, job.attempts) == (Job.State.DONE, 1)
    assert _likes(anna) == _truth(spotify, mara)
