"""States and reasons in words, and what to do about them."""

from django.conf import settings
from django.utils.translation import gettext as _

from accounts.models import SpotifyApp, SpotifyConnection

State = SpotifyConnection.State


def of_connection(connection: SpotifyConnection) -> str:
    """One sentence on how this connection stands; "" when all is well."""
    reasons = {
        "six_months": _("Six months are over: Spotify lets no consent live longer. Reconnect to go on."),
        "revoked": _("The consent was withdrawn at Spotify. Reconnect if that was not what you wanted."),
        "expired": _("Spotify no longer accepts this consent. Reconnect to go on; your history is safe."),
        "refused": _("Spotify refused a fresh token. Reconnect to go on; your history is safe."),
        "storm": _("Spotify refuses most consents at once. Nothing was deleted; we try again every half hour."),
    }
    if connection.state == State.NOT_ALLOWLISTED:
        return _("The operator has to add this account to the app's list at Spotify; we look again once a day.")
    if connection.state == State.EXPIRING:
        return _("This consent ends soon. Renew it with one click, and nothing is missed.")
    if connection.state == State.APP_BLOCKED and connection.state_reason not in reasons:
        return " ".join(
            [
                of_block(connection.app.block_reason or "quota"),
                _("We go on when the app may ask again; your history is safe."),
            ]
        )
    if connection.state == State.ACTIVE:
        return ""
    return reasons.get(connection.state_reason, _("This connection rests. Reconnect to go on; your history is safe."))


def of_block(reason: str) -> str:
    """Why an app makes no calls."""
    known = {
        "quota": _("Spotify allows no more calls for now."),
        "premium": _("The app's owner needs Spotify Premium."),
        "refused": _("Spotify does not accept the app's client id or secret."),
        "storm": _("Spotify refuses most consents at once; one account is tried every half hour."),
    }
    return known.get(reason, reason)


def of_scope(scope: str) -> str:
    known = {
        "user-read-recently-played": _("last plays"),
        "user-read-currently-playing": _("what is playing"),
        "user-read-playback-state": _("the player"),
        "user-top-read": _("Spotify's own top lists"),
        "user-library-read": _("liked tracks and saved albums"),
        "playlist-read-private": _("your playlists"),
        "playlist-read-collaborative": _("shared playlists"),
        "playlist-modify-private": _("write unpublished playlists"),
        "playlist-modify-public": _("write published playlists"),
        "user-library-modify": _("change liked tracks"),
        "ugc-image-upload": _("playlist covers"),
        "user-follow-read": _("followed artists"),
    }
    return known.get(scope, scope)


def in_order(scopes: list[str]) -> list[str]:
    """Reading before writing, as we ask for them."""
    asked = settings.SPOTIFY_SCOPES
    return sorted(scopes, key=lambda scope: (asked.index(scope) if scope in asked else len(asked), scope))


def of_app(app: SpotifyApp) -> str:
    if app.mode == SpotifyApp.Mode.EXTENDED:
        return _("extended mode, no limit of listeners")
    return _("development mode")
