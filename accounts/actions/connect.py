"""Make a completed consent a connection, and tell those who want to start working with it."""

import logging
from datetime import datetime
from typing import Protocol

from django.conf import settings
from django.db import transaction

from accounts.models import SpotifyConnection, User
from accounts.spotify import crypto, troubles
from accounts.spotify.oauth import Consent

logger = logging.getLogger(__name__)
State = SpotifyConnection.State


class Hook(Protocol):
    def __call__(self, *, connection: SpotifyConnection, is_new: bool, now: datetime) -> None: ...


_hooks: list[Hook] = []


def on_connected(hook: Hook) -> Hook:
    """Register what starts once a connection is there or renewed: `hook(connection=, is_new=, now=)`, after commit.

    Higher apps register from their `AppConfig.ready`. A hook that fails is logged and costs nobody the sign-in.
    """
    if hook not in _hooks:
        _hooks.append(hook)
    return hook


def link(*, user: User | None, consent: Consent, by_choice: bool, now: datetime) -> SpotifyConnection | None:
    """Store the consent as `user`'s (None: a service account of the operators).

    `by_choice`: the person asked to connect, or is new. A plain sign-in connects nobody who had disconnected, and
    leaves a healthy connection with the app it has. A renewed consent wins over anything stored, and starts a new six
    months.
    """
    with transaction.atomic():
        connection = (
            SpotifyConnection.objects.filter(user=user, account_id=consent.uid).order_by("-authorized_at").first()
        )
        is_new = connection is None
        if not by_choice and not _may_move(user, connection, consent):
            return connection
        if connection is None:
            connection = SpotifyConnection(user=user, account_id=consent.uid)
        _renew(connection, consent, now)
        connection.save()
        troubles.forget(connection=connection, now=now)
        transaction.on_commit(lambda: _run_hooks(connection, is_new, now))
    return connection


def _may_move(user: User | None, connection: SpotifyConnection | None, consent: Consent) -> bool:
    if connection is None:
        return False
    if connection.app_id == consent.app.pk:
        return True
    if connection.is_active or consent.app.owner not in (None, user):
        return False
    return consent.app.has_free_seat()


def _renew(connection: SpotifyConnection, consent: Consent, now: datetime) -> None:
    grant, profile = consent.grant, consent.profile
    if grant.refresh:
        connection.refresh_token_encrypted = crypto.encrypt(grant.refresh.reveal())
    elif connection.app_id != consent.app.pk:
        connection.refresh_token_encrypted = ""  # the old one belongs to another client id
    connection.app = consent.app
    connection.spotify_user_id = profile.id
    connection.display_name = profile.display_name[:120]
    connection.image_url = profile.image_url[:500]
    connection.access_token_encrypted = crypto.encrypt(grant.access.reveal())
    connection.access_expires_at = grant.expires_at
    # OAuth lets the answer leave the scopes out where all that was asked for is granted.
    connection.scopes = list(settings.SPOTIFY_SCOPES) if grant.scopes is None else grant.scopes
    connection.authorized_at = now
    connection.refreshed_at = connection.grant_failed_at = connection.noticed_days = None
    connection.lease, connection.lease_until = "", None
    connection.state, connection.state_reason, connection.state_at = State.ACTIVE, "", now


def _run_hooks(connection: SpotifyConnection, is_new: bool, now: datetime) -> None:
    for hook in _hooks:
        try:
            hook(connection=connection, is_new=is_new, now=now)
        except Exception:
            logger.exception("a hook of a new connection failed")
