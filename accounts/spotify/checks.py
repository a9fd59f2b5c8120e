"""System checks of what Spotify would only refuse at run time."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core import checks
from django.core.exceptions import ImproperlyConfigured

from accounts.spotify import crypto

CALLBACK = "/accounts/spotify/login/callback/"


def register() -> None:
    checks.register(check_redirect_uri)
    checks.register(check_token_key)


def check_redirect_uri(**_: Any) -> list[checks.CheckMessage]:
    uri = settings.SPOTIFY_REDIRECT_URI
    if not uri:
        return []
    parts = urlsplit(uri)
    found: list[checks.CheckMessage] = []
    if not parts.path.endswith(CALLBACK):
        found.append(checks.Error(f"SPOTIFY_REDIRECT_URI must end in {CALLBACK}", id="spotify.E001"))
    if parts.scheme != "https" and parts.hostname not in ("127.0.0.1", "::1"):
        hint = "Spotify accepts https://…, or http:// with a loopback address as number: 127.0.0.1, not localhost."
        found.append(checks.Error("SPOTIFY_REDIRECT_URI would be refused by Spotify.", hint=hint, id="spotify.E002"))
    return found


def check_token_key(**_: Any) -> list[checks.CheckMessage]:
    if not settings.SPOTIFY_TOKEN_KEY:
        hint = 'python -c "from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())"'
        return [checks.Error("SPOTIFY_TOKEN_KEY is not set: tokens could not be stored.", hint=hint, id="spotify.E003")]
    try:
        crypto.encrypt("probe")
    except ImproperlyConfigured as exc:
        return [checks.Error(str(exc), id="spotify.E004")]
    return []
