"""What recording one new play costs a person with a million plays, columns included.

    python -m tests.bench.one_play [--plays 1000000] [--rounds 300] [--world FOLDER]

On SQLite in a temporary folder, or on `DATABASE_URL`, where a database of that name with `_bench` behind it is made
anew. The plays come by the importer; or take a world of `tests/bench/world.py`, twenty million plays. The floor is
measured in turn with it: a plain INSERT of one play in a transaction of its own, on the same database. Milliseconds on
the wall, and of this process's processor.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable

from tests.bench import import_million, surroundings, world

EVERY_MS = 200_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--plays", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=300)
    parser.add_argument("--world")
    options = parser.parse_args()
    if options.world:
        world.enter(options.world)
        measure(0, options.rounds)
        return
    with tempfile.TemporaryDirectory() as folder:
        os.environ.update(VAR_DIR=folder, LOG_LEVEL="ERROR", ENV_FILE=os.devnull, DEBUG="off")
        os.environ.update(SECRET_KEY="bench" * 12, SPOTIFY_TOKEN_KEY="dmliZXNpdGUtZW1iZWRkZWQtZGVtby1rZXktMzJiISE=")
        if url := os.environ.get("DATABASE_URL"):
            os.environ["DATABASE_URL"] = import_million.empty_database(url)
        zipped = f"{folder}/all.zip"
        import_million.run("prepare", zipped, str(options.plays), f"{folder}/few.zip", "1000")
        count = import_million.run("import", "anna", zipped)["account"]["new"]
        import_million.set_up()
        measure(count, options.rounds)


def measure(count: int, rounds: int) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext
    from django.utils import timezone

    from accounts.fields import from_ms
    from accounts.models import User
    from ingest import columns, lens
    from ingest.actions import record
    from ingest.evidence import LONGEST_SPAN_MS, Evidence, Origin
    from ingest.models import Play, Track

    anna = User.objects.get(username="anna")
    ben = User.objects.get_or_create(username="ben")[0]
    count = count or len(columns.load(anna))
    start_ms = int(columns.load(anna).started[-1]) + LONGEST_SPAN_MS
    tracks = list(Track.objects.order_by("id").values_list("id", flat=True)[:1000])

    def ours(number: int) -> None:
        end = start_ms + number * EVERY_MS
        told = Evidence(Origin.POLL, tracks[number % 1000], end - 180_000, end, 180_000, is_estimate=True)
        record.plays(user=anna, evidence=[told], now=timezone.now())

    def floor(number: int) -> None:
        insert(ben.pk, tracks[number % 1000], start_ms + number * EVERY_MS)

    for number in range(20):
        ours(number)
        floor(number)
    with CaptureQueriesContext(connection) as counted:
        ours(20)
    taken: dict[str, list[tuple[float, float]]] = {"ours": [], "floor": []}
    for number in range(21, 21 + rounds):
        taken["ours"].append(timed(ours, number))
        taken["floor"].append(timed(floor, number))
    print(f"one play more than {count:,}, on {connection.vendor}: {len(counted)} queries, BEGIN and COMMIT counted")
    print(f"  {surroundings.load()}")
    for name, spent in taken.items():
        wall, cpu = (sorted(each) for each in zip(*spent, strict=True))
        print(
            f"  {name:6} median {statistics.median(wall):6.2f} ms   p95 {wall[int(len(wall) * 0.95)]:6.2f} ms"
            f"   processor {statistics.mean(cpu):6.2f} ms"
        )
    ratio = statistics.median(wall for wall, _cpu in taken["ours"]) / statistics.median(w for w, _c in taken["floor"])
    print(f"  {ratio:.1f} × floor")
    if wrong := columns.check(anna):
        sys.exit(f"columns differ from the plays: {wrong}")
    # Later benches record plays of now, which are to be the last ones.
    Play.objects.filter(user=anna, ended_at__gte=from_ms(start_ms)).delete()
    columns.rebuild(anna)
    lens.read(anna).heard()


def timed(once: Callable[[int], None], number: int) -> tuple[float, float]:
    began, cpu_began = time.perf_counter(), time.process_time()
    once(number)
    return (time.perf_counter() - began) * 1000, (time.process_time() - cpu_began) * 1000


def insert(user_id: int, track_id: int, end_ms: int) -> None:
    from django.db import connection, transaction

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO ingest_play (user_id, track_id, started_at, ended_at, ms_played, is_estimate, origin,"
            " reason_start, reason_end, platform, country, context)"
            " VALUES (%s, %s, %s, %s, 180000, TRUE, 1, 0, 0, 0, 0, 0)",
            [user_id, track_id, end_ms - 180_000, end_ms],
        )


if __name__ == "__main__":
    main()
