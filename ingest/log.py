"""Reading the listening log: one page of plays, newest first, by keyset over the columns.

The columns hold every play in order of its start, so that any filter and any depth costs one pass over arrays and
one query for the rows shown.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import numpy as np
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from numpy.typing import NDArray

from accounts.fields import from_ms, to_ms
from accounts.models import User
from ingest import clock, columns, lens
from ingest.log_filters import EVERYTHING, Filters, passing
from ingest.models import Gap, Play, Track
from ingest.reconcile import DETAILS

STREAMED = 5_000  # plays at a time
Times = dict[int, int]  # plays in all by track
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
    skipped: bool
    hidden: bool
    times: int  # plays of this recording in all, as the person counts

    @property
    def origin(self) -> str:
        return str(Play.Origin(self.play.origin).label)

    @property
    def times_said(self) -> str:
        said = formats.number_format(self.times, use_l10n=True, force_grouping=True)
        return ngettext("%(said)s play in all", "%(said)s plays in all", self.times) % {"said": said}

    @property
    def mark(self) -> str:
        """Why it does not count, or that it counts and is a skip all the same; empty if there is nothing to say."""
        if self.counts:
            return _("skipped") if self.skipped else ""
        if self.hidden:
            return _("hidden")
        if self.play.track.kind != Track.Kind.MUSIC:
            return str(Track.Kind(self.play.track.kind).label)
        if self.play.incognito:
            return _("private")
        return _("skipped") if self.skipped else _("not counted")


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
    reading: lens.Reading


class Log:
    """The plays of one person that pass some filters: what the page, the exports and the API show."""

    def __init__(self, user: User, filters: Filters = EVERYTHING) -> None:
        self.user = user
        self.reading = lens.read(user, rule=filters.rule)
        self.wanted = passing(self.reading, filters)  # places among all plays, oldest first; None: all of them

    def __len__(self) -> int:
        return len(self.reading.plays) if self.wanted is None else int(self.wanted.size)

    def places(self, start: int, stop: int) -> NDArray[np.integer]:
        """A part of them, oldest first, as places among all plays."""
        return np.arange(start, stop) if self.wanted is None else self.wanted[start:stop]

    def before(self, place: int) -> int:
        """How many of them stand before this place among all plays."""
        return place if self.wanted is None else int(np.searchsorted(self.wanted, place))

    def entries(self, places: NDArray[np.integer], times: Times | None = None) -> list[Entry]:
        """The plays at some places, ascending, in their order: one query for the tracks."""
        heard = self.reading.heard(among=places)
        judged = dict(
            zip(heard.column("id").tolist(), zip(heard.counts.tolist(), heard.skips.tolist(), strict=True), strict=True)
        )
        rows = self.reading.plays.where(places).rows()
        hidden = np.isin(places, self.reading.hidden).tolist()
        tracks = Track.objects.select_related("artist", "album").in_bulk(np.unique(rows["track"]).tolist())
        times = _times(self.reading, places) if times is None else times
        found = []
        for row, is_hidden in zip(rows.tolist(), hidden, strict=True):
            pk, track = row[:2]
            if track in tracks:
                counted, skipped = judged.get(pk, (False, False))
                play = play_of(row, self.user, tracks[track])
                found.append(Entry(play, counted, skipped, is_hidden, times.get(track, 0)))
        return found

    def stream(self) -> Iterator[list[Entry]]:
        """All of them, newest first, some thousand at a time."""
        times = _times_of_all(self.reading)
        for stop in range(len(self), 0, -STREAMED):
            yield self.entries(self.places(max(0, stop - STREAMED), stop), times)[::-1]


def page(
    user: User,
    *,
    filters: Filters = EVERYTHING,
    day: date | None = None,
    older_than: Place | None = None,
    newer_than: Place | None = None,
    size: int = 50,
    most_days: int = 0,
) -> LogPage:
    """One page of at most `size` plays that pass the `filters`, newest first.

    `day` opens the log at the end of that local day. At most one of `day`, `older_than`, `newer_than` is used, the last
    given. What a person removed is never shown. With `most_days` only so many days with plays are on a page, and all of
    each, unless one alone has more than `size`.
    """
    log = Log(user, filters)
    start, stop = _window(log, day, older_than, newer_than, size)
    if most_days and newer_than is not None:
        start = log.before(_index(log.reading.plays, newer_than, side="right"))  # with no day twice
        start, stop = _whole_days(log, start, min(start + size, len(log)), most_days, from_old=True)
        if stop == len(log):  # the newest days: a whole page of them
            start = max(0, len(log) - size)
    if most_days and (newer_than is None or stop == len(log)):
        start, stop = _whole_days(log, start, stop, most_days, from_old=False)
    return _page(log, start, stop)


def _page(log: Log, start: int, stop: int) -> LogPage:
    plays, shown = log.reading.plays, log.places(start, stop)
    return LogPage(
        days=_days(log, shown),
        matches=len(log),
        newer=_place(plays, shown[-1]) if shown.size and stop < len(log) else None,
        older=_place(plays, shown[0]) if shown.size and start > 0 else None,
        first_on=_local(log.user, int(plays.started[0])) if plays.started.size else None,
        last_on=_local(log.user, int(plays.started[-1])) if plays.started.size else None,
        reading=log.reading,
    )


def _window(
    log: Log, day: date | None, older_than: Place | None, newer_than: Place | None, size: int
) -> tuple[int, int]:
    """The part of the log to show: from, to."""
    plays = log.reading.plays
    if newer_than is not None:
        start = log.before(_index(plays, newer_than, side="right"))
        stop = min(start + size, len(log))
        return max(0, stop - size), stop
    if older_than is not None:
        stop = log.before(_index(plays, older_than, side="left"))
    elif day is not None:
        midnight = datetime.combine(day + timedelta(days=1), time.min, log.user.zone)
        stop = log.before(int(np.searchsorted(plays.started, to_ms(midnight))))
    else:
        stop = len(log)
    return max(0, stop - size), stop


def _whole_days(log: Log, start: int, stop: int, most: int, *, from_old: bool) -> tuple[int, int]:
    """A window cut to whole days: at its older end, or at its newer end where it is filled `from_old` plays on."""
    days = clock.local_days(log.reading.plays.started[log.places(start, stop)], log.user.zone)
    if not days.size:
        return start, stop
    seen = np.unique(days)
    beyond = log.places(stop, min(stop + 1, len(log))) if from_old else log.places(max(0, start - 1), start)
    if beyond.size and seen.size > 1:
        edge = seen[-1] if from_old else seen[0]
        if clock.local_days(log.reading.plays.started[beyond], log.user.zone)[0] == edge:
            seen = seen[:-1] if from_old else seen[1:]
    seen = seen[:most] if from_old else seen[-most:]
    inside = np.flatnonzero((days >= seen[0]) & (days <= seen[-1]))
    return start + int(inside[0]), start + int(inside[-1]) + 1


def _index(plays: columns.Columns, place: Place, *, side: str) -> int:
    """Where `place` stands among all plays, ordered by start and id; its play may be gone."""
    low, high = np.searchsorted(plays.started, [place.started_ms, place.started_ms + 1])
    return int(low + np.searchsorted(plays.id[low:high], place.play_id, side=side))  # type: ignore[call-overload]


def _times(reading: lens.Reading, shown: NDArray[np.integer]) -> Times:
    """How often each track that is shown was heard in all, with its recording, as the person counts."""
    rack, facts = reading.rack, reading.facts
    tracks = np.unique(reading.plays.track[shown])
    groups = facts.group[rack.places(tracks)]
    theirs = np.flatnonzero(np.isin(facts.group, groups).take(reading.place, mode="clip"))
    plays = reading.heard(among=theirs).counted.plays_of("tracks")
    return {
        track: int(plays[group]) if group < plays.size else 0
        for track, group in zip(tracks.tolist(), groups.tolist(), strict=True)
    }


def _times_of_all(reading: lens.Reading) -> Times:
    """The same of every track."""
    plays = reading.heard().counted.plays_of("tracks")
    group = reading.facts.group
    counts = np.where(group < plays.size, plays[np.minimum(group, plays.size - 1)], 0)
    return dict(zip(reading.facts.track.tolist(), counts.tolist(), strict=True))


def play_of(row: tuple, user: User, track: Track) -> Play:
    """A row of the columns as the play that it was made of; without the import that brought it."""
    pk, _track, started, ended, ms, *_rest = row
    event = columns.event_of(row)
    play = Play(
        id=pk,
        user=user,
        track=track,
        started_at=from_ms(started),
        ended_at=from_ms(ended),
        ms_played=ms,
        is_estimate=event.is_estimate,
        origin=event.origin,
        **{name: getattr(event, name) for name in DETAILS},
    )
    play._state.adding = False
    return play


def _place(plays: columns.Columns, index: int) -> Place:
    return Place(int(plays.started[index]), int(plays.id[index]))


def _local(user: User, started_ms: int) -> date:
    return from_ms(started_ms).astimezone(user.zone).date()


def _days(log: Log, shown: NDArray[np.integer]) -> list[Day]:
    """`shown` are places, ascending; the days stand newest first."""
    if not shown.size:
        return []
    user, started = log.user, log.reading.plays.started
    first, last = int(started[shown[0]]), int(started[shown[-1]])
    gaps = list(Gap.objects.filter(user=user, started_at__lte=from_ms(last), ended_at__gte=from_ms(first)))
    days: dict[date, Day] = {}
    for entry in reversed(log.entries(shown)):
        on = entry.play.started_at.astimezone(user.zone).date()
        days.setdefault(on, Day(on, [], [])).entries.append(entry)
    for day in days.values():
        day.gaps.extend(gap for gap in gaps if _touches(gap, day.on, user))
    return list(days.values())


def _touches(gap: Gap, on: date, user: User) -> bool:
    return gap.started_at.astimezone(user.zone).date() <= on <= gap.ended_at.astimezone(user.zone).date()
