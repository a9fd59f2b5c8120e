"""The one door to plays. Whatever arrives, in whatever order and however often: the same events give the same plays."""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

import numpy as np
from django.db import connection, transaction
from django.db.models import Q

from accounts.models import User
from ingest import columns, known, reconcile, settle, sifting
from ingest.columns.rows import Rows
from ingest.evidence import Evidence, Origin
from ingest.models import MergedPlay, Play, PlayLedger
from ingest.settle import Change, Verdict
from ingest.songs import group_table, songs_around
from ingest.upsert import parts

_BATCH = 2_000  # events taken back in one transaction
_MOVE = "UPDATE ingest_playledger SET version = %s, stamp = %s WHERE user_id = %s"
_TELL = """INSERT INTO ingest_columnsdelta (user_id, version, stamp, removed, added, first_id, last_id, created_at)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s)"""


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of some events: `new`, `duplicate` and `merged` add up to their number; `play_ids` in their order."""

    new: int
    duplicate: int
    merged: int
    play_ids: tuple[int, ...] = ()
    verdicts: tuple[Verdict, ...] = ()


def plays(*, user: User, evidence: Sequence[Evidence], now: datetime) -> Recorded:
    """Record events of one person in one transaction: a poll, a watched track, submissions; some thousands at most."""
    if not evidence:
        return Recorded(0, 0, 0)
    with transaction.atomic():
        ledger = locked_ledger(user)
        settled = settle.arrive(user.pk, evidence)
        if settled.change:
            since = columns.State(ledger.version, ledger.stamp)
            advance(ledger, settled.change, now=now)
            transaction.on_commit(partial(_show, user, since, ledger, settled.change), robust=True)
    counts = {verdict: settled.verdicts.count(verdict) for verdict in Verdict}
    return Recorded(
        counts[Verdict.NEW],
        counts[Verdict.DUPLICATE],
        counts[Verdict.MERGED],
        tuple(settled.play_ids),
        tuple(settled.verdicts),
    )


def forget(*, user: User, origins: Sequence[Origin], now: datetime) -> int:
    """Take back every event of these origins, as if it had never been told; the number of events.

    Plays that another event tells of stay, with what that event told. In transactions of some thousand events; if
    stopped, a repeat takes back the rest.
    """
    count = 0
    while leaving := _told_by(user, origins):
        with transaction.atomic():
            ledger = locked_ledger(user)
            advance(ledger, settle.leave(user.pk, leaving), now=now)
        count += len(leaving)
    columns.catch_up(user)
    return count


def take_back(*, user: User, evidence: Sequence[Evidence], now: datetime) -> None:
    """Take some events back as if they had never been told; some thousands at most. What was not told is passed over.

    In one transaction.
    """
    if not evidence:
        return
    with transaction.atomic():
        ledger = locked_ledger(user)
        advance(ledger, settle.leave(user.pk, evidence), now=now)
        transaction.on_commit(partial(columns.catch_up, user), robust=True)


def again(*, user: User, track_ids: Collection[int], now: datetime) -> int:
    """Decide anew which events that have to do with these tracks are one listening; how many plays went or changed.

    For when their credits or recordings became known. In transactions of some thousand events; safe to repeat.
    """
    if not track_ids:
        return 0
    with transaction.atomic():
        locked_ledger(user)  # whoever was writing is done; whoever comes knows what the catalogue knows by now
    events = _in_doubt(user, sorted(track_ids))
    count = 0
    for start in range(0, len(events), _BATCH):
        with transaction.atomic():
            ledger = locked_ledger(user)
            if change := settle.again(user.pk, events[start : start + _BATCH]):
                advance(ledger, change, now=now)
                count += len(change.removed)
    if count:
        columns.catch_up(user)
    return count


def _in_doubt(user: User, tracks: list[int]) -> list[Evidence]:
    """What was told of songs that these tracks may be, where more than one event may tell of one listening; by time."""
    merged, plays = MergedPlay.objects.filter(user=user), columns.load(user)
    if not np.isin(plays.track, tracks).any() and not merged.filter(track__in=tracks).exists():
        return []
    near = sorted(songs_around(tracks))
    found = {
        reconcile.identity(event): event
        for part in parts(near)
        for event in known.hidden(merged.filter(Q(track__in=part) | Q(play__track__in=part)))
    }
    hidden = list(found.values())
    rows = plays.where(np.isin(plays.track, near)).rows()
    if len(rows) or hidden:
        group = group_table(np.array([*near, *(event.track_id for event in hidden)], dtype=np.int64))
        stored = np.array([columns.row_of(0, event) for event in hidden], dtype=columns.ROW)
        knot = sifting.among_others(rows, np.arange(len(rows)), stored, np.ones(len(stored), dtype=bool), group)
        submitted = np.flatnonzero(sifting.origins(rows) == Origin.SUBMIT)
        knot[submitted] = np.maximum(knot[submitted], sifting.overlapping(rows, submitted, rows[:0], group))
        hidden += [columns.event_of(row) for row in rows[knot >= 0].tolist()]
    return sorted(hidden, key=lambda event: event.started_ms)


def retell(
    *, user: User, track_id: int, as_track_id: int, starts_ms: Collection[int] | None = None, now: datetime
) -> list[int]:
    """Tell a person's submissions of one track as another's, all or those of these starts; the starts moved, in ms.

    What the other track had of the same start already is not among the moved. In one transaction.
    """
    with transaction.atomic():
        ledger = locked_ledger(user)
        there = {event.started_ms for event in _submitted(user, as_track_id)}
        events = [each for each in _submitted(user, track_id) if starts_ms is None or each.started_ms in starts_ms]
        for start in range(0, len(events), _BATCH):
            part = events[start : start + _BATCH]
            advance(ledger, settle.leave(user.pk, part), now=now)
            settled = settle.arrive(user.pk, [replace(each, track_id=as_track_id) for each in part])
            advance(ledger, settled.change, now=now)
        transaction.on_commit(partial(columns.catch_up, user), robust=True)
    return sorted({event.started_ms for event in events} - there)


def _submitted(user: User, track_id: int) -> list[Evidence]:
    its = {"user": user, "track": track_id, "origin": Origin.SUBMIT}
    return known.told(Play.objects.filter(**its)) + known.hidden(MergedPlay.objects.filter(**its))


def locked_ledger(user: User) -> PlayLedger:
    """The person's ledger, held until the transaction ends: one writer of one person's plays at a time."""
    held = PlayLedger.objects.select_for_update()
    ledger = held.filter(user=user).first()
    if ledger is None:
        PlayLedger.objects.bulk_create([PlayLedger(user=user)], ignore_conflicts=True)
        ledger = held.get(user=user)
    return ledger


def advance(
    ledger: PlayLedger, change: Change | None = None, *, now: datetime, ids: tuple[int, int] | None = None
) -> int:
    """Give the ledger its next version, and tell the columns what came with it; the version.

    Either a `change`, or the first and last of the `ids` that were added.
    """
    ledger.version += 1
    ledger.stamp = secrets.randbits(62) | 1
    rows: Rows | None = change.rows if change and change.added else None
    moved = [ledger.version, ledger.stamp, ledger.pk]
    delta = [
        *(ledger.pk, ledger.version, ledger.stamp),
        b"".join(pk.to_bytes(8, "little") for pk in change.removed) if change else b"",
        rows.tobytes() if rows is not None else b"",
        *(ids or (None, None)),
        connection.ops.adapt_datetimefield_value(now),
    ]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":  # one way to the server instead of two, for each new play
            cursor.execute(f"WITH moved AS ({_MOVE}) {_TELL}", [*moved, *delta])
        else:
            cursor.execute(_MOVE, moved)
            cursor.execute(_TELL, delta)
    return ledger.version


def _show(user: User, since: columns.State, ledger: PlayLedger, change: Change) -> None:
    if change.removed:
        columns.catch_up(user)
    else:
        columns.follow(user, since, columns.State(ledger.version, ledger.stamp), change.rows)


def _told_by(user: User, origins: Sequence[Origin]) -> list[Evidence]:
    shown = Play.objects.filter(user=user, origin__in=origins).order_by("started_at", "track", "ended_at")[:_BATCH]
    found = known.played(shown)
    if len(found) < _BATCH:
        hidden = MergedPlay.objects.filter(user=user, origin__in=origins).order_by("started_at", "track", "ended_at")
        found += known.hidden(hidden[: _BATCH - len(found)])
    return found
