"""Take listenings out of a person's figures or log, and take that back. No play is changed by it."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Count, Max, OuterRef, Subquery

from accounts.models import User
from ingest.models import HiddenPlay, Play
from ingest.upsert import parts


@dataclass(frozen=True, slots=True)
class Act:
    """One act of hiding: how many listenings, and whether they left the log too."""

    act: int
    plays: int
    removed: bool
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Standing(Act):
    """An act that was not undone, with the earliest and the latest of what it took out."""

    first: HiddenPlay
    last: HiddenPlay


def plays(*, user: User, ids: Sequence[int], removed: bool, now: datetime) -> Act:
    """Hide the person's plays of these ids, or remove them from the log too. Ids that are not theirs are passed over.

    Safe to repeat. They stay out when better evidence of the same listening replaces the play.
    """
    act, count = secrets.randbits(62) | 1, 0
    with transaction.atomic():
        for part in parts(ids):
            # By key alone: asked for the person too, SQLite walks their whole index.
            theirs = [play for play in Play.objects.filter(pk__in=part) if play.user_id == user.pk]
            HiddenPlay.objects.bulk_create(
                HiddenPlay(
                    user=user,
                    track_id=play.track_id,
                    started_at=play.started_at,
                    ended_at=play.ended_at,
                    removed=removed,
                    act=act,
                    made_at=now,
                )
                for play in theirs
            )
            count += len(theirs)
    return Act(act, count, removed, now)


def undo(*, user: User, act: int, now: datetime) -> int:
    """Show again what one act took out; how many listenings. Safe to repeat."""
    return HiddenPlay.objects.filter(user=user, act=act, replaced=False).standing().update(undone_at=now)


def acts(user: User) -> list[Standing]:
    """What stands of the person's acts, newest first; at most a hundred."""
    standing = HiddenPlay.objects.filter(user=user, replaced=False).standing()
    rows = standing.values("act", "removed").annotate(plays=Count("id"), at=Max("made_at")).order_by("-at")[:100]
    of_act = standing.filter(act=OuterRef("act"))
    ends = rows.annotate(
        first=Subquery(of_act.order_by("started_at", "id").values("id")[:1]),
        last=Subquery(of_act.order_by("-started_at", "-id").values("id")[:1]),
    )
    found = list(ends)
    told = standing.select_related("track__artist").in_bulk({row[end] for row in found for end in ("first", "last")})
    return [
        Standing(row["act"], row["plays"], row["removed"], row["at"], told[row["first"]], told[row["last"]])
        for row in found
        if row["first"] in told and row["last"] in told  # else it was undone a moment ago
    ]
