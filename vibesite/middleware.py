"""What every answer carries: the content security policy; and the zone each page speaks in."""

import zoneinfo
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

View = Callable[[HttpRequest], HttpResponse]

# Covers come from Spotify's image hosts (or the sandbox); nothing else leaves the page, and no script is inline.
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


def content_security_policy(get_response: View) -> View:
    from django.conf import settings

    # Signing in posts to us and is redirected to Spotify: browsers check form-action along redirects.
    policy = POLICY.format(form_targets=f" {settings.SPOTIFY_ACCOUNTS_URL}")

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Content-Security-Policy", policy)
        return response

    return middleware


def personal_clock(get_response: View) -> View:
    """Activate the signed-in person's time zone for the length of the request."""

    def middleware(request: HttpRequest) -> HttpResponse:
        user = request.user
        with timezone.override(zoneinfo.ZoneInfo(user.time_zone) if user.is_authenticated else None):
            return get_response(request)

    return middleware
