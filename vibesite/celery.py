"""The Celery app: queues `live` polls and token care, `sync` playlist writes, `bulk` imports, `enrich`, `insights`."""

import os
import warnings
from typing import Any

from celery import Celery
from celery.signals import beat_init, worker_process_init, worker_ready, worker_shutting_down
from kombu.transport import TRANSPORT_ALIASES

from accounts import process
from vibesite.supervisor import die_with_parent

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vibesite.settings")
TRANSPORT_ALIASES["vibesqlite"] = "vibesite.broker:Transport"

# Only JSON is accepted, so a worker of the root user (in a container, a demo) is no more dangerous than its web.
warnings.filterwarnings("ignore", message="You're running the worker with superuser")

QUEUES = ("live", "sync", "bulk", "enrich", "insights")

app = Celery("vibesite")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_ready.connect
def take_up_lost_jobs(**_: Any) -> None:
    """A worker that starts looks at once for jobs whose worker died, instead of waiting for beat."""
    app.send_task("accounts.reap_jobs", queue="live", ignore_result=True)


@beat_init.connect
def beat_at_once(**_: Any) -> None:
    """The first beat of a schedule comes after its interval; a server that started should soon say it is ready."""
    app.send_task("vibesite.beat_heartbeat", queue="live", ignore_result=True)


@worker_process_init.connect
def end_with_the_worker(**_: Any) -> None:
    """Pool processes must not outlive a killed worker: nobody would know of their work."""
    if os.environ.get("VIBESITE_SUPERVISED"):
        die_with_parent()


@worker_shutting_down.connect
def let_long_jobs_give_way(**_: Any) -> None:
    """Tell the pool that the worker ends: short tasks finish, long jobs go back to the queue at their next step."""
    process.begin_stopping()
