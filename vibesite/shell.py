"""What belongs to no page: appearance, the web app manifest, about, and the pages for errors."""

from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_POST, require_safe

from accounts import back
from accounts.models import User
from vibesite.context import theme_of

YEAR_S = 365 * 24 * 3600


@require_POST
def appearance(request: HttpRequest) -> HttpResponse:
    """Keep the chosen theme: with the person, and in a cookie for signed-out pages. Back to where it was chosen."""
    theme = request.POST.get("theme", "")
    if theme not in User.Theme.values:
        return HttpResponseBadRequest(_("No such appearance."))
    if request.user.is_authenticated:
        User.objects.filter(pk=request.user.pk).update(theme=theme)
    response = back.to(request, reverse("home"))
    response.set_cookie(
        "theme", theme, max_age=YEAR_S, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE, httponly=True
    )
    return response


@require_safe
@cache_control(max_age=3600)
def manifest(request: HttpRequest) -> HttpResponse:
    """The web app manifest: a view, because its icons carry hashed names in production."""
    icons = [
        {"src": static(f"img/mark-{size}.png"), "sizes": f"{size}x{size}", "type": "image/png", "purpose": purpose}
        for size, purpose in ((192, "any"), (512, "any"), (512, "maskable"))
    ]
    icons[-1]["src"] = static("img/mark-maskable-512.png")
    content = {
        "id": "/",
        "name": "Vibesite",
        "short_name": "Vibesite",
        "description": _("A home for your listening."),
        "start_url": reverse("home"),
        "scope": "/",
        "display": "standalone",
        "background_color": "#f6f0e4",
        "theme_color": "#f6f0e4",
        "icons": [{"src": static("img/mark.svg"), "sizes": "any", "type": "image/svg+xml"}, *icons],
    }
    return JsonResponse(content, content_type="application/manifest+json")


@require_safe
def about(request: HttpRequest) -> HttpResponse:
    return render(request, "vibesite/about.html")


def _error(request: HttpRequest, status: HTTPStatus, context: dict[str, Any] | None = None) -> HttpResponse:
    return render(request, f"{status.value}.html", context, status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _bare(request, HTTPStatus.BAD_REQUEST)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _error(request, HTTPStatus.FORBIDDEN, {"reason": str(exception) if exception.args else ""})


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _error(request, HTTPStatus.NOT_FOUND)


def server_error(request: HttpRequest) -> HttpResponse:
    return _bare(request, HTTPStatus.INTERNAL_SERVER_ERROR)


def _bare(request: HttpRequest, status: HTTPStatus) -> HttpResponse:
    """An error page that needs no database: neither the person nor context processors are asked."""
    theme = request.COOKIES.get("theme", "")
    context = {"theme": theme if theme in User.Theme.values else User.Theme.FOLLOW}
    return HttpResponse(render_to_string(f"{status.value}.html", context), status=status)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form without its token: the page was open too long, or cookies are off. Nothing was done."""
    context = {"csrf": True, "back": request.META.get("HTTP_REFERER", ""), "theme": theme_of(request)}
    if not url_has_allowed_host_and_scheme(context["back"], {request.get_host()}, require_https=request.is_secure()):
        context["back"] = ""
    return _error(request, HTTPStatus.FORBIDDEN, context)
