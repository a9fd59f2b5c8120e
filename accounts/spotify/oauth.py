"""The OAuth dance in our words: URLs from the settings, the token in a header, every answer's status looked at."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

from allauth.account.utils import get_request_param
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.internal import statekit
from allauth.socialaccount.models import SocialAccount, SocialLogin, SocialToken
from allauth.socialaccount.providers.base import ProviderException
from allauth.socialaccount.providers.oauth2.client import OAuth2Client
from allauth.socialaccount.providers.oauth2.views import OAuth2Adapter
from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import SpotifyApp, SpotifyConnection
from accounts.spotify import accounts_service, breaker, budget, payloads, translate, troubles, wire
from accounts.spotify.accounts_service import Grant
from accounts.spotify.errors import SpotifyError, Upstream
from accounts.spotify.payloads import ProfilePayload

PROVIDER = "spotify"


class SignInProblem(ProviderException):
    """What went wrong, for `problems.py` to explain. allauth catches it and asks our adapter for a page."""

    def __init__(self, cause: SpotifyError | str, app: SpotifyApp | None = None) -> None:
        self.cause, self.app = cause, app
        super().__init__(cause if isinstance(cause, str) else type(cause).__name__)


@dataclass(frozen=True, slots=True)
class Consent:
    """One completed round trip: who agreed to what through which app."""

    app: SpotifyApp
    profile: ProfilePayload
    grant: Grant
    uid: str  # the account's lasting id, as far as Spotify tells it


class Client(OAuth2Client):
    def get_redirect_url(self, authorization_url: str, scope: list[str], extra_params: dict[str, str]) -> str:
        query = {
            "client_id": self.consumer_key,
            "redirect_uri": self.callback_url,
            "response_type": "code",
            "scope": " ".join(scope),  # in our order; allauth's set would shuffle it
            "state": self.state,
            **extra_params,
        }
        return f"{authorization_url}?{urlencode(query)}"


class SpotifyOAuth2Adapter(OAuth2Adapter):
    provider_id = PROVIDER
    client_class = Client

    @property
    def authorize_url(self) -> str:
        return f"{settings.SPOTIFY_ACCOUNTS_URL}/authorize"

    @property
    def access_token_url(self) -> str:
        return f"{settings.SPOTIFY_ACCOUNTS_URL}/api/token"

    def get_callback_url(self, request: HttpRequest, app: Any) -> str:
        return callback_url(request)

    def get_access_token_data(
        self, request: HttpRequest, app: Any, client: Any, pkce_code_verifier: str | None = None
    ) -> Grant:
        spotify_app: SpotifyApp = app.spotify_app
        code = str(get_request_param(request, "code") or "")
        try:
            return accounts_service.exchange(
                app=spotify_app,
                code=code,
                redirect_uri=client.callback_url,
                verifier=pkce_code_verifier,
                now=timezone.now(),
            )
        except SpotifyError as exc:
            troubles.of_app(app=spotify_app, error=exc, now=timezone.now())
            raise SignInProblem(exc, spotify_app) from None

    def parse_token(self, data: Grant) -> SocialToken:
        """An empty one: allauth would carry it into the session. Ours travels with the `Consent`."""
        return SocialToken(token="", token_secret="", expires_at=data.expires_at)

    def complete_login(self, request: HttpRequest, app: Any, token: SocialToken, **kwargs: Any) -> SocialLogin:
        spotify_app, grant, now = app.spotify_app, kwargs["response"], timezone.now()
        try:
            profile = fetch_profile(app=spotify_app, access=grant.access, now=now)
        except SpotifyError as exc:
            troubles.of_app(app=spotify_app, error=exc, now=now)
            raise SignInProblem(exc, spotify_app) from None
        uid = lasting_id(profile)
        login = self.get_provider().sociallogin_from_response(
            request,
            {
                "uid": uid,
                "id": profile.id,
                "name": profile.display_name,
                "linked_by": "account_id" if profile.account_id == uid else "id",
            },
        )
        login.spotify_consent = Consent(spotify_app, profile, grant, uid)
        return login

    def get_provider(self) -> Any:
        return get_adapter(self.request).get_provider(self.request, provider=self.provider_id)


def callback_url(request: HttpRequest) -> str:
    """`SPOTIFY_REDIRECT_URI`, or this host's own; Spotify refuses the name localhost, so its number is given."""
    if settings.SPOTIFY_REDIRECT_URI:
        return str(settings.SPOTIFY_REDIRECT_URI)
    host = request.get_host()
    if host.partition(":")[0] == "localhost":
        host = host.replace("localhost", "127.0.0.1", 1)
    return f"{request.scheme}://{host}/accounts/spotify/login/callback/"


def proper_host(request: HttpRequest) -> str:
    """Scheme and host that Spotify will send the browser back to, if that is not where it is now; else "".

    The state sits in a cookie of one host: starting on another would end in "state mismatch".
    """
    target = urlsplit(callback_url(request))
    return "" if target.netloc == request.get_host() else f"{target.scheme}://{target.netloc}"


def app_of_state(request: HttpRequest) -> SpotifyApp | None:
    """The app that a sign-in on its way back was started with, as the session remembers it beside the state."""
    stashed = statekit.get_states(request).get(str(get_request_param(request, "state") or ""))
    pk = stashed[0].get("app") if stashed else None
    return SpotifyApp.objects.filter(pk=pk).first() if pk else None


def fetch_profile(*, app: SpotifyApp, access: wire.Secret, now: datetime) -> ProfilePayload:
    """Who this token belongs to: one call, from the reserve. Raises SpotifyError."""
    breaker.check(f"app:{app.pk}", endpoint="me", now=now)
    budget.take(app=app, endpoint="me", now=now, interactive=True)
    try:
        return _profile(access, now)
    except SpotifyError as exc:
        if isinstance(exc, Upstream):
            breaker.failure(f"app:{app.pk}", error=str(exc), now=now)
        budget.note(app=app, endpoint="me", now=now, interactive=True, failed=True)
        raise


def _profile(access: wire.Secret, now: datetime) -> ProfilePayload:
    with wire.session() as http:
        response = wire.send(http, "GET", f"{settings.SPOTIFY_API_URL}/me", endpoint="me", auth=wire.Bearer(access))
    if response.status_code != 200:
        raise translate.api_error(response, endpoint="me", now=now)
    profile = payloads.profile(wire.json_of(response))
    if profile is None:
        raise Upstream("me", "a profile without an id")
    return profile


def lasting_id(profile: ProfilePayload) -> str:
    """`account_id` where given, else the profile's id. A person we know by one is found again by the other."""
    if not profile.account_id:
        known = SpotifyConnection.objects.filter(spotify_user_id=profile.id).values_list("account_id", flat=True)
        return known.first() or profile.id
    by_profile = SocialAccount.objects.filter(provider=PROVIDER, uid=profile.id, extra_data__linked_by="id")
    if not SocialAccount.objects.filter(provider=PROVIDER, uid=profile.account_id).exists():
        by_profile.update(uid=profile.account_id)
    same = SpotifyConnection.objects.filter(account_id=profile.id, spotify_user_id=profile.id)
    if not SpotifyConnection.objects.filter(account_id=profile.account_id).exists():
        same.update(account_id=profile.account_id)
    return profile.account_id
