"""Ways from one list to another, call by call. Pure. `playlists/writing.py` takes the shortest."""

from collections import Counter
from collections.abc import Sequence
from itertools import groupby

from playlists.calls import CHUNK, MOST, Call
from playlists.order import longest_rising

Copy = tuple[str, int]  # an item, and which of its copies, from 0


def replaced(after: Sequence[str]) -> list[Call]:
    """The first hundred in the place of all that is there, then the rest."""
    rest = (Call("add", tuple(after[start : start + CHUNK]), start) for start in range(CHUNK, len(after), CHUNK))
    return [Call("replace", tuple(after[:CHUNK])), *rest]


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

    def append(self, copies: Sequence[Copy]) -> None:
        self._note(Call("add", tuple(item for item, _ in copies), len(self.items)))
        self.items += copies

    def to_end(self, copy: Copy) -> None:
        call = Call("move", start=self.items.index(copy), length=1, before=len(self.items))
        if call.start < len(self.items) - 1:
            self._note(call)
            self.items = call.moved(self.items)

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


def edited(
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
    if not moves and any(item in fixed for item, _ in wrong):
        return None
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


def rolled(
    remote: Sequence[str], after: Sequence[str], fixed: frozenset[str], *, most: int | None
) -> list[Call] | None:
    """From the first place that is wrong on: take out a hundred of what follows, add them at the end, and so on.

    Never far from whole, whatever is in it that cannot be written. None if that takes more than `most` calls, or if
    there are to be copies, as removing one removes all.
    """
    was, will = Counter(remote), Counter(after)
    if any(copies > 1 for item, copies in will.items() if item not in fixed):
        return None
    right, shorter = 0, min(len(remote), len(after))
    while right < shorter and remote[right] == after[right] and _is_single(after[right], was, fixed):
        right += 1
    gone = [item for item in was if item not in fixed and item not in will]
    leaving = [item for item in after[right:] if item in was and item not in fixed]
    is_full = len(remote) + (will - was).total() > MOST
    leaving = [*gone, *leaving] if is_full else [*leaving, *gone]
    work = _Work(remote, most)
    try:
        for is_fixed, run in groupby(_numbered(after)[right:], lambda copy: copy[0] in fixed):
            if is_fixed:
                for copy in run:
                    work.to_end(copy)
                continue
            copies = list(run)
            for start in range(0, len(copies), CHUNK):
                chunk = copies[start : start + CHUNK]
                while not {item for item, _ in chunk}.isdisjoint(leaving):
                    work.remove(leaving[:CHUNK])
                    leaving = leaving[CHUNK:]
                work.append(chunk)
        work.remove(leaving)
    except _TooMany:
        return None
    return work.calls


def _is_single(item: str, was: Counter[str], fixed: frozenset[str]) -> bool:
    return item in fixed or was[item] == 1


def _numbered(items: Sequence[str]) -> list[Copy]:
    seen: Counter[str] = Counter()
    copies = []
    for item in items:
        copies.append((item, seen[item]))
        seen[item] += 1
    return copies
