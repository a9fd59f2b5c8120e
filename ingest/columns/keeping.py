"""Columns and the database: catching up by deltas, rebuilding from the plays, comparing the two."""

import logging
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import numpy as np
from django.conf import settings
from django.db import connection
from numpy.typing import NDArray

from accounts.models import User
from ingest.columns import files
from ingest.columns.rows import EMPTY, NAMES, ROW, Columns, Rows
from ingest.models import ColumnsDelta, PlayLedger

log = logging.getLogger(__name__)

_BLOCK = 20_000  # rows fetched at once
_SELECT = """
SELECT id, track_id, started_at, ended_at, ms_played,
  origin + CASE WHEN is_estimate THEN 8 ELSE 0 END
  + CASE WHEN shuffle THEN 32 WHEN NOT shuffle THEN 16 ELSE 0 END
  + CASE WHEN offline THEN 128 WHEN NOT offline THEN 64 ELSE 0 END
  + CASE WHEN incognito THEN 512 WHEN NOT incognito THEN 256 ELSE 0 END
  + CASE WHEN skipped THEN 2048 WHEN NOT skipped THEN 1024 ELSE 0 END,
  reason_start, reason_end, platform, country, context
FROM ingest_play WHERE user_id = %s"""


class State(NamedTuple):
    """Which change of plays was the last."""

    version: int
    stamp: int


def folder(user_id: int) -> Path:
    return Path(settings.COLUMNS_DIR) / str(user_id)


def longest() -> int:
    """How many plays the person with most of them has on this host, about."""
    sizes = [path.stat().st_size for path in Path(settings.COLUMNS_DIR).glob("*/g*/id")]
    return max(sizes, default=0) // ROW["id"].itemsize


def load(user: User) -> Columns:
    """One person's plays as they are now, memory-mapped: about a millisecond when the files are up to date."""
    for _ in range(3):  # another process may write while we read
        found = files.read(folder(user.pk))
        if found and found[0].boot == files.boot() and (found[0].version, found[0].stamp) == _state(user.pk):
            return found[1]
        catch_up(user)
    found = files.read(folder(user.pk))
    return found[1] if found else EMPTY


def catch_up(user: User, fresh: Mapping[int, Rows] | None = None) -> None:
    """Bring the files to the ledger's version by the deltas, or by the plays where deltas are gone.

    `fresh` spares reading what an import has just written: rows by version. Safe to call at any time and twice.
    """
    place = folder(user.pk)
    with files.writing(place):
        found = files.read(place)
        if found is None or (found[0].boot != files.boot() and not files.is_whole(place, *found)):
            return _rebuild(user, place)
        head, columns = found
        now = _state(user.pk)
        if (head.version, head.stamp) == now:
            if head.boot != files.boot():
                files.restate(place, head, version=now.version, stamp=now.stamp)
            return None
        deltas = _deltas(user.pk, State(head.version, head.stamp), now)
        if deltas is None:
            return _rebuild(user, place)
        removed, added = _composed(user.pk, deltas, fresh or {})
        _apply(place, head, columns, removed, added, now)
    return None


def follow(user: User, since: State, until: State, added: Rows) -> None:
    """Add the rows that a change just committed brought, without a query where they simply come last.

    Where they do not, or the files are not those of `since`, as `catch_up`.
    """
    place = folder(user.pk)
    with files.writing(place):
        head = files.read_head(place)
        if head is not None and head.boot == files.boot() and (head.version, head.stamp) == since:
            try:
                last = files.last(place, head)
                if last and (added["started"].min(), added["id"].min()) > last:
                    added = added[np.lexsort((added["id"], added["started"]))]
                    files.append(place, head, added, version=until.version, stamp=until.stamp)
                    return
            except (OSError, ValueError):
                log.warning("The columns of person %s are damaged.", user.pk, exc_info=True)
    catch_up(user)


def rebuild(user: User) -> int:
    """Write the files anew from the plays; the number of plays."""
    with files.writing(folder(user.pk)):
        _rebuild(user, folder(user.pk))
    return len(load(user))


def check(user: User) -> list[str]:
    """In what the files differ from the plays, for people; empty if in nothing. Changes nothing but to catch up."""
    for _ in range(5):
        before = _state(user.pk)
        found = files.read(folder(user.pk))
        if found and found[0].version <= before.version and not files.is_whole(folder(user.pk), *found):
            return ["damaged: the checksums differ"]
        columns, plays = load(user), read_plays(user.pk)
        if _state(user.pk) == before:
            return _differences(columns, plays)
    return ["not compared: plays kept arriving"]


def forget(user: User) -> None:
    files.remove(folder(user.pk))


def thin(*, before: datetime) -> int:
    """Delete deltas that were written before that moment; hosts that have not caught up since will rebuild."""
    return ColumnsDelta.objects.filter(created_at__lt=before).delete()[0]


def read_plays(user_id: int, first_id: int | None = None, last_id: int | None = None) -> Rows:
    """One person's plays from the database, sorted; those with ids from `first_id` to `last_id` if given."""
    sql, parameters = _SELECT, [user_id]
    if first_id is not None and last_id is not None:
        sql, parameters = f"{_SELECT} AND id BETWEEN %s AND %s", [user_id, first_id, last_id]
    blocks = list(_copied(sql, parameters) if connection.vendor == "postgresql" else _fetched(sql, parameters))
    rows = np.concatenate(blocks) if blocks else np.empty(0, dtype=ROW)
    return rows[np.lexsort((rows["id"], rows["started"]))]


def _fetched(sql: str, parameters: list[int]) -> Iterator[Rows]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        while block := cursor.fetchmany(_BLOCK):
            yield np.array(block, dtype=ROW)


def _copied(sql: str, parameters: list[int]) -> Iterator[Rows]:
    """The same by PostgreSQL's binary COPY: no Python object per value."""
    wide = np.dtype([("n", ">i2")] + [part for name in NAMES for part in ((f"{name}_size", ">i4"), (name, ">i8"))])
    columns = ", ".join(f"c{place}::int8" for place in range(len(NAMES)))
    named = ", ".join(f"c{place}" for place in range(len(NAMES)))
    connection.ensure_connection()
    rest, skip = b"", 19  # the header's bytes
    with (
        connection.connection.cursor() as cursor,
        cursor.copy(
            f"COPY (SELECT {columns} FROM ({sql}) AS plays ({named})) TO STDOUT (FORMAT BINARY)",  # noqa: S608
            parameters,
        ) as copy,
    ):
        parts, size = [], 0
        for part in copy:
            parts.append(bytes(part))
            size += len(part)
            if size >= _BLOCK * wide.itemsize:
                raw = rest + b"".join(parts)
                whole = (len(raw) - skip) // wide.itemsize
                yield _narrow(raw, wide, skip, whole)
                rest, parts, size, skip = raw[skip + whole * wide.itemsize :], [], 0, 0
        raw = rest + b"".join(parts)
        whole = (len(raw) - skip) // wide.itemsize  # the trailer is shorter than a row
        yield _narrow(raw, wide, skip, whole)


def _narrow(raw: bytes, wide: np.dtype, skip: int, count: int) -> Rows:
    told = np.frombuffer(raw, dtype=wide, count=count, offset=skip)
    rows = np.empty(count, dtype=ROW)
    for name in NAMES:
        rows[name] = told[name]
    return rows


def _state(user_id: int) -> State:
    row = PlayLedger.objects.filter(user_id=user_id).values_list("version", "stamp").first()
    return State(*row) if row else State(0, 0)


def _deltas(user_id: int, since: State, until: State) -> list[ColumnsDelta] | None:
    """All changes after `since`; None if they are not the continuation of it."""
    if until.version <= since.version:
        return None
    found = list(
        ColumnsDelta.objects.filter(user_id=user_id, version__gte=since.version, version__lte=until.version).order_by(
            "version"
        )
    )
    own = found.pop(0).stamp if found and found[0].version == since.version else 0
    known = since.version == 0 or own != 0
    if not known or own != since.stamp or len(found) != until.version - since.version:
        return None
    return found if found[-1].stamp == until.stamp else None


def _composed(user_id: int, deltas: list[ColumnsDelta], fresh: Mapping[int, Rows]) -> tuple[NDArray[np.int64], Rows]:
    """Several changes as one: ids to take out of the rows that are there, and rows to add."""
    removed: list[NDArray[np.int64]] = []
    added: list[Rows] = []
    for delta in deltas:
        out = np.frombuffer(delta.removed, dtype="<i8")
        if out.size:
            removed.append(out)
            added = [rows[~np.isin(rows["id"], out)] for rows in added]
        if delta.version in fresh:
            added.append(fresh[delta.version])
        elif delta.first_id is not None and delta.last_id is not None:
            # As they are now: what changed since is in the deltas that follow.
            added.append(read_plays(user_id, delta.first_id, delta.last_id))
        elif delta.added:
            added.append(np.frombuffer(delta.added, dtype=ROW))
    rows = np.concatenate(added) if added else np.empty(0, dtype=ROW)
    return (np.concatenate(removed) if removed else np.empty(0, dtype=np.int64)), rows


def _apply(
    place: Path, head: files.Head, columns: Columns, removed: NDArray[np.int64], added: Rows, now: State
) -> None:
    added = added[np.lexsort((added["id"], added["started"]))]
    stays = None
    if removed.size:
        stays = ~np.isin(columns.id, removed)
        if stays.all():
            stays = None
    if not added.size and stays is None:
        files.restate(place, head, version=now.version, stamp=now.stamp)
        return
    last = (columns.started[-1], columns.id[-1]) if len(columns) else None
    if stays is None and last and (added["started"][0], added["id"][0]) > last:
        files.append(place, head, added, version=now.version, stamp=now.stamp)
        return
    files.write(place, _merged(columns, stays, added), version=now.version, stamp=now.stamp)


def _merged(columns: Columns, stays: NDArray[np.bool_] | None, added: Rows) -> dict[str, NDArray]:
    def joined(name: str) -> NDArray:
        kept = getattr(columns, name)
        return np.concatenate((kept if stays is None else kept[stays], added[name]))

    started, ids = joined("started"), joined("id")
    order = np.argsort(started, kind="stable")  # two sorted runs: nearly linear
    in_order, sorted_ids = started[order], ids[order]
    if ((in_order[1:] == in_order[:-1]) & (sorted_ids[1:] < sorted_ids[:-1])).any():
        order = np.lexsort((ids, started))
    return {name: joined(name)[order] for name in NAMES}


def _rebuild(user: User, place: Path) -> None:
    """Read all plays, then apply what changed meanwhile: needs no transaction, and blocks nobody."""
    before = _state(user.pk)
    rows = read_plays(user.pk)
    after = _state(user.pk)
    if after != before:
        deltas = _deltas(user.pk, before, after)
        if deltas is None:
            return _rebuild(user, place)
        removed, added = _composed(user.pk, deltas, {})
        # A change may be in `rows` already, wholly or not: what the deltas say last holds.
        rows = np.concatenate((rows[~np.isin(rows["id"], np.concatenate((removed, added["id"])))], added))
        rows = rows[np.lexsort((rows["id"], rows["started"]))]
    files.write(place, {name: rows[name] for name in NAMES}, version=after.version, stamp=after.stamp)
    log.info("Rebuilt the columns of person %s: %s plays.", user.pk, len(rows))
    return None


def _differences(columns: Columns, plays: Rows) -> list[str]:
    if len(columns) != len(plays):
        return [f"{len(columns)} rows in the columns, {len(plays)} plays"]
    return [
        f"{name}: {int(np.count_nonzero(differs))} of {len(plays)} rows differ"
        for name in NAMES
        if (differs := getattr(columns, name) != plays[name]).any()
    ]
