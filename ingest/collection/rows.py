"""One person's tracks as rows of arrays: one for each recording that was heard or is kept, as the person counts."""

from collections.abc import Collection as Several
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accounts.models import User
from ingest import counts, labels, lens, shelf
from ingest import kept as keeping
from ingest.lens import Reading
from ingest.models import TrackSource
from ingest.own import YEAR
from ingest.ready import Tallies
from ingest.shelf import arrays

Places = NDArray[np.intp]
Mask = NDArray[np.bool_]
# Kinds of knowledge, in the order of their marks on the page.
KINDS = ("sound", "genres", "moods", "listeners", "words", "own")
MEASURED = "measured"  # sound that is no estimate: can be missing, and has no mark of its own, as YEAR


@dataclass(frozen=True)
class Collection:
    """Build one per request with `of`. A row is a place in `first`; its track stands for the whole recording."""

    user: User
    reading: Reading
    kept: keeping.Kept

    @property
    def lists(self) -> dict[int, TrackSource]:
        return self.kept.lists

    @cached_property
    def rack(self) -> shelf.Shelf:
        """The shelf of all that was heard or is kept."""
        heard, kept = self.reading.rack, self.kept.track
        table = np.zeros(max(int(kept.max(initial=0)), int(heard.track[-1]) if heard.track.size else 0) + 1, dtype=bool)
        table[heard.track] = True
        if table[kept].all():
            return heard
        table[kept] = True
        return shelf.load(self.user, np.flatnonzero(table).astype(np.int32), name="shelf-library")

    @cached_property
    def heard_at(self) -> Places:
        """The place on `rack` of each place on the shelf of what was heard."""
        own = self.reading.rack
        return np.arange(own.track.size) if self.rack is own else self.rack.places(own.track).astype(np.intp)

    @cached_property
    def kept_at(self) -> Places:
        """The place on `rack` of each position of what is kept."""
        return self.rack.places(self.kept.track).astype(np.intp)

    @cached_property
    def _rows(self) -> tuple[Places, Places]:
        """The place on `rack` that stands for each row; and the row of each place, -1 for none."""
        inside = np.zeros(self.rack.track.size, dtype=bool)
        inside[self.heard_at[self.tallies.starts > 0]] = True
        inside[self.kept_at] = True
        places = np.flatnonzero(inside & counts.is_music(self.rack.kind))
        group = shelf.group_of(self.user, self.rack) if self.reading.lens.groups_recordings else self.rack.track
        # The lowest place of each group stands for it. Groups are track ids, so a table is quicker than sorting.
        standing = np.full(int(self.rack.track[-1]) + 1 if self.rack.track.size else 1, -1)
        standing[group[places][::-1]] = places[::-1]
        stands_for = standing[group[places]]
        is_first = np.zeros(self.rack.track.size, dtype=bool)
        is_first[stands_for] = True
        row = np.full(self.rack.track.size, -1)
        row[places] = (np.cumsum(is_first) - 1)[stands_for]
        return np.flatnonzero(is_first), row

    @cached_property
    def tallies(self) -> Tallies:
        """What was heard, by place on the shelf of that."""
        return self.reading.tallies

    @property
    def first(self) -> Places:
        return self._rows[0]

    @property
    def row(self) -> Places:
        """The row of each place on `rack`; -1 for none."""
        return self._rows[1]

    @cached_property
    def track(self) -> NDArray[np.int32]:
        """The track that stands for each row, ascending."""
        return self.rack.track[self.first]

    @property
    def size(self) -> int:
        return int(self.first.size)

    def row_of(self, track: int) -> int:
        """The row that a track belongs to; -1 if it is none of the person's."""
        place = int(np.searchsorted(self.rack.track, track))
        is_there = place < self.rack.track.size and self.rack.track[place] == track
        return int(self.row[place]) if is_there else -1

    def versions(self, rows: NDArray[np.integer]) -> NDArray[np.int32]:
        """All tracks of the person that belong to these rows: each row's own, and what counts with it."""
        wanted = np.zeros(self.size + 1, dtype=bool)  # the last one is for the row -1
        wanted[rows] = True
        wanted[-1] = False
        return self.rack.track[wanted[self.row]]

    def of_places(self, places: Mask) -> Mask:
        """Which rows have one of these places of `rack`."""
        found = np.zeros(self.size + 1, dtype=bool)
        found[self.row[places]] = True
        return found[:-1]

    def of_heard(self, by_place: NDArray[Any]) -> NDArray[Any]:
        """Counts by place on the shelf of what was heard, as counts by row."""
        row = self.row[self.heard_at]
        return np.bincount(row[row >= 0], weights=by_place[row >= 0], minlength=self.size)

    @cached_property
    def plays(self) -> NDArray[np.float64]:
        """Plays that count, by row."""
        return self.of_heard(self.tallies.plays)

    @cached_property
    def is_heard(self) -> Mask:
        return self.of_heard(self.tallies.starts) > 0

    def is_in(self, sources: Several[int]) -> Mask:
        """Which rows are in one of these lists."""
        places = np.zeros(self.rack.track.size, dtype=bool)
        for pk in sources:
            if pk in self.kept.spans:
                places[self.kept_at[self.kept.spans[pk]]] = True
        return self.of_places(places)

    def within(self, rows: NDArray[np.integer]) -> dict[int, Mask]:
        """Of each list that has some of these few rows, which."""
        spot = np.full(self.size + 1, -1)
        spot[rows] = np.arange(rows.size)
        of_place = spot[self.row]
        found = {}
        for pk, span in self.kept.spans.items():
            spots = of_place[self.kept_at[span]]
            spots = spots[spots >= 0]
            if spots.size:
                found[pk] = np.zeros(rows.size, dtype=bool)
                found[pk][spots] = True
        return found

    def knows(self, kind: str) -> Mask:
        """Of which rows something of that kind is known: one of KINDS, MEASURED or YEAR."""
        known = self._known(kind)
        own = self.rack.marks & arrays.OWN > 0  # a version that the person spoke of speaks for the whole recording
        return known[self.first] | self.of_places(known & own)

    def _known(self, kind: str) -> Mask:
        """The same by place of `rack`."""
        rack = self.rack
        bits = {"moods": arrays.MOODS, "words": arrays.WORDS, "own": arrays.OWN, MEASURED: arrays.MEASURED}
        if kind in bits:
            found: Mask = rack.marks & bits[kind] > 0
            return found
        if kind == "sound":
            return ~np.logical_and.reduce(np.isnan(rack.features), axis=1)
        if kind == YEAR:
            of_year: Mask = rack.year > 0
            return of_year
        if kind == "genres":
            return np.diff(rack.genre_start) > 0
        if kind == "listeners":
            reach: Mask = (rack.listeners >= 0) | (rack.popularity >= 0)
            return reach
        raise ValueError(kind)


def of(user: User, reading: Reading | None = None) -> Collection:
    return Collection(user, reading or lens.read(user), keeping.load(user))


def follow(user: User) -> None:
    """Bring the files of what the person keeps up to date, so that nobody who looks has to wait for it."""
    labels.load(user, of(user).rack)
