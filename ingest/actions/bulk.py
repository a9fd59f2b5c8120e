"""Imports of millions of rows: read all, sift by arrays, write what is plain by the chunk, fold what is not.

Each step may be interrupted at any point. A repeat with the same source does what is left and gives the same account:
rows that this import wrote already count as what they were found to be.
"""

import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np
from django.db import IntegrityError, connection, transaction
from django.db.models import Max, Q
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from accounts import jobs
from accounts.models import User
from ingest import chunks, columns, known, settle, sifting, turn
from ingest.actions import catalogue, record, scrobbled
from ingest.columns import ROW, Columns, Rows, event_of
from ingest.columns.rows import ESTIMATE, INCOGNITO, OFFLINE, SHUFFLE, SKIPPED, row_of
from ingest.evidence import LONGEST_SPAN_MS, Account, Evidence, FileAccount, Origin, PlayBatch, Source
from ingest.models import ColumnsDelta, HistoryImport, MergedPlay, Play, TrackChange
from ingest.settle import Verdict
from ingest.songs import group_table

log = logging.getLogger(__name__)

_KNOT_BATCH = 1_500  # events folded in one transaction
_PAUSE_S = 0.008  # SQLite's waiting is not fair: the importer lets go between chunks
_SHOW_EVERY_S = 2.0  # how far the columns may lag behind while it runs
_SHOW_EVERY_ROWS = 200_000  # and how many rows are held for them
_AGAIN_AFTER = timedelta(seconds=5)
_LATE = timedelta(minutes=10)  # a change may be committed so long after it was made
_VERDICTS = (Verdict.NEW, Verdict.DUPLICATE, Verdict.MERGED)
_NEW, _DUPLICATE, _MERGED = range(3)
_BY_OVERLAP = (Origin.EXPORT, Origin.COPY, Origin.HAND)  # events of one of these and one track are one if they overlap


def load(*, user: User, history_import: HistoryImport, source: Source, run: jobs.Run, now: datetime) -> Account:
    """Import all rows of `source`; what became of each file's rows. Raises PutOff while another import is running."""
    try:
        with turn.of_importing(user.pk):
            return _Import(user, history_import, run, now).load(source)
    except turn.Taken:
        raise jobs.PutOff(now + _AGAIN_AFTER, _("Another import of yours is running; this one is next.")) from None


@dataclass(frozen=True, slots=True)
class _Told:
    """All rows of the source, in its order, and the file that each came from."""

    rows: Rows
    file: NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class _Stored:
    """What others than this import have told of this person, and what this import wrote before it was interrupted."""

    plays: Columns
    merged: Rows
    own: Columns


class _Import:
    def __init__(self, user: User, history_import: HistoryImport, run: jobs.Run, now: datetime) -> None:
        self.user = user
        self.history_import = history_import
        self.run = run
        self.now = now
        self.versions: set[int] = set()  # of the ledger, written by this run
        self.fresh: dict[int, Rows] = {}  # rows by version that the columns have not yet
        self.shown_at = time.monotonic()

    def load(self, source: Source) -> Account:
        told = _gathered(source, self.run, self.history_import)
        if not len(told.rows):
            return Account()
        verdicts = self._written(told.rows)
        columns.catch_up(self.user, self.fresh)
        return _account(told, verdicts)

    def _written(self, rows: Rows) -> NDArray[np.int8]:
        verdicts = np.full(len(rows), _DUPLICATE, dtype=np.int8)
        since, merged = columns.load(self.user).version, self._last_merged()
        distinct = np.ones(len(rows), dtype=bool)
        distinct[sifting.joined_repeats(rows).place] = False
        stored = self._stored()
        known, adds = sifting.known(rows, stored.plays)
        if len(stored.merged):
            hidden, adds_there = sifting.known(rows, stored.merged)
            known, adds = known | hidden, adds | adds_there
        left = np.flatnonzero(distinct & (~known | adds))
        knot = _knots(rows, left, stored)
        adding = np.flatnonzero(adds[left])
        knot[adding] = -2 - adding
        plain, knotted = left[knot == -1], left[knot != -1]
        verdicts[plain] = _NEW
        failed = self._write_plain(rows, plain, stored.own)
        self._write_knotted(rows, knotted, knot[knot != -1], verdicts)
        if len(failed):
            self._write_knotted(rows, failed, np.arange(len(failed)), verdicts)
        self._settle_arrivals(since, merged)
        self._look_again(rows)
        return verdicts

    def _stored(self) -> _Stored:
        plays = columns.load(self.user)
        merged = [
            row_of(0, event)
            for event in known.hidden(
                MergedPlay.objects.filter(user=self.user).exclude(source_import=self.history_import)
            )
        ]
        others = _Stored(plays, np.array(merged, dtype=ROW), columns.EMPTY)
        if not self.run.step:
            return others
        # Interrupted before: there is no index for it, so all plays are looked at.
        mine = Play.objects.filter(user=self.user, source_import=self.history_import).values_list("id", flat=True)
        own = np.isin(plays.id, np.fromiter(mine.iterator(20_000), dtype=np.int64))
        return replace(others, plays=plays.where(~own), own=plays.where(own))

    def _write_plain(self, rows: Rows, places: NDArray[np.intp], own: Columns) -> NDArray[np.intp]:
        """Write rows that nothing else can be one listening with; places of those that another beat us to."""
        places = places[np.lexsort((rows["track"][places], rows["started"][places]))]
        failed: list[NDArray[np.intp]] = []
        if len(own):
            places = places[~sifting.known(rows[places], own)[0]]
        size = chunks.rows_at_once()
        for start in range(0, len(places), size):
            part = places[start : start + size]
            try:
                self._write_chunk(rows[part])
            except IntegrityError:
                failed.append(part)
            self._pause(start + len(part), len(places))
        return np.concatenate(failed) if failed else places[:0]

    def _write_chunk(self, part: Rows) -> None:
        with transaction.atomic():
            chunks.commit_lightly()
            ledger = record.locked_ledger(self.user)
            ids = chunks.insert(part, user_id=self.user.pk, import_id=self.history_import.pk)
            version = record.advance(ledger, now=self.now, ids=ids)
            self.run.commit_step(phase="writing")
        self.versions.add(version)
        self.fresh[version] = part

    def _write_knotted(
        self, rows: Rows, places: NDArray[np.intp], knot: NDArray[np.int64], verdicts: NDArray[np.int8]
    ) -> None:
        """Fold rows that may be one listening with others: each knot whole, in the order of the source."""
        for part in _batches(places, knot, rows["started"][places]):
            events = [event_of(row, self.history_import.pk) for row in rows[part].tolist()]
            settled = self._settle(events)
            verdicts[part] = [_VERDICTS.index(verdict) for verdict in settled]

    def _settle(self, events: list[Evidence]) -> list[Verdict]:
        with transaction.atomic():
            chunks.commit_lightly()
            ledger = record.locked_ledger(self.user)
            settled = settle.arrive(self.user.pk, events, own_import=self.history_import.pk)
            if settled.change:
                self.versions.add(record.advance(ledger, settled.change, now=self.now))
            self.run.commit_step(phase="writing")
        self._pause(0, 0)
        return settled.verdicts

    def _last_merged(self) -> int:
        return MergedPlay.objects.filter(user=self.user).aggregate(Max("id"))["id__max"] or 0

    def _settle_arrivals(self, since: int, merged: int) -> None:
        """Polls that came while this ran were folded with what was there by then: fold them with all of it."""
        come = ColumnsDelta.objects.filter(user=self.user, version__gt=since).exclude(version__in=self.versions)
        events = [event_of(row) for delta in come for row in np.frombuffer(delta.added, dtype=ROW).tolist()]
        hidden = MergedPlay.objects.filter(user=self.user, id__gt=merged)
        mine = Q(source_import=self.history_import) | Q(play__source_import=self.history_import)
        events += known.hidden(hidden.exclude(mine))
        for start in range(0, len(events), _KNOT_BATCH):
            with transaction.atomic():
                ledger = record.locked_ledger(self.user)
                if change := settle.again(self.user.pk, events[start : start + _KNOT_BATCH]):
                    self.versions.add(record.advance(ledger, change, now=self.now))
                self.run.commit_step(phase="writing")
            self._pause(0, 0)

    def _look_again(self, rows: Rows) -> None:
        """What the catalogue learned of these tracks meanwhile: whoever settled it saw but some of the rows."""
        late = self.history_import.created_at - _LATE
        news = TrackChange.objects.filter(changed_at__gte=late, only_sound=False).values_list("track_id", flat=True)
        learned = np.intersect1d(np.fromiter(news.iterator(20_000), dtype=np.int64), rows["track"])
        record.again(user=self.user, track_ids=learned.tolist(), now=self.now)

    def _pause(self, done: int, total: int) -> None:
        if connection.vendor == "sqlite":
            time.sleep(_PAUSE_S)
        if total:
            self.run.advance(done, total, _("Writing plays"), "rows")
        else:
            self.run.check()
        held = sum(len(rows) for rows in self.fresh.values())
        if held >= _SHOW_EVERY_ROWS or time.monotonic() - self.shown_at > _SHOW_EVERY_S:
            columns.catch_up(self.user, self.fresh)
            self.fresh.clear()
            self.shown_at = time.monotonic()


def _gathered(source: Source, run: jobs.Run, history_import: HistoryImport) -> _Told:
    """Read the source to its end, and make its tracks and words ours."""
    parts: list[Rows] = []
    files: list[NDArray[np.int32]] = []
    tables: PlayBatch | None = None
    count = 0
    for batch in source():
        tables = batch
        parts.append(_rows(batch))
        files.append(np.full(len(batch), batch.file, dtype=np.int32))
        count += len(batch)
        run.advance(count, None, _("Reading"), "rows")
    if tables is None:
        return _Told(np.empty(0, dtype=ROW), np.empty(0, dtype=np.int32))
    rows = np.empty(count, dtype=ROW)
    start = 0
    while parts:
        part = parts.pop(0)
        rows[start : start + len(part)] = part
        start += len(part)
    ids = scrobbled.track_ids(user=history_import.user, history_import=history_import, table=tables.tracks)
    rows["track"] = np.array(ids or [0], dtype=np.int32)[rows["track"]]
    scrobbled.fill_lengths(rows)
    words = _word_ids(tables)
    for name in ("reason_start", "reason_end", "platform", "country", "context"):
        rows[name] = words[rows[name]]
    return _Told(rows, np.concatenate(files))


def _rows(batch: PlayBatch) -> Rows:
    rows = np.zeros(len(batch), dtype=ROW)
    rows["track"] = batch.track
    rows["ended"] = batch.ended_ms
    rows["started"] = np.clip(batch.started_ms, batch.ended_ms - LONGEST_SPAN_MS, batch.ended_ms)
    rows["ms"] = batch.ms_played
    flags = np.full(len(batch), batch.origin, dtype=np.uint16)
    if batch.is_estimate is not None:
        flags |= batch.is_estimate * np.uint16(ESTIMATE)
    for told, switch in (
        (batch.shuffle, SHUFFLE),
        (batch.offline, OFFLINE),
        (batch.incognito, INCOGNITO),
        (batch.skipped, SKIPPED),
    ):
        flags |= (told + np.int8(1)).astype(np.uint16) << np.uint16(switch)
    rows["flags"] = flags
    for name in ("reason_start", "reason_end", "platform", "country"):
        rows[name] = getattr(batch, name)
    if batch.context is not None:
        rows["context"] = batch.context
    return rows


def _word_ids(tables: PlayBatch) -> NDArray[np.uint32]:
    words = tables.words.words
    ids = np.zeros(len(words), dtype=np.uint32)
    for kind in {kind for kind, _text in words[1:]}:
        found = catalogue.words(kind, {text for each, text in words[1:] if each == kind})
        for place, (each, text) in enumerate(words):
            if place and each == kind:
                ids[place] = found[text]
    return ids


def _knots(rows: Rows, places: NDArray[np.intp], stored: _Stored) -> NDArray[np.int64]:
    """For each of `rows` at `places` the number of what it may be one listening with; -1 for nothing."""
    origins, there = sifting.origins(rows)[places], sifting.origins(stored.plays)
    knot = np.full(len(places), -1, dtype=np.int64)
    apart = len(places) + len(stored.plays) + len(stored.merged)  # so that knots of different kinds differ
    for number, origin in enumerate(_BY_OVERLAP):
        mine = origins == origin
        if mine.any():
            found = sifting.overlapping(rows, places[mine], stored.plays.where(there == origin))
            knot[mine] = np.where(found >= 0, found + (3 + number) * apart, -1)
    is_submit = origins == Origin.SUBMIT
    if is_submit.any():
        told = stored.plays.where(there == Origin.SUBMIT)
        group = group_table(np.concatenate((rows["track"][places], told.track)))
        found = sifting.overlapping(rows, places[is_submit], told, group)
        knot[is_submit] = np.where(found >= 0, found + 2 * apart, -1)
    seen = set(np.unique(origins).tolist()) | set(np.unique(there).tolist())
    if len(seen) > 1 or len(stored.merged):
        around = np.concatenate((stored.plays.rows(), stored.merged))
        merged = np.arange(len(around)) >= len(stored.plays)
        group = group_table(np.concatenate((rows["track"][places], around["track"])))
        mixed = sifting.among_others(rows, places, around, merged, group)
        # A cluster of overlaps lies wholly in one of these, if any of it does.
        knot = np.where(mixed >= 0, mixed + apart, knot)
    return knot


def _batches(
    places: NDArray[np.intp], knot: NDArray[np.int64], started: NDArray[np.int64]
) -> Iterator[NDArray[np.intp]]:
    """`places` in parts of some size that lie near in time, never parting a knot, each knot in the order given."""
    _numbers, number = np.unique(knot, return_inverse=True)
    first = np.full(number.max(initial=-1) + 1, np.iinfo(np.int64).max)
    np.minimum.at(first, number, started)
    order = np.lexsort((number, first[number]))
    places, number = places[order], number[order]
    ends = np.append(np.flatnonzero(number[1:] != number[:-1]) + 1, len(places))
    start = 0
    while start < len(places):
        end = int(ends[min(int(np.searchsorted(ends, start + _KNOT_BATCH)), len(ends) - 1)])
        yield places[start:end]
        start = end


def _account(told: _Told, verdicts: NDArray[np.int8]) -> Account:
    account = Account(first_ms=int(told.rows["started"].min()), last_ms=int(told.rows["ended"].max()))
    for file in np.unique(told.file).tolist():
        counts = np.bincount(verdicts[told.file == file], minlength=3).tolist()
        account.files[file] = FileAccount(new=counts[_NEW], duplicate=counts[_DUPLICATE], merged=counts[_MERGED])
    return account
