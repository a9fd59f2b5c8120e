"""What the calls of the last 24 hours were spent on, for the page."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db.models import QuerySet, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import BudgetHour, CallCount, SpotifyApp, SpotifyConnection
from accounts.spotify import breaker, budget
from accounts.spotify.accounts_service import ENDPOINT as TOKEN
from accounts.spotify.budget import Allowance


@dataclass(frozen=True, slots=True)
class Spent:
    label: str
    calls: int
    failures: int
    text: str
    share: float  # of the largest, from 0 to 1
    tick: str = ""  # under the axis, where hours are drawn side by side
    href: str = ""

    @property
    def value(self) -> int:
        """What a chart draws."""
        return self.calls


@dataclass(frozen=True, slots=True)
class GroupReport:
    """One developer account: its apps and where its calls went."""

    apps: list[SpotifyApp]
    allowance: Allowance
    by_endpoint: list[Spent]
    by_person: list[Spent]
    by_hour: list[Spent]  # oldest first, one entry for each hour of the window
    token_calls: int  # at the accounts service, not counted against the ceiling

    @property
    def title(self) -> str:
        return ", ".join(app.name for app in self.apps)


def words(endpoint: str) -> str:
    """An endpoint as people call it."""
    known = {
        "me": _("Who is this"),
        "me/player/recently-played": _("Last plays"),
        "me/player": _("What is playing"),
        "me/player/currently-playing": _("What is playing"),
        "me/tracks": _("Liked tracks"),
        "me/playlists": _("List of playlists"),
        "playlists/…/items": _("Tracks of playlists"),
        "tracks/…": _("Single tracks"),
        "me/top/tracks": _("Spotify's own top tracks"),
        "me/top/artists": _("Spotify's own top artists"),
        "search": _("Search"),
        "POST playlists/…/items": _("Writing playlists"),
        "PUT playlists/…/items": _("Writing playlists"),
        "PUT me/library": _("Writing the library"),
        "DELETE me/library": _("Writing the library"),
    }
    return known.get(endpoint, endpoint)


def of_group(apps: Sequence[SpotifyApp], now: datetime, *, person_names: bool) -> GroupReport:
    """`apps` share one quota group. Without `person_names`, how much others spent is one row."""
    group = apps[0].quota_group
    counts = CallCount.objects.filter(quota_group=group, hour__gte=budget.window_start(now))
    calls = counts.exclude(endpoint=TOKEN)
    return GroupReport(
        apps=list(apps),
        allowance=budget.allowance(group, now),
        by_endpoint=_by_endpoint(calls),
        by_person=_by_person(calls) if person_names else [],
        by_hour=_by_hour(group, now),
        token_calls=counts.filter(endpoint=TOKEN).aggregate(calls=Sum("calls"))["calls"] or 0,
    )


def _by_endpoint(counts: QuerySet[CallCount]) -> list[Spent]:
    found = counts.values("endpoint").annotate(total=Sum("calls"), failed=Sum("failures")).order_by("-total")
    return _spent([(words(row["endpoint"]), row["total"], row["failed"]) for row in found])


def _by_person(counts: QuerySet[CallCount]) -> list[Spent]:
    found = list(
        counts.values("connection").annotate(total=Sum("calls"), failed=Sum("failures")).order_by("-total")[:50]
    )
    names = SpotifyConnection.objects.in_bulk([row["connection"] for row in found if row["connection"]])
    nobody = _("Sign-ins, and accounts that left")
    return _spent([(str(names.get(row["connection"], nobody)), row["total"], row["failed"]) for row in found])


def _by_hour(group: str, now: datetime) -> list[Spent]:
    start = budget.window_start(now)
    rows = BudgetHour.objects.filter(quota_group=group, hour__gte=start).values_list("hour", "calls")
    known = dict(rows)
    hours = [start + timedelta(hours=offset) for offset in range(25)]
    drawn = _spent([(f"{timezone.localtime(hour):%H:%M}", known.get(hour, 0), 0) for hour in hours])
    return [replace(row, tick=row.label) if index % 6 == 0 else row for index, row in enumerate(drawn)]


def _spent(rows: list[tuple[str, int, int]]) -> list[Spent]:
    largest = max((calls for _label, calls, _failed in rows), default=0) or 1
    return [
        Spent(
            label=label,
            calls=calls,
            failures=failed,
            text=f"{calls}" if not failed else _("%(calls)d, %(failed)d failed") % {"calls": calls, "failed": failed},
            share=calls / largest,
        )
        for label, calls, failed in rows
    ]


def open_breakers(
    connections: Sequence[SpotifyConnection], apps: Sequence[SpotifyApp], now: datetime
) -> dict[str, datetime]:
    """Fuses that are out now, by key."""
    from accounts.models import Breaker

    keys = [f"connection:{c.pk}" for c in connections] + [f"app:{a.pk}" for a in apps] + [breaker.ACCOUNTS]
    rows = Breaker.objects.filter(pk__in=keys, open_until__gt=now)
    return {row.pk: row.open_until for row in rows if row.open_until}
