"""Secrets at rest: Fernet under `SPOTIFY_TOKEN_KEY`, newest key first, so keys can be rotated."""

from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


class Unreadable(Exception):
    """No key of `SPOTIFY_TOKEN_KEY` opens this secret: the key it was written with is missing."""


@lru_cache(maxsize=4)
def _fernet(keys: str) -> MultiFernet:
    try:
        return MultiFernet([Fernet(key.strip()) for key in keys.split(",") if key.strip()])
    except ValueError as exc:
        raise ImproperlyConfigured(
            "SPOTIFY_TOKEN_KEY must hold Fernet keys (32 bytes, url-safe base64), comma-separated, newest first."
        ) from exc


def encrypt(secret: str) -> str:
    """Empty stays empty: nothing to hide, and the row shows that there is nothing."""
    return _fernet(settings.SPOTIFY_TOKEN_KEY).encrypt(secret.encode()).decode() if secret else ""


def decrypt(sealed: str) -> str:
    """Raises Unreadable."""
    if not sealed:
        return ""
    try:
        return _fernet(settings.SPOTIFY_TOKEN_KEY).decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise Unreadable("written with a key that SPOTIFY_TOKEN_KEY no longer holds") from None


def rotate(sealed: str) -> str:
    """The same secret under the newest key; the moment it was first sealed is kept. Raises Unreadable."""
    if not sealed:
        return ""
    try:
        return _fernet(settings.SPOTIFY_TOKEN_KEY).rotate(sealed.encode()).decode()
    except InvalidToken:
        raise Unreadable("written with a key that SPOTIFY_TOKEN_KEY no longer holds") from None
