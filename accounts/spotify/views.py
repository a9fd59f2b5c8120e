"""Sign-in through Spotify: the two ends of the round trip. The pages between are Spotify's."""

from typing import Any
from urllib.parse import urlencode

from allauth.account.utils import get_request_param
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone

from accounts.actions import connect
from accounts.spotify import oauth, problems
from accounts.spotify.oauth import SpotifyOAuth2Adapter

COOKIE = "spotify_app"  # which app this browser used last: a person's seat is there
COOKIE_AGE_S = 365 * 86_400


class LoginView(OAuth2LoginView):
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        elsewhere = oauth.proper_host(request)
        if elsewhere:
            query = {name: request.POST.get(name, value) for name, value in request.GET.items()}
            query |= {name: request.POST[name] for name in ("app", "process", "next") if name in request.POST}
            return HttpResponseRedirect(f"{elsewhere}{request.path}" + (f"?{urlencode(query)}" if query else ""))
        now = timezone.now()
        app = self.adapter.get_provider().app.spotify_app  # raises the page "no app" if there is none
        if app.is_blocked(now) and app.block_reason != "storm":  # then a new consent is what helps
            return problems.page(request, problems.blocked(app, now), app=app)
        return super().dispatch(request, *args, **kwargs)


class CallbackView(OAuth2CallbackView):
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        app = oauth.app_of_state(request)
        request.spotify_app = app  # type: ignore[attr-defined]  # where our adapter looks for it
        response = super().dispatch(request, *args, **kwargs)
        if app is not None and request.user.is_authenticated and response.status_code == 302:
            response.set_signed_cookie(
                COOKIE, str(app.pk), max_age=COOKIE_AGE_S, httponly=True, samesite="Lax", secure=settings.HTTPS
            )
        return response


def remembered_app(request: HttpRequest) -> int | None:
    value = request.get_signed_cookie(COOKIE, default="", max_age=COOKIE_AGE_S) or ""
    return int(value) if value.isdecimal() else None


def wanted_app(request: HttpRequest) -> str:
    return str(get_request_param(request, "app") or "")


def link_after_login(*, user: Any, sociallogin: Any = None, **_: Any) -> None:
    """allauth says that somebody signed in; if it was through Spotify, keep the consent."""
    consent = getattr(sociallogin, "spotify_consent", None)
    if consent is not None:
        is_new = getattr(sociallogin, "is_new_person", False)
        connect.link(user=user, consent=consent, by_choice=is_new, now=timezone.now())


oauth2_login = LoginView.adapter_view(SpotifyOAuth2Adapter)
oauth2_callback = CallbackView.adapter_view(SpotifyOAuth2Adapter)
