"""The door to `/_sandbox/`: reading words from JSON or forms, and answering either.

A form's sender is led back to the desk.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from vibesite.sandbox.service import Answer, Call, Service, json_response

service = Service("control", "Control desk", prefix="/_sandbox", about="Time, faults, truth, apps, exports.")


@service.refusals
def refuse(status: int, message: str) -> Response:
    return json_response({"error": message}, status)


def wrong(message: object, status: int = 400) -> Answer:
    return Answer(refuse(status, str(message)))


def told(call: Call) -> dict[str, Any]:
    """The request's words: JSON, or a form with its empty fields left out (a field that comes twice is a list)."""
    if call.request.mimetype in ("application/x-www-form-urlencoded", "multipart/form-data"):
        form = call.request.form
        words: dict[str, Any] = {}
        for name in form:
            values = [value for value in form.getlist(name) if value.strip()]
            if values:
                words[name] = values if len(values) > 1 else values[0]
        return words
    try:
        value = call.json
    except ValueError as exc:
        raise wrong(f"That is not JSON: {exc}") from None
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise wrong("A JSON object is needed.")
    return value


def done(call: Call, body: Any, section: str = "", status: int = 200) -> Response:
    """The answer to a change: JSON, or for a form back to the desk."""
    by_hand = "text/html" in call.request.headers.get("Accept", "")
    if by_hand or call.request.mimetype == "application/x-www-form-urlencoded":
        return redirect(f"/_sandbox/#{section}", 303)
    return json_response(body, status)


def a_moment(text: Any) -> datetime:
    """ISO 8601 or Unix seconds; UTC if it says no zone."""
    if isinstance(text, int | float):
        return datetime.fromtimestamp(text, UTC)
    try:
        at = datetime.fromisoformat(str(text))
    except ValueError:
        raise wrong(f"{text!r} is no moment; write it as 2026-11-20T08:15:00Z") from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
