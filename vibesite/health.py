"""Whether this server is well: for load balancers (/health/live, /health/ready) and for Prometheus (/metrics).

Spotify and its friends are not asked: a dead one of them does not make this server unfit to answer.
"""

import hmac
import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.db.models import Count, Sum
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry, Gauge, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from accounts.models import CallCount, Job, SpotifyConnection

logger = logging.getLogger(__name__)

BEAT_KEY = "vibesite.beat"
BEAT_LATE = timedelta(seconds=150)  # it beats every 30 s; a restart of the worker must not raise an alarm
LOCAL = {"127.0.0.1", "::1"}


def note_beat(*, now: datetime) -> None:
    """Beat sent, a worker answered: remember when."""
    cache.set(BEAT_KEY, now.isoformat(), timeout=7 * 24 * 3600)


def database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("select 1")
    return "answers"


def queues() -> dict[str, int]:
    """Messages by queue, and under `dead` those laid aside; raises if the broker cannot be reached."""
    from vibesite.celery import QUEUES, app

    if settings.BROKER_EMBEDDED:
        from vibesite.broker import store

        return dict.fromkeys(QUEUES, 0) | store(str(settings.BROKER_FILE.resolve())).counts()
    found = {}
    with app.connection_for_read(connect_timeout=3) as link:
        link.ensure_connection(max_retries=1, interval_start=0, timeout=3)
        channel: Any = link.default_channel
        for name in QUEUES:
            try:
                found[name] = channel.queue_declare(name, passive=True).message_count
            except link.channel_errors:
                found[name] = 0  # nobody has asked for this queue yet
    return found


def broker() -> str:
    dead = queues().get("dead", 0)
    return f"answers; {dead} messages laid aside" if dead else "answers"


def beat() -> str:
    heard = cache.get(BEAT_KEY)
    if heard is None:
        raise RuntimeError("not heard of yet")
    age = timezone.now() - datetime.fromisoformat(heard)
    if age > BEAT_LATE:
        raise RuntimeError(f"last heard of {age.total_seconds():.0f} s ago")
    return f"heard of {max(0.0, age.total_seconds()):.0f} s ago"


CHECKS: dict[str, Callable[[], str]] = {"database": database, "broker": broker, "beat": beat}


@never_cache
@require_safe
def live(request: HttpRequest) -> JsonResponse:
    """This process answers. Asks nothing of anybody, so that a slow database does not get processes killed."""
    return JsonResponse({"status": "ok", "environment": "development" if settings.DEBUG else "production"})


@never_cache
@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """Every part this server needs, with its time; 503 if one is missing. Reasons are for the log and for this host."""
    parts: dict[str, dict[str, Any]] = {}
    for name, check in CHECKS.items():
        begun = time.monotonic()
        try:
            said, well = check(), True
        except Exception as exc:
            logger.warning("health: %s: %s", name, exc)
            said, well = (str(exc) if name == "beat" else "does not answer"), False
        parts[name] = {"ok": well, "says": said, "ms": round((time.monotonic() - begun) * 1000, 1)}
    well = all(part["ok"] for part in parts.values())
    return JsonResponse({"status": "ok" if well else "degraded", "checks": parts}, status=200 if well else 503)


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus text. With METRICS_TOKEN set it needs that Bearer token; without, it answers this host only."""
    if not _may_scrape(request):
        raise Http404
    registry = CollectorRegistry()
    _collect(registry, timezone.now())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _may_scrape(request: HttpRequest) -> bool:
    token = settings.METRICS_TOKEN
    if token:
        given = request.headers.get("Authorization", "")
        return hmac.compare_digest(given.encode(), f"Bearer {token}".encode())
    # Behind a proxy every visitor comes from the proxy's address, which may be local: then only a token will do.
    return request.META.get("REMOTE_ADDR") in LOCAL and "HTTP_X_FORWARDED_FOR" not in request.META


def _collect(registry: CollectorRegistry, now: datetime) -> None:
    jobs = Gauge("vibesite_jobs", "Jobs by kind and state, of the last 30 days", ["kind", "state"], registry=registry)
    for row in Job.objects.order_by().values("kind", "state").annotate(count=Count("pk")):
        jobs.labels(row["kind"], row["state"]).set(row["count"])
    lost = Gauge("vibesite_jobs_lost", "Running jobs whose worker has not been heard of", registry=registry)
    lost.set(Job.objects.filter(state=Job.State.RUNNING, heartbeat_at__lt=now - settings.JOB_LOST_AFTER).count())
    depth = Gauge("vibesite_queue_messages", "Messages at the broker", ["queue"], registry=registry)
    up = Gauge("vibesite_up", "Whether a part of the server answers", ["part"], registry=registry)
    try:
        for queue, count in queues().items():
            depth.labels(queue).set(count)
        up.labels("broker").set(1)
    except Exception:
        logger.warning("metrics: the broker does not answer", exc_info=True)
        up.labels("broker").set(0)
    heard = cache.get(BEAT_KEY)
    age = Gauge("vibesite_beat_age_seconds", "Since beat was last heard of; -1 if never", registry=registry)
    age.set((now - datetime.fromisoformat(heard)).total_seconds() if heard else -1)
    _collect_spotify(registry, now)


def _collect_spotify(registry: CollectorRegistry, now: datetime) -> None:
    names = ["quota_group", "endpoint"]
    calls = Gauge("vibesite_spotify_calls_24h", "Calls to Spotify in the last 24 hours", names, registry=registry)
    failures = Gauge("vibesite_spotify_failures_24h", "Of these, refused or failed", names, registry=registry)
    spent = CallCount.objects.filter(hour__gt=now - timedelta(hours=24)).order_by().values(*names)
    for row in spent.annotate(made=Sum("calls"), failed=Sum("failures")):
        labels = [row[name] for name in names]
        calls.labels(*labels).set(row["made"])
        failures.labels(*labels).set(row["failed"])
    states = Gauge("vibesite_connections", "Spotify connections by state", ["state"], registry=registry)
    for row in SpotifyConnection.objects.order_by().values("state").annotate(count=Count("pk")):
        states.labels(row["state"]).set(row["count"])
