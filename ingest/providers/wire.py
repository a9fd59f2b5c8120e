"""Plain HTTP to providers: no retries, no redirects, always a time-out, a bound on the answer, never a sleep."""

import time
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import requests
from django.conf import settings

from accounts.spotify.wire import json_of, retry_after_s
from ingest.providers import turn
from ingest.providers.base import Provider
from ingest.providers.errors import Busy, Down, Refused

TIMEOUT_S = (5, 10)  # to connect, between bytes
WHOLE_S = 20  # for all of an answer
MAX_BYTES = 4 * 1024 * 1024  # forty features have about 20 KB


class Wire:
    """The calls of one run for one provider. Each is paid for before it is made."""

    def __init__(self, provider: Provider, clock: Callable[[], datetime]) -> None:
        self._provider, self._clock = provider, clock
        self._http = requests.Session()  # plain: no Retry adapter, which would sleep out a `Retry-After`
        self._http.trust_env = False  # no ~/.netrc
        # MusicBrainz wants to know who asks, and whom to write to.
        self._http.headers["User-Agent"] = f"Vibesite/1.0 ( {settings.SITE_URL} )"
        self._http.headers["Accept"] = "application/json"
        self.calls = 0

    def get(self, url: str, **params: str | int) -> Any:
        return self._call("GET", url, params=params)

    def post(self, url: str, body: Any) -> Any:
        return self._call("POST", url, json=body)

    def pay(self) -> None:
        turn.take(self._provider, self._clock())
        self.calls += 1

    def close(self) -> None:
        self._http.close()

    def _call(self, method: str, url: str, **kwargs: Any) -> Any:
        self.pay()
        response = self._send(method, url, **kwargs)
        status = response.status_code
        if status == 404:
            return None
        wish = retry_after_s(response, self._clock())
        if status == 429 or (status == 503 and wish is not None):
            raise Busy(wish, f"{status} from {_host(url)}")
        if status >= 500:
            raise Down(f"{status} from {_host(url)}")
        if status != 200:
            raise Refused(f"{status} from {_host(url)}: {response.text[:120]}")
        answer = json_of(response)
        if answer is None:
            raise Down(f"an answer from {_host(url)} that is not JSON")
        return answer

    def _send(self, method: str, url: str, **kwargs: Any) -> requests.Response:
        """One request. Raises Down, without the library's own words: they hold the address with its key."""
        began = time.monotonic()
        try:
            with self._http.request(
                method, url, timeout=TIMEOUT_S, allow_redirects=False, stream=True, **kwargs
            ) as response:
                body = bytearray()
                for chunk in response.iter_content(65_536):
                    body += chunk
                    if len(body) > MAX_BYTES or time.monotonic() - began > WHOLE_S:
                        raise Down(f"an answer from {_host(url)} that is too large or too slow")
                response._content = bytes(body)  # as `requests` itself does where it does not stream
                return response
        except requests.Timeout:
            problem = "no answer in time"
        except requests.ConnectionError:
            problem = "no connection"
        except requests.RequestException as exc:
            problem = f"the answer broke off ({type(exc).__name__})"
        raise Down(f"{problem}: {_host(url)}")


def _host(url: str) -> str:
    return urlsplit(url).netloc
