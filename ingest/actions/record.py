"""The one door to plays. Whatever arrives, in whatever order and however often: the same events give the same plays."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.db import transaction

from accounts.models import User
from ingest import columns, settle
from ingest.columns.rows import Rows
from ingest.evidence import Evidence, Origin
from ingest.models import ColumnsDelta, MergedPlay, Play, PlayLedger
from ingest.settle import Change, Verdict

_BATCH = 2_000  # events taken back in one transaction


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
            advance(ledger, settled.change, now=now)
            transaction.on_commit(partial(columns.catch_up, user), robust=True)
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
    PlayLedger.objects.filter(pk=ledger.pk).update(version=ledger.version, stamp=ledger.stamp)
    rows: Rows | None = change.rows if change and change.added else None
    ColumnsDelta.objects.create(
        user_id=ledger.pk,
        version=ledger.version,
        stamp=ledger.stamp,
        removed=b"".join(pk.to_bytes(8, "little") for pk in change.removed) if change else b"",
        added=rows.tobytes() if rows is not None else b"",
        first_id=ids[0] if ids else None,
        last_id=ids[1] if ids else None,
        created_at=now,
    )
    return ledger.version


def _told_by(user: User, origins: Sequence[Origin]) -> list[Evidence]:
    shown = Play.objects.filter(user=user, origin__in=origins).order_by("started_at", "track", "ended_at")[:_BATCH]
    found = settle.played(shown)
    if len(found) < _BATCH:
        hidden = MergedPlay.objects.filter(user=user, origin__in=origins).order_by("started_at", "track", "ended_at")
        found += settle.merged(hidden[: _BATCH - len(found)])
    return found
