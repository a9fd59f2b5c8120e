"""The library of who is just now building a rule, kept in this process between two keystrokes.

It is given out again only while everything that it rests on stands as it stood: plays, what counts, what is hidden,
filters, the catalogue and its facts, groupings, likes, playlists and other sources, the person's zone, the day. That is
asked of the database anew each time, in a few small statements; when anything differs, all is read again.
What rests on more (other rules, lists that the clock changes) is made anew for each answer.
"""

import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
from django.db.models import Count, Max

from accounts.models import User
from ingest import lens
from ingest.models import HiddenPlay, OwnFact, OwnGrouping, PlayLedger, TrackChange, TrackSource
from ingest.shelf import OVERLAP
from playlists.library import Library

VOLATILE = ("rule", "source")
MASKS = 64  # conditions whose answers are kept; 100 kB each for 100,000 tracks
MOST_BYTES = 200_000_000  # of all that one process keeps, as `_weight` reckons
IDLE = timedelta(minutes=10)
_MOST_CHANGES = 20_000  # more than these are not looked through
_local = threading.local()  # a library is not shared between threads


@dataclass
class _Held:
    library: Library
    rests_on: list[Any]
    changes: set[int]  # numbers of changes of the catalogue that it knows of, the newest of them
    weight: int
    used_at: datetime


def library(user: User, *, now: datetime) -> Library:
    """The person's library as it is now; the one of the last answer if nothing changed since."""
    held: OrderedDict[int, _Held] = _local.__dict__.setdefault("held", OrderedDict())
    rests_on = _rests_on(user, now.astimezone(user.zone).date())
    found = held.pop(user.pk, None)
    for pk in [pk for pk, each in held.items() if not timedelta() <= now - each.used_at < IDLE]:
        del held[pk]
    if found is None or found.rests_on != rests_on or _is_touched(found):
        newest = TrackChange.objects.order_by("-id").values_list("id", flat=True)[:OVERLAP]
        known = set(newest)  # before the library is read: what comes between the two is looked at again
        made = Library(user, now=now)
        found = _Held(made, rests_on, known, _weight(made), now)
    else:
        found.library.renew(user, now=now, without=VOLATILE, masks=MASKS)
    found.used_at = now
    held[user.pk] = found
    while held and sum(each.weight for each in held.values()) > MOST_BYTES:
        held.popitem(last=False)
    return found.library


def forget() -> None:
    """Keep nothing."""
    _local.__dict__.pop("held", None)


def _weight(library: Library) -> int:
    """About how many bytes it will take with all its columns, texts and masks (measured: 700 to 800 a track)."""
    return 800 * library.table.size + 24 * len(library.reading.plays)


def _is_touched(held: _Held) -> bool:
    """Whether the catalogue changed, since, about a track that is in the library."""
    since = max(held.changes, default=0) - OVERLAP
    rows = list(TrackChange.objects.filter(id__gt=since).order_by("id").values_list("id", "track_id")[:_MOST_CHANGES])
    fresh = np.array([track for number, track in rows if number not in held.changes], dtype=np.int64)
    own = held.library.rack.track  # sorted
    spots = np.minimum(np.searchsorted(own, fresh), max(0, own.size - 1))
    if len(rows) == _MOST_CHANGES or (own.size and (own[spots] == fresh).any()):
        return True
    held.changes = {number for number, _track in rows[-OVERLAP:]} or held.changes
    return False


def _rests_on(user: User, today: date) -> list[Any]:
    """Equal as long as a library made now would be the same. Read before the library: what changes between the two is
    noticed at the next asking."""
    own = {"user": user}
    return [
        today,
        user.zone.key,
        list(PlayLedger.objects.filter(**own).values_list("version", "stamp")),
        lens.of(user),
        HiddenPlay.objects.filter(**own).aggregate(Count("id"), Max("id"), Max("undone_at")),
        OwnGrouping.objects.filter(**own).aggregate(Count("id"), Max("id"), Max("undone_at")),
        OwnFact.objects.filter(**own).aggregate(Count("id"), Max("id"), Max("made_at")),
        list(TrackSource.objects.filter(**own).order_by("pk").values()),
    ]
