"""Many rows into a shared table in few statements, on both databases, beside others that insert the same."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import connection, models, transaction

PARAMETERS = 10_000  # values in one IN (…): SQLite takes 32,766
_CHUNK = 4_000  # rows of one transaction: SQLite's other writers wait no longer


def insert_missing(model: type[models.Model], names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Insert rows (values in the order of `names`, column names as on the model) that break no unique key.

    Fields that are not named take their defaults. Give rows in the order of their key: then two workers that insert
    the same rows wait for each other instead of locking each other out.
    """
    fields = [field for field in model._meta.concrete_fields if not field.primary_key]
    constants = {field.attname: field.get_default() for field in fields if field.attname not in names}
    ordered = [field for field in fields if field.attname in names]
    places = [names.index(field.attname) for field in ordered]
    constant = tuple(constants.values())
    columns = [*ordered, *(field for field in fields if field.attname in constants)]
    table = [(*(_plain(row[place]) for place in places), *constant) for row in rows]
    for start in range(0, len(table), _CHUNK):
        _insert(model, columns, table[start : start + _CHUNK])


def _insert(model: type[models.Model], fields: list[models.Field], rows: list[tuple]) -> None:
    quote = connection.ops.quote_name
    into = f"INSERT INTO {quote(model._meta.db_table)} ({', '.join(quote(field.column) for field in fields)})"
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            arrays = ", ".join(f"%s::{_type(field)}[]" for field in fields)
            values = [list(column) for column in zip(*rows, strict=True)]
            cursor.execute(f"{into} SELECT * FROM unnest({arrays}) ON CONFLICT DO NOTHING", values)  # noqa: S608
        else:
            marks = ", ".join(["%s"] * len(fields))
            cursor.executemany(f"{into} VALUES ({marks}) ON CONFLICT DO NOTHING", rows)


def _type(field: models.Field) -> str | None:
    return field.rel_db_type(connection) if isinstance(field, models.ForeignKey) else field.db_type(connection)


def _plain(value: Any) -> Any:
    return connection.ops.adapt_datetimefield_value(value) if isinstance(value, datetime) else value


def parts(values: Iterable[Any], size: int = PARAMETERS) -> Iterable[list[Any]]:
    """`values` in order and without repeats, in lists that fit one IN (…)."""
    ordered = sorted(set(values))
    return (ordered[start : start + size] for start in range(0, len(ordered), size))
