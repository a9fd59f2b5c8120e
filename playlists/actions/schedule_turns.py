"""Rules that write their playlists by themselves: whose turn it is, one turn, and what became of it.

A turn only starts a sync, which reads, plans, and stops where a person's word is needed (`actions/sync.py`). How it
ended is read off its run when beat comes by: a turn that a quota puts off for hours keeps no worker.
"""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from django.core.cache import cache
from django.db import transaction
from django.db.models import Count, F, OuterRef, Q, Subquery
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts import jobs
from accounts.models import Job, SpotifyConnection
from ingest.actions import pull
from ingest.models import SourceTrack, TrackSource
from playlists.actions import rules, schedule_news, schedules, shared, sync
from playlists.library import Library
from playlists.models import Playlist, Rule, Schedule, SyncRun
from playlists.models.schedule import ScheduleQuerySet

KIND = "rule_sync"
AT_ONCE = 500  # turns handed out in one go, a few seconds of work; the next minute goes on
OF_ONE = 3  # turns of one person under way: the rest wait, so that nobody fills the queue
ANEW_AT_ONCE = 1_000
LIKES_EVERY = timedelta(hours=6)  # likes are read for those who wait for new ones: mostly one call, and one a list
Outcome = Schedule.Outcome


def hand_out(*, now: datetime) -> int:
    """Note what became of earlier turns, then start those whose time has come; how many. Safe to run side by side.

    A turn that nobody could start in time, as the server was down, is started once, however many were missed.
    """
    schedule_news.follow(now=now)
    _plan_anew(now)
    _wake_for_likes(now)
    busy = Counter(dict(_under_way().values_list("rule__user").annotate(Count("pk"))))
    begun = 0
    for schedule in _due(now):
        user_id = schedule.rule.user_id
        if busy[user_id] < OF_ONE and _begin(schedule, now):
            busy[user_id] += 1
            begun += 1
    return begun


def _under_way() -> Any:
    return Schedule.objects.filter(outcome=Outcome.STARTED).order_by()


def _due(now: datetime) -> list[Schedule]:
    """Those whose time has come: the first of each person, then the second of each, and so on."""
    full = _under_way().values("rule__user").annotate(count=Count("pk")).filter(count__gte=OF_ONE)
    waiting = Schedule.objects.live().filter(next_at__lte=now).exclude(outcome=Outcome.STARTED)
    waiting = waiting.exclude(rule__user__in=full.values("rule__user")).in_turn(most=OF_ONE)
    return list(waiting.select_related("rule__user", "rule__playlist")[:AT_ONCE])


def _begin(schedule: Schedule, now: datetime) -> bool:
    """Start one turn; False if another process was first. The next one is planned with it."""
    user, name, due = schedule.rule.user, schedule.rule.name, schedule.next_at
    schedules.plan(schedule, now)
    planned = {field: getattr(schedule, field) for field in schedules.PLANNED}
    with transaction.atomic():
        mine = Schedule.objects.filter(pk=schedule.pk, next_at=due).exclude(outcome=Outcome.STARTED)
        if not mine.update(**planned, started_at=now, outcome=Outcome.STARTED, message="", job=None, run=None):
            return False
        with translation.override(user.reads):
            message = _("“%(name)s” is about to choose its tracks.") % {"name": name}
        job = jobs.start(KIND, owner=user, parameters={"rule_id": schedule.pk}, key=str(schedule.pk), message=message)
        Schedule.objects.filter(pk=schedule.pk).update(job=job)
    return True


def _plan_anew(now: datetime) -> None:
    """Who told another time zone is served by its clock from the next turn on; what is switched off has no turn."""
    going = Schedule.objects.filter(stopped_at=None)
    moved = going.filter(next_at__gt=now).exclude(zone=F("rule__user__time_zone"))
    resting = going.filter(next_at__lte=now).exclude(pk__in=Schedule.objects.live().values("pk"))
    for found in (moved, resting):
        for schedule in found.select_related("rule__user")[:ANEW_AT_ONCE]:
            before = schedule.next_at
            schedules.plan(schedule, now)
            Schedule.objects.filter(pk=schedule.pk, next_at=before).update(next_at=schedule.next_at, zone=schedule.zone)


def _wake_for_likes(now: datetime) -> None:
    """It is the turn of those who wait for likes and have newer ones than at their last turn."""
    waiting = Schedule.objects.live().filter(kind=Schedule.Kind.LIKES, next_at=None)
    likes = SourceTrack.objects.filter(position=0, source__kind=TrackSource.Kind.LIKED, added_at__isnull=False)
    newest = likes.filter(source__user=OuterRef("rule__user")).order_by("-added_at").values("added_at")[:1]
    fresh = Q(newest__gt=F("likes_seen_at")) | Q(likes_seen_at=None, newest__isnull=False)
    woken = list(waiting.annotate(newest=Subquery(newest)).filter(fresh).values_list("pk", flat=True)[:ANEW_AT_ONCE])
    Schedule.objects.filter(pk__in=woken, next_at=None).update(next_at=now)
    stale = TrackSource.objects.filter(kind=TrackSource.Kind.LIKED, pulled_at__lte=now - LIKES_EVERY)
    stale = stale.filter(user__in=waiting.values("rule__user"))
    connections = SpotifyConnection.objects.workable(now).filter(pk__in=stale.values("connection"))
    for connection in connections.select_related("user"):
        # A read that fails leaves the old date: do not ask again every minute.
        if cache.add(f"likes-for-rules:{connection.pk}", True, LIKES_EVERY.total_seconds()):
            pull.start(connection=connection)


@jobs.handler(KIND, queue="sync", max_attempts=4)
def run(job_run: jobs.Run) -> dict[str, Any]:
    """One turn: choose the tracks and start the sync of their playlist."""
    asked = Schedule.objects.filter(pk=job_run.parameters["rule_id"], job=job_run.job)
    schedule = asked.select_related("rule__user", "rule__playlist__connection").first()
    if schedule is None or "run" in job_run.step:  # dropped meanwhile; or the sync was started, and then we were killed
        return dict(job_run.step)
    rule, now = schedule.rule, timezone.now()
    if not _is_on(asked, rule.playlist):
        return {"tracks": 0}
    try:
        playlist = rules.ensure_playlist(rule)
    except Rule.DoesNotExist:
        return {"tracks": 0}
    wanted = shared.fill(shared.rules_for(rule), Library(rule.user, now=now)).draft.uris()
    with transaction.atomic():
        list(asked.select_for_update().values_list("pk"))
        if not _is_on(asked, playlist):  # to choose takes a while
            return {"tracks": 0}
        started = _same(playlist, wanted) or sync.start(playlist=playlist, wanted=wanted, now=now)
        if started is not None:
            job_run.commit_step(run=started.pk)
            asked.update(run=started)
    return {"tracks": len(wanted), "run": started.pk if started else None}


def _is_on(asked: ScheduleQuerySet, playlist: Playlist | None) -> bool:
    """Whether the turn may go on; if its rule or playlist was switched off, or is gone, that is noted."""
    on = asked.filter(rule__is_enabled=True, rule__playlist=playlist, rule__playlist__is_enabled=True).exists()
    if not on:
        asked.update(outcome=Outcome.PASSED, message=_("The rule or its playlist is switched off."))
    return on


def _same(playlist: Playlist, wanted: list[str]) -> SyncRun | None:
    """A run about the very same tracks that waits for the person's word, or for a worker: then that one goes on."""
    waiting = Q(state=SyncRun.State.HELD) | Q(state=SyncRun.State.QUEUED, job__state__in=Job.OPEN)
    run = playlist.runs.filter(waiting).first()
    return run if run is not None and run.wanted == wanted else None
