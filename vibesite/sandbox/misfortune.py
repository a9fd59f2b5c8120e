"""How each kind of fault looks on the wire."""

from __future__ import annotations

from typing import Any

import msgspec
from werkzeug.wrappers import Response

from vibesite.sandbox.faults import Fault
from vibesite.sandbox.service import Answer, Call, json_response

DROP = "sandbox.drop"  # in the WSGI environ: close the connection; a number is how many bytes of the body go out first
_MESSAGES = {429: "Too many requests", 500: "Server error.", 502: "Bad gateway.", 503: "Service unavailable"}


def before(call: Call, fault: Fault) -> None:
    """Strike before the service is asked: raises Answer, or returns to let the call go on."""
    more = fault.more
    if fault.kind == "status":
        raise Answer(_status(call, more))
    if fault.kind == "slow":
        call.sandbox.closing.wait(float(more.get("seconds", 2)))
    elif fault.kind == "hang":
        call.sandbox.closing.wait(float(more.get("seconds", 60)))
        _drop(call, 0)
    elif fault.kind == "reset":
        _drop(call, 0)
    elif fault.kind == "content":
        page = "<!doctype html><title>Welcome</title><p>You are behind a captive portal. Please accept the terms."
        raise Answer(Response(page, 200, content_type="text/html; charset=utf-8"))
    elif fault.kind == "empty":
        raise Answer(Response(b"", 200, content_type="application/json"))
    elif fault.kind == "expire":
        raise Answer(call.service.refuse(401, "The access token expired"))
    elif fault.kind == "invalid_grant":
        message = more.get("message", "Refresh token revoked")
        raise Answer(json_response({"error": "invalid_grant", "error_description": message}, 400))
    elif fault.kind == "revoke" and call.app and call.listener:
        call.state.revoke(call.app, call.listener)


def _status(call: Call, more: dict[str, Any]) -> Response:
    status = int(more.get("status", 429 if "retry_after" in more or "reason" in more else 500))
    message = str(more.get("message") or _MESSAGES.get(status, "Server error."))
    kind = more.get("body", "json")
    if kind == "text":
        response = Response(message, status, content_type="text/plain; charset=utf-8")
    elif kind == "empty":
        response = Response(b"", status)
    else:
        response = call.service.refuse(status, message)
        if more.get("reason"):
            body = msgspec.json.decode(response.get_data())
            error = body.get("error")
            (error if isinstance(error, dict) else body)["reason"] = more["reason"]
            response = json_response(body, status)
    if "retry_after" in more:
        response.headers["Retry-After"] = str(more["retry_after"])
    return response


def _drop(call: Call, sent: int) -> None:
    call.request.environ[DROP] = sent
    raise Answer(Response(b"", 500))


def after(call: Call, fault: Fault, response: Response) -> Response:
    """Damage a true answer."""
    if fault.kind == "cut":
        call.request.environ[DROP] = max(1, len(response.get_data()) // 2)
        return response
    if fault.kind == "bad_json":
        response.set_data(response.get_data()[:-1] + b',"oops":}')
        return response
    if response.status_code >= 300 or response.mimetype != "application/json":
        return response
    nth = max(1, int(fault.more.get("nth", 3)))
    try:
        body = msgspec.json.decode(response.get_data())
    except msgspec.DecodeError:
        return response  # another fault damaged it already
    change = _double if fault.kind == "duplicates" else _nullify
    return json_response(_in_lists(body, change, nth), response.status_code)


def _in_lists(body: Any, change: Any, nth: int) -> Any:
    """Apply `change` to every list called `items`, wherever it is."""
    if not isinstance(body, dict):
        return body
    return {
        name: change(value, nth) if name == "items" and isinstance(value, list) else _in_lists(value, change, nth)
        for name, value in body.items()
    }


def _double(items: list[Any], nth: int) -> list[Any]:
    doubled: list[Any] = []
    for position, item in enumerate(items, start=1):
        doubled.append(item)
        if position % nth == 0:
            doubled.append(item)
    return doubled


def _nullify(items: list[Any], nth: int) -> list[Any]:
    """Every nth item: an inner track, item or context is null where there is one, else the whole entry is."""
    changed: list[Any] = []
    for position, item in enumerate(items, start=1):
        if position % nth:
            changed.append(item)
        elif isinstance(item, dict) and "played_at" in item:
            changed.append(item | {"context": None})
        elif isinstance(item, dict) and ("track" in item or "item" in item):
            changed.append(item | {name: None for name in ("track", "item", "added_by") if name in item})
        else:
            changed.append(None)
    return changed
