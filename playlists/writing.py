"""Which calls turn the list that Spotify holds into the wanted one, and what it holds after each of them. Pure.

A list is told by its keys: URIs, where items that no call can write (local files, what Spotify no longer names) have
keys of their own (`fixed`). Such items are never removed: a plan moves the rest around them.

Because each call's outcome is known beforehand, a run that was cut off, or a call whose answer was lost, needs no
guess: read the list, find it among `Plan.states`, go on from there.
https://developer.spotify.com/documentation/web-api/reference/reorder-or-replace-playlists-items
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Literal, TypeVar

from playlists.order import longest_rising

_T = TypeVar("_T")

CHUNK = 100  # items of one call
MOST = 10_000  # items of one playlist


class TooLong(ValueError):
    """The list would hold more than a playlist can."""

    def __init__(self, items: int) -> None:
        self.items = items
        super().__init__(f"{items:,} tracks; a Spotify playlist holds at most {MOST:,}")


@dataclass(frozen=True, slots=True)
class Call:
    """One write. `replace` and `add` have URIs (`add` a position), `remove` URIs (every copy of each goes), `move`
    the range `start`, `length` and the place it goes `before`, both counted in the list as it was."""

    kind: Literal["replace", "add", "remove", "move"]
    uris: tuple[str, ...] = ()
    position: int = 0
    start: int = 0
    length: int = 0
    before: int = 0

    def on(self, items: Sequence[str]) -> list[str]:
        """The list after it."""
        if self.kind == "replace":
            return list(self.uris)
        if self.kind == "add":
            return [*items[: self.position], *self.uris, *items[self.position :]]
        if self.kind == "remove":
            gone = set(self.uris)
            return [item for item in items if item not in gone]
        return self.moved(items)

    def moved(self, items: Sequence[_T]) -> list[_T]:
        """The list after a `move`."""
        block = items[self.start : self.start + self.length]
        rest = [*items[: self.start], *items[self.start + self.length :]]
        place = self.before if self.before <= self.start else self.before - self.length
        return [*rest[:place], *block, *rest[place:]]

    def as_json(self) -> dict[str, Any]:
        named = {"uris": list(self.uris), "position": self.position}
        spans = {"start": self.start, "length": self.length, "before": self.before}
        return {"kind": self.kind, **(spans if self.kind == "move" else named)}

    @classmethod
    def of_json(cls, data: dict[str, Any]) -> Call:
        return cls(**{**data, "uris": tuple(data.get("uris", ()))})


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


def plan(remote: Sequence[str], wanted: Sequence[str], fixed: frozenset[str] = frozenset()) -> Plan:
    """The fewest calls found that make `remote` equal `wanted` (see `target` for what is fixed).

    Of three ways, the one with the fewest calls; of equals the one that keeps the dates at which items were added:
    edit (add, remove, move), replace (the first hundred in one call, then the rest), rebuild (remove what stands
    wrong, add it where it belongs). Raises TooLong.
    """
    after = target(remote, wanted, fixed)
    if len(after) > MOST:
        raise TooLong(len(after))
    if list(remote) == after:
        return Plan(tuple(remote), tuple(after), ())
    replaced = None if fixed else _replaced(after)
    most = None if replaced is None else len(replaced)
    ways = [
        _edited(remote, after, fixed, moves=True, most=most),
        replaced,
        _edited(remote, after, fixed, moves=False, most=most),
    ]
    calls = min((way for way in ways if way is not None), key=len)  # of equals the first
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


def _replaced(after: Sequence[str]) -> list[Call]:
    rest = (Call("add", tuple(after[start : start + CHUNK]), start) for start in range(CHUNK, len(after), CHUNK))
    return [Call("replace", tuple(after[:CHUNK])), *rest]


Copy = tuple[str, int]  # an item, and which of its copies, from 0


class _TooMany(Exception):
    """More calls than another way needs."""


class _Work:
    """The list while calls are thought up: copies of one item are told apart."""

    def __init__(self, items: Sequence[str], most: int | None) -> None:
        self.items, self.most = _numbered(items), most
        self.calls: list[Call] = []

    def _note(self, call: Call) -> None:
        self.calls.append(call)
        if self.most is not None and len(self.calls) > self.most:
            raise _TooMany

    def remove(self, items: Sequence[str]) -> None:
        for start in range(0, len(items), CHUNK):
            self._note(Call("remove", tuple(items[start : start + CHUNK])))
        gone = set(items)
        self.items = [copy for copy in self.items if copy[0] not in gone]

    def add(self, wanted: Sequence[Copy]) -> None:
        """Put in what of `wanted` is missing, each run behind what it follows there."""
        here = set(self.items)
        anchor: Copy | None = None
        for is_missing, run in groupby(wanted, lambda copy: copy not in here):
            copies = list(run)
            if is_missing:
                place = 0 if anchor is None else self.items.index(anchor) + 1
                for start in range(0, len(copies), CHUNK):
                    chunk = copies[start : start + CHUNK]
                    self._note(Call("add", tuple(item for item, _ in chunk), place + start))
                    self.items[place + start : place + start] = chunk
            anchor = copies[-1]

    def move(self, after: Sequence[Copy], wrong: set[Copy]) -> None:
        """Bring each of `wrong` behind what it follows in `after`, in as long ranges as stand together."""
        number = 0
        while number < len(after):
            if after[number] not in wrong:
                number += 1
                continue
            place = 0 if number == 0 else self.items.index(after[number - 1]) + 1
            start = self.items.index(after[number])
            length = 1
            while (
                start + length < len(self.items)
                and number + length < len(after)
                and self.items[start + length] == after[number + length]
                and after[number + length] in wrong
            ):
                length += 1
            call = Call("move", start=start, length=length, before=place)
            if place != start:
                self._note(call)
                self.items = call.moved(self.items)
            number += length


def _edited(
    remote: Sequence[str], after: Sequence[str], fixed: frozenset[str], *, moves: bool, most: int | None
) -> list[Call] | None:
    """Add what is missing, remove what is not wanted, move what stands wrong (or remove it and add it anew).

    What is new comes before anything goes, so that a run cut off has lost nothing; unless copies must be added anew,
    or the playlist is too full for both. None if that takes more than `most` calls.
    """
    was, will = Counter(remote), Counter(after)
    anew = {item for item in was if was[item] > will[item] > 0}  # a surplus copy cannot be removed alone
    wanted = _numbered(after)
    place = {copy: number for number, copy in enumerate(wanted)}
    here = [copy for copy in _numbered(remote) if copy in place and copy[0] not in anew]
    weights = [len(here) + 1 if item in fixed else 1 for item, _ in here] if fixed else None
    still = longest_rising([place[copy] for copy in here], weights)
    wrong = set(here) - {here[number] for number in still}
    if not moves:
        anew |= {item for item, _ in wrong}
        wrong = set()
    gone = [item for item in was if item not in will or item in anew]
    remove_first = bool(anew) or len(remote) + (will - was).total() > MOST
    work = _Work(remote, most)
    try:
        if remove_first:
            work.remove(gone)
        work.add([copy for copy in wanted if copy not in wrong])
        if not remove_first:
            work.remove(gone)
        work.move(wanted, wrong)
    except _TooMany:
        return None
    return work.calls


def _numbered(items: Sequence[str]) -> list[Copy]:
    seen: Counter[str] = Counter()
    copies = []
    for item in items:
        copies.append((item, seen[item]))
        seen[item] += 1
    return copies
