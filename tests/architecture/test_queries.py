"""Pages ask the database a bounded number of questions, however much there is."""

from datetime import datetime, timedelta

import pytest

from accounts import keys
from accounts.fields import to_ms
from accounts.models import User
from ingest.actions import record
from ingest.evidence import Evidence, Origin
from ingest.models import HistoryImport, Track, TrackSource
from tests.architecture.queries import assert_steady, count
from tests.architecture.rows import NOON
from tests.architecture.urls import OWNER, PAGES, PERSON, address
from tests.factories.accounts import JobFactory, SpotifyConnectionFactory
from tests.factories.ingest import TrackFactory

MOST = 25  # queries of any page of a person who has nothing yet, session and shell included
MOST_HEARD = 35  # of one who has listened for years
READ = [route for route, page in PAGES.items() if page.who in (PERSON, OWNER) and not page.post] + [""]


@pytest.mark.parametrize("route", READ)
def test_a_page_asks_little(client, anna, route):
    client.force_login(anna)
    there = address(route, PAGES[route].row(anna) or ("tracks",))
    assert count(lambda: client.get(there)) <= MOST


def test_no_page_asks_more_where_more_was_heard(client, anna, monkeypatch):
    """Every page that answers GET, over all time: six times the plays and tracks, and years, take no question more."""
    monkeypatch.setattr(keys, "_USED_EVERY", timedelta(days=1))  # or a slow machine writes a token's last use midway
    client.force_login(anna)
    tracks = [TrackFactory() for _ in range(60)]
    listen(anna, tracks[:10], plays=200, since=NOON - timedelta(days=900))
    listen(anna, tracks[:5], plays=200, since=NOON - timedelta(days=70))
    pages = [f"{address(route, PAGES[route].row(anna) or ('tracks',))}?range=all" for route in READ]
    before = {page: count(lambda page=page: client.get(page)) for page in pages}
    listen(anna, tracks, plays=2_000, since=NOON - timedelta(days=900))
    after = {page: count(lambda page=page: client.get(page)) for page in pages}
    assert {page: (before[page], asked) for page, asked in after.items() if asked > before[page]} == {}
    assert {page: asked for page, asked in after.items() if asked > MOST_HEARD} == {}


def listen(user: User, tracks: list[Track], *, plays: int, since: datetime) -> None:
    """`plays` in sessions of eight, two hours apart; every fifth is a skip."""
    events = []
    for number in range(plays):
        started = to_ms(since) + number * 240_000 + number // 8 * 7_200_000
        ms = 9_000 if number % 5 == 4 else 200_000
        events.append(Evidence(Origin.EXPORT, tracks[number % len(tracks)].pk, started, started + ms, ms))
    record.plays(user=user, evidence=events, now=NOON)


LISTS = {
    "/jobs/": lambda anna: JobFactory.create_batch(20, owner=anna),
    "/imports/": lambda anna: HistoryImport.objects.bulk_create(
        HistoryImport(user=anna, name=f"{number}.zip", state="done") for number in range(20)
    ),
    "/library/": lambda anna: TrackSource.objects.bulk_create(
        TrackSource(user=anna, kind="list", name=f"List {number}", total=number) for number in range(20)
    ),
}


@pytest.mark.parametrize("address", LISTS)
def test_a_list_asks_no_more_when_it_is_longer(client, anna, address):
    client.force_login(anna)
    JobFactory.create_batch(2, owner=anna)
    HistoryImport.objects.create(user=anna, name="first.zip", state="done")
    TrackSource.objects.create(user=anna, kind="list", name="First", total=1)
    assert_steady(lambda: client.get(address), lambda: LISTS[address](anna), at_most=MOST + 10)


def test_the_connections_ask_little_for_each(client, anna):
    """Apps above add facts to each connection; a person has a handful of them, not a list."""
    client.force_login(anna)
    app = SpotifyConnectionFactory(user=anna).app
    one = count(lambda: client.get("/connections/"))
    SpotifyConnectionFactory.create_batch(5, user=anna, app=app)
    assert count(lambda: client.get("/connections/")) <= one + 5 * 2
