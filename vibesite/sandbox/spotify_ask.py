"""Reading what a client asks: limits, offsets, ids, URIs, bodies; and pages as Spotify's."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from vibesite.sandbox.service import Call
from vibesite.sandbox.spotify_door import refusal

_ID = re.compile(r"[0-9A-Za-z]{22}")
_MARKET = re.compile(r"[A-Z]{2}")
FAR = 100_000  # the largest offset taken


def whole(call: Call, name: str, default: int, low: int, high: int) -> int:
    """A whole number of the query, or 400 in Spotify's words."""
    text = call.query.get(name)
    if text is None or text == "":
        return default
    try:
        value = int(text)
    except ValueError:
        raise refusal(400, f"Invalid {name}") from None
    if not low <= value <= high:
        raise refusal(400, f"Invalid {name}")
    return value


def span(call: Call, *, limit: int = 20, most: int = 50, far: int = FAR) -> tuple[int, int]:
    """Limit and offset."""
    return whole(call, "limit", limit, 1, most), whole(call, "offset", 0, 0, far)


def market(call: Call) -> str:
    """The market asked for, or "": from_token is the listener's country."""
    text = call.query.get("market", "")
    if text == "from_token":
        listener = call.notes.get("listener")
        return listener.country if listener else ""
    if text and not _MARKET.fullmatch(text.upper()):
        raise refusal(400, "Invalid market code")
    return text.upper()


def item_id(text: str) -> str:
    """A well-formed Spotify id, or 400."""
    if not _ID.fullmatch(text):
        raise refusal(400, "Invalid base62 id")
    return text


def ids(call: Call, most: int) -> list[str]:
    """The `ids` of an old many-call."""
    wanted = [part for part in call.query.get("ids", "").split(",") if part]
    if not wanted:
        raise refusal(400, "Missing required field: ids")
    if len(wanted) > most:
        raise refusal(400, "Too many ids requested")
    return [item_id(one) for one in wanted]


def body(call: Call, *, needed: bool = True) -> Any:
    """The JSON of the request. 400 if it is none."""
    try:
        value = call.json
    except ValueError:
        raise refusal(400, "Error parsing JSON.") from None
    if value is None and needed:
        raise refusal(400, "Error parsing JSON.")
    return value


def mapping(call: Call, *, needed: bool = True) -> dict[str, Any]:
    value = body(call, needed=needed)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise refusal(400, "Error parsing JSON.")
    return value


def day_and_time(at: datetime | float | None) -> str | None:
    """2026-11-20T08:15:00Z, as in added_at."""
    if at is None:
        return None
    at = datetime.fromtimestamp(at, UTC) if isinstance(at, int | float) else at.astimezone(UTC)
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def with_ms(at: datetime) -> str:
    """2026-11-20T08:15:00.123Z, as in played_at."""
    at = at.astimezone(UTC)
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03}Z"


def page(
    call: Call,
    found: Sequence[Any],
    limit: int,
    offset: int,
    show: Callable[[Any], Any],
    *,
    total: int | None = None,
    path: str = "",
    extra: dict[str, str] | None = None,
) -> dict[str, Any]:
    """One page of `found`, whole links on our own host. With `total`, `found` is the page's part already."""
    part = found if total is not None else found[offset : offset + limit]
    total = len(found) if total is None else total
    base = call.url_root + (path or call.request.path.rstrip("/"))
    kept = {
        name: value
        for name, value in (extra or {}).items()
        if value and name not in ("limit", "offset", "access_token")
    }

    def link(start: int) -> str:
        return f"{base}?{urlencode({'offset': start, 'limit': limit} | kept)}"

    return {
        "href": link(offset),
        "limit": limit,
        "next": link(offset + limit) if offset + limit < total else None,
        "offset": offset,
        "previous": link(max(0, offset - limit)) if offset > 0 else None,
        "total": total,
        "items": [show(one) for one in part],
    }


def kept(call: Call, *names: str) -> dict[str, str]:
    """The query's parameters that page links carry on."""
    return {name: call.query[name] for name in names if name in call.query}
