"""Days of listening through real HTTP, with what goes wrong at Spotify: every play that its memory allowed, once."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.utils import timezone

from accounts.models import BudgetHour, SpotifyConnection, User
from ingest.actions import poll
from ingest.models import Play
from ingest.tasks import plan_polls
from tests.factories.accounts import UserFactory
from tests.sandbox_fixtures import TestSandbox
from vibesite.sandbox import spotify_player

RECENT = "/v1/me/player/recently-played"
TICK = timedelta(minutes=5)
TROUBLES: dict[str, list[dict[str, Any]]] = {
    "none": [],
    "late and out of order": [{"kind": "lag", "seconds": 1200, "jitter": 14_400, "path": RECENT}],
    "days late": [{"kind": "lag", "seconds": 600, "jitter": 180_000, "path": RECENT}],
    "every kind of failure": [
        {"status": 500, "rate": 0.05, "path": "/v1/*"},
        {"status": 429, "retry_after": 20, "body": "text", "rate": 0.03, "path": "/v1/*"},
        {"status": 429, "retry_after": 5, "rate": 0.03, "path": "/v1/*"},
        {"kind": "reset", "rate": 0.03, "path": "/v1/*"},
        {"kind": "cut", "rate": 0.03, "path": "/v1/*"},
        {"kind": "bad_json", "rate": 0.03, "path": "/v1/*"},
        {"kind": "content", "rate": 0.03, "path": "/v1/*"},
        {"kind": "empty", "rate": 0.03, "path": "/v1/*"},
        {"kind": "expire", "rate": 0.02, "path": "/v1/*"},
        {"kind": "content", "rate": 0.1, "path": "/api/token"},
        {"status": 503, "rate": 0.1, "path": "/api/token"},
        {"kind": "duplicates", "rate": 0.3, "path": RECENT},
    ],
}


@pytest.fixture
def polls(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """What was handed out; a message in twenty comes twice."""
    sent: list[tuple[int, int]] = []
    twice = random.Random("twice")

    def send(**message: Any) -> None:
        kwargs = message["kwargs"]
        sent.extend([(kwargs["connection_id"], kwargs["claim"])] * (2 if twice.random() < 0.05 else 1))

    monkeypatch.setattr("ingest.tasks.poll_connection.apply_async", send)
    return sent


def live(spotify: TestSandbox, polls: list, start: datetime, days: float) -> None:
    """Let time pass, beat by beat."""
    with time_machine.travel(start, tick=False) as clock:
        end = start + timedelta(days=days)
        while timezone.now() < end:
            plan_polls()
            while polls:
                connection_id, claim = polls.pop()
                poll.run(connection_id=connection_id, claim=claim, now=timezone.now())
            clock.shift(TICK)


def told(spotify: TestSandbox, listener: Any, start: datetime, end: datetime) -> list[Any]:
    plays = spotify.world.plays(listener, start, end)
    return [play for play in plays if spotify_player.shows_as_played(play)]


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> set[tuple[str, str, float]]:
    """What Spotify's memory held whenever it was asked: (listener, track, end)."""
    seen: set[tuple[str, str, float]] = set()
    real = spotify_player.recent_plays

    def tell(call: Any, listener: Any) -> Any:
        found = real(call, listener)
        seen.update((listener.id, *mark(play)) for _at, play in found)
        return found

    monkeypatch.setattr(spotify_player, "recent_plays", tell)
    return seen


def mark(play: Any) -> tuple[str, float]:
    return play.item_id, round(play.ended_at.timestamp(), 3)


@pytest.mark.parametrize("trouble", TROUBLES)
def test_every_play_is_caught_once(
    trouble: str,
    spotify: TestSandbox,
    connected: Callable,
    polls: list,
    shown: set,
) -> None:
    cache.clear()
    start, days = datetime.fromisoformat("2026-11-10T05:00:00+00:00"), 1
    people: dict[str, User] = {}
    with time_machine.travel(start, tick=False):
        for listener in spotify.listeners[:1]:
            people[listener.id] = UserFactory()
            poll.begin(connection=connected(people[listener.id], listener), now=start)
    for fault in TROUBLES[trouble]:
        spotify.fault(**fault)
    live(spotify, polls, start, days)
    end = start + timedelta(days=days)
    spotify.faults.remove()
    with time_machine.travel(end, tick=False):
        for connection in SpotifyConnection.objects.all():
            assert connection.is_active, connection.state_reason
            poll.run(connection_id=connection.pk, claim=None, now=timezone.now())
    for listener in spotify.listeners[:1]:
        truth = {mark(play) for play in told(spotify, listener, start, end)}
        possible = {one[1:] for one in shown if one[0] == listener.id and start.timestamp() <= one[2]}
        rows = Play.objects.of(people[listener.id]).filter(ended_at__gte=start).select_related("track")
        caught = [(row.track.spotify_id, round(row.ended_at.timestamp(), 3)) for row in rows]
        assert len(caught) == len(set(caught)), "a play is stored twice"
        assert set(caught) == possible
        assert possible <= truth
        assert len(truth) > 10
        if trouble != "days late":  # then fifty newer ones may be known before it
            assert possible == truth
    assert max(BudgetHour.objects.values_list("calls", flat=True)) < 40
