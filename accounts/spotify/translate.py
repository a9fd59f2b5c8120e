"""Spotify's refusals in our words (reference: Web API errors). Looks at the status, then at `reason`, then at the text;
the text may be JSON or bare."""

from datetime import datetime, timedelta
from typing import Any

import requests

from accounts.spotify import wire
from accounts.spotify.errors import (
    AppRefused,
    BadRequest,
    NotAllowlisted,
    NotFound,
    NotReadable,
    OwnerNotPremium,
    QuotaBlocked,
    RateLimited,
    ReconnectNeeded,
    ScopeMissing,
    SpotifyError,
    Upstream,
)

LONG_WAIT_S = 60  # a longer Retry-After is a quota, whatever its name
QUOTA_UNTOLD = timedelta(hours=1)  # a quota refusal without Retry-After
RATE_UNTOLD_S = 30.0


def _message(response: requests.Response) -> tuple[str, str]:
    """(message, reason), from `{"error": {...}}`, `{"error": "text"}` or a bare text."""
    body: Any = wire.json_of(response)
    if isinstance(body, dict):
        error = body.get("error")
        if isinstance(error, dict):
            return str(error.get("message") or ""), str(error.get("reason") or "")
        return str(body.get("error_description") or error or ""), ""
    return response.text[:200].strip(), ""


def api_error(response: requests.Response, *, endpoint: str, now: datetime) -> SpotifyError:
    status = response.status_code
    message, reason = _message(response)
    if status == 429:
        return _too_many(response, endpoint, message, reason, now)
    if status >= 500:
        return Upstream(endpoint, f"HTTP {status}", retry_after_s=wire.retry_after_s(response, now))
    if status == 401:
        return _unauthorised(endpoint, message)
    if status == 403:
        return _forbidden(endpoint, message)
    if status == 404:
        return NotFound(endpoint, reason or message)
    return BadRequest(endpoint, f"HTTP {status}: {message}")


def _too_many(
    response: requests.Response, endpoint: str, message: str, reason: str, now: datetime
) -> QuotaBlocked | RateLimited:
    wait_s = wire.retry_after_s(response, now)
    if reason == "QUOTA_EXCEEDED" or (wait_s or 0) > LONG_WAIT_S:
        wait = timedelta(seconds=wait_s) if wait_s else QUOTA_UNTOLD
        return QuotaBlocked(endpoint, reason or message or "Too many requests", until=now + wait)
    return RateLimited(endpoint, retry_after_s=RATE_UNTOLD_S if wait_s is None else wait_s)


def _unauthorised(endpoint: str, message: str) -> SpotifyError:
    lowered = message.lower()
    if "permissions missing" in lowered or "scope" in lowered:
        return ScopeMissing(endpoint, message)
    return ReconnectNeeded(endpoint, message)


def _forbidden(endpoint: str, message: str) -> SpotifyError:
    lowered = message.lower()
    if "user may not be registered" in lowered or "not registered" in lowered:
        return NotAllowlisted(endpoint, message)
    if "premium subscription required for the owner" in lowered:
        return OwnerNotPremium(endpoint, message)
    if "scope" in lowered:
        return ScopeMissing(endpoint, message)
    return NotReadable(endpoint, message)


def token_error(response: requests.Response, *, endpoint: str, now: datetime) -> SpotifyError:
    """A refusal of the accounts service: `{"error": "code", "error_description"}`, or a gateway's bare text."""
    status = response.status_code
    body: Any = wire.json_of(response)
    code = body.get("error", "") if isinstance(body, dict) else ""
    said = str(body.get("error_description") or code) if isinstance(body, dict) else response.text[:200].strip()
    if status == 429:
        return _too_many(response, endpoint, *_message(response), now)
    if status >= 500:
        return Upstream(endpoint, f"HTTP {status}", retry_after_s=wire.retry_after_s(response, now))
    if code == "invalid_grant":
        return ReconnectNeeded(endpoint, said)
    if code in ("invalid_client", "unauthorized_client") or status in (401, 403):
        if "premium subscription required for the owner" in said.lower():
            return OwnerNotPremium(endpoint, said)
        return AppRefused(endpoint, said)
    return BadRequest(endpoint, f"HTTP {status}: {said}")
