"""What was new, came back, took over and fell silent, as the pages say it: plain counts, and the plays behind them."""

from datetime import date, timedelta

import pytest
from django.utils import timezone
from django.utils.html import escape

from tests.factories.ingest import TrackFactory, heard_all
from tests.insights.behind import behind
from tests.insights.life import LONG, Life, lived, noon, rows

NEW, AGAIN = "/discoveries/", "/discoveries/again/"
OBSESSIONS, FORGOTTEN = "/discoveries/obsessions/", "/discoveries/forgotten/"
PAGES = [NEW, AGAIN, OBSESSIONS, FORGOTTEN]
RULES = ["", "&rule=lastfm"]


@pytest.fixture
def life(anna, client) -> Life:
    client.force_login(anna)
    return lived(anna)


def page(client, address, status=200):
    answer = client.get(address)
    assert answer.status_code == status
    return answer


def thing(track, what):
    return {"tracks": track, "artists": track.artist, "albums": track.album}[what]


@pytest.mark.parametrize("what", ["tracks", "artists", "albums"])
def test_new_is_what_has_no_earlier_play(client, life, what):
    told = page(client, f"{NEW}?range=2024&what={what}").context["told"]
    plays = life.of(None, date(2024, 1, 1))
    assert (told.found.new, told.found.keys) == (2, 3)  # what came back is not new, what was skipped was not heard
    assert (told.found.plays, told.found.new_plays) == (len(plays), len(plays) - 2)
    assert (told.found.settled, told.found.stayed) == (2, 1)
    assert [(line.item, line.row.on, line.row.plays, line.row.later_days) for line in told.lines] == [
        (thing(life.craze, what), date(2024, 5, 6), 105, 4),
        (thing(life.once, what), date(2024, 5, 7), 1, 0),
    ]


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("what", ["tracks", "artists", "albums"])
def test_new_things_lead_to_their_plays(client, anna, life, what, rule):
    answer = page(client, f"{NEW}?range=all&what={what}{rule}")
    shown, lines = answer.content.decode(), answer.context["lines"]
    for track, line in zip((life.craze, life.loved, life.back, life.once), lines, strict=True):
        assert line.item == thing(track, what)
        assert behind(anna, line.plays_url) == rows(life.of(track))
        assert behind(anna, line.first_url) == rows(life.of(track, line.row.on, line.row.on))
        assert escape(line.plays_url) in shown
        assert escape(line.first_url) in shown
        assert f'href="{line.page}"' in shown


@pytest.mark.parametrize("stretch", ["range=all", "range=2024", "range=custom&from=2024-05-06&to=2024-05-12"])
def test_columns_lead_to_what_was_new_in_them(client, anna, life, stretch):
    told = page(client, f"{NEW}?{stretch}&what=tracks").context["told"]
    assert sum(point.value for point in told.course) == told.found.new > 0
    for point in told.course:
        assert bool(point.href) == bool(point.value)
        if point.href:
            assert page(client, point.href).context["told"].found.new == point.value
    repeats = [point for point in told.repeats if point.value is not None]
    for point, step in zip(repeats, (step for step in told.steps if step.plays), strict=True):
        plays = behind(anna, point.href)
        assert plays == rows(life.of(None, step.first, step.last))
        assert point.value == round(100 * (len(plays) - step.new) / len(plays))


def test_it_says_where_history_begins(client, life):
    assert "Your history here begins on" in page(client, f"{NEW}?range=all").content.decode()
    assert "Your history here begins on" not in page(client, f"{NEW}?range=2024").content.decode()


@pytest.mark.parametrize("rule", RULES)
def test_what_came_back_leads_to_its_plays_before(client, anna, life, rule):
    silent = (date(2024, 2, 29) - date(2019, 3, 3)).days
    answer = page(client, f"{AGAIN}?range=all&what=tracks{rule}")
    (line,) = answer.context["lines"]
    assert (line.item, line.row.on, line.row.before, line.row.silent_days) == (
        life.back, date(2024, 2, 29), date(2019, 3, 3), silent,
    )  # fmt: skip
    assert (line.row.plays_before, line.row.plays_since) == (3, 2)
    assert behind(anna, line.plays_url) == rows(life.of(life.back, last=date(2019, 12, 31)))
    assert behind(anna, line.first_url) == rows(life.of(life.back, line.row.on, line.row.on))
    assert escape(line.plays_url) in answer.content.decode()


def test_silence_is_as_long_as_asked(client, life):
    silent = (date(2024, 2, 29) - date(2019, 3, 3)).days
    assert page(client, f"{AGAIN}?range=all&silence={silent}").context["found"].keys == 1
    assert page(client, f"{AGAIN}?range=all&silence={silent + 1}").context["found"].keys == 0
    assert page(client, f"{AGAIN}?range=2019").context["found"].keys == 0
    today = timezone.localdate()
    gone = (today - date(2024, 5, 10)).days
    assert len(page(client, f"{FORGOTTEN}?silence={gone}").context["lines"]) == 2
    assert [line.item for line in page(client, f"{FORGOTTEN}?silence={gone + 1}").context["lines"]] == [
        life.loved.artist
    ]


@pytest.mark.parametrize("rule", RULES)
def test_an_obsession_leads_to_the_plays_of_its_week(client, anna, life, rule):
    answer = page(client, f"{OBSESSIONS}?range=all&what=albums{rule}")
    (line,) = answer.context["lines"]
    first, last = date(2024, 5, 6), date(2024, 5, 12)
    assert (line.item, line.row.first, line.row.last, line.row.plays) == (life.craze.album, first, last, 105)
    assert line.row.share == pytest.approx(105 / len(life.of(None, first, last)))
    assert behind(anna, line.plays_url) == rows(life.of(life.craze, first, last))
    assert escape(line.plays_url) in answer.content.decode()
    assert page(client, f"{OBSESSIONS}?range=2019").context["found"].count == 0


@pytest.mark.parametrize("rule", RULES)
def test_forgotten_favourites_lead_to_all_their_plays(client, anna, life, rule):
    answer = page(client, f"{FORGOTTEN}?what=artists{rule}")
    today = timezone.localdate()
    assert [(line.item, line.row.year, line.row.rank, line.row.silent_days) for line in answer.context["lines"]] == [
        (life.craze.artist, 2024, 1, (today - date(2024, 5, 10)).days),
        (life.loved.artist, 2019, 1, (today - date(2019, 3, 12)).days),
    ]
    for track, line in zip((life.craze, life.loved), answer.context["lines"], strict=True):
        assert line.row.plays == line.row.year_plays == len(life.of(track))
        assert behind(anna, line.plays_url) == rows(life.of(track))
        assert behind(anna, line.first_url) == rows(life.of(track, line.row.last_on, line.row.last_on))
        assert escape(line.plays_url) in answer.content.decode()
    assert [line.item for line in page(client, f"{FORGOTTEN}?range=2019").context["lines"]] == [life.loved.artist]


def test_what_was_heard_lately_is_not_forgotten(client, anna, life):
    heard_all(anna, [(life.craze, timezone.now() - timedelta(days=20), LONG)])
    assert [line.item for line in page(client, FORGOTTEN).context["lines"]] == [life.loved.artist]
    assert [line.item for line in page(client, f"{AGAIN}?range=4w").context["lines"]] == [life.craze.artist]


def test_long_lists_are_paged(client, anna):
    client.force_login(anna)
    heard_all(anna, [(TrackFactory(), noon(2024, 5, 1) + timedelta(hours=n), LONG) for n in range(53)])
    first = page(client, f"{NEW}?range=2024&what=tracks")
    assert len(first.context["lines"]) == 50
    assert escape(first.context["lower"]) in first.content.decode()
    second = page(client, NEW + first.context["lower"])
    assert (len(second.context["lines"]), second.context["lower"]) == (3, "")
    both = [line.item.pk for answer in (first, second) for line in answer.context["lines"]]
    assert len(set(both)) == 53
    assert page(client, NEW + second.context["higher"]).context["lines"] == first.context["lines"]


@pytest.mark.parametrize("address", PAGES)
def test_who_has_no_plays_sees_what_to_do_and_nobody_elses(client, ben, life, address):
    client.force_login(ben)
    shown = page(client, address).content.decode()
    assert "/imports/" in shown or "?range=all" in shown
    assert not any(name in shown for name in ("The craze", "The loved", "The back", "The once"))


@pytest.mark.parametrize("address", PAGES)
def test_a_bad_range_is_said_and_the_page_is_there(client, life, address):
    shown = page(client, f"{address}?range=weekly&what=moods&silence=x&page=-1", status=400).content.decode()
    assert "<h1>" in shown
    assert "weekly" in shown
    assert "Your history is untouched." in shown
    instead = "the last year" if address in (NEW, AGAIN) else "all of your time"
    assert f"Here is {instead} instead." in shown
