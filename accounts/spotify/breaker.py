"""Fuses: after failures in a row nothing is tried for ten minutes, then one caller tries for all.

Keys: `connection:<pk>` (one person's trouble stays theirs), `app:<pk>` (Spotify fails for everybody), `accounts` (the
accounts service, which gives tokens). Only failures without an answer and 5xx count; a refusal is an answer.
"""

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import F, Q

from accounts.models import Breaker
from accounts.spotify.errors import BreakerOpen

PAUSE = timedelta(minutes=10)
PROBE = timedelta(seconds=30)  # how long one caller may try alone
THRESHOLDS = {"connection": 3, "app": 10, "accounts": 5}  # failures in a row
ACCOUNTS = "accounts"


def check(*keys: str, endpoint: str = "", now: datetime) -> None:
    """Raises BreakerOpen when one of them is open, or is being tried by another caller."""
    for breaker in Breaker.objects.filter(pk__in=keys, open_until__isnull=False):
        if breaker.is_open(now):
            raise BreakerOpen(endpoint, until=breaker.open_until)
        mine = Breaker.objects.filter(Q(probing_until=None) | Q(probing_until__lte=now), pk=breaker.pk)
        if not mine.update(probing_until=now + PROBE):
            raise BreakerOpen(endpoint, until=now + PROBE)


def success(*keys: str, now: datetime) -> None:
    troubled = Breaker.objects.filter(Q(failures__gt=0) | Q(open_until__isnull=False), pk__in=keys)
    if troubled.exists():  # the usual answer is no, and then nothing is written
        troubled.update(failures=0, open_until=None, probing_until=None, last_error="", changed_at=now)


def failure(*keys: str, error: str, now: datetime) -> None:
    for key in keys:
        rows = Breaker.objects.filter(pk=key)
        told = {"last_error": error[:200], "changed_at": now}
        if not rows.update(failures=F("failures") + 1, **told):
            try:
                with transaction.atomic():
                    Breaker.objects.create(key=key, failures=1, **told)
            except IntegrityError:  # another worker was first
                rows.update(failures=F("failures") + 1, **told)
        limit = THRESHOLDS[key.partition(":")[0]]
        rows.filter(failures__gte=limit).update(open_until=now + PAUSE, probing_until=None)
