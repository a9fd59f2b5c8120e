"""What must not reach production, found by `manage.py check --deploy` and at each start."""

from typing import Any

from cryptography.fernet import Fernet
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

EMBEDDED_TOKEN_KEY = "dmliZXNpdGUtZW1iZWRkZWQtZGVtby1rZXktMzJiISE="  # noqa: S105 - public, for the demo only
NEW_KEY = 'Make one: python -c "from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())"'
EMBEDDED_SECRET = "embedded-only-not-a-secret"  # noqa: S105


@register(Tags.security, deploy=True)
def sandbox_is_off(**_: Any) -> list[CheckMessage]:
    if not settings.SPOTIFY_SANDBOX:
        return []
    return [Error("The sandbox stands in for Spotify.", hint="Set SPOTIFY_SANDBOX=off.", id="vibesite.E001")]


@register(Tags.security, deploy=True)
def secrets_are_secret(**_: Any) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    if settings.SECRET_KEY == EMBEDDED_SECRET:
        found.append(Error("SECRET_KEY is the demo's.", hint="Set 50 random characters.", id="vibesite.E002"))
    if EMBEDDED_TOKEN_KEY in settings.SPOTIFY_TOKEN_KEY:
        found.append(
            Error(
                "SPOTIFY_TOKEN_KEY is the demo's: anybody could read the stored tokens.",
                hint=NEW_KEY,
                id="vibesite.E003",
            )
        )
    return found


@register(Tags.security)
def token_keys_are_usable(**_: Any) -> list[CheckMessage]:
    keys = [key.strip() for key in settings.SPOTIFY_TOKEN_KEY.split(",") if key.strip()]
    if not keys:
        return [
            Error(
                "SPOTIFY_TOKEN_KEY is not set: Spotify tokens could not be stored.",
                hint=NEW_KEY,
                id="vibesite.E004",
            )
        ]
    for number, key in enumerate(keys, 1):
        try:
            Fernet(key)
        except ValueError:
            return [Error(f"Key {number} of SPOTIFY_TOKEN_KEY is not a Fernet key.", id="vibesite.E005")]
    return []


@register(Tags.database, deploy=True)
def services_fit_production(**_: Any) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    if settings.ON_SQLITE != settings.BROKER_EMBEDDED:
        missing = "REDIS_URL" if settings.BROKER_EMBEDDED else "DATABASE_URL"
        found.append(
            Warning(
                f"One of database and broker is embedded, the other is not: {missing} is missing.",
                hint="Embedded parts serve one host only.",
                id="vibesite.W001",
            )
        )
    return found


@register(Tags.security, deploy=True)
def spotify_is_named(**_: Any) -> list[CheckMessage]:
    if settings.SPOTIFY_CLIENT_ID and not settings.SPOTIFY_CLIENT_SECRET:
        return [Error("SPOTIFY_CLIENT_SECRET is missing.", id="vibesite.E006")]
    return []
