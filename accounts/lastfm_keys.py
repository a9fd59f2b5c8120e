"""What a token is called in Last.fm's protocol: a key, a shared secret and a session key, derived and never stored.

Its programs sign with the shared secret, so the server must know it: it is made from the token's row and `SECRET_KEY`
each time. A new `SECRET_KEY` voids them; the token itself goes on.
"""

import hashlib
import hmac

from django.utils.crypto import salted_hmac

from accounts.models import ApiToken


def shared_secret(token: ApiToken) -> str:
    """32 hex digits; also the password for programs that ask for a user name and a password."""
    return _derived(token, "secret")


def session_key(token: ApiToken) -> str:
    """32 hex digits, given to a program that has shown the secret."""
    return _derived(token, "session")


def find(api_key: str) -> ApiToken | None:
    """The token whose prefix is this API key."""
    return ApiToken.objects.select_related("user").filter(prefix=api_key).first() if api_key.isprintable() else None


def signature(parameters: dict[str, str], secret: str) -> str:
    """https://www.last.fm/api/authspec#_8-signing-calls; MD5 is the protocol's choice."""
    signed = {name: value for name, value in parameters.items() if name not in ("api_sig", "format", "callback")}
    text = "".join(f"{name}{value}" for name, value in sorted(signed.items())) + secret
    return _md5(text)


def is_password(token: ApiToken, username: str, password: str, auth_token: str) -> bool:
    """Whether one of the two proves that they know the shared secret.

    `auth_token` is the older way: md5(user name + md5(password)).
    """
    secret = shared_secret(token)
    if password:
        return hmac.compare_digest(password.encode("utf-8", "surrogatepass"), secret.encode())
    return hmac.compare_digest(auth_token.encode("utf-8", "surrogatepass"), _md5(username + _md5(secret)).encode())


def _derived(token: ApiToken, what: str) -> str:
    return salted_hmac(f"accounts.lastfm_keys.{what}", token.secret_hash, algorithm="sha256").hexdigest()[:32]


def _md5(text: str) -> str:
    return hashlib.md5(text.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()
