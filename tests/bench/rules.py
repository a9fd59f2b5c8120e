"""A hundred rules of six nested conditions over a hundred thousand tracks: masks beside a plain Python loop.

    python -m tests.bench.rules [--tracks 100000] [--rules 100]

The loop is `evaluate.matches` over facts in dicts, on every fiftieth track, scaled; both find the same there, or this
stops. All figures are processor time, so that a busy machine does not spoil them. "Live" is one rule on masks that
nobody asked before: matches, what each condition removes, near misses, order.
"""

import argparse
import random
from dataclasses import dataclass
from datetime import date
from time import process_time

import numpy as np

from playlists.rules import choose, evaluate, explain, text, validate
from playlists.rules.evaluate import TrackFacts
from playlists.rules.masks import Masks
from playlists.rules.nodes import ALL, ANY, NONE, Condition, Group, Query, conditions
from playlists.rules.table import Coded, Column, Days, Flags, Numbers, Table, Tags

TODAY = date(2026, 11, 20)
SCALE = 50
GENRES = [f"genre {number}" for number in range(300)]
WORDS = [
    "love", "night", "light", "rain", "summer", "dance", "blue", "heart", "fire", "dream", "road", "home", "time",
]  # fmt: skip
FEATURES = ("energy", "valence", "danceability", "acousticness", "instrumentalness", "liveness", "speechiness")


def table(size: int, seed: int = 5) -> Table:
    """Made-up tracks; about a fifth of what providers tell is not known."""
    rng, chance = np.random.default_rng(seed), random.Random(seed)
    columns: dict[str, Column] = {}
    for name in FEATURES:
        columns[name] = Numbers(np.where(rng.random(size) < 0.2, np.nan, rng.random(size)))
    for name, high in (("year", 2026), ("plays", 200), ("duration", 600), ("popularity", 100), ("tempo_bpm", 200)):
        columns[name] = Numbers(rng.integers(1950 if name == "year" else 0, high, size).astype(np.float64))
    titles = [f"{' '.join(chance.choices(WORDS, k=3)).title()} {number}" for number in range(size)]
    columns["title"] = Coded(np.arange(size, dtype=np.int32), titles)
    artists = [f"The {chance.choice(WORDS).title()} {number}" for number in range(max(1, size // 10))]
    columns["artist"] = Coded(rng.integers(0, len(artists), size).astype(np.int32), artists)
    counts = rng.integers(0, 4, size)
    start = np.concatenate([[0], np.cumsum(counts)])
    columns["genre"] = Tags(start, rng.integers(0, len(GENRES), int(start[-1])).astype(np.int32), GENRES)
    columns["liked"] = Flags((rng.random(size) < 0.1).astype(np.int8))
    columns["explicit"] = Flags(rng.integers(-1, 2, size).astype(np.int8))
    columns["last_heard"] = Days((20_000 + rng.integers(0, 800, size)).astype(np.int32))
    return Table(np.arange(1, size + 1), columns)


def a_condition(chance: random.Random) -> Condition:
    kind = chance.randrange(8)
    if kind < 3:
        low = chance.random()
        name = chance.choice(FEATURES)
        return Condition(name, "between", (low * 0.7, low * 0.7 + 0.3)) if kind else Condition(name, "gte", low)
    if kind == 3:
        return Condition("year", chance.choice(["gt", "lte"]), chance.randrange(1960, 2020))
    if kind == 4:
        return Condition("genre", "any_of", tuple(chance.sample(GENRES, 3)), ignore_case=True)
    if kind == 5:
        return Condition(chance.choice(["title", "artist"]), "contains", chance.choice(WORDS), ignore_case=True)
    if kind == 6:
        return Condition("last_heard", chance.choice(["before", "after"]), "-1y")
    return Condition(chance.choice(["liked", "explicit"]), "eq", True)


def a_rule(chance: random.Random) -> Group:
    """Six conditions in four groups."""
    one, two, three, four, five, six = (a_condition(chance) for _ in range(6))
    return Group(ALL, (one, Group(ANY, (two, three, Group(ALL, (four, five)))), Group(NONE, (six,))))


@dataclass
class Clock:
    began: float = 0.0
    ms: float = 0.0

    def __enter__(self) -> "Clock":
        self.began = process_time()
        return self

    def __exit__(self, *_exc: object) -> None:
        self.ms = (process_time() - self.began) * 1000


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--tracks", type=int, default=100_000)
    parser.add_argument("--rules", type=int, default=100)
    given = parser.parse_args()
    chance = random.Random(7)
    tracks, rules = table(given.tracks), [a_rule(chance) for _ in range(given.rules)]

    with Clock() as preview:
        masks = Masks(tracks, TODAY)
        lists = [choose.choose(Query(rule), tracks, masks.of(rule), salt=1) for rule in rules]
    names = sorted({asked.field for rule in rules for _path, asked in conditions(rule)})
    sample = list(range(0, given.tracks, SCALE))
    facts: list[TrackFacts] = [tracks.facts(place, names) for place in sample]
    with Clock() as loop:
        plain = [[evaluate.matches(rule, track, today=TODAY) for track in facts] for rule in rules]
    assert plain == [masks.of(rule)[sample].tolist() for rule in rules], "both find the same"
    loop_ms = loop.ms * SCALE

    evaluations = given.tracks * given.rules
    print(f"{given.rules} rules of 6 nested conditions, {given.tracks} tracks, {sum(map(len, lists))} found")
    print(f"  plain Python loop   {loop_ms:9.0f} ms  {evaluations / loop_ms / 1000:8.2f} M/s (1 in {SCALE}, scaled)")
    rate, times = evaluations / preview.ms / 1000, loop_ms / preview.ms
    print(f"  masks, full preview {preview.ms:9.0f} ms  {rate:8.2f} M/s  {times:.0f} x")

    live = []
    for rule in rules:
        with Clock() as answer:
            query = Query(rule)
            validate.check(query)
            fresh = Masks(tracks, TODAY)
            choose.choose(query, tracks, fresh.of(rule), salt=1)
            explain.shares(rule, fresh)
            explain.near_misses(rule, fresh, size=5)
        live.append(answer.ms)
    live.sort()
    middle, most = live[len(live) // 2], live[len(live) * 95 // 100]
    print(f"  one live answer     median {middle:.0f} ms, 95th {most:.0f} ms, worst {live[-1]:.0f} ms")
    typed = text.parse("title:/^(love|blue).*[0-9]7$/i energy:0.2.. | limit 50 by -plays, title | apart artist 3").query
    with Clock() as answer:
        fresh = Masks(tracks, TODAY)
        choose.choose(typed, tracks, fresh.of(typed.where), salt=1)
        explain.shares(typed.where, fresh)
    print(f"  a pattern over all titles, ordered: {answer.ms:.0f} ms")


if __name__ == "__main__":
    main()
