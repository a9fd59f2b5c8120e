"""A person connected to Spotify with calls enough for a whole library, and one whose program tells what they hear."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache

from accounts.models import SpotifyApp, SpotifyConnection, User
from tests.accounts.conftest import connected, spotify  # noqa: F401
from tests.ingest.listening_program import NOW_S, Program, program
from tests.sandbox_fixtures import TestSandbox


@pytest.fixture
def mara(spotify: TestSandbox) -> Any:  # noqa: F811
    return spotify.listeners[0]


@pytest.fixture
def connection(anna: User, connected: Callable[..., SpotifyConnection], mara: Any) -> SpotifyConnection:  # noqa: F811
    cache.clear()
    made = connected(anna, mara)
    SpotifyApp.objects.update(daily_calls=5000)
    return made


@pytest.fixture
def noon(time_machine: Any) -> None:
    """Programs tell of moments near `NOW_S`, and the clock stands there."""
    time_machine.move_to(NOW_S, tick=False)


@pytest.fixture
def anna_plays(anna: User) -> Program:
    return program(anna)
