"""What happens to snapshots by itself: taken each night, told of before they grow old, and then cleaned."""

import logging
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import mails, notices
from accounts.models import Notice, User
from ingest.models import Play
from insights.actions import snapshots
from insights.models import ListeningSnapshot, SnapshotChoice

logger = logging.getLogger(__name__)

NIGHT = timedelta(hours=2)  # after local midnight a day is closed: what was polled late is in
ACTIVE = timedelta(days=28)  # nothing heard for so long: the same snapshot every day tells nobody anything
AT_ONCE = 20  # persons of one task
MOST = 2_000  # persons handed out in one go; the next hour goes on
KEPT = timedelta(days=365)
WARNED = timedelta(days=30)  # at least so long before the first is cleaned
WARNING_HOLDS = timedelta(days=365)  # then it is told anew
NOTICE = "snapshots_age"


# --- Each night -------------------------------------------------------------------------------------------------------
def due(*, now: datetime) -> list[list[int]]:
    """Groups of persons whose yesterday is over and has no snapshot that knows all of it."""
    found: list[int] = []
    zones = User.objects.filter(is_active=True).values_list("time_zone", flat=True).order_by().distinct()
    for zone in zones:
        found += _missing(zone, now).values_list("pk", flat=True)[: MOST - len(found)]
        if len(found) >= MOST:
            break
    return [found[start : start + AT_ONCE] for start in range(0, len(found), AT_ONCE)]


def _missing(zone: str, now: datetime) -> QuerySet[User]:
    """The active listeners of one zone who lack the snapshot of their last closed day."""
    local = ZoneInfo(zone)
    on = closed_day(local, now)
    over = datetime.combine(on + timedelta(days=1), datetime.min.time(), local)
    plays = Play.objects.filter(user=OuterRef("pk"), started_at__gte=now - ACTIVE)
    taken = ListeningSnapshot.objects.filter(
        user=OuterRef("pk"), on=on, range=ListeningSnapshot.Range.LONG, taken_at__gte=over
    )
    return User.objects.filter(Exists(plays), ~Exists(taken), is_active=True, time_zone=zone).order_by("pk")


def closed_day(zone: ZoneInfo, now: datetime) -> date:
    """The last local day that is over, and its night well begun."""
    return (now.astimezone(zone) - NIGHT).date() - timedelta(days=1)


def take_for(*, user_ids: list[int], now: datetime) -> dict[str, int]:
    """All ranges of the last closed day of some persons. One who fails does not stop the others."""
    told = {"done": 0, "skipped": 0, "failed": 0}
    people = User.objects.in_bulk(user_ids)
    for pk in user_ids:
        user = people.get(pk)
        if user is None or not user.is_active:
            told["skipped"] += 1
            continue
        try:
            days = [closed_day(user.zone, now)]
            list(snapshots.take(user=user, days=days, ranges=ListeningSnapshot.Range.values, now=now))
            told["done"] += 1
        except Exception:
            logger.exception("no snapshot of person %s", pk)
            told["failed"] += 1
    return told


# --- Growing old ------------------------------------------------------------------------------------------------------
def clean(*, now: datetime) -> dict[str, int]:
    """Tell those whose snapshots will soon be cleaned; delete those older than KEPT of whom was told in time."""
    today = now.date()
    keepers = SnapshotChoice.objects.filter(keeps=True).values("user_id")
    soon = ListeningSnapshot.objects.filter(on__lt=today - KEPT + WARNED).exclude(user__in=keepers)
    told = 0
    untold = User.objects.filter(pk__in=soon.values("user_id"), is_active=True).exclude(
        snapshot_choice__warned_at__gt=now - WARNING_HOLDS
    )
    for user in untold.order_by("pk").iterator(1000):
        told += _warn(user, now)
    warned = SnapshotChoice.objects.filter(keeps=False, warned_at__lte=now - WARNED)
    old = ListeningSnapshot.objects.filter(on__lt=today - KEPT, user__in=warned.values("user_id"))
    return {"told": told, "cleaned": old.delete()[0]}


def _warn(user: User, now: datetime) -> bool:
    SnapshotChoice.objects.get_or_create(user=user)
    stale = Q(warned_at=None) | Q(warned_at__lte=now - WARNING_HOLDS)
    if not SnapshotChoice.objects.filter(stale, user=user, keeps=False).update(warned_at=now):
        return False  # another worker is telling, or they just chose to keep
    notices.tell(
        user=user,
        kind=NOTICE,
        level=Notice.Level.INFO,
        url=reverse("insights:snapshots"),
        now=now,
        text=lambda: (
            _(
                "Snapshots of your listening are cleaned when they are a year old. From %(days)d days from now on, "
                "the oldest go. You can choose to keep them all."
            )
            % {"days": WARNED.days}
        ),
    )
    mails.send(user, "snapshots_age", from_day=now + WARNED)
    return True


def keep(*, user: User, keeps: bool, now: datetime) -> None:
    """The switch. Who lets clean again after having kept is warned anew before anything goes."""
    choice, _made = SnapshotChoice.objects.get_or_create(user=user)
    if choice.keeps != keeps:
        SnapshotChoice.objects.filter(user=user).update(keeps=keeps, warned_at=None)
    if keeps:
        notices.settle(kind=NOTICE, user=user, now=now)
