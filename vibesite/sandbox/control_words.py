"""`/_sandbox/` as JSON: clock, faults, switches, apps, consents, log, usage, reset."""

from __future__ import annotations

from datetime import timedelta
from fnmatch import fnmatchcase
from typing import Any

import msgspec
from werkzeug.wrappers import Response

from vibesite.sandbox import spotify_door
from vibesite.sandbox.control_door import a_moment, done, service, told, wrong
from vibesite.sandbox.service import Call
from vibesite.sandbox.state import DEFAULT_REDIRECTS, OPTIONS, App

# Clock


@service.route("/clock")
def clock(call: Call) -> dict:
    return call.clock.as_dict()


@service.route("/clock", methods=("POST", "PUT"))
def move_clock(call: Call) -> Response:
    """`real`: back to real time. `set`: a moment. `jump_s`: seconds, also negative. `rate`: 0 freezes."""
    words = told(call)
    try:
        if _yes(words.get("real")):
            call.clock.reset()
        if "set" in words:
            call.clock.set(a_moment(words["set"]))
        if "jump_s" in words:
            call.clock.jump(timedelta(seconds=float(words["jump_s"])))
        if "rate" in words:
            call.clock.run(float(words["rate"]))
        if _yes(words.get("frozen")):
            call.clock.run(0)
    except (ValueError, OverflowError) as exc:
        raise wrong(exc) from None
    call.state.changed()
    return done(call, call.clock.as_dict(), "clock")


def _yes(value: Any) -> bool:
    return value in (True, "true", "1", "on", "yes")


# Faults


@service.route("/faults")
def faults(call: Call) -> list:
    return [fault.as_dict() for fault in call.sandbox.faults.all()]


@service.route("/faults", methods=("POST",))
def add_fault(call: Call) -> Response:
    """One fault, or `{"faults": […]}`; the words are in faults.py."""
    words = told(call)
    wanted = words.get("faults", [words])
    try:
        if not isinstance(wanted, list) or not all(isinstance(one, dict) for one in wanted):
            raise ValueError("faults must be a list of objects")
        added = [call.sandbox.faults.add(one).as_dict() for one in wanted]
    except (ValueError, TypeError) as exc:
        raise wrong(exc) from None
    return done(call, added if "faults" in words else added[0], "faults", 201)


@service.route("/faults", methods=("DELETE",))
def end_faults(call: Call) -> dict:
    return {"removed": call.sandbox.faults.remove()}


@service.route("/faults/<int:fault_id>", methods=("DELETE",))
def end_fault(call: Call) -> dict:
    if not call.sandbox.faults.remove(call.args["fault_id"]):
        raise wrong("There is no such fault.", 404)
    return {"removed": 1}


@service.route("/faults/remove", methods=("POST",))
def end_fault_by_form(call: Call) -> Response:
    words = told(call)
    number = int(words["id"]) if str(words.get("id", "")).isdigit() else None
    return done(call, {"removed": call.sandbox.faults.remove(number)}, "faults")


# Switches


@service.route("/options")
def options(call: Call) -> dict:
    return {name: call.state.option(name) for name in OPTIONS}


@service.route("/options", methods=("POST", "PUT", "PATCH"))
def set_options(call: Call) -> Response:
    words = told(call)
    if call.request.mimetype == "application/x-www-form-urlencoded":  # an unchecked box says nothing
        words = {name: name in words if isinstance(OPTIONS[name], bool) else words.get(name) for name in OPTIONS}
        words = {name: value for name, value in words.items() if value is not None}
    for name, value in words.items():
        if name not in OPTIONS:
            raise wrong(f"There is no switch {name!r}; there are {', '.join(OPTIONS)}.")
        try:
            call.state.set_option(name, float(value) if isinstance(OPTIONS[name], float) else value)
        except (TypeError, ValueError) as exc:
            raise wrong(exc) from None
    return done(call, options(call), "options")


# Apps and consents


def _app_shape(call: Call, app: App) -> dict[str, Any]:
    used = spotify_door.quota_used(call.state, app.developer, call.now.timestamp())
    return msgspec.to_builtins(app) | {"used_24h": used}


@service.route("/apps")
def apps(call: Call) -> list:
    return [_app_shape(call, app) for app in call.state.saved.apps.values()]


@service.route("/apps", methods=("POST",))
def make_app(call: Call) -> Response:
    """Needs `client_id`; the rest has defaults."""
    words = told(call)
    client_id = str(words.get("client_id") or "")
    if not client_id or client_id in call.state.saved.apps:
        raise wrong("A new app needs a client_id of its own.")
    plain = {"secret": f"{client_id}-secret", "name": client_id, "developer": client_id, "allowlist": []} | words
    return _keep_app(call, plain, 201)


@service.route("/apps/<client_id>", methods=("POST", "PATCH", "PUT"))
def change_app(call: Call) -> Response:
    app = call.state.app(call.args["client_id"])
    if app is None:
        raise wrong("There is no such app.", 404)
    words = told(call)
    if words.pop("form", None):  # boxes that are not checked say nothing
        words = {"allowlist": [], "owner_premium": "false"} | words
        if "quota" not in words:
            words["quota"] = None
    return _keep_app(call, msgspec.to_builtins(app) | words | {"client_id": app.client_id}, 200)


def _keep_app(call: Call, plain: dict[str, Any], status: int) -> Response:
    for name in ("allowlist", "redirect_uris"):
        if isinstance(plain.get(name), str):
            plain[name] = plain[name].split()
    plain.setdefault("redirect_uris", DEFAULT_REDIRECTS)
    try:
        app = msgspec.convert(plain, App, strict=False)
    except msgspec.ValidationError as exc:
        raise wrong(exc) from None
    known = {listener.id for listener in call.world.listeners}
    if strangers := [one for one in app.allowlist if one not in known]:
        raise wrong(f"Nobody here is called {strangers[0]!r}.")
    if not app.extended and len(app.allowlist) > app.seats:
        raise wrong(f"This app has {app.seats} seats.")
    if app.mode not in ("development", "extended") or app.rotation not in ("off", "on", "single"):
        raise wrong("mode is development or extended, rotation is off, on or single.")
    with call.state.lock:
        call.state.saved.apps[app.client_id] = app
        call.state.changed()
    return done(call, _app_shape(call, app), "apps", status)


@service.route("/consents")
def consents(call: Call) -> list:
    found = []
    for key, consent in call.state.saved.consents.items():
        client_id, _, listener_id = key.partition(":")
        found.append({"client_id": client_id, "listener": listener_id, **consent})
    return found


@service.route("/revoke", methods=("POST",))
def revoke(call: Call) -> Response:
    """`client_id` and `listener`: as if they removed the app at their account page. Everybody's without `listener`."""
    words = told(call)
    client_id = str(words.get("client_id", ""))
    if call.state.app(client_id) is None:
        raise wrong("There is no such app.", 404)
    wanted = [str(words["listener"])] if words.get("listener") else [one.id for one in call.world.listeners]
    for listener_id in wanted:
        call.state.revoke(client_id, listener_id)
    return done(call, {"revoked": len(wanted)}, "consents")


# What happened


@service.route("/log")
def log(call: Call) -> dict:
    """Newest last. `path` (a pattern), `service`, `listener`, `since` (Unix s), `limit`; `counts` tell of all."""
    pattern, limit = call.query.get("path", "*"), int(call.query.get("limit", "200") or 200)
    since = float(call.query.get("since", "0") or 0)
    fits = [
        one
        for one in list(call.sandbox.log)
        if one["at"] >= since
        and fnmatchcase(one["path"], pattern)
        and all(one[name] == call.query[name] for name in ("service", "listener") if name in call.query)
    ]
    counts: dict[str, int] = {}
    for one in fits:
        key = f"{one['method']} {one['path']} {one['status']}"
        counts[key] = counts.get(key, 0) + 1
    return {"total": len(fits), "counts": counts, "requests": fits[-limit:]}


@service.route("/log", methods=("DELETE",))
def clear_log(call: Call) -> dict:
    call.sandbox.log.clear()
    return {"cleared": True}


@service.route("/usage", methods=("DELETE",))
def clear_usage(call: Call) -> dict:
    """Quota and rate limit start anew."""
    with call.state.lock:
        call.state.saved.usage.clear()
        call.state.changed()
    spotify_door.forget_windows(call.sandbox)
    return {"cleared": True}


@service.route("/reset", methods=("POST",))
def reset(call: Call) -> Response:
    """Everything as on the first day: edits, apps, faults, clock, log."""
    call.sandbox.reset()
    return done(call, {"reset": True}, "")
