"""How one person's plays are read: their rule, filters, hidden plays, credits and recordings, over their columns.

Every figure, list, page of the log and answer of the API goes through `heard`, so that they agree.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np
from django.db.models import F
from numpy.typing import NDArray

from accounts.fields import to_ms
from accounts.models import User
from ingest import clock, columns, counts, ready, shelf
from ingest.columns import Columns
from ingest.evidence import Origin
from ingest.heard import FINISHED, Chosen, Facts, Heard, at, deeper
from ingest.models import Counting, HiddenPlay, ListeningFilter, Word
from ingest.period import Period

Kind = ListeningFilter.Kind
_LONGEST_MS = 6 * clock.HOUR_MS  # a hidden listening is looked for among plays that began this long before it


@dataclass(frozen=True)
class Lens:
    """What a person chose, as `heard` needs it."""

    rule: counts.Rule = counts.DEFAULT
    all_credits: bool = False
    groups_recordings: bool = True
    session_gap_ms: int = 30 * 60_000
    filters: dict[str, list[int]] = field(default_factory=dict)  # values by kind


class _Out(NamedTuple):
    """One listening that the person took out; moments in ms since 1970 UTC."""

    track: int
    started: int
    ended: int
    removed: bool
    replaced: bool


@dataclass(frozen=True)
class Reading:
    """All plays of one person beside what decides about them; one per request."""

    user: User
    plays: Columns
    rack: shelf.Shelf
    lens: Lens
    rule_asked: str = ""  # the rule that was asked for instead of the person's own; empty for theirs

    @cached_property
    def place(self) -> NDArray[np.intp]:
        """Of each play's track on the rack."""
        return self.rack.places(self.plays.track) if self._file is None else self._file.place

    @cached_property
    def tallies(self) -> ready.Tallies:
        """How often each track was heard, by place on the rack."""
        if self._file is None or self._whole is None:
            return ready.tallies(None, self.heard())
        return ready.tallies(self._file, self._counted(self._later, self.lens.rule))

    def words(self, name: str) -> NDArray[np.int64]:
        """How many of all plays have each word of that column, one of `ready.WORDS`."""
        return ready.words(self, self._file, name)

    @cached_property
    def _file(self) -> ready.File | None:
        return ready.read(self)

    @property
    def _later(self) -> slice:
        """The plays that the file does not know."""
        return slice(self._file.count if self._file else 0, len(self.plays))

    @cached_property
    def _chosen(self) -> Chosen | None:
        """The plays that are in the figures, out of the file."""
        return ready.music(self, self._file, self._looked_through(self._later)[0]) if self._file else None

    @cached_property
    def _whole(self) -> Heard | None:
        """All of them, by the person's rule, out of the file."""
        if self._file is None or self._chosen is None:
            return None
        return ready.heard(self, self._file, self._chosen, self._counted(self._later, self.lens.rule))

    @cached_property
    def facts(self) -> Facts:
        rack = self.rack
        return Facts(
            track=rack.track,
            group=shelf.group_of(self.user, rack) if self.lens.groups_recordings else rack.track,
            artist=rack.artist,
            album=rack.album,
            duration_ms=rack.duration_ms,
            kind=rack.kind,
            year=rack.year,
            credit_start=rack.credit_start,
            credit_artist=rack.credit_artist,
            all_credits=self.lens.all_credits,
            features=rack.features,
            genre_start=rack.genre_start,
            genre=rack.genre,
            genre_weight=rack.genre_weight,
            listeners=rack.listeners,
            popularity=rack.popularity,
        )

    def heard(
        self,
        period: Period | None = None,
        *,
        rule: counts.Rule | None = None,
        among: slice | NDArray[np.integer] | None = None,
    ) -> Heard:
        """The person's plays of `period` (None: of all time), counted by `rule` (None: by their own).

        `among`: instead of a period, only these places among all plays, ascending.
        """
        rule, asked = rule or self.lens.rule, self.inside(period) if among is None else among
        if not isinstance(asked, slice):
            return self._counted(asked, rule)
        known = self._told.get((asked.start, asked.stop, rule))  # what it gathers is then gathered once
        if known is None:
            known = self._told[asked.start, asked.stop, rule] = self._part(asked, rule)
            is_whole = rule == self.lens.rule and len(self.plays) == asked.stop - asked.start
            if is_whole and not self.rule_asked and not (self._whole and self._file and self._file.is_current):
                ready.keep(self)
        return known

    def _part(self, asked: slice, rule: counts.Rule) -> Heard:
        whole = self._whole if rule == self.lens.rule else None
        if whole is None:
            return self._counted(asked, rule)
        if asked.stop - asked.start == len(self.plays):
            return whole
        return whole.where(_among(whole.chosen, asked))

    @cached_property
    def _told(self) -> dict[tuple[int, int, counts.Rule], Heard]:
        return {}

    def _counted(self, asked: Chosen, rule: counts.Rule) -> Heard:
        chosen, place = self._music(asked)
        ms, flags, duration_ms = at(self.plays.ms, chosen), at(self.plays.flags, chosen), self.rack.duration_ms
        counted = ms >= _by_length(rule.thresholds, duration_ms, place)
        if rule.finish_counts:
            unknown = np.flatnonzero(~counted & at(duration_ms == 0, place))
            counted[unknown] = at(self.plays.reason_end, chosen)[unknown] == self.finished
        if not rule.with_incognito:
            counted &= (flags & np.uint16(2 << columns.INCOGNITO)) == 0
        return Heard(
            self.plays,
            chosen,
            place=place,
            facts=self.facts,
            zone=self.user.zone,
            counts=counted,
            # Not by way of `self`, which remembers this: rings of references keep the arrays of whole requests.
            skips=lambda: ms < _by_length(counts.skip_thresholds, duration_ms, place),
        )

    def _music(self, asked: Chosen) -> tuple[Chosen, NDArray[np.intp]]:
        """Which of the plays that are asked for are in the figures, and their places on the shelf.

        Several rules are asked about one stretch: what they share is found once.
        """
        if not isinstance(asked, slice):
            return self._looked_through(asked)
        found = self._found.get((asked.start, asked.stop))
        if found is None:
            if self._chosen is None:
                found = self._looked_through(asked)
            elif isinstance(self._chosen, slice):
                found = asked, self.place[asked]
            else:
                chosen = self._chosen[_among(self._chosen, asked)]
                found = chosen, at(self.place, chosen)
            self._found[asked.start, asked.stop] = found
        return found

    def _looked_through(self, asked: Chosen) -> tuple[Chosen, NDArray[np.intp]]:
        place = self.place[asked]
        keep = self._kept(asked, place)
        if keep is None:
            return asked, place
        kept = np.flatnonzero(keep)
        return deeper(asked, kept), at(place, kept)

    @cached_property
    def _found(self) -> dict[tuple[int, int], tuple[Chosen, NDArray[np.intp]]]:
        return {}

    @cached_property
    def finished(self) -> int:
        """The word with which a play ends whose track was over; -1, which no play has, while nobody has said it."""
        return Word.objects.filter(kind=Word.Kind.REASON, text=FINISHED).values_list("id", flat=True).first() or -1

    def is_public(self, heard: Heard) -> NDArray[np.bool_]:
        """Which of these are not of a private session; all of them where the person lets such sessions count."""
        if self.lens.rule.with_incognito:
            return np.ones(len(heard), dtype=bool)
        return (heard.flags & np.uint16(2 << columns.INCOGNITO)) == 0

    @cached_property
    def hidden(self) -> NDArray[np.intp]:
        """Places among all plays that the person hid or removed, ascending."""
        return self._places(self._out)

    @cached_property
    def removed(self) -> NDArray[np.intp]:
        """Places among all plays that are not even in the log, ascending."""
        return self._places([row for row in self._out if row.removed])

    @cached_property
    def replaced(self) -> NDArray[np.intp]:
        """Places among all plays in whose place the person's own word stands, ascending."""
        return self._places([row for row in self._out if row.replaced])

    @cached_property
    def _out(self) -> list[_Out]:
        fields = ("track_id", "started_at", "ended_at", "removed", "replaced")
        rows = HiddenPlay.objects.filter(user=self.user).standing().values_list(*fields)
        return [_Out(track, to_ms(start), to_ms(end), *rest) for track, start, end, *rest in rows]

    def _places(self, rows: list[_Out]) -> NDArray[np.intp]:
        """Plays of the same recording that share more than half of the shorter one's time with one of `rows`.

        Where the person told it otherwise themselves, their own word stays.
        """
        if not rows:
            return _NONE
        plays, facts = self.plays, self.facts
        begin = np.array([row.started for row in rows], dtype=np.int64)
        until = np.maximum(np.array([row.ended for row in rows], dtype=np.int64), begin + 1)
        low = np.searchsorted(plays.started, begin - _LONGEST_MS)
        count = np.searchsorted(plays.started, until, side="right") - low
        row = np.repeat(np.arange(len(rows)), count)  # every pair of a row and a play that is near
        play = np.arange(row.size) + np.repeat(low - (np.cumsum(count) - count), count)
        group = self._groups_of(np.array([each.track for each in rows], dtype=np.int32))
        same = facts.group[self.place[play]] == group[row]
        row, play = row[same], play[same]
        starts = plays.started[play]
        ends = np.maximum(plays.ended[play], starts + 1)
        shared = np.minimum(ends, until[row]) - np.maximum(starts, begin[row])
        hit = 2 * shared > np.minimum(ends - starts, until[row] - begin[row])
        replaced = np.array([each.replaced for each in rows], dtype=bool)[row]
        hit &= ~(replaced & ((plays.flags[play] & np.uint16(columns.ORIGIN_BITS)) == Origin.HAND))
        return np.unique(play[hit])

    def _groups_of(self, tracks: NDArray[np.int32]) -> NDArray[np.int32]:
        """What these tracks count for; one that is not on the shelf for itself."""
        shelved = self.rack.track
        if not shelved.size:
            return tracks
        place = np.minimum(np.searchsorted(shelved, tracks), shelved.size - 1)
        return np.where(shelved[place] == tracks, self.facts.group[place], tracks)

    def inside(self, period: Period | None) -> slice:
        """The plays that began in `period`: they are ordered by their start."""
        started = self.plays.started
        start, end = (None, None) if period is None else (period.start_ms, period.end_ms)
        first = 0 if start is None else int(np.searchsorted(started, start))
        last = started.size if end is None else int(np.searchsorted(started, end))
        return slice(first, max(first, last))

    @cached_property
    def inside_by_place(self) -> NDArray[np.bool_]:
        """Of which places plays are in the figures, as far as their tracks tell."""
        by_place = counts.is_music(self.rack.kind)
        for kind, column in ((Kind.ARTIST, "artist"), (Kind.ALBUM, "album"), (Kind.TRACK, "track")):
            for value in self.lens.filters.get(kind, ()):
                by_place = by_place & ~self._left_out(kind, column, value)
        return by_place

    def _kept(self, chosen: slice | NDArray[np.integer], place: NDArray[np.intp]) -> NDArray[np.bool_] | None:
        """Which of the chosen plays are music that is neither filtered out nor hidden; None: all of them."""
        by_place = self.inside_by_place
        keep = None if by_place.all() else at(by_place, place)
        for kind, column in ((Kind.CONTEXT, "context"), (Kind.PLATFORM, "platform")):
            if values := self.lens.filters.get(kind):
                allowed = ~np.isin(self.plays[column][chosen], np.array(values))
                keep = allowed if keep is None else keep & allowed
        for bits in self.lens.filters.get(Kind.HOURS, ()):
            hours = clock.local_ms(self.plays.started[chosen], self.user.zone) // clock.HOUR_MS % 24
            allowed = ((bits >> np.arange(24)) & 1 == 0)[hours]
            keep = allowed if keep is None else keep & allowed
        if self.hidden.size:
            seen = ~self._hidden_among(chosen)
            keep = seen if keep is None else keep & seen
        return keep

    def _hidden_among(self, chosen: Chosen) -> NDArray[np.bool_]:
        if not isinstance(chosen, slice):
            return np.isin(chosen, self.hidden)
        low, high = np.searchsorted(self.hidden, [chosen.start, chosen.stop])
        mask = np.zeros(chosen.stop - chosen.start, dtype=bool)
        mask[self.hidden[low:high] - chosen.start] = True
        return mask

    def _left_out(self, kind: str, column: str, value: int) -> NDArray[np.bool_]:
        if kind != Kind.ARTIST:
            mask: NDArray[np.bool_] = getattr(self.rack, column) == value
            return mask
        return replace(self.facts, all_credits=True).places_of("artists", value) | (self.rack.artist == value)


def read(user: User, *, rule: str = "") -> Reading:
    """The person's plays and choices as they are now; `rule` names another of `counts.RULES` than their own."""
    plays = columns.load(user)
    lens = of(user)
    if rule in counts.RULES:
        lens = replace(lens, rule=counts.named(rule, with_incognito=lens.rule.with_incognito))
    return Reading(user, plays, shelf.of_plays(user, plays), lens, rule if rule in counts.RULES else "")


def of(user: User) -> Lens:
    """What the person chose; the defaults where they chose nothing."""
    chosen = Counting.objects.filter(user=user).first() or Counting(user=user)
    filters: dict[str, list[int]] = {}
    for kind, value in ListeningFilter.objects.filter(user=user).order_by(F("id")).values_list("kind", "value"):
        filters.setdefault(kind, []).append(value)
    rule = (
        counts.own(chosen.own_seconds, chosen.own_percent, with_incognito=chosen.with_incognito)
        if chosen.rule == Counting.Rule.OWN
        else counts.named(chosen.rule, with_incognito=chosen.with_incognito)
    )
    return Lens(rule, chosen.all_credits, chosen.groups_recordings, chosen.session_gap_min * 60_000, filters)


def _by_length(
    found: Callable[[NDArray[np.int32]], NDArray[np.int32]], lengths: NDArray[np.int32], place: NDArray[np.intp]
) -> NDArray[np.int32]:
    """What follows from the length of each play's track: found for the tracks, or for the plays if they are fewer."""
    return found(at(lengths, place)) if place.size < lengths.size else at(found(lengths), place)


def _among(chosen: Chosen, asked: slice) -> slice:
    """Where those of `asked` stand among the ascending `chosen`."""
    if isinstance(chosen, slice):
        return asked
    low, high = np.searchsorted(chosen, [asked.start, asked.stop]).tolist()
    return slice(low, high)


_NONE = np.empty(0, dtype=np.intp)
