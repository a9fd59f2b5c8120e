"""Jobs that were put off because of a block go on at once when it is lifted early."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Job, SpotifyApp
from accounts.spotify import registration, storm
from tests.factories.accounts import JobFactory, SpotifyAppFactory, SpotifyConnectionFactory, UserFactory

HOURS = timedelta(hours=9)


@pytest.fixture
def connection(anna):
    until = timezone.now() + HOURS
    app = SpotifyAppFactory(blocked_until=until, block_reason="429", client_id="ours")
    return SpotifyConnectionFactory(user=anna, app=app)


@pytest.fixture
def waiting(anna, connection):
    return JobFactory(owner=anna, not_before=connection.app.blocked_until, message="Waiting.")


@pytest.fixture
def sent(monkeypatch):
    """The jobs whose message was sent."""
    pks: list[int] = []
    monkeypatch.setattr("celery.app.task.Task.apply_async", lambda self, *a, kwargs, **k: pks.append(kwargs["job_id"]))
    monkeypatch.setattr("accounts.jobs.get_handler", lambda kind: type("Handler", (), {"queue": "bulk"}))
    return pks


def is_due(job) -> bool:
    job.refresh_from_db()
    return job.not_before is None or job.not_before <= timezone.now()


def lift(client, operator, app):
    client.force_login(operator)
    form = {"action": "unblock", "_selected_action": [app.pk]}
    assert client.post("/admin/accounts/spotifyapp/", form).status_code == 302


def test_an_operator_lifts_the_block(client, operator, connection, waiting, sent, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        lift(client, operator, connection.app)
    assert is_due(waiting)
    assert sent == [waiting.pk]
    assert waiting.dispatched_at >= waiting.not_before


def test_an_operator_empties_the_date(client, operator, connection, waiting):
    client.force_login(operator)
    address = f"/admin/accounts/spotifyapp/{connection.app.pk}/change/"
    form = client.get(address).context["adminform"].form
    values = {name: form[name].value() for name in form.fields}
    values |= {"blocked_until_0": "", "blocked_until_1": ""}
    answer = client.post(address, {name: value for name, value in values.items() if value not in (None, False)})
    assert answer.status_code == 302
    assert SpotifyApp.objects.get(pk=connection.app.pk).blocked_until is None
    assert is_due(waiting)


def test_a_storm_that_is_over_releases(connection, waiting):
    now = timezone.now()
    SpotifyApp.objects.update(block_reason="storm", storm_since=now)
    storm.grant_worked(connection=connection, now=now)
    assert is_due(waiting)


def test_a_new_secret_of_the_settings_releases(connection, waiting, settings):
    settings.SPOTIFY_CLIENT_ID, settings.SPOTIFY_CLIENT_SECRET = "ours", "a new one"
    SpotifyApp.objects.update(block_reason="refused")
    registration.from_settings()
    assert is_due(waiting)


def test_a_new_secret_of_ones_own_app_releases(client, anna, connection, waiting):
    SpotifyApp.objects.update(block_reason="refused", owner=anna)
    client.force_login(anna)
    form = {
        "name": "Mine",
        "secret": "a new one",
        "mode": "development",
        "seats": 5,
        "daily_calls": 500,
        "interactive_reserve": 100,
    }
    answer = client.post(f"/connections/apps/{connection.app.pk}/", form)
    assert answer.status_code == 302, answer.context["form"].errors
    assert is_due(waiting)


def test_only_what_waits_for_that_app_is_released(client, operator, anna, connection, waiting):
    later = timezone.now() + HOURS
    elsewhere = JobFactory(owner=SpotifyConnectionFactory(app=SpotifyAppFactory()).user, not_before=later)
    unconnected = JobFactory(owner=UserFactory(), not_before=later)
    retried = JobFactory(owner=anna, not_before=later, error="Something went wrong; it is tried again by itself.")
    ended = JobFactory(owner=anna, not_before=later, state=Job.State.CANCELLED)
    lift(client, operator, connection.app)
    assert is_due(waiting)
    assert not any(map(is_due, (elsewhere, unconnected, retried, ended)))
