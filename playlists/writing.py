"""Which calls turn the list that Spotify holds into the wanted one, and what it holds after each of them. Pure.

A list is told by its keys: URIs, where items that no call can write (local files, what Spotify no longer names) have
keys of their own (`fixed`). Such items are never removed: a plan moves the rest around them.

Because each call's outcome is known beforehand, a run that was cut off, or a call whose answer was lost, needs no
guess: read the list, find it among `Plan.states`, go on from there.
How a plan is found stands in `playlists/ways.py`.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from playlists import ways
from playlists.calls import CHUNK, MOST, Call

__all__ = ["CHUNK", "MOST", "Call", "Plan", "TooLong", "digest", "least_calls", "plan", "target"]


class TooLong(ValueError):
    """The list would hold more than a playlist can."""

    def __init__(self, items: int) -> None:
        self.items = items
        super().__init__(f"{items:,} tracks; a Spotify playlist holds at most {MOST:,}")


@dataclass(frozen=True, slots=True)
class Plan:
    """Calls in order, from `before` to `after`."""

    before: tuple[str, ...]
    after: tuple[str, ...]
    calls: tuple[Call, ...]

    @property
    def states(self) -> list[list[str]]:
        """The list before the first call and after each; the last is `after`."""
        states = [list(self.before)]
        for call in self.calls:
            states.append(call.on(states[-1]))
        return states

    def done(self, items: Sequence[str]) -> int | None:
        """How many of the calls a list shows as done; None if it is none of the plan's states."""
        found, current = list(items), list(self.before)
        reached = 0 if current == found else None
        for number, call in enumerate(self.calls, 1):
            current = call.on(current)
            if current == found:
                reached = number
        return reached


def digest(items: Sequence[str]) -> str:
    """A name for the content of a list: the same for the same items in the same order."""
    return hashlib.sha256("\n".join(items).encode()).hexdigest()[:32]


def target(remote: Sequence[str], wanted: Sequence[str], fixed: frozenset[str] = frozenset()) -> list[str]:
    """`wanted` with the fixed items of `remote` in it, in their order: each behind the last of what stood before it."""
    if not fixed:
        return list(wanted)
    place = {item: number for number, item in enumerate(wanted)}
    floor = -1  # anchors may stand in another order in `wanted`: a later fixed item waits for an earlier one
    behind: dict[int, list[str]] = {}
    for item in remote:
        if item in fixed:
            behind.setdefault(floor, []).append(item)
        else:
            floor = max(floor, place.get(item, -1))
    merged = behind.get(-1, [])
    for number, item in enumerate(wanted):
        merged += [item, *behind.get(number, [])]
    return merged


def plan(
    remote: Sequence[str], wanted: Sequence[str], fixed: frozenset[str] = frozenset(), *, exactly: bool = False
) -> Plan:
    """The fewest calls found that make `remote` equal `wanted` (see `target` for what is fixed).

    `exactly`: `wanted` has the fixed items of `remote` in it, in their places.

    Of four ways, the one with the fewest calls; of equals the one that keeps the dates at which items were added:
    edit (add, remove, move), replace (the first hundred in one call, then the rest), rebuild (remove what stands
    wrong, add it where it belongs), roll (remove a hundred, add them at the end, and so on). Raises TooLong.
    """
    fixed = fixed.intersection(remote)
    after = list(wanted) if exactly else target(remote, wanted, fixed)
    if len(after) > MOST:
        raise TooLong(len(after))
    if list(remote) == after:
        return Plan(tuple(remote), tuple(after), ())
    replaced = None if fixed else ways.replaced(after)
    most = None if replaced is None else len(replaced)
    found = [
        ways.edited(remote, after, fixed, moves=True, most=most),
        replaced,
        ways.edited(remote, after, fixed, moves=False, most=most),
        ways.rolled(remote, after, fixed, most=most),
    ]
    calls = min((way for way in found if way is not None), key=len)  # of equals the first
    return Plan(tuple(remote), tuple(after), tuple(calls))


def least_calls(remote: Sequence[str], after: Sequence[str]) -> int:
    """No way is known, nor possible with these calls, that needs fewer: what is missing must be added, a hundred at a
    time, what is too many removed, a hundred at a time, unless all is replaced."""
    if list(remote) == list(after):
        return 0
    was, will = Counter(remote), Counter(after)
    adds = -(-(will - was).total() // CHUNK)
    gone = -(-len(was - will) // CHUNK)
    return max(1, min(adds + gone, -(-len(after) // CHUNK) or 1))
