"""The sources page: what stands there, switching, fetching with its progress, adding and taking away."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import Job, SpotifyConnection, User
from ingest.models import SourceTrack, TrackSource
from playlists.models import Rule
from playlists.rules import schema, text
from tests.factories.accounts import SpotifyConnectionFactory
from tests.factories.ingest import NOON, TrackFactory, heard

Kind = TrackSource.Kind


@pytest.fixture
def page(anna: User, client: Client) -> Any:
    client.force_login(anna)
    return lambda **options: client.get("/library/", **options).content.decode()


@pytest.fixture
def shelf(anna: User) -> dict[str, TrackSource]:
    """One source of most kinds, made in no order."""
    connection = SpotifyConnectionFactory(user=anna)
    rows = [
        ("recent", {"kind": Kind.RECENT, "asked": "7", "name": "Heard lately"}),
        (
            "trip",
            {"kind": Kind.PLAYLIST, "spotify_id": "trip", "name": "Road trip", "connection": connection, "total": 7},
        ),
        (
            "theirs",
            {
                "kind": Kind.PLAYLIST,
                "spotify_id": "theirs",
                "name": "Another's",
                "owner_id": "x",
                "owner_name": "Somebody",
                "connection": connection,
                "is_readable": False,
                "unreadable_reason": "foreign",
                "total": 99,
            },
        ),
        ("liked", {"kind": Kind.LIKED, "connection": connection, "included": True}),
        ("car", {"kind": Kind.LIST, "name": "From my car"}),
    ]
    return {key: TrackSource.objects.create(user=anna, **facts) for key, facts in rows}


def shown(told: str) -> str:
    """What the page says of which switches it has."""
    return told.partition('name="shown" value="')[2].partition('"')[0]


def test_likes_come_first_then_playlists_then_all_others(page, shelf):
    told = page()
    places = [
        told.index(words)
        for words in ("Liked tracks</bdi>", "Another&#x27;s", "Road trip", "From my car", "Heard lately")
    ]
    assert places == sorted(places)
    assert "Somebody" in told
    assert ">99<" in told
    assert "Spotify shows apps only the playlists that you own or work on." in told
    assert f'value="{shelf["theirs"].pk}" disabled' in told
    assert told.count(" checked") == 1


def test_switches_are_kept_and_what_is_on_is_fetched(page, shelf, client, anna):
    on = [shelf["trip"].pk, shelf["recent"].pk]
    client.post("/library/fetch/", {"source": on, "shown": shown(page()), "do": "keep"})
    assert not Job.objects.exists()
    assert set(TrackSource.objects.filter(included=True).values_list("pk", flat=True)) == set(on)
    client.post("/library/fetch/", {"source": on, "do": "fetch"})
    jobs = Job.objects.order_by("pk")
    assert [(job.kind, job.owner, job.parameters["source_label"]) for job in jobs] == [
        ("fetch_tracks", anna, "Road trip"),
        ("fetch_tracks", anna, "Heard lately"),
    ]
    told = page()
    assert "2 sources are being fetched." in told
    assert '<noscript><meta http-equiv="refresh"' in told
    part = page(headers={"HX-Request": "true", "HX-Target": "fetching"})
    assert part.count("hx-swap-oob") == 2
    assert "<html" not in part
    jobs.update(state=Job.State.DONE)
    part = page(headers={"HX-Request": "true", "HX-Target": "fetching"})
    assert "hx-trigger" not in part


def test_only_what_was_shown_is_switched_off(page, shelf, client, anna):
    """One was added in another tab meanwhile; one cannot be read now, and comes back as it was."""
    TrackSource.objects.filter(pk=shelf["theirs"].pk).update(included=True)
    TrackSource.objects.filter(pk=shelf["trip"].pk).update(
        included=True, is_readable=False, unreadable_reason=TrackSource.Unreadable.REFUSED
    )
    told = page()
    assert f'value="{shelf["trip"].pk}" checked' in told
    assert f'value="{shelf["theirs"].pk}" checked disabled' in told
    added = TrackSource.objects.create(user=anna, kind=Kind.TOP, asked="all_time", name="Top", included=True)
    client.post("/library/fetch/", {"source": [shelf["trip"].pk], "shown": shown(told), "do": "keep"})
    on = set(TrackSource.objects.filter(included=True).values_list("pk", flat=True))
    assert on == {shelf["trip"].pk, shelf["theirs"].pk, added.pk}
    client.post("/library/fetch/", {"shown": shown(told), "do": "keep"})
    assert set(TrackSource.objects.filter(included=True)) == {shelf["theirs"], added}


def test_thousands_of_sources_are_switched_at_once(page, client, anna):
    TrackSource.objects.bulk_create(
        TrackSource(user=anna, kind=Kind.TOP, asked=str(number), name=str(number)) for number in range(5_000)
    )
    on = list(TrackSource.objects.values_list("pk", flat=True)[1:])
    answer = client.post("/library/fetch/", {"source": on, "shown": shown(page()), "do": "keep"})
    assert answer.url == "/library/"
    assert TrackSource.objects.filter(included=True).count() == 4_999


def test_a_failure_stands_beside_its_source_alone(page, shelf, client):
    client.post("/library/fetch/", {"source": [shelf["trip"].pk, shelf["car"].pk]})
    Job.objects.filter(key=str(shelf["trip"].pk)).update(state=Job.State.FAILED, error="Spotify fell over.")
    told = page()
    assert told.count("Spotify fell over.") == 1
    assert "1 source is being fetched." in told


def test_without_a_connection_one_is_led_there(page, shelf, client):
    SpotifyConnection.objects.update(state=SpotifyConnection.State.RECONNECT)
    answer = client.post("/library/fetch/", {"source": [shelf["trip"].pk, shelf["liked"].pk]})
    assert answer.url == "/connections/"
    assert not Job.objects.exists()
    assert client.post("/library/add/", {"what": "album", "link": "x"}).url == "/connections/"
    assert client.post(f"/library/sources/{shelf['trip'].pk}/fetch/").url == "/connections/"
    assert client.post(f"/library/sources/{shelf['car'].pk}/fetch/").url == f"/library/sources/{shelf['car'].pk}/"


def test_one_account_that_is_cut_off_holds_up_no_other(page, shelf, client, anna):
    gone = SpotifyConnectionFactory(user=anna, state=SpotifyConnection.State.RECONNECT)
    lost = TrackSource.objects.create(user=anna, kind=Kind.PLAYLIST, spotify_id="old", name="Old mix", connection=gone)
    wish = {"source": [shelf["trip"].pk, shelf["car"].pk, lost.pk]}
    told = client.post("/library/fetch/", wish, follow=True).content.decode()
    assert "Fetching 2 sources." in told
    assert "1 source was not fetched, as its Spotify account is not connected now: Old mix." in told
    assert {int(job.key) for job in Job.objects.all()} == {shelf["trip"].pk, shelf["car"].pk}
    assert client.post("/library/fetch/", {"source": [lost.pk]}).url == "/connections/"


def test_nothing_switched_on(page, client):
    page()
    assert "Switch on at least one" in client.post("/library/fetch/", {}, follow=True).content.decode()
    assert (
        client.post("/library/fetch/", {"source": ["x", "-1", "9" * 30], "shown": "x,,-1,9"}, follow=True).status_code
        == 200
    )


def test_others_sources_are_neither_switched_nor_fetched(page, ben, client):
    theirs = TrackSource.objects.create(user=ben, kind=Kind.LIST, name="Ben's", included=False)
    client.post("/library/fetch/", {"source": [theirs.pk], "shown": str(theirs.pk)})
    theirs.refresh_from_db()
    assert not theirs.included
    assert not Job.objects.exists()


class TestAdding:
    def test_computed_ones(self, page, client, anna, run_jobs):
        heard(anna, TrackFactory(name="Angel"), NOON - timedelta(days=1))
        Rule.objects.create(user=anna, name="Calm", body=schema.dump(text.parse("title:angel").query))
        told = page()
        for words in ("Top tracks of 4 weeks", "Heard in the last 7 days", "Favourites not heard for a year", ">Calm<"):
            assert words in told
        rule = Rule.objects.get()
        for asked in ("top:all_time", f"rule:{rule.key}", "top:all_time"):
            assert client.post("/library/add/", {"asked": asked}).status_code == 302
        assert list(TrackSource.objects.in_order().values_list("name", flat=True)) == ["Top tracks of all time", "Calm"]
        run_jobs("fetch_tracks")
        assert set(TrackSource.objects.values_list("total", flat=True)) == {1}
        source = TrackSource.objects.get(kind=Kind.RULE)
        assert "Angel" in client.get(f"/library/sources/{source.pk}/").content.decode()
        rule.delete()
        client.post(f"/library/sources/{source.pk}/fetch/")
        run_jobs("fetch_tracks")
        assert "The rule is deleted" in page()

    def test_a_circle_is_refused(self, page, client, anna):
        page()
        rule = Rule.objects.create(user=anna, name="Calm", body=schema.dump(text.parse("source:calm").query))
        answer = client.post("/library/add/", {"asked": f"rule:{rule.key}"}, follow=True)
        assert "would ask itself" in answer.content.decode()
        assert not TrackSource.objects.exists()

    @pytest.mark.parametrize("asked", ["", "top:", "top:x", "rule:1", "playlist:1", ":"])
    def test_nonsense(self, page, client, asked):
        page()
        assert "no such choice" in client.post("/library/add/", {"asked": asked}, follow=True).content.decode()

    @pytest.mark.parametrize("form", ["https://open.spotify.com/intl-de/album/{}?si=1", "spotify:album:{}", "{}"])
    def test_an_album_by_its_link(self, page, client, anna, connected, spotify, run_jobs, form):
        connected(anna, spotify.listeners[0])
        album = spotify.world.albums[3]
        page()
        client.post("/library/add/", {"what": "album", "link": form.format(album.id)})
        run_jobs("fetch_tracks")
        source = TrackSource.objects.get()
        assert (source.name, source.entries.count()) == (album.name, len(album.track_ids))
        assert source.spotify_url == f"https://open.spotify.com/album/{album.id}"

    def test_no_album(self, page, client, anna):
        SpotifyConnectionFactory(user=anna)
        page()
        link = "https://open.spotify.com/track/4iV5W9uYEdYUVa79Axb7Rh"
        answer = client.post("/library/add/", {"what": "album", "link": link}, follow=True)
        assert "no link to an album" in answer.content.decode()

    def test_saved_albums_once(self, page, client, anna):
        SpotifyConnectionFactory(user=anna)
        assert "all albums you saved" in page()
        for _time in range(2):
            client.post("/library/add/", {"what": "albums"})
        assert TrackSource.objects.count() == Job.objects.count() == 1
        assert "all albums you saved" not in page()


class TestTakingAway:
    def test_what_was_added_here(self, page, shelf, client):
        page()
        SourceTrack.objects.create(source=shelf["car"], position=0, track=TrackFactory())
        client.post(f"/library/sources/{shelf['car'].pk}/remove/")
        assert not TrackSource.objects.filter(pk=shelf["car"].pk).exists()

    def test_but_not_what_is_at_spotify(self, page, shelf, client):
        page()
        for key in ("liked", "trip"):
            answer = client.post(f"/library/sources/{shelf[key].pk}/remove/", follow=True)
            assert "remove them there" in answer.content.decode()
        assert TrackSource.objects.count() == len(shelf)


def test_a_source_shows_its_tracks_in_pages(page, shelf, client):
    page()
    tracks = TrackFactory.create_batch(101)
    SourceTrack.objects.bulk_create(
        SourceTrack(source=shelf["trip"], position=place, track=track) for place, track in enumerate(tracks)
    )
    there = f"/library/sources/{shelf['trip'].pk}/"
    first, second = (client.get(there + query).content.decode() for query in ("", "?page=2"))
    assert f">{tracks[99].name}" in first
    assert f">{tracks[100].name}" not in first
    assert f">{tracks[100].name}" in second
    assert 'start="101"' in second
    assert "101 tracks" in first
