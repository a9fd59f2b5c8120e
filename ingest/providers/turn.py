"""Whose turn it is to call a provider: its pace, the day's budget, its own wish, and the fuse. All in the database."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F

from ingest.models import ProviderDay, ProviderState
from ingest.providers.base import Provider
from ingest.providers.errors import Busy, Down, NotYet, ProviderError, Refused

FAILURES = 3  # in a row, then it is left alone
PAUSES = (timedelta(minutes=10), timedelta(hours=1), timedelta(hours=6))  # longer each time
REFUSED = timedelta(hours=12)  # a wrong key does not mend itself
BUSY = timedelta(minutes=1)  # where the provider does not say
_LONGEST = timedelta(days=7)  # of what a provider may wish


def budget(provider: Provider, state: ProviderState) -> int | None:
    """Calls a day; None: as many as one likes."""
    if not provider.daily_calls:
        return None
    return provider.daily_calls if state.daily_calls is None else state.daily_calls


def take(provider: Provider, now: datetime) -> None:
    """Pay for one call. Raises NotYet, and then nothing was paid."""
    with transaction.atomic():
        state = ProviderState.objects.select_for_update().get_or_create(provider=provider.name)[0]
        if state.next_at and state.next_at > now:
            raise NotYet(state.next_at, state.why)
        fresh = state.window_at is None or not state.window_at <= now < state.window_at + provider.pace.each
        if not fresh and state.window_calls >= provider.pace.calls:
            assert state.window_at is not None
            raise NotYet(state.window_at + provider.pace.each, "pace")
        allowed = budget(provider, state)
        day = ProviderDay.objects.get_or_create(provider=provider.name, day=now.date())[0]
        if allowed is not None and day.calls >= allowed:
            raise NotYet(_tomorrow(now), "budget")
        ProviderDay.objects.filter(pk=day.pk).update(calls=F("calls") + 1)
        ProviderState.objects.filter(pk=state.pk).update(
            window_at=now if fresh else state.window_at, window_calls=1 if fresh else F("window_calls") + 1
        )


def note(provider: Provider, *, now: datetime, **counts: int) -> None:
    """Add to the day's counts."""
    rows = ProviderDay.objects.filter(provider=provider.name, day=now.date())
    rows.update(**{name: F(name) + count for name, count in counts.items()})


def succeeded(provider: Provider) -> None:
    """It answered: the fuse is whole again."""
    ProviderState.objects.filter(provider=provider.name, failures__gt=0).update(failures=0)


def failed(provider: Provider, error: ProviderError, now: datetime) -> datetime | None:
    """Remember the failure; when it may be asked again, None: at once."""
    if isinstance(error, NotYet):
        if error.why == "budget":
            _wait(provider, error.until, error.why)
        return error.until
    note(provider, now=now, failures=1)
    told: dict[str, Any] = {"last_error": str(error)[:200], "last_error_at": now}
    rows = ProviderState.objects.filter(provider=provider.name)
    if isinstance(error, Busy):
        wish = BUSY if error.seconds is None else timedelta(seconds=min(error.seconds, _LONGEST.total_seconds()))
        rows.update(**told)
        return _wait(provider, now + max(wish, timedelta(seconds=1)), "it asked us to wait")
    if isinstance(error, Refused):
        rows.update(**told)
        return _wait(provider, now + REFUSED, "it refuses us")
    assert isinstance(error, Down)
    rows.update(**told, failures=F("failures") + 1)
    failures = rows.values_list("failures", flat=True).get()
    if failures < FAILURES:
        return None
    return _wait(provider, now + PAUSES[min(failures - FAILURES, len(PAUSES) - 1)], "it does not answer")


def _wait(provider: Provider, until: datetime, why: str) -> datetime:
    ProviderState.objects.filter(provider=provider.name).update(next_at=until, why=why[:200])
    return until


def _tomorrow(now: datetime) -> datetime:
    return datetime.combine(now.astimezone(UTC).date() + timedelta(days=1), datetime.min.time(), UTC)
