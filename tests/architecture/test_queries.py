"""Pages ask the database a bounded number of questions, however much there is."""

import pytest

from ingest.models import HistoryImport
from tests.architecture.queries import assert_steady, count
from tests.architecture.urls import PAGES, PERSON
from tests.factories.accounts import JobFactory, SpotifyConnectionFactory

MOST = 25  # queries of any page of a person who has nothing yet, session and shell included


@pytest.mark.parametrize("route", [route for route, page in PAGES.items() if page.who is PERSON and not page.post])
def test_a_page_asks_little(client, anna, route):
    client.force_login(anna)
    address = "/" + route.replace("<str:what>", "tracks").replace("<int:pk>", "1")
    assert count(lambda: client.get(address)) <= MOST


LISTS = {
    "/jobs/": lambda anna: JobFactory.create_batch(20, owner=anna),
    "/imports/": lambda anna: HistoryImport.objects.bulk_create(
        HistoryImport(user=anna, name=f"{number}.zip", state="done") for number in range(20)
    ),
}


@pytest.mark.parametrize("address", LISTS)
def test_a_list_asks_no_more_when_it_is_longer(client, anna, address):
    client.force_login(anna)
    JobFactory.create_batch(2, owner=anna)
    HistoryImport.objects.create(user=anna, name="first.zip", state="done")
    assert_steady(lambda: client.get(address), lambda: LISTS[address](anna), at_most=MOST + 10)


def test_the_connections_ask_little_for_each(client, anna):
    """Apps above add facts to each connection; a person has a handful of them, not a list."""
    client.force_login(anna)
    app = SpotifyConnectionFactory(user=anna).app
    one = count(lambda: client.get("/connections/"))
    SpotifyConnectionFactory.create_batch(5, user=anna, app=app)
    assert count(lambda: client.get("/connections/")) <= one + 5 * 2
