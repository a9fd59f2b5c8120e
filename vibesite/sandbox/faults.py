"""What goes wrong on request: faults by endpoint, by count or by rate.

A fault is a JSON object: `kind` and, all optional, `path` (pattern as in `/v1/me/player/*`, default every path),
`method`, `listener`, `app`, `count` (how often it strikes before it is gone; none: until deleted), `rate` (0 to 1,
its chance to strike), `skip` (calls let through first), and the kind's own:

- `status`: `status`, `retry_after` (s), `reason`, `message`, `body`: "json" (default), "text", "empty"
- `slow`: `seconds` of delay, then the true answer · `hang`: silence for `seconds` (default 60), then the line drops
- `reset`: the line drops at once · `cut`: half of the true body, then the line drops
- `bad_json`: the true body, damaged · `content`: 200 and an HTML page · `empty`: 200 and no body
- `expire`: 401, access token expired · `invalid_grant`: the token endpoint says so, wrongly (`message` optional)
- `revoke`: the caller's consent is really revoked, at either endpoint
- `lag`: recently-played shows plays only `seconds` after their end; with `jitter` (s) late plays come out of order
- `duplicates`: lists hold every `nth` (default 3) item twice · `nulls`: every `nth` list item has nulls where Spotify
  has been seen to send them · `starts`: recently-played tells the start of each play instead of its end
"""

from __future__ import annotations

import random
import threading
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

BEFORE = frozenset({"status", "slow", "hang", "reset", "content", "empty", "expire", "invalid_grant", "revoke"})
AFTER = frozenset({"cut", "bad_json", "duplicates", "nulls"})
ASKED = frozenset({"lag", "starts"})  # the endpoint itself asks for these
KINDS = BEFORE | AFTER | ASKED
_COMMON = {"kind", "path", "method", "listener", "app", "count", "rate", "skip", "id"}


@dataclass
class Fault:
    """One switched-on fault. `left` is how often it will still strike; None is without end."""

    id: int
    kind: str
    path: str = "*"
    method: str = ""
    listener: str = ""
    app: str = ""
    left: int | None = None
    rate: float = 1.0
    skip: int = 0
    struck: int = 0
    more: dict[str, Any] = field(default_factory=dict)

    def fits(self, method: str, path: str, app: str, listener: str) -> bool:
        return (
            (not self.method or self.method == method)
            and (not self.app or self.app == app)
            and (not self.listener or self.listener == listener)
            and fnmatchcase(path.rstrip("/") or "/", self.path.rstrip("/") or "/")
        )

    def as_dict(self) -> dict[str, Any]:
        plain = {name: getattr(self, name) for name in ("id", "kind", "path", "method", "listener", "app", "rate")}
        return plain | {"count": self.left, "skip": self.skip, "struck": self.struck} | self.more


class Faults:
    """All faults that are on. Chance comes from one seeded generator. Thread-safe."""

    def __init__(self, salt: str = "vibesite") -> None:
        self._lock = threading.Lock()
        self._chance = random.Random(salt)
        self._faults: list[Fault] = []
        self._last = 0

    def __bool__(self) -> bool:
        return bool(self._faults)

    def add(self, asked: dict[str, Any]) -> Fault:
        """Switch one on. ValueError says what is wrong with `asked`."""
        kind = asked.get("kind") or ("status" if "status" in asked else "")
        if kind not in KINDS:
            raise ValueError(f"kind must be one of {', '.join(sorted(KINDS))}, not {kind!r}")
        rate = float(asked.get("rate", 1.0))
        if not 0 <= rate <= 1:
            raise ValueError(f"rate must be from 0 to 1, not {rate}")
        count = asked.get("count")
        if kind == "status" and not 400 <= int(asked.get("status", 500)) <= 599:
            raise ValueError(f"status must be from 400 to 599, not {asked['status']}")
        with self._lock:
            self._last += 1
            fault = Fault(
                id=self._last,
                kind=kind,
                path=str(asked.get("path") or "*"),
                method=str(asked.get("method") or "").upper(),
                listener=str(asked.get("listener") or ""),
                app=str(asked.get("app") or ""),
                left=None if count is None else int(count),
                rate=rate,
                skip=int(asked.get("skip", 0)),
                more={name: value for name, value in asked.items() if name not in _COMMON},
            )
            self._faults = [*self._faults, fault]
        return fault

    def all(self) -> list[Fault]:
        return self._faults

    def remove(self, fault_id: int | None = None) -> int:
        """Switch one off, or all; how many went."""
        with self._lock:
            kept = [] if fault_id is None else [fault for fault in self._faults if fault.id != fault_id]
            gone = len(self._faults) - len(kept)
            self._faults = kept
        return gone

    def strike(
        self, kinds: frozenset[str], *, method: str, path: str, app: str = "", listener: str = ""
    ) -> list[Fault]:
        """Which faults of `kinds` hit this call; each is counted. At most one that replaces the answer."""
        if not self._faults:
            return []
        hit: list[Fault] = []
        with self._lock:
            for fault in self._faults:
                if fault.kind not in kinds or not fault.fits(method, path, app, listener):
                    continue
                if hit and fault.kind == hit[-1].kind:
                    continue
                if fault.skip > 0:
                    fault.skip -= 1
                    continue
                if fault.rate < 1 and self._chance.random() >= fault.rate:
                    continue
                fault.struck += 1
                if fault.left is not None:
                    fault.left -= 1
                hit.append(fault)
            self._faults = [fault for fault in self._faults if fault.left is None or fault.left > 0]
        return hit
