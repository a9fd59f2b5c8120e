"""What a listener really played on one local day: sessions in their slots, tracks in their sessions, ends and skips.

A day runs from the listener's dawn to the next dawn. Nothing runs across it, so each day can be drawn alone.
"""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from .chance import dice
from .listeners import Listener, Slot
from .model import TruePlay
from .platforms import platform
from .programme import Programme, programme
from .taste import months

if TYPE_CHECKING:
    from .world import World

_START = datetime(1970, 1, 1, tzinfo=UTC)
MINUTE = 60_000
HOUR = 60 * MINUTE


def to_ms(moment: datetime) -> int:
    """Whole milliseconds since 1970."""
    return (moment - _START) // timedelta(milliseconds=1)


def to_moment(ms: int) -> datetime:
    return _START + timedelta(milliseconds=ms)


def dawn(listener: Listener, zone: str, day: date) -> int:
    local = datetime(day.year, day.month, day.day, listener.dawn, tzinfo=ZoneInfo(zone))
    return to_ms(local.astimezone(UTC))


class Sitting(NamedTuple):
    """One session as planned: from `start` to `stop` (ms), never past `limit`."""

    slot: Slot
    start: int
    stop: int
    limit: int


class Day:
    """Draws one day. Use `plays`."""

    def __init__(self, world: World, listener: Listener, day: date) -> None:
        self.world = world
        self.listener = listener
        self.day = day
        self.chance = dice(world.salt, "day", listener.id, day.isoformat())
        self.zone, self.country = world.whereabouts(listener, day)
        self.begin = dawn(listener, self.zone, day)
        self.limit = dawn(listener, world.whereabouts(listener, day + timedelta(days=1))[0], day + timedelta(days=1))

    def plays(self) -> tuple[TruePlay, ...]:
        listener, chance = self.listener, self.chance
        if self.day < listener.born or chance.random() < listener.quiet:
            return ()
        made: list[TruePlay] = []
        sittings = self._sittings()
        for place, sitting in enumerate(sittings):
            after = sittings[place + 1].start if place + 1 < len(sittings) else self.limit
            made += Session(self, sitting._replace(limit=after)).plays()
        return tuple(made)

    def _sittings(self) -> list[Sitting]:
        chance = self.chance
        weekend = self.day.weekday() >= 5
        planned = []
        for slot in self.listener.slots:
            if chance.random() >= (slot.weekend if weekend else slot.workday):
                continue
            hour = chance.gauss(slot.hour + (0.8 if weekend else 0), slot.spread) - self.listener.dawn
            start = self.begin + int(max(0.05, hour) * HOUR) + chance.randrange(1000)
            planned.append((start, int(slot.minutes * chance.lognormvariate(0, 0.45) * MINUTE), slot))
        planned.sort(key=lambda plan: plan[0])
        sittings: list[Sitting] = []
        free = self.begin
        for start, length, slot in planned:
            start = max(start, free + 30_000)
            stop = min(start + length, self.limit - 60_000)
            if stop - start < 3 * MINUTE:
                continue
            sittings.append(Sitting(slot, start, stop, self.limit))
            free = stop + 8 * MINUTE  # room for the last track and for what is paused at the end
        return sittings


class Session:
    """Draws one session: a programme after the other until the time is over."""

    def __init__(self, day: Day, sitting: Sitting) -> None:
        self.world = day.world
        self.listener = day.listener
        self.day = day
        self.sitting = sitting
        self.chance: random.Random = day.chance
        slot = sitting.slot
        self.offline = self.chance.random() < slot.offline
        self.incognito = self.chance.random() < slot.private
        self.platform = platform(day.listener, slot.device, day.day)
        self.batch = self.offline and self.chance.random() < 0.35
        self.made: list[TruePlay] = []

    def plays(self) -> list[TruePlay]:
        chance, now = self.chance, self.sitting.start
        reason = chance.choices(("appload", "clickrow", "playbtn", "remote"), (4, 4, 2, 1))[0]
        month = months(self.day.day)
        while now < self.sitting.stop:
            show = programme(self.world, self.listener, month, self.sitting.slot.mode, self.day.day, chance)
            if not show.items:
                break
            now, reason = self._run(show, now, reason)
        if self.made:
            self._close()
        return self._synced()

    def _run(self, show: Programme, now: int, reason: str) -> tuple[int, str]:
        """Play a programme from `now`; the moment and the reason with which the next one begins."""
        skips = self.listener.skips * show.patience
        for place, (item, duration, appeal) in enumerate(show.items):
            if now >= self.sitting.stop:
                return now, reason
            last = place == len(show.items) - 1
            now, reason = self._play(show, item, duration, skips * (1.55 - appeal), now, reason, last)
            if reason == "clickrow":
                break
        return now, reason

    def _play(
        self, show: Programme, item: str, duration: int, skip: float, now: int, reason: str, last: bool
    ) -> tuple[int, str]:
        roll = self.chance.random()
        if roll < skip:
            return self._skip(show, item, duration, now, reason)
        if roll > 0.90:
            return self._odd(show, item, duration, now, reason, roll)
        end = self._add(show, item, now, duration, reason, "trackdone", False)
        return end + int(roll * 300), "autoplay" if last and roll > 0.6 else "trackdone"

    def _skip(self, show: Programme, item: str, duration: int, now: int, reason: str) -> tuple[int, str]:
        chance = self.chance
        roll = chance.random()
        if roll < 0.72:
            played = min(int(chance.lognormvariate(8.7, 0.95)), duration - 1)  # median 6 s
        else:
            played = int(duration * chance.random())
        if roll < 0.06:  # back to the start of it, and again
            end = self._add(show, item, now, played, reason, "backbtn", False)
            end = self._add(show, item, end, duration, "backbtn", "trackdone", False)
            return end, "trackdone"
        if roll < 0.13:
            return self._add(show, item, now, played, reason, "endplay", played < 30_000) + 900, "clickrow"
        if roll < 0.14:
            return self._add(show, item, now, 0, reason, "trackerror", False) + 40, "trackerror"
        if roll < 0.15:
            played = 0
        return self._add(show, item, now, played, reason, "fwdbtn", True), "fwdbtn"

    def _odd(self, show: Programme, item: str, duration: int, now: int, reason: str, roll: float) -> tuple[int, str]:
        """A pause, a seek forward or back: the whole track was there, the listened time says otherwise."""
        chance = self.chance
        if roll < 0.955:
            pause = int(min(chance.lognormvariate(10.6, 1.2), 40 * MINUTE))
            at = int(duration * chance.random())
            end = self._add(show, item, now, duration, reason, "trackdone", False, pause=(at, pause))
        elif roll < 0.99:
            at = int(duration * 0.6 * chance.random())
            ahead = int((duration - at) * (0.2 + 0.7 * chance.random()))
            end = self._add(show, item, now, duration - ahead, reason, "trackdone", False, seek=(at, ahead))
        else:
            at = int(duration * (0.3 + 0.6 * chance.random()))
            back = int(at * chance.random())
            end = self._add(show, item, now, duration + back, reason, "trackdone", False, seek=(at, -back))
        return end + int(roll * 200), "trackdone"

    def _add(
        self,
        show: Programme,
        item: str,
        start: int,
        played: int,
        reason: str,
        end_reason: str,
        skipped: bool,
        pause: tuple[int, int] = (0, 0),
        seek: tuple[int, int] = (0, 0),
    ) -> int:
        """One more play, cut at the session's limit; when it ended. A pause takes time and is not played."""
        room = self.sitting.limit - start - 1000
        if played + pause[1] > room:
            pause = (0, 0)
            if played > room:
                played, end_reason, seek = max(0, room), "endplay", (0, 0)
        end = start + played + pause[1]
        self.made.append(
            TruePlay(
                show.kind,
                item,
                to_moment(start),
                to_moment(end),
                played,
                reason,
                end_reason,
                show.shuffle,
                self.offline,
                self.incognito,
                self.platform,
                self.day.country,
                show.context,
                skipped,
                self.sitting.slot.device,
                pause[0] if pause[1] else 0,
                pause[1],
                seek[0],
                seek[1],
            )
        )
        return end

    def _close(self) -> None:
        """How the last play of a session ends: finished, stopped, or paused for hours until the app goes."""
        chance = self.chance
        last = self.made.pop()
        roll = chance.random()
        start = to_ms(last.started_at)
        heard = last.seek_at_ms if last.seek_by_ms else last.ms_played  # cut before any seek
        if roll < 0.55 or heard < 2000:
            self.made.append(last)
            return
        played = int(heard * (0.05 + 0.9 * chance.random()))
        idle = 0
        if roll < 0.75:
            reason = "endplay"
        elif roll < 0.90:
            room = max(0, self.sitting.limit - start - played - 2000)
            idle = min(room, int(chance.lognormvariate(14.2, 1.2)))  # median 24 minutes, up to half a day
            reason = "logout" if roll < 0.85 else "unexpected-exit-while-paused"
        else:
            reason = "unexpected-exit"
        self.made.append(
            replace(
                last,
                ended_at=to_moment(start + played + idle),
                ms_played=played,
                reason_end=reason,
                skipped=False,
                pause_at_ms=played if idle else 0,
                pause_ms=idle,
                seek_at_ms=0,
                seek_by_ms=0,
            )
        )

    def _synced(self) -> list[TruePlay]:
        """Offline plays reach Spotify later: each a little after it ended, or all at once when the train comes up."""
        if not self.offline or not self.made:
            return self.made
        over = to_ms(self.made[-1].ended_at) + self.chance.randrange(20_000, 45 * MINUTE)
        if self.batch:
            return [replace(play, synced_at=to_moment(over), batched=True) for play in self.made]
        return [replace(play, synced_at=to_moment(over + place * 900)) for place, play in enumerate(self.made)]
