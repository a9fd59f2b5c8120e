"""Plain HTTP to Spotify: no retries, no redirects, always a time-out, and the token never where it could be printed."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import requests
from django.conf import settings

from accounts.spotify.errors import Unreachable


class Secret:
    """A token on its way through our code: its text is asked for, never printed by chance."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        return self._text

    def __bool__(self) -> bool:
        return bool(self._text)

    def __repr__(self) -> str:
        return "•••"


class Bearer(requests.auth.AuthBase):
    """Also keeps `~/.netrc` from overriding the header, as it would with a bare one."""

    def __init__(self, token: Secret) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token.reveal()}"
        return request


def session() -> requests.Session:
    """Plain: no Retry adapter, which would sleep out a `Retry-After` of hours inside the worker."""
    return requests.Session()


def send(http: requests.Session, method: str, url: str, *, endpoint: str, **kwargs: Any) -> requests.Response:
    """One request. Raises Unreachable, without the library's own traceback: its frames hold headers and bodies."""
    kwargs.setdefault("timeout", settings.SPOTIFY_TIMEOUT.total_seconds())
    try:
        return http.request(method, url, allow_redirects=False, **kwargs)
    except requests.Timeout:
        problem = "no answer in time"
    except requests.ConnectionError:
        problem = "no connection"
    except requests.RequestException as exc:
        problem = f"the answer broke off ({type(exc).__name__})"
    raise Unreachable(endpoint, problem)


def json_of(response: requests.Response) -> Any:
    """The parsed body, or None when it is empty or not JSON."""
    try:
        return response.json()
    except ValueError:
        return None


def retry_after_s(response: requests.Response, now: datetime) -> float | None:
    """`Retry-After` in seconds, given as a number or as a date; None if absent or nonsense."""
    return seconds_of(response.headers.get("Retry-After", ""), now)


def seconds_of(value: str, now: datetime) -> float | None:
    """The seconds that a header's text tells to wait."""
    value = value.strip()
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        at = parsedate_to_datetime(value)
    except (TypeError, ValueError):
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return max(0.0, (at - now).total_seconds())
