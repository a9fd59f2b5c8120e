"""Which tracks are one recording, which may be. Pure: the same tracks give the same groups in any order.

ISRC first, unless it was used for clearly different titles; then the cleaned title, the credited artists, the length
and what is marked on the title. Single links: a recording is whatever hangs together by pairs that are surely the same.
Operators' words on pairs stand above all: what they keep apart is never linked, not even by way of a third.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from enum import StrEnum
from functools import cached_property
from hashlib import blake2b
from itertools import combinations, pairwise
from typing import Any

from ingest.cleaning import base_key, clean
from ingest.cleaning_words import Kind

SAME_MS = 2_000  # so far apart, lengths are the same; remasters and stores differ by padding
NEAR_MS = 10_000  # so far apart, they may be: another fade-out, or another take
_ALIKE = 0.8  # of difflib's ratio: titles of one ISRC differ by spelling, not more
_VARIOUS = {"various artists", "various", "verschiedene", "verschiedene interpreten", "varios artistas", "vari"}
_ALBUM_TELLS = {Kind.LIVE, Kind.ACOUSTIC, Kind.INSTRUMENTAL, Kind.REMIX, Kind.RERECORDED, Kind.KARAOKE, Kind.DEMO}


class Doubt(StrEnum):
    """Why a pair is not sure."""

    TITLES = "titles"  # one ISRC, clearly different titles
    LENGTHS = "lengths"  # 2 to 10 seconds apart
    NO_LENGTH = "no length"  # one of the lengths is not known, and the albums differ
    CREDITS = "credits"  # one names more artists than the other
    VERSIONS = "versions"  # both live (or another version), only one says which


@dataclass(frozen=True)
class Fact:
    """One track. `key` names it wherever it is known (Spotify id, or text key); `artists` are `Artist.id`: name key."""

    track: int
    key: str
    title: str
    artists: dict[int, str]
    album: str = ""
    duration_ms: int | None = None
    isrc: str = ""
    is_full: bool = True  # all credits are known; else `artists` has the album artist alone

    @cached_property
    def base(self) -> str:
        return base_key(clean(self.title).base)

    @cached_property
    def version(self) -> frozenset[tuple[str, str]]:
        """Of title and album: all tracks of "Unplugged (Live)" are live, whether their titles say so or not."""
        own = clean(self.title).version
        kinds = {kind for kind, _ in own}
        album = {(m.kind.value, "") for m in clean(self.album).marks if m.kind in _ALBUM_TELLS and m.kind not in kinds}
        return own | album

    @cached_property
    def is_live(self) -> bool:
        return any(kind == Kind.LIVE for kind, _ in self.version)

    @cached_property
    def sleeve(self) -> str:
        """The album without its edition, folded."""
        return base_key(clean(self.album).base)

    @cached_property
    def people(self) -> frozenset[str]:
        return frozenset(self.artists.values())


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a track is in its group: `how` is a `RecordingEvidence.How`."""

    track: int
    how: str
    details: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two tracks of which it is not sure; `seconds_apart` is None where a length is not known."""

    first: int
    second: int
    doubt: Doubt
    seconds_apart: float | None


@dataclass(frozen=True, slots=True)
class Grouping:
    groups: list[frozenset[int]]  # every track once; those alone as well
    reasons: list[Reason]
    pairs: list[Pair]


def lookup_keys(fact: Fact) -> set[int]:
    """Numbers of 64 bits, signed: tracks without a common one are never compared. At least one for every track."""
    texts = {f"name\x1f{name}\x1f{fact.base}" for name in fact.people} if fact.base else set()
    texts |= {f"isrc\x1f{fact.isrc}"} if fact.isrc else set()
    texts = texts or {f"track\x1f{fact.key}"}
    return {int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big", signed=True) for text in texts}


def grouped(
    facts: Iterable[Fact], *, joined: Iterable[tuple[int, int]] = (), apart: Iterable[tuple[int, int]] = ()
) -> Grouping:
    """`facts` in groups of one recording each. `joined` and `apart`: pairs of track ids that operators decided."""
    ordered = sorted(facts, key=lambda fact: fact.key)
    links = _Links(ordered, {frozenset(pair) for pair in apart})
    for first, second in sorted(links.by_key(pair) for pair in joined if set(pair) <= links.facts.keys()):
        links.join(links.named[first], links.named[second], "hand", {})
    _by_isrc(ordered, links)
    buckets: defaultdict[tuple[str, str], list[Fact]] = defaultdict(list)
    for fact in ordered:
        for name in fact.people if fact.base else ():
            buckets[name, fact.base].append(fact)
    for _, bucket in sorted(buckets.items()):
        _by_names([fact for fact in bucket if fact.duration_ms], links)
    for _, bucket in sorted(buckets.items()):
        _without_length(bucket, links)
    return links.grouping()


@dataclass
class _Links:
    """A union-find that keeps pairs apart, and remembers why it linked."""

    ordered: list[Fact]
    apart: Set[frozenset[int]]
    reasons: dict[tuple[int, str], Reason] = field(default_factory=dict)
    doubts: list[tuple[Fact, Fact, Doubt]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.facts = {fact.track: fact for fact in self.ordered}
        self.named = {fact.key: fact for fact in self.ordered}
        self.members = {fact.track: {fact.track} for fact in self.ordered}  # shared by all of one group

    def by_key(self, pair: Iterable[int]) -> tuple[str, str]:
        first, second = sorted(self.facts[track].key for track in pair)
        return first, second

    def join(self, one: Fact, other: Fact, how: str, details: dict[str, Any]) -> None:
        ours, theirs = self.members[one.track], self.members[other.track]
        if ours is not theirs:
            if self.parted(ours, theirs):
                return
            ours |= theirs
            self.members |= dict.fromkeys(theirs, ours)
        for fact, beside in ((one, other), (other, one)):
            self.reasons.setdefault((fact.track, how), Reason(fact.track, how, {**details, "beside": beside.track}))

    def parted(self, ours: Set[int], theirs: Set[int]) -> bool:
        return any(len(pair & ours) == 1 and len(pair & theirs) == 1 for pair in self.apart)

    def grouping(self) -> Grouping:
        groups = {id(members): frozenset(members) for members in self.members.values()}
        pairs: dict[tuple[int, int], Pair] = {}
        for one, other, doubt in self.doubts:
            ours, theirs = self.members[one.track], self.members[other.track]
            if ours is not theirs and not self.parted(ours, theirs):
                between = (id(ours), id(theirs)) if id(ours) < id(theirs) else (id(theirs), id(ours))
                first, second = sorted((one.track, other.track))
                pairs.setdefault(between, Pair(first, second, doubt, _seconds_apart(one, other)))
        return Grouping(list(groups.values()), list(self.reasons.values()), list(pairs.values()))


def _seconds_apart(one: Fact, other: Fact) -> float | None:
    return abs(one.duration_ms - other.duration_ms) / 1000 if one.duration_ms and other.duration_ms else None


def _by_isrc(ordered: Iterable[Fact], links: _Links) -> None:
    by_code: defaultdict[str, list[Fact]] = defaultdict(list)
    for fact in ordered:
        if fact.isrc:
            by_code[fact.isrc].append(fact)
    for code, facts in sorted(by_code.items()):
        for one, other in combinations(facts, 2):
            if _one_title(one, other):
                links.join(one, other, "isrc", {"isrc": code})
            else:
                links.doubts.append((one, other, Doubt.TITLES))


def _one_title(one: Fact, other: Fact) -> bool:
    """Whether two titles with one ISRC can be the same: spelled a little otherwise, or in another script."""
    apart = _seconds_apart(one, other)
    near = apart is not None and apart * 1000 <= SAME_MS
    if one.base == other.base or SequenceMatcher(None, one.base, other.base).ratio() >= _ALIKE:
        return one.version == other.version or near
    return near and one.base.isascii() != other.base.isascii() and bool(one.people & other.people)


def _by_names(facts: list[Fact], links: _Links) -> None:
    """Compare tracks of one title and one common artist whose lengths are known and near."""
    by_length = sorted(facts, key=lambda fact: (fact.duration_ms, fact.key))
    for one, other in _near(by_length):
        gap = _seconds_apart(one, other) or 0
        verdict = _verdict(one, other)
        if verdict is True and gap * 1000 <= SAME_MS:
            links.join(one, other, "names", {"title": one.base, "seconds_apart": gap})
        elif verdict is True:
            links.doubts.append((one, other, Doubt.LENGTHS))
        elif verdict and gap * 1000 <= SAME_MS:
            links.doubts.append((one, other, verdict))


def _near(by_length: list[Fact]) -> Iterator[tuple[Fact, Fact]]:
    for place, one in enumerate(by_length):
        for other in by_length[place + 1 :]:
            if (other.duration_ms or 0) - (one.duration_ms or 0) > NEAR_MS:
                break
            yield one, other


def _verdict(one: Fact, other: Fact) -> Doubt | bool:
    """Whether two tracks of one title and a common artist are the same, as far as versions and credits tell."""
    if one.version != other.version:
        return Doubt.VERSIONS if _told_less(one, other) else False
    if one.is_full and other.is_full and one.artists.keys() != other.artists.keys():
        nested = one.artists.keys() < other.artists.keys() or other.artists.keys() < one.artists.keys()
        return Doubt.CREDITS if nested else False
    if one.is_live and one.isrc != other.isrc and one.isrc and other.isrc and one.sleeve != other.sleeve:
        return Doubt.VERSIONS  # two nights at one place
    return True


def _told_less(one: Fact, other: Fact) -> bool:
    """Whether both are the same kinds of version, and one only leaves out which."""
    if {kind for kind, _ in one.version} != {kind for kind, _ in other.version}:
        return False
    ours, theirs = ({pair for pair in fact.version if pair[1]} for fact in (one, other))
    return ours <= theirs or theirs <= ours


def _without_length(bucket: list[Fact], links: _Links) -> None:
    """Tracks of unknown length join those of the same album, if these are one recording."""
    unknown: defaultdict[tuple[frozenset, frozenset, str], list[Fact]] = defaultdict(list)
    for fact in bucket:
        if not fact.duration_ms:
            unknown[fact.version, _credits(fact), fact.sleeve or fact.key].append(fact)
    heads = [(facts[0], facts) for _, facts in sorted(unknown.items(), key=lambda each: each[1][0].key)]
    for head, facts in heads:
        # Two concerts, or two artists of one compilation, may well have one title and one album.
        is_vague = not head.sleeve or head.is_live or head.people <= _VARIOUS
        for other in facts[1:]:
            if not is_vague:
                links.join(head, other, "names", {"title": head.base, "album": head.sleeve})
            elif head.sleeve:
                links.doubts.append((head, other, Doubt.NO_LENGTH))
        fitting = [each for each in bucket if each.duration_ms and _verdict(head, each) is True]
        beside = [each for each in fitting if head.sleeve and each.sleeve == head.sleeve]
        if beside and not is_vague and len({id(links.members[each.track]) for each in beside}) == 1:
            links.join(head, beside[0], "names", {"title": head.base, "album": head.sleeve})
        else:
            links.doubts.extend((head, each, Doubt.NO_LENGTH) for each in (beside or fitting)[:3])
    for (one, _), (other, _) in pairwise(heads):
        if _verdict(one, other) is True:
            links.doubts.append((one, other, Doubt.NO_LENGTH))


def _credits(fact: Fact) -> frozenset[int] | frozenset[str]:
    return frozenset(fact.artists) if fact.is_full else fact.people
