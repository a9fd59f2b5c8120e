"""From which years the music was, as the page and the log's filter say it."""

from datetime import date

import pytest
from django.utils import timezone
from django.utils.html import escape

from tests.factories.ingest import TrackFactory, heard
from tests.insights.behind import behind
from tests.insights.life import LONG, Life, lived, noon, rows

RULES = ["", "&rule=lastfm"]


@pytest.fixture
def life(anna, client) -> Life:
    client.force_login(anna)
    return lived(anna)


def page(client, query="?range=all", status=200):
    answer = client.get(f"/decades/{query}")
    assert answer.status_code == status
    return answer


@pytest.mark.parametrize("rule", RULES)
def test_each_decade_leads_to_its_plays(client, anna, life, rule):
    answer = page(client, f"?range=all{rule}")
    told, shown = answer.context["decades"], answer.content.decode()
    wanted = {"1980s": life.back, "1990s": life.loved, "2000s": None, "2010s": None, "2020s": life.craze}
    assert [point.label for point in told.shares] == list(wanted)
    for point in told.shares:
        plays = life.of(wanted[point.label]) if wanted[point.label] else []
        assert point.value == len(plays)
        assert bool(point.href) == bool(plays)
        if plays:
            assert behind(anna, point.href) == rows(plays)
            assert escape(point.href) in shown
    assert (told.plays, told.unknown, told.middle) == (len(life.plays), 1, 2024)
    assert told.coverage == pytest.approx(1 - 1 / len(life.plays))
    assert behind(anna, told.unknown_url) == rows(life.of(life.once))
    assert escape(told.unknown_url) in shown


def test_each_cell_is_the_share_of_its_step(client, anna, life):
    told = page(client).context["decades"]
    assert told.columns == [str(year) for year in range(2019, timezone.localdate().year + 1)]
    cells = {point.label: point for row in told.rows for point in row.points}
    for label, track, year, share in (
        ("1990s, 2019", life.loved, 2019, 13 / 16), ("1980s, 2019", life.back, 2019, 3 / 16),
        ("1980s, 2024", life.back, 2024, 2 / 107), ("2020s, 2024", life.craze, 2024, 105 / 107),
    ):  # fmt: skip
        plays = rows(life.of(track, date(year, 1, 1), date(year, 12, 31)))
        assert cells[label].value == round(100 * share)
        assert behind(anna, cells[label].href) == plays
    assert sum(bool(cell.href) for cell in cells.values()) == 4
    assert (cells["1990s, 2021"].value, cells["1990s, 2024"].value) == (None, 0)
    assert [point.value for point in told.middles[0].points][:6] == [25, None, None, None, None, 0]  # its age in years


def test_by_minutes(client, life):
    told = page(client, "?range=all&by=time").context["decades"]
    assert {point.label: point.value for point in told.shares}["1990s"] == 13 * LONG / 60


def test_a_stretch_has_its_own(client, anna, life):
    told = page(client, "?range=2019").context["decades"]
    assert [(point.label, point.value) for point in told.shares] == [("1980s", 3), ("1990s", 13)]
    assert behind(anna, told.shares[0].href) == rows(life.of(life.back, last=date(2019, 12, 31)))


def test_music_of_no_known_year_is_said(client, anna):
    client.force_login(anna)
    heard(anna, TrackFactory(), noon(2024, 5, 7))
    answer = page(client)
    assert (answer.context["decades"].plays, answer.context["decades"].unknown) == (1, 1)
    assert "No album of this time has a year" in answer.content.decode()


def test_who_has_no_plays_sees_what_to_do(client, ben, life):
    client.force_login(ben)
    answer = page(client)
    assert (answer.context["decades"].plays, answer.context["decades"].shares) == (0, [])
    assert "drop your export" in answer.content.decode()


def test_a_bad_range_is_said(client, life):
    assert "weekly" in page(client, "?range=weekly", status=400).content.decode()


@pytest.mark.parametrize(
    ("years", "names"),
    [
        ("1990-1999", {"loved", "left"}),
        ("1994-1994", {"loved"}),
        ("1987-1994", {"back", "loved"}),
        ("0-0", {"once"}),
        ("1999-1990", set()),
        ("2000-2009", set()),
        ("nineties", {"loved", "back", "craze", "once", "left"}),  # what is no filter is passed over
    ],
)
def test_the_log_by_the_years_of_albums(client, anna, life, years, names):
    wanted = [row for row in life.told if row[0].name in names]
    assert behind(anna, f"/log/?released={years}") == rows(wanted)
    answer = client.get(f"/log/?released={years}")
    assert (answer.status_code, answer.context["log"].matches) == (200, len(wanted))


def test_the_filter_is_named_and_goes_along(client, anna, life):
    answer = client.get("/log/?released=2020-2029")
    assert "2020–2029" in answer.content.decode()
    seen, address = 0, "?released=2020-2029"
    for _page in range(3):
        answer = client.get(f"/log/{address}")
        seen += sum(len(day.entries) for day in answer.context["log"].days)
        address = answer.context["older"]
    assert (seen, address) == (105, "")
    assert behind(anna, "/log/?released=1990-1999&show=plays") == rows(life.of(life.loved))
    assert behind(anna, f"/log/?released=1980-1999&artist={life.back.artist_id}") == rows(life.of(life.back))
