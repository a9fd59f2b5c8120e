"""The home page: what it says to visitors, to newcomers, and of a person's last four weeks."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine

from accounts.models import Job, SpotifyConnection
from tests.factories.accounts import JobFactory, SpotifyConnectionFactory
from tests.factories.ingest import AlbumFactory, ArtistFactory, TrackFactory, heard
from vibesite import headline

TODAY = date(2026, 11, 20)
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture
def anna_in_berlin(anna):
    anna.time_zone = "Europe/Berlin"
    anna.save()
    return anna


def at(day: int, hour: int = 12, minute: int = 0, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=BERLIN)


def words(found: headline.Headline) -> dict[str, str]:
    return {figure.label: f"{figure.value}{figure.unit} | {figure.sentence}" for figure in found.figures}


def test_no_plays_no_headline(anna):
    assert headline.of(anna, today=TODAY) is None


def test_skips_alone_make_no_headline(anna_in_berlin):
    heard(anna_in_berlin, TrackFactory(), at(19), seconds=5)
    assert headline.of(anna_in_berlin, today=TODAY) is None


def test_figures_count_what_counts_in_local_days(anna_in_berlin):
    track = TrackFactory()
    heard(anna_in_berlin, track, at(20, 0, 30))  # still the 19th in UTC
    heard(anna_in_berlin, track, at(20, 23, 50))
    heard(anna_in_berlin, track, at(19, 9), seconds=3)  # a skip
    heard(anna_in_berlin, track, at(20, 11, month=10))  # in the four weeks before
    found = headline.of(anna_in_berlin, today=TODAY)
    assert found.recent
    assert words(found)["plays"].startswith("2 | 1 more than")
    assert words(found)["of listening"].startswith("6min")
    assert [bar.value for bar in found.days] == [0] * 27 + [6]  # minutes
    assert found.days[-1].label == "Friday, 20 November"
    assert found.days[0].label == "Saturday, 24 October"


def test_a_day_of_the_clock_change_is_one_day(anna_in_berlin):
    track = TrackFactory()
    for hour in (0, 12, 23):  # 25 October 2026 has 25 hours in Berlin
        heard(anna_in_berlin, track, at(25, hour, month=10))
    found = headline.of(anna_in_berlin, today=TODAY)
    assert found.days[1].label == "Sunday, 25 October"
    assert [bar.value for bar in found.days[:3]] == [0, 9, 0]  # minutes


def test_artists_are_new_once(anna_in_berlin):
    old, new = TrackFactory(), TrackFactory()
    heard(anna_in_berlin, old, at(1, month=9))
    heard(anna_in_berlin, old, at(18))
    for minute in range(5):
        heard(anna_in_berlin, new, at(19, 12, minute * 5))
    found = words(headline.of(anna_in_berlin, today=TODAY))
    assert found["artist heard for the first time"] == "1 | 1 of them you heard five times or more."


def test_without_newcomers_the_leader_is_named(anna_in_berlin):
    track = TrackFactory(album=AlbumFactory(artist=ArtistFactory(name="Ночные & Поезда")))
    heard(anna_in_berlin, track, at(1, month=9))
    heard(anna_in_berlin, track, at(18))
    sentence = words(headline.of(anna_in_berlin, today=TODAY))["artists heard for the first time"]
    assert sentence == "0 | \u2068Ночные & Поезда\u2069 led, with 1 play."


def test_an_old_history_is_told_as_a_whole(anna_in_berlin):
    track = TrackFactory()
    heard(anna_in_berlin, track, datetime(2019, 5, 1, tzinfo=BERLIN))
    heard(anna_in_berlin, track, datetime(2020, 5, 1, tzinfo=BERLIN))
    found = headline.of(anna_in_berlin, today=TODAY)
    assert not found.recent
    assert found.days == []
    assert words(found)["plays"] == "2 | "
    assert words(found)["artist"].startswith("1 | ")


# --- The page ---------------------------------------------------------------------------------------------------------
def test_visitors_are_told_what_this_is(client, db):
    page = client.get("/").content.decode()
    assert "Continue with Spotify" in page
    assert "Make an account without Spotify" in page


def test_a_closed_server_offers_no_account(client, db, settings):
    settings.SIGN_UP = "closed"
    assert "Make an account" not in client.get("/").content.decode()


def test_newcomers_are_told_what_to_do_first(client, anna):
    client.force_login(anna)
    page = client.get("/").content.decode()
    assert "Where does your listening come from?" in page
    assert "/imports/" in page


def test_the_connected_are_not_asked_to_connect(client, anna):
    SpotifyConnectionFactory(user=anna)
    client.force_login(anna)
    page = client.get("/welcome/").content.decode()
    assert "New plays arrive by themselves" in page
    assert "Continue with Spotify" not in page


def test_home_shows_last_plays_newest_first_and_only_ones_own(client, anna, ben):
    for number in range(15):
        heard(anna, TrackFactory(name=f"Mine {number:02}"), at(10, 10, number))
    heard(ben, TrackFactory(name="Of Ben"), at(10))
    client.force_login(anna)
    page = client.get("/").content.decode()
    assert "Of Ben" not in page
    assert page.index("Mine 14") < page.index("Mine 13")
    assert "Mine 03" in page
    assert "Mine 02" not in page


def test_names_are_shown_as_written(client, anna):
    heard(anna, TrackFactory(name="<b>Bold</b> & Co"), at(10))
    client.force_login(anna)
    page = client.get("/").content.decode()
    assert "&lt;b&gt;Bold&lt;/b&gt; &amp; Co" in page


def test_running_jobs_are_shown_and_asked_for_anew(client, anna, ben):
    JobFactory(owner=anna, kind="history_import", state=Job.State.RUNNING, done=5, total=10, unit="rows")
    JobFactory(owner=ben, kind="depart", state=Job.State.RUNNING)
    client.force_login(anna)
    page = client.get("/").content.decode()
    assert "Reading a history export" in page
    assert "5 of 10 rows" in page
    assert "Deleting what came from Spotify" not in page
    assert page.count('hx-trigger="every 1s, seen"') == 1


@pytest.mark.parametrize(("part", "has", "lacks"), [("running", "Running", "<html"), ("plays", "<li>", "<html")])
def test_parts_answer_alone(client, anna, part, has, lacks):
    heard(anna, TrackFactory(), at(10))
    JobFactory(owner=anna, state=Job.State.RUNNING)
    client.force_login(anna)
    page = client.get("/", HTTP_HX_REQUEST="true", HTTP_HX_TARGET=part).content.decode()
    assert has in page
    assert lacks not in page


def test_the_player_is_asked_about_only_with_a_connection(client, anna):
    heard(anna, TrackFactory(), at(10))
    client.force_login(anna)
    assert 'id="now"' not in client.get("/").content.decode()
    SpotifyConnectionFactory(user=anna)
    assert 'id="now"' in client.get("/").content.decode()


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("expiring", "ends on"),
        ("reconnect", "has ended"),
        ("not_allowlisted", "does not let"),
        ("app_blocked", "makes this server’s app wait"),
    ],
)
def test_an_ailing_connection_says_what_to_do(client, anna, state, said):
    heard(anna, TrackFactory(), at(10))
    SpotifyConnectionFactory(user=anna, state=SpotifyConnection.State(state))
    client.force_login(anna)
    assert said in client.get("/").content.decode()


def test_several_ailing_connections_share_one_box(client, anna):
    heard(anna, TrackFactory(), at(10))
    for number, state in enumerate(("reconnect", "expiring", "not_allowlisted", "app_blocked")):
        SpotifyConnectionFactory(user=anna, state=SpotifyConnection.State(state), display_name=f"Listener no. {number}")
    SpotifyConnectionFactory(user=anna, display_name="In good health")
    client.force_login(anna)
    said = client.get("/").content.decode()
    assert said.count('role="alert"') == 1
    assert "4 connections need a look" in said
    for number, words in enumerate(("has ended", "ends on", "does not let", "wait")):
        line = next(line for line in said.splitlines() if f"Listener no. {number}" in line)
        assert words in line
    assert "In good health" not in said


@time_machine.travel("2026-11-20T12:00:00Z", tick=False)
def test_home_needs_few_queries_however_much_was_heard(client, anna, django_assert_max_num_queries):
    for number in range(20):
        heard(anna, TrackFactory(), at(10) + timedelta(minutes=5 * number))
    client.force_login(anna)
    client.get("/")
    with django_assert_max_num_queries(16):
        client.get("/")
