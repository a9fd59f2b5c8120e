"""A person's own word on the mood, genre or year of a track, as the older tool's classifications."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import numpy as np
from django.db import transaction

from accounts.models import User
from ingest import own
from ingest.actions import label
from ingest.collection import rows
from ingest.models import Track
from playlists.actions.known_tracks import LABELS
from playlists.rules.storable import is_storable


class BadLabel(ValueError):
    """It is no such label; the text says what would be."""


@transaction.atomic
def say(*, user: User, track: Track, labels: Mapping[str, Any], now: datetime) -> None:
    """Say them all, or raise BadLabel and say none. Null takes a word back."""
    read = {LABELS[name]: _value(name, value) for name, value in labels.items() if name in LABELS}
    if unknown := sorted(set(labels) - set(LABELS)):
        raise BadLabel(f"“labels.{unknown[0][:40]}” is none: there are {', '.join(LABELS)}.")
    collection = rows.of(user)
    row = collection.row_of(track.pk)
    versions = collection.versions(np.array([row])).tolist() if row >= 0 else [track.pk]
    for field, value in read.items():
        label.say(user=user, tracks=versions, field=field, value=value, now=now)


def _value(name: str, value: Any) -> Any:
    if value is None:
        return None
    if name == "year":
        low, high = own.WHOLE[own.YEAR]
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise BadLabel(f"“labels.year” has to be a whole number from {low} to {high}, or null.")
        return value
    words = value if isinstance(value, list) else [value]
    names = [_word(each) if isinstance(each, str) and is_storable(each) else "" for each in words]
    if not names or not all(names) or any(len(each) > 80 for each in names):
        raise BadLabel(f"“labels.{name}” has to be a word, or null to take it back.")
    return list(dict.fromkeys(names))[:20]


def _word(text: str) -> str:
    """As it was said, but for case and spaces: it is the person's own, so that no list of real moods is asked."""
    return " ".join(text.casefold().split())
