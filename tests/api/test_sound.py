"""How it sounds, as programs are told: the figures of the page."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.factories.accounts import bearer
from tests.factories.ingest import TrackFactory, heard, heard_all, sounding, tagged

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
LOUD = {"valence": 0.9, "energy": 0.9, "danceability": 0.5, "acousticness": 0.1, "speechiness": 0.05}


@pytest.fixture
def songs(anna):
    loud, unknown = TrackFactory(), TrackFactory()
    sounding(loud, listeners=1000, **LOUD)
    tagged(loud, "punk", "pop")
    heard_all(anna, [(loud, NOON + timedelta(days=number), 180) for number in range(20)])
    heard(anna, unknown, NOON + timedelta(hours=10))


def asked(client, user, path):
    answer = client.get(f"/api/v1/{path}", **bearer(user))
    assert answer.status_code == 200
    return answer.json()


def test_it_tells_what_the_page_shows(client, anna, songs):
    told = asked(client, anna, "stats/sound?range=2026")
    client.force_login(anna)
    page = client.get("/sound/?range=2026").context["sound"]
    assert (told["plays"], told["features_known"]) == (21, 20)
    energy = next(row for row in told["features"] if row["name"] == "energy")
    assert energy["mean"] == pytest.approx(page.measured["energy"].mean)
    assert (energy["plays"], energy["tracks"]) == (20, 1)
    assert told["radar"]["axes"][0] == "energy"
    assert told["radar"]["period"][0] == energy["mean"]
    assert told["moods"] == {
        "plays": {"happy": 20, "sad": 0, "energetic": 0, "calm": 0, "focused": 0},
        "other": 0, "unknown": 1, "known": 20,
    }  # fmt: skip
    assert told["hipster"] == {
        "score": pytest.approx(page.hipster.score), "source": "listeners", "known": 20, "plays": 21,
    }  # fmt: skip
    assert {(row["name"], row["plays"], row["share"]) for row in told["genres"]} == {
        ("punk", 20, 0.5),
        ("pop", 20, 0.5),
    }
    assert told["diversity"]["artists"] == 2
    assert told["diversity"]["repeat_share"] == pytest.approx(19 / 21)
    assert sum(part["plays"] for part in told["day_parts"]) == 21


def test_unknown_is_null_not_zero(client, anna):
    heard(anna, TrackFactory(), NOON)
    told = asked(client, anna, "stats/sound?range=2026")
    assert told["features"][0]["mean"] is None
    assert told["hipster"]["score"] is None
    assert told["diversity"]["genre_diversity"] is None
    assert told["radar"]["period"] == [None] * 6


def test_genres_are_a_top_list(client, anna, songs):
    told = asked(client, anna, "stats/top/genres?range=2026&by=time")
    assert [(row["name"], row["plays"], row["rank"]) for row in told["items"]] == [("punk", 20, 1), ("pop", 20, 1)]
