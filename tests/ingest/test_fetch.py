"""Fetching chosen sources, one job each, against the sandbox over HTTP; and joining them."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from accounts.models import Job, SpotifyApp, SpotifyConnection, User
from ingest.actions import fetch, pull, sources
from ingest.models import SourceTrack, Track, TrackSource
from tests.factories.accounts import SpotifyConnectionFactory
from tests.factories.ingest import NOON, TrackFactory, heard

Kind = TrackSource.Kind


@pytest.fixture
def listed(connection: SpotifyConnection, run_jobs: Callable[..., list[Job]]) -> list[TrackSource]:
    """Everything of the account, read once."""
    pull.start(connection=connection)
    run_jobs("pull_library")
    return list(TrackSource.objects.of(connection.user).in_order())


def own(listed: list[TrackSource]) -> list[TrackSource]:
    return [each for each in listed if each.kind == Kind.PLAYLIST and each.is_readable and each.total]


def fetched(user: User, chosen: list[TrackSource], run_jobs: Callable[..., list[Job]], **options: Any) -> list[Job]:
    jobs = fetch.start_fetch(user=user, sources=chosen)
    run_jobs("fetch_tracks", **options)
    for job in jobs:
        job.refresh_from_db()
    return jobs


def ids(source: TrackSource) -> list[str]:
    return list(source.entries.order_by("position").values_list("track__spotify_id", flat=True))


def test_k_sources_make_k_jobs_that_say_what_they_read(anna, listed, run_jobs):
    chosen = [listed[0], *own(listed)[:2]]
    jobs = fetched(anna, chosen, run_jobs)
    assert [job.kind for job in Job.objects.filter(kind="fetch_tracks")] == ["fetch_tracks"] * 3
    assert [job.state for job in jobs] == ["done"] * 3, [job.error for job in jobs]
    assert [job.parameters["source_type"] for job in jobs] == ["liked", "playlist", "playlist"]
    assert [job.parameters["source_id"] for job in jobs[1:]] == [source.spotify_id for source in chosen[1:]]
    assert [job.parameters["source_label"] for job in jobs] == [str(source) for source in chosen]
    assert [job.result["tracks"] for job in jobs] == [source.entries.count() for source in chosen]
    assert {job.result["changed"] for job in jobs} == {0}


def test_one_that_is_being_fetched_is_not_fetched_twice(anna, listed):
    first = fetch.start_fetch(user=anna, sources=[listed[0], listed[0]])
    assert fetch.start_fetch(user=anna, sources=[listed[0]]) == first
    assert len(first) == 1


def test_what_changed_at_spotify_replaces_what_was_there(anna, connection, spotify, listed, run_jobs):
    source = own(listed)[0]
    new = spotify.world.tracks[7].id
    connection.gateway().playlist_replace(source.spotify_id, [f"spotify:track:{new}"])
    job = fetched(anna, [source], run_jobs)[0]
    assert (job.state, ids(source)) == ("done", [new])
    track = Track.objects.select_related("artist", "album").get(spotify_id=new)
    assert all((track.name, track.artist, track.album, track.duration_ms))
    source.refresh_from_db()
    assert source.total == 1
    assert source.remote_version


def test_a_long_playlist_is_read_whole_and_goes_on_after_a_quota(anna, connection, spotify, listed, run_jobs):
    source = own(listed)[0]
    wanted = [track.id for track in spotify.world.tracks[:240]]
    connection.gateway().playlist_replace(source.spotify_id, [])
    for start in (0, 100, 200):
        uris = [f"spotify:track:{one}" for one in wanted[start : start + 100]]
        connection.gateway().playlist_add(source.spotify_id, uris)
    before = ids(source)
    spotify.fault(
        status=429,
        retry_after=40_000,
        reason="QUOTA_EXCEEDED",
        path=f"/v1/playlists/{source.spotify_id}/items",
        skip=1,
        count=1,
    )
    job = fetched(anna, [source], run_jobs)[0]
    assert (job.state, ids(source)) == ("queued", before)
    SpotifyApp.objects.update(blocked_until=None)
    asked = len(spotify.requests("/v1/playlists/*"))
    run_jobs("fetch_tracks", ahead=True)
    job.refresh_from_db()
    assert (job.state, ids(source)) == ("done", wanted)
    assert len(spotify.requests("/v1/playlists/*")) == asked + 3  # the first page, and what was missing


def test_a_failure_is_told_and_harms_no_other(anna, spotify, listed, run_jobs):
    broken, fine = own(listed)[:2]
    before = ids(broken)
    spotify.fault(status=403, path=f"/v1/playlists/{broken.spotify_id}")
    jobs = fetched(anna, [broken, fine], run_jobs)
    assert [job.state for job in jobs] == ["failed", "done"]
    assert "What was read before is kept" in jobs[0].error
    broken.refresh_from_db()
    assert (broken.is_readable, ids(broken)) == (False, before)


def test_a_short_read_keeps_what_was_there(anna, listed, run_jobs, monkeypatch):
    import msgspec

    from accounts.spotify.gateway import SpotifyGateway

    whole = SpotifyGateway.playlist

    def short(self, playlist_id):
        told, page = whole(self, playlist_id)
        return told, msgspec.structs.replace(page, items=page.items[:-1], has_next=False)

    monkeypatch.setattr(SpotifyGateway, "playlist", short)
    monkeypatch.setattr(
        SpotifyGateway,
        "playlist_items",
        lambda self, pk, offset, limit: msgspec.structs.replace(whole(self, pk)[1], items=[], has_next=False),
    )
    source = own(listed)[0]
    before = ids(source)
    job = fetched(anna, [source], run_jobs)[0]
    assert job.state == "failed"
    assert "former ones were kept" in job.error
    assert ids(source) == before


def test_a_foreign_one_says_why_and_costs_no_call(anna, spotify, listed, run_jobs):
    foreign = next(each for each in listed if each.unreadable_reason == "foreign")
    before = len(spotify.requests())
    job = fetched(anna, [foreign], run_jobs)[0]
    assert job.state == "failed"
    assert "own or work on" in job.error
    assert len(spotify.requests()) == before


def test_an_album_is_read_with_all_its_tracks(anna, connection, spotify, run_jobs):
    album = max(spotify.world.albums, key=lambda each: len(each.track_ids))
    source = TrackSource.objects.create(user=anna, connection=connection, kind=Kind.ALBUM, spotify_id=album.id)
    job = fetched(anna, [source], run_jobs)[0]
    assert job.state == "done", job.error
    assert ids(source) == list(album.track_ids)
    source.refresh_from_db()
    assert source.name == album.name
    assert set(Track.objects.values_list("album__spotify_id", flat=True)) == {album.id}


def test_an_album_that_nobody_knows(anna, connection, run_jobs):
    source = TrackSource.objects.create(user=anna, connection=connection, kind=Kind.ALBUM, spotify_id="0" * 22)
    job = fetched(anna, [source], run_jobs)[0]
    assert job.state == "failed"
    assert "no such album" in job.error


def test_saved_albums_are_one_source(anna, connection, spotify, mara, run_jobs):
    source = TrackSource.objects.create(user=anna, connection=connection, kind=Kind.ALBUMS)
    job = fetched(anna, [source], run_jobs)[0]
    assert job.state == "done", job.error
    saved = [pk for _at, pk in spotify.world.saved_albums(mara, spotify.clock.now())]
    assert saved
    assert len(ids(source)) == sum(len(spotify.world.album(pk).track_ids) for pk in saved)
    assert not source.entries.filter(added_at=None).exists()


def test_without_the_account_nothing_begins(anna):
    source = TrackSource.objects.create(user=anna, connection=SpotifyConnectionFactory(user=anna), kind=Kind.LIKED)
    SpotifyConnection.objects.update(state=SpotifyConnection.State.RECONNECT)
    recent = TrackSource.objects.create(user=anna, kind=Kind.RECENT, asked="7")
    with pytest.raises(fetch.NotConnected):
        fetch.start_fetch(user=anna, sources=[recent, source])
    assert not Job.objects.exists()
    assert len(fetch.start_fetch(user=anna, sources=[recent])) == 1


def test_others_sources_are_not_fetched(anna, ben):
    source = TrackSource.objects.create(user=ben, kind=Kind.RECENT, asked="7")
    assert fetch.start_fetch(user=anna, sources=[source]) == []
    assert fetch.aggregate(user=anna, sources=[source], now=NOON).sources == []


def test_one_that_was_taken_away_ends_its_job(anna, run_jobs):
    source = TrackSource.objects.create(user=anna, kind=Kind.RECENT, asked="7")
    job = fetch.start_fetch(user=anna, sources=[source])[0]
    source.delete()
    run_jobs("fetch_tracks")
    job.refresh_from_db()
    assert (job.state, job.error) == ("failed", "This source is not among yours any more.")


class TestComputed:
    @pytest.fixture
    def tracks(self, anna: User) -> dict[str, Track]:
        """Loved: played 12 times, two years ago. Now: thrice, yesterday. Once: once, ten days ago."""
        made = {name: TrackFactory(name=name) for name in ("Loved", "Now", "Once")}
        for number in range(12):
            heard(anna, made["Loved"], NOON - timedelta(days=700 + number))
        for number in range(3):
            heard(anna, made["Now"], NOON - timedelta(days=1, hours=number))
        heard(anna, made["Once"], NOON - timedelta(days=10))
        return made

    @pytest.mark.parametrize(
        ("kind", "asked", "names"),
        [
            (Kind.TOP, "short_term", "Now Once"),
            (Kind.TOP, "all_time", "Loved Now Once"),
            (Kind.RECENT, "7", "Now"),
            (Kind.RECENT, "30", "Now Once"),
            (Kind.FORGOTTEN, "180", "Loved"),
        ],
    )
    def test_is_found_in_order(self, anna, tracks, kind, asked, names):
        source = TrackSource(user=anna, kind=kind, asked=asked)
        assert fetch.track_ids(source, now=NOON) == [tracks[name].pk for name in names.split()]

    def test_a_hidden_play_is_obeyed_at_once(self, anna, tracks):
        from ingest.actions import hide
        from ingest.models import Play

        source = TrackSource(user=anna, kind=Kind.TOP, asked="short_term")
        plays = Play.objects.filter(track=tracks["Now"]).values_list("pk", flat=True)
        hide.plays(user=anna, ids=list(plays), removed=False, now=NOON)
        assert fetch.track_ids(source, now=NOON) == [tracks["Once"].pk]

    def test_fetching_notes_the_size(self, anna, tracks, run_jobs):
        source = TrackSource.objects.create(user=anna, kind=Kind.TOP, asked="all_time")
        job = fetched(anna, [source], run_jobs)[0]
        source.refresh_from_db()
        assert (job.state, job.result["tracks"], source.total) == ("done", 3, 3)
        assert not SourceTrack.objects.exists()


def test_joined_sources_keep_all_that_hold_a_track(anna):
    connection = SpotifyConnectionFactory(user=anna)
    both, one, other = (TrackFactory() for _ in range(3))
    trip = TrackSource.objects.create(user=anna, connection=connection, kind=Kind.PLAYLIST, spotify_id="b", name="Trip")
    liked = sources.liked(connection)
    heard(anna, both, NOON - timedelta(days=1))
    recent = TrackSource.objects.create(user=anna, kind=Kind.RECENT, asked="7", name="Heard")
    for source, tracks in ((liked, [one, both]), (trip, [both, other, both, None])):
        for position, track in enumerate(tracks):
            SourceTrack.objects.create(source=source, position=position, track=track)
    found = fetch.aggregate(user=anna, sources=[recent, trip, liked], now=NOON)
    assert found.sources == [liked, trip, recent]
    assert [(row.track_id, row.source_ids) for row in found.tracks] == [
        (one.pk, (liked.pk,)),
        (both.pk, (liked.pk, trip.pk, recent.pk)),
        (other.pk, (trip.pk,)),
    ]
