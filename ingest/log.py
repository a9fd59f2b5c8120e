"""Reading the listening log: one page of plays, newest first, by keyset over the columns.

The columns hold every play in order of its start, so that any filter and any depth costs one pass over arrays and
one query for the rows shown.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import numpy as np
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from accounts.fields import from_ms, to_ms
from accounts.models import User
from ingest import columns, counts, shelf
from ingest.models import Gap, Play, Track

SHOW = ("all", "plays", "skips")
_PLACE = re.compile(r"(-?[0-9]{1,18})-([0-9]{1,18})")  # both fit 64 bits


class BadCursor(ValueError):
    """A place in the log that this server never gave out."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place between plays: before or after the one with this start and id."""

    started_ms: int
    play_id: int

    def __str__(self) -> str:
        return f"{self.started_ms}-{self.play_id}"

    @classmethod
    def parse(cls, text: str) -> "Place":
        found = _PLACE.fullmatch(text)
        if not found:
            raise BadCursor(text)
        return cls(int(found[1]), int(found[2]))


@dataclass(frozen=True, slots=True)
class Entry:
    """One play as the log shows it."""

    play: Play
    counts: bool
    times: int  # plays of this track in all, as the default rule counts

    @property
    def mark(self) -> str:
        """Why it does not count, in a word; empty if it does."""
        if self.counts:
            return ""
        if self.play.track.kind != Track.Kind.MUSIC:
            return str(Track.Kind(self.play.track.kind).label)
        return _("private") if self.play.incognito else _("skipped")


@dataclass(frozen=True, slots=True)
class Day:
    """A local day and what of it stands on the page; `gaps` overlap it."""

    on: date
    entries: list[Entry]
    gaps: list[Gap]


@dataclass(frozen=True, slots=True)
class LogPage:
    days: list[Day]
    matches: int  # plays that pass the filters, in all
    newer: Place | None  # the place from which the page before goes up
    older: Place | None
    first_on: date | None  # local days of the person's first and last play
    last_on: date | None


def page(
    user: User,
    *,
    text: str = "",
    show: str = "all",
    day: date | None = None,
    older_than: Place | None = None,
    newer_than: Place | None = None,
    size: int = 50,
) -> LogPage:
    """One page of at most `size` plays, newest first.

    `text` asks for words of title, artist or album; `show` for everything, what counts, or what does not; `day` opens
    the log at the end of that local day. At most one of `day`, `older_than`, `newer_than` is used, the last given.
    """
    plays = columns.load(user)
    rack = shelf.load(user, plays.track)
    wanted = _wanted(plays, rack, text, show)
    start, stop = _window(plays, wanted, user, day, older_than, newer_than, size)
    shown = wanted[start:stop][::-1]
    counted = counts.mask(plays.where(shown), rack).tolist()
    times = _times(plays, rack, shown)
    return LogPage(
        days=_days(user, plays, shown, counted, times),
        matches=int(wanted.size),
        newer=_place(plays, shown[0]) if shown.size and stop < wanted.size else None,
        older=_place(plays, shown[-1]) if shown.size and start > 0 else None,
        first_on=_local(user, int(plays.started[0])) if plays.started.size else None,
        last_on=_local(user, int(plays.started[-1])) if plays.started.size else None,
    )


def _wanted(plays: columns.Columns, rack: shelf.Shelf, text: str, show: str) -> NDArray[np.intp]:
    """Indices of plays that pass the filters, oldest first."""
    mask: NDArray[np.bool_] | None = None
    if show != "all":
        mask = counts.mask(plays, rack)
        mask = mask if show == "plays" else ~mask
    if text.strip():
        table = np.zeros(int(rack.track[-1]) + 1 if rack.track.size else 1, dtype=bool)
        table[rack.search(text)] = True
        mask = table[plays.track] if mask is None else mask & table[plays.track]
    return np.arange(plays.started.size) if mask is None else np.flatnonzero(mask)


def _window(
    plays: columns.Columns,
    wanted: NDArray[np.intp],
    user: User,
    day: date | None,
    older_than: Place | None,
    newer_than: Place | None,
    size: int,
) -> tuple[int, int]:
    """The slice of `wanted` to show."""
    if newer_than is not None:
        start = int(np.searchsorted(wanted, _index(plays, newer_than, side="right")))
        stop = min(start + size, wanted.size)
        return max(0, stop - size), stop
    if older_than is not None:
        stop = int(np.searchsorted(wanted, _index(plays, older_than, side="left")))
    elif day is not None:
        midnight = datetime.combine(day + timedelta(days=1), time.min, user.zone)
        stop = int(np.searchsorted(wanted, np.searchsorted(plays.started, to_ms(midnight))))
    else:
        stop = wanted.size
    return max(0, stop - size), stop


def _index(plays: columns.Columns, place: Place, *, side: str) -> int:
    """Where `place` stands among all plays, ordered by start and id; its play may be gone."""
    low, high = np.searchsorted(plays.started, [place.started_ms, place.started_ms + 1])
    return int(low + np.searchsorted(plays.id[low:high], place.play_id, side=side))  # type: ignore[call-overload]


def _times(plays: columns.Columns, rack: shelf.Shelf, shown: NDArray[np.intp]) -> dict[int, int]:
    """How often each track that is shown was heard in all, as the default rule counts."""
    tracks = np.unique(plays.track[shown])
    table = np.zeros(int(rack.track[-1]) + 1 if rack.track.size else 1, dtype=bool)
    table[tracks] = True
    theirs = plays.where(np.flatnonzero(table[plays.track]))
    heard, times = np.unique(theirs.track[counts.mask(theirs, rack)], return_counts=True)
    return dict(zip(heard.tolist(), times.tolist(), strict=True))


def _place(plays: columns.Columns, index: int) -> Place:
    return Place(int(plays.started[index]), int(plays.id[index]))


def _local(user: User, started_ms: int) -> date:
    return from_ms(started_ms).astimezone(user.zone).date()


def _days(
    user: User, plays: columns.Columns, shown: NDArray[np.intp], counted: list[bool], times: dict[int, int]
) -> list[Day]:
    if not shown.size:
        return []
    # By key alone: asked for the person too, SQLite walks their whole index. The ids are from their own columns.
    found = Play.objects.select_related("track__artist", "track__album").filter(pk__in=plays.id[shown].tolist())
    rows = {play.pk: play for play in found if play.user_id == user.pk}
    first, last = int(plays.started[shown[-1]]), int(plays.started[shown[0]])
    gaps = list(Gap.objects.filter(user=user, started_at__lte=from_ms(last), ended_at__gte=from_ms(first)))
    days: dict[date, Day] = {}
    for index, counts_as_play in zip(shown.tolist(), counted, strict=True):
        play = rows.get(int(plays.id[index]))
        if play is None:
            continue  # removed since the columns were read
        on = _local(user, int(plays.started[index]))
        entry = Entry(play, counts_as_play, times.get(play.track_id, 0))
        days.setdefault(on, Day(on, [], [])).entries.append(entry)
    for day in days.values():
        day.gaps.extend(gap for gap in gaps if _touches(gap, day.on, user))
    return list(days.values())


def _touches(gap: Gap, on: date, user: User) -> bool:
    return gap.started_at.astimezone(user.zone).date() <= on <= gap.ended_at.astimezone(user.zone).date()
