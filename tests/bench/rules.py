"""A hundred rules of six nested conditions over a hundred thousand tracks: masks beside a plain Python loop.

    python -m tests.bench.rules [--tracks 100000] [--rules 100] [--page]

The loop is `evaluate.matches` over facts in dicts, on every fiftieth track, scaled; both find the same there, or this
stops. All figures are processor time, so that a busy machine does not spoil them. "Live" is one rule on masks that
nobody asked before: matches, what each condition removes, near misses, order.

With `--page` then as a person meets it: that many liked tracks and 200,000 plays in a database of its own (SQLite in a
temporary folder), and the builder's page for each keystroke, whole, through Django's test client.
"""

import argparse
import random
import tempfile
from dataclasses import dataclass
from datetime import date
from time import process_time
from typing import Any

import numpy as np

from playlists.rules import choose, evaluate, explain, text, validate
from playlists.rules.evaluate import TrackFacts
from playlists.rules.masks import Masks
from playlists.rules.nodes import ALL, ANY, NONE, Condition, Group, Query, conditions
from playlists.rules.table import Coded, Column, Days, Flags, Numbers, Table, Tags
from tests.bench import surroundings

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
    parser.add_argument("--page", action="store_true")
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
    for pattern in ("/^(love|blue).*[0-9]7$/i", "/night/i", "/e/i"):
        typed = text.parse(f"title:{pattern} energy:0.2.. | limit 50 by -plays, title | apart artist 3").query
        with Clock() as answer:
            fresh = Masks(tracks, TODAY)
            choose.choose(typed, tracks, fresh.of(typed.where), salt=1)
            explain.shares(typed.where, fresh)
        print(f"  {pattern:24} over all titles, chosen and ordered: {answer.ms:.0f} ms")
    if given.page:
        with tempfile.TemporaryDirectory() as folder:
            pages(folder, given.tracks)


ASKS = {"HX-Request": "true", "HX-Target": "answer"}
KEYSTROKES = (
    "title:n", "title:ni", "title:nig", "title:nigh", "title:night", "title:night ", "title:night plays:1",
    "title:night plays:1..", "title:night plays:1.. -liked:no", "title:/night/", "title:/^night/i",
    "title:/^(night|blue).*[0-9]7$/i", "title:/^(night|blue).*[0-9]7$/i plays:..5", "title:/e/i",
    "artist:road last_heard:90d", "artist:road last_heard:90d | limit 50 by -plays, title | apart artist 3",
)  # fmt: skip


def pages(folder: str, size: int) -> None:
    """What the builder's page costs with each keystroke."""
    surroundings.take(folder)
    surroundings.set_up()
    from django.core.management import call_command
    from django.test import Client

    from playlists import at_hand

    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    user = a_person(size)
    client = Client()
    client.force_login(user)
    print(f"\nthe page, {size:,} tracks in the database, {surroundings.load()}")

    def answer(typed: str) -> float:
        words = {"face": "text", "typed": typed, "name": "Bench", "priority": "0", "do": "answer"}
        with Clock() as took:
            page = client.post("/rules/new/?template=blank", words, headers=ASKS)
        assert page.status_code == 200
        assert b'id="answer"' in page.content
        return took.ms

    print(f"  {answer('title:a'):6.0f} ms  the first of all, with the files that are derived from plays")
    at_hand.forget()
    print(f"  {answer('title:a'):6.0f} ms  the first in a process")
    one_play(user)
    print(f"  {answer('title:a'):6.0f} ms  right after a play")
    taken = {typed: answer(typed) for typed in KEYSTROKES}
    for typed, ms in taken.items():
        print(f"  {ms:6.0f} ms  {typed}")
    ranked = sorted(taken.values())
    print(f"  median {ranked[len(ranked) // 2]:.0f} ms, worst {ranked[-1]:.0f} ms")


def one_play(user: Any) -> None:
    from django.utils import timezone

    from accounts.fields import to_ms
    from ingest.actions import record
    from ingest.evidence import Evidence, Origin
    from ingest.models import Track

    end = to_ms(timezone.now())
    told = Evidence(Origin.POLL, Track.objects.earliest("pk").pk, end - 180_000, end, 180_000, is_estimate=True)
    record.plays(user=user, evidence=[told], now=timezone.now())


def a_person(size: int) -> Any:
    """Somebody who likes `size` tracks and played a fifth of them."""
    from datetime import UTC, datetime, timedelta

    from accounts.fields import to_ms
    from accounts.models import User
    from ingest.actions import record
    from ingest.evidence import Evidence, Origin
    from ingest.models import Album, Artist, SourceTrack, Track, TrackSource

    chance, at_once = random.Random(5), 5_000
    user = User.objects.create(username="anna")
    names = [f"The {chance.choice(WORDS).title()} {number}" for number in range(size // 10)]
    artists = Artist.objects.bulk_create([Artist(name=name, name_key=name.casefold()) for name in names], at_once)
    known = [
        Album(name=f"Album {n}", name_key=f"album {n}", artist=artist, released_on=f"{1960 + n % 60}")
        for n, artist in enumerate(artists)
    ]
    albums = Album.objects.bulk_create(known, at_once)
    titles = [f"{' '.join(chance.choices(WORDS, k=3)).title()} {number}" for number in range(size)]
    rows = [
        Track(
            name=title, name_key=title.casefold(), spotify_id=f"{n:022}", artist=artists[n // 10 % len(artists)],
            album=albums[n // 10 % len(albums)], duration_ms=120_000 + n % 200_000,
        )
        for n, title in enumerate(titles)
    ]  # fmt: skip
    tracks = Track.objects.bulk_create(rows, at_once)
    liked = TrackSource.objects.create(user=user, kind="liked")
    now = datetime(2026, 11, 20, 12, tzinfo=UTC)
    entries = (SourceTrack(source=liked, position=n, track=track, added_at=now) for n, track in enumerate(tracks))
    SourceTrack.objects.bulk_create(entries, at_once)
    heard = chance.choices(tracks[: size // 5], k=2 * size)
    for start in range(0, len(heard), at_once):
        ends = [to_ms(now - timedelta(minutes=4 * n)) for n in range(start, min(start + at_once, len(heard)))]
        told = [
            Evidence(Origin.EXPORT, track.pk, end - 180_000, end, 180_000)
            for track, end in zip(heard[start : start + at_once], ends, strict=True)
        ]
        record.plays(user=user, evidence=told, now=now)
    return user


if __name__ == "__main__":
    main()
