"""When a person listens, as the page says it."""

import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from ingest.models import Play
from tests.factories.ingest import AlbumFactory, TrackFactory, heard


@pytest.fixture
def plays(anna):
    """Plays in the last fortnight at many hours, some of them too short; and one of long ago."""
    anna.time_zone = "Asia/Kathmandu"
    anna.save()
    track, other = TrackFactory(album=AlbumFactory(released_on="1994-05")), TrackFactory()
    now = timezone.now().replace(minute=0, second=0, microsecond=0)
    for number in range(40):
        at = now - timedelta(hours=7 * number + 1)
        heard(anna, track if number % 3 else other, at, seconds=(5 if number % 5 == 4 else 100 + number))
    heard(anna, track, datetime(2019, 6, 1, 12, tzinfo=UTC))


def page(client, query=""):
    answer = client.get(reverse("insights:time") + query)
    assert answer.status_code == 200
    return answer


def counted(user):
    return Play.objects.of(user).filter(ms_played__gte=30_000)


@pytest.mark.parametrize("grid", [6, 24])
def test_the_heatmap_is_a_plain_count_in_the_persons_zone(client, anna, plays, grid):
    client.force_login(anna)
    when = page(client, f"?range=all&grid={grid}").context["when"]
    wanted = Counter()
    for play in counted(anna):
        at = play.started_at.astimezone(ZoneInfo("Asia/Kathmandu"))
        wanted[at.weekday(), at.hour * grid // 24] += 1
    assert len(when.rows) == 7
    for weekday, row in enumerate(when.rows):
        assert [point.value for point in row.points] == [wanted[weekday, block] for block in range(grid)]
    assert sum(wanted.values()) == when.plays == sum(point.value for point in when.hours)


def test_by_minutes(client, anna, plays):
    client.force_login(anna)
    when = page(client, "?range=all&by=time").context["when"]
    assert when.ms == sum(play.ms_played for play in counted(anna))
    assert sum(point.value for point in when.course) == pytest.approx(when.ms / 60_000, abs=len(when.course))


def test_the_week_begins_where_the_person_says(client, anna, plays):
    anna.week_starts_on = 7
    anna.save()
    client.force_login(anna)
    assert [row.label for row in page(client).context["when"].rows][:2] == ["Sun", "Mon"]


def test_days_lead_to_their_plays(client, anna, plays):
    client.force_login(anna)
    when = page(client, "?range=4w").context["when"]
    days = Counter(play.started_at.astimezone(ZoneInfo("Asia/Kathmandu")).date() for play in counted(anna))
    assert {day.on: day.value for day in when.days if day.value} == {
        on: count for on, count in days.items() if on >= when.days[0].on
    }
    assert when.most_active.plays == max(days.values())
    log = client.get(when.most_active_href)
    assert log.status_code == 200
    assert log.context["log"].matches == when.most_active.plays


def test_streaks_look_past_the_ends_of_the_range(client, anna, plays):
    client.force_login(anna)
    streaks = page(client, "?range=today").context["when"].streaks
    assert streaks.longest.days >= 11
    assert streaks.current == streaks.longest


@pytest.mark.parametrize("rule", ["", "&rule=lastfm"])
def test_a_run_leads_to_its_plays(client, anna, rule):
    track, other = TrackFactory(), TrackFactory(duration_ms=400_000)  # of which Last.fm wants half
    noon = (timezone.now() - timedelta(days=1)).replace(hour=12, minute=0)
    for days in (0, 1, 2, 300, 301, 302, 303, 304, 306):
        heard(anna, track, noon - timedelta(days=days))
        heard(anna, other, noon - timedelta(days=days, minutes=20), seconds=150)
    client.force_login(anna)
    answer = page(client, f"?range=4w{rule}")
    when, shown = answer.context["when"], answer.content.decode()
    for href, run, days in ((when.longest_href, when.streaks.longest, 5), (when.current_href, when.streaks.current, 3)):
        assert run.days == days
        assert f'href="{escape(href)}"' in shown
        assert client.get(href).context["log"].matches == (days if rule else 2 * days)


def test_a_run_that_has_ended_leads_nowhere(client, anna):
    heard(anna, TrackFactory(), timezone.now() - timedelta(days=40))
    client.force_login(anna)
    when = page(client, "?range=all").context["when"]
    assert (when.streaks.longest.days, when.streaks.current, when.current_href) == (1, None, "")


def test_decades_say_what_they_know(client, anna, plays):
    client.force_login(anna)
    when = page(client, "?range=all").context["when"]
    known = counted(anna).filter(track__album__released_on="1994-05").count()
    assert [(point.label, point.value) for point in when.decades] == [("1990s", known)]
    assert when.coverage == pytest.approx(known / counted(anna).count())


def test_nobody_sees_others_and_an_empty_page_says_what_to_do(client, ben, plays):
    client.force_login(ben)
    answer = page(client, "?range=all")
    assert answer.context["when"].plays == 0
    assert "drop your export" in answer.content.decode()


def test_a_bad_range_is_said(client, anna, plays):
    client.force_login(anna)
    answer = client.get(reverse("insights:time") + "?range=weekly&grid=7&by=mood")
    assert answer.status_code == 400
    assert re.search("<h1>When you listen</h1>", answer.content.decode())


def test_queries_do_not_grow(client, anna, plays, django_assert_max_num_queries):
    client.force_login(anna)
    page(client, "?range=all")
    with django_assert_max_num_queries(14):
        page(client, "?range=all&grid=24")
