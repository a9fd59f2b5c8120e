"""What counts: the rules side by side, a person's choice among them, and what they leave out."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from ingest.actions import counting as choosing
from ingest.models import Counting, ListeningFilter, Play
from tests.architecture.queries import count
from tests.factories.ingest import AlbumFactory, ArtistFactory, TrackFactory, heard

NOON = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
COUNTING = "/counting/?range=all"


@pytest.fixture
def songs(anna):
    """Tracks of 20 s to 10 min, each heard for 10 s to all of it."""
    tracks = [TrackFactory(duration_ms=1000 * length) for length in (20, 50, 200, 600)]
    for number, track in enumerate(tracks):
        for again, part in enumerate((0.1, 0.3, 0.5, 0.9, 1.0)):
            at = NOON - timedelta(days=number, hours=again)
            heard(anna, track, at, seconds=track.duration_ms / 1000 * part)
    return tracks


OBVIOUS = {
    "vibesite": lambda ms, long: ms >= 30_000 or 2 * ms >= long,
    "lastfm": lambda ms, long: long > 30_000 and (ms >= 240_000 or 2 * ms >= long),
    "listenbrainz": lambda ms, long: ms >= 240_000 or 2 * ms >= long,
    "spotify": lambda ms, long: ms >= 30_000,
    "finished": lambda ms, long: 100 * ms >= 98 * long,
}


def test_each_rule_is_an_obvious_count_over_the_plays(client, anna, songs):
    client.force_login(anna)
    rows = {row.name: row for row in client.get(COUNTING).context["rules"]}
    assert set(rows) == set(OBVIOUS)
    for name, counts in OBVIOUS.items():
        plays = [play for play in Play.objects.all() if counts(play.ms_played, play.track.duration_ms)]
        found = rows[name].figures
        assert (found.plays, found.ms) == (len(plays), sum(play.ms_played for play in plays))
        assert found.tracks == len({play.track_id for play in plays})
        assert found.left_out == 20 - len(plays)
    assert [name for name, row in rows.items() if row.is_chosen] == ["vibesite"]


def choice(**changed):
    return {"rule": "vibesite", "own_seconds": 30, "own_percent": 50, "session_gap_min": 30, **changed}


def plays_of(client, address="/top/tracks/?range=all"):
    return client.get(address).context["listing"].plays


def test_a_choice_holds_in_every_figure_at_once(client, anna, songs):
    client.force_login(anna)
    before = plays_of(client)
    answer = client.post(COUNTING, choice(rule="own", own_seconds=100, own_percent=0))
    assert (answer.status_code, answer.url) == (302, COUNTING)
    obvious = sum(play.ms_played >= 100_000 for play in Play.objects.all())
    assert plays_of(client) == obvious != before
    own = [row for row in client.get(COUNTING).context["rules"] if row.is_chosen]
    assert [(row.name, row.figures.plays) for row in own] == [("", obvious)]


@pytest.mark.parametrize(
    "bad", [{"rule": "own", "own_seconds": 0, "own_percent": 0}, {"session_gap_min": 2}, {"rule": "none"}]
)
def test_a_bad_choice_is_said_and_changes_nothing(client, anna, songs, bad):
    client.force_login(anna)
    answer = client.post(COUNTING, choice(**bad))
    assert answer.status_code == 400
    assert answer.context["form"].errors
    assert not Counting.objects.exists()
    assert [row.name for row in answer.context["rules"] if row.is_chosen] == ["vibesite"]


def test_an_artist_is_left_out_and_taken_back(client, anna, songs):
    client.force_login(anna)
    before, artist = plays_of(client), songs[2].artist
    client.post(reverse("insights:leave-out"), {"kind": "artist", "value": artist.pk})
    client.post(reverse("insights:leave-out"), {"kind": "artist", "value": artist.pk})
    row = ListeningFilter.objects.get()
    assert plays_of(client) == before - 4
    assert artist.name in client.get(COUNTING).content.decode()
    client.post(reverse("insights:take-back", args=[row.pk]))
    assert plays_of(client) == before


def test_only_what_was_heard_can_be_left_out(client, anna, songs):
    client.force_login(anna)
    strangers = [("artist", ArtistFactory().pk), ("album", AlbumFactory().pk), ("track", TrackFactory().pk)]
    for kind, value in [*strangers, ("track", "x"), ("moods", 1), ("platform", 7), ("context", 0)]:
        assert client.post(reverse("insights:leave-out"), {"kind": kind, "value": value}).status_code == 404
    assert not ListeningFilter.objects.exists()


def test_hours_over_midnight(client, anna, songs):
    client.force_login(anna)
    client.post(reverse("insights:leave-out"), {"kind": "hours", "first": 22, "last": 3})
    assert ListeningFilter.objects.get().value == sum(1 << hour for hour in (22, 23, 0, 1, 2))
    assert "22:00–03:00" in client.get(COUNTING).content.decode()
    client.post(reverse("insights:leave-out"), {"kind": "hours", "first": 5, "last": 5})
    assert ListeningFilter.objects.count() == 1


def test_the_way_back_stays_on_this_site(client, anna, songs):
    client.force_login(anna)
    told = {"kind": "track", "value": songs[0].pk}
    for target, reached in (
        ("/log/?q=a", "/log/?q=a"),
        ("https://elsewhere.example/", "/counting/"),
        ("counting", "/counting/"),
        ("", "/counting/"),
    ):
        assert client.post(reverse("insights:leave-out"), {**told, "next": target}).url == reached


def test_a_strangers_filter_is_not_there(client, anna, ben, songs):
    row = choosing.leave_out(user=anna, kind="track", value=songs[0].pk)
    client.force_login(ben)
    assert client.post(reverse("insights:take-back", args=[row.pk])).status_code == 404
    assert ListeningFilter.objects.exists()


def test_questions_do_not_grow_with_filters(client, anna, songs):
    client.force_login(anna)
    for track in songs:
        choosing.leave_out(user=anna, kind="track", value=track.pk)
        choosing.leave_out(user=anna, kind="artist", value=track.artist_id)
    assert count(lambda: client.get(COUNTING)) <= 18
