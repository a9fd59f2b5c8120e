"""Health and figures: for load balancers and Prometheus, not for strangers."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone

from tests.factories.accounts import JobFactory
from vibesite import health


@pytest.fixture(autouse=True)
def _fresh(db):
    cache.delete(health.BEAT_KEY)


def test_live_asks_nobody(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        answer = client.get("/health/live")
    assert answer.json()["status"] == "ok"


def test_ready_when_everything_answers(client):
    health.note_beat(now=timezone.now())
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()["status"]) == (200, "ok")
    assert set(answer.json()["checks"]) == {"database", "broker", "beat"}


@pytest.mark.parametrize("age_s", [None, 200])
def test_not_ready_without_beat(client, age_s):
    if age_s:
        health.note_beat(now=timezone.now() - timedelta(seconds=age_s))
    answer = client.get("/health/ready")
    assert answer.status_code == 503
    assert answer.json()["checks"]["beat"]["ok"] is False
    assert answer.json()["checks"]["database"]["ok"] is True


def test_a_broker_that_is_away_is_named_without_its_address(client, monkeypatch):
    def refuse():
        raise ConnectionRefusedError("redis://:secret@host")

    monkeypatch.setattr(health, "queues", refuse)
    health.note_beat(now=timezone.now())
    answer = client.get("/health/ready")
    assert answer.status_code == 503
    assert "secret" not in answer.content.decode()
    assert client.get("/metrics").status_code == 200


def test_health_of_production_is_not_redirected(client, settings):
    settings.SECURE_SSL_REDIRECT = True
    assert client.get("/health/live").status_code == 200
    assert client.get("/metrics").status_code == 200
    assert client.get("/jobs/").status_code == 301


def test_metrics_count(client, anna, settings):
    JobFactory(owner=anna, kind="history_import", state="failed")
    text = client.get("/metrics").content.decode()
    assert 'vibesite_jobs{kind="history_import",state="failed"} 1.0' in text
    assert 'vibesite_queue_messages{queue="live"}' in text
    if settings.BROKER_EMBEDDED:
        assert 'vibesite_queue_messages{queue="dead"} 0.0' in text


def test_metrics_are_for_this_host_or_the_token(client, settings):
    assert client.get("/metrics", REMOTE_ADDR="203.0.113.9").status_code == 404
    assert client.get("/metrics", headers={"X-Forwarded-For": "203.0.113.9"}).status_code == 404
    settings.METRICS_TOKEN = "long-secret"
    assert client.get("/metrics").status_code == 404
    assert client.get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 404
    answer = client.get("/metrics", REMOTE_ADDR="203.0.113.9", headers={"Authorization": "Bearer long-secret"})
    assert answer.status_code == 200


@pytest.mark.parametrize("path", ["/health/live", "/health/ready", "/metrics"])
def test_a_probe_may_ask_by_address(client, db, settings, path):
    """As the container's own health check and a balancer do, who do not know the server's public name."""
    settings.ALLOWED_HOSTS = ["vibesite.example"]
    answer = client.get(path, headers={"host": "10.0.0.3:8000"})
    assert answer.status_code in (200, 503)
    assert answer.headers["Content-Security-Policy"]
    assert client.get("/about/", headers={"host": "10.0.0.3:8000"}).status_code == 400
