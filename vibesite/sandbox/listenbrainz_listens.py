"""ListenBrainz: listens in, listens out. What was submitted is kept in the sandbox's state."""

from __future__ import annotations

from typing import Any

import msgspec
from werkzeug.wrappers import Response

from vibesite.sandbox.chance import mbid
from vibesite.sandbox.listenbrainz_door import let_in, service, told, user_of, wrong
from vibesite.sandbox.service import Call

MOST_LISTENS, MOST_BYTES = 1000, 10_240
OLDEST = 1_033_430_400  # October 2002: nothing was scrobbled before
KINDS = ("single", "playing_now", "import")


@service.route("/1/validate-token")
def validate_token(call: Call) -> Response:
    header = call.request.headers.get("Authorization", "")
    token = call.query.get("token", "") or header.partition(" ")[2]
    if not token:
        raise wrong("You need to provide an Authorization token.")
    user = user_of(call, token.strip())
    if user is None:
        return told(call, {"code": 200, "message": "Token invalid.", "valid": False})
    return told(call, {"code": 200, "message": "Token valid.", "valid": True, "user_name": user})


def _check(call: Call, kind: str, listen: Any) -> dict[str, Any]:
    """One listen of a submission as it is kept. Words of refusal are ListenBrainz's."""
    if not isinstance(listen, dict):
        raise wrong("JSON document is invalid: payload must be a list of listens.")
    if len(msgspec.json.encode(listen)) > MOST_BYTES:
        raise wrong(
            f"JSON document is too large. In total, listens may not be larger than {MOST_BYTES} characters.", 413
        )
    at, data = listen.get("listened_at"), listen.get("track_metadata")
    if kind == "playing_now":
        if "listened_at" in listen:
            raise wrong("JSON document should not contain listened_at while submitting playing_now listens.")
        at = int(call.now.timestamp())
    if isinstance(at, str) and at.isdigit():
        at = int(at)
    if not isinstance(at, int) or isinstance(at, bool):
        raise wrong("JSON document must contain the key listened_at at the top level.")
    if not OLDEST <= at <= call.now.timestamp() + 86_400:
        raise wrong("Value for key listened_at is too low or in the future.")
    if not isinstance(data, dict):
        raise wrong("JSON document must contain the key track_metadata.")
    for name in ("artist_name", "track_name"):
        value = data.get(name)
        if not isinstance(value, str) or not value.strip():
            raise wrong(f"JSON document does not contain required track_metadata.{name}.")
    return {"listened_at": at, "track_metadata": data}


@service.route("/1/submit-listens", methods=("POST",))
def submit_listens(call: Call) -> Response:
    user = let_in(call)
    try:
        body = call.json
    except ValueError as exc:
        raise wrong(f"Cannot parse JSON document: {exc}") from None
    if not isinstance(body, dict) or body.get("listen_type") not in KINDS:
        raise wrong("JSON document requires a valid listen_type key.")
    kind, payload = body["listen_type"], body.get("payload")
    if not isinstance(payload, list) or not payload:
        raise wrong("JSON document does not contain any listens")
    if kind != "import" and len(payload) > 1:
        raise wrong("JSON document contains more than listen for a single/playing_now. It should contain only one.")
    if len(payload) > MOST_LISTENS:
        raise wrong(f"Too many listens in payload, at most {MOST_LISTENS} are allowed.")
    kept = [_check(call, kind, listen) for listen in payload]
    now = int(call.now.timestamp())
    with call.state.lock:
        mine = call.state.box("listenbrainz").setdefault(user, {"listens": {}, "now": None})
        if kind == "playing_now":
            mine["now"] = kept[0]
        else:
            for listen in kept:
                mine["listens"].setdefault(_key(listen), listen | {"inserted_at": now})  # the same again counts once
        call.state.changed()
    return told(call, {"status": "ok"})


def _key(listen: dict[str, Any]) -> str:
    data = listen["track_metadata"]
    return mbid("listen", listen["listened_at"], data["artist_name"], data["track_name"])


def listens_of(call: Call, user: str) -> list[dict[str, Any]]:
    """Newest first. KeyError if nobody is called that."""
    if user != "sandbox" and call.world.find_listener(user) is None:
        raise wrong(f"Cannot find user: {user}", 404)
    kept = call.state.box("listenbrainz").get(user, {}).get("listens", {})
    rows = [listen | {"recording_msid": key, "user_name": user} for key, listen in kept.items()]
    return sorted(rows, key=lambda row: (-row["listened_at"], row["recording_msid"]))


@service.route("/1/user/<user>/listens")
def listens(call: Call) -> Response:
    rows = listens_of(call, call.args["user"])
    latest, oldest = (rows[0]["listened_at"], rows[-1]["listened_at"]) if rows else (0, 0)
    max_ts, min_ts = call.query.get("max_ts", type=int), call.query.get("min_ts", type=int)
    if max_ts and min_ts and max_ts <= min_ts:
        raise wrong("max_ts should be greater than min_ts")
    count = min(max(call.query.get("count", 25, int), 1), MOST_LISTENS)
    kept = [row for row in rows if row["listened_at"] < (max_ts or 1 << 40) and row["listened_at"] > (min_ts or 0)]
    page = kept[-count:] if min_ts and not max_ts else kept[:count]
    body = {"count": len(page), "latest_listen_ts": latest, "oldest_listen_ts": oldest, "listens": page}
    return told(call, {"payload": body | {"user_id": call.args["user"]}})


@service.route("/1/user/<user>/listen-count")
def listen_count(call: Call) -> Response:
    return told(call, {"payload": {"count": len(listens_of(call, call.args["user"]))}})


@service.route("/1/user/<user>/playing-now")
def playing_now(call: Call) -> Response:
    user = call.args["user"]
    listens_of(call, user)
    now = call.state.box("listenbrainz").get(user, {}).get("now")
    rows = [{"playing_now": True, "track_metadata": now["track_metadata"]}] if now else []
    return told(call, {"payload": {"count": len(rows), "listens": rows, "playing_now": True, "user_id": user}})
