"""Server time of the log and the top lists for one person with a million plays.

    python -m tests.bench.pages [--plays 1000000]

Fills a database of its own (SQLite in a temporary folder; with `DATABASE_URL`, that name plus `_bench`,
made anew) through the importer. Then takes each page in a cold process (the first request after start), warm, and right
after a new play. Prints milliseconds, and the ratio to the floor: a signed-in page without data, same run.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PAGES = {
    "log, newest": "/log/",
    "log, a day years ago": "/log/?day=2019-06-01",
    "log, search": "/log/?q=a+night",
    "log, search without hit": "/log/?q=zzzz+qqqq",
    "log, skips only": "/log/?show=skips",
    "top tracks, 4 weeks": "/top/tracks/?range=4w",
    "top tracks, all time": "/top/tracks/?range=all",
    "top artists, all time": "/top/artists/?range=all&by=time",
    "top albums, a year": "/top/albums/?range=1y",
    "home": "/",
}
FLOOR = "/about/"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--plays", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--inside", choices=["fill", "page", "warm", "fresh"], help=argparse.SUPPRESS)
    parser.add_argument("--path", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.inside:
        inside(options)
        return
    with tempfile.TemporaryDirectory() as folder:
        os.environ.update(VAR_DIR=folder, DEBUG="off", SECRET_KEY="bench" * 12, HTTPS="off", ALLOWED_HOSTS="testserver")
        os.environ.update(SPOTIFY_TOKEN_KEY="dmliZXNpdGUtZW1iZWRkZWQtZGVtby1rZXktMzJiISE=", LOG_LEVEL="ERROR")
        if url := os.environ.get("DATABASE_URL"):
            os.environ["DATABASE_URL"] = _empty_database(url)
        print(f"{options.plays:,} plays on {os.environ.get('DATABASE_URL', 'SQLite').split(':')[0]}")
        print("filled in", run("fill", options)["seconds"], "s")
        floor = run("warm", options, FLOOR)["ms"]
        print(f"{'page':26} {'cold':>8} {'warm p95':>9} {'after a play p95':>17} {'queries':>8}")
        for name, path in PAGES.items():
            cold = statistics.median(run("page", options, path)["ms"] for _ in range(3))
            warm, fresh = run("warm", options, path), run("fresh", options, path)
            print(
                f"{name:26} {cold:7.1f}  {warm['ms']['p95']:8.1f} {fresh['ms']['p95']:13.1f}"
                f" {fresh['queries']:12}   {warm['ms']['p50'] / floor['p50']:.1f} × floor"
            )


def run(what: str, options: argparse.Namespace, path: str = "") -> dict:
    command = [sys.executable, "-m", "tests.bench.pages", "--inside", what, "--path", path]
    command += ["--plays", str(options.plays), "--rounds", str(options.rounds)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stderr[-3000:])
    return json.loads(done.stdout.splitlines()[-1])


def _empty_database(url: str) -> str:
    import psycopg

    base, _, name = url.rpartition("/")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}_bench"')
        connection.execute(f'CREATE DATABASE "{name}_bench"')
    return f"{base}/{name}_bench"


def inside(options: argparse.Namespace) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vibesite.settings")
    import django

    django.setup()
    from django.conf import settings

    settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
    result = fill(options.plays) if options.inside == "fill" else measure(options)
    print(json.dumps(result))


def fill(plays: int) -> dict:
    from django.core.management import call_command

    from accounts.models import User
    from vibesite.sandbox import exports

    call_command("migrate", verbosity=0)
    call_command("createcachetable")
    User.objects.create_user("anna", time_zone="Europe/Berlin", time_zone_is_known=True)
    archive = Path(os.environ["VAR_DIR"]) / "history.zip"
    with archive.open("wb") as out:
        exports.synthetic_zip(plays, out, "bench")
    began = time.perf_counter()
    with open(os.devnull, "w") as nowhere:
        call_command("import_history", str(archive), user="anna", stdout=nowhere)
    return {"seconds": round(time.perf_counter() - began, 1)}


def measure(options: argparse.Namespace) -> dict:
    from django.test import Client

    from accounts.models import User

    anna = User.objects.get(username="anna")
    client = Client()
    client.force_login(anna)
    if options.inside == "page":
        import vibesite.wsgi  # noqa: F401  # as a preloaded web process has

        return {"ms": timed(client, options.path)}
    timed(client, options.path)
    spans, queries = [], 0
    for number in range(options.rounds):
        if options.inside == "fresh":
            hear_something(anna, number)
        queries = counted(client, options.path) if not number else queries
        if options.inside == "fresh":
            hear_something(anna, number + options.rounds)
        spans.append(timed(client, options.path))
    spans.sort()
    p95 = spans[min(len(spans) - 1, round(len(spans) * 0.95))]
    return {"ms": {"p50": statistics.median(spans), "p95": p95}, "queries": queries}


def timed(client, path: str) -> float:
    began = time.perf_counter()
    answer = client.get(path)
    spent = (time.perf_counter() - began) * 1000
    assert answer.status_code == 200, (path, answer.status_code)
    return spent


def counted(client, path: str) -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as captured:
        client.get(path)
    return len(captured)


def hear_something(anna, number: int) -> None:

    from django.utils import timezone

    from accounts.fields import to_ms
    from ingest.actions import record
    from ingest.evidence import Evidence, Origin
    from ingest.models import Track

    track = Track.objects.order_by("id").values_list("id", flat=True)[number % 1000]
    end = to_ms(timezone.now()) + number * 1000
    event = Evidence(Origin.POLL, track, end - 200_000, end, 200_000, is_estimate=True)
    record.plays(user=anna, evidence=[event], now=timezone.now())


if __name__ == "__main__":
    main()
