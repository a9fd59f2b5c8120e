"""A person's word on when a rule writes its playlist by itself. The turns themselves: `schedule_turns.py`."""

from datetime import datetime

from django.db import transaction
from django.db.models import Max

from accounts.models import User
from ingest.models import SourceTrack, TrackSource
from playlists import timing
from playlists.actions import rules, schedule_news
from playlists.models import Rule, Schedule

PLANNED = ("next_at", "zone", "likes_seen_at")  # what `plan` sets


@transaction.atomic
def keep(*, rule: Rule, kind: str, hour: int, weekday: int, now: datetime) -> Schedule:
    """Write `rule` by itself from now on. It gets a playlist if it has none. After a stop, it begins anew."""
    rules.ensure_playlist(rule)
    Schedule.objects.filter(rule=rule).lost().update(outcome=Schedule.Outcome.NONE, message="")
    schedule = Schedule.objects.select_for_update().filter(rule=rule).first() or Schedule(rule=rule)
    schedule.kind, schedule.hour, schedule.weekday = Schedule.Kind(kind), hour, weekday
    schedule.failures, schedule.stopped_at = 0, None
    plan(schedule, now)
    schedule.save()
    schedule_news.settle(rule, now=now)
    return schedule


def drop(*, rule: Rule, now: datetime) -> None:
    """Write it no more by itself. What is under way ends as it would."""
    Schedule.objects.filter(rule=rule).delete()
    schedule_news.settle(rule, now=now)


def plan(schedule: Schedule, now: datetime) -> None:
    """Set the next turn after `now`, in the person's zone of today."""
    user = schedule.rule.user
    schedule.zone, schedule.next_at = user.time_zone, None
    if schedule.kind == Schedule.Kind.LIKES:
        schedule.likes_seen_at = newest_like(user)
    else:
        weekday = schedule.weekday if schedule.kind == Schedule.Kind.WEEKLY else None
        schedule.next_at = timing.next_after(now, user.zone, hour=schedule.hour, weekday=weekday)


def newest_like(user: User) -> datetime | None:
    """When the newest of their likes came, as far as they are read: likes are kept newest first."""
    newest = SourceTrack.objects.filter(position=0, source__kind=TrackSource.Kind.LIKED, source__user=user)
    return newest.aggregate(at=Max("added_at"))["at"]
