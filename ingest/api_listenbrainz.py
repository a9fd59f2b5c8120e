"""ListenBrainz's API at `/1/`, for its unmodified clients: players and scrobblers submit, importers follow up.

Unlike there, nobody's listens are public: a token reads its own person's alone, and all others are not found.
https://listenbrainz.readthedocs.io/en/latest/users/api/core.html
"""

import logging
import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.db import DatabaseError, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from accounts import keys, rates
from accounts.keys import Scope, TokenRefused
from accounts.models import ApiToken
from ingest import listenbrainz, listens
from ingest.actions import submit
from ingest.listenbrainz import BadListen
from ingest.models import ImportMark

View = Callable[..., HttpResponse]
_log = logging.getLogger(__name__)
_TOO_OFTEN = (
    "You have exceeded your rate limit. See X-RateLimit-* response headers for more information on your current "
    "rate limit."
)
_BROKEN = "Something broke here, and nothing was stored. Please try again later."
_RATE_HEADERS = "X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, X-RateLimit-Reset-In"
_MOST_TS = 2**53  # of a timestamp in an address


def error(code: int, said: str) -> JsonResponse:
    return JsonResponse({"code": code, "error": said}, status=code)


class ApiError(Exception):
    def __init__(self, code: int, said: str) -> None:
        super().__init__(said)
        self.code = code


def door(*methods: str, scope: str | None = None, is_open: bool = False) -> Callable[[View], View]:
    """Methods, token, rate, errors as JSON. `is_open`: the view looks at the token itself.

    Views are given `request.token` and `request.user`.
    """

    def decorate(view: View) -> View:
        @csrf_exempt
        @wraps(view)
        def guarded(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.method == "OPTIONS":
                return _open_to_pages(HttpResponse(status=204), methods)
            if request.method not in methods:
                return _not_allowed(methods)
            try:
                return _open_to_pages(admitted(request, *args, **kwargs), methods)
            except Exception as exc:
                _log.exception("Not answered: %s", request.path)
                code = 503 if isinstance(exc, DatabaseError) else 500
                return _open_to_pages(error(code, _BROKEN), methods)

        def admitted(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
            now = timezone.now()
            who = f"address:{request.META.get('REMOTE_ADDR', '')}"
            try:
                if not is_open:
                    request.token = keys.token_of(keys.text_of(request), scope=scope, now=now)
                    request.user, who = request.token.user, f"token:{request.token.pk}"
                refused = None
            except TokenRefused as exc:
                refused = error(exc.status, str(exc))
            rate = rates.take(who, now=now)
            if rate.is_exceeded:
                return rate.onto(error(429, _TOO_OFTEN))
            return rate.onto(refused or _answer(view, request, *args, **kwargs))

        return guarded

    return decorate


def _not_allowed(methods: tuple[str, ...]) -> HttpResponse:
    answer = error(405, "The method is not allowed for the requested URL.")
    answer["Allow"] = ", ".join((*methods, "OPTIONS"))
    return answer


def _open_to_pages(answer: HttpResponse, methods: tuple[str, ...]) -> HttpResponse:
    """Players in a browser may call, wherever they came from: only the token says who asks, never a cookie."""
    answer["Access-Control-Allow-Origin"] = "*"
    answer["Access-Control-Allow-Headers"] = "Authorization, Content-Type"
    answer["Access-Control-Allow-Methods"] = ", ".join((*methods, "OPTIONS"))
    answer["Access-Control-Expose-Headers"] = _RATE_HEADERS
    answer["Access-Control-Max-Age"] = "86400"
    return answer


@csrf_exempt
def nothing(request: HttpRequest, rest: str) -> HttpResponse:
    """An address of theirs that is not here."""
    if request.method not in ("GET", "HEAD", "POST"):
        return _not_allowed(("GET", "HEAD", "POST"))
    return error(404, "The requested URL was not found on the server.")


def _answer(view: View, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
    try:
        return view(request, *args, **kwargs)
    except BadListen as exc:
        return error(400, str(exc))
    except ApiError as exc:
        return error(exc.code, str(exc))


@door("POST", scope=Scope.SUBMIT)
def submit_listens(request: Any) -> HttpResponse:
    now = timezone.now()
    # Read here, not as `request.body`: ten times what a form may send.
    raw = request.read(listenbrainz.MAX_BYTES + 1)
    kind, told = listenbrainz.parse(raw, now_s=int(now.timestamp()))
    if kind == listenbrainz.PLAYING_NOW:
        submit.playing_now(user=request.user, told=told[0], now=now)
    else:
        submit.listens(user=request.user, told=told, now=now)
    return JsonResponse({"status": "ok"})


@door("GET", "HEAD", is_open=True)
def validate_token(request: Any) -> HttpResponse:
    """Whether a token is good, in the header or (as older clients do) in the address."""
    token = _offered(request)
    if token is None:
        return JsonResponse({"code": 200, "message": "Token invalid.", "valid": False})
    return JsonResponse({"code": 200, "message": "Token valid.", "valid": True, "user_name": token.user.username})


def _offered(request: HttpRequest) -> ApiToken | None:
    try:
        text = keys.text_of(request)
    except TokenRefused:
        text = request.GET.get("token", "")
    if not text:
        raise ApiError(400, "You need to provide an Authorization token.")
    try:
        return keys.token_of(text, scope=None, now=timezone.now())
    except TokenRefused:
        return None


@door("GET", "HEAD", scope=Scope.READ)
def user_listens(request: Any, name: str) -> HttpResponse:
    _own(request, name)
    max_s, min_s = _number(request, "max_ts"), _number(request, "min_ts")
    if max_s is not None and min_s is not None and max_s < min_s:
        raise ApiError(400, "max_ts should be greater than min_ts")
    count = _number(request, "count")
    if count is not None and count < 0:
        raise ApiError(400, "Number of items requested should be positive")
    size = listens.DEFAULT_COUNT if count is None else min(count, listens.MAX_COUNT)
    return JsonResponse({"payload": listens.page(request.user, max_s=max_s, min_s=min_s, count=size)})


@door("POST", scope=Scope.SUBMIT)
def delete_listen(request: Any) -> HttpResponse:
    """Remove a listen, as the person can in the log, with the same way back. Again, or of none: ok, as there."""
    told = listenbrainz.document_of(request.read(listenbrainz.MAX_LISTEN_BYTES))
    if "listened_at" not in told:
        raise ApiError(400, "Listen timestamp missing.")
    if "recording_msid" not in told:
        raise ApiError(400, "Recording MSID missing.")
    try:
        second = int(told["listened_at"])
    except (ValueError, TypeError, OverflowError):
        raise ApiError(400, f"{told['listened_at']}: Listen timestamp invalid.") from None
    try:
        recording = uuid.UUID(told["recording_msid"])
    except (ValueError, TypeError, AttributeError):
        raise ApiError(400, f"{told['recording_msid']}: Recording MSID format invalid.") from None
    if abs(second) < _MOST_TS:
        listens.delete(request.user, second=second, recording=recording, now=timezone.now())
    return JsonResponse({"status": "ok"})


@door("GET", "HEAD", scope=Scope.READ)
def listen_count(request: Any, name: str) -> HttpResponse:
    _own(request, name)
    return JsonResponse({"payload": {"count": listens.total(request.user)}})


@door("GET", "HEAD", scope=Scope.READ)
def playing_now(request: Any, name: str) -> HttpResponse:
    _own(request, name)
    return JsonResponse({"payload": listens.playing_now(request.user, timezone.now())})


@door("GET", "HEAD", "POST")
def latest_import(request: Any) -> HttpResponse:
    """The newest listen that an importer has sent, which it keeps with us to go on from there."""
    if request.method == "POST":
        _need(request.token, Scope.SUBMIT)
        told = listenbrainz.document_of(request.read(listenbrainz.MAX_LISTEN_BYTES))
        _remember(request.token, told)
        return JsonResponse({"status": "ok"})
    _need(request.token, Scope.READ)
    name = request.GET.get("user_name", "")
    _own(request, name)
    service = request.GET.get("service", "lastfm")[:20].lower()
    mark = ImportMark.objects.filter(user=request.user, service=service).first()
    return JsonResponse({"musicbrainz_id": request.user.username, "latest_import": mark.seconds if mark else 0})


def _remember(token: ApiToken, told: dict[str, Any]) -> None:
    service = told.get("service", "lastfm")
    try:
        seconds = int(told.get("ts", 0))
    except (ValueError, TypeError, OverflowError):
        raise ApiError(400, "Invalid data sent") from None
    if not isinstance(service, str) or not 0 < len(service) <= 20 or not 0 <= seconds < _MOST_TS:
        raise ApiError(400, "Invalid data sent")
    with transaction.atomic():
        mark, _made = ImportMark.objects.select_for_update().get_or_create(user=token.user, service=service.lower())
        if seconds > mark.seconds:  # never back: an older importer would send all again
            mark.seconds = seconds
            mark.save(update_fields=["seconds"])


def _own(request: Any, name: str) -> None:
    """Nobody else's: another person is answered like one who never was."""
    if name.casefold() != request.user.username.casefold():
        raise ApiError(404, f"Cannot find user: {name}")


def _need(token: ApiToken, scope: str) -> None:
    if not token.may(scope):
        raise ApiError(keys.ScopeMissing.status, str(keys.ScopeMissing(scope)))


def _number(request: HttpRequest, name: str) -> int | None:
    told = request.GET.get(name)
    if not told:
        return None
    try:
        value = int(told)
    except ValueError:
        raise ApiError(400, f"Invalid {name} argument: {told}") from None
    return max(-_MOST_TS, min(value, _MOST_TS))
