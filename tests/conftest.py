"""What every test may ask for. No test reaches the outside (pytest-socket), sleeps, or reads the clock by chance."""

import contextlib
import gc
import os
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as examples

from accounts.models import Job, User

pytest_plugins = ["tests.sandbox_fixtures"]  # the `sandbox` fixture

# How long an example takes says how busy the machine is, not whether the code is right.
examples.register_profile("ours", deadline=None, suppress_health_check=[HealthCheck.too_slow])
examples.load_profile("ours")
NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)  # a Friday


def pytest_configure(config: pytest.Config) -> None:
    """Workers side by side get a Redis database each for their cache: clearing one empties no other's."""
    from django.conf import settings

    worker, place = os.environ.get("PYTEST_XDIST_WORKER", ""), settings.CACHES["default"]["LOCATION"]
    if worker and place.startswith("redis"):
        server, _slash, number = place.rpartition("/")
        settings.CACHES["default"]["LOCATION"] = f"{server}/{(int(number) - 1 - int(worker[2:])) % 16}"


@pytest.hookimpl(tryfirst=True)  # before `-m` chooses
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What may touch our database says so by itself: the rest says the same on every database."""
    for item in items:
        if item.get_closest_marker("django_db") or {"db", "transactional_db"}.intersection(item.fixturenames):
            item.add_marker("database")


def pytest_collection_finish() -> None:
    """What was imported stays: let no collection of garbage look through it, and begin one less often."""
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


@pytest.fixture
def now() -> datetime:
    """A fixed moment, for actions that are given `now`."""
    return NOON


@pytest.fixture(autouse=True)
def _own_columns(settings, tmp_path) -> None:
    """Columns of this test alone: a rolled back test gives its ids to the next."""
    settings.COLUMNS_DIR = tmp_path / "columns"


@pytest.fixture(autouse=True)
def _nothing_at_hand() -> None:
    """No library of a person of another test, whose id this one's may have."""
    from playlists import at_hand

    at_hand.forget()


@pytest.fixture(autouse=True)
def _quiet_language(request: pytest.FixtureRequest) -> Iterator[None]:
    """Leave no language or zone active for the next test."""
    from django.utils import timezone, translation

    yield
    translation.deactivate()
    timezone.deactivate()


@pytest.fixture(autouse=True)
def _own_cache() -> None:
    """On Redis each test has keys of its own; in the database the cache is rolled back with the test."""
    from django.conf import settings
    from django.core.cache import caches

    if settings.CACHES["default"]["BACKEND"].endswith("RedisCache"):
        caches.settings["default"]["KEY_PREFIX"] = uuid.uuid4().hex
        with contextlib.suppress(AttributeError):  # none yet in this thread
            del caches["default"]


@pytest.fixture
def anna(db: None) -> User:
    from tests.factories.accounts import UserFactory

    return UserFactory(username="anna")


@pytest.fixture
def ben(db: None) -> User:
    from tests.factories.accounts import UserFactory

    return UserFactory(username="ben")


@pytest.fixture
def operator(db: None) -> User:
    from tests.factories.accounts import UserFactory

    return UserFactory(username="operator", is_staff=True, is_superuser=True)


@pytest.fixture(autouse=True)
def _no_broker(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sending a task puts nothing into a broker, unless the test drives real processes (`kill`) or asks for one."""
    if request.node.get_closest_marker("kill") or "broker" in request.fixturenames:
        return
    monkeypatch.setattr("celery.app.task.Task.apply_async", lambda self, *args, **kwargs: None)


@pytest.fixture
def run_jobs(db: None) -> Callable[..., list[Job]]:
    """Run every waiting job in this process, without Celery, until none is due: `run_jobs(kind="history_import")`.

    Jobs that are put off stay waiting; give `ahead=True` to run them as if their time had come.
    """
    from accounts import job_run

    def run(kind: str = "", *, ahead: bool = False) -> list[Job]:
        ran: list[Job] = []
        for _round in range(50):
            waiting = Job.objects.filter(state=Job.State.QUEUED).order_by("id")
            if kind:
                waiting = waiting.filter(kind=kind)
            if ahead:
                waiting.update(not_before=None)
            results = [job_run.run(job_id=pk, heartbeat=False) for pk in waiting.values_list("pk", flat=True)]
            done = [job for job in results if job is not None]
            ran += done
            if not done:
                return ran
        raise AssertionError("jobs keep coming back: " + ", ".join(str(job) for job in ran[-5:]))

    return run
