"""How it sounds, as the page says it."""

from datetime import UTC, datetime, timedelta
from math import log
from statistics import fmean

import pytest

from tests.architecture.queries import count
from tests.factories.ingest import TrackFactory, heard, heard_all, sounding, tagged

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HAPPY = {"valence": 0.9, "energy": 0.9, "danceability": 0.5, "acousticness": 0.1, "speechiness": 0.05}
CALM = {"valence": 0.5, "energy": 0.2, "danceability": 0.5, "acousticness": 0.9, "speechiness": 0.4}


@pytest.fixture
def songs(anna):
    """A happy track heard 15 times, a calm one 6 times, and one of which nothing is known 4 times, in spring 2026."""
    happy, calm, unknown = TrackFactory(name="Sun"), TrackFactory(name="Moon"), TrackFactory(name="Dark")
    sounding(happy, listeners=1_000_000, tempo_bpm=160, **HAPPY)
    sounding(calm, listeners=50, tempo_bpm=80, **CALM)
    tagged(happy, "punk", "pop")
    tagged(calm.artist, "ambient")
    times = ((happy, 15, 0), (calm, 6, 30), (unknown, 4, 60))
    heard_all(
        anna, [(track, NOON + timedelta(days=day, hours=n), 180) for track, many, day in times for n in range(many)]
    )
    return happy, calm, unknown


def sound(client, query="?range=2026"):
    answer = client.get(f"/sound/{query}")
    assert answer.status_code == 200
    return answer.context["sound"]


def test_features_are_means_over_plays_with_what_they_rest_on(client, anna, songs):
    client.force_login(anna)
    seen = sound(client)
    assert (seen.measured.plays, seen.measured.tracks, seen.plays) == (21, 2, 25)
    assert seen.measured["energy"].mean == pytest.approx((15 * 0.9 + 6 * 0.2) / 21)
    assert seen.measured["tempo_bpm"].mean == pytest.approx((15 * 160 + 6 * 80) / 21)
    assert seen.measured["liveness"].mean is None
    march = sound(client, "?range=2026-03")
    assert [outline.name for outline in march.outlines] == ["This time", "All time"]
    assert march.outlines[1].values[0] == pytest.approx(seen.measured["energy"].mean)


def test_moods_count_plays_and_lead_to_their_tracks(client, anna, songs):
    client.force_login(anna)
    seen = sound(client)
    assert (seen.moods.plays["happy"], seen.moods.plays["calm"], seen.moods.unknown) == (15, 6, 4)
    answer = client.get("/sound/?range=2026&mood=calm")
    assert [(line.item.name, line.ranked.plays) for line in answer.context["examples"]] == [("Moon", 6)]
    assert "Of 4 plays the mood is unknown" in answer.content.decode()


def test_courses_have_gaps_where_nothing_is_known(client, anna, songs):
    client.force_login(anna)
    (line,) = sound(client, "?range=custom&from=2026-03-01&to=2026-05-10").tempo
    values = {point.value for point in line.points}
    assert values == {None, 160, 80}
    known = [point for point in line.points if point.value == 80]
    log_page = client.get(known[0].href)
    assert log_page.status_code == 200
    assert log_page.context["log"].matches == 6


def test_the_hipster_score_says_formula_source_and_coverage(client, anna, songs):
    client.force_login(anna)
    answer = client.get("/sound/?range=2026")
    ratios = [log(1 + 1_000_000) / log(1 + 10_000_000)] * 15 + [log(51) / log(1 + 10_000_000)] * 6
    assert answer.context["sound"].hipster.score == pytest.approx(100 * (1 - fmean(ratios)))
    page = answer.content.decode()
    assert "log(1 + listeners)" in page
    assert "for 21 of 25 plays (84%)" in page
    refused = client.get("/sound/?range=2026-03").content.decode()
    assert "No score yet: how many others listen is known for 15 of 15 plays, and 20 are needed." in refused


def test_shares_of_genres_add_up_and_diversity_is_theirs(client, anna, songs):
    client.force_login(anna)
    seen = sound(client)
    assert {row.tag.name: row.plays for row in seen.genres} == {"punk": 15, "pop": 15, "ambient": 6}
    assert sum(row.share for row in seen.genres) == pytest.approx(1)
    assert seen.genre_known == 21
    assert seen.artist_diversity == 3 / 50
    assert seen.repeat_share == pytest.approx(22 / 25)
    assert 0 < seen.genre_diversity < 1


def test_nothing_known_is_said_with_what_happens_next(client, anna):
    for number in range(3):
        heard(anna, TrackFactory(), NOON + timedelta(hours=number))
    client.force_login(anna)
    page = client.get("/sound/?range=2026").content.decode()
    assert "Features are known for 0 of 3 plays" in page
    assert "A genre is known for 0 of 3 plays" in page
    assert "known for 0 of 3 plays, and 20 are needed" in page


def test_a_silent_time_says_so(client, anna, songs):
    client.force_login(anna)
    assert "Nothing was heard in this stretch of time" in client.get("/sound/?range=2019").content.decode()


def test_it_asks_the_database_little(client, anna, songs):
    client.force_login(anna)
    assert count(lambda: client.get("/sound/?range=2026")) <= 22
