"""Top lists as a person sees them."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.factories.ingest import AlbumFactory, ArtistFactory, TrackFactory, heard


@pytest.fixture
def songs(anna):
    """Anna's last days: ten plays of one track, four of another artist's two, one skip; one play a year ago."""
    now = timezone.now().replace(minute=0, second=0, microsecond=0)
    loud, quiet = ArtistFactory(name="Loud"), ArtistFactory(name="Quiet")
    hit = TrackFactory(name="Hit", album=AlbumFactory(name="Hits", artist=loud))
    calm = AlbumFactory(name="Calm", artist=quiet)
    for hour in range(10):
        heard(anna, hit, now - timedelta(days=2, hours=hour), seconds=60)
    for number in range(2):
        track = TrackFactory(name=f"Breath {number}", album=calm)
        for hour in range(2):
            heard(anna, track, now - timedelta(days=3, hours=hour + number * 3), seconds=600)
    heard(anna, TrackFactory(name="Skipped"), now - timedelta(days=1), seconds=5)
    heard(anna, TrackFactory(name="Long ago"), now - timedelta(days=420))


def lines(client, what, query=""):
    answer = client.get(reverse("insights:top", args=[what]) + query)
    assert answer.status_code == 200
    return [(line.item.name, line.ranked.plays, line.ranked.ms // 1000) for line in answer.context["listing"].lines]


def test_by_plays_and_by_time(client, anna, songs):
    client.force_login(anna)
    assert lines(client, "tracks") == [("Hit", 10, 600), ("Breath 0", 2, 1200), ("Breath 1", 2, 1200)]
    assert lines(client, "artists", "?by=time") == [("Quiet", 4, 2400), ("Loud", 10, 600)]
    assert lines(client, "albums") == [("Hits", 10, 600), ("Calm", 4, 2400)]


def test_ranges(client, anna, songs):
    client.force_login(anna)
    assert "Long ago" not in [name for name, _plays, _s in lines(client, "tracks", "?range=1y")]
    assert ("Long ago", 1, 180) in lines(client, "tracks", "?range=all")


def test_a_new_play_counts_at_once(client, anna, songs):
    client.force_login(anna)
    lines(client, "tracks")
    fresh = TrackFactory(name="Fresh")
    heard(anna, fresh, timezone.now() - timedelta(minutes=10))
    assert ("Fresh", 1, 180) in lines(client, "tracks")


def test_the_rule_and_what_is_left_out_stand_beside_the_list(client, anna, songs):
    client.force_login(anna)
    page = client.get(reverse("insights:top", args=["tracks"])).content.decode()
    assert "A play counts from 30 seconds on" in page
    assert "1 shorter or private play is not" in page


def test_others_have_their_own(client, ben, songs):
    client.force_login(ben)
    assert lines(client, "tracks", "?range=all") == []


@pytest.mark.parametrize("query", ["?range=weekly", "?range=custom&from=yesterday", "?range=custom&from=9999-12-31"])
def test_a_bad_range_is_said_and_the_page_still_stands(client, anna, songs, query):
    client.force_login(anna)
    answer = client.get(reverse("insights:top", args=["tracks"]) + query)
    assert answer.status_code == 400
    assert "Hit" in answer.content.decode()


@pytest.mark.parametrize(
    "query",
    [
        "?page=0",
        "?page=-1",
        "?page=x",
        "?page=99999999999999999999",
        "?page=0000001" + "9" * 30,
        "?page=0000001" + "9" * 4400,
        "?by=size",
    ],
)
def test_odd_pages_are_harmless(client, anna, songs, query):
    client.force_login(anna)
    assert client.get(reverse("insights:top", args=["tracks"]) + query).status_code == 200


def test_there_is_no_other_list(client, anna):
    client.force_login(anna)
    assert client.get("/top/genres/").status_code == 404
