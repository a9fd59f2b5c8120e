"""Spotify's accounts service: where codes and refresh tokens become access tokens. It has its own breaker."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from accounts.models import SpotifyApp, SpotifyConnection
from accounts.spotify import breaker, budget, wire
from accounts.spotify.errors import RateLimited, SpotifyError, Upstream
from accounts.spotify.translate import token_error

ENDPOINT = "token"
LIFETIME = timedelta(hours=1)  # of an access token, if Spotify does not say


@dataclass(frozen=True, slots=True)
class Grant:
    """One answer of the token endpoint."""

    access: wire.Secret
    refresh: wire.Secret  # empty: the former one stays valid
    expires_at: datetime
    scopes: list[str] | None  # as granted; None: not told


def exchange(*, app: SpotifyApp, code: str, redirect_uri: str, verifier: str | None, now: datetime) -> Grant:
    """A code from the authorise page, once, for tokens. Raises SpotifyError."""
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri}
    if verifier:
        form["code_verifier"] = verifier
    return _ask(app, form, connection=None, now=now)


def refresh(*, connection: SpotifyConnection, token: wire.Secret, now: datetime) -> Grant:
    """A new access token. Raises SpotifyError; ReconnectNeeded when the consent is dead."""
    form = {"grant_type": "refresh_token", "refresh_token": token.reveal()}
    return _ask(connection.app, form, connection=connection, now=now)


def _ask(app: SpotifyApp, form: dict[str, str], *, connection: SpotifyConnection | None, now: datetime) -> Grant:
    breaker.check(breaker.ACCOUNTS, endpoint=ENDPOINT, now=now)
    # Not against the ceiling: only Web API calls are known to count. Written down all the same.
    budget.note(app=app, endpoint=ENDPOINT, now=now, connection=connection)
    try:
        grant = _post(app, form, now)
    except Upstream as exc:
        breaker.failure(breaker.ACCOUNTS, error=str(exc), now=now)
        budget.note(app=app, endpoint=ENDPOINT, now=now, connection=connection, failed=True)
        raise
    except SpotifyError as exc:
        if not isinstance(exc, RateLimited):
            breaker.success(breaker.ACCOUNTS, now=now)
        budget.note(app=app, endpoint=ENDPOINT, now=now, connection=connection, failed=True)
        raise
    breaker.success(breaker.ACCOUNTS, now=now)
    return grant


def _post(app: SpotifyApp, form: dict[str, str], now: datetime) -> Grant:
    with wire.session() as http:
        response = wire.send(
            http,
            "POST",
            f"{settings.SPOTIFY_ACCOUNTS_URL}/api/token",
            endpoint=ENDPOINT,
            data={**form, "client_id": app.client_id, "client_secret": app.client_secret},
        )
    if response.status_code != 200:
        raise token_error(response, endpoint=ENDPOINT, now=now)
    return _grant(wire.json_of(response), now)


def _grant(body: Any, now: datetime) -> Grant:
    access = body.get("access_token") if isinstance(body, dict) else None
    if not isinstance(access, str) or not access:
        raise Upstream(ENDPOINT, "an answer without a token")
    seconds, scope, rotated = body.get("expires_in"), body.get("scope"), body.get("refresh_token")
    return Grant(
        access=wire.Secret(access),
        refresh=wire.Secret(rotated if isinstance(rotated, str) else ""),
        expires_at=now + (timedelta(seconds=seconds) if isinstance(seconds, int) and seconds > 0 else LIFETIME),
        scopes=sorted(scope.split()) if isinstance(scope, str) else None,
    )
