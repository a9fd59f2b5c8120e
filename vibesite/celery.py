"""The Celery app: queues `live` polls and token care, `sync` playlist writes, `bulk` imports, `enrich`, `insights`."""

import os
from typing import Any

from celery import Celery
from celery.signals import worker_ready
from kombu.transport import TRANSPORT_ALIASES

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vibesite.settings")
TRANSPORT_ALIASES["vibesqlite"] = "vibesite.broker:Transport"

QUEUES = ("live", "sync", "bulk", "enrich", "insights")

app = Celery("vibesite")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_ready.connect
def take_up_lost_jobs(**_: Any) -> None:
    """A worker that starts looks at once for jobs whose worker died, instead of waiting for beat."""
    app.send_task("accounts.reap_jobs", queue="live", ignore_result=True)
