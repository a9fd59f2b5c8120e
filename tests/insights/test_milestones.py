"""The marks of a listening life, and one date in every year, as the pages say them."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone
from django.utils.html import escape

from insights.analysis.this_day import same_day
from tests.factories.ingest import TrackFactory, heard, heard_all
from tests.insights.behind import behind
from tests.insights.life import LONG, Life, lived, noon, rows

MARKS, DAY = "/milestones/", "/on-this-day/"
RULES = ["", "rule=lastfm"]


@pytest.fixture
def life(anna, client) -> Life:
    client.force_login(anna)
    return lived(anna)


def page(client, address, status=200):
    answer = client.get(address)
    assert answer.status_code == status
    return answer


def listed(marks):
    return [mark for _year, those in marks.years for mark in those]


@pytest.mark.parametrize("rule", RULES)
def test_each_mark_leads_to_the_play_that_reached_it(client, anna, life, rule):
    answer = page(client, f"{MARKS}?{rule}")
    marks, shown = answer.context["marks"], answer.content.decode()
    reached = [("Play number 100", life.plays[99]), ("The first of 2024", life.plays[16])]
    reached.append(("Your first play", life.plays[0]))
    assert [year for year, _those in marks.years] == [2024, 2019]
    for mark, (title, (track, at, seconds)) in zip(listed(marks), reached, strict=True):
        assert (mark.title, mark.track, mark.at) == (title, track, at)
        assert behind(anna, mark.play_url) == rows([(track, at, seconds)])
        assert title in shown
        assert escape(mark.play_url) in shown


@pytest.mark.parametrize("rule", RULES)
def test_the_longest_and_the_biggest_lead_to_their_plays(client, anna, life, rule):
    answer = page(client, f"{MARKS}?{rule}")
    marks, shown = answer.context["marks"], answer.content.decode()
    day = date(2024, 5, 7)
    assert (marks.biggest.on, marks.biggest.plays, marks.biggest.ms) == (day, 22, 22 * LONG * 1000)
    assert behind(anna, marks.biggest_url) == rows(life.of(None, day, day))
    assert (marks.streak.first, marks.streak.days) == (date(2019, 2, 28), 13)
    assert behind(anna, marks.streak_url) == rows(life.of(None, marks.streak.first, marks.streak.last))
    assert marks.longest.ms == (20 * 10 + 3) * 60_000
    session = page(client, marks.longest.url).context["one"].line.session
    assert (session.plays, session.heard_ms) == (21, 21 * LONG * 1000)
    assert all(escape(url) in shown for url in (marks.biggest_url, marks.streak_url, marks.longest.url))


def test_hours_and_artists_are_reached_by_the_play_that_completes_them(client, anna):
    client.force_login(anna)
    tracks = [TrackFactory(duration_ms=7_200_000) for _n in range(13)]
    plays = [(track, noon(2024, 1, 1 + n), 7200) for n, track in enumerate(tracks)]
    heard_all(anna, plays)
    titles = {mark.title: mark for mark in listed(page(client, MARKS).context["marks"])}
    for title, number in (("24 hours of music", 12), ("Artist number 10", 10), ("Your first play", 1)):
        assert behind(anna, titles[title].play_url) == rows([plays[number - 1]])


def test_the_next_number_at_the_present_pace(client, anna):
    client.force_login(anna)
    track, today = TrackFactory(), timezone.localdate()
    midday = datetime(today.year, today.month, today.day, 12, tzinfo=UTC)
    heard_all(anna, [(track, midday - timedelta(days=n), LONG) for n in range(1, 46)])
    ahead = page(client, MARKS).context["marks"].ahead
    assert (ahead.number, ahead.left, ahead.per_day) == (100, 55, 0.5)
    assert ahead.on == today + timedelta(days=110)


def test_who_has_no_plays_has_no_marks(client, ben, life):
    client.force_login(ben)
    answer = page(client, MARKS)
    assert answer.context["marks"].years == []
    assert "drop your export" in answer.content.decode()
    assert "The craze" not in answer.content.decode()


@pytest.mark.parametrize("rule", RULES)
def test_the_29th_of_february_in_every_year(client, anna, life, rule):
    answer = page(client, f"{DAY}?day=2024-02-29&{rule}")
    days, shown = answer.context["days"], answer.content.decode()
    assert [(day.then.on, day.then.plays, day.then.stands_in) for day in days] == [
        (date(2024, 2, 29), 2, False),
        (date(2019, 2, 28), 1, True),
    ]
    for day in days:
        plays = life.of(None, day.then.on, day.then.on)
        assert (day.then.ms, day.first_at) == (len(plays) * LONG * 1000, plays[0][1])
        assert behind(anna, day.plays_url) == rows(plays)
        (most,) = day.most
        assert behind(anna, most.plays_url) == rows(plays)
        assert escape(day.plays_url) in shown
        assert escape(most.plays_url) in shown
    assert "28 February stands in for it" in shown


def test_the_tracks_of_a_day_each_have_their_plays(client, anna, life):
    (day,) = page(client, f"{DAY}?day=2024-03-02").context["days"]
    assert (day.then.on, day.then.plays, day.then.artists) == (date(2019, 3, 2), 2, 2)
    assert [(most.track, most.plays) for most in day.most] == [(life.loved, 1), (life.back, 1)]
    for most in day.most:
        assert behind(anna, most.plays_url) == rows(life.of(most.track, day.then.on, day.then.on))


def test_days_follow_each_other_and_keep_the_rule(client, life):
    shown = page(client, f"{DAY}?day=2024-03-01&rule=lastfm").content.decode()
    assert escape("?day=2024-02-29&rule=lastfm") in shown
    assert escape("?day=2024-03-02&rule=lastfm") in shown


def test_without_a_date_it_is_today(client, anna):
    client.force_login(anna)
    then = same_day(timezone.localdate(), timezone.localdate().year - 1)
    heard(anna, TrackFactory(), noon(then.year, then.month, then.day))
    answer = page(client, DAY)
    assert [day.then.on for day in answer.context["days"]] == [then]
    assert "1 year ago" in answer.content.decode()


@pytest.mark.parametrize("told", ["2023-02-29", "yesterday", "0001-01-01"])
def test_a_bad_date_is_said(client, life, told):
    shown = page(client, f"{DAY}?day={told}", status=400).content.decode()
    assert f"“{told}” is no date" in shown
    assert "Here is today instead." in shown


def test_a_date_without_plays_says_what_to_do(client, ben, life):
    client.force_login(ben)
    shown = page(client, f"{DAY}?day=2024-02-29").content.decode()
    assert "Nothing was heard on this date, in any year" in shown
    assert "drop your export" in shown


def test_a_bad_range_of_milestones_is_said(client, life):
    assert "weekly" in page(client, f"{MARKS}?range=weekly", status=400).content.decode()
