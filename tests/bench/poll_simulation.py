"""How many plays polling catches, and what it costs: `python -m tests.bench.poll_simulation`.

Replays 14 days of listening (the sandbox's listeners, and 500 generated ones) against the rules of recently-played: it
remembers the last 50 plays, each of at least 30 s, and shows them late. The planner under test (`ingest/planner.py`)
is set beside polling every 60 s, 15 min and 60 min. A play is caught if any poll shows it.
"""

import argparse
import heapq
import random
import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from ingest import planner

START = datetime(2026, 6, 1, tzinfo=UTC)  # a Monday
TICK_S = 30  # the scheduler looks this often
SEATS = 5
ACTIVE = 10  # plays a day, at least, of an active listener


@dataclass(frozen=True, slots=True)
class Listener:
    """One person's countable plays: when each ended, and from when Spotify shows it (seconds since START, sorted)."""

    name: str
    ended: NDArray[np.float64]
    shown: NDArray[np.float64]


@dataclass(slots=True)
class Outcome:
    """What came of one way to poll: plays there were, plays caught, calls, and the most calls in any 24 hours."""

    plays: int
    caught: int
    calls: int
    fullest_day: int = 0
    delays: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))  # minutes until a play was stored

    @property
    def share(self) -> float:
        return self.caught / self.plays if self.plays else 1.0


# --- People -----------------------------------------------------------------------------------------------------------
def generated(count: int, *, days: int, salt: str = "vibesite") -> list[Listener]:
    return [_person(random.Random(f"{salt}:{number}"), number, days) for number in range(count)]


def _person(chance: random.Random, number: int, days: int) -> Listener:
    """A life: usual hours and how surely they are kept, how long a session lasts, how impatient the thumb is."""
    kind = (
        "commuter",
        "desk",
        "night",
        "gym",
        "skipper",
        "looper",
        "sleeper",
        "weekend",
        "random",
        "rare",
        "surfer",
        "child",
    )[number % 12]
    zone_h = chance.choice([-8, -5, -3, 0, 1, 2, 3, 5.5, 8, 9])
    length_s, spread = chance.uniform(170, 260), 0.25
    if kind == "child":
        length_s = 95  # songs for children are short
    skips = {"surfer": 0.9, "skipper": 0.75, "gym": 0.4, "looper": 0.05}.get(kind, chance.uniform(0.05, 0.3))
    leaves = (25, 45) if kind == "surfer" else (3, 70)  # seconds until an impatient thumb moves on
    habits = {  # (local hour it starts, hours it lasts, chance on a workday, on a free day)
        "commuter": [(7.5, 0.8, 0.95, 0.2), (17.7, 0.9, 0.9, 0.3), (21, 1, 0.3, 0.4)],
        "desk": [(9, 3.2, 0.9, 0.1), (13.2, 4, 0.9, 0.2), (20, 1.5, 0.3, 0.5)],
        "night": [(22.5, 3.5, 0.7, 0.9), (15, 1, 0.3, 0.5)],
        "gym": [(6.5, 1.2, 0.6, 0.4), (18, 1.4, 0.6, 0.5)],
        "skipper": [(8, 1.5, 0.8, 0.4), (16, 3, 0.8, 0.9)],
        "surfer": [(16, 1.5, 0.8, 0.6), (20, 1, 0.5, 0.5)],
        "child": [(7, 1, 0.7, 0.7), (15, 3, 0.8, 0.9)],
        "looper": [(8, 12, 0.9, 0.9)],
        "sleeper": [(22.8, 8, 0.9, 0.9), (12, 0.5, 0.5, 0.5)],
        "weekend": [(11, 6, 0.05, 0.95), (20, 5, 0.1, 0.9)],
        "random": [(chance.uniform(0, 24), chance.uniform(0.5, 6), 0.4, 0.4) for _ in range(4)],
        "rare": [(20, 0.5, 0.08, 0.12)],
    }[kind]
    away = chance.randrange(days) if chance.random() < 0.15 else None  # three days of holiday, then other hours
    ended: list[float] = []
    for day in range(days):
        if away is not None and away <= day < away + 3:
            continue
        for begin, hours, workday, free in habits:
            if chance.random() < (free if day % 7 >= 5 else workday):
                at = (day * 24 + begin - zone_h + chance.gauss(0, 0.5)) * 3600
                stop = at + hours * 3600 * chance.lognormvariate(0, 0.35)
                while at < stop:
                    track = max(45.0, chance.gauss(length_s, length_s * spread))
                    played = chance.uniform(*leaves) if chance.random() < skips else track
                    at += played
                    if played >= 30:
                        ended.append(at)
                    at += chance.expovariate(1 / 400) if chance.random() < 0.03 else 0.5
    inside = sorted({moment for moment in ended if 0 <= moment < days * 86400})
    return Listener(f"{kind} {number}", *_lagged(np.array(inside), chance))


def of_sandbox(*, days: int) -> list[Listener]:
    """The sandbox's twelve, as its truth and its recently-played tell of them."""
    from vibesite.sandbox.spotify_player import shows_as_played
    from vibesite.sandbox.world import World

    world = World()
    people = []
    for person in world.listeners:
        told = [play for play in world.plays(person, START, START + timedelta(days=days)) if shows_as_played(play)]
        told.sort(key=lambda play: play.ended_at)
        ended = np.array([(play.ended_at - START).total_seconds() for play in told])
        shown = np.array([(play.known_at - START).total_seconds() + 20 for play in told])
        people.append(Listener(person.id, ended, shown))
    return people


def _lagged(ended: NDArray[np.float64], chance: random.Random) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Spotify shows a play about a minute late, and in one fortnight of ten it stands still for two hours."""
    ended = np.sort(ended)
    shown = ended + np.array([chance.lognormvariate(4.0, 0.8) for _ in ended])
    if ended.size and chance.random() < 0.1:
        begin = chance.uniform(0, float(ended[-1]))
        hit = (ended >= begin) & (ended < begin + 2 * 3600)
        shown[hit] = np.maximum(shown[hit], begin + 2 * 3600)
    return ended, np.maximum.accumulate(shown)


# --- Polling ----------------------------------------------------------------------------------------------------------
class Wire:
    """Recently-played of one listener; notes when each play was seen for the first time."""

    def __init__(self, listener: Listener) -> None:
        self.listener = listener
        self.seen = np.full(listener.ended.size, np.nan)  # seconds since START

    def poll(self, at: float) -> NDArray[np.float64]:
        """The page at `at`: end times of the newest 50 plays of those that are shown by then."""
        ended, shown = self.listener.ended, self.listener.shown
        last, back = int(np.searchsorted(ended, at, side="right")), 2 * planner.REMEMBERED
        while True:
            first = max(last - back, 0)
            page = first + np.flatnonzero(shown[first:last] <= at)[-planner.REMEMBERED :]
            if first == 0 or page.size == planner.REMEMBERED:
                break
            back *= 2
        fresh = page[np.isnan(self.seen[page])]
        self.seen[fresh] = at
        return ended[page]

    @property
    def caught(self) -> int:
        return int(np.count_nonzero(~np.isnan(self.seen)))

    @property
    def delays(self) -> NDArray[np.float64]:
        """Minutes from the end of each caught play until it was seen."""
        delays = (self.seen - self.listener.ended) / 60
        return delays[~np.isnan(delays)]


def fixed(listeners: Sequence[Listener], every_s: float, *, days: int) -> Outcome:
    """Poll everybody every `every_s` seconds, whatever it costs.

    A play is caught by the first poll after it is shown, or never: from then on only more plays come after it.
    """
    caught, delays = 0, []
    for place, one in enumerate(listeners):
        phase = every_s * place / len(listeners)
        polls = phase + np.ceil((one.shown - phase) / every_s) * every_s
        known = np.searchsorted(np.sort(one.shown), polls, side="right")
        before = np.arange(one.ended.size)
        if np.any(np.diff(one.shown) < 0):  # some came late: count those before it that are not shown yet
            late = [np.count_nonzero(one.shown[:i] > polls[i]) for i in range(one.ended.size)]
            before = before - np.array(late)
        hit = known - before <= planner.REMEMBERED
        caught += int(np.count_nonzero(hit))
        delays.append((polls - one.ended)[hit] / 60)
    calls = round(days * 86400 / every_s) * len(listeners)
    total = sum(one.ended.size for one in listeners)
    return Outcome(total, caught, calls, round(86400 / every_s) * len(listeners), np.concatenate(delays))


def planned(group: Sequence[Listener], daily: int, *, days: int, pace: planner.Pace = planner.PACE) -> list[Outcome]:
    """Poll one quota group as the product does, with `daily` calls in any 24 hours. One outcome a listener."""
    wires = [Wire(listener) for listener in group]
    seen = [planner.Seen(number) for number in range(len(group))]
    spent: list[deque[float]] = [deque() for _ in group]
    counted, fullest = [0] * len(group), 0
    queue = [(0.0, number) for number in range(len(group))]
    end, grant, granted = (days + 0.5) * 86400, dict[int, float](), -1e9
    while queue and queue[0][0] < end:
        at = -(-queue[0][0] // TICK_S) * TICK_S
        now = START + timedelta(seconds=at)
        due = []
        while queue and queue[0][0] <= at:
            due.append(heapq.heappop(queue)[1])
        for calls in spent:
            while calls and calls[0] <= at - 86400:
                calls.popleft()
        if at - granted >= 6 * 3600:
            grant, granted = planner.grants({one.connection_id: planner.need(one.memory) for one in seen}, daily), at
        used = sum(map(len, spent))
        asked = [replace(seen[number], calls=len(spent[number])) for number in due]
        choice = planner.choose(asked, planner.Budget(daily, daily - used), now=now)
        for number in choice.now:
            page = wires[number].poll(at)
            spent[number].append(at)
            counted[number] += at < days * 86400
            ended = [START + timedelta(seconds=float(moment)) for moment in page]
            memory = planner.learn(seen[number].memory, ended, now)
            newest = max(ended, default=seen[number].newest_at)
            seen[number] = planner.Seen(number, now, newest, memory, len(spent[number]))
            turn = planner.next_at(seen[number], grant=grant[number], now=now, pace=pace)
            heapq.heappush(queue, ((turn - START).total_seconds(), number))
        for number, moment in choice.later.items():
            heapq.heappush(queue, ((moment - START).total_seconds(), number))
        fullest = max(fullest, sum(map(len, spent)))
    return [
        Outcome(wire.listener.ended.size, wire.caught, calls, fullest, wire.delays)
        for wire, calls in zip(wires, counted, strict=True)
    ]


def together(outcomes: Sequence[Outcome]) -> Outcome:
    return Outcome(
        sum(one.plays for one in outcomes),
        sum(one.caught for one in outcomes),
        sum(one.calls for one in outcomes),
        max((one.fullest_day for one in outcomes), default=0),
        np.concatenate([one.delays for one in outcomes]) if outcomes else np.empty(0),
    )


# --- The best that any schedule could do ------------------------------------------------------------------------------
def best_with(calls: int, plays: int) -> int:
    """The most plays `calls` polls can catch of `plays`, for a schedule that knows the future.

    A poll shows at most 50 plays, so `50 × calls` bounds it; polling right after each 50th play reaches that bound.
    """
    return min(plays, planner.REMEMBERED * calls)


def best_by_search(shown: Sequence[float], calls: int) -> int:
    """The same by dynamic programming over every set of poll times; for tests of `best_with` on few plays."""
    total = len(shown)
    best = [0] * (total + 1)  # best[i]: the most caught by the polls so far, the last of them after i plays
    for _ in range(calls):
        best = [
            max(best[before] + min(after - before, planner.REMEMBERED) for before in range(after + 1))
            for after in range(total + 1)
        ]
    return max(best)


def catchable(listener: Listener) -> int:
    """Plays that were among the newest 50 when Spotify first showed them: the others nobody ever sees."""
    return fixed([listener], 1.0, days=1).caught


def bound(group: Sequence[Listener], daily: int, *, days: int) -> float:
    """No schedule with `daily` calls in any 24 hours catches a greater share of the group's plays.

    Each listener's catch is concave in the calls given (`best_with`), so giving each call to whoever gains most is
    the best split; keeping the limit only day by day, and letting each day's plays be caught by that day's calls or
    any later ones, can only help. Plays that a stand-still of Spotify's hides for good are out of anybody's reach. So
    the share is an upper bound.
    """
    calls = daily * (days + 1)
    wanted = [catchable(one) for one in group]
    given = [0] * len(group)
    for _ in range(calls):
        gains = [best_with(given[i] + 1, wanted[i]) - best_with(given[i], wanted[i]) for i in range(len(group))]
        if max(gains) == 0:
            break
        given[gains.index(max(gains))] += 1
    return sum(map(best_with, given, wanted)) / max(sum(one.ended.size for one in group), 1)


# --- The report -------------------------------------------------------------------------------------------------------
def groups(listeners: Sequence[Listener]) -> Iterator[Sequence[Listener]]:
    """Listeners by the seats of one app each."""
    for start in range(0, len(listeners), SEATS):
        yield listeners[start : start + SEATS]


def simulate(listeners: Sequence[Listener], a_person: float, *, days: int) -> list[Outcome]:
    return [one for group in groups(listeners) for one in planned(group, round(a_person * len(group)), days=days)]


def report(title: str, listeners: Sequence[Listener], *, days: int) -> None:
    active = [place for place, one in enumerate(listeners) if one.ended.size >= ACTIVE * days]
    some = [listeners[place] for place in active]
    plays = sum(one.ended.size for one in some) / days / len(some)
    print(f"\n{title}: {len(listeners)} listeners, {len(some)} active ({plays:.0f} plays a day), {days} days")
    print(f"{'':34}{'caught':>9}{'of all':>9}{'calls a person and day':>26}{'most in 24 h':>15}{'median delay':>14}")
    print(f"{'':34}{'(active)':>9}{'':>9}{'mean':>16}{'highest':>10}{'(of 5 people)':>15}{'':>14}")
    for words, a_person in (
        ("planner, 30 calls a person", 30),
        ("planner, 80 (500 less reserve 100)", 80),
        ("planner, 20 (100 for five)", 20),
    ):
        everyone = simulate(listeners, a_person, days=days)
        some_of = [everyone[place] for place in active]
        highest = max(one.calls for one in everyone) / days
        _line(words, together(some_of), together(everyone), len(everyone), highest, days)
        if a_person <= 20:
            parts = [(group, round(a_person * len(group))) for group in groups(some)]
            weights = [sum(one.ended.size for one in group) for group, _daily in parts]
            best = np.average([bound(group, daily, days=days) for group, daily in parts], weights=weights)
            print(f"{'  the best any schedule could do':34}{best:9.3%}")
    for words, every_s in (("every 60 s", 60), ("every 15 min", 900), ("every 60 min", 3600)):
        some_of, everyone_of = fixed(some, every_s, days=days), fixed(listeners, every_s, days=days)
        _line(words, some_of, everyone_of, len(listeners), 86400 / every_s, days, 5 * 86400 // every_s)


def _line(
    words: str, some: Outcome, everyone: Outcome, people: int, highest: float, days: int, fullest: int = 0
) -> None:
    delay = float(np.median(some.delays)) if some.delays.size else 0.0
    print(
        f"{words:34}{some.share:9.3%}{everyone.share:9.3%}{everyone.calls / people / days:16.1f}{highest:10.1f}"
        f"{fullest or everyone.fullest_day:15}{delay:10.1f} min"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--people", type=int, default=500, help="generated listeners")
    parser.add_argument("--days", type=int, default=14)
    asked = parser.parse_args()
    began = time.monotonic()
    report("Sandbox", of_sandbox(days=asked.days), days=asked.days)
    report("Generated", generated(asked.people, days=asked.days), days=asked.days)
    print(f"\n{time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
