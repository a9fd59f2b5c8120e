"""UTF-8 alone comes in; what every answer carries: the content security policy, the person's zone and language,
manners towards htmx, and the way back after a lapsed sign-in.
"""

import codecs
import zoneinfo
from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.contrib.messages import get_messages
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts import back
from accounts.models import User

View = Callable[[HttpRequest], HttpResponse]

# Covers come through this server; nothing else leaves the page, and no script or style is inline.
POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'{form_targets}",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ]
)


def one_stack(get_response: View) -> View:
    """Room for the frames of a whole request at once.

    CPython keeps frames in chunks of 16 KB and hands the last one back as soon as it is left: a template whose loop
    happens to cross that border asks the system for memory hundreds of times a page. This frame is wider than a chunk,
    so it gets one of 256 KB, in which all frames above it find room.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        return get_response(request)

    middleware.__code__ = middleware.__code__.replace(co_stacksize=16_000)  # words of 8 bytes
    return middleware


def content_security_policy(get_response: View) -> View:
    # Signing in posts to us and is redirected to Spotify: browsers check form-action along redirects.
    policy = POLICY.format(form_targets=f" {settings.SPOTIFY_ACCOUNTS_URL}")

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Content-Security-Policy", policy)
        return response

    return middleware


def probes(get_response: View) -> View:
    """Answer /health/… and /metrics whatever host they are asked for: a probe knows this process by its address."""
    from vibesite import health

    views: dict[str, View] = {
        "/health/live": health.live,
        "/health/ready": health.ready,
        "/metrics": health.metrics,
    }

    def middleware(request: HttpRequest) -> HttpResponse:
        view = views.get(request.path_info)
        if view is None or request.method not in ("GET", "HEAD"):
            return get_response(request)
        try:
            return view(request)
        except Http404:
            return HttpResponse(status=404)

    return middleware


def utf8_alone(get_response: View) -> View:
    """Refuse forms in any other character set.

    Django decodes a form as its sender asks: UTF-7 brings half characters that no database takes, and a codec that
    makes no text fails.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.encoding and codecs.lookup(request.encoding).name != "utf-8":
            if request.content_type in ("multipart/form-data", "application/x-www-form-urlencoded"):
                words = _("This form did not come as UTF-8, and nothing was taken in. Send it as UTF-8.")
                return HttpResponse(words, status=415, content_type="text/plain; charset=utf-8")
            request.encoding = "utf-8"  # another body is its view's; the address is UTF-8 whatever it says
        return get_response(request)

    return middleware


def api_answers(get_response: View) -> View:
    """In the JSON API nothing answers but JSON: what Django or a library refuses in its own words is a problem, too.

    Where one may GET, one may HEAD.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith("/api/"):
            return get_response(request)
        is_head = request.method == "HEAD"
        if is_head:
            request.method = "GET"
        response = _as_problem(request, get_response(request))
        return _without_body(response) if is_head else response

    return middleware


def _as_problem(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    status = response.status_code
    is_broken = status >= 500 and settings.DEBUG  # the developer's page says more
    if status < 400 or is_broken or "json" in response.get("Content-Type", ""):
        return response
    from vibesite import api

    allowed = response.get("Allow", "").replace("GET", "GET, HEAD")
    said = {404: "There is no such address: /api/ lists them.", 405: f"This address takes {allowed}."}.get(status)
    if said is None:
        is_text = response.get("Content-Type", "").startswith("text/plain")
        said = response.content.decode() if is_text else HTTPStatus(status).phrase
    answer = api.problem(request, status, said)
    if allowed:
        answer["Allow"] = allowed
    return answer


def _without_body(response: HttpResponse | StreamingHttpResponse) -> Any:
    if isinstance(response, StreamingHttpResponse):
        response.streaming_content = []
    else:
        response["Content-Length"] = str(len(response.content))
        response.content = b""
    return response


def personal_clock(get_response: View) -> View:
    """Speak in the signed-in person's time zone, and in their language if they chose one, for the whole request."""

    def middleware(request: HttpRequest) -> HttpResponse:
        user = request.user
        if not user.is_authenticated:
            with timezone.override(None):
                return get_response(request)
        with timezone.override(zoneinfo.ZoneInfo(user.time_zone)):
            if user.language in dict(settings.LANGUAGES):
                # Not undone: LocaleMiddleware, further out, still reads it; the next request sets its own.
                translation.activate(user.language)
                request.LANGUAGE_CODE = translation.get_language()
            _remember_language(user)
            return get_response(request)

    return middleware


def _remember_language(user: User) -> None:
    """Kept when it changes: what is written to a person later, by a job or by mail, is in the language they read."""
    language = translation.get_language() or ""
    if language != (user.spoken or settings.LANGUAGE_CODE):
        User.objects.filter(pk=user.pk).update(spoken=language)
        user.spoken = language


def htmx_manners(get_response: View) -> View:
    """Parts for htmx bring their messages along, and a lapsed sign-in asks for the whole page instead of a part."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if not getattr(request, "htmx", False):
            return response
        if response.status_code == 302 and response["Location"].startswith(_sign_in_path()):
            # htmx would follow, and put the sign-in page where the part was.
            answer = HttpResponse(status=204)
            answer["HX-Refresh"] = "true"
            return answer
        waiting = get_messages(request)
        if (
            _takes_messages(response) and len(waiting) and not getattr(waiting, "used", False)
        ):  # used: a whole page has shown them
            toasts = render_to_string("components/toasts.html", {"messages": waiting, "oob": True}, request)
            response.content += toasts.encode()
        return response

    return middleware


def same_page_after_sign_in(get_response: View) -> View:
    """Who pressed a button after the sign-in had lapsed comes back to the page with the button, and is told so.

    Django would lead to the address of the button, most of which no browser can open.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        asked = f"{_sign_in_path()}?{urlencode({'next': request.get_full_path()}, safe='/')}"
        if request.method == "POST" and response.status_code == 302 and response["Location"] == asked:
            words = _("You were signed out meanwhile, and nothing was changed. Sign in and try again.")
            messages.warning(request, words)
            return redirect_to_login(back.from_page(request, reverse("home")))
        return response

    return middleware


def _sign_in_path() -> str:
    from django.shortcuts import resolve_url

    return resolve_url(settings.LOGIN_URL)


def _takes_messages(response: HttpResponse) -> bool:
    leaves = any(name in response for name in ("HX-Redirect", "HX-Refresh", "HX-Location"))
    html = response.get("Content-Type", "").startswith("text/html")
    return not response.streaming and html and response.status_code == 200 and not leaves
