"""All tracks of one person as a rule asks of them: what they heard or keep at Spotify, once for each recording.

A column is made when a rule first asks for it, so that a rule about titles does not wait for skip rates.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from accounts.models import User
from ingest import counts, labels, lens, shelf
from ingest.heard import Heard
from ingest.models import TrackSource
from playlists import library_known, library_own
from playlists.library_own import NO_MOMENT
from playlists.rules import fields
from playlists.rules.masks import Masks
from playlists.rules.table import Column, Table

Rows = NDArray[np.intp]
# Moments are reckoned by the database: to make datetimes of a hundred thousand takes Django three times as long.
_ADDED = {
    "postgresql": "round(extract(epoch FROM entry.added_at) * 1000)::bigint",
    "sqlite": "CAST(round((julianday(entry.added_at) - 2440587.5) * 86400000) AS INTEGER)",
}
_ENTRIES = """
SELECT entry.source_id, entry.track_id, COALESCE({added}, %s)
FROM ingest_sourcetrack AS entry JOIN ingest_tracksource AS source ON source.id = entry.source_id
WHERE source.user_id = %s AND entry.track_id IS NOT NULL ORDER BY entry.position"""


@dataclass(frozen=True, slots=True)
class Kept:
    """Positions of the person's likes and playlists: aligned arrays, and the lists themselves by id."""

    source: NDArray[np.int64]
    track: NDArray[np.int32]
    added: NDArray[np.int64]  # ms since 1970 UTC; NO_MOMENT: not told
    lists: dict[int, TrackSource]


class Library(Mapping[str, Column]):
    """The columns of one person's table, by field. Build one per request, or take the one `at_hand`."""

    def __init__(self, user: User, *, now: datetime, kept: Kept | None = None) -> None:
        """`kept`, if it is known already and has not changed, need not be read."""
        self.user, self.now = user, now
        if kept is not None:
            self.__dict__["kept"] = kept
        self.today: date = now.astimezone(user.zone).date()
        self.reading = lens.read(user)
        self._columns: dict[str, Column | None] = {}
        self.table = Table(self.rack.track[self.first], self)
        self.masks = Masks(self.table, self.today)

    def renew(self, user: User, *, now: datetime, without: Collection[str], masks: int) -> None:
        """For another answer on the same day, when nothing changed that it rests on but for the columns `without`."""
        self.user, self.now = user, now
        for name in without:
            self._columns.pop(name, None)
        self.masks.forget(without, keep=masks)

    # What a row is

    @cached_property
    def kept(self) -> Kept:
        lists = TrackSource.objects.filter(user=self.user).in_bulk()
        with connection.cursor() as cursor:
            cursor.execute(_ENTRIES.format(added=_ADDED[connection.vendor]), [NO_MOMENT, self.user.pk])
            told = np.array(cursor.fetchall(), dtype=np.int64).reshape(-1, 3)
        return Kept(told[:, 0], told[:, 1].astype(np.int32), told[:, 2], lists)

    @cached_property
    def rack(self) -> shelf.Shelf:
        """The shelf of all that was heard or is kept."""
        heard = self.reading.rack
        if np.isin(self.kept.track, heard.track).all():
            return heard
        return shelf.load(self.user, np.union1d(heard.track, self.kept.track).astype(np.int32), name="shelf-library")

    @cached_property
    def heard(self) -> Heard:
        return self.reading.heard()

    @cached_property
    def _heard_at(self) -> Rows:
        """The place on `rack` of each place on the shelf of what was heard."""
        return np.searchsorted(self.rack.track, self.reading.rack.track)

    @cached_property
    def starts(self) -> NDArray[np.int64]:
        """How often each place on the shelf of what was heard was started."""
        return np.bincount(self.heard.place, minlength=self.reading.rack.track.size)

    @cached_property
    def _group(self) -> NDArray[np.int32]:
        """What each place counts under."""
        return shelf.group_of(self.user, self.rack) if self.reading.lens.groups_recordings else self.rack.track

    @cached_property
    def _rows(self) -> tuple[Rows, Rows]:
        """The place on `rack` that stands for each row; and the row of each place, -1 for none."""
        inside = np.zeros(self.rack.track.size, dtype=bool)
        inside[self._heard_at[self.starts > 0]] = True
        inside[np.searchsorted(self.rack.track, self.kept.track)] = True
        places = np.flatnonzero(inside & counts.is_music(self.rack.kind))
        _groups, first, back = np.unique(self._group[places], return_index=True, return_inverse=True)
        row = np.full(self.rack.track.size, -1)
        row[places] = back
        return places[first], row

    @property
    def first(self) -> Rows:
        return self._rows[0]

    def row_of(self, track: int) -> int:
        """The row that a track belongs to, with all that counts as one recording; -1 if it is none of the person's."""
        place = int(np.searchsorted(self.rack.track, track))
        is_there = place < self.rack.track.size and self.rack.track[place] == track
        return int(self._rows[1][place]) if is_there else -1

    def rows_of(self, tracks: NDArray[np.integer]) -> Rows:
        """The row that each of these belongs to, as `row_of`."""
        rows = np.append(self._rows[1], -1)  # the last one is for the place -1
        return rows[self.rack.places(tracks.astype(np.int32))]

    @cached_property
    def heard_row(self) -> Rows:
        """The row of each place on the shelf of what was heard; -1 for none."""
        return self._rows[1][self._heard_at]

    @cached_property
    def kept_row(self) -> Rows:
        """The row of each position of likes and playlists; -1 for none."""
        return self._rows[1][np.searchsorted(self.rack.track, self.kept.track)]

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
