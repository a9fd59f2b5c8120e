"""Signed tokens: codes, access and refresh tokens that need no memory, so they outlive a restart.

A token is a prefix as Spotify's, base64url of a JSON array, and an HMAC under the world's salt. Only what was spent
or revoked is remembered (state.py).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from functools import lru_cache

import msgspec

from vibesite.sandbox.scopes import unpack

CODE_S = 600  # a code's life
_PREFIX = {"access": "BQ", "refresh": "AQ", "code": "AC"}
_SIGNATURE = 18  # bytes


class Token(msgspec.Struct, array_like=True, frozen=True):
    """What a token says. Moments are Unix seconds of the sandbox's clock."""

    kind: str  # access, refresh, code
    client_id: str
    listener_id: str  # "" for client credentials
    scope_bits: int  # one for each of scopes.SCOPES, see `scopes.pack`
    consented_at: float
    expires_at: float
    generation: int = 0  # of the consent; see State.generation
    nonce: str = ""
    public: bool = False  # got without the client's secret, by PKCE alone
    redirect_uri: str = ""  # of a code
    challenge: str = ""  # of a code: the PKCE challenge
    method: str = ""  # of a code: S256 or plain

    @property
    def scopes(self) -> tuple[str, ...]:
        return unpack(self.scope_bits)


def _sign(salt: str, payload: bytes) -> bytes:
    return hmac.digest(b"vibesite sandbox " + salt.encode(), payload, hashlib.sha256)[:_SIGNATURE]


def seal(salt: str, token: Token) -> str:
    """The token as a client carries it."""
    payload = msgspec.json.encode(token)
    return _PREFIX[token.kind] + base64.urlsafe_b64encode(_sign(salt, payload) + payload).decode().rstrip("=")


@lru_cache(maxsize=4096)
def unseal(salt: str, text: str, kind: str) -> Token | None:
    """What `text` says, or None if it is not ours or not of this kind."""
    if not text.startswith(_PREFIX[kind]):
        return None
    try:
        raw = base64.urlsafe_b64decode(text[2:] + "=" * (-len(text[2:]) % 4))
    except ValueError:
        return None
    signature, payload = raw[:_SIGNATURE], raw[_SIGNATURE:]
    if not hmac.compare_digest(signature, _sign(salt, payload)):
        return None
    token = msgspec.json.decode(payload, type=Token)
    return token if token.kind == kind else None


def nonce() -> str:
    return secrets.token_urlsafe(9)


def challenge_of(verifier: str, method: str) -> str:
    """The PKCE challenge that belongs to `verifier`."""
    if method == "plain":
        return verifier
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
