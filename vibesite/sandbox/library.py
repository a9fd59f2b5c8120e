"""What a listener keeps: likes, playlists, saved albums, followed artists, at any moment; drawn from taste alone."""

from __future__ import annotations

import base64
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from .chance import base62, dice, digest, number
from .drafts import EPOCH
from .listeners import Listener
from .model import Playlist, PlaylistItem
from .taste import first_day, months

if TYPE_CHECKING:
    import random

    from .world import World

NAMES = (
    "morning train",
    "Sunday, slowly",
    "🔥",
    "untitled",
    "для дороги",
    "Kitchen & Dishes",
    "2 AM",
    "the good ones",
    "夏",
    "to listen / later",
    "Rainy – do not disturb",
    "work work work",
    "songs I stole from friends",
    "RUN 🏃‍♀️",
    "ספר שירים",
    "best of the year (so far)",
    "My playlist #17",
    "zzz",
)
EDITORIAL = ("Today’s Quiet Hits", "Fresh Friday", "Deep Focus Room", "Rap Attic", "Kids at Home")


class Like(NamedTuple):
    added_at: datetime
    track: int  # index into world.tracks
    removed_at: datetime | None


class Plan(NamedTuple):
    """A playlist's whole life: who made it when, and each item with its time of coming and going."""

    id: str
    name: str
    owner: str
    public: bool
    collaborative: bool
    created_at: datetime
    items: tuple[tuple[datetime, PlaylistItem, datetime | None], ...]


def _moment(chance: random.Random, month: int) -> datetime:
    """Some waking second of a month, UTC."""
    first = first_day(month)
    day = first + timedelta(days=chance.randrange(28))
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(seconds=chance.randrange(6 * 3600, 23 * 3600))


class Library:
    """All libraries of a world. Lives are planned up to a month and grow when a later one is asked for."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._likes: dict[str, tuple[int, list[Like], set[str]]] = {}
        self._plans = lru_cache(maxsize=64)(self._plan_all)

    def likes(self, listener: Listener, until: int) -> list[Like]:
        """Every like up to the end of month `until`, oldest first."""
        start = months(listener.born)
        reached, likes, known = self._likes.get(listener.id, (start - 1, [], set()))
        if reached < until and listener.tastes:
            likes, known = list(likes), set(known)
            for month in range(reached + 1, until + 1):
                self._like_month(listener, month, likes, known)
            self._likes[listener.id] = (until, likes, known)
        return likes

    def _like_month(self, listener: Listener, month: int, likes: list[Like], known: set[str]) -> None:
        world = self.world
        chance = dice(world.salt, "likes", listener.id, month)
        pool = world.pool(listener, month)
        if not pool.tracks:
            return
        wanted = int(chance.expovariate(1 / listener.likes)) + (70 if month == months(listener.born) else 0)
        fresh = []
        for index in chance.choices(pool.tracks, cum_weights=pool.reach, k=wanted):
            recording = world.tracks[index].mbid
            if recording in known:
                continue
            known.add(recording)
            added = _moment(chance, month)
            gone = added + timedelta(days=chance.randrange(3, 900)) if chance.random() < 0.06 else None
            fresh.append(Like(added, index, gone))
        likes.extend(sorted(fresh))

    def liked(self, listener: Listener, at: datetime) -> list[Like]:
        """What is liked at a moment, newest first."""
        held = [
            like
            for like in self.likes(listener, months(at.date()))
            if like.added_at <= at and (like.removed_at is None or like.removed_at > at)
        ]
        return held[::-1] if held == sorted(held) else sorted(held, reverse=True)

    def _plan_all(self, listener: Listener, until: int) -> tuple[Plan, ...]:
        """Own playlists, oldest first, with all that happens to them up to the end of month `until`."""
        if not listener.tastes:
            return ()
        count = 6 + number(self.world.salt, "shelves", listener.id) % 6
        plans = (self._plan(listener, place, until) for place in range(count))
        return tuple(sorted((plan for plan in plans if plan), key=lambda plan: plan.created_at))

    def _plan(self, listener: Listener, place: int, until: int) -> Plan | None:
        salt = self.world.salt
        chance = dice(salt, "playlist", listener.id, place)
        start = months(listener.born) + int(chance.random() ** 1.5 * 84)
        if start > until:
            return None
        created = _moment(chance, start)
        name = NAMES[(number(salt, "name", listener.id) + place * 5) % len(NAMES)]
        together = place == 2
        partner = self.world.partner(listener).id if together else listener.id
        items: list[tuple[datetime, PlaylistItem, datetime | None]] = []
        size = {0: 110, 1: 0, 3: 420}.get(place, chance.randrange(12, 60))  # one long, one very long, one empty
        self._add(listener, chance, start, created, size, listener.id, items)
        for month in range(start + 1, until + 1):
            monthly = dice(salt, "additions", listener.id, place, month)
            if place != 1 and monthly.random() < 0.35:
                by = partner if monthly.random() < 0.5 else listener.id
                self._add(listener, monthly, month, None, monthly.randrange(1, 6), by, items)
        if place == 4:
            self._oddities(listener, created, items)
        items.sort(key=lambda entry: entry[0])
        return Plan(
            base62(salt, "playlist", listener.id, place),
            name,
            listener.id,
            chance.random() < 0.6 and not together,
            together,
            created,
            tuple(items),
        )

    def _add(
        self,
        listener: Listener,
        chance: random.Random,
        month: int,
        at: datetime | None,
        count: int,
        by: str,
        items: list[tuple[datetime, PlaylistItem, datetime | None]],
    ) -> None:
        pool = self.world.pool(listener, month)
        if not pool.tracks or not count:
            return
        for index in chance.choices(pool.tracks, cum_weights=pool.reach, k=count):
            added = at or _moment(chance, month)
            gone = added + timedelta(days=chance.randrange(20, 700)) if chance.random() < 0.08 else None
            items.append((added, PlaylistItem(added, by, self.world.tracks[index].id), gone))

    def _oddities(
        self, listener: Listener, created: datetime, items: list[tuple[datetime, PlaylistItem, datetime | None]]
    ) -> None:
        """A local file, an item that is gone, an episode, a double, one with no time of adding."""
        episode = self.world.spoken.shows[0].episode_ids[10]
        local = ("My Old Band", "Demo Tape", "Rehearsal / take 3", 211)
        odd = [
            PlaylistItem(created, listener.id, local=local),
            PlaylistItem(created, listener.id),
            PlaylistItem(created, listener.id, episode_id=episode),
        ]
        if items:
            odd.append(PlaylistItem(None, listener.id, items[0][1].track_id))
        items.extend((created, item, None) for item in odd)

    def playlists(self, listener: Listener, at: datetime) -> list[Playlist]:
        """Own and followed ones, the newest first."""
        until = months(at.date())
        plans = list(self._plans(listener, until))
        if listener.tastes:
            friend = self.world.partner(listener)
            plans += [plan for plan in self._plans(friend, until) if plan.collaborative or plan.public][:2]
            plans += [self.editorial(number(listener.id) % len(EDITORIAL), until)]
        return [self._at(plan, at) for plan in reversed(plans) if plan.created_at <= at]

    def editorial(self, place: int, until: int) -> Plan:
        """A list of Spotify's own making: other people may follow it, not read it."""
        month = min(until, months(date(2026, 10, 1)))
        chance = dice(self.world.salt, "editorial", place, month)
        today = first_day(month).toordinal() - EPOCH
        famous = [index for index in self.world.famous if self.world.tracks[index].released <= today]
        at = datetime(first_day(month).year, first_day(month).month, 1, 4, tzinfo=UTC)
        picked = [famous[chance.randrange(len(famous))] for _ in range(50)] if famous else []
        items = tuple((at, PlaylistItem(at, "spotify", self.world.tracks[index].id), None) for index in picked)
        id = "37i9dQZF1DX" + base62(self.world.salt, "editorial", place)[-11:]
        return Plan(id, EDITORIAL[place], "spotify", True, False, datetime(2017, 1, 1, tzinfo=UTC), items)

    def _at(self, plan: Plan, at: datetime) -> Playlist:
        held = tuple(item for added, item, gone in plan.items if added <= at and (gone is None or gone > at))
        edits = sum((added <= at) + (gone is not None and gone <= at) for added, _, gone in plan.items)
        snapshot = base64.b64encode(f"{edits},".encode() + digest(plan.id, edits)).decode()
        words = "" if plan.owner != "spotify" else "Made by the editors, renewed every month."
        return Playlist(
            plan.id,
            plan.name,
            words,
            plan.owner,
            plan.public,
            plan.collaborative,
            snapshot,
            held,
            plan.created_at,
        )
