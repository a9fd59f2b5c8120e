"""Fitting events in among what is known already: load what could matter, fold it anew, write the difference.

Used by `actions/record.py` and `actions/bulk.py` alone, inside their transaction and under the person's ledger.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

import numpy as np

from accounts.fields import from_ms
from ingest import columns, reconcile
from ingest.evidence import Evidence
from ingest.known import Known, parts, stored_around
from ingest.models import MergedPlay, Play
from ingest.reconcile import DETAILS, Listening, Merged
from ingest.songs import songs_around


class Verdict(Enum):
    """What became of one arriving event."""

    NEW = "new"
    DUPLICATE = "duplicate"
    MERGED = "merged"


@dataclass(slots=True)
class Change:
    """What was written, for the columns: ids that went, and rows that came. A changed row does both."""

    removed: list[int] = field(default_factory=list)
    added: list[tuple] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.removed or self.added)

    @property
    def rows(self) -> columns.Rows:
        return np.array(self.added, dtype=columns.ROW)


@dataclass(slots=True)
class Settled:
    change: Change
    verdicts: list[Verdict]  # one for each arriving event, in order
    play_ids: list[int]  # likewise: the play that tells it


def arrive(user_id: int, arriving: Sequence[Evidence], *, own_import: int | None = None) -> Settled:
    """Record `arriving`; events of `own_import` that are stored already count as arriving now (a resumed import)."""
    songs = songs_around({event.track_id for event in arriving})
    known = stored_around(user_id, arriving, songs)
    before = known.told()
    listenings = reconcile.fold([*before.values(), *arriving], songs)
    change, place_of = _write(user_id, known, listenings)
    prior = {place for place, event in before.items() if own_import is None or event.import_id != own_import}
    play_ids = [place_of[reconcile.identity(event)] for event in arriving]
    return Settled(change, judge(arriving, listenings, prior), play_ids)


def leave(user_id: int, leaving: Sequence[Evidence]) -> Change:
    """Take events back as if they had never been told; what they hid or filled is as it was without them."""
    songs = songs_around({event.track_id for event in leaving})
    known = stored_around(user_id, leaving, songs)
    gone = {reconcile.identity(event) for event in leaving}
    stays = [event for place, event in known.told().items() if place not in gone]
    change, _ = _write(user_id, known, reconcile.fold(stays, songs))
    return change


def again(user_id: int, around: Sequence[Evidence]) -> Change:
    """Fold anew what is stored around these events: the catalogue may have learned which tracks are one song."""
    songs = songs_around({event.track_id for event in around})
    known = stored_around(user_id, around, songs)
    change, _ = _write(user_id, known, reconcile.fold(known.told().values(), songs))
    return change


def _write(user_id: int, known: Known, listenings: list[Listening]) -> tuple[Change, dict[tuple, int]]:
    """Make the stored plays those of `listenings`, which tell all that is `known`; the play id of each identity."""
    holder = {reconcile.identity(event): pk for pk, event in known.best().items()}
    chosen: list[int | None] = []
    for listening in listenings:
        events = [listening.best, *(merged.event for merged in listening.merged)]
        ids = [holder[mark] for event in events if (mark := reconcile.identity(event)) in holder]
        chosen.append(ids[0] if ids else None)
    kept = {pk for pk in chosen if pk is not None}
    gone = known.plays.keys() - kept
    changed = [
        (listening.play, pk)
        for listening, pk in zip(listenings, chosen, strict=True)
        if pk is not None and known.plays[pk] != listening.play
    ]
    _delete(Play, [*gone, *(pk for _, pk in changed)])
    Play.objects.bulk_create([_to_play(user_id, play, pk) for play, pk in changed], batch_size=1_000)
    fresh = [place for place, pk in enumerate(chosen) if pk is None]
    made = Play.objects.bulk_create([_to_play(user_id, listenings[place].play) for place in fresh], batch_size=1_000)
    for number, play in zip(fresh, made, strict=True):
        chosen[number] = play.pk
    ids = [pk for pk in chosen if pk is not None]
    _write_merged(user_id, known, listenings, ids)
    change = Change(
        removed=sorted([*gone, *(pk for _, pk in changed)]),
        added=[columns.row_of(pk, play) for play, pk in changed]
        + [columns.row_of(play.pk, listenings[place].play) for place, play in zip(fresh, made, strict=True)],
    )
    place_of = {
        reconcile.identity(event): pk
        for listening, pk in zip(listenings, ids, strict=True)
        for event in (listening.best, *(merged.event for merged in listening.merged))
    }
    return change, place_of


def _write_merged(user_id: int, known: Known, listenings: list[Listening], ids: list[int]) -> None:
    wanted = {(pk, merged) for listening, pk in zip(listenings, ids, strict=True) for merged in listening.merged}
    stored = {told: pk for pk, told in known.merged.items()}
    _delete(MergedPlay, [pk for told, pk in stored.items() if told not in wanted])
    MergedPlay.objects.bulk_create(
        [_to_merged(user_id, pk, merged) for pk, merged in sorted(wanted - stored.keys(), key=_by_time)],
        batch_size=1_000,
    )


def _by_time(told: tuple[int, Merged]) -> tuple:
    return told[1].event.started_ms, told[0], reconcile.identity(told[1].event)


def _delete(model: type[Play] | type[MergedPlay], ids: Collection[int]) -> None:
    """Without Django's cascade: rows that point here are written anew in the same transaction."""
    for part in parts(ids):
        found = model.objects.filter(id__in=part)
        found._raw_delete(found.db)


def _to_play(user_id: int, event: Evidence, pk: int | None = None) -> Play:
    return Play(
        id=pk,
        user_id=user_id,
        track_id=event.track_id,
        started_at=from_ms(event.started_ms),
        ended_at=from_ms(event.ended_ms),
        ms_played=event.ms_played,
        is_estimate=event.is_estimate,
        origin=event.origin,
        source_import_id=event.import_id,
        **{name: getattr(event, name) for name in DETAILS},
    )


def _to_merged(user_id: int, play_id: int, merged: Merged) -> MergedPlay:
    event = merged.event
    details: dict[str, Any] = {name: value for name in DETAILS if (value := getattr(event, name)) not in (None, 0)}
    details |= {name: False for name in DETAILS[5:] if getattr(event, name) is False}
    if merged.gave:
        details["gave"] = list(merged.gave)
    return MergedPlay(
        user_id=user_id,
        play_id=play_id,
        origin=event.origin,
        track_id=event.track_id,
        started_at=from_ms(event.started_ms),
        ended_at=from_ms(event.ended_ms),
        ms_played=event.ms_played,
        is_estimate=event.is_estimate,
        details=details,
        source_import_id=event.import_id,
    )


def judge(arriving: Sequence[Evidence], listenings: Iterable[Listening], prior: Collection[tuple]) -> list[Verdict]:
    """What became of each of `arriving`, given the identities that were told before.

    A listening is new with its first arriving event if nothing told of it before: the best event counts as the first.
    """
    of = {
        reconcile.identity(event): listening
        for listening in listenings
        for event in (listening.best, *(merged.event for merged in listening.merged))
    }
    verdicts: list[Verdict | None] = [None] * len(arriving)
    by_best: dict[Evidence, list[int]] = {}
    for place, event in enumerate(arriving):
        by_best.setdefault(of[reconcile.identity(event)].best, []).append(place)
    for best, places in by_best.items():
        listening = of[reconcile.identity(best)]
        told = (listening.best, *(merged.event for merged in listening.merged))
        before = {event.origin for event in told if reconcile.identity(event) in prior}
        first = next((p for p in places if reconcile.identity(arriving[p]) == reconcile.identity(best)), places[0])
        for place in (first, *(each for each in places if each != first)):
            origin = arriving[place].origin
            if origin in before:
                verdicts[place] = Verdict.DUPLICATE
            else:
                verdicts[place] = Verdict.MERGED if before else Verdict.NEW
            before.add(origin)
    return [verdict for verdict in verdicts if verdict is not None]
