"""A person connected to Spotify with calls enough for a whole library, and one whose program tells what they hear."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.db import OperationalError
from django.db import connection as connection_to_database
from django.test import Client

from accounts.models import Job, SpotifyApp, SpotifyConnection, User
from tests.accounts.conftest import connected, spotify  # noqa: F401
from tests.ingest.listening_program import NOW_S, Program, program
from tests.ingest.uploading import RunImports
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


@pytest.fixture
def outage() -> Callable[[], AbstractContextManager[None]]:
    """A stretch of time in which the database answers nothing."""

    def fail(*_asked: Any) -> None:
        raise OperationalError("the server closed the connection unexpectedly")

    return lambda: connection_to_database.execute_wrapper(fail)


@pytest.fixture
def at_home(client: Client, anna: User) -> Client:
    client.force_login(anna)
    return client


@pytest.fixture
def own_media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def run_imports(run_jobs: Callable[..., list[Job]], django_capture_on_commit_callbacks: Any) -> RunImports:
    """Run every import; as in production, what waits for the commit happens."""

    def run() -> list[Job]:
        with django_capture_on_commit_callbacks(execute=True):
            return run_jobs("history_import")

    return run
