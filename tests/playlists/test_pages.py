"""Playlists as a person meets them: from what they heard to a list at Spotify, and back."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from django.utils.html import escape

from accounts import jobs
from accounts.models import Job, SpotifyApp
from ingest.models import TrackSource
from playlists.actions import sync
from playlists.forms import NewPlaylistForm
from playlists.models import Playlist, SyncRun
from tests.factories.ingest import ArtistFactory, TrackFactory, heard
from tests.playlists.conftest import LOCAL

State = SyncRun.State


@pytest.fixture
def songs(anna, spotify):
    """Three tracks that Spotify has, heard three times, twice and once; and one known by its name alone."""
    artist = ArtistFactory(name="Loud")
    tracks = [TrackFactory(spotify_id=track.id, name=track.name, artist=artist) for track in spotify.world.tracks[:3]]
    at = datetime.now(UTC) - timedelta(days=2)
    for times, track in zip((3, 2, 1), tracks, strict=True):
        for number in range(times):
            heard(anna, track, at + timedelta(minutes=10 * number + times))
    heard(anna, TrackFactory(spotify_id=None, text_key="bare"), at)
    return tracks


def test_from_what_was_heard_to_spotify_and_back(client, anna, connection, songs, spotify, run_jobs):
    client.force_login(anna)
    page = client.get("/playlists/from-listening/?range=all").content.decode()
    assert all(escape(track.name) in page for track in songs)
    assert "1 track is known by name alone" in page
    answer = client.post("/playlists/from-listening/?range=all", {"name": "Mine", "size": "2"})
    run = SyncRun.objects.get()
    assert answer["Location"] == f"/playlists/runs/{run.pk}/"
    uris = [f"spotify:track:{track.spotify_id}" for track in songs]
    assert run.after == uris[:2]
    assert "Write it: 2 tracks" in client.get(answer["Location"]).content.decode()
    client.post(f"/playlists/runs/{run.pk}/confirm/", {"plan": run.plan_hash})
    run_jobs(sync.KIND)
    made = [one for one in spotify.state.saved.playlists.values() if one.name == "Mine"]
    assert [entry.uri for entry in made[0].items] == uris[:2]
    assert "Undo this" in client.get(f"/playlists/runs/{run.pk}/").content.decode()

    answer = client.post(f"/playlists/runs/{run.pk}/undo/")
    back = SyncRun.objects.exclude(pk=run.pk).get()
    assert "Nothing would be left" in client.get(answer["Location"]).content.decode()
    client.post(f"/playlists/runs/{back.pk}/confirm/", {"plan": back.plan_hash})
    run_jobs(sync.KIND)
    assert len(made[0].items) == 2  # the second word was not given
    client.post(f"/playlists/runs/{back.pk}/confirm/", {"plan": back.plan_hash, "sure": "on"})
    run_jobs(sync.KIND)
    assert made[0].items == []


def test_one_artist(client, anna, connection, songs):
    client.force_login(anna)
    answer = client.get(f"/playlists/from-listening/?artist={songs[0].artist_id}&range=all")
    assert [track.pk for track in answer.context["chosen"].tracks] == [track.pk for track in songs]
    assert client.get("/playlists/from-listening/?artist=999999").context["chosen"].tracks == []


@pytest.mark.parametrize("number", ["999999999", "9" * 30, "٣", "²", "-1", "x"])
@pytest.mark.parametrize("kind", ["track", "artist", "album", "genre"])
def test_ids_that_nobody_has_find_nothing_or_are_passed_over(client, anna, connection, songs, kind, number):
    client.force_login(anna)
    answer = client.get("/playlists/from-listening/", {kind: number, "range": "all"})
    assert answer.status_code == 200
    assert len(answer.context["chosen"].tracks) in (0, len(songs))


def test_a_time_that_names_nothing_is_told(client, anna, songs):
    client.force_login(anna)
    answer = client.get("/playlists/from-listening/?range=custom&from=soon")
    assert (answer.status_code, SyncRun.objects.count()) == (400, 0)


def test_without_an_account_the_way_to_connect_is_shown_and_nothing_is_left_behind(client, anna, songs):
    client.force_login(anna)
    page = client.post("/playlists/from-listening/?range=all", {"name": "Mine", "size": "2"}).content.decode()
    assert "No Spotify account is connected" in page
    assert '<a href="/connections/">Connect Spotify</a>' in page
    assert not Playlist.objects.exists()


def test_a_block_is_told_with_its_end(client, anna, connection, songs, playlist):
    until = timezone.now() + timedelta(hours=5)
    SpotifyApp.objects.update(blocked_until=until, block_reason="quota")
    client.force_login(anna)
    words = {"target": playlist.pk, "size": "2"}
    page = client.post("/playlists/from-listening/?range=all", words).content.decode()
    assert "Spotify takes no calls until" in page


def test_a_run_whose_job_failed_shows_what_can_be_done(client, anna, playlist, there, uris):
    client.force_login(anna)
    run = sync.start(playlist=playlist, wanted=uris[:3], now=timezone.now())
    Job.objects.update(state=Job.State.FAILED)
    page = client.get(f"/playlists/runs/{run.pk}/").content.decode()
    assert f'action="/jobs/{run.job_id}/again/"' in page
    answer = client.post(f"/playlists/runs/{run.pk}/drop/")
    run.refresh_from_db()
    assert (answer["Location"], run.state) == (f"/playlists/{playlist.pk}/", State.DROPPED)
    answer = client.post(f"/playlists/runs/{run.pk}/again/")
    fresh = SyncRun.objects.exclude(pk=run.pk).get()
    assert (answer["Location"], fresh.state, fresh.wanted) == (
        f"/playlists/runs/{fresh.pk}/", State.PLANNED, uris[:3]
    )  # fmt: skip


def test_a_run_that_failed_for_want_of_a_connection_leads_there(client, anna, playlist, uris, run_jobs):
    Playlist.objects.update(connection=None)
    run = sync.start(playlist=playlist, wanted=uris[:3], now=timezone.now())
    run_jobs(sync.KIND)
    client.force_login(anna)
    page = client.get(f"/playlists/runs/{run.pk}/").content.decode()
    assert "Connect Spotify" in page
    assert "Plan it again" in page


def test_a_plan_that_was_not_meant_is_let_go(client, anna, playlist, there, uris):
    client.force_login(anna)
    run = sync.preview(playlist=playlist, wanted=uris[:3], now=timezone.now())
    client.post(f"/playlists/runs/{run.pk}/drop/")
    client.post(f"/playlists/runs/{run.pk}/confirm/", {"plan": run.plan_hash})
    run.refresh_from_db()
    assert (run.state, there.uris) == (State.DROPPED, [])


def test_the_difference_as_text(client, anna, playlist, songs, uris):
    client.force_login(anna)
    run = sync.preview(playlist=playlist, wanted=[uris[0]], now=timezone.now())
    answer = client.get(f"/playlists/runs/{run.pk}/diff/")
    assert answer.content.decode() == f"+ Loud – {songs[0].name}\n"
    assert "attachment" in answer["Content-Disposition"]


def test_a_playlist_is_set_up_and_changed(client, anna, ben, connection):
    client.force_login(anna)
    words = {"name": "Slow", "connection": connection.pk, "mode": "replace", "min_tracks": "5", "is_enabled": "on"}
    client.post("/playlists/new/", words)
    made = Playlist.objects.get()
    assert (made.owner, made.connection, made.min_tracks, made.is_enabled) == (anna, connection, 5, True)
    client.post(f"/playlists/{made.pk}/", {**words, "mode": "incremental"})
    made.refresh_from_db()
    assert made.mode == "incremental"
    assert client.post("/playlists/new/", {**words, "name": ""}).status_code == 400
    client.force_login(ben)
    assert client.post("/playlists/new/", words).status_code == 400  # a foreign connection
    assert client.get(f"/playlists/{made.pk}/").status_code == 404


class TestAPlaylistThatIsThere:
    @pytest.fixture
    def source(self, anna, connection, there):
        known = {"user": anna, "connection": connection, "kind": TrackSource.Kind.PLAYLIST, "name": "Slow"}
        return TrackSource.objects.create(**known, spotify_id=there.id, owner_id=connection.spotify_user_id)

    def test_is_written_only_after_a_word(self, client, anna, connection, source, there, uris, run_jobs):
        there.set(uris[:4])
        client.force_login(anna)
        assert "Slow" in client.get("/playlists/new/").content.decode()
        words = {"existing": source.pk, "mode": "replace", "min_tracks": "1", "is_enabled": "on"}
        answer = client.post("/playlists/new/", words)
        assert answer.status_code == 302, answer.context["form"].errors
        made = Playlist.objects.get()
        assert (made.name, made.spotify_id, made.connection) == ("Slow", there.id, connection)
        run = sync.start(playlist=made, wanted=uris[2:6], now=timezone.now())
        run_jobs(sync.KIND)
        run.refresh_from_db()
        assert (run.state, there.uris) == (State.HELD, uris[:4])
        page = client.get(f"/playlists/runs/{run.pk}/").content.decode()
        assert "Vibesite never wrote this playlist" in page
        client.post(f"/playlists/runs/{run.pk}/confirm/", {"plan": run.plan_hash})
        run_jobs(sync.KIND)
        assert there.uris == uris[2:6]

    def test_is_offered_once_and_to_nobody_else(self, client, anna, ben, source, playlist):
        assert not NewPlaylistForm(user=anna).fields.get("existing")
        playlist.delete()
        assert NewPlaylistForm(user=anna).fields.get("existing")
        assert not NewPlaylistForm(user=ben).fields.get("existing")
        client.force_login(ben)
        words = {"existing": source.pk, "name": "Mine", "mode": "replace", "min_tracks": "1"}
        client.post("/playlists/new/", words)
        assert not Playlist.objects.exclude(spotify_id="").exists()

    def test_of_somebody_else_is_not_offered(self, anna, source):
        TrackSource.objects.update(owner_id="somebody")
        assert not NewPlaylistForm(user=anna).fields.get("existing")


def test_a_run_under_way_tells_how_far_it_is_and_then_comes_anew(client, anna, playlist, there, uris, run_jobs):
    client.force_login(anna)
    run = sync.start(playlist=playlist, wanted=uris[:3], now=timezone.now())
    part = client.get(f"/playlists/runs/{run.pk}/", headers={"HX-Request": "true", "HX-Target": "run"})
    assert "Waiting" in part.content.decode()
    assert "HX-Refresh" not in part
    run_jobs(sync.KIND)
    part = client.get(f"/playlists/runs/{run.pk}/", headers={"HX-Request": "true", "HX-Target": "run"})
    assert part["HX-Refresh"] == "true"
    page = client.get(f"/playlists/{playlist.pk}/").content.decode()
    assert 'data-label="After" class="number">3<' in page


def test_a_run_put_off_says_until_when(client, anna, playlist, there, uris, run_jobs, spotify):
    client.force_login(anna)
    run = sync.start(playlist=playlist, wanted=uris[:250], now=timezone.now())
    quota = {"kind": "status", "status": 429, "retry_after": 7200, "method": "POST", "skip": 1}
    spotify.fault(**quota, path="/v1/playlists/*", count=1)
    run_jobs(sync.KIND)
    page = client.get(f"/playlists/runs/{run.pk}/").content.decode()
    assert "Goes on" in page
    assert "an hour from now" in page
    jobs.cancel(job=Job.objects.get(), now=timezone.now())
    page = client.get(f"/playlists/runs/{run.pk}/").content.decode()
    assert "Written until then: 100 of 250 tracks came, 0 of 0 left." in page


def test_what_no_program_can_write_goes_by_its_name(client, anna, playlist, there, uris):
    client.force_login(anna)
    there.set([uris[0], LOCAL, None])
    run = sync.preview(playlist=playlist, wanted=uris[:2], now=timezone.now())
    page = client.get(f"/playlists/runs/{run.pk}/").content.decode()
    assert "Somebody – At Home (a file of your own)" in page
    assert "an item that Spotify no longer names" in page


def test_only_another_order_is_said_and_has_no_file(client, anna, playlist, there, uris):
    client.force_login(anna)
    there.set(uris[:3])
    Playlist.objects.update(synced_uris=uris[:3])
    playlist.refresh_from_db()
    run = sync.preview(playlist=playlist, wanted=[uris[2], uris[0], uris[1]], now=timezone.now())
    assert "Only the order changes." in client.get(f"/playlists/runs/{run.pk}/").content.decode()
    assert client.get(f"/playlists/runs/{run.pk}/diff/").status_code == 404


def test_the_file_names_what_leaves_what_is_surplus_and_what_comes(client, anna, playlist, there, songs, uris):
    client.force_login(anna)
    there.set([uris[0], uris[1], uris[1], uris[300]])
    Playlist.objects.update(synced_uris=there.uris)
    playlist.refresh_from_db()
    run = sync.preview(playlist=playlist, wanted=[uris[1], uris[2]], now=timezone.now())
    text = client.get(f"/playlists/runs/{run.pk}/diff/").content.decode()
    names = [f"Loud – {track.name}" for track in songs]
    assert text.splitlines() == [f"- {names[0]}", f"- {uris[300]}", f"d {names[1]}", f"+ {names[2]}"]


def test_disconnecting_erases_the_records(anna, connection, playlist, uris):
    from accounts.actions import depart

    sync.preview(playlist=playlist, wanted=uris[:3], now=timezone.now())
    depart.disconnect(connection=connection, now=timezone.now())
    assert not Playlist.objects.exists()
    assert not SyncRun.objects.exists()
