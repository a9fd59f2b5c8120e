"""Many rows into and out of a shared table in few statements, on both databases, beside others that do the same."""

import json
from collections.abc import Collection, Iterable, Sequence
from typing import Any

import msgspec
from django.db import connection, models, transaction

PARAMETERS = 10_000  # values in one IN (…): SQLite takes 32,766
_CHUNK = 4_000  # rows of one transaction: SQLite's other writers wait no longer


def insert_missing(model: type[models.Model], names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Insert rows (values in the order of `names`, column names as on the model) that break no unique key.

    Fields that are not named take their defaults. Give rows in the order of their key: then two workers that insert
    the same rows wait for each other instead of locking each other out.
    """
    fields = {field.attname: field for field in model._meta.concrete_fields if not field.primary_key}
    defaults = {name: _literal(field) for name, field in fields.items() if name not in names}
    moments = {place for place, name in enumerate(names) if isinstance(fields[name], models.DateTimeField)}
    table = [tuple(row) for row in rows]
    if moments:
        adapt = connection.ops.adapt_datetimefield_value
        table = [tuple(adapt(v) if place in moments else v for place, v in enumerate(row)) for row in table]
    for start in range(0, len(table), _CHUNK):
        _insert(model, [fields[name] for name in names], defaults, table[start : start + _CHUNK])


def update_each(rows: Sequence[models.Model], names: Sequence[str]) -> None:
    """Write these fields of rows of one model, each by its key: far less work than one statement that tells cases."""
    if not rows:
        return
    quote, model = connection.ops.quote_name, type(rows[0])
    fields = [field for field in model._meta.concrete_fields if field.name in names]
    told = ", ".join(f"{quote(str(field.column))} = %s" for field in fields)
    statement = f"UPDATE {quote(model._meta.db_table)} SET {told} WHERE id = %s"  # noqa: S608
    values = [
        [*(field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields), row.pk] for row in rows
    ]
    for start in range(0, len(values), _CHUNK):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.executemany(statement, values[start : start + _CHUNK])


def ids(model: type[models.Model], column: str, keys: Collection[str]) -> dict[str, int]:
    """The id of each row whose text `column` is one of `keys`: one statement, one parameter, however many."""
    if not keys:
        return {}
    quote = connection.ops.quote_name
    among = {"postgresql": "= ANY(%s::text[])", "sqlite": "IN (SELECT value FROM json_each(%s))"}[connection.vendor]
    parameter: Any = list(keys) if connection.vendor == "postgresql" else json.dumps(list(keys))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {quote(column)}, id FROM {quote(model._meta.db_table)} WHERE {quote(column)} {among}",  # noqa: S608
            [parameter],
        )
        return dict(cursor.fetchall())


def parts(values: Iterable[Any], size: int = PARAMETERS) -> Iterable[list[Any]]:
    """`values` in order and without repeats, in lists that fit one IN (…)."""
    ordered = sorted(set(values))
    return (ordered[start : start + size] for start in range(0, len(ordered), size))


def _insert(
    model: type[models.Model], fields: list[models.Field], defaults: dict[str, str], rows: list[tuple[Any, ...]]
) -> None:
    quote = connection.ops.quote_name
    column_of = {field.attname: str(field.column) for field in model._meta.concrete_fields}
    columns = [column_of[name] for name in (*(field.attname for field in fields), *defaults)]
    into = f"INSERT INTO {quote(model._meta.db_table)} ({', '.join(quote(column) for column in columns)})"
    constants = list(defaults.values())
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # As JSON, which is one value for the driver instead of one for each column of each row.
            told = [f"(told ->> {place})::{_type(field)}" for place, field in enumerate(fields)]
            chosen = f"SELECT {', '.join([*told, *constants])} FROM json_array_elements(%s::json) AS told"  # noqa: S608
            cursor.execute(f"{into} {chosen} ON CONFLICT DO NOTHING", [msgspec.json.encode(rows).decode()])
        else:
            marks = ", ".join([*(["%s"] * len(fields)), *constants])
            cursor.executemany(f"{into} VALUES ({marks}) ON CONFLICT DO NOTHING", rows)


def _literal(field: models.Field) -> str:
    """A field's default as SQL; defaults are ours, never what somebody sent."""
    if getattr(field, "auto_now_add", False):
        return "CURRENT_TIMESTAMP"
    default = field.get_default()
    if default is None:
        return "NULL"
    if isinstance(default, bool):
        return str(default).upper()
    return str(int(default)) if isinstance(default, int) else "''"


def _type(field: models.Field) -> str | None:
    return field.rel_db_type(connection) if isinstance(field, models.ForeignKey) else field.db_type(connection)
