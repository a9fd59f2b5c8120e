"""allauth's provider "spotify", ours in place of its own (why: docs/decisions/0006-our-own-spotify-provider.md)."""

from typing import Any

from allauth.account.utils import get_request_param
from allauth.socialaccount.providers.base import ProviderAccount
from allauth.socialaccount.providers.oauth2.provider import OAuth2Provider
from django.conf import settings
from django.http import HttpRequest

from accounts.spotify.oauth import SpotifyOAuth2Adapter


class SpotifyAccount(ProviderAccount):
    def to_str(self) -> str:
        return str(self.account.extra_data.get("name") or self.account.uid)


class SpotifyProvider(OAuth2Provider):
    id = "spotify"
    name = "Spotify"
    package = "accounts.spotify"
    account_class = SpotifyAccount
    oauth2_adapter_class = SpotifyOAuth2Adapter
    pkce_enabled_default = True

    def extract_uid(self, data: dict[str, Any]) -> str:
        return str(data["uid"])

    def extract_extra_data(self, data: dict[str, Any]) -> dict[str, Any]:
        """As little as recognises the account: no e-mail, no picture, nothing we do not use."""
        return {key: data[key] for key in ("id", "name", "linked_by")}

    def extract_common_fields(self, data: dict[str, Any]) -> dict[str, Any]:
        return {"name": data["name"]}

    def get_scope(self) -> list[str]:
        return list(settings.SPOTIFY_SCOPES)

    def get_scope_from_request(self, request: HttpRequest) -> list[str]:
        return self.get_scope()  # nobody widens what we ask for through ?scope=

    def get_auth_params_from_request(self, request: HttpRequest, action: str) -> dict[str, str]:
        # Connecting is a decision: Spotify shows its consent page, also to choose another account.
        asks = get_request_param(request, "process") in ("connect", "service") or request.user.is_authenticated
        return {"show_dialog": "true"} if asks else {}

    def get_redirect_from_request_kwargs(self, request: HttpRequest) -> dict[str, Any]:
        kwargs = super().get_redirect_from_request_kwargs(request)
        if kwargs["process"] == "service" and not request.user.is_staff:
            kwargs["process"] = "connect"
        if request.user.is_authenticated and kwargs["process"] not in ("connect", "service"):
            kwargs["process"] = "connect"  # signed in already: this adds an account, it does not swap the person
        kwargs["app"] = self.app.spotify_app.pk  # kept in the session with the state, so the callback knows it
        return kwargs


provider_classes = [SpotifyProvider]
