"""Celery's side of `playlists`: one action each, harmless when run twice. Handlers of jobs are registered here."""

from celery import shared_task
from django.utils import timezone

from playlists.actions import pipeline, schedule_turns, sync, write

__all__ = ["pipeline", "plan_rules", "take_up", "write"]


@shared_task(name="playlists.take_up")
def take_up(**_from_newer_code: object) -> int:
    """Begin with the syncs that wait and that no job knows of."""
    return sync.take_up(now=timezone.now())


@shared_task(name="playlists.plan_rules")
def plan_rules(**_from_newer_code: object) -> int:
    """Start the rules whose time has come."""
    return schedule_turns.hand_out(now=timezone.now())
