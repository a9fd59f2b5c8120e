"""The JSON API at /api/v1/: what the apps offer, under one roof. Errors are problem details (RFC 9457)."""

import logging
from collections.abc import Callable
from functools import cache
from hashlib import sha256
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation, TooManyFilesSent
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.multipartparser import MultiPartParserError
from django.http.request import UnreadablePostError
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import get_conditional_response, set_response_etag
from django.views.decorators.http import require_safe
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, Throttled, ValidationError
from ninja.parser import Parser
from ninja.throttling import BaseThrottle

from accounts import api as accounts_api
from accounts import api_twins, rates
from accounts.keys import TokenRefused
from ingest import api as ingest_api
from ingest import api_export
from ingest.period import BadPeriod
from insights import api as insights_api
from insights.api import listening as listening_api
from insights.api import snapshots as snapshots_api
from playlists.api import data as data_api
from playlists.api import pipeline as pipeline_api
from playlists.api import rules as rules_api

log = logging.getLogger(__name__)


class Manners(BaseThrottle):
    """So many calls in each window, by token or address."""

    def allow_request(self, request: HttpRequest) -> bool:
        who = request.headers.get("Authorization") or request.META.get("REMOTE_ADDR", "")
        self.rate = rates.take(f"api:{sha256(who.encode()).hexdigest()[:20]}", now=timezone.now())
        return not self.rate.is_exceeded

    def wait(self) -> float:
        return self.rate.reset_in_s


class Objects(Parser):
    """Bodies are JSON objects: of a list a schema would take the defaults of all that was not told."""

    def parse_body(self, request: HttpRequest) -> dict[str, Any]:
        found = super().parse_body(request)
        if not isinstance(found, dict):
            raise ValueError("a JSON object is wanted")
        return found


class Api(NinjaAPI):
    """Answers carry an ETag, so that asking again for what did not change costs no bytes."""

    def create_response(self, request: HttpRequest, data: Any, **rest: Any) -> HttpResponse:
        answer = super().create_response(request, data, **rest)
        if request.method in ("GET", "HEAD") and answer.status_code == HTTPStatus.OK:
            set_response_etag(answer)
            answer["Cache-Control"] = "private, no-cache"
            kept = get_conditional_response(request, etag=answer["ETag"], response=answer)
            return kept if isinstance(kept, HttpResponse) else answer
        return answer


Handler = Callable[[HttpRequest, Any], HttpResponse]


def handles(exc: type[Exception]) -> Callable[[Handler], Handler]:
    """Register what both APIs answer to an exception."""

    def register(handler: Handler) -> Handler:
        for each in (api, twins):
            each.add_exception_handler(exc, handler)
        return handler

    return register


api = Api(
    title="Vibesite",
    version="1",
    description="One person's listening: plays, figures, imports. Every answer is about the person who asks.",
    urls_namespace="api",
    docs_url=None,  # its page would need foreign scripts; /api/ is ours
    openapi_url=None,  # ours too: the library's answers to every method
    throttle=Manners(),
    parser=Objects(),
)
api.add_router("", accounts_api.router)
api.add_router("", ingest_api.router)
api.add_router("/exports", api_export.router)
api.add_router("/stats", insights_api.router)
api.add_router("/snapshots", snapshots_api.router)

# The addresses that the older tools had: the insights API, and the rules and pipeline of playlists.
twins = Api(
    title="Vibesite",
    version="twins",
    urls_namespace="api-twins",
    docs_url=None,
    openapi_url=None,
    throttle=Manners(),
)
twins.add_router("", api_twins.router)
twins.add_router("/listening", listening_api.router)
twins.add_router("", rules_api.router)
twins.add_router("/data", data_api.router)
twins.add_router("", pipeline_api.router)


def problem(request: HttpRequest, status: int, detail: str, **more: Any) -> HttpResponse:
    """One RFC 9457 answer: what happened and what to do."""
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail, **more}
    answer = JsonResponse(body, status=status, content_type="application/problem+json")
    if status == HTTPStatus.UNAUTHORIZED:
        answer["WWW-Authenticate"] = 'Bearer realm="Vibesite"'
    return answer


@handles(Throttled)
def _too_often(request: HttpRequest, exc: Throttled) -> HttpResponse:
    answer = problem(request, 429, f"Too many calls: go on in {exc.wait} seconds.")
    answer["Retry-After"] = str(exc.wait)
    return answer


@handles(TokenRefused)
def _refused(request: HttpRequest, exc: TokenRefused) -> HttpResponse:
    return problem(request, exc.status, str(exc), code=exc.code)


@handles(AuthenticationError)
def _unknown(request: HttpRequest, exc: AuthenticationError) -> HttpResponse:
    return problem(request, 401, "Send “Authorization: Bearer” with a token from Settings → Tokens, or sign in.")


@handles(ValidationError)
def _invalid(request: HttpRequest, exc: ValidationError) -> HttpResponse:
    errors = [{"at": [str(part) for part in error["loc"]], "said": error["msg"]} for error in exc.errors]
    return problem(request, 422, "Some of what was sent is not as it has to be; see “errors”.", errors=errors)


@handles(BadPeriod)
def _no_period(request: HttpRequest, exc: BadPeriod) -> HttpResponse:
    return problem(request, 422, str(exc), errors=[{"at": ["query", "range"], "said": str(exc)}])


@handles(Http404)
def _not_found(request: HttpRequest, exc: Http404) -> HttpResponse:
    return problem(request, 404, "There is no such thing, or it is not yours.")


@handles(pipeline_api.Unauthenticated)
def _not_connected(request: HttpRequest, exc: Exception) -> HttpResponse:
    said = "No Spotify account is connected: open “auth_url” in a browser and connect one."
    return problem(request, 401, said, auth_url=pipeline_api.auth_url(request))


@handles(rules_api.WrongRule)
def _wrong_rule(request: HttpRequest, exc: rules_api.WrongRule) -> HttpResponse:
    return problem(request, 422, str(exc), errors=exc.errors)


@handles(rules_api.RuleAsked)
def _asked_rule(request: HttpRequest, exc: rules_api.RuleAsked) -> HttpResponse:
    return problem(request, 409, str(exc), code="in_use", rules=exc.rules)


@handles(PermissionDenied)
def _denied(request: HttpRequest, exc: PermissionDenied) -> HttpResponse:
    return problem(request, 403, str(exc) or "You may not do that.")


@handles(TooManyFilesSent)
def _too_many(request: HttpRequest, exc: TooManyFilesSent) -> HttpResponse:
    most = settings.DATA_UPLOAD_MAX_NUMBER_FILES
    return problem(request, 413, f"At most {most:,} files are taken at once: send them in parts, or as one zip.")


@handles(RequestDataTooBig)
def _too_big(request: HttpRequest, exc: RequestDataTooBig) -> HttpResponse:
    return problem(request, 413, "That is too much text for a form: send it as a file.")


@handles(UnreadablePostError)
@handles(MultiPartParserError)
@handles(SuspiciousOperation)
def _unreadable(request: HttpRequest, exc: Exception) -> HttpResponse:
    return problem(request, 400, "The form was not whole or is none, and nothing was taken in: send it again.")


@handles(HttpError)
def _error(request: HttpRequest, exc: HttpError) -> HttpResponse:
    return problem(request, exc.status_code, str(exc))


@handles(Exception)
def _failed(request: HttpRequest, exc: Exception) -> HttpResponse:
    if settings.DEBUG:
        raise exc
    log.exception("an API call failed: %s", request.path)
    return problem(request, 500, "Something broke here, and was noted. Nothing you sent was lost halfway; try again.")


PROBLEM: dict[str, Any] = {
    "title": "Problem",
    "description": "What happened and what to do (RFC 9457). `errors` says where, if something sent was wrong.",
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string"},
        "errors": {"type": "array", "items": {"type": "object"}},
    },
}


@cache
def schema_of(one: NinjaAPI) -> dict[str, Any]:
    """The OpenAPI description. It is in the code, so one process makes it once."""
    schema: dict[str, Any] = one.get_openapi_schema()
    schema["components"]["schemas"]["Problem"] = PROBLEM
    shape = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for methods in schema["paths"].values():
        for operation in methods.values():
            operation["responses"]["4XX"] = {"description": "Refused", "content": shape}
    return schema


@require_safe
def openapi(request: HttpRequest) -> HttpResponse:
    return JsonResponse(schema_of(api))


@require_safe
def openapi_twins(request: HttpRequest) -> HttpResponse:
    return JsonResponse(schema_of(twins))


@require_safe
def handbook(request: HttpRequest) -> HttpResponse:
    """Every operation, made from the code."""
    schema = schema_of(api)
    groups: dict[str, list[dict[str, Any]]] = {}
    for path, methods in {**schema["paths"], **schema_of(twins)["paths"]}.items():
        for method, operation in methods.items():
            entry = {"path": path, "method": method.upper(), **operation}
            groups.setdefault(operation.get("tags", [""])[0], []).append(entry)
    return render(request, "vibesite/handbook.html", {"groups": groups, "info": schema["info"]})
