"""Every figure leads to its plays: what it says and how many rows the log then shows is one number (S4.24, B22)."""

from collections.abc import Iterator
from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client

from accounts.fields import to_ms
from accounts.models import User
from ingest import log, log_address
from ingest.actions import catalogue, record
from ingest.evidence import Evidence
from ingest.models import Word
from tests.factories.ingest import AlbumFactory, ArtistFactory, TrackFactory, heard

SPRING = datetime(2024, 3, 27, tzinfo=UTC)  # Lord Howe's clock goes back by half an hour on 7 April 2024


@pytest.fixture
def history(anna: User, client: Client) -> User:
    """Plays at odd hours over a clock change, short and long, private and not, from here and there."""
    anna.time_zone = "Australia/Lord_Howe"
    anna.save()
    chance = Random(4)
    artists = [ArtistFactory() for _n in range(3)]
    tracks = [
        TrackFactory(album=AlbumFactory(artist=artists[n % 3]), duration_ms=(200_000, 40_000)[n % 2]) for n in range(6)
    ]
    words = list(catalogue.words(Word.Kind.CONTEXT, ["spotify:playlist:a", "spotify:album:b"]).values())
    at, told = to_ms(SPRING), []
    for _number in range(150):
        at += chance.choice([3, 4, 11, 190, 700]) * 60_000 + chance.randrange(60_000)
        ms = chance.choice([5, 21, 35, 130, 180]) * 1000
        track, context = chance.choice(tracks).pk, chance.choice([0, *words])
        told.append(Evidence(5, track, at, at + ms, ms, context=context, incognito=chance.random() < 0.1))
    record.plays(user=anna, evidence=told, now=SPRING)
    client.force_login(anna)
    return anna


def rows_at(user: User, address: str) -> int:
    """How many plays the log of an address lists."""
    path, _mark, query = address.partition("?")
    assert path == "/log/"
    asked = log_address.asked(QueryDict(query), user)
    assert not asked.problems
    return len(log.Log(user, asked.filters))


def cells(points: Any) -> Iterator[Any]:
    return (point for point in points if point.href or point.value)


@pytest.mark.parametrize("rule", ["", "&rule=lastfm"])
@pytest.mark.parametrize("stretch", ["range=all", "range=custom&from=2024-04-05&to=2024-04-09", "range=2024-04"])
def test_every_cell_of_when_is_the_number_of_rows_behind_it(
    client: Client, history: User, stretch: str, rule: str
) -> None:
    for grid in (6, 24):
        when = client.get(f"/time/?{stretch}&grid={grid}{rule}").context["when"]
        points = [point for row in when.rows for point in row.points]
        for point in cells(points):
            assert rows_at(history, point.href) == point.value, point.label
        assert sum(point.value for point in points) == when.plays > 0
    for points in (when.hours, when.days, when.course):
        assert points is when.days or sum(point.value for point in points) == when.plays  # the calendar may be cut
        for point in cells(points):
            assert rows_at(history, point.href) == point.value, point.label
    assert rows_at(history, when.most_active_href) == when.most_active.plays


def test_an_hour_that_comes_twice_has_its_own_plays_each_time(client: Client, anna: User) -> None:
    anna.time_zone = "Europe/Berlin"
    anna.save()
    track = TrackFactory()
    for hour in (0, 0, 1):  # UTC; both are 02:xx in Berlin, before and after the clock goes back
        heard(anna, track, datetime(2024, 10, 27, hour, 10 + anna.plays.count(), tzinfo=UTC), seconds=40)
    client.force_login(anna)
    when = client.get("/time/?range=custom&from=2024-10-27&to=2024-10-27").context["when"]
    assert [(point.label, point.value) for point in when.course if point.value] == [("02:00", 2), ("02:00", 1)]
    assert [rows_at(anna, point.href) for point in when.course if point.value] == [2, 1]


def test_skips_sessions_and_top_lists_lead_to_their_plays(client: Client, history: User) -> None:
    skips = client.get("/skips/?range=all").context["skips"]
    for line in (*skips.tracks, *skips.artists, *skips.albums, *skips.contexts, *skips.origins):
        assert rows_at(history, line.href) == line.rate.skips
        assert rows_at(history, line.starts_href) == line.rate.starts
    assert sum(rows_at(history, point.href) for point in cells(skips.hours) if point.href) == skips.overall.skips > 0
    for line in client.get("/sessions/?range=all").context["listing"].lines:
        assert rows_at(history, line.plays_url) == line.session.plays
        assert rows_at(history, line.skips_url) == line.session.skips
        assert rows_at(history, line.in_log("started")) == line.session.rows
    for what in ("tracks", "artists", "albums", "contexts"):
        for line in client.get(f"/top/{what}/?range=all&rule=spotify").context["listing"].lines:
            assert rows_at(history, line.plays_url) == line.ranked.plays > 0
