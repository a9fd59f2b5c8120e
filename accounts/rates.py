"""How often a program may call: so many calls in each window of the clock, counted in the shared cache."""

from dataclasses import dataclass
from datetime import datetime

from django.core.cache import cache
from django.http import HttpResponse

CALLS = 100  # in one window; whoever imports a lifetime sends a thousand listens in each call
WINDOW_S = 10


@dataclass(frozen=True, slots=True)
class Rate:
    """What is left of a window. `reset_at` in seconds since 1970."""

    limit: int
    used: int
    reset_in_s: int
    reset_at: int

    @property
    def is_exceeded(self) -> bool:
        return self.used > self.limit

    def onto(self, answer: HttpResponse) -> HttpResponse:
        """Say it in the headers that ListenBrainz's clients read, and `Retry-After` if there is nothing left."""
        answer["X-RateLimit-Limit"] = str(self.limit)
        answer["X-RateLimit-Remaining"] = str(max(0, self.limit - self.used))
        answer["X-RateLimit-Reset-In"] = str(self.reset_in_s)
        answer["X-RateLimit-Reset"] = str(self.reset_at)
        if self.is_exceeded:
            answer["Retry-After"] = str(self.reset_in_s)
        return answer


def take(who: str, *, now: datetime, limit: int = CALLS, window_s: int = WINDOW_S) -> Rate:
    """Count one call of `who` (a token, an address). Two at the very same moment may count as one: this is manners."""
    second = int(now.timestamp())
    window = second // window_s
    reset_at = (window + 1) * window_s
    key = f"rate:{who}:{window}"
    try:
        used = cache.incr(key)
    except ValueError:  # the first of this window
        used = 1
        cache.add(key, used, window_s * 2)
    return Rate(limit, used, reset_at - second, reset_at)
