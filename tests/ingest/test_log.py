"""The log page: what stands on it, in which order, and how one moves in it."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from accounts.fields import to_ms
from ingest.evidence import Origin
from ingest.log import page
from ingest.models import Gap, Track
from tests.factories.ingest import AlbumFactory, ArtistFactory, TrackFactory, heard

MORNING = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)


@pytest.fixture
def log_url():
    return reverse("ingest:log")


def titles(shown):
    return [entry.play.track.name for day in shown.days for entry in day.entries]


def test_pages_follow_each_other_without_loss_or_repeat(anna):
    track = TrackFactory()
    for minute in range(0, 70, 5):
        heard(anna, track, MORNING + timedelta(minutes=minute), seconds=100)
    seen, shown = [], page(anna, size=4)
    while True:
        seen += [entry.play.started_at for day in shown.days for entry in day.entries]
        if shown.older is None:
            break
        shown = page(anna, older_than=shown.older, size=4)
    assert seen == [MORNING + timedelta(minutes=minute) for minute in range(65, -1, -5)]
    back = page(anna, newer_than=shown.newer, size=4)
    assert [e.play.started_at for d in back.days for e in d.entries] == seen[-2 - 4 : -2]


def test_plays_with_one_start_are_all_shown_over_a_page_border(anna):
    for number in range(5):
        heard(anna, TrackFactory(name=f"Same moment {number}"), MORNING)
    first = page(anna, size=3)
    second = page(anna, older_than=first.older, size=3)
    assert len(set(titles(first) + titles(second))) == 5


def test_days_are_the_persons_own(anna):
    anna.time_zone = "Asia/Kolkata"
    anna.save()
    track = TrackFactory()
    heard(anna, track, datetime(2026, 11, 19, 18, 29, tzinfo=UTC))  # 23:59 in Kolkata
    heard(anna, track, datetime(2026, 11, 19, 18, 34, tzinfo=UTC))  # 00:04 the day after
    assert [day.on.isoformat() for day in page(anna).days] == ["2026-11-20", "2026-11-19"]
    upto = page(anna, day=datetime(2026, 11, 19, tzinfo=UTC).date())
    assert [day.on.isoformat() for day in upto.days] == ["2026-11-19"]


def test_search_finds_every_word_in_title_artist_or_album_whatever_the_case(anna):
    bjork = ArtistFactory(name="Björk & the Élans")
    heard(anna, TrackFactory(name="Jóga (Live)", album=AlbumFactory(name="Homogenic", artist=bjork)), MORNING)
    heard(anna, TrackFactory(name="Something else"), MORNING + timedelta(hours=1))
    heard(anna, TrackFactory(name="Тишина"), MORNING + timedelta(hours=2))
    for words in ("jóga", "BJÖRK homogenic", "élans live", "  genic  "):
        assert titles(page(anna, text=words)) == ["Jóga (Live)"], words
    assert titles(page(anna, text="ТИШИНА")) == ["Тишина"]
    assert titles(page(anna, text="björk something")) == []


def test_search_knows_a_track_by_its_newest_name(anna):
    track = TrackFactory(name="Misspelt")
    heard(anna, track, MORNING)
    assert titles(page(anna, text="misspelt"))
    from ingest.models import TrackChange

    Track.objects.filter(pk=track.pk).update(name="Spelt right")
    TrackChange.objects.create(track=track)
    assert titles(page(anna, text="misspelt")) == []
    assert titles(page(anna, text="spelt right")) == ["Spelt right"]


def test_what_counts_and_what_does_not(anna):
    long, short = TrackFactory(duration_ms=240_000), TrackFactory(name="Interlude", duration_ms=40_000)
    podcast = TrackFactory(name="Talk", kind=Track.Kind.EPISODE)
    heard(anna, long, MORNING, seconds=30)
    heard(anna, long, MORNING + timedelta(minutes=5), seconds=29.999)
    heard(anna, short, MORNING + timedelta(minutes=10), seconds=20)
    heard(anna, short, MORNING + timedelta(minutes=15), seconds=19.999)
    heard(anna, podcast, MORNING + timedelta(minutes=20), seconds=900)
    heard(anna, long, MORNING + timedelta(hours=1), seconds=200, incognito=True)
    counted = [e.play.ms_played for d in page(anna, show="plays").days for e in d.entries]
    assert counted == [20_000, 30_000]
    marks = [e.mark for d in page(anna, show="skips").days for e in d.entries]
    assert [str(mark) for mark in marks] == ["private", "Podcast episode", "skipped", "skipped"]


def test_gaps_stand_on_their_day(client, anna, log_url):
    heard(anna, TrackFactory(), MORNING)
    Gap.objects.create(
        user=anna, started_at=MORNING - timedelta(hours=3), ended_at=MORNING - timedelta(hours=1), reason="consent"
    )
    heard(anna, TrackFactory(), MORNING - timedelta(hours=5))
    client.force_login(anna)
    assert "The consent had ended" in client.get(log_url).content.decode()


def test_a_guess_of_the_length_is_marked(client, anna, log_url):
    heard(anna, TrackFactory(), MORNING, origin=Origin.POLL, is_estimate=True)
    client.force_login(anna)
    assert "≈" in client.get(log_url).content.decode()


def test_an_empty_log_says_what_to_do_first(client, anna, log_url):
    client.force_login(anna)
    page = client.get(log_url).content.decode()
    assert reverse("ingest:import-list") in page
    assert reverse("accounts:connections") in page


@pytest.mark.parametrize(
    "query",
    [
        "day=31.3.2024",
        "day=0001-01-01",
        "older=x",
        "older=1-",
        "older=--5-3",
        "older=5-²",
        "newer=" + "9" * 30 + "-1",
        "newer=1-" + "9" * 30,
        "newer=99999999999999999999999999999999999999999-1",
    ],
)
def test_bad_places_and_days_are_said_and_the_log_is_shown(client, anna, log_url, query):
    heard(anna, TrackFactory(name="Still here"), MORNING)
    client.force_login(anna)
    answer = client.get(f"{log_url}?{query}")
    assert answer.status_code == 400
    assert "Still here" in answer.content.decode()


@pytest.mark.parametrize("query", ["q=%00", "q=%FF", "q=" + "x" * 5000, "show=%27", "older=-5-0", "newer=0-0"])
def test_odd_input_is_harmless(client, anna, log_url, query):
    heard(anna, TrackFactory(), MORNING)
    client.force_login(anna)
    assert client.get(f"{log_url}?{query}").status_code in (200, 400)


def test_nobody_sees_anothers_plays(client, anna, ben, log_url):
    heard(anna, TrackFactory(name="Secret of Anna"), MORNING)
    client.force_login(ben)
    assert "Secret of Anna" not in client.get(log_url).content.decode()
    assert page(ben, text="secret").matches == 0


def test_a_place_survives_the_removal_of_its_play(anna):
    track = TrackFactory()
    for minute in (0, 10, 20):
        heard(anna, track, MORNING + timedelta(minutes=minute), seconds=100)
    from ingest.log import Place

    shown = page(anna, older_than=Place(to_ms(MORNING + timedelta(minutes=15)), 999_999))
    assert [e.play.started_at.minute for d in shown.days for e in d.entries] == [10, 0]
