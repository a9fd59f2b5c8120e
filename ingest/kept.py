"""What a person keeps: positions of their likes, playlists and other lists as arrays, in a file beside the columns.

Derived, like the shelf. The file says which contents of each list it holds; a list whose contents have another number
now is read again, the others are not.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from accounts.models import User
from ingest import columns, mapped
from ingest.models import TrackSource

FORMAT = 1
NO_MOMENT = np.iinfo(np.int64).min
# As one text for each list: a hundred thousand rows take the driver too long, as moments do Django.
_ENTRIES = {
    "postgresql": """
SELECT source_id, string_agg(
  track_id::text || ',' || COALESCE(round(extract(epoch FROM added_at) * 1000)::bigint, %s)::text, ',')
FROM ingest_sourcetrack WHERE source_id = ANY(%s) AND track_id IS NOT NULL GROUP BY source_id""",
    "sqlite": """
SELECT source_id, group_concat(
  track_id || ',' || COALESCE(CAST(round((julianday(added_at) - 2440587.5) * 86400000) AS INTEGER), %s))
FROM ingest_sourcetrack WHERE source_id IN (SELECT value FROM json_each(%s)) AND track_id IS NOT NULL
GROUP BY source_id""",
}


@dataclass(frozen=True)
class Kept:
    """Aligned arrays, one list after the other by id; the order within a list is not kept. `lists`: all, by id."""

    lists: dict[int, TrackSource]
    source: NDArray[np.int64]
    track: NDArray[np.int32]
    added: NDArray[np.int64]  # ms since 1970 UTC; NO_MOMENT: not told

    @cached_property
    def spans(self) -> dict[int, slice]:
        """Where the positions of each list stand, of those that have any."""
        lists = np.array(sorted(self.lists), dtype=np.int64)
        begin, end = (np.searchsorted(self.source, lists, side=side).tolist() for side in ("left", "right"))
        return {pk: slice(a, b) for pk, a, b in zip(lists.tolist(), begin, end, strict=True) if a < b}


def load(user: User) -> Kept:
    """The person's lists and what they hold, as they are now."""
    lists = TrackSource.objects.filter(user=user).in_bulk()  # before what they hold, which may change meanwhile
    path = columns.folder(user.pk) / "kept"
    states = {str(pk): each.state for pk, each in lists.items()}
    found = mapped.read(path, FORMAT)
    known, arrays = found if found else ({}, _NOTHING)
    if known != states:
        arrays = _renewed(arrays, lists, [pk for pk in lists if known.get(str(pk)) != states[str(pk)]])
        mapped.write(path, FORMAT, states, arrays)
    return Kept(lists, **arrays)


def _renewed(arrays: mapped.Arrays, lists: dict[int, TrackSource], changed: list[int]) -> mapped.Arrays:
    """The positions of all `lists`, those of the `changed` ones read anew."""
    same = np.isin(arrays["source"], [pk for pk in lists if pk not in set(changed)])
    parts = {name: [values[same]] for name, values in arrays.items()}
    for pk, told in _read(changed):
        pairs = np.fromstring(told, dtype=np.int64, sep=",").reshape(-1, 2)
        parts["source"].append(np.full(len(pairs), pk, dtype=np.int64))
        parts["track"].append(pairs[:, 0].astype(np.int32))
        parts["added"].append(pairs[:, 1])
    joined = {name: np.concatenate(each) for name, each in parts.items()}
    order = np.argsort(joined["source"], kind="stable")
    return {name: values[order] for name, values in joined.items()}


def _read(lists: list[int]) -> list[tuple[int, str]]:
    if not lists:
        return []
    asked: Any = lists if connection.vendor == "postgresql" else str(lists)
    with connection.cursor() as cursor:
        cursor.execute(_ENTRIES[connection.vendor], [NO_MOMENT, asked])
        return cursor.fetchall()


_NOTHING: mapped.Arrays = {
    "source": np.empty(0, dtype=np.int64),
    "track": np.empty(0, dtype=np.int32),
    "added": np.empty(0, dtype=np.int64),
}
