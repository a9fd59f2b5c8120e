"""Discoveries, milestones, this day and decades, as programs are told: plain counts, and the figures of the pages."""

from datetime import date

import pytest
from django.utils import timezone

from tests.factories.accounts import bearer
from tests.insights.life import Life, lived

STATS = "/api/v1/stats"


@pytest.fixture
def life(anna) -> Life:
    return lived(anna)


@pytest.fixture
def ask(client, anna):
    headers = bearer(anna)

    def asked(path, status=200):
        answer = client.get(f"{STATS}/{path}", **headers)
        assert answer.status_code == status, answer.content
        return answer.json()

    return asked


def test_new_things_are_those_without_an_earlier_play(ask, life):
    told = ask("discoveries?range=2024&what=tracks")
    plays = life.of(None, date(2024, 1, 1))
    assert told["history_from"] == "2019-02-28"
    assert (told["new"], told["keys"], told["settled"], told["stayed"]) == (2, 3, 2, 1)
    assert (told["new_plays"], told["plays"]) == (len(plays) - 2, len(plays))
    assert [(row["id"], row["on"], row["plays"], row["later_days"], row["stayed"]) for row in told["items"]] == [
        (life.craze.pk, "2024-05-06", 105, 4, True),
        (life.once.pk, "2024-05-07", 1, 0, False),
    ]
    assert told["items"][0]["artist"] == "The craze"
    assert sum(step["plays"] for step in told["course"]) == len(plays)
    assert [step["first"] for step in told["course"] if step["new"]] == ["2024-05-06"]
    assert told["unit"] == "week"


def test_lists_are_read_on_by_next(ask, life):
    first = ask("discoveries?range=all&limit=3")
    rest = ask(f"discoveries?range=all&limit=3&start={first['next']}")
    names = [row["name"] for page in (first, rest) for row in page["items"]]
    assert names == ["The craze", "The loved", "The back", "The once"]
    assert rest["next"] is None


def test_what_came_back(ask, life):
    told = ask("discoveries/again?what=albums")
    days = (date(2024, 2, 29) - date(2019, 3, 3)).days
    assert told["count"] == 1
    assert told["items"] == [
        {"id": life.back.album_id, "name": life.back.album.name, "artist": "The back", "before": "2019-03-03",
         "on": "2024-02-29", "silent_days": days, "plays_before": 3, "plays_since": 2}
    ]  # fmt: skip
    assert ask(f"discoveries/again?silence={days}")["count"] == 1
    assert ask(f"discoveries/again?silence={days + 1}")["count"] == 0


def test_what_took_over_a_week(ask, life):
    told = ask("discoveries/obsessions?what=tracks")
    (row,) = told["items"]
    week = life.of(None, date(2024, 5, 6), date(2024, 5, 12))
    assert (row["id"], row["first"], row["last"], row["plays"]) == (life.craze.pk, "2024-05-06", "2024-05-12", 105)
    assert row["share"] == pytest.approx(105 / len(week))
    assert ask("discoveries/obsessions?range=2019")["count"] == 0


def test_what_fell_silent(ask, life):
    rows = ask("discoveries/forgotten")["items"]
    today = timezone.localdate()
    assert [(row["name"], row["year"], row["rank"], row["plays"], row["silent_days"]) for row in rows] == [
        ("The craze", 2024, 1, 105, (today - date(2024, 5, 10)).days),
        ("The loved", 2019, 1, 13, (today - date(2019, 3, 12)).days),
    ]


def test_milestones_name_the_play_that_reached_them(ask, life):
    told = ask("milestones")
    hundredth = life.plays[99]
    assert [(mark["kind"], mark["number"], mark["on"], mark["track"]["id"]) for mark in told["items"]] == [
        ("plays", 100, hundredth[1].date().isoformat(), hundredth[0].pk),
        ("year", 2024, "2024-02-29", life.back.pk),
        ("plays", 1, "2019-02-28", life.loved.pk),
    ]
    assert (told["ahead"]["number"], told["ahead"]["left"]) == (1000, 1000 - len(life.plays))
    assert (told["ahead"]["per_day"], told["ahead"]["on"]) == (0, None)
    assert told["biggest_day"] == {"on": "2024-05-07", "plays": 22, "ms": 22 * 180_000}
    assert told["longest_streak"] == {"first": "2019-02-28", "last": "2019-03-12", "days": 13}
    assert told["longest_session"]["ms"] == (200 + 3) * 60_000


def test_the_29th_of_february_of_every_year(ask, life):
    told = ask("on-this-day?day=2024-02-29")
    assert [(row["on"], row["stands_in"], row["plays"], row["artists"]) for row in told["items"]] == [
        ("2024-02-29", False, 2, 1),
        ("2019-02-28", True, 1, 1),
    ]
    assert told["items"][0]["most"] == [{"id": life.back.pk, "name": "back", "artist": "The back", "plays": 2}]
    assert ask("on-this-day")["day"] == timezone.localdate().isoformat()


def test_decades_are_those_of_the_albums(ask, life):
    told = ask("decades")
    total = told["total"]
    assert {row["decade"]: row["plays"] for row in total["items"]} == {1980: 5, 1990: 13, 2000: 0, 2010: 0, 2020: 105}
    assert {row["decade"]: row["ms"] for row in total["items"]}[1990] == 13 * 180_000
    assert (total["known"], total["unknown"], total["middle"]) == (123, 1, 2024)
    assert sum(step["known"] + step["unknown"] for step in told["course"]) == len(life.plays)


def test_another_rule_is_obeyed_and_named(ask, life):
    assert ask("milestones?rule=finished")["basis"]["rule"] == "finished"
    assert ask("discoveries?range=all&rule=spotify&what=tracks")["basis"]["rule"] == "spotify"


@pytest.mark.django_db
def test_without_plays_there_is_nothing_and_no_trouble(client, ben):
    headers = bearer(ben)
    told = {
        name: client.get(f"{STATS}/{name}", **headers).json()
        for name in (
            "discoveries", "discoveries/again", "discoveries/obsessions", "discoveries/forgotten", "milestones",
            "on-this-day", "decades",
        )
    }  # fmt: skip
    assert [told[name]["items"] for name in told if name != "decades"] == [[]] * 6
    assert (told["decades"]["total"]["items"], told["discoveries"]["new"]) == ([], 0)
    assert (told["milestones"]["ahead"], told["milestones"]["longest_session"]) == (None, None)


def test_nobody_is_told_of_anothers_life(client, ben, life):
    assert client.get(f"{STATS}/milestones", **bearer(ben)).json()["items"] == []
    assert client.get(f"{STATS}/discoveries", **bearer(ben)).json()["items"] == []


@pytest.mark.parametrize(
    "path",
    [
        "discoveries?range=fortnight",
        "discoveries?what=genres",
        "discoveries?start=-1",
        "discoveries/again?silence=0",
        "discoveries/forgotten?rule=mine",
        "milestones?rule=mine",
        "on-this-day?day=2023-02-29",
        "on-this-day?day=0001-01-01",
        "decades?range=custom&from=soon",
    ],
)
def test_problems_are_said(ask, life, path):
    assert ask(path, status=422)["detail"]
