"""Access tokens of one connection, refreshed when they end soon: by one worker at a time, on both databases.

The lock is a lease written into the row by a conditional update, not a database lock: nobody's transaction stays open
while Spotify thinks, and on SQLite nobody else's writing stops. A worker that dies loses its lease after `LEASE`.
"""

import secrets
import time
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q

from accounts.models import SpotifyConnection
from accounts.spotify import accounts_service, crypto, storm, troubles
from accounts.spotify.errors import AppRefused, KeyMissing, OwnerNotPremium, QuotaBlocked, ReconnectNeeded, Upstream
from accounts.spotify.wire import Secret

EARLY = timedelta(seconds=60)  # a token that ends sooner is renewed before use
LEASE = timedelta(seconds=30)  # longer than any one refresh can take (see SPOTIFY_TIMEOUT)
WALLS = ("quota", "storm")  # asking against these makes them last longer
STEP_S = 0.05  # how often a waiting worker looks whether the other one is done


def access_token(connection: SpotifyConnection, now: datetime, *, rejected: Secret | None = None) -> Secret:
    """A token that is good for at least a minute. Raises SpotifyError.

    `rejected`: Spotify just refused this one although it should be good; get another. The row is always read afresh: a
    renewed consent must win over whatever this process remembers.
    """
    patience = time.monotonic() + settings.SPOTIFY_TIMEOUT.total_seconds()
    while True:
        row = SpotifyConnection.objects.select_related("app").filter(pk=connection.pk).first()
        if row is None:
            raise ReconnectNeeded("token", "disconnected")
        known = _usable(row, now, rejected)
        if known is not None:
            return known
        if not row.refresh_token_encrypted or row.state == SpotifyConnection.State.RECONNECT:
            raise ReconnectNeeded("token", row.state_reason or "no consent")
        _check_wall(row, now)
        lease = _take_lease(row, now)
        if lease:
            return _refresh(row, lease, now)
        if time.monotonic() > patience:
            raise Upstream("token", "somebody else is refreshing it", retry_after_s=5)
        time.sleep(STEP_S)  # a lock's wait, bounded by one call's time-out; never a Retry-After


def refresh_now(connection: SpotifyConnection, now: datetime) -> None:
    """Renew although the present token may still be good (by hand, or well before its end). Raises SpotifyError."""
    row = SpotifyConnection.objects.select_related("app").get(pk=connection.pk)
    _check_wall(row, now)
    lease = _take_lease(row, now)
    if lease:
        _refresh(row, lease, now)


def _check_wall(row: SpotifyConnection, now: datetime) -> None:
    """Raises QuotaBlocked while Spotify takes no calls of the app, or it waits for the end of a storm (storm.py).

    Other blocks do not matter here: a secret that was mended shows by a refresh that works.
    """
    until = row.app.blocked_until
    if until is not None and until > now and row.app.block_reason in WALLS:
        raise QuotaBlocked("token", row.app.block_reason, until=until)


def _usable(row: SpotifyConnection, now: datetime, rejected: Secret | None) -> Secret | None:
    if not row.access_token_encrypted or row.access_expires_at is None or row.access_expires_at - EARLY <= now:
        return None
    try:
        token = Secret(crypto.decrypt(row.access_token_encrypted))
    except crypto.Unreadable:
        return None
    return None if rejected is not None and rejected.reveal() == token.reveal() else token


def _take_lease(row: SpotifyConnection, now: datetime) -> str:
    """Ours alone until `LEASE` has passed, or "" if another worker holds it or the tokens have just changed."""
    lease = secrets.token_hex(16)
    free = Q(lease="") | Q(lease_until=None) | Q(lease_until__lte=now)
    unchanged = SpotifyConnection.objects.filter(
        free, pk=row.pk, refresh_token_encrypted=row.refresh_token_encrypted, access_expires_at=row.access_expires_at
    )
    return lease if unchanged.update(lease=lease, lease_until=now + LEASE) else ""


def _refresh(row: SpotifyConnection, lease: str, now: datetime) -> Secret:
    held = SpotifyConnection.objects.filter(pk=row.pk, lease=lease)
    try:
        grant = accounts_service.refresh(connection=row, token=_refresh_token(row, now), now=now)
    except ReconnectNeeded as exc:
        # Only if these are still the tokens that died: a consent renewed in the meantime wins.
        if held.filter(refresh_token_encrypted=row.refresh_token_encrypted).exists():
            storm.grant_failed(connection=row, detail=exc.detail, now=now)
        raise
    except (AppRefused, OwnerNotPremium, QuotaBlocked) as exc:
        troubles.of_app(app=row.app, error=exc, now=now)
        raise
    else:
        _store(row, grant, now)
        storm.grant_worked(connection=row, now=now)
        return grant.access
    finally:
        held.update(lease="", lease_until=None)


def _refresh_token(row: SpotifyConnection, now: datetime) -> Secret:
    try:
        return Secret(crypto.decrypt(row.refresh_token_encrypted))
    except crypto.Unreadable as exc:
        error = KeyMissing("token", str(exc))
        troubles.of_app(app=row.app, error=error, now=now)
        raise error from None


def _store(row: SpotifyConnection, grant: accounts_service.Grant, now: datetime) -> None:
    """The new tokens, unless the person consented anew meanwhile. The consent's age is not touched: refreshing does not
    extend it. A rotated refresh token replaces the old one, which Spotify will not take again."""
    fresh = {
        "access_token_encrypted": crypto.encrypt(grant.access.reveal()),
        "access_expires_at": grant.expires_at,
        "refreshed_at": now,
    }
    if grant.refresh:
        fresh["refresh_token_encrypted"] = crypto.encrypt(grant.refresh.reveal())
    if grant.scopes is not None:
        fresh["scopes"] = grant.scopes
    SpotifyConnection.objects.filter(
        pk=row.pk, refresh_token_encrypted=row.refresh_token_encrypted, authorized_at=row.authorized_at
    ).update(**fresh)
