"""Several rules, one playlist: who has a track that several find, and in which order all stand. Pure."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby


@dataclass(frozen=True, slots=True)
class Part:
    """What one rule gives, in its order. `key` names it."""

    key: int
    track_ids: tuple[int, ...]
    priority: int = 0
    weight: int = 1


@dataclass(frozen=True, slots=True)
class Mix:
    """The tracks of all, once each, and for each the rule that gave it."""

    track_ids: tuple[int, ...]
    given_by: tuple[int, ...]

    @property
    def counts(self) -> Counter[int]:
        """How many tracks are in it by each rule."""
        return Counter(self.given_by)


def mix(parts: Sequence[Part], *, most: int) -> Mix:
    """At most `most` tracks of all parts.

    Higher priority comes first, whole. Parts of one priority take turns by weight (3 to 1 gives three tracks of the
    one, then one of the other); of equally patient ones, the earlier in `parts`. A track that was given already is
    passed over, so it belongs to whoever came to it first.
    """
    found: dict[int, int] = {}
    ordered = sorted(parts, key=lambda part: -part.priority)
    for _priority, group in groupby(ordered, key=lambda part: part.priority):
        _take_turns(list(group), found, most)
    return Mix(tuple(found), tuple(found.values()))


def _take_turns(parts: list[Part], found: dict[int, int], most: int) -> None:
    waiting = {number: iter(part.track_ids) for number, part in enumerate(parts)}
    given = [0] * len(parts)
    while waiting and len(found) < most:
        # Who has had the least for their weight; a fresh part counts as having had half a turn, so heavier go first.
        number = min(waiting, key=lambda each: ((given[each] + 0.5) / max(parts[each].weight, 1), each))
        track = next((each for each in waiting[number] if each not in found), None)
        if track is None:
            del waiting[number]
            continue
        found[track] = parts[number].key
        given[number] += 1
