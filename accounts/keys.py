"""Tokens of programs: making one, and the only way from a token's text to its person.

Every refusal is one look-up in an index by hash, whatever is wrong, so that time tells nothing.
"""

import hashlib
import secrets
import string
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone

from accounts.models import ApiToken, User

Scope = ApiToken.Scope
View = Callable[..., HttpResponse]

_ALPHABET = string.ascii_letters + string.digits  # marked as one word by a double click
_MARK = "vs_"  # tells people, and scanners of leaked secrets, what it is
_RANDOM = 40  # characters: 238 bits
_SHOWN = len(_MARK) + 8
_USED_EVERY = timedelta(minutes=1)  # the last use is written no more often than this
_KINDS = ("token", "bearer")  # as ListenBrainz's clients say it, and as RFC 6750 does


class TokenRefused(Exception):
    """No entry with this token. `status` is the HTTP status that says so, `code` one word for programs."""

    status = 401
    code = "unknown"
    said = "Invalid authorization token."

    def __str__(self) -> str:
        return self.said


class TokenMissing(TokenRefused):
    code = "missing"
    said = "You need to provide an Authorization header."


class TokenMalformed(TokenRefused):
    code = "malformed"
    said = "Provided Authorization header is invalid."


class TokenUnknown(TokenRefused):
    """Never made, deleted, or of a person who left."""


class TokenRevoked(TokenRefused):
    code = "revoked"
    said = "This token was revoked."


class TokenExpired(TokenRefused):
    code = "expired"
    said = "This token has expired."


class ScopeMissing(TokenRefused):
    """A good token, for something else."""

    status = 403
    code = "scope"

    def __init__(self, scope: str) -> None:
        super().__init__(scope)
        self.scope = scope

    def __str__(self) -> str:
        return f"This token lacks the scope “{self.scope}”."


class TokenRequest(HttpRequest):
    """A request behind `token_required`. For type checkers only."""

    user: User
    token: ApiToken


def make(
    *, user: User, name: str, scopes: Iterable[str], now: datetime, expires_at: datetime | None = None
) -> tuple[ApiToken, str]:
    """A new token and its text, which is known only here. ValueError for a scope that there is not, or none at all."""
    wanted = set(scopes)
    if not wanted or wanted - set(Scope.values):
        raise ValueError(f"scopes must be some of {', '.join(Scope.values)}, not {sorted(wanted)}")
    text = _MARK + "".join(secrets.choice(_ALPHABET) for _each in range(_RANDOM))
    token = ApiToken.objects.create(
        user=user,
        name=name,
        prefix=text[:_SHOWN],
        secret_hash=hashed(text),
        scopes=[scope for scope in Scope.values if scope in wanted],
        created_at=now,
        expires_at=expires_at,
    )
    return token, text


def revoke(*, token: ApiToken, now: datetime) -> None:
    """From here on it is refused everywhere. Safe to repeat: the first moment stays."""
    ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=now)


def token_of(text: str, *, scope: str | None, now: datetime) -> ApiToken:
    """The token of this text, with its person, if it may do `scope` (None: anything); notes the use.

    Raises TokenMissing, TokenUnknown, TokenRevoked, TokenExpired or ScopeMissing.
    """
    if not text:
        raise TokenMissing
    token = ApiToken.objects.select_related("user").filter(secret_hash=hashed(text)).first()
    return admit(token, scope=scope, now=now)


def admit(token: ApiToken | None, *, scope: str | None, now: datetime) -> ApiToken:
    """What `token_of` does once the row is found, by whatever proof. Raises as it does."""
    if token is None or not token.user.is_active:
        raise TokenUnknown
    if token.revoked_at is not None:
        raise TokenRevoked
    if token.is_over(now):
        raise TokenExpired
    if scope is not None and not token.may(scope):
        raise ScopeMissing(scope)
    before = now - _USED_EVERY
    if token.last_used_at is None or token.last_used_at <= before:
        stale = Q(last_used_at=None) | Q(last_used_at__lte=before)
        ApiToken.objects.filter(stale, pk=token.pk).update(last_used_at=now)
        token.last_used_at = now
    return token


def text_of(request: HttpRequest) -> str:
    """The token in `Authorization: Token …` or `Bearer …`, the word in any case. TokenMissing, TokenMalformed."""
    header = request.headers.get("Authorization", "").strip()
    if not header:
        raise TokenMissing
    kind, _space, text = header.partition(" ")
    if kind.lower() not in _KINDS or not text.strip():
        raise TokenMalformed
    return text.strip()


def hashed(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def refusal(exc: TokenRefused) -> HttpResponse:
    """Problem details (RFC 9457) for a refused token."""
    problem = {"type": "about:blank", "title": str(exc), "status": exc.status, "code": exc.code}
    answer = JsonResponse(problem, status=exc.status, content_type="application/problem+json")
    if exc.status == 401:
        answer["WWW-Authenticate"] = "Bearer"
    return answer


def token_required(
    scope: str | None, *, refused: Callable[[TokenRefused], HttpResponse] = refusal
) -> Callable[[View], View]:
    """For plain views of programs: `request.user` is the token's person, `request.token` the token.

    `scope` None takes any good token. `refused` makes the answer to all others. Cookies are not looked at, so such
    views may be exempt from the check against forged requests.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
            try:
                token = token_of(text_of(request), scope=scope, now=timezone.now())
            except TokenRefused as exc:
                return refused(exc)
            request.token, request.user = token, token.user
            return view(request, *args, **kwargs)

        return guarded

    return decorate
