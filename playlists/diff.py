"""What differs between two lists of tracks, for people and for the guards. Pure."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from playlists.order import longest_rising


@dataclass(frozen=True, slots=True)
class Diff:
    """From `before` to `after`. Each list holds URIs; a URI that stands twice is listed twice.

    `moved` are the fewest that must change places among what stays. `duplicates` are surplus copies in `before`.
    """

    before: tuple[str, ...]
    after: tuple[str, ...]
    added: tuple[str, ...]
    removed: tuple[str, ...]
    moved: tuple[str, ...]
    duplicates: tuple[str, ...]

    def __bool__(self) -> bool:
        return self.before != self.after

    @property
    def comes_or_leaves(self) -> bool:
        """Whether more than the order changes."""
        return bool(self.added or self.removed or self.duplicates)

    @property
    def removed_share(self) -> float:
        """Of what was there, 0 to 1; surplus copies of what stays do not count."""
        kept = set(self.after)
        gone = sum(uri not in kept for uri in self.before)
        return gone / len(self.before) if self.before else 0.0

    def as_text(self, name_of: dict[str, str] | None = None) -> str:
        """Lines with `-` for what leaves, `+` for what comes, `d` for surplus copies; empty if nothing changes."""
        names = name_of or {}
        marked = (("-", self.removed), ("d", self.duplicates), ("+", self.added))
        return "".join(f"{mark} {names.get(uri, uri)}\n" for mark, uris in marked for uri in uris)


def compare(before: Sequence[str], after: Sequence[str]) -> Diff:
    """Added, removed, moved and surplus copies between two lists of URIs, each in the order of its list."""
    was, will = Counter(before), Counter(after)
    removed: list[str] = []
    surplus: list[str] = []
    for uri, more in (was - will).items():
        (surplus if will[uri] else removed).extend([uri] * more)
    added = _in_order(after, (will - was))
    staying = _shared(before, was & will)
    target = {pair: place for place, pair in enumerate(_shared(after, was & will))}
    places = [target[pair] for pair in staying]
    still = set(longest_rising(places))
    moved = [pair[0] for number, pair in enumerate(staying) if number not in still]
    return Diff(
        tuple(before),
        tuple(after),
        added,
        _in_order(before, Counter(removed)),
        tuple(moved),
        _in_order(before, Counter(surplus)),
    )


def _in_order(uris: Iterable[str], wanted: Counter[str]) -> tuple[str, ...]:
    left, found = Counter(wanted), []
    for uri in uris:
        if left[uri] > 0:
            left[uri] -= 1
            found.append(uri)
    return tuple(found)


def _shared(uris: Iterable[str], most: Counter[str]) -> list[tuple[str, int]]:
    """Occurrences (URI, number of this copy) of what is in both lists, up to as many as both have."""
    seen: Counter[str] = Counter()
    found = []
    for uri in uris:
        if seen[uri] < most[uri]:
            found.append((uri, seen[uri]))
            seen[uri] += 1
    return found


def incremental(existing: Sequence[str], wanted: Sequence[str]) -> list[str]:
    """What is there stays in its order, one copy of each; what is new follows in the order of `wanted` (S1.71)."""
    return list(dict.fromkeys([*existing, *wanted]))


def by_hand(
    added: Iterable[str], removed: Iterable[str], base: Sequence[str], remote: Sequence[str]
) -> tuple[list[str], list[str]]:
    """What a person has added and what they have removed so far, with what they did from `base` to `remote`."""
    was, now = set(base), set(remote)
    came = dict.fromkeys(uri for uri in remote if uri not in was)
    went = dict.fromkeys(uri for uri in base if uri not in now)
    stays = dict.fromkeys(uri for uri in added if uri not in went)
    stays_out = dict.fromkeys(uri for uri in removed if uri not in came)
    return list(stays | came), list(stays_out | went)


def merge(base: Sequence[str], remote: Sequence[str], wanted: Sequence[str]) -> list[str]:
    """`wanted`, with what a person changed by hand since `base` was written: their additions stay, what they removed
    does not come back.

    An addition keeps its place behind the track it stood after, if that is still there; else it goes to the end.
    """
    before, now, chosen = set(base), set(remote), set(wanted)
    out = before - now
    merged = [uri for uri in wanted if uri not in out]
    after: dict[str | None, list[str]] = {}
    anchor: str | None = None
    for uri in dict.fromkeys(remote):
        if uri in before or uri in chosen:
            anchor = uri if uri in chosen else anchor
        else:
            after.setdefault(anchor, []).append(uri)
    placed = list(after.pop(None, [])) if not merged else []
    for uri in merged:
        placed += [uri, *after.pop(uri, [])]
    return placed + [uri for uris in after.values() for uri in uris]
