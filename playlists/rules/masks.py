"""Rules over all tracks at once: numpy masks, each condition computed once however many rules ask it (decision 16).

Costs at most MAX_NODES passes over the tracks for one rule; texts are compared once per distinct value.
"""

from collections.abc import Collection
from datetime import date

import numpy as np

from playlists.rules import fields
from playlists.rules.nodes import ALL, ANY, NONE, Condition, Group, Node, Value
from playlists.rules.operators import holds
from playlists.rules.table import Mask, Table

_KEPT = 1_000  # masks that are remembered; 100 kB each for 100,000 tracks


class Masks:
    """Answers for one table on one day. Keep it for as long as the table is asked."""

    def __init__(self, table: Table, today: date) -> None:
        self.table, self.today = table, today
        self._conditions: dict[tuple[str, str, object, bool], Mask] = {}

    def of(self, node: Node) -> Mask:
        """Which tracks the node is true of, aligned with the table. Not to be written to."""
        if isinstance(node, Condition):
            return self._condition(node)
        return joined(node, [self.of(child) for child in node.nodes], self.table.size)

    def forget(self, names: Collection[str], *, keep: int) -> None:
        """Answers about these fields, and all but the newest so many others."""
        stale = [key for key in self._conditions if fields.canonical(key[0]) in names]
        for key in stale:
            del self._conditions[key]
        for key in list(self._conditions)[: max(0, len(self._conditions) - keep)]:
            del self._conditions[key]

    def _condition(self, asked: Condition) -> Mask:
        key = (asked.field, asked.operator, _key(asked.value), asked.ignore_case)
        found = self._conditions.get(key)
        if found is None:
            column = self.table.column(asked.field)
            if column is None:
                found = np.full(self.table.size, holds(asked, None, self.today))
            else:
                found = column.mask(asked, self.today)
            if len(self._conditions) < _KEPT:
                self._conditions[key] = found
        return found


def joined(group: Group, masks: list[Mask], size: int) -> Mask:
    """As `evaluate.joined`, for all tracks."""
    if group.operator not in (ALL, ANY, NONE):
        return np.zeros(size, dtype=bool)
    if not masks:
        return np.full(size, group.operator != ANY)
    found = masks[0].copy()
    for mask in masks[1:]:
        if group.operator == ALL:
            found &= mask
        else:
            found |= mask
    return ~found if group.operator == NONE else found


def _key(value: Value) -> object:
    """Values as keys: 1, 1.0 and True are three."""
    if isinstance(value, tuple):
        return tuple(_key(each) for each in value)
    return type(value).__name__, value
