"""Spotify's Web API: the door every call passes (token, quota, allowlist, mode, scope), and its own ways to refuse.

The endpoints are with their nouns, see spotify.py. A route's options:
`scopes` (any one suffices), `status` (how a missing scope is refused: 403, or 401 where that was seen), `person`
(False where a token without a person is enough), `removed` (True: development mode gets 403).

https://developer.spotify.com/documentation/web-api
"""

from __future__ import annotations

import math
import threading
from collections import deque
from typing import Any

from werkzeug.wrappers import Response

from vibesite.sandbox import tokens
from vibesite.sandbox.service import Answer, Call, Service, json_response
from vibesite.sandbox.state import App, State

UNLISTED = "Check settings on developer.spotify.com/dashboard, the user may not be registered."
LAPSED = "Active premium subscription required for the owner of the app."
RATE_WINDOW_S = 30
QUOTA_MINUTES = 24 * 60

service = Service(
    "spotify",
    "Spotify Web API",
    prefix="/v1",
    about="Development and extended mode, as strict as the real one. Needs a token from /authorize.",
    examples=("/v1/me", "/v1/me/player/recently-played", "/v1/search?q=love&type=track"),
)


@service.refusals
def refuse(status: int, message: str) -> Response:
    return json_response({"error": {"status": status, "message": message}}, status)


def refusal(status: int, message: str, **more: Any) -> Answer:
    """To be raised: Spotify's error body; `reason` where it has one."""
    return Answer(json_response({"error": {"status": status, "message": message, **more}}, status))


_windows: dict[tuple[int, str], deque[float]] = {}  # calls of the last 30 s by sandbox and app
_window_lock = threading.Lock()


@service.identify
def look(call: Call) -> None:
    """Read the token, if there is a good one, before faults strike."""
    token = tokens.unseal(call.state.salt, _bearer(call)[1], "access")
    if token is not None:
        call.notes["token"] = token
        call.app, call.listener = token.client_id, token.listener_id


def _bearer(call: Call) -> tuple[str, str]:
    """The word before the token, and the token; both empty if there is none."""
    header = call.request.headers.get("Authorization", "")
    if header:
        kind, _, text = header.partition(" ")
        return kind.lower(), text.strip() if kind.lower() == "bearer" else ""
    if call.state.option("query_token") and call.query.get("access_token"):
        return "bearer", call.query["access_token"]
    return "", ""


@service.before
def guard(call: Call) -> None:
    """Let a call through, or refuse it in Spotify's words and order."""
    kind, text = _bearer(call)
    if not kind:
        raise refusal(401, "No token provided")
    if kind != "bearer" or not text:
        raise refusal(400, "Only valid bearer authentication supported")
    token = call.notes.get("token")
    app = call.state.app(token.client_id) if token else None
    if token is None or app is None:
        raise refusal(401, "Invalid access token")
    if token.expires_at <= call.now.timestamp():
        raise refusal(401, "The access token expired")
    if call.state.generation(token.client_id, token.listener_id) > token.generation:
        raise refusal(401, "Invalid access token")
    _count(call, app)
    _admit(call, app, token)
    call.notes["app"] = app
    call.notes["listener"] = call.world.find_listener(token.listener_id)


def _admit(call: Call, app: App, token: tokens.Token) -> None:
    options = call.route.options
    if not app.owner_premium:
        raise Answer(_plain_403(app, LAPSED))
    if token.listener_id and not app.extended and token.listener_id not in app.allowlist:
        raise Answer(_plain_403(app, UNLISTED))
    if options.get("removed") and not app.extended:
        raise refusal(403, "Forbidden")
    if options.get("person", True) and call.world.find_listener(token.listener_id) is None:
        raise refusal(403, "Valid user authentication required")
    wanted = options.get("scopes", ())
    if wanted and not any(scope in token.scopes for scope in wanted):
        status = options.get("status", 403)
        raise refusal(status, "Permissions missing" if status == 401 else "Insufficient client scope")


def _plain_403(app: App, message: str) -> Response:
    if app.unlisted_body == "json":
        return refuse(403, message)
    return Response(message, 403, content_type="text/plain; charset=utf-8")


def _count(call: Call, app: App) -> None:
    """The two walls: calls of any 30 s for this app, and of any 24 h for its developer."""
    now = call.now.timestamp()
    with _window_lock:
        window = _windows.setdefault((id(call.sandbox), app.client_id), deque())
        while window and not now - RATE_WINDOW_S < window[0] <= now:
            window.popleft()
        if len(window) >= app.rate_limit:
            wait = max(1, math.ceil(window[0] + RATE_WINDOW_S - now))
            response = Response("Too many requests", 429, content_type="text/plain; charset=utf-8")
            response.headers["Retry-After"] = str(wait)
            raise Answer(response)
        window.append(now)
    spend_quota(call.state, app, now)


def spend_quota(state: State, app: App, now: float) -> None:
    """Count one call; refused ones count too, which is how retrying makes a block longer."""
    minute = int(now // 60)
    with state.lock:
        used = state.saved.usage.setdefault(app.developer, {})
        before = quota_used(state, app.developer, now)
        used[str(minute)] = used.get(str(minute), 0) + 1
        state.changed()
        if app.quota is None or app.extended or before < app.quota:
            return
        wait = _free_again(used, before + 1 - app.quota, minute) * 60 - now
    body = {"error": {"status": 429, "message": "Too many requests", "reason": "QUOTA_EXCEEDED"}}
    raise Answer(json_response(body, 429, {"Retry-After": str(max(60, math.ceil(wait)))}))


def quota_used(state: State, developer: str, now: float) -> int:
    """Calls of one developer's apps in the last 24 h; older ones are forgotten."""
    used = state.saved.usage.get(developer)
    if not used:
        return 0
    minute = int(now // 60)
    with state.lock:
        for key in [key for key in used if not minute - QUOTA_MINUTES < int(key) <= minute]:
            del used[key]
        return sum(used.values())


def _free_again(used: dict[str, int], surplus: int, minute: int) -> int:
    """The Unix minute at which `surplus` calls will have left the window."""
    for key in sorted(map(int, used)):
        surplus -= used[str(key)]
        if surplus <= 0:
            return key + QUOTA_MINUTES
    return minute + QUOTA_MINUTES


def forget_windows(sandbox: object) -> None:
    """Start the 30 s windows of this sandbox anew."""
    with _window_lock:
        for key in [key for key in _windows if key[0] == id(sandbox)]:
            del _windows[key]
