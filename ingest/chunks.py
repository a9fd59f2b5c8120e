"""Writing plays by the thousand: one function, a body for each database."""

import io
from collections.abc import Callable
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from ingest.columns.rows import ESTIMATE, INCOGNITO, OFFLINE, ORIGIN_BITS, SHUFFLE, SKIPPED, Rows

_TABLE = "ingest_play"
_SWITCHES = {"shuffle": SHUFFLE, "offline": OFFLINE, "incognito": INCOGNITO, "skipped": SKIPPED}
_PLAIN = {
    "id": "id",
    "track_id": "track",
    "started_at": "started",
    "ended_at": "ended",
    "ms_played": "ms",
    "reason_start": "reason_start",
    "reason_end": "reason_end",
    "platform": "platform",
    "country": "country",
    "context": "context",
}
# Column, and its width in bytes on PostgreSQL's wire.
_WIDTHS = {
    "id": 8,
    "user_id": 8,
    "track_id": 8,
    "started_at": 8,
    "ended_at": 8,
    "ms_played": 4,
    "is_estimate": 1,
    "origin": 2,
    "reason_start": 4,
    "reason_end": 4,
    "platform": 4,
    "country": 4,
    "context": 4,
    "source_import_id": 8,
    **dict.fromkeys(_SWITCHES, 1),
}


def rows_at_once() -> int:
    """SQLite's other writers wait as long as a chunk takes; PostgreSQL's do not wait, and each chunk costs a commit."""
    return 20_000 if connection.vendor == "postgresql" else 5_000


def insert(rows: Rows, *, user_id: int, import_id: int) -> tuple[int, int]:
    """Insert `rows` as plays inside the caller's transaction, setting their ids; the first and the last of these.

    The caller holds the person's ledger. IntegrityError if one of the rows is there already.
    """
    bodies: dict[str, Callable[..., None]] = {"postgresql": _copy, "sqlite": _execute_many}
    _number(rows)
    bodies[connection.vendor](rows, user_id, import_id)
    return int(rows["id"][0]), int(rows["id"][-1])


def commit_lightly() -> None:
    """Let the caller's transaction not wait for the disk: a repeat makes good what a crash of the server may lose,
    and the commit that ends the import waits for all before it."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL synchronous_commit TO off")


def _number(rows: Rows) -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # The numbers themselves travel only if another writer took some in between.
            cursor.execute(
                "SELECT min(number), CASE WHEN max(number) - min(number) >= count(*) THEN array_agg(number) END FROM "
                "(SELECT nextval((SELECT pg_get_serial_sequence('ingest_play', 'id')::regclass)) AS number "
                "FROM generate_series(1, %s)) AS taken",
                [len(rows)],
            )
            first, apart = cursor.fetchone()
            rows["id"] = np.sort(apart) if apart else np.arange(first, first + len(rows))
        else:
            cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = 'ingest_play'")
            row = cursor.fetchone()
            rows["id"] = np.arange(len(rows)) + (row[0] if row else 0) + 1


def _execute_many(rows: Rows, user_id: int, import_id: int, table: str = _TABLE) -> None:
    # What is the same for all rows stands in the statement: binding values is most of the work.
    told = dict.fromkeys((*_PLAIN, *_SWITCHES, "origin", "is_estimate"), "%s")
    told |= {"user_id": str(int(user_id)), "source_import_id": str(int(import_id))}
    values = {column: rows[name] for column, name in _PLAIN.items()} | _decoded(rows)
    for column in [name for name, value in values.items() if name != "id" and (value == value[0]).all()]:
        first = values.pop(column)[0]
        told[column] = "NULL" if column in _SWITCHES and first == -1 else str(int(first))
    lists = [_optional(values[column]) if column in _SWITCHES else values[column].tolist() for column in values]
    names = [*values, *(column for column in told if column not in values)]
    sql = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join(told[name] for name in names)})"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.executemany(sql, list(zip(*lists, strict=True)))


def _optional(values: NDArray[Any]) -> list[int | None]:
    return [None if value < 0 else value for value in values.tolist()]


def _decoded(rows: Rows) -> dict[str, NDArray[Any]]:
    flags = rows["flags"]
    told = {name: ((flags >> switch) & 0b11).astype(np.int8) - np.int8(1) for name, switch in _SWITCHES.items()}
    return told | {"origin": flags & ORIGIN_BITS, "is_estimate": (flags & ESTIMATE) >> 3}


def _copy(rows: Rows, user_id: int, import_id: int, table: str = _TABLE) -> None:
    """Binary COPY, laid out by numpy: rows with the same switches untold have one width, so they go together."""
    values = {column: rows[name] for column, name in _PLAIN.items()} | _decoded(rows)
    values |= {"user_id": np.full(len(rows), user_id), "source_import_id": np.full(len(rows), import_id)}
    untold = sum((values[name] < 0).astype(np.int8) << place for place, name in enumerate(_SWITCHES))
    wire = io.BytesIO()
    wire.write(b"PGCOPY\n\xff\r\n\x00" + bytes(8))
    for pattern in np.unique(untold).tolist():
        chosen = untold == pattern
        nulls = {name for place, name in enumerate(_SWITCHES) if pattern >> place & 1}
        wire.write(_wire({name: value[chosen] for name, value in values.items()}, nulls))
    wire.write(b"\xff\xff")
    columns = ", ".join(_WIDTHS)
    with (
        connection.wrap_database_errors,
        connection.connection.cursor() as cursor,
        cursor.copy(f"COPY {table} ({columns}) FROM STDIN (FORMAT BINARY)") as copy,
    ):
        copy.write(wire.getvalue())


def _wire(values: dict[str, NDArray[Any]], nulls: set[str]) -> bytes:
    layout: list[tuple[str, str]] = [("fields", ">i2")]
    for column, width in _WIDTHS.items():
        layout.append((f"{column}_size", ">i4"))
        if column not in nulls:
            layout.append((column, f">i{width}"))
    table = np.empty(len(values["id"]), dtype=layout)
    table["fields"] = len(_WIDTHS)
    for column, width in _WIDTHS.items():
        table[f"{column}_size"] = -1 if column in nulls else width
        if column not in nulls:
            table[column] = values[column]
    return table.tobytes()
