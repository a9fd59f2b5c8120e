"""The care that tokens and consents need, every half hour: nothing here stops at one person's failure."""

import logging
import math
from datetime import datetime, timedelta

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts import mails, notices
from accounts.models import Notice, SpotifyConnection
from accounts.spotify import budget, registration, storm, tokens
from accounts.spotify.errors import SpotifyError

logger = logging.getLogger(__name__)

SOON = timedelta(hours=1)  # tokens ending within it are renewed
NOTICE_DAYS = (30, 7, 1)  # before a consent's end; each told once
PROBE_EVERY = timedelta(days=1)  # whether the operator has put an account on the app's list by now
State = SpotifyConnection.State


def due(now: datetime) -> list[int]:
    """Keys of the connections that need a look now: each is looked at on its own, by `look_after`."""
    registration.from_settings()
    storm.settle(now)
    budget.prune(now)
    ending = SpotifyConnection.objects.workable(now).filter(access_expires_at__lte=now + SOON)
    unlisted = SpotifyConnection.objects.filter(state=State.NOT_ALLOWLISTED, state_at__lte=now - PROBE_EVERY)
    keys = [*ending.values_list("pk", flat=True), *unlisted.values_list("pk", flat=True)]
    return list(dict.fromkeys([*keys, *(connection.pk for connection in storm.to_probe(now))]))


def look_after(*, connection: SpotifyConnection, now: datetime) -> None:
    """Renew one connection's token, or try whether a refusal still holds. A failure is stored and told, not raised."""
    try:
        if connection.state == State.NOT_ALLOWLISTED:
            SpotifyConnection.objects.filter(pk=connection.pk).update(state_at=now)  # the next try is a day off
            connection.gateway().profile()
        else:
            tokens.refresh_now(connection, now)
    except SpotifyError as exc:
        logger.info("connection %s: %s", connection.pk, exc)


def remind(now: datetime) -> int:
    """Mark consents that end soon, and tell their people 30, 7 and 1 days before. Returns how many were told."""
    first = now - settings.CONSENT_LIFETIME + timedelta(days=NOTICE_DAYS[0])
    ending = SpotifyConnection.objects.active().filter(authorized_at__lte=first)
    ending.filter(state=State.ACTIVE).update(state=State.EXPIRING, state_at=now)
    return sum(_remind_one(connection, now) for connection in ending.select_related("user"))


def _remind_one(connection: SpotifyConnection, now: datetime) -> bool:
    left = max(0, math.ceil(connection.consent_left(now) / timedelta(days=1)))
    step = min(days for days in NOTICE_DAYS if left <= days)
    if connection.noticed_days is not None and connection.noticed_days <= step:
        return False
    mine = SpotifyConnection.objects.filter(pk=connection.pk, noticed_days=connection.noticed_days)
    if not mine.update(noticed_days=step):  # another worker is telling
        return False
    notices.tell(
        user=connection.user,
        kind="consent_ends",
        key=str(connection.pk),
        level=Notice.Level.WARNING,
        url=reverse("accounts:connections"),
        now=now,
        text=lambda: (
            _("Your consent at Spotify (%(name)s) ends on %(date)s. Renew it with one click; nothing is lost.")
            % {"name": connection, "date": date_format(timezone.localtime(connection.consent_ends_at), "DATE_FORMAT")}
        ),
    )
    mails.send(connection.user, "consent_ends", connection=connection, days=left)
    return True
