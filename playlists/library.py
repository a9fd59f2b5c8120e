"""All tracks of one person as a rule asks of them: what they heard or keep at Spotify, once for each recording.

A column is made when a rule first asks for it, so that a rule about titles does not wait for skip rates.
"""

from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accounts.models import User
from ingest import labels, shelf
from ingest.collection import rows
from ingest.heard import Heard
from ingest.kept import Kept
from ingest.models import OwnFact
from ingest.ready import Tallies
from playlists import library_known, library_own
from playlists.rules import fields
from playlists.rules.masks import Masks
from playlists.rules.table import Column, Table

Rows = NDArray[np.intp]


class Library(Mapping[str, Column]):
    """The columns of one person's table, by field. Build one per request, or take the one `at_hand`."""

    def __init__(self, user: User, *, now: datetime) -> None:
        self.user, self.now = user, now
        self.today: date = now.astimezone(user.zone).date()
        self.collection = rows.of(user)
        self.reading = self.collection.reading
        self._columns: dict[str, Column | None] = {}
        self.said: dict[str, dict[int, tuple[int, Any]]] = {}  # as `library_known.own_words` found it, by field
        self.table = Table(self.collection.track, self)
        self.masks = Masks(self.table, self.today)

    def renew(self, user: User, *, now: datetime, without: Collection[str], masks: int) -> None:
        """For another answer on the same day, when nothing changed that it rests on but for the columns `without`."""
        self.user, self.now = user, now
        for name in without:
            self._columns.pop(name, None)
        self.masks.forget(without, keep=masks)

    # What a row is

    @property
    def kept(self) -> Kept:
        return self.collection.kept

    @property
    def rack(self) -> shelf.Shelf:
        """The shelf of all that was heard or is kept."""
        return self.collection.rack

    @property
    def heard(self) -> Heard:
        return self.reading.heard()

    @property
    def tallies(self) -> Tallies:
        """What was heard, by place on the shelf of that."""
        return self.collection.tallies

    @property
    def first(self) -> Rows:
        return self.collection.first

    def row_of(self, track: int) -> int:
        """The row that a track belongs to, with all that counts as one recording; -1 if it is none of the person's."""
        return self.collection.row_of(track)

    def rows_of(self, tracks: NDArray[np.integer]) -> Rows:
        """The row that each of these belongs to, as `row_of`."""
        rows = np.append(self.collection.row, -1)  # the last one is for the place -1
        return rows[self.rack.places(tracks.astype(np.int32))]

    @cached_property
    def heard_row(self) -> Rows:
        """The row of each place on the shelf of what was heard; -1 for none."""
        return self.collection.row[self.collection.heard_at]

    @cached_property
    def kept_row(self) -> Rows:
        """The row of each position of likes and playlists; -1 for none."""
        return self.collection.row[self.collection.kept_at]

    @cached_property
    def fields_said(self) -> set[str]:
        """Of which fields the person said anything."""
        return set(OwnFact.objects.of(self.user).order_by().values_list("field", flat=True).distinct())

    # Columns by name

    def __getitem__(self, name: str) -> Column:
        if name not in self._columns:
            self._columns[name] = self._made(name)
        found = self._columns[name]
        if found is None:
            raise KeyError(name)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(name for name in fields.REGISTRY if name in self)

    def __len__(self) -> int:
        return sum(1 for _name in self)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self.get(name) is not None

    def _made(self, name: str) -> Column | None:
        if name not in fields.REGISTRY and fields.window_days(name) is None:
            return library_own.labelled(self, name)
        return library_known.made(self, name) or library_own.made(self, name)

    @cached_property
    def labels(self) -> labels.Labels:
        return labels.load(self.user, self.rack)
