"""What can go wrong at Spotify, in our own words. Every error says whether trying again later makes sense."""

from datetime import datetime, timedelta

FALTERED = timedelta(seconds=20)  # to wait after an answer that failed midway


class SpotifyError(Exception):
    """Any refusal or failure of Spotify. `endpoint` is our short name of the call."""

    temporary = False  # True: the same call may work later
    operator_cause = False  # True: only an operator can mend it

    def __init__(self, endpoint: str = "", detail: str = "") -> None:
        self.endpoint, self.detail = endpoint, detail
        super().__init__(": ".join(part for part in (endpoint, detail) if part) or type(self).__name__)


class BadRequest(SpotifyError):
    """400 and its kind: our mistake; never repeated."""


class NotFound(SpotifyError):
    """404: gone, or Spotify's own playlist, or no device."""


class NotReadable(SpotifyError):
    """403 without a better reason: a removed endpoint, or a playlist that is not ours to read."""


class ScopeMissing(SpotifyError):
    """The person granted less than this call needs: reconnect with more."""


class ReconnectNeeded(SpotifyError):
    """The consent is dead (six months, or revoked): only the person can renew it."""


class NotAllowlisted(SpotifyError):
    """The app is in development mode and this account is not on its list."""

    operator_cause = True


class OwnerNotPremium(SpotifyError):
    """The app's owner has no Premium any more: every call of the app is refused."""

    operator_cause = True


class AppRefused(SpotifyError):
    """Spotify does not accept the app's client id, secret or redirect address."""

    operator_cause = True


class KeyMissing(SpotifyError):
    """The stored token was written with a key that SPOTIFY_TOKEN_KEY no longer holds. Nothing is deleted for that."""

    operator_cause = True


class Later(SpotifyError):
    """Worth another try at `until`; nothing waits for it in place, the work is put off."""

    temporary = True

    def __init__(self, endpoint: str = "", detail: str = "", *, until: datetime | None = None) -> None:
        self.until = until
        super().__init__(endpoint, detail or (f"until {until:%F %H:%M} UTC" if until else ""))


class QuotaBlocked(Later):
    """No calls left for this developer account: by Spotify's word, or by our own ceiling (`ours`)."""

    def __init__(self, endpoint: str = "", detail: str = "", *, until: datetime, ours: bool = False) -> None:
        self.ours = ours
        super().__init__(endpoint, detail, until=until)
        self.until: datetime = until


class BreakerOpen(Later):
    """Too many failures in a row: nothing is tried before `until`."""


class RateLimited(Later):
    """A short wall of seconds: `retry_after_s` from now."""

    def __init__(
        self, endpoint: str = "", detail: str = "", *, retry_after_s: float, until: datetime | None = None
    ) -> None:
        self.retry_after_s = retry_after_s
        super().__init__(endpoint, detail or f"for {retry_after_s:g} s", until=until)


class Upstream(Later):
    """5xx, a cut or unreadable answer, or somebody else is just refreshing the token: try again soon."""

    def __init__(
        self, endpoint: str = "", detail: str = "", *, retry_after_s: float | None = None, until: datetime | None = None
    ) -> None:
        self.retry_after_s = retry_after_s
        super().__init__(endpoint, detail, until=until)


class Unreachable(Upstream):
    """No answer: no connection, a time-out, or one cut off midway."""
