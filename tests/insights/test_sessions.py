"""Sessions as a person sees them."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.fields import to_ms
from ingest import lens
from ingest.models import AudioFeatures, Counting, Play, TrackChange, Word
from tests.factories.ingest import ArtistFactory, TrackFactory, heard


def word(text, kind=Word.Kind.REASON):
    return Word.objects.get_or_create(kind=kind, text=text)[0].pk


@pytest.fixture
def evenings(anna):
    """Three evenings: two tracks and a skip with 29 minutes between them; one of a single track; one a year ago."""
    loud = ArtistFactory(name="Loud")
    hit, other = TrackFactory(name="Hit", artist=loud), TrackFactory(name="Other", artist=loud)
    skipped = TrackFactory(name="Skipped")
    start = timezone.now().replace(microsecond=0) - timedelta(days=3)
    heard(anna, hit, start, seconds=60, reason_start=word("clickrow"), platform=word("A phone", Word.Kind.PLATFORM))
    heard(anna, skipped, start + timedelta(minutes=30), seconds=5, reason_end=word("fwdbtn"))
    heard(anna, other, start + timedelta(minutes=31), seconds=60, reason_end=word("endplay"))
    heard(anna, hit, start + timedelta(days=1), seconds=100, reason_start=word("zzz"))
    heard(anna, hit, start - timedelta(days=400), seconds=100)
    return start


def listing(client, query=""):
    answer = client.get(reverse("insights:sessions") + query)
    assert answer.status_code == 200
    return answer.context["listing"]


def test_a_list_newest_first_with_what_began_and_ended_each(client, anna, evenings):
    client.force_login(anna)
    found = listing(client)
    assert found.summary.count == 2
    assert [line.session.rows for line in found.lines] == [1, 3]
    long = found.lines[1]
    assert (long.session.plays, long.session.skips, long.session.artist_plays) == (2, 1, 2)
    assert (long.artist.name, long.platform) == ("Loud", "A phone")
    assert (long.began, long.ended) == ("you chose a track", "you stopped")
    assert found.lines[0].began == "zzz"  # a word we do not know is said as it is
    assert long.session.ms == 32 * 60_000
    assert listing(client, "?range=all").summary.count == 3


def test_the_persons_own_gap_decides(client, anna, evenings):
    Counting.objects.create(user=anna, session_gap_min=20)
    client.force_login(anna)
    assert listing(client).summary.count == 3


def test_pages_hold_every_session_once(client, anna):
    track, now = TrackFactory(), timezone.now().replace(microsecond=0)
    for number in range(65):
        heard(anna, track, now - timedelta(hours=3 * number + 1), seconds=60)
    client.force_login(anna)
    seen, query, queries = [], "?range=all", []
    while query:
        answer = client.get(reverse("insights:sessions") + query)
        seen += [line.session.started for line in answer.context["listing"].lines]
        queries.append(query)
        query = answer.context["older"]
    wanted = [to_ms(play.started_at) for play in Play.objects.of(anna).order_by("-started_at")]
    assert (seen, len(queries)) == (wanted, 3)
    newer = client.get(reverse("insights:sessions") + queries[2]).context["newer"]
    assert [line.session.started for line in listing(client, newer).lines] == wanted[30:60]
    assert client.get(reverse("insights:sessions") + queries[1]).context["newer"] == "?range=all"


def test_another_range_begins_with_its_newest_session(client, anna, evenings):
    """The place in the list is of the range that was left."""
    client.force_login(anna)
    shown = client.get("/sessions/?range=all&rule=lastfm&before=1").content.decode()
    assert "?range=4w&amp;rule=lastfm" in shown
    picker = shown[shown.index('<div class="range">') :]
    picker = picker[: picker.index("</form>")]
    assert "before" not in picker


def test_one_session_in_order(client, anna, evenings):
    client.force_login(anna)
    url = reverse("insights:session", args=[to_ms(evenings)])
    answer = client.get(url)
    one = answer.context["one"]
    assert [(play.track.name, play.counts, play.skipped) for play in one.tracks] == [
        ("Hit", True, False), ("Skipped", False, True), ("Other", True, False),
    ]  # fmt: skip
    assert "you stopped" in answer.content.decode()
    assert client.get(one.later).status_code == client.get(one.earlier).status_code == 200
    inside = reverse("insights:session", args=[to_ms(evenings + timedelta(minutes=10))])
    assert client.get(inside).headers["Location"] == url


def test_a_session_is_not_cut_by_the_ends_of_a_range(client, anna):
    track = TrackFactory()
    midnight = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
    heard(anna, track, midnight - timedelta(minutes=5), seconds=200)
    heard(anna, track, midnight + timedelta(minutes=5), seconds=200)
    client.force_login(anna)
    before = (midnight - timedelta(days=1)).date().isoformat()
    lines = listing(client, f"?range=custom&from={before}&to={before}").lines
    assert [line.session.rows for line in lines] == [2]
    day = midnight.date().isoformat()
    assert listing(client, f"?range=custom&from={day}&to={day}").lines == []


def test_private_listening_makes_no_session(client, anna):
    heard(anna, TrackFactory(), timezone.now() - timedelta(days=1), incognito=True)
    client.force_login(anna)
    assert listing(client).summary.count == 0
    Counting.objects.create(user=anna, with_incognito=True)
    assert listing(client).summary.count == 1


def test_others_see_nothing(client, ben, evenings):
    client.force_login(ben)
    assert listing(client, "?range=all").lines == []
    assert client.get(reverse("insights:session", args=[to_ms(evenings)])).status_code == 404


@pytest.mark.parametrize("before", ["", "-1", "x", "9" * 30, "0"])
def test_any_place_is_answered(client, anna, evenings, before):
    client.force_login(anna)
    assert listing(client, f"?before={before}").summary.count == 2
    assert client.get("/sessions/99999999999999999999/").status_code == 404


def test_queries_do_not_grow(client, anna, evenings, django_assert_max_num_queries):
    client.force_login(anna)
    listing(client)
    with django_assert_max_num_queries(16):
        listing(client, "?range=all")
    with django_assert_max_num_queries(16):
        client.get(reverse("insights:session", args=[to_ms(evenings)]))


def test_a_whole_session_is_taken_out_and_comes_back(client, anna):
    track = TrackFactory()
    at = datetime(2026, 11, 2, 8, tzinfo=UTC)
    for minute in (0, 4, 8, 400):
        heard(anna, track, at + timedelta(minutes=minute))
    client.force_login(anna)
    start = round(at.timestamp() * 1000)
    for how in ("hide", "remove"):
        answer = client.post(f"/sessions/{start}/hide/", {"how": how})
        assert lens.read(anna).heard().started.size == 1
        assert lens.read(anna).removed.size == (3 if how == "remove" else 0)
        act = re.search(r"undo=(\d+)", answer["Location"])[1]
        client.post("/log/undo/", {"act": act})
        assert lens.read(anna).heard().started.size == 4
    assert client.post("/sessions/5/hide/").status_code == 404


def test_the_energy_of_a_session_with_its_coverage(client, anna):
    known, unknown = TrackFactory(), TrackFactory()
    AudioFeatures.objects.create(track=known, energy=0.8)
    TrackChange.objects.bulk_create([TrackChange(track=known)])
    at = datetime(2026, 11, 2, 8, tzinfo=UTC)
    for minute, track in ((0, known), (4, unknown), (8, known), (12, known)):
        heard(anna, track, at + timedelta(minutes=minute))
    client.force_login(anna)
    answer = client.get(f"/sessions/{round(at.timestamp() * 1000)}/")
    (line,) = answer.context["one"].energy
    assert [point.value for point in line.points] == [80, None, 80, 80]
    assert "Known for 75%" in answer.content.decode()
