"""Deciding which track the names in a scrobble log mean, and taking that back."""

from datetime import datetime

from django.db import transaction

from ingest.actions import record
from ingest.models import UnsureTrack


class NoSuchChoice(ValueError):
    """The track is none of those that it may be."""


def decide(*, unsure: UnsureTrack, chosen: int | None, now: datetime) -> int:
    """Make the plays of these names plays of the track `chosen`, or of none but their own; how many moved.

    Holds for later imports. An earlier decision is taken back first. Raises NoSuchChoice.
    """
    if chosen is not None and chosen not in unsure.candidates:
        raise NoSuchChoice(chosen)
    with transaction.atomic():
        _take_back(unsure, now)
        if chosen is not None:
            unsure.moved = record.retell(user=unsure.user, track_id=unsure.track_id, as_track_id=chosen, now=now)
        unsure.chosen_id = chosen
        unsure.decided_at = now
        unsure.save()
    return len(unsure.moved)


def undo(*, unsure: UnsureTrack, now: datetime) -> None:
    """As if it had never been decided. What later imports gave to the chosen track outright stays there."""
    with transaction.atomic():
        _take_back(unsure, now)
        unsure.chosen = None
        unsure.decided_at = None
        unsure.save()


def _take_back(unsure: UnsureTrack, now: datetime) -> None:
    if unsure.chosen_id is not None and unsure.moved:
        record.retell(
            user=unsure.user,
            track_id=unsure.chosen_id,
            as_track_id=unsure.track_id,
            starts_ms=set(unsure.moved),
            now=now,
        )
    unsure.moved = []
