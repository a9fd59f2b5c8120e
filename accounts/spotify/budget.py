"""What calls may cost. Spotify counts per developer account and tells neither number nor window, so we keep our own
ceiling: a rolling 24 hours in hourly rows, shared by all apps of one quota group, with a reserve for people who wait.

Rows are whole hours, so the window reaches 24 hours back from the start of this one: never more than the ceiling within
any 24 hours, at worst a few too careful.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import F, Min, Q, Sum

from accounts.models import BudgetHour, CallCount, SpotifyApp, SpotifyConnection
from accounts.spotify.errors import QuotaBlocked, RateLimited

WINDOW = timedelta(hours=24)
MAX_BLOCK = timedelta(days=7)  # a longer Retry-After is taken for a mistake
KEPT = timedelta(days=60)  # how long the pages can look back
RESERVE_AT_MOST = 0.5  # of the ceiling: a small budget must not be all reserve


@dataclass(frozen=True, slots=True)
class Allowance:
    """What one developer account may still spend now. Counts are calls within the window."""

    limit: int
    spent: int
    left: int  # for people who wait
    background_left: int  # for polls and pulls: what the reserve leaves
    reserve: int
    blocked_until: datetime | None
    block_reason: str = ""

    @property
    def share(self) -> float:
        """Spent, from 0 to 1."""
        return min(self.spent / self.limit, 1.0) if self.limit else 1.0


def hour_of(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def window_start(now: datetime) -> datetime:
    """Start of the oldest hour that still counts."""
    return hour_of(now) - WINDOW


def allowance(quota_group: str, now: datetime) -> Allowance:
    apps = list(SpotifyApp.objects.filter(quota_group=quota_group))
    limit = min((app.daily_calls for app in apps), default=0)
    wanted = max((app.interactive_reserve for app in apps), default=0)
    reserve = min(wanted, int(limit * RESERVE_AT_MOST))
    totals = BudgetHour.objects.filter(quota_group=quota_group, hour__gte=window_start(now)).aggregate(
        calls=Sum("calls"), interactive=Sum("interactive_calls")
    )
    spent, interactive = totals["calls"] or 0, totals["interactive"] or 0
    left = max(0, limit - spent)
    blocked = max((app for app in apps if app.is_blocked(now)), key=lambda app: app.blocked_until or now, default=None)
    return Allowance(
        limit=limit,
        spent=spent,
        left=left,
        background_left=max(0, left - max(0, reserve - interactive)),
        reserve=reserve,
        blocked_until=blocked.blocked_until if blocked else None,
        block_reason=blocked.block_reason if blocked else "",
    )


def take(
    *,
    app: SpotifyApp,
    endpoint: str,
    now: datetime,
    connection: SpotifyConnection | None = None,
    interactive: bool = False,
) -> None:
    """Pay for one call before the wire is touched. Raises QuotaBlocked or RateLimited, and then nothing was paid.

    Durable: a call is never made inside somebody's transaction, whose locks would be held for as long as Spotify takes.
    """
    with transaction.atomic(durable=True):
        # One writer at a time per developer account: this row lock (on SQLite, the write lock) is held until commit.
        SpotifyApp.objects.filter(quota_group=app.quota_group).update(quota_group=F("quota_group"))
        _check_walls(app, endpoint, now, interactive)
        allowed = allowance(app.quota_group, now)
        if (allowed.left if interactive else allowed.background_left) < 1:
            until = frees_at(app.quota_group, now)
            raise QuotaBlocked(endpoint, f"our {allowed.limit} calls a day are spent", until=until, ours=True)
        _count_hour(app.quota_group, now, interactive)
        note(app=app, endpoint=endpoint, now=now, connection=connection, interactive=interactive)


def _check_walls(app: SpotifyApp, endpoint: str, now: datetime, interactive: bool) -> None:
    walls = SpotifyApp.objects.filter(pk=app.pk).values("blocked_until", "block_reason", "rate_limited_until").first()
    if walls is None:
        return
    # A storm is about tokens we hold: whoever consents anew meanwhile is let in.
    for_all = walls["block_reason"] != "storm" or not interactive
    if walls["blocked_until"] and walls["blocked_until"] > now and for_all:
        raise QuotaBlocked(endpoint, walls["block_reason"], until=walls["blocked_until"])
    if walls["rate_limited_until"] and walls["rate_limited_until"] > now:
        left_s = (walls["rate_limited_until"] - now).total_seconds()
        raise RateLimited(endpoint, retry_after_s=left_s, until=walls["rate_limited_until"])


def _count_hour(quota_group: str, now: datetime, interactive: bool) -> None:
    row = BudgetHour.objects.filter(quota_group=quota_group, hour=hour_of(now))
    extra = {"calls": F("calls") + 1, "interactive_calls": F("interactive_calls") + int(interactive)}
    if not row.update(**extra):
        BudgetHour.objects.get_or_create(quota_group=quota_group, hour=hour_of(now))
        row.update(**extra)


def note(
    *,
    app: SpotifyApp,
    endpoint: str,
    now: datetime,
    connection: SpotifyConnection | None = None,
    interactive: bool = False,
    failed: bool = False,
) -> None:
    """Write down one call (or, `failed`, that the last one went wrong) for the page; the ceiling is not touched."""
    where = {
        "quota_group": app.quota_group,
        "hour": hour_of(now),
        "connection": connection,
        "endpoint": endpoint[:60],
        "interactive": interactive,
    }
    column = "failures" if failed else "calls"
    rows = CallCount.objects.filter(**where)
    first = rows.values_list("pk", flat=True).first()
    if first is None:
        try:
            with transaction.atomic():
                CallCount.objects.create(**where, **{column: 1})
            return
        except IntegrityError:  # another worker was first
            first = rows.values_list("pk", flat=True).first()
    rows.filter(pk__in=[first]).update(**{column: F(column) + 1})


def frees_at(quota_group: str, now: datetime) -> datetime:
    """When the oldest counted hour leaves the window, and its calls can be spent again."""
    oldest = BudgetHour.objects.filter(quota_group=quota_group, hour__gte=window_start(now), calls__gt=0).aggregate(
        hour=Min("hour")
    )["hour"]
    return (oldest or hour_of(now)) + WINDOW + timedelta(hours=1)


def block(quota_group: str, *, until: datetime, reason: str, now: datetime) -> datetime:
    """Stop every app of one developer account until then; a later block is never shortened."""
    until = min(until, now + MAX_BLOCK)
    apps = SpotifyApp.objects.filter(quota_group=quota_group)
    apps.filter(Q(blocked_until=None) | Q(blocked_until__lt=until)).update(
        blocked_until=until, block_reason=reason[:200]
    )
    return until


def prune(now: datetime) -> int:
    """Forget spending older than `KEPT`."""
    BudgetHour.objects.filter(hour__lt=now - KEPT).delete()
    return CallCount.objects.filter(hour__lt=now - KEPT).delete()[0]
