"""A person's own word on tracks: said of one or of thousands at once, taken back, and each act undone as one.

Shelves read the tracks anew at once, so that figures, pages and rules show it with the next click.
"""

import json
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import User
from ingest.actions.export_words import track_entry
from ingest.collection import rows as collection
from ingest.models import FactAct, FactChange, OwnFact, Tag, TrackChange
from ingest.own import Value
from ingest.upsert import insert_missing, parts

KEPT = timedelta(days=90)  # acts can be undone for so long
_KINDS = {"genres": Tag.Kind.GENRE, "moods": Tag.Kind.MOOD}


def say(*, user: User, tracks: Collection[int], field: str, value: Value | None, now: datetime) -> FactAct | None:
    """Say `value` of all `tracks` (None: take back what was said); None if it was said so before of all of them.

    `field` and `value` are as `ingest.own` reads them.
    """
    with transaction.atomic():
        hold(user.pk)
        act = begin(user=user, field=field, value=value, now=now)
        if not apply(act, tracks):
            act.delete()
            return None
    return act


def hold(user_id: int) -> None:
    """What one person says comes one after the other: whoever says more waits until this transaction ends."""
    User.objects.select_for_update().get(pk=user_id)


def begin(*, user: User, field: str, value: Value | None, now: datetime) -> FactAct:
    """An act that changed nothing yet. Acts too old to be undone go."""
    FactAct.objects.of(user).filter(made_at__lt=now - KEPT).delete()
    return FactAct.objects.create(user=user, field=field, value=value, tracks=0, made_at=now)


def apply(act: FactAct, tracks: Iterable[int]) -> int:
    """Say it of these tracks too, where the person said nothing else since; how many changed.

    In the caller's transaction, which holds the person. Safe to repeat.
    """
    user, field, value = act.user, act.field, act.value
    before = _said(user, field, tracks)
    wanted = {pk for pk in tracks if before.get(pk) != value}
    changed = sorted(wanted - _said_since(act, wanted))
    rows = [(act.pk, pk, json.dumps(before[pk]) if pk in before else None) for pk in changed]
    insert_missing(FactChange, ["act_id", "track_id", "before"], rows)
    _name_tags([(field, value)])
    _write(user, field, dict.fromkeys(changed, value), act.made_at)
    _tell(user, changed, timezone.now())
    FactAct.objects.filter(pk=act.pk).update(tracks=F("tracks") + len(changed))
    act.tracks += len(changed)
    return len(changed)


def _said_since(act: FactAct, tracks: Iterable[int]) -> set[int]:
    """Of which of these tracks the person said something later, under the same field."""
    later = FactAct.objects.of(act.user).filter(field=act.field, pk__gt=act.pk)
    if not later.exists():
        return set()
    said = FactChange.objects.filter(act__in=later)
    return {pk for part in parts(tracks) for pk in said.filter(track__in=part).values_list("track_id", flat=True)}


def undo(*, user: User, act: FactAct, now: datetime) -> int:
    """Put back what was said before; tracks of which the person said something else since stay. How many came back."""
    with transaction.atomic():
        hold(user.pk)
        if not FactAct.objects.of(user).standing().filter(pk=act.pk).update(undone_at=now):
            return 0
        return put_back(act, dict(act.changes.values_list("track_id", "before")), now=now)


def put_back(act: FactAct, before: dict[int, Any], *, now: datetime) -> int:
    """What was said before of these tracks, where the act's word still stands; how many came back.

    In the caller's transaction, which holds the person. Safe to repeat.
    """
    present = _said(act.user, act.field, before)
    back = {pk: value for pk, value in before.items() if present.get(pk) == act.value}
    _write(act.user, act.field, back, now)
    _tell(act.user, sorted(back), now)
    return len(back)


def of_person(user: User) -> list[dict[str, Any]]:
    """All that the person says of tracks, for their export."""
    rows = OwnFact.objects.of(user).order_by("made_at", "id").select_related("track__artist", "track__album")
    return [
        {
            **track_entry(row.track),
            "isrc": row.track.isrc,
            "field": row.field,
            "value": row.value,
            "said_at": row.made_at,
        }
        for row in rows.iterator(5_000)
    ]


@transaction.atomic
def take_over(*, user: User, told: Sequence[tuple[int, str, Value, datetime]]) -> None:
    """Words said elsewhere, as (track, field, value, said at): those on what the person says nothing of here."""
    hold(user.pk)
    words = {(pk, field): (json.dumps(value), at) for pk, field, value, at in told}
    _name_tags((field, value) for _pk, field, value, _at in told)
    rows = [(user.pk, pk, field, *word) for (pk, field), word in sorted(words.items())]
    insert_missing(OwnFact, ["user_id", "track_id", "field", "value", "made_at"], rows)
    _tell(user, sorted({pk for pk, _field in words}), timezone.now())


def _name_tags(said: Iterable[tuple[str, Value | None]]) -> None:
    """Genres and moods that nobody spoke of before."""
    named = {
        (_KINDS[field], name) for field, value in said if field in _KINDS and isinstance(value, list) for name in value
    }
    insert_missing(Tag, ["kind", "name"], sorted(named))


def _said(user: User, field: str, tracks: Iterable[int]) -> dict[int, Any]:
    """What the person says of these tracks now."""
    found: dict[int, Any] = {}
    for part in parts(tracks):
        rows = OwnFact.objects.of(user).filter(field=field, track__in=part)
        found |= dict(rows.values_list("track_id", "value"))
    return found


def _write(user: User, field: str, values: dict[int, Any], now: datetime) -> None:
    for part in parts(values):
        OwnFact.objects.of(user).filter(field=field, track__in=part).delete()
    rows = [(user.pk, pk, field, json.dumps(value), now) for pk, value in sorted(values.items()) if value is not None]
    insert_missing(OwnFact, ["user_id", "track_id", "field", "value", "made_at"], rows)


def _tell(user: User, tracks: list[int], now: datetime) -> None:
    transaction.on_commit(lambda: collection.follow(user), robust=True)
    insert_missing(TrackChange, ["track_id", "changed_at", "only_sound"], [(pk, now, True) for pk in tracks])
