"""Celery tasks of the project itself."""

from celery import shared_task
from django.utils import timezone


@shared_task(name="vibesite.beat_heartbeat")
def beat_heartbeat(**_from_newer_code: object) -> None:
    from vibesite import health

    health.note_beat(now=timezone.now())
