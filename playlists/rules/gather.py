"""Columns out of rows: for tests, for single tracks, for what comes as JSON."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date

import numpy as np

from playlists.rules import fields
from playlists.rules.evaluate import TrackFacts
from playlists.rules.nodes import Query, conditions
from playlists.rules.operators import Fact, is_number
from playlists.rules.table import NO_DAY, Coded, Column, Days, Flags, Numbers, Table, Tags, day_number

_CHOOSING = {"duration", "artist", "album"}  # what `choose` looks at beside what it is told


def asked(queries: Iterable[Query]) -> set[str]:
    """All that the rules can look at, under every name by which they might find it."""
    names = set(_CHOOSING)
    for query in queries:
        names |= {condition.field for _path, condition in conditions(query.where)}
        names |= {order.field for order in (*query.order, *(query.limit.by if query.limit else ()))}
    return names | {fields.canonical(name) for name in names}


def table(rows: Sequence[TrackFacts], only: Collection[str] | None = None) -> Table:
    """The same facts as columns; `only` these, if it is told."""
    names = sorted({name for row in rows for name in row.values if only is None or name in only})
    track = np.array([row.track_id for row in rows], dtype=np.int64)
    return Table(track, {name: column([row.values.get(name) for row in rows], fields.type_of(name)) for name in names})


def column(values: Sequence[Fact], type_: fields.Type | None = None) -> Column:
    """The kind of column that fits all values; one of mixed kinds where none does."""
    known = [value for value in values if value is not None]
    if type_ in fields.NUMERIC and all(map(is_number, known)):
        return numbers(values)  # type: ignore[arg-type]
    if type_ == "boolean" and all(isinstance(value, bool) for value in known):
        return Flags(np.array([-1 if value is None else value for value in values], dtype=np.int8))
    if type_ == "date" and all(isinstance(value, date) for value in known):
        return Days(np.array([day_number(v) if isinstance(v, date) else NO_DAY for v in values], dtype=np.int32))
    if known and all(isinstance(value, tuple) for value in known):
        return tags(values)  # type: ignore[arg-type]
    return coded(values)


def numbers(values: Iterable[float | None]) -> Numbers:
    return Numbers(np.array([np.nan if value is None else value for value in values], dtype=np.float64))


def coded(values: Iterable[Fact]) -> Coded:
    codes: dict[tuple[type, Fact], int] = {}
    numbered = [-1 if value is None else codes.setdefault((type(value), value), len(codes)) for value in values]
    return Coded(np.array(numbered, dtype=np.int32), [value for _type, value in codes])


def tags(values: Iterable[tuple[str, ...] | None]) -> Tags:
    codes: dict[str, int] = {}
    start, numbered, known = [0], [], []
    for value in values:
        numbered += [codes.setdefault(tag, len(codes)) for tag in value or ()]
        start.append(len(numbered))
        known.append(value is not None)
    return Tags(np.array(start), np.array(numbered, dtype=np.int32), list(codes), np.array(known, dtype=bool))
