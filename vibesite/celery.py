"""The Celery app: queues `live` polls and token care, `sync` playlist writes, `bulk` imports, `enrich`, `insights`."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vibesite.settings")

QUEUES = ("live", "sync", "bulk", "enrich", "insights")

app = Celery("vibesite")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
