"""What a person skips, as the page says it."""

from collections import Counter
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from ingest.models import Play
from tests.factories.ingest import ArtistFactory, TrackFactory, heard


@pytest.fixture
def plays(anna):
    """30 starts of one artist, a third of them skipped, on and off shuffle; 5 of another, all skipped."""
    now = timezone.now()
    often = TrackFactory(name="Often 0", artist=ArtistFactory(name="Often"))
    rare = TrackFactory(name="Rare", artist=ArtistFactory(name="Rare"))
    for n in range(30):
        heard(anna, often, now - timedelta(hours=5 * n + 1), seconds=10 if n % 3 == 0 else 90, shuffle=n % 2 == 0)
    for n in range(5):
        heard(anna, rare, now - timedelta(hours=7 * n + 3, minutes=20), seconds=29)
    heard(anna, rare, now - timedelta(days=1, minutes=3), seconds=5, incognito=True)


def page(client, query="?range=all"):
    answer = client.get(reverse("insights:skips") + query)
    assert answer.status_code == 200
    return answer


def test_rates_are_plain_counts(client, anna, plays):
    client.force_login(anna)
    found = page(client).context["skips"]
    assert (found.overall.starts, found.overall.skips) == (35, 15)
    assert [(line.item.name, line.rate.starts, line.rate.skips) for line in found.artists] == [("Often", 30, 10)]
    assert [(line.item.name, line.rate.skips) for line in found.tracks] == [("Often 0", 10), ("Rare", 5)]
    shuffle = found.shuffle
    assert [(rate.starts, rate.skips) for rate in (shuffle.on, shuffle.off, shuffle.not_told)] == [
        (15, 5), (15, 5), (5, 5),
    ]  # fmt: skip
    hours = Counter(play.started_at.hour for play in Play.objects.of(anna) if not play.incognito)
    assert [point.value is not None for point in found.hours] == [hour in hours for hour in range(24)]


def test_skips_lead_to_their_plays(client, anna, plays):
    client.force_login(anna)
    line = page(client, "?range=4w").context["skips"].artists[0]
    log = client.get(line.href)
    assert log.status_code == 200
    assert log.context["log"].matches == line.rate.skips


def test_the_rule_stands_beside_it(client, anna, plays):
    client.force_login(anna)
    assert "music left before 30 seconds" in page(client).content.decode()


def test_others_have_their_own_and_an_empty_page_says_what_to_do(client, ben, plays):
    client.force_login(ben)
    answer = page(client)
    assert (answer.context["skips"].overall.starts, answer.context["skips"].tracks) == (0, [])
    assert "drop your export" in answer.content.decode()


def test_a_bad_range_is_said(client, anna, plays):
    client.force_login(anna)
    assert client.get(reverse("insights:skips") + "?range=weekly").status_code == 400


def test_queries_do_not_grow(client, anna, plays, django_assert_max_num_queries):
    client.force_login(anna)
    page(client)
    with django_assert_max_num_queries(17):
        page(client)
