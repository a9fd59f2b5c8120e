"""Figures of one person, counted the slow and obvious way: loops over plays. Imports nothing of ours.

Every ms and every play is in here once for each thing that is asked. Ties are left as they are: a caller that compares
ordered lists compares their values.
"""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

from tests.insights.oracle import Play, Range, Rule, counts, days, first_moment, is_skip, local

Key = Hashable
Amount = tuple[int, int]  # plays, ms


@dataclass(frozen=True)
class Session:
    plays: list[Play]

    @property
    def started(self) -> int:
        return self.plays[0].started

    @property
    def ended(self) -> int:
        return max(play.ended for play in self.plays)


@dataclass(frozen=True)
class Oracle:
    """One person's history, read in one zone by one rule."""

    history: list[Play]
    zone: ZoneInfo
    rule: Rule
    today: date
    week_starts_on: int = 1
    gap_min: int = 30
    grouped: bool = True
    all_credits: bool = False

    # --- Which plays
    def started(self, asked: Range) -> list[Play]:
        return [play for play in self.history if asked.holds(play.started, self.zone)]

    def counted(self, asked: Range) -> list[Play]:
        return [play for play in self.started(asked) if counts(play, self.rule)]

    def public(self, asked: Range) -> list[Play]:
        return [play for play in self.started(asked) if self.rule.private or not play.incognito]

    def keys(self, play: Play, what: str) -> list[Key]:
        """What a play counts for."""
        song = play.song
        if what == "tracks":
            return [self.track(play)]
        if what == "albums":
            return [song.release] if song.release else []
        return list(dict.fromkeys(song.artists if self.all_credits else song.artists[:1]))

    def track(self, play: Play) -> Key:
        """One recording, or one track where the person counts them apart."""
        song = play.song
        return song.isrc if song.isrc and self.grouped else song.uri or (song.title, *song.artists)

    def day(self, play: Play) -> date:
        return local(play.started, self.zone).date()

    # --- How much
    def totals(self, asked: Range) -> dict[str, Any]:
        plays = self.counted(asked)
        whats = ("tracks", "artists", "albums")
        distinct = {what: len({key for play in plays for key in self.keys(play, what)}) for what in whats}
        return {
            "plays": len(plays),
            "ms": sum(play.ms for play in plays),
            **distinct,
            "skips": sum(is_skip(play) for play in self.public(asked)),
            "not_counted": len(self.started(asked)) - len(plays),
            "first": plays[0].started if plays else None,
            "last": plays[-1].started if plays else None,
            "days": len({self.day(play) for play in plays}),
        }

    def amounts(self, asked: Range, what: str) -> dict[Key, tuple[int, int, int]]:
        """Plays, ms and days of each thing."""
        plays: Counter[Key] = Counter()
        ms: Counter[Key] = Counter()
        on: dict[Key, set[date]] = defaultdict(set)
        for play in self.counted(asked):
            for key in self.keys(play, what):
                plays[key] += 1
                ms[key] += play.ms
                on[key].add(self.day(play))
        return {key: (plays[key], ms[key], len(on[key])) for key in plays}

    def ranks(self, asked: Range, what: str, by: str) -> dict[Key, int]:
        """From 1; ties share the better rank."""
        place = ("plays", "time", "days").index(by)
        values = {key: amount[place] for key, amount in self.amounts(asked, what).items()}
        return {key: 1 + sum(other > value for other in values.values()) for key, value in values.items()}

    def shares(self, asked: Range, what: str) -> dict[Key, float]:
        """Of all plays that each thing has, as a comparison weighs them."""
        amounts = self.amounts(asked, what)
        whole = sum(plays for plays, _, _ in amounts.values())
        return {key: plays / whole for key, (plays, _, _) in amounts.items()}

    # --- When
    def grid(self, asked: Range, columns: int) -> dict[tuple[int, int], Amount]:
        """By weekday (0 is Monday) and column of the day."""
        cells: dict[tuple[int, int], Amount] = defaultdict(lambda: (0, 0))
        for play in self.counted(asked):
            at = local(play.started, self.zone)
            cell = (at.weekday(), at.hour // (24 // columns))
            cells[cell] = _more(cells[cell], play)
        return cells

    def clock(self, asked: Range) -> list[Amount]:
        hours = [(0, 0)] * 24
        for play in self.counted(asked):
            hour = local(play.started, self.zone).hour
            hours[hour] = _more(hours[hour], play)
        return hours

    def bounds(self, asked: Range) -> tuple[date, date]:
        """The days of a course: those of the range up to today, wide enough for every play."""
        heard = [self.day(play) for play in self.counted(asked)]
        first = asked.first or min(heard, default=self.today)
        last = asked.last if asked.last and asked.last <= self.today else max([self.today, *heard])
        return first, max(first, last)

    def daily(self, asked: Range) -> dict[date, Amount]:
        first, last = self.bounds(asked)
        found = dict.fromkeys(days(first, last), (0, 0))
        for play in self.counted(asked):
            on = min(max(self.day(play), first), last)  # a clock set back over midnight tells of yesterday again
            found[on] = _more(found[on], play)
        return found

    def course(self, asked: Range, unit: str) -> list[tuple[date, date, int | None, int, int]]:
        """First and last day, hour, plays and ms of each step."""
        if unit == "hour":
            return list(self._hourly(asked))
        steps: dict[Any, list[Any]] = {}
        for day, (plays, ms) in self.daily(asked).items():
            step = steps.setdefault(self._step(day, unit), [day, day, None, 0, 0])
            step[1:] = [day, None, step[3] + plays, step[4] + ms]
        return [tuple(step) for step in steps.values()]

    def _step(self, day: date, unit: str) -> Any:
        if unit == "week":
            return day - timedelta(days=(day.isoweekday() - self.week_starts_on) % 7)
        return {"day": day, "month": (day.year, day.month), "year": day.year}[unit]

    def _hourly(self, asked: Range) -> Iterator[tuple[date, date, int, int, int]]:
        """Minute by minute: an hour ends when the wall clock shows another, or when its offset changes."""
        first, last = self.bounds(asked)
        plays = self.counted(asked)
        moment, end = first_moment(first, self.zone), first_moment(last + timedelta(days=1), self.zone)
        starts: list[tuple[int, date, int]] = []
        former: Any = None
        while moment < end:
            at = local(moment, self.zone)
            shown = (at.date(), at.hour, at.utcoffset())
            if shown != former:
                starts.append((moment, at.date(), at.hour))
                former = shown
            moment += 60_000
        ends = [start for start, _, _ in starts[1:]] + [end]
        for (start, day, hour), until in zip(starts, ends, strict=True):
            inside = [play for play in plays if start <= play.started < until]
            yield day, day, hour, len(inside), sum(play.ms for play in inside)

    def streaks(self, asked: Range) -> tuple[tuple[date, int] | None, tuple[date, int] | None]:
        """First day and length of the longest run, the earlier of two; and of the one that goes on."""
        heard = {self.day(play) for play in self.counted(asked)}
        runs = []
        for day in sorted(heard):
            if day - timedelta(days=1) not in heard:
                length = 1
                while day + timedelta(days=length) in heard:
                    length += 1
                runs.append((day, length))
        longest = max(runs, key=lambda run: (run[1], -run[0].toordinal()), default=None)
        yesterday = self.today - timedelta(days=1)
        on = [run for run in runs if run[0] + timedelta(days=run[1] - 1) >= yesterday]
        return longest, on[-1] if on else None

    def decades(self, asked: Range) -> tuple[dict[int, Amount], int]:
        """Plays and ms by the first year of the decade; and plays of no known year."""
        found: dict[int, Amount] = {}
        unknown = 0
        for play in self.counted(asked):
            if play.song.year:
                decade = play.song.year // 10 * 10
                found[decade] = _more(found.get(decade, (0, 0)), play)
            else:
                unknown += 1
        return found, unknown

    # --- Sessions and skips
    @cached_property
    def sessions(self) -> list[Session]:
        """Over all history: a pause longer than the gap, from the last end so far to the next start, parts two."""
        found: list[Session] = []
        for play in self.public(Range("all", None, None)):
            if found and play.started - found[-1].ended <= self.gap_min * 60_000:
                found[-1].plays.append(play)
            else:
                found.append(Session([play]))
        return found

    def sessions_in(self, asked: Range) -> list[Session]:
        return [session for session in self.sessions if asked.holds(session.started, self.zone)]

    def session_figures(self, asked: Range) -> dict[str, Any]:
        found = self.sessions_in(asked)
        lengths = [session.ended - session.started for session in found]
        parts = [0] * 4
        for session in found:
            parts[local(session.started, self.zone).hour // 6] += 1
        return {
            "count": len(found),
            "median_ms": round(median(lengths)) if lengths else 0,
            "longest_ms": max(lengths, default=0),
            "parts": parts,
        }

    def top_artists(self, session: Session) -> set[Key]:
        """The artists with most counted plays, and of those with most time."""
        totals: dict[Key, Amount] = {}
        for play in session.plays:
            for artist in play.song.artists[:1] if counts(play, self.rule) else ():
                totals[artist] = _more(totals.get(artist, (0, 0)), play)
        return {key for key, amount in totals.items() if amount == max(totals.values())}

    def skips(self, asked: Range) -> Amount:
        """Starts and skips."""
        plays = self.public(asked)
        return len(plays), sum(map(is_skip, plays))

    def skips_by(self, asked: Range, by: str) -> dict[Any, Amount]:
        """Starts and skips by tracks, artists, albums, hour or shuffle."""
        found: dict[Any, Amount] = defaultdict(lambda: (0, 0))
        for play in self.public(asked):
            keys: list[Any]
            if by == "hour":
                keys = [local(play.started, self.zone).hour]
            else:
                keys = [play.shuffle] if by == "shuffle" else self.keys(play, by)
            for key in keys:
                found[key] = (found[key][0] + 1, found[key][1] + is_skip(play))
        return found


def _more(amount: Amount, play: Play) -> Amount:
    return amount[0] + 1, amount[1] + play.ms
