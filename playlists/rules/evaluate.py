"""The plain evaluator: one rule, one track. Slow and obvious; everything faster is proved equal to it.

Costs at most MAX_NODES comparisons a track, each linear in the length of the text and the list.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from playlists.rules import fields
from playlists.rules.nodes import ALL, ANY, NONE, Condition, Group, Node
from playlists.rules.operators import Fact, holds


@dataclass(frozen=True, slots=True)
class TrackFacts:
    """What is known of one track, by field; a field that is missing, or None, is not known."""

    track_id: int
    values: Mapping[str, Fact] = field(default_factory=dict)

    def get(self, name: str) -> Fact:
        """By its own name first, so that somebody's category may be called like one of our other names."""
        if name in self.values:
            return self.values[name]
        return self.values.get(fields.canonical(name))


def matches(node: Node, facts: TrackFacts, *, today: date) -> bool:
    """Whether the rule holds for the track. `today` is the day in the person's zone. Never raises."""
    if isinstance(node, Condition):
        return holds(node, facts.get(node.field), today)
    return joined(node, [matches(child, facts, today=today) for child in node.nodes])


def joined(group: Group, results: list[bool]) -> bool:
    """All of nothing is true, any of nothing false, none of nothing true; an unknown operator is false."""
    if group.operator == ALL:
        return all(results)
    if group.operator == ANY:
        return any(results)
    return group.operator == NONE and not any(results)
