"""A server with 20,000,000 plays of 200 persons, one of whom has 1,000,000: made in minutes.

    python -m tests.bench.world FOLDER [--scale 1.0]

In FOLDER (SQLite, columns); with `DATABASE_URL`, in a database of that name with `_world` behind it, made anew. Other
benches take the same FOLDER and reuse it. The same scale and day give the same plays. Persons: `anna` (a million plays,
100,000 tracks, nine years), `ten` (10,000 plays, 1,000 tracks, the same years), and 198 others between them.

Listening goes on in sessions within waking hours of the person's own zone, through every clock change; a third of the
starts are skips; tastes drift, favourites stay.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from tests.bench import surroundings

YEARS = 9
DAY_MS = 86_400_000
ZONES = ("Europe/Berlin", "America/New_York", "Asia/Tokyo", "Australia/Lord_Howe", "America/Sao_Paulo", "Asia/Kolkata")
REASONS = ("trackdone", "fwdbtn", "clickrow", "playbtn", "backbtn", "endplay", "logout", "appload")
PLATFORMS = ("ios", "android", "windows", "web_player", "cast", "osx")
CONTEXTS = 2_000


@dataclass(frozen=True)
class Size:
    """How much of everything at one scale; scale 1 is the bar's."""

    scale: float

    def of(self, whole: int, least: int = 1) -> int:
        return max(least, round(whole * self.scale))

    def plays(self) -> dict[str, int]:
        """Plays by person."""
        people = self.of(200, 4)
        few = max(100, self.of(10_000))
        rest = np.random.default_rng(3).lognormal(0, 0.8, people - 2)
        left = self.of(20_000_000) - self.of(1_000_000) - few
        shares = (rest / rest.sum() * left).astype(int)
        others = {f"p{number:03}": int(count) for number, count in enumerate(shares)}
        return {"anna": self.of(1_000_000), "ten": few, **others}

    @property
    def tracks(self) -> int:
        return self.of(300_000, 300)

    @property
    def pool(self) -> int:
        """Tracks that anna heard."""
        return self.of(100_000, 100)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder")
    parser.add_argument("--scale", type=float, default=1.0)
    options = parser.parse_args()
    began = time.perf_counter()
    Path(options.folder).mkdir(parents=True, exist_ok=True)
    enter(options.folder, anew=True)
    made = make(Size(options.scale))
    made |= {"scale": options.scale, "seconds": round(time.perf_counter() - began, 1)}
    (Path(options.folder) / "world.json").write_text(json.dumps(made))
    print(json.dumps(made), surroundings.load(), file=sys.stderr)


def enter(folder: str, *, anew: bool = False) -> None:
    """Let this process use the world in `folder`, with the tables of today's code; `anew`: an empty one."""
    url = os.environ.get("DATABASE_URL", "")
    url = surroundings.beside(url, "_world") if url else ""
    if anew and url:
        surroundings.emptied(url)
    elif anew:
        for path in Path(folder).glob("vibesite.sqlite3*"):
            path.unlink()
    surroundings.take(folder, url)
    surroundings.set_up()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)


def make(size: Size) -> dict[str, object]:
    from django.db import connection

    from accounts.models import User
    from ingest import columns, shelf
    from ingest.collection.rows import follow

    if connection.vendor == "sqlite":
        connection.cursor().execute("PRAGMA synchronous=OFF")
    lengths = catalogue(size)
    words = say_words()
    total = 0
    for number, (name, count) in enumerate(size.plays().items()):
        zone = ZONES[number % len(ZONES)]
        user = User.objects.create_user(name, time_zone=zone, time_zone_is_known=True)
        pool = {0: size.pool, 1: max(50, size.of(1_000))}.get(number, max(50, min(size.pool, count // 12)))
        rows = plays(number, count, pool, lengths, words, ZoneInfo(zone))
        store(user, rows)
        shelf.load(user, columns.load(user).track)
        if number < 2:  # those that are measured
            follow(user)
        total += count
    if connection.vendor == "postgresql":
        connection.cursor().execute("ANALYZE")  # as autovacuum does, minutes later
    return {"plays": total, "people": len(size.plays()), "tracks": size.tracks, "database": connection.vendor}


def catalogue(size: Size) -> np.ndarray:
    """Artists, albums, tracks and credits; the lengths of tracks in ms, by id (from 1)."""
    from ingest.models import Album, Artist, Recording, Track, TrackArtist

    chance = np.random.default_rng(1)
    tracks, artists, albums = size.tracks, size.of(30_000, 60), size.of(60_000, 120)
    words = _words(chance)
    titles = [" ".join(words[spot] for spot in spots) for spots in chance.integers(0, len(words), (tracks, 2)).tolist()]
    names = [f"{words[a]} {words[b]}" for a, b in chance.integers(0, len(words), (artists, 2)).tolist()]
    owner = np.minimum(chance.zipf(1.3, albums) - 1, artists - 1)
    owner[:artists] = chance.permutation(artists)[:albums]  # everybody has something
    album = np.arange(tracks) % albums
    lengths = chance.lognormal(12.25, 0.3, tracks).astype(np.int64).clip(20_000, 1_500_000)
    same = (chance.random(tracks) < 0.06) & (np.arange(tracks) >= albums)  # also on another album: one recording
    recording = np.arange(tracks) - albums
    years = chance.integers(1962, 2026, albums)
    copy(Artist, ("id", "spotify_id", "name", "name_key", "image_url"), (
        (pk + 1, f"w{pk:021}", f"{name} {pk}", f"{name.lower()} {pk}", "") for pk, name in enumerate(names)
    ))  # fmt: skip
    fields = ("id", "spotify_id", "name", "name_key", "artist_id", "kind", "released_on", "upc", "image_url")
    copy(Album, fields, (
        (pk + 1, f"w{pk:021}", titles[pk], titles[pk].lower(), who + 1, "album", str(year), "", "")
        for pk, (who, year) in enumerate(zip(owner.tolist(), years.tolist(), strict=True))
    ))  # fmt: skip
    shared = np.unique(recording[same])
    copy(Recording, ("id", "name", "created_at"), (
        (pk + 1, titles[pk], datetime(2026, 1, 1, tzinfo=UTC)) for pk in shared.tolist()
    ))  # fmt: skip
    performed = {pk: pk + 1 for pk in shared.tolist()} | {
        pk: its + 1 for pk, its in zip(np.flatnonzero(same).tolist(), recording[same].tolist(), strict=True)
    }
    main = owner[album].tolist()
    fields = ("id", "spotify_id", "kind", "name", "name_key", "artist_id", "album_id", "duration_ms", "isrc")
    copy(Track, (*fields, "recording_id"), (
        (pk + 1, f"w{pk:021}", 0, title, title.lower(), main[pk] + 1, on + 1, ms, "", performed.get(pk))
        for pk, (title, on, ms) in enumerate(zip(titles, album.tolist(), lengths.tolist(), strict=True))
    ))  # fmt: skip
    guests = np.flatnonzero(chance.random(tracks) < 0.2)
    theirs = [(pk, (main[pk] + 1 + shift) % artists) for pk, shift in zip(guests.tolist(), range(tracks), strict=False)]
    credits = [(pk + 1, who + 1, 0) for pk, who in enumerate(main)]
    credits += [(pk + 1, who + 1, 1) for pk, who in theirs if who != main[pk]]
    fields = ("id", "track_id", "artist_id", "position")
    copy(TrackArtist, fields, ((pk + 1, *row) for pk, row in enumerate(credits)))
    return np.concatenate([[0], lengths])


def _words(chance: np.random.Generator) -> list[str]:
    """Names for titles and people, some long, some right to left."""
    parts = ("na", "lo", "mir", "tes", "vo", "ka", "ril", "sun", "ae", "dor", "pli", "qui", "zen", "ost", "fee", "hal")
    made = {"".join(parts[spot] for spot in spots).title() for spots in chance.integers(0, 16, (3_000, 3)).tolist()}
    return [*sorted(made), "Night", "The", "Love", "ליל", "حب", "Ночь", "Ünïcödé", "Counterrevolutionaries"]


def copy(model: type, fields: tuple[str, ...], rows: Iterable[tuple], *, serial: str = "id") -> None:
    """Load rows as the database does it fastest; `serial`: the column whose sequence then goes on behind them."""
    from django.db import connection, transaction

    table = model._meta.db_table
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.cursor.copy(f"COPY {table} ({', '.join(fields)}) FROM STDIN") as out:
                for row in rows:
                    out.write_row(row)
            if serial:
                after = (
                    f"SELECT setval(pg_get_serial_sequence('{table}', '{serial}'), (SELECT max({serial}) FROM {table}))"
                )
                cursor.execute(after)
        else:
            values = ", ".join(["%s"] * len(fields))
            cursor.executemany(f"INSERT INTO {table} ({', '.join(fields)}) VALUES ({values})", rows)


def say_words() -> dict[str, list[int]]:
    from ingest.models import Word

    told = {
        "reason": (Word.Kind.REASON, REASONS),
        "platform": (Word.Kind.PLATFORM, PLATFORMS),
        "country": (Word.Kind.COUNTRY, ("DE", "FR", "IT")),
        "context": (Word.Kind.CONTEXT, [f"spotify:playlist:{number:022}" for number in range(CONTEXTS)]),
    }
    return {
        name: [word.pk for word in Word.objects.bulk_create(Word(kind=kind, text=text) for text in texts)]
        for name, (kind, texts) in told.items()
    }


def plays(
    salt: int, count: int, pool: int, lengths: np.ndarray, words: dict[str, list[int]], zone: ZoneInfo
) -> np.ndarray:
    """One person's plays as rows of the columns, oldest first, ending yesterday; ids are set when they are stored."""
    from ingest.columns.rows import INCOGNITO, OFFLINE, ROW, SHUFFLE, SKIPPED
    from ingest.evidence import Origin

    chance = np.random.default_rng(1_000 + salt)
    track = heard_tracks(chance, count, pool, len(lengths) - 1)
    skipped = chance.random(count) < 0.33
    ms = np.where(skipped, lengths[track] * chance.random(count) ** 4, lengths[track]).astype(np.int64)
    started = moments(chance, ms, zone)
    rows = np.zeros(count, dtype=ROW)
    rows["track"], rows["started"], rows["ended"], rows["ms"] = track, started, started + ms, ms
    flags = np.full(count, int(Origin.EXPORT), dtype=np.uint16)
    for switch, share in ((SHUFFLE, 0.4), (OFFLINE, 0.05), (INCOGNITO, 0.01)):
        flags |= np.where(chance.random(count) < share, 2, 1).astype(np.uint16) << np.uint16(switch)
    rows["flags"] = flags | np.where(skipped, 2, 1).astype(np.uint16) << np.uint16(SKIPPED)
    reason = np.array(words["reason"])
    rows["reason_end"] = np.where(skipped, reason[1], reason[0])
    rows["reason_start"] = np.concatenate([[reason[2]], rows["reason_end"][:-1]])
    rows["platform"] = np.array(words["platform"])[np.minimum(chance.zipf(1.8, count) - 1, len(PLATFORMS) - 1)]
    rows["country"] = words["country"][0]
    rows["context"] = np.array(words["context"])[np.minimum(chance.zipf(1.3, count) - 1, CONTEXTS - 1)]
    return rows


def heard_tracks(chance: np.random.Generator, count: int, pool: int, tracks: int) -> np.ndarray:
    """Which track each time: every one of the pool once, favourites often, and by the year other favourites."""
    own = chance.choice(tracks, pool, replace=False) + 1
    favourites = (chance.zipf(1.2, count) - 1) % pool
    drift = np.arange(count) * (YEARS * 4) // count * (pool // 40)
    spots = np.where(chance.random(count) < 0.5, favourites, (favourites + drift) % pool)
    spots = np.where(chance.random(count) < 0.2, chance.integers(0, pool, count), spots)
    first = np.sort(chance.choice(count, min(pool, count), replace=False))
    spots[first] = np.arange(first.size)
    return own[spots]


def moments(chance: np.random.Generator, ms: np.ndarray, zone: ZoneInfo) -> np.ndarray:
    """Starts, in ms since 1970 UTC: one play after the other, with breaks, within 18 waking hours of each local day."""
    from ingest import clock

    last = datetime.now(UTC).date() - timedelta(days=1)
    midnights = clock.midnights(last - timedelta(days=365 * YEARS), last, zone)
    days, awake = midnights.size - 1, 18 * 3_600_000
    steps = ms + 1_000
    breaks = np.where(chance.random(ms.size) < 0.05, chance.exponential(1.0, ms.size), 0.0)
    breaks[0] += 1e-9
    idle = days * awake - int(steps.sum())
    if idle <= 0:
        raise ValueError(f"{ms.size} plays do not fit into {days} days")
    before = np.cumsum(steps + (breaks / breaks.sum() * idle * 0.999).astype(np.int64)) - steps
    day, rest = before // awake, before % awake
    wakes = (chance.normal(7.5, 1.5, days).clip(5, 11) * 3_600_000).astype(np.int64)
    wakes = np.minimum(wakes, 5 * 3_600_000 + np.diff(midnights).min() - awake)
    return midnights[day] + wakes[day] + rest


def store(user, rows: np.ndarray) -> None:
    """As an import leaves them: plays, account, ledger and columns."""
    from django.db import transaction
    from django.utils import timezone

    from ingest import chunks, columns
    from ingest.actions import record
    from ingest.columns import files
    from ingest.models import HistoryImport

    now = timezone.now()
    told = {"rows": len(rows), "new": len(rows), "state": "done", "finished_at": now}
    import_id = HistoryImport.objects.create(user=user, name="my_spotify_data.zip", **told).pk
    with transaction.atomic():
        chunks.commit_lightly()
        ledger = record.locked_ledger(user)
        ids = [
            chunks.insert(rows[start : start + 200_000], user_id=user.pk, import_id=import_id)
            for start in range(0, len(rows), 200_000)
        ]
        record.advance(ledger, now=now, ids=(ids[0][0], ids[-1][1]))
    with files.writing(columns.folder(user.pk)):
        parts = {name: rows[name] for name in columns.ROW.names or ()}
        files.write(columns.folder(user.pk), parts, version=ledger.version, stamp=ledger.stamp)


if __name__ == "__main__":
    main()
