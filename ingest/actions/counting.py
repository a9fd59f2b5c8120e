"""A person's say in what their figures count: rule and choices, and what is left out for good until it is taken back.

Nothing here touches a play: all of it is read again with the next figure (`ingest/lens.py`).
"""

from typing import Any

import numpy as np
from django.db import transaction

from accounts.models import User
from ingest import lens
from ingest.heard import What
from ingest.models import Counting, ListeningFilter

Kind = ListeningFilter.Kind
_WHAT: dict[str, What] = {Kind.ARTIST: "artists", Kind.ALBUM: "albums", Kind.TRACK: "tracks"}
_ALL_DAY = (1 << 24) - 1


class NotHeard(LookupError):
    """The person has no play of it, so there is nothing to leave out."""


class BadHours(ValueError):
    """The hours are none, or the whole day."""


@transaction.atomic
def choose(*, user: User, choices: dict[str, Any]) -> Counting:
    """Keep the fields of `Counting` in `choices`, which a form has checked; the others stay as they are."""
    return Counting.objects.update_or_create(user=user, defaults=choices)[0]


@transaction.atomic
def leave_out(*, user: User, kind: str, value: int) -> ListeningFilter:
    """Leave an artist, album, track, context or device out of every figure. Again: it stays left out.

    Raises NotHeard for what the person has never heard, whether or not it exists.
    """
    if not _is_heard(user, kind, value):
        raise NotHeard
    return ListeningFilter.objects.get_or_create(user=user, kind=kind, value=value)[0]


@transaction.atomic
def leave_out_hours(*, user: User, first: int, last: int) -> ListeningFilter:
    """Leave out what began from `first` o'clock until before `last` o'clock of the person's day, over midnight too.

    Raises BadHours where that is no time, or all day.
    """
    bits = sum(1 << (first + number) % 24 for number in range((last - first) % 24))
    if not bits or bits == _ALL_DAY:
        raise BadHours
    return ListeningFilter.objects.get_or_create(user=user, kind=Kind.HOURS, value=bits)[0]


def take_back(*, row: ListeningFilter) -> None:
    """Count again what a filter left out."""
    row.delete()


def _is_heard(user: User, kind: str, value: int) -> bool:
    """Among all plays, also those that a filter leaves out now."""
    reading = lens.read(user)
    if kind in _WHAT:
        return bool(reading.facts.places_of(_WHAT[kind], value).any()) if value > 0 else False
    if kind in (Kind.CONTEXT, Kind.PLATFORM):
        return value > 0 and bool(np.any(reading.plays[kind] == value))
    return False
