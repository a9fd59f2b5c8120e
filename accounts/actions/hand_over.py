"""Spotify tokens that a program hands over: kept sealed, unused until Spotify has said whose they are.

Until then they sit in a connection of their own that no worker uses and that keeps nobody else from connecting that
account. What turns out to be good becomes a connection like one made by hand; what does not is erased, and said.
"""

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from kombu.exceptions import OperationalError as BrokerUnreachable

from accounts import notices
from accounts.actions import connect
from accounts.models import Notice, SpotifyApp, SpotifyConnection, User
from accounts.models.connection import UNCHECKED
from accounts.spotify import accounts_service, crypto, oauth
from accounts.spotify.accounts_service import Grant
from accounts.spotify.errors import SpotifyError
from accounts.spotify.wire import Secret

logger = logging.getLogger(__name__)

PATIENCE = timedelta(days=1)  # with a Spotify that does not answer
EARLY = timedelta(minutes=1)


class NoSeat(Exception):
    """The app has no room for one more account."""


def store(
    *,
    user: User,
    app: SpotifyApp,
    spotify_user_id: str,
    access: Secret,
    refresh: Secret,
    expires_at: datetime,
    scopes: list[str],
    now: datetime,
) -> SpotifyConnection:
    """Keep the tokens, and have them checked at once. The same account again replaces them. Raises NoSeat."""
    key = f"{UNCHECKED}{user.pk}:{spotify_user_id}"[:80]
    kept = {
        "user": user,
        "spotify_user_id": spotify_user_id,
        "access_token_encrypted": crypto.encrypt(access.reveal()),
        "refresh_token_encrypted": crypto.encrypt(refresh.reveal()),
        "access_expires_at": expires_at,
        "scopes": scopes,
        "authorized_at": now,
        "state": SpotifyConnection.State.RECONNECT,
        "state_reason": _("A program stored these tokens. Spotify is being asked whose they are."),
        "state_at": now,
    }
    with transaction.atomic():
        SpotifyApp.objects.select_for_update().get(pk=app.pk)
        theirs = SpotifyConnection.objects.of(user).filter(app=app, spotify_user_id=spotify_user_id)
        if not theirs.exists() and not app.has_free_seat():
            raise NoSeat
        row, _made = SpotifyConnection.objects.update_or_create(account_id=key, app=app, defaults=kept)
        transaction.on_commit(lambda: send(row.pk))
    return row


def send(connection_id: int) -> None:
    """Have a worker check; one that cannot be reached now is asked again within half an hour."""
    from accounts.tasks import check_tokens

    try:
        check_tokens.apply_async(kwargs={"connection_id": connection_id}, queue="live")
    except (BrokerUnreachable, OSError) as exc:
        logger.warning("check of connection %s not sent, it will be sent again: %s", connection_id, exc)


def waiting() -> QuerySet[SpotifyConnection]:
    return SpotifyConnection.objects.filter(account_id__startswith=UNCHECKED)


def check(*, connection_id: int, now: datetime) -> SpotifyConnection | None:
    """Ask Spotify whose tokens these are: the connection that they become, or None. Safe to repeat."""
    row = waiting().select_related("app", "user").filter(pk=connection_id).first()
    if row is None or row.user is None:
        return None
    try:
        consent = _consent(row, now)
    except SpotifyError as exc:
        if not exc.temporary or row.state_at < now - PATIENCE:
            _refuse(row, _("Spotify does not take them."), now)
        return None
    if consent.profile.id != row.spotify_user_id:
        _refuse(row, _("They are of another Spotify account."), now)
    elif SpotifyConnection.objects.filter(account_id=consent.uid).exclude(user=row.user).exists():
        _refuse(row, _("This Spotify account is connected to somebody else here."), now)
    else:
        with transaction.atomic():
            if not waiting().filter(pk=row.pk, access_token_encrypted=row.access_token_encrypted).delete()[0]:
                return None  # newer tokens were stored meanwhile: their own check is on its way
            return connect.link(user=row.user, consent=consent, by_choice=True, now=now)
    return None


def _consent(row: SpotifyConnection, now: datetime) -> oauth.Consent:
    """Raises SpotifyError. Nothing that fails here counts against the app."""
    access, refresh = (
        Secret(crypto.decrypt(sealed)) for sealed in (row.access_token_encrypted, row.refresh_token_encrypted)
    )
    assert row.access_expires_at is not None
    grant = Grant(access=access, refresh=refresh, expires_at=row.access_expires_at, scopes=row.scopes)
    if grant.expires_at <= now + EARLY and refresh:
        fresh = accounts_service.refresh(connection=row, token=refresh, now=now)
        scopes = row.scopes if fresh.scopes is None else fresh.scopes
        grant = Grant(fresh.access, fresh.refresh or refresh, fresh.expires_at, scopes)
        row.access_token_encrypted = crypto.encrypt(grant.access.reveal())
        row.refresh_token_encrypted = crypto.encrypt(grant.refresh.reveal())
        row.access_expires_at = grant.expires_at
        # Kept before anything else can fail: a rotated refresh token is the only one that Spotify takes.
        row.save(update_fields=["access_token_encrypted", "refresh_token_encrypted", "access_expires_at"])
    profile = oauth.fetch_profile(app=row.app, access=grant.access, now=now)
    return oauth.Consent(row.app, profile, grant, oauth.lasting_id(profile))


def _refuse(row: SpotifyConnection, why: str, now: datetime) -> None:
    if not waiting().filter(pk=row.pk, access_token_encrypted=row.access_token_encrypted).delete()[0]:
        return
    notices.tell(
        user=row.user,
        kind="tokens_refused",
        key=row.spotify_user_id,
        level=Notice.Level.WARNING,
        url=reverse("accounts:connections"),
        now=now,
        text=lambda: (
            _("Spotify tokens that a program stored for “%(name)s” were erased: %(why)s")
            % {"name": row.spotify_user_id, "why": why}
        ),
    )
