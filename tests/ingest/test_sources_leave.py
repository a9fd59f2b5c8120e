"""A source leaves while a fetch is storing its tracks."""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from django.db import connection, connections, transaction

from ingest.actions import add_source, sources
from ingest.models import SourceTrack, TrackSource
from tests.factories.accounts import SpotifyConnectionFactory
from tests.factories.ingest import NOON, TrackFactory

Kind = TrackSource.Kind
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite lets nobody else write meanwhile"),
]


def while_it_stores(source: TrackSource, act: Callable[[], object]) -> None:
    """Run `act` beside a fetch that has stored a track, and ends when the other waits for it."""

    def run() -> None:
        try:
            act()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as other:
        with transaction.atomic():
            sources.store(source, [sources.Entry("", TrackFactory().pk, None, False)], now=NOON)
            done = other.submit(run)
            assert waits(done)
        done.result()


def waits(done: Future[None]) -> bool:
    """Whether somebody waits for a lock; asked until it is so."""
    until = time.monotonic() + 20
    with connection.cursor() as cursor:
        while not done.done() and time.monotonic() < until:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                return True
    return False


def test_one_that_a_person_takes_away(anna):
    source = TrackSource.objects.create(user=anna, kind=Kind.LIST, name="Mine")
    while_it_stores(source, lambda: add_source.remove(source=source))
    assert not TrackSource.objects.exists()
    assert not SourceTrack.objects.exists()


def test_a_playlist_that_left_at_spotify(anna):
    at = SpotifyConnectionFactory(user=anna)
    source = TrackSource.objects.create(user=anna, connection=at, kind=Kind.PLAYLIST, spotify_id="a")
    while_it_stores(source, lambda: sources.keep_list(at, [], whole=True, again=False, now=NOON))
    assert not TrackSource.objects.exists()
    assert not SourceTrack.objects.exists()
