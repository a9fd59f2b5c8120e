"""ListenBrainz: who may come in, how often, and how it refuses."""

from __future__ import annotations

from typing import Any

from werkzeug.wrappers import Response

from vibesite.sandbox.friends import left, throttle
from vibesite.sandbox.service import Answer, Call, Service, json_response

service = Service(
    "listenbrainz",
    "ListenBrainz",
    prefix="/listenbrainz",
    about="Listens, look-ups and labs. Token: `lb-` and a listener's id, or `sandbox-token`.",
)
LIMIT, SECONDS = 30, 10.0


@service.refusals
def refuse(status: int, message: str) -> Response:
    return json_response({"code": status, "error": message}, status)


def wrong(message: str, status: int = 400) -> Answer:
    return Answer(refuse(status, message))


@service.before
def limits(call: Call) -> None:
    wait = throttle(call, "listenbrainz", LIMIT, SECONDS)
    if wait:
        response = refuse(429, "You have exceeded your rate limit. See the X-RateLimit-* response headers.")
        _add_limits(call, response, wait)
        raise Answer(response)


def _add_limits(call: Call, response: Response, wait: float = SECONDS) -> None:
    response.headers["X-RateLimit-Limit"] = str(LIMIT)
    response.headers["X-RateLimit-Remaining"] = str(left(call, "listenbrainz", LIMIT))
    response.headers["X-RateLimit-Reset-In"] = str(int(wait) + 1)


def told(call: Call, body: Any, status: int = 200) -> Response:
    """JSON with the headers of the limit."""
    response = json_response(body, status)
    _add_limits(call, response)
    return response


def user_of(call: Call, token: str) -> str | None:
    if token == "sandbox-token":
        return "sandbox"
    name = token.removeprefix("lb-")
    return name if name != token and call.world.find_listener(name) else None


def let_in(call: Call) -> str:
    """The user whose token came along."""
    header = call.request.headers.get("Authorization", "")
    kind, _, token = header.partition(" ")
    if not header:
        raise wrong("You need to provide an Authorization header.", 401)
    if kind.lower() != "token" or not token:
        raise wrong("Provided authorization header is invalid.", 401)
    user = user_of(call, token.strip())
    if user is None:
        raise wrong("Invalid authorization token.", 401)
    return user
