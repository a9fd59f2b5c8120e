"""When to try again. Nothing ever sleeps: the caller puts its work off until then."""

import random
from datetime import datetime, timedelta

from accounts.spotify.errors import Later, RateLimited, SpotifyError

MAX_ATTEMPTS = 6  # of one piece of work, over all its reschedules
BASE = timedelta(seconds=5)
LONGEST = timedelta(minutes=30)
_chance = random.SystemRandom()


def retry_at(
    error: SpotifyError, *, attempt: int, now: datetime, chance: random.Random | None = None
) -> datetime | None:
    """The moment of the next try, or None: the error is final, or `attempt` (from 1) was the last.

    Spotify's own word (`Retry-After`, a block's end) is a floor; above it, exponential with full jitter, so that many
    workers do not come back at the same second. Walls known beforehand cost no attempt: pass the same number again.
    """
    if not error.temporary or attempt >= MAX_ATTEMPTS:
        return None
    spread = min(LONGEST, BASE * 2 ** (attempt - 1))
    wait = spread * (chance or _chance).random()
    if isinstance(error, Later) and error.until is not None:
        return max(error.until, now) + min(wait, timedelta(minutes=1))
    floor_s = getattr(error, "retry_after_s", None) or 0
    if isinstance(error, RateLimited):
        return now + timedelta(seconds=floor_s) + wait
    return now + max(timedelta(seconds=floor_s), BASE) + wait


def is_known_wall(error: SpotifyError) -> bool:
    """Put off before the wire was touched: waiting for it is not a failed attempt."""
    return isinstance(error, Later) and error.until is not None
