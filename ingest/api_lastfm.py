"""Last.fm's Audioscrobbler 2.0 at `/2.0/`, as far as scrobblers need it: a session, what plays now, what was heard.

A token is the API key, the shared secret and the account (`accounts/lastfm_keys.py`); every call is signed.
"""

import hmac
import logging
from collections.abc import Callable

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.http.multipartparser import MultiPartParserError
from django.http.request import UnreadablePostError
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from accounts import keys, lastfm_keys, rates
from accounts.keys import Scope, TokenRefused
from accounts.models import ApiToken
from ingest import lastfm_submissions as lastfm
from ingest.actions import submit
from ingest.lastfm_submissions import LastfmError, Node

Parameters = dict[str, str]
Verb = Callable[[ApiToken, Parameters], Node]
_log = logging.getLogger(__name__)
_READS = ("GET", "HEAD")


@csrf_exempt
def api(request: HttpRequest) -> HttpResponse:
    if request.method not in (*_READS, "POST"):
        return HttpResponseNotAllowed([*_READS, "POST"])
    parameters = request.GET.dict()
    try:
        return _answer(request, parameters)
    except Exception:
        _log.exception("Not answered: %s", request.path)
        return _drawn(None, LastfmError(16, "The service is temporarily unavailable, please try again."), parameters)


def _answer(request: HttpRequest, parameters: Parameters) -> HttpResponse:
    who, node, error = f"address:{request.META.get('REMOTE_ADDR', '')}", None, None
    try:
        parameters.update(_told(request))  # some programs split them
        verb = _verb(request, parameters)
        token = _signed(parameters)
        who = f"token:{token.pk}"
    except LastfmError as exc:
        error = exc
    rate = rates.take(who, now=timezone.now())
    if rate.is_exceeded:
        error = LastfmError(29, "Rate limit exceeded - too many requests in a short period")
    if error is None:
        try:
            node = verb(token, parameters)
        except LastfmError as exc:
            error = exc
    return rate.onto(_drawn(node, error, parameters))


def _told(request: HttpRequest) -> Parameters:
    try:
        return request.POST.dict()
    except (SuspiciousOperation, MultiPartParserError, UnreadablePostError):
        raise LastfmError(6, "Invalid parameters - this call is too large, or no form") from None


def _verb(request: HttpRequest, parameters: Parameters) -> Verb:
    method = parameters.get("method", "").lower()
    verb = _METHODS.get(method)
    if verb is None:
        raise LastfmError(3, "Invalid Method - No method with that name in this package")
    if request.method in _READS and method.startswith("track."):
        raise LastfmError(6, "Invalid parameters - this method is called by POST")
    return verb


def _signed(parameters: Parameters) -> ApiToken:
    """The token whose key this is, if it is good and its secret signed the call."""
    try:
        token = keys.admit(lastfm_keys.find(parameters.get("api_key", "")), scope=Scope.SUBMIT, now=timezone.now())
    except TokenRefused as exc:
        raise LastfmError(10, f"Invalid API key - {exc}") from None
    right = lastfm_keys.signature(parameters, lastfm_keys.shared_secret(token))
    if not _same(parameters.get("api_sig", "").lower(), right):
        raise LastfmError(13, "Invalid method signature supplied")
    return token


# --- Methods ----------------------------------------------------------------------------------------------------------
def _mobile_session(token: ApiToken, parameters: Parameters) -> Node:
    name = parameters.get("username", "")
    password, auth_token = parameters.get("password", ""), parameters.get("authToken", "")
    is_theirs = name.casefold() == token.user.username.casefold()
    if not lastfm_keys.is_password(token, name, password, auth_token) or not is_theirs:
        raise LastfmError(4, "Authentication Failed - wrong user name or password")
    return lastfm.session(token.user.username, lastfm_keys.session_key(token))


def _session(token: ApiToken, parameters: Parameters) -> Node:
    """The way of programs that open a page to be allowed: the token of Vibesite stands for the one they would get."""
    if not _same(keys.hashed(parameters.get("token", "")), token.secret_hash):
        raise LastfmError(4, "Authentication Failed - this is not the token of that API key")
    return lastfm.session(token.user.username, lastfm_keys.session_key(token))


def _scrobble(token: ApiToken, parameters: Parameters) -> Node:
    _need_session(token, parameters)
    now = timezone.now()
    told = lastfm.scrobbles(parameters, now_s=int(now.timestamp()))
    taken = [each.submission for each in told if each.submission is not None]
    submit.listens(user=token.user, told=taken, now=now)
    return lastfm.accepted(told)


def _now_playing(token: ApiToken, parameters: Parameters) -> Node:
    _need_session(token, parameters)
    told = lastfm.now_playing(parameters)
    if told.submission is not None:
        submit.playing_now(user=token.user, told=told.submission, now=timezone.now())
    return lastfm.playing(told)


_METHODS: dict[str, Verb] = {
    "auth.getmobilesession": _mobile_session,
    "auth.getsession": _session,
    "track.scrobble": _scrobble,
    "track.updatenowplaying": _now_playing,
}


def _need_session(token: ApiToken, parameters: Parameters) -> None:
    if not _same(parameters.get("sk", ""), lastfm_keys.session_key(token)):
        raise LastfmError(9, "Invalid session key - Please re-authenticate")


def _same(told: str, right: str) -> bool:
    return hmac.compare_digest(told.encode("utf-8", "surrogatepass"), right.encode())


def _drawn(node: Node | None, error: LastfmError | None, parameters: Parameters) -> HttpResponse:
    status = error.status if error else 200
    if parameters.get("format") == "json":
        return JsonResponse(lastfm.as_json(node, error), status=status)
    return HttpResponse(lastfm.as_xml(node, error), status=status, content_type="text/xml; charset=utf-8")
