"""allauth's doors: who may sign up, which Spotify app is used, and how a sign-in at Spotify becomes a connection."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp, SocialLogin, SocialToken
from allauth.socialaccount.providers.base.constants import AuthError
from django.contrib import messages
from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts import invitations
from accounts.actions import connect
from accounts.models import SpotifyApp, SpotifyConnection, User
from accounts.spotify import problems, registration
from accounts.spotify.oauth import Consent, SignInProblem


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return invitations.may_sign_up(request, now=timezone.now())

    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:
        user.spoken = get_language() or ""
        user = super().save_user(request, user, form, commit)
        if commit:
            invitations.use(request, user=user, now=timezone.now())
        return user


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    # --- Which app --------------------------------------------------------------------------------------------------

    def list_apps(
        self, request: HttpRequest, provider: str | None = None, client_id: str | None = None
    ) -> list[SocialApp]:
        """Exactly one: allauth knows no way to choose between several, so the choice is made here."""
        if provider not in (None, "spotify"):
            return []
        found = self._app(request, client_id)
        return [_as_social_app(found)] if found is not None else []

    def get_app(self, request: HttpRequest, provider: str, client_id: str | None = None) -> SocialApp:
        apps = self.list_apps(request, provider=provider, client_id=client_id)
        if not apps:
            raise ImmediateHttpResponse(problems.page(request, problems.no_app(request)))
        return apps[0]

    def _app(self, request: HttpRequest, client_id: str | None) -> SpotifyApp | None:
        from accounts.spotify import views

        if client_id:
            return SpotifyApp.objects.filter(client_id=client_id).first()
        if request is None:
            return registration.from_settings()
        if hasattr(request, "spotify_app"):  # on the way back: the app it was started with, or nobody's
            return request.spotify_app or SpotifyApp(client_id="", name="Spotify")
        return registration.for_login(
            user=request.user,
            wanted=views.wanted_app(request),
            remembered=views.remembered_app(request),
            now=timezone.now(),
        )

    # --- Who --------------------------------------------------------------------------------------------------------

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        consent: Consent = sociallogin.spotify_consent
        process = sociallogin.state.get("process")
        sociallogin.is_new_person = not sociallogin.is_existing
        if process == "service":
            raise ImmediateHttpResponse(self._service(request, consent))
        if process == "connect":
            self._connect(request, sociallogin, consent)
        elif not sociallogin.is_existing:
            self._refuse(request, self._no_room(request, consent, owner=None))

    def _service(self, request: HttpRequest, consent: Consent) -> HttpResponse:
        if not request.user.is_staff:
            return problems.page(request, problems.signed_out())
        self._refuse(request, self._taken(consent, None) or self._no_seat(consent, None))
        connection = connect.link(user=None, consent=consent, by_choice=True, now=timezone.now())
        messages.success(request, _("%(name)s is connected as a service account.") % {"name": connection})
        return HttpResponseRedirect(reverse("accounts:connections"))

    def _connect(self, request: HttpRequest, sociallogin: SocialLogin, consent: Consent) -> None:
        user = request.user
        if not user.is_authenticated:
            raise ImmediateHttpResponse(problems.page(request, problems.signed_out()))
        if sociallogin.is_existing and sociallogin.user != user:
            self._refuse(request, problems.belongs_to_another(consent.profile.display_name))
        self._refuse(request, self._no_room(request, consent, owner=user))
        connect.link(user=user, consent=consent, by_choice=True, now=timezone.now())

    def _no_room(self, request: HttpRequest, consent: Consent, owner: User | None) -> problems.Problem | None:
        """Why this account cannot be connected through this app; None if it can."""
        app = consent.app
        if app.owner_id is not None and (owner is None or app.owner_id != owner.pk):
            return problems.private_app()
        return self._taken(consent, owner) or self._no_seat(consent, owner)

    @staticmethod
    def _taken(consent: Consent, owner: User | None) -> problems.Problem | None:
        others = SpotifyConnection.objects.filter(account_id=consent.uid).exclude(user=owner)
        return problems.belongs_to_another(consent.profile.display_name) if others.exists() else None

    @staticmethod
    def _no_seat(consent: Consent, owner: User | None) -> problems.Problem | None:
        sits = consent.app.connections.filter(account_id=consent.uid, user=owner).exists()
        return None if sits or consent.app.has_free_seat() else problems.no_seat(consent.app)

    @staticmethod
    def _refuse(request: HttpRequest, problem: problems.Problem | None) -> None:
        if problem is not None:
            raise ImmediateHttpResponse(problems.page(request, problem))

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]) -> User:
        user = sociallogin.user
        user.spoken = get_language() or ""
        user.first_name = (data.get("name") or "")[:150]  # the user name is made from it, and made unique
        return user

    def save_user(self, request: HttpRequest, sociallogin: SocialLogin, form: Any = None) -> User:
        user = super().save_user(request, sociallogin, form)
        invitations.use(request, user=user, now=timezone.now())
        return user

    def get_connect_redirect_url(self, request: HttpRequest, socialaccount: Any) -> str:
        return reverse("accounts:connections")

    # --- What went wrong --------------------------------------------------------------------------------------------

    def on_authentication_error(
        self,
        request: HttpRequest,
        provider: Any,
        error: Any = None,
        exception: Exception | None = None,
        extra_context: dict[str, Any] | None = None,
    ) -> None:
        app = getattr(provider.app, "spotify_app", None)
        if isinstance(exception, SignInProblem):
            problem = problems.explain(exception.cause, exception.app, timezone.now())
        elif error == AuthError.CANCELLED:
            problem = problems.denied()
        elif (extra_context or {}).get("state") is None:
            problem = problems.stale()
        else:
            problem = problems.refused_by_spotify(str(request.GET.get("error", ""))[:60])
        raise ImmediateHttpResponse(problems.page(request, problem, app=app))

    def serialize_instance(self, instance: models.Model) -> dict[str, Any]:
        """Nothing of ours is ever stashed in a session with a token in it."""
        data = super().serialize_instance(instance)
        if isinstance(instance, SocialToken):
            data |= {"token": "", "token_secret": ""}
        return data


def _as_social_app(app: SpotifyApp) -> SocialApp:
    social = SocialApp(provider="spotify", name=app.name, client_id=app.client_id, settings={})
    social.spotify_app = app
    return social
