"""The pages of snapshots: over time, one, two, and the wellness page."""

import re
from datetime import date, timedelta

import pytest
from django.urls import reverse

from accounts.models import Job
from ingest.models import AudioFeatures
from insights.actions import snapshots
from insights.models import ListeningSnapshot, SnapshotChoice
from insights.narrative.wellness import TONES
from tests.factories.ingest import NOON, TrackFactory, heard

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
LIST, WELLNESS = "/snapshots/", "/wellness/"
SOUND = {"valence": 0.7, "energy": 0.65, "danceability": 0.5, "acousticness": 0.2, "instrumentalness": 0.1,
         "speechiness": 0.05, "liveness": 0.1, "tempo_bpm": 120.0, "loudness_db": -8.0}  # fmt: skip


@pytest.fixture
def page(client, anna):
    client.force_login(anna)

    def opened(address, status=200):
        answer = client.get(address)
        assert answer.status_code == status
        return answer

    return opened


@pytest.fixture
def history(anna):
    """Twelve tracks that are known to sound happy, heard over two months; a snapshot of each Friday."""
    tracks = [TrackFactory() for _each in range(12)]
    for track in tracks:
        AudioFeatures.objects.create(track=track, sources=dict.fromkeys(SOUND, "reccobeats"), **SOUND)
    for back in range(60):
        heard(anna, tracks[back % 12], NOON - back * DAY)
    days = [(NOON - timedelta(weeks=back)).date() for back in range(6, -1, -1)]
    list(snapshots.take(user=anna, days=days, ranges=ListeningSnapshot.Range.values, now=NOON))
    return tracks


def row(user, on: date = NOON.date(), kind="short_term"):  # noqa: B008
    return ListeningSnapshot.objects.of(user).get(on=on, range=kind)


def test_a_snapshot_keeps_how_it_sounded(anna, history):
    told = row(anna).figures
    assert told["features"]["energy"] == {
        "mean": pytest.approx(0.65), "spread": pytest.approx(0), "min": pytest.approx(0.65),
        "max": pytest.approx(0.65), "plays": 28, "tracks": 12,
    }  # fmt: skip
    assert (told["moods"]["happy"], told["moods"]["sad"], told["moods"]["unknown_plays"]) == (1.0, 0.0, 0)
    assert told["sources"]["features"] == ["reccobeats"]
    assert told["diversity"]["artists"] == pytest.approx(12 / 50)
    assert told["hours"]["afternoon"] == {"plays": 28, "ms": 28 * 180_000, "share": 1.0}


def test_any_measure_is_drawn_over_the_days(page, history):
    course = page(f"{LIST}?range=medium_term&measure=plays").context["course"]
    assert [point.value for point in course.line.points] == [18, 25, 32, 39, 46, 53, 60]
    course = page(f"{LIST}?range=4w&measure=energy").context["course"]
    assert {point.text for point in course.line.points} == {"65%"}
    assert page(f"{LIST}?measure=hipster").context["course"].known == 0


def test_a_week_without_a_snapshot_is_a_gap(page, anna, history):
    ListeningSnapshot.objects.of(anna).filter(on=(NOON - 14 * DAY).date()).delete()
    values = [point.value for point in page(f"{LIST}?measure=days").context["course"].line.points]
    assert values == [18, 25, 28, 28, None, 28, 28]


def test_a_long_list_is_paged_and_the_line_has_a_year(page, anna):
    heard(anna, TrackFactory(), NOON)
    days = [(NOON - back * 12 * DAY).date() for back in range(40)]
    list(snapshots.take(user=anna, days=days, ranges=["short_term"], now=NOON))
    first = page(LIST)
    assert len(first.context["snapshots"]) == 30
    second = page(LIST + first.context["older"])
    assert len(second.context["snapshots"]) == 10
    earlier = page(LIST + first.context["earlier"]).context["course"]
    assert (earlier.older, earlier.newer) == (None, NOON.date())


def test_one_snapshot_shows_its_figures(page, anna, history):
    shown = page(reverse("insights:snapshot", args=[row(anna).pk]))
    text = shown.content.decode()
    assert re.search(r'figure-value">28</p>\s*<p class="figure-label">plays<', text)
    assert shown.context["earlier"] == row(anna, (NOON - 7 * DAY).date())
    assert shown.context["then"] == row(anna, (NOON - 28 * DAY).date())
    assert shown.context["later"] is None
    for what, rows in shown.context["top"]:
        assert len(rows) == 10, what
    assert "reccobeats" in text


def test_two_snapshots_stand_older_first(page, anna, ben, history):
    now, then = row(anna), row(anna, (NOON - 42 * DAY).date())
    shown = page(f"/snapshots/compare/?a={now.pk}&b={then.pk}")
    assert (shown.context["then"], shown.context["now"]) == (then, now)
    pairs = {pair.measure.name: pair for _words, group in shown.context["pairs"] for pair in group}
    assert (pairs["plays"].then_said, pairs["plays"].now_said, pairs["plays"].difference) == ("18", "28", "+10")
    heard(ben, history[0], NOON)
    (theirs,) = next(snapshots.take(user=ben, days=[NOON.date()], ranges=["short_term"], now=NOON))
    page(f"/snapshots/compare/?a={now.pk}&b={theirs}", status=404)
    page("/snapshots/compare/?a=1e9&b=2", status=404)
    page(f"/snapshots/compare/?a={now.pk}", status=302)


def test_taking_and_keeping_are_wishes_that_are_posted(client, anna, run_jobs):
    client.force_login(anna)
    assert client.post(LIST).status_code == 302
    assert client.get(LIST).context["making"].kind == "take_snapshots"
    run_jobs()
    assert ListeningSnapshot.objects.of(anna).count() == 3
    client.post("/snapshots/keep/", {"keeps": "yes"})
    assert SnapshotChoice.objects.get(user=anna).keeps
    client.post("/snapshots/keep/", {"keeps": "no"})
    assert not SnapshotChoice.objects.get(user=anna).keeps


def test_empty_pages_say_what_to_do(page):
    for address in (LIST, WELLNESS):
        assert reverse("ingest:import-list") in page(address).content.decode()


def test_wellness_tells_the_newest_snapshot_in_the_chosen_tone(page, history):
    texts = {}
    for tone in TONES:
        sentences = page(f"{WELLNESS}?range=short_term&tone={tone}").context["told"].sentences
        texts[tone] = [(sentence.text, sentence.coda) for sentence in sentences]
        assert page(f"{WELLNESS}?tone={tone}").context["told"].sentences == sentences
    assert len({str(text) for text in texts.values()}) == 3
    assert [text for text, _coda in texts["neutral"]] == [text for text, _coda in texts["supportive"]]
    assert texts["neutral"][0] == ("You heard 28 plays in 1 hour of music, on 28 of 28 days.", "")


def test_every_number_of_a_sentence_is_one_of_its_figures(page, history):
    for kind in ListeningSnapshot.Range.values:
        for tone in TONES:
            for sentence in page(f"{WELLNESS}?range={kind}&tone={tone}").context["told"].sentences:
                assert set(re.findall(r"\d[\d,]*%?", sentence.text)) <= set(sentence.numbers), sentence.text
                assert not re.search(r"\d", sentence.coda)


def test_the_charts_that_sentences_lead_to_are_on_the_page(page, history):
    answer = page(WELLNESS)
    text = answer.content.decode()
    for sentence in answer.context["told"].sentences:
        assert f'id="{sentence.anchor}"' in text


def test_with_little_heard_nothing_is_concluded(page, anna):
    for track in [TrackFactory() for _each in range(9)]:
        heard(anna, track, NOON)
    next(snapshots.take(user=anna, days=[NOON.date()], ranges=["short_term"], now=NOON))
    answer = page(WELLNESS)
    assert answer.context["told"].sentences == []
    assert "too few" in answer.content.decode()


def test_wellness_shows_how_far_it_is_and_then_the_result(client, anna, history, run_jobs):
    client.force_login(anna)
    posted = client.post(WELLNESS, {"range": "long_term", "tone": "neutral"})
    assert posted.url == f"{WELLNESS}?range=long_term&tone=neutral"
    job = Job.objects.get()
    assert (job.owner, job.parameters["ranges"]) == (anna, ["long_term"])
    polled = client.get(posted.url, headers={"HX-Request": "true", "HX-Target": "wellness"}).content.decode()
    assert 'hx-trigger="every 1s' in polled
    assert "<html" not in polled
    run_jobs()
    assert "every 1s" not in client.get(posted.url).content.decode()
