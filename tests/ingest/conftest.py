"""Spotify, as the product meets it, and a person who is connected there with calls enough for a whole library."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache

from accounts.models import SpotifyApp, SpotifyConnection, User
from tests.accounts.conftest import connected, spotify  # noqa: F401
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
