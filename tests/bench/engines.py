"""numpy against polars and duckdb for the questions that pages ask, over one person's columns.

    python -m tests.bench.engines FOLDER [--plays 1000000] [--rounds 9]

polars and duckdb are not among our dependencies: run it with a Python that has numpy, tzdata and, for their rows, these
two. FOLDER gets the same table as arrays (.npy), Parquet (zstd) and Arrow IPC. Every question is answered cold (a
process of its own, import and reading the file included) and warm; the answers are compared. Milliseconds; peak memory
of the cold process.
"""

import argparse
import hashlib
import importlib.util
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ZONE, GAP_MS, LEAST_MS = "Europe/Berlin", 30 * 60_000, 30_000
QUESTIONS = ("totals", "top 100 tracks", "grid 7 x 24", "sessions", "days by track", "totals of 4 weeks")
ENGINES = ("numpy", "polars", "duckdb")
TRACKS = 100_000
HOUR, DAY, YEAR = 3_600_000, 86_400_000, 365 * 86_400_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--plays", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--inside", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.inside:
        print(json.dumps(inside(options.folder, *options.inside, options.rounds)))
        return
    engines = [name for name in ENGINES if importlib.util.find_spec(name)]
    prepare(options.folder, options.plays, engines)
    print(f"{options.plays:,} plays, load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    for name in engines:
        print(f"{name}: {installed_mb(name):.0f} MB installed, file {size_mb(options.folder, name):.1f} MB")
    print(f"{'':20}" + "".join(f"{name:>34}" for name in engines))
    print(f"{'':20}" + "".join(f"{'cold':>10}{'warm':>8}{'cpu':>8}{'peak':>8}" for _ in engines))
    for question in QUESTIONS:
        told = {name: ask(options, name, question) for name in engines}
        print(f"{question:20}" + "".join(shown(each) for each in told.values()), flush=True)
        if len({each["answer"] for each in told.values()}) > 1:
            sys.exit(f"{question}: the answers differ")


def shown(told: dict[str, Any]) -> str:
    return f"{told['cold']:10.0f}{told['warm']:8.1f}{told['cpu']:8.1f}{told['peak']:5.0f} MB"


def ask(options: argparse.Namespace, name: str, question: str) -> dict[str, Any]:
    """The best of three cold processes; the least disturbed is the one that tells of the engine."""
    command = [sys.executable, "-m", "tests.bench.engines", str(options.folder), "--rounds", str(options.rounds)]
    tries = []
    for _ in range(3):
        done = subprocess.run([*command, "--inside", name, question], capture_output=True, text=True, check=False)
        if done.returncode:
            sys.exit(done.stderr[-2_000:])
        tries.append(json.loads(done.stdout))
    return {**tries[0], **{key: min(each[key] for each in tries) for key in ("cold", "warm", "cpu", "peak")}}


def inside(folder: Path, name: str, question: str, rounds: int) -> dict[str, Any]:
    began = time.perf_counter()
    answer = MAKE[name](folder)[question]
    first = answer()
    cold = (time.perf_counter() - began) * 1000
    walls, cpus = [], []
    for _ in range(rounds):
        wall, cpu = time.perf_counter(), time.process_time()
        answer()
        walls.append((time.perf_counter() - wall) * 1000)
        cpus.append((time.process_time() - cpu) * 1000)
    told = hashlib.sha256(json.dumps(first).encode()).hexdigest()
    high = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    peak = int(high.split()[1]) / 1024  # getrusage would tell of the parent where that was larger
    return {"cold": cold, "warm": sorted(walls)[rounds // 2], "cpu": min(cpus), "peak": peak, "answer": told}


def prepare(folder: Path, plays: int, engines: list[str]) -> None:
    """`plays` over nine years: favourites, skips and breaks, as in `tests/bench/world.py`."""
    import numpy as np

    folder.mkdir(parents=True, exist_ok=True)
    chance = np.random.default_rng(7)
    track = np.where(
        chance.random(plays) < 0.7, (chance.zipf(1.2, plays) - 1) % TRACKS, chance.integers(0, TRACKS, plays)
    )
    ms = np.where(
        chance.random(plays) < 0.33, chance.integers(0, 60_000, plays), chance.integers(90_000, 300_000, plays)
    )
    breaks = np.where(chance.random(plays) < 0.05, chance.exponential(1.0, plays), 0.0)
    idle = max(0, 9 * YEAR - int((ms + 1_000).sum()))
    end = np.cumsum(ms + 1_000 + (breaks / breaks.sum() * idle).astype(np.int64))
    table = {"track": track.astype(np.int32), "started": 1_511_000_000_000 + end - ms, "ms": ms.astype(np.int32)}
    for name, values in table.items():
        np.save(folder / f"{name}.npy", values)
    if "polars" in engines:
        import polars

        polars.DataFrame(table).write_ipc(folder / "plays.arrow")
        polars.DataFrame(table).write_parquet(folder / "plays.parquet")


def installed_mb(name: str) -> float:
    root = Path(importlib.util.find_spec(name).origin).parent  # type: ignore[union-attr, arg-type]
    beside = [*root.parent.glob(f"{name}.libs*"), *root.parent.glob(f"_{name}*")]
    whole = [path for place in (root, *beside) for path in ([place] if place.is_file() else place.rglob("*"))]
    return sum(path.stat().st_size for path in whole if path.is_file()) / 1e6


def size_mb(folder: Path, name: str) -> float:
    paths = {"numpy": "*.npy", "polars": "*.arrow", "duckdb": "*.parquet"}
    return sum(path.stat().st_size for path in folder.glob(paths[name])) / 1e6


Answers = dict[str, Callable[[], Any]]


def with_numpy(folder: Path) -> Answers:
    import numpy as np

    from ingest import clock

    track, started, ms = (np.load(folder / f"{name}.npy", mmap_mode="r") for name in ("track", "started", "ms"))
    from zoneinfo import ZoneInfo

    zone = ZoneInfo(ZONE)

    def totals(low: int = 0) -> list[int]:
        counted = ms[low:] >= LEAST_MS
        return [int(counted.sum()), int(ms[low:][counted].sum(dtype=np.int64))]

    def top() -> list[list[int]]:
        plays = np.bincount(track[ms >= LEAST_MS], minlength=TRACKS)
        order = np.lexsort((np.arange(TRACKS), -plays))[:100]
        return [[int(key), int(plays[key])] for key in order]

    def grid() -> list[int]:
        hours = clock.hours(int(started[0]), int(started[-1]), zone)
        plays = np.diff(np.searchsorted(started, hours.edges))
        return (
            np.bincount(hours.weekday.astype(np.int64) * 24 + hours.hour, weights=plays, minlength=168)
            .astype(int)
            .tolist()
        )

    def sessions() -> list[int]:
        breaks = np.flatnonzero(started[1:] - (started[:-1] + ms[:-1]) > GAP_MS)
        first, last = np.append(0, breaks + 1), np.append(breaks, len(started) - 1)
        return [int(first.size), int((started[last] + ms[last] - started[first]).max())]

    def days() -> list[list[int]]:
        hours = clock.hours(int(started[0]), int(started[-1]), zone)
        day = np.repeat(hours.day, np.diff(np.searchsorted(started, hours.edges))).astype(np.int64)
        pairs = np.unique(day * TRACKS + track)
        many = np.bincount(pairs % TRACKS, minlength=TRACKS)
        return [[int(key), int(many[key])] for key in np.lexsort((np.arange(TRACKS), -many))[:100]]

    def month() -> list[int]:
        return totals(int(np.searchsorted(started, int(started[-1]) - 28 * DAY)))

    return dict(zip(QUESTIONS, (totals, top, grid, sessions, days, month), strict=True))


def with_polars(folder: Path) -> Answers:
    import polars as pl

    plays = pl.scan_ipc(folder / "plays.arrow")
    counted, ended = plays.filter(pl.col("ms") >= LEAST_MS), pl.col("started") + pl.col("ms")
    local = pl.from_epoch("started", "ms").dt.replace_time_zone("UTC").dt.convert_time_zone(ZONE)

    def totals(chosen: pl.LazyFrame = counted) -> list[int]:
        return list(chosen.select(pl.len().cast(pl.Int64), pl.col("ms").cast(pl.Int64).sum()).collect().row(0))

    def top() -> list[list[int]]:
        found = counted.group_by("track").agg(pl.len().alias("n")).sort(["n", "track"], descending=[True, False])
        return [list(row) for row in found.head(100).collect().rows()]

    def grid() -> list[int]:
        cell = ((local.dt.weekday().cast(pl.Int32) - 1) * 24 + local.dt.hour().cast(pl.Int32)).alias("cell")
        found = dict(plays.select(cell).group_by("cell").len().collect().rows())
        return [found.get(number, 0) for number in range(168)]

    def sessions() -> list[int]:
        new = (pl.col("started") - ended.shift(1) > GAP_MS).fill_null(True).cum_sum().alias("session")
        each = plays.with_columns(new).group_by("session").agg((ended.last() - pl.col("started").first()).alias("ms"))
        return list(each.select(pl.len().cast(pl.Int64), pl.col("ms").max()).collect().row(0))

    def days() -> list[list[int]]:
        pairs = plays.select(pl.col("track"), local.dt.date().alias("day")).unique()
        found = pairs.group_by("track").agg(pl.len().alias("n")).sort(["n", "track"], descending=[True, False])
        return [list(row) for row in found.head(100).collect().rows()]

    def month() -> list[int]:
        return totals(
            counted.filter(pl.col("started") >= plays.select(pl.col("started").max()).collect().item() - 28 * DAY)
        )

    return dict(zip(QUESTIONS, (totals, top, grid, sessions, days, month), strict=True))


def with_duckdb(folder: Path) -> Answers:
    import duckdb

    base = duckdb.connect()
    base.execute(f"SET TimeZone = '{ZONE}'")
    source = f"read_parquet('{folder / 'plays.parquet'}')"

    def rows(sql: str) -> Callable[[], Any]:
        return lambda: [[int(value) for value in row] for row in base.execute(sql.replace("PLAYS", source)).fetchall()]

    def one(sql: str) -> Callable[[], Any]:
        return lambda: rows(sql)()[0]

    def grid() -> list[int]:
        moments = "SELECT to_timestamp(started / 1000) AS t FROM PLAYS"
        sql = f"SELECT (isodow(t) - 1) * 24 + hour(t), count(*) FROM ({moments}) GROUP BY 1"
        found = dict(rows(sql)())
        return [found.get(number, 0) for number in range(168)]

    top = f"SELECT track, count(*) FROM PLAYS WHERE ms >= {LEAST_MS} GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 100"
    sessions = (
        "SELECT count(*), max(e - s) FROM (SELECT min(started) AS s, max(started + ms) AS e FROM (SELECT started, ms,"
        " sum(new) OVER (ORDER BY started) AS session FROM (SELECT started, ms, CASE WHEN started - lag(started + ms)"
        f" OVER (ORDER BY started) > {GAP_MS} THEN 1 ELSE 0 END AS new FROM PLAYS)) GROUP BY session)"
    )
    days = (
        "SELECT track, count(*) FROM (SELECT DISTINCT track, to_timestamp(started / 1000)::date FROM PLAYS) GROUP BY 1"
        " ORDER BY 2 DESC, 1 LIMIT 100"
    )
    totals = f"SELECT count(*), sum(ms) FROM PLAYS WHERE ms >= {LEAST_MS}"
    month = f"{totals} AND started >= (SELECT max(started) FROM PLAYS) - {28 * DAY}"
    asked = (one(totals), rows(top), grid, one(sessions), rows(days), one(month))
    return dict(zip(QUESTIONS, asked, strict=True))


MAKE: dict[str, Callable[[Path], Answers]] = {"numpy": with_numpy, "polars": with_polars, "duckdb": with_duckdb}

if __name__ == "__main__":
    main()
