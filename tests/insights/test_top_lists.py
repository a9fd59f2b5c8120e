"""Top lists as a person sees them."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from ingest.models import Track, TrackSource, Word
from tests.architecture.queries import count
from tests.factories.ingest import AlbumFactory, ArtistFactory, TrackFactory, heard, tagged


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
    assert "30 seconds, or half of a shorter track" in page
    assert "1 shorter or private play is not" in page


def test_another_rule_gives_other_figures(client, anna, songs):
    client.force_login(anna)
    assert lines(client, "tracks", "?rule=finished") == [("Breath 0", 2, 1200), ("Breath 1", 2, 1200)]
    assert ("Skipped", 1, 5) not in lines(client, "tracks", "?rule=spotify")


def test_by_days_heard(client, anna):
    now = timezone.now().replace(hour=12, minute=0, second=0, microsecond=0)
    binge, habit = TrackFactory(name="Binge"), TrackFactory(name="Habit")
    for number in range(6):
        heard(anna, binge, now - timedelta(days=1, minutes=number * 4))
    for number in range(3):
        heard(anna, habit, now - timedelta(days=number + 2))
    client.force_login(anna)
    answer = client.get(reverse("insights:top", args=["tracks"]) + "?by=days")
    rows = [(line.item.name, line.ranked.days, line.ranked.share) for line in answer.context["listing"].lines]
    assert rows == [("Habit", 3, 3 / 4), ("Binge", 1, 1 / 4)]


def test_places_are_compared_with_the_stretch_before(client, anna, songs):
    now = timezone.now()
    old, hit = TrackFactory(name="Old"), Track.objects.get(name="Hit")
    for number in range(5):
        heard(anna, old, now - timedelta(days=40, hours=number))
    heard(anna, hit, now - timedelta(days=41))
    heard(anna, old, now - timedelta(days=4))
    client.force_login(anna)
    answer = client.get(reverse("insights:top", args=["tracks"]) + "?range=4w")
    moved = {line.item.name: (line.ranked.was, line.ranked.moved) for line in answer.context["listing"].lines}
    assert moved == {"Hit": (2, 1), "Breath 0": (None, None), "Breath 1": (None, None), "Old": (1, -3)}
    assert "▲ 1" in answer.content.decode()
    assert "▼ 3" in answer.content.decode()


def test_where_plays_began(client, anna, ben):
    now = timezone.now() - timedelta(days=1)
    for user, name in ((anna, "Morning"), (ben, "Ben's own")):
        TrackSource.objects.create(user=user, kind="playlist", spotify_id=f"list-{user.username}", name=name)
    album = AlbumFactory(name="Calm", spotify_id="calm")
    texts = ["spotify:playlist:list-anna", "spotify:user:ben:playlist:list-ben", f"spotify:album:{album.spotify_id}"]
    for number, text in enumerate([*texts, "spotify:user:anna:collection"]):
        word = Word.objects.create(kind=Word.Kind.CONTEXT, text=text)
        for again in range(4 - number):
            heard(anna, TrackFactory(), now - timedelta(hours=number * 5 + again), context=word.pk)
    client.force_login(anna)
    assert [name for name, _plays, _s in lines(client, "contexts")] == [
        "Morning",
        "A playlist that is not in your library",
        "Calm",
        "Your liked tracks",
    ]


def test_a_list_asks_a_bounded_number_of_questions(client, anna, songs):
    client.force_login(anna)
    for what in ("tracks", "artists", "albums", "contexts"):
        assert count(lambda what=what: client.get(reverse("insights:top", args=[what]) + "?by=days")) <= 14


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
    assert client.get("/top/moods/").status_code == 404


def test_genres_count_each_play_once_for_each_of_them(client, anna):
    both, one, none = TrackFactory(), TrackFactory(), TrackFactory()
    tagged(both, "punk", "pop")
    tagged(one.artist, "pop")
    for track, times in ((both, 3), (one, 2), (none, 5)):
        for number in range(times):
            heard(anna, track, datetime(2026, 3, track.pk % 20 + 1, number, tzinfo=UTC))
    client.force_login(anna)
    answer = client.get("/top/genres/?range=2026")
    lines = answer.context["listing"].lines
    assert [(line.item.name, line.ranked.plays, line.ranked.share) for line in lines] == [
        ("pop", 5, 0.5),
        ("punk", 3, 0.3),
    ]
    assert "Known for 5 of 10 plays." in answer.content.decode()
    for line in lines:
        assert client.get(line.plays_url).context["log"].matches == line.ranked.plays
    by_days = client.get("/top/genres/?range=2026&by=days").context["listing"].lines
    assert [(line.item.name, line.ranked.days) for line in by_days] == [("pop", 2), ("punk", 1)]


def test_without_a_known_genre_the_list_says_so(client, anna):
    heard(anna, TrackFactory(), datetime(2026, 3, 1, tzinfo=UTC))
    client.force_login(anna)
    assert "Genres are known for 0 of 1 play." in client.get("/top/genres/?range=2026").content.decode()
