"""What the catalogue learned of tracks, for the plays of everybody who heard them."""

from collections.abc import Collection
from datetime import datetime

from accounts.models import User
from ingest.actions import record
from ingest.upsert import parts

_TRACKS = 2_000  # looked for at once


def plays_of(track_ids: Collection[int], *, now: datetime) -> int:
    """Decide anew, person by person, which events of these tracks are one listening; how many plays went or changed.

    A scrobble under the track's artist and a row of an export under the album's are one play as soon as the credits
    say so, and a polled remaster and its original once they are one recording. Safe to stop and to repeat.
    """
    if not track_ids:
        return 0
    people = User.objects.filter(play_ledger__isnull=False).order_by("pk")
    return sum(
        record.again(user=user, track_ids=part, now=now)
        for user in people.iterator()
        for part in parts(track_ids, _TRACKS)
    )
