"""What a refusal means beyond the one call: stored blocks and states, and who has to be told."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import notices
from accounts.models import Notice, SpotifyApp, SpotifyConnection
from accounts.spotify import budget
from accounts.spotify.errors import (
    AppRefused,
    KeyMissing,
    NotAllowlisted,
    OwnerNotPremium,
    QuotaBlocked,
    RateLimited,
    ReconnectNeeded,
    SpotifyError,
)

PREMIUM_PAUSE = timedelta(hours=6)  # "may take hours to clear" after renewal
REFUSED_PAUSE = timedelta(hours=1)  # wrong secret: until somebody mends it, or we look again
State = SpotifyConnection.State


def of_app(*, app: SpotifyApp, error: SpotifyError, now: datetime) -> None:
    """Store what stops this app, or its whole developer account, and tell its keeper."""
    if isinstance(error, RateLimited):
        until = error.until or now + timedelta(seconds=error.retry_after_s)
        SpotifyApp.objects.filter(pk=app.pk).update(rate_limited_until=until)
    elif isinstance(error, QuotaBlocked) and not error.ours:
        until = budget.block(app.quota_group, until=error.until, reason="quota", now=now)
        tell_keeper(
            app,
            "quota",
            now,
            lambda: (
                _("Spotify allows no more calls for “%(app)s” for now. Everything waits until %(until)s UTC.")
                % {"app": app.name, "until": f"{until:%F %H:%M}"}
            ),
        )
    elif isinstance(error, OwnerNotPremium):
        budget.block(app.quota_group, until=now + PREMIUM_PAUSE, reason="premium", now=now)
        tell_keeper(
            app,
            "premium",
            now,
            lambda: (
                _("The owner of the Spotify app “%(app)s” needs Premium; until then Spotify refuses every call.")
                % {"app": app.name}
            ),
        )
    elif isinstance(error, AppRefused):
        SpotifyApp.objects.filter(pk=app.pk).update(blocked_until=now + REFUSED_PAUSE, block_reason="refused")
        tell_keeper(
            app,
            "refused",
            now,
            lambda: (
                _("Spotify does not accept “%(app)s”: %(detail)s. Check client id, secret and redirect address.")
                % {"app": app.name, "detail": error.detail}
            ),
        )
    elif isinstance(error, KeyMissing):
        tell_keeper(
            app,
            "key",
            now,
            lambda: _("Stored Spotify tokens cannot be read: SPOTIFY_TOKEN_KEY lacks the key they were written with."),
        )


def of_connection(*, connection: SpotifyConnection, error: SpotifyError, now: datetime) -> None:
    """Store what stops this one account. Its app's other accounts go on."""
    if isinstance(error, ReconnectNeeded) and connection.is_active:
        ended(connection=connection, reason="refused", now=now)
    elif isinstance(error, NotAllowlisted) and connection.state != State.NOT_ALLOWLISTED:
        connection.move_to(State.NOT_ALLOWLISTED, reason="not_allowlisted", now=now)
        tell_keeper(
            connection.app,
            f"allowlist:{connection.pk}",
            now,
            lambda: (
                _("Add the Spotify account “%(name)s” to the users of the app “%(app)s” in Spotify's dashboard.")
                % {"name": str(connection), "app": connection.app.name}
            ),
        )
        if connection.user:
            notices.tell(
                user=connection.user,
                kind="not_allowlisted",
                key=str(connection.pk),
                level=Notice.Level.WARNING,
                url=reverse("accounts:connections"),
                now=now,
                text=lambda: _(
                    "Spotify does not let us read your account yet: the operator has to add you to the app's list."
                ),
            )


def ended(*, connection: SpotifyConnection, reason: str, now: datetime, keep_tokens: bool = False) -> None:
    """The consent is dead: delete its tokens (or keep them sealed, see storm.py), keep the person's data, tell them."""
    gone = (
        {} if keep_tokens else {"access_token_encrypted": "", "refresh_token_encrypted": "", "access_expires_at": None}
    )
    connection.state, connection.state_reason, connection.state_at = State.RECONNECT, reason, now
    SpotifyConnection.objects.filter(pk=connection.pk).update(
        state=State.RECONNECT, state_reason=reason, state_at=now, grant_failed_at=now, **gone
    )
    if connection.user:
        notices.tell(
            user=connection.user,
            kind="reconnect",
            key=str(connection.pk),
            level=Notice.Level.WARNING,
            url=reverse("accounts:connections"),
            now=now,
            text=lambda: (
                _("Your connection to Spotify (%(name)s) has ended. Your history is safe; reconnect to go on.")
                % {"name": str(connection)}
            ),
        )


def over(*, connection: SpotifyConnection, now: datetime) -> None:
    """An answer came: whatever was said about this account or its app no longer holds."""
    if connection.state == State.NOT_ALLOWLISTED:
        connection.move_to(State.ACTIVE, now=now)
        forget(connection=connection, now=now)


def forget(*, connection: SpotifyConnection, now: datetime) -> None:
    """Settle the open notices about this connection."""
    key = str(connection.pk)
    keeper = connection.app.owner
    for kind in ("not_allowlisted", "reconnect", "consent_ends"):
        notices.settle(user=connection.user, kind=kind, key=key, now=now)
    notices.settle(user=keeper, kind="spotify_app", key=f"{connection.app_id}:allowlist:{key}", now=now)


def tell_keeper(app: SpotifyApp, what: str, now: datetime, text: Callable[[], str]) -> None:
    """An app's keeper is its owner, or the operators."""
    notices.tell(
        user=app.owner,
        kind="spotify_app",
        key=f"{app.pk}:{what}",
        level=Notice.Level.ERROR,
        url=reverse("accounts:connections"),
        now=now,
        text=text,
    )


def app_works_again(*, app: SpotifyApp, now: datetime) -> None:
    """Settle what was told of this app once its block is over and a call went through."""
    for what in ("quota", "premium", "refused", "storm"):
        notices.settle(user=app.owner, kind="spotify_app", key=f"{app.pk}:{what}", now=now)
