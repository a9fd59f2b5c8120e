"""The sandbox's own time: real by default; can be set, jumped, sped up and frozen."""

import threading
import time
from datetime import UTC, datetime, timedelta


class Clock:
    """Sandbox time is `anchor + (real - real_anchor) * rate`. A rate of 0 is a frozen clock. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.reset()

    def reset(self) -> None:
        """Back to real time."""
        with self._lock:
            self._real = time.time()
            self._anchor = self._real
            self._rate = 1.0
            self._moved = False

    def timestamp(self) -> float:
        """Unix seconds."""
        with self._lock:
            return self._timestamp()

    def _timestamp(self) -> float:
        if not self._moved:
            return time.time()
        return self._anchor + (time.time() - self._real) * self._rate

    def now(self) -> datetime:
        """An aware UTC datetime."""
        return datetime.fromtimestamp(self.timestamp(), UTC)

    def set(self, moment: datetime) -> None:
        """Make `moment` (aware) the present; the rate stays."""
        self._move(moment.timestamp(), None)

    def jump(self, span: timedelta) -> None:
        """Move by `span`, back if negative; the rate stays."""
        self._move(None, None, span.total_seconds())

    def run(self, rate: float) -> None:
        """Let `rate` sandbox seconds pass in each real second; 0 freezes. ValueError if negative."""
        if rate < 0:
            raise ValueError(f"rate must be 0 or more, not {rate}")
        self._move(None, rate)

    def freeze(self, moment: datetime | None = None) -> None:
        """Stop, at `moment` if given."""
        self._move(moment.timestamp() if moment else None, 0.0)

    def _move(self, to: float | None, rate: float | None, by: float = 0.0) -> None:
        with self._lock:
            self._anchor = (self._timestamp() if to is None else to) + by
            self._real = time.time()
            if rate is not None:
                self._rate = rate
            self._moved = True

    def as_dict(self) -> dict:
        """What the control page shows."""
        with self._lock:
            now = self._timestamp()
            return {
                "now": datetime.fromtimestamp(now, UTC).isoformat(timespec="milliseconds"),
                "rate": self._rate,
                "offset_s": round(now - time.time(), 3),
                "real": not self._moved,
            }

    def dump(self) -> dict:
        """What survives a restart: the offset from real time and the rate."""
        with self._lock:
            return {"moved": self._moved, "now": self._timestamp(), "real": time.time(), "rate": self._rate}

    def load(self, dumped: dict) -> None:
        """Go on as if the clock had run meanwhile."""
        if not dumped.get("moved"):
            return self.reset()
        with self._lock:
            self._anchor, self._real, self._rate = dumped["now"], dumped["real"], dumped["rate"]
            self._moved = True
        return None
