"""The classic build: one list of everything, one for each mood and, if wanted, for each genre and year, as rules."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from django.db import transaction

from accounts.models import User
from playlists.library import Library
from playlists.models import Rule
from playlists.rules import schema
from playlists.rules.nodes import ALL, Condition, Group, Order, Query
from playlists.rules.table import Numbers, Tags

MOST = 50  # lists of one sort, those with the most tracks
SORTS = ("mood", "genre", "year")


@dataclass(frozen=True, slots=True)
class Classic:
    """One list: its name and key, the rule, and how many tracks it finds now."""

    key: str
    name: str
    query: Query
    count: int


def lists(library: Library, sorts: Sequence[str] = ("mood",)) -> list[Classic]:
    """“Auto – All”, then the lists of each sort. A track without a mood is in no mood's list, and so on."""
    newest = (Order("added", descending=True), Order("artist"), Order("title"))
    found = [Classic("auto-all", "Auto – All", Query(Group(ALL), order=newest), library.table.size)]
    for sort in SORTS:
        if sort in sorts:
            for value, count in _values(library, sort):
                said = str(value)
                asked = Condition(sort, "eq", value, ignore_case=isinstance(value, str))
                name = f"Auto – {sort.capitalize()} – {said[:1].upper()}{said[1:]}"[:100]
                key = f"auto-{sort}-{said}"[:64]
                found.append(Classic(key, name, Query(Group(ALL, (asked,)), order=newest), count))
    return found


def _values(library: Library, sort: str) -> list[tuple[str | int, int]]:
    """What the tracks have of that sort, with how many have it, in the order of their names."""
    column = library.table.column(sort)
    told: list[tuple[str | int, int]] = []
    if isinstance(column, Tags):
        counts = np.bincount(column.codes, minlength=len(column.values)).tolist()
        told = [(name, count) for name, count in zip(column.values, counts, strict=True) if count and name]
    elif isinstance(column, Numbers):
        years, sizes = np.unique(column.values[column.known], return_counts=True)
        told = list(zip(years.astype(int).tolist(), sizes.tolist(), strict=True))
    told.sort(key=lambda each: (-each[1], str(each[0])))
    return sorted(told[:MOST], key=lambda each: str(each[0]))


@transaction.atomic
def make(*, user: User, wanted: Sequence[Classic]) -> int:
    """Keep those that are not here yet as rules; how many came. What was made of one before stays as it is."""
    keys = [each.key for each in wanted]
    here = set(Rule.objects.of(user).filter(key__in=keys).values_list("key", flat=True))
    fresh = [each for each in wanted if each.key not in here]
    rows = [Rule(user=user, key=each.key, name=each.name, body=schema.dump(each.query)) for each in fresh]
    Rule.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)
