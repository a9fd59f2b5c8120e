"""What a web process does for the next answer, when it has sent this one: files, and figures that take long.

Other processes do it at once.
"""

from collections.abc import Callable, Hashable
from functools import partial
from typing import Any

from django.core.cache import cache

_pending: dict[Hashable, Callable[[], None]] | None = None  # None: nothing waits
_KEPT = 3_600  # s
_AT_WORK = 60  # s that one process is left alone with a figure


def begin() -> None:
    """From now on this process calls `run` after each answer."""
    global _pending
    _pending = {}


def do(what: Hashable, work: Callable[[], None]) -> None:
    """Of several with the same `what` the last one is done."""
    if _pending is None:
        work()
    else:
        _pending[what] = work


def run() -> None:
    while _pending:
        _pending.popitem()[1]()


def told(key: str, make: Callable[[], Any], *, fresh_s: int) -> tuple[Any, bool]:
    """What `make` told last, and whether that is at most `fresh_s` old; if not, it is asked again. None: not yet told.

    Kept for all processes, for an hour; what `make` returns goes to the cache.
    """
    fresh = f"{key}:fresh"
    found = cache.get_many([key, fresh])
    if fresh not in found and cache.add(f"{key}:making", True, _AT_WORK):
        do(key, partial(_tell, key, make, fresh_s))
        found = cache.get_many([key, fresh])
    return found.get(key), fresh in found


def _tell(key: str, make: Callable[[], Any], fresh_s: int) -> None:
    try:
        cache.set(key, make(), _KEPT)
        cache.set(f"{key}:fresh", True, fresh_s)
    finally:
        cache.delete(f"{key}:making")
