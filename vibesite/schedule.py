"""What runs when, with the reason beside each.

Synced into django-celery-beat's tables, so that operators see, pause and start entries in the admin. A pause survives
every sync; entries removed here are removed there."""

import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask

PREFIX = "vibesite."  # names of rows that belong to this file; an operator's own rows are left alone


@dataclass(frozen=True, slots=True)
class At:
    """A time of day in UTC; `weekday` from 0 (Sunday) to 6, as cron counts, or "*"."""

    hour: int
    minute: int
    weekday: str = "*"


@dataclass(frozen=True, slots=True)
class Entry:
    name: str
    task: str
    when: timedelta | At
    why: str
    queue: str = "live"
    kwargs: dict[str, Any] = field(default_factory=dict)


ENTRIES: tuple[Entry, ...] = (
    Entry(
        "beat-heartbeat",
        "vibesite.beat_heartbeat",
        timedelta(seconds=30),
        "Shows /health/ready that beat sends and a worker answers.",
    ),
    Entry(
        "reap-jobs",
        "accounts.reap_jobs",
        timedelta(seconds=20),
        "Takes back jobs of dead workers, sends those whose time has come.",
    ),
    Entry(
        "refresh-tokens",
        "accounts.refresh_tokens",
        timedelta(minutes=30),
        "Access tokens live an hour; those ending within the next are renewed, and ending consents are announced.",
    ),
    Entry(
        "forget-old-jobs",
        "accounts.forget_old_jobs",
        At(3, 0),
        "Jobs that ended more than 30 days ago are old news.",
    ),
    Entry(
        "plan-polls",
        "ingest.plan_polls",
        timedelta(seconds=30),
        "Hands out the polls of recently-played whose turn it is; who and when is ingest/planner.py's.",
    ),
    Entry(
        "plan-looks",
        "ingest.plan_looks",
        timedelta(seconds=15),
        "Looks at the players of people whose app has thousands of calls a day to spare, to learn of skips.",
    ),
    Entry(
        "pull-libraries",
        "ingest.pull_libraries",
        timedelta(hours=1),
        "Reads likes and playlists again whose last reading is a day old, spread over the hours by when that was; and "
        "asks for links of imported lists that the budget left over.",
    ),
    Entry(
        "take-up-syncs",
        "playlists.take_up",
        timedelta(minutes=1),
        "A sync queued in the moment in which its playlist's job ends would wait for ever; this begins it.",
        queue="sync",
    ),
    Entry(
        "sweep-imports",
        "ingest.sweep_imports",
        timedelta(hours=1),
        "Ends imports whose job was given up; uploads that nobody will read any more leave the disk.",
        queue="bulk",
    ),
    Entry(
        "expire-exports",
        "ingest.expire_exports",
        timedelta(hours=1),
        "Exports are kept for seven days; files whose person left leave the disk.",
        queue="bulk",
    ),
    Entry(
        "group-recordings",
        "ingest.group_recordings",
        timedelta(minutes=5),
        "Joins new and changed tracks that are one recording; soon after an import, and nothing to do otherwise.",
        queue="enrich",
    ),
    Entry(
        "enrich",
        "ingest.enrich",
        timedelta(seconds=60),
        "Asks providers about what people hear and keep, where pace and budget allow; a turn hands itself on.",
        queue="enrich",
    ),
    Entry(
        "forget-old-covers",
        "ingest.forget_old_covers",
        At(3, 20),
        "Spotify lets us keep its pictures for a while only.",
    ),
    Entry(
        "plan-snapshots",
        "insights.plan_snapshots",
        timedelta(hours=1),
        "Takes the snapshot of each listener's yesterday, from two in their night on.",
        queue="insights",
    ),
    Entry(
        "clean-snapshots",
        "insights.clean_snapshots",
        At(3, 10),
        "Snapshots are kept for a year, longer only for those who want it; they are told a month before.",
        queue="insights",
    ),
    Entry(
        "plan-rules",
        "playlists.plan_rules",
        timedelta(seconds=60),
        "Starts the rules whose hour it is where their person lives, and notes how those before ended.",
        queue="sync",
    ),
    Entry(
        "thin-changes",
        "ingest.thin_changes",
        At(3, 40),
        "What changed a month ago is in every host's columns and shelves; one that slept rebuilds.",
    ),
)


def sync() -> dict[str, int]:
    """Make the tables equal to `ENTRIES`; counts of what changed. Writes nothing when nothing changed."""
    counts = {"added": 0, "changed": 0, "removed": 0}
    known = {row.name: row for row in PeriodicTask.objects.filter(name__startswith=PREFIX)}
    for entry in ENTRIES:
        wanted = _row(entry)
        row = known.pop(PREFIX + entry.name, None)
        if row is None:
            PeriodicTask.objects.create(name=PREFIX + entry.name, **wanted)
            counts["added"] += 1
        elif changed := {name: value for name, value in wanted.items() if getattr(row, name) != value}:
            for name, value in changed.items():
                setattr(row, name, value)
            row.save()
            counts["changed"] += 1
    for row in known.values():
        row.delete()
        counts["removed"] += 1
    return counts


def _row(entry: Entry) -> dict[str, Any]:
    """The fields this file decides; `enabled` is the operator's."""
    wanted: dict[str, Any] = {
        "task": entry.task,
        "queue": entry.queue,
        "kwargs": json.dumps(entry.kwargs),
        "description": entry.why,
        "interval": None,
        "crontab": None,
        "expire_seconds": None,
    }
    if isinstance(entry.when, timedelta):
        seconds = round(entry.when.total_seconds())
        wanted["interval"] = IntervalSchedule.objects.get_or_create(every=seconds, period=IntervalSchedule.SECONDS)[0]
        wanted["expire_seconds"] = max(seconds, 10)  # while no worker runs, these must not pile up
    else:
        wanted["crontab"] = CrontabSchedule.objects.get_or_create(
            minute=str(entry.when.minute),
            hour=str(entry.when.hour),
            day_of_week=entry.when.weekday,
            day_of_month="*",
            month_of_year="*",
            timezone="UTC",
        )[0]
    return wanted
