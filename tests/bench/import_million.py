"""Imports of extended history against the floor measured in the same run.

    python -m tests.bench.import_million [--rows 1000000] [--only floor,again,resume,figures,meanwhile]

On SQLite in a temporary folder, or on `DATABASE_URL`, where a database of that name with `_bench` behind it is made
anew. The floor is what no importer of these bytes can save: parsing every row with the fastest JSON library we know,
typed, straight out of the zip, and the fastest bulk load of the finished rows into a table of the same columns and
indexes. Everything runs in processes of its own, so that peak memory is told for each. Web processes wait for the end
of the import and are then asked for figures for the first time: on the host that imported, and (PostgreSQL) on another.
"""

import argparse
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

PARTS = ("floor", "again", "resume", "figures", "meanwhile")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--figures-rows", type=int, default=200_000)
    parser.add_argument("--only", default=",".join(PARTS))
    parser.add_argument("--inside", help=argparse.SUPPRESS)
    parser.add_argument("arguments", nargs="*", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.inside:
        INSIDE[options.inside](*options.arguments)
        return
    wanted = options.only.split(",")
    with tempfile.TemporaryDirectory() as folder:
        os.environ.update(VAR_DIR=folder, LOG_LEVEL="ERROR", ENV_FILE=os.devnull)
        if url := os.environ.get("DATABASE_URL"):
            os.environ["DATABASE_URL"] = empty_database(url)
        big, small = f"{folder}/big.zip", f"{folder}/small.zip"
        run("prepare", big, str(options.rows), small, str(options.figures_rows))
        database = os.environ.get("DATABASE_URL", "sqlite").split(":")[0]
        print(f"{options.rows:,} rows, {os.path.getsize(big) / 1e6:.0f} MB zip, on {database}")
        hosts = ["this host", *(["another host"] if database != "sqlite" else [])]
        webs = {host: start("first", "anna", "" if host == hosts[0] else f"{folder}/elsewhere") for host in hosts}
        told = run("import", "anna", big)
        rate = options.rows / told["seconds"]
        show("import, from zip to columns", told, rows=options.rows)
        for host, web in webs.items():
            seen = json.loads(web.communicate()[0].splitlines()[-1])
            print(f"  first figures on {host}, seconds after its end: {seen['after']}, {seen['plays']:,} plays in them")
        if "floor" in wanted:
            parse, load, bare = run("floor-parse", big), run("floor-load", "indexes"), run("floor-load", "none")
            show("  floor: parse", parse, rows=options.rows)
            show("  floor: load", load, rows=options.rows)
            show("  floor: load without indexes", bare, rows=options.rows)
            floor = options.rows / (parse["seconds"] + load["seconds"])
            cpu = (parse["cpu"] + load["cpu"]) / told["cpu"]
            print(
                f"  floor {floor:,.0f} rows/s, ours {rate:,.0f}: {rate / floor:.0%} of it ({cpu:.0%} by own CPU time)"
            )
        if "again" in wanted:
            show("the same again, all duplicates", run("import", "anna", big), rows=options.rows)
        if "resume" in wanted:
            resumed(big, options.rows, told)
        if "figures" in wanted:
            show("upload to figures on the page", run("figures", "carl", small), rows=options.figures_rows)
        if "meanwhile" in wanted:
            meanwhile(big, options.rows)
        print("columns equal the plays:", run("check")["equal"])


def resumed(big: str, rows: int, told: dict) -> None:
    """Kill the import at three points, go on, compare the account."""
    for share in (0.3, 0.5, 0.8):
        process = start("import", "ben", big)
        time.sleep(told["seconds"] * share)
        process.send_signal(signal.SIGKILL)
        process.wait()
    last = run("import", "ben", big)
    same = last["account"] == told["account"]
    print(f"killed three times; the last run took {last['seconds']:.1f} s, its account is the same: {same}")


def meanwhile(big: str, rows: int) -> None:
    """Import beside four workers that record polls of others, and a page that is asked for again and again."""
    stop = Path(os.environ["VAR_DIR"]) / "stop"
    workers = [start("poll", f"poller{number}", str(stop)) for number in range(4)]
    pages = start("pages", "anna", str(stop))
    told = run("import", "dora", big)
    stop.touch()
    polls = [json.loads(worker.communicate()[0].splitlines()[-1]) for worker in workers]
    page = json.loads(pages.communicate()[0].splitlines()[-1])
    show("import beside four pollers and a reader", told, rows=rows)
    count, failed = sum(each["count"] for each in polls), sum(each["failed"] for each in polls)
    slow = {name: max(each[name] for each in polls) for name in ("p50", "p99")}
    print(f"  {count} polls, {failed} failed, p50 {slow['p50']:.0f} ms, p99 {slow['p99']:.0f} ms")
    print(f"  {page['count']} pages, {page['failed']} failed, p50 {page['p50']:.0f} ms, p99 {page['p99']:.0f} ms")


def show(name: str, told: dict, *, rows: int) -> None:
    spent = f"{told['seconds']:6.2f} s (processor {told['cpu']:5.2f} s) {rows / told['seconds']:9,.0f} rows/s"
    print(f"{name:40} {spent}   peak {told['peak_mb']:4.0f} MB  {told.get('account', '')}", flush=True)


def start(what: str, *arguments: str) -> subprocess.Popen:
    command = [sys.executable, "-m", "tests.bench.import_million", "--inside", what, *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=sys.stderr, text=True)


def run(what: str, *arguments: str) -> dict:
    process = start(what, *arguments)
    out = process.communicate()[0]
    if process.returncode:
        sys.exit(f"{what} failed")
    return json.loads(out.splitlines()[-1])


def empty_database(url: str) -> str:
    import psycopg

    root, _, name = url.rpartition("/")
    with psycopg.connect(f"{root}/postgres".replace("postgres://", "postgresql://"), autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}_bench" WITH (FORCE)')
        connection.execute(f'CREATE DATABASE "{name}_bench"')
    return f"{url}_bench"


# --- Inside a process of its own --------------------------------------------------------------------------------------
class Clock:
    """Time since it was made: on the wall, and of the processor for this process (the database server's not)."""

    def __init__(self) -> None:
        self.began, self.cpu_began = time.perf_counter(), time.process_time()

    def read(self) -> dict:
        return {"seconds": time.perf_counter() - self.began, "cpu": time.process_time() - self.cpu_began}


def tell(clock: Clock | None = None, **more: object) -> None:
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"peak_mb": peak_mb, **(clock.read() if clock else {}), **more}))


def set_up() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vibesite.settings")
    import django

    django.setup()


def prepare(big: str, rows: str, small: str, small_rows: str) -> None:
    set_up()
    from django.core.management import call_command

    from accounts.models import User
    from vibesite.sandbox.exports import synthetic_zip

    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    for name in ("anna", "ben", "carl", "dora", *(f"poller{number}" for number in range(4))):
        User.objects.create_user(name)
    for path, count in ((big, rows), (small, small_rows)):
        with open(path, "wb") as out:
            synthetic_zip(int(count), out)
    tell()


def do_import(name: str, path: str) -> None:
    """Import as a job does; an import of this person that was killed is gone on with."""
    set_up()
    from accounts import job_run
    from accounts.models import Job, User
    from ingest.actions import imports
    from ingest.models import HistoryImport

    clock = Clock()
    person = User.objects.get(username=name)
    open_one = HistoryImport.objects.filter(user=person, finished_at=None).first()
    history_import = open_one or imports.prepare(user=person, paths=[Path(path)])
    Job.objects.filter(pk=history_import.job_id).update(state=Job.State.QUEUED)
    job_run.run(job_id=history_import.job_id)
    history_import.refresh_from_db()
    spent = clock.read()
    told = {name: getattr(history_import, name) for name in ("rows", "new", "duplicate", "merged", "set_aside")}
    if history_import.state != "done":
        sys.exit(
            f"{history_import.state}: {history_import.error} {history_import.job.error} {history_import.job.traceback}"
        )
    tell(account=told, **spent)


def floor_parse(path: str) -> None:
    import msgspec

    class Row(msgspec.Struct):
        ts: str
        ms_played: int
        platform: str | None = None
        conn_country: str | None = None
        spotify_track_uri: str | None = None
        master_metadata_track_name: str | None = None
        master_metadata_album_artist_name: str | None = None
        master_metadata_album_album_name: str | None = None
        reason_start: str | None = None
        reason_end: str | None = None
        shuffle: bool | None = None
        skipped: bool | None = None
        offline: bool | None = None
        offline_timestamp: int | None = None
        incognito_mode: bool | None = None

    decoder = msgspec.json.Decoder(list[Row])
    clock = Clock()
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            if name.endswith(".json"):
                decoder.decode(archive.read(name))
    tell(clock)


def floor_load(kind: str) -> None:
    set_up()
    from django.db import connection, transaction

    from accounts.models import User
    from ingest import chunks, columns
    from ingest.models import Play

    rows = columns.load(User.objects.get(username="anna")).rows()
    play = Play._meta.db_table
    clock = Clock()
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute(f"CREATE TABLE floor_play (LIKE {play} {'INCLUDING ALL' if kind == 'indexes' else ''})")
            else:
                cursor.execute("SELECT sql FROM sqlite_master WHERE name = %s", [play])
                sql = cursor.fetchone()[0].replace(f'"{play}"', '"floor_play"', 1)
                if kind != "indexes":
                    sql = sql.replace("PRIMARY KEY AUTOINCREMENT", "").partition(", CONSTRAINT")[0].rstrip(")") + ")"
                cursor.execute(sql)
            clock = Clock()
            if connection.vendor == "postgresql":
                chunks._copy(rows, 1, 1, table="floor_play")
            else:
                chunks._execute_many(rows, 1, 1, table="floor_play")
            spent = clock.read()
            raise TimeoutError  # take it all back
    except TimeoutError:
        pass
    tell(**spent)


def figures(name: str, path: str) -> None:
    set_up()
    from django.test import Client

    from accounts import job_run
    from accounts.models import User
    from ingest.actions import imports

    clock = Clock()
    person = User.objects.get(username=name)
    history_import = imports.prepare(user=person, paths=[Path(path)])
    job_run.run(job_id=history_import.job_id)
    client = Client(SERVER_NAME="localhost")
    client.force_login(person, "django.contrib.auth.backends.ModelBackend")
    answer = client.get("/top/tracks/?range=all")
    spent = clock.read()
    if answer.status_code != 200:
        sys.exit(f"the page answered {answer.status_code}")
    tell(**spent)


def first(name: str, columns: str) -> None:
    """A web process that has answered nobody yet: ask for figures as soon as the person's import has ended."""
    set_up()
    from django.conf import settings
    from django.test import Client
    from django.utils import timezone

    from accounts.models import User
    from ingest import lens
    from ingest.models import HistoryImport
    from vibesite.wsgi import warm_worker

    if columns:
        settings.COLUMNS_DIR = columns
    person = User.objects.get(username=name)
    client = Client(SERVER_NAME="localhost")
    client.force_login(person, "django.contrib.auth.backends.ModelBackend")
    warm_worker()
    ended = HistoryImport.objects.filter(user=person).exclude(finished_at=None).values_list("finished_at", flat=True)
    while not ended:
        time.sleep(0.02)
        ended = ended.all()
    after = {}
    for path in ("/listening/?range=all", "/top/tracks/?range=all", "/log/"):
        answer = client.get(path)
        if answer.status_code != 200:
            sys.exit(f"{path} answered {answer.status_code}")
        after[path] = round((timezone.now() - ended[0]).total_seconds(), 2)
    tell(after=after, plays=len(lens.read(person).plays))


def poll(name: str, stop: str) -> None:
    """Record small polls of new plays as fast as a worker would get them, at most fifty a second."""
    set_up()
    from django.utils import timezone

    from accounts.models import User
    from ingest.actions import record
    from ingest.evidence import Evidence, Origin
    from ingest.models import Track

    person, tracks = User.objects.get(username=name), list(Track.objects.values_list("id", flat=True)[:500])
    moment = 1_790_000_000_000

    def once(number: int) -> None:
        end = moment + number * 200_000
        record.plays(
            user=person,
            evidence=[Evidence(Origin.POLL, tracks[number % 500], end - 180_000, end, 180_000, is_estimate=True)],
            now=timezone.now(),
        )

    repeat(once, stop, 0.02)


def pages(name: str, stop: str) -> None:
    set_up()
    from django.test import Client

    from accounts.models import User

    client = Client(SERVER_NAME="localhost")
    client.force_login(User.objects.get(username=name), "django.contrib.auth.backends.ModelBackend")

    def once(number: int) -> None:
        answer = client.get("/log/")
        if answer.status_code != 200:
            raise RuntimeError(answer.status_code)

    repeat(once, stop, 0.1)


def repeat(once, stop: str, pause_s: float) -> None:
    taken, failed = [], 0
    while not Path(stop).exists():
        began = time.perf_counter()
        try:
            once(len(taken))
        except Exception as error:
            failed += 1
            print(repr(error), file=sys.stderr)
        taken.append((time.perf_counter() - began) * 1000)
        time.sleep(pause_s)
    taken.sort()
    tell(count=len(taken), failed=failed, p50=taken[len(taken) // 2], p99=taken[int(len(taken) * 0.99)])


def check() -> None:
    set_up()
    from accounts.models import User
    from ingest import columns

    tell(equal=not any(columns.check(person) for person in User.objects.all()))


INSIDE = {
    "prepare": prepare,
    "import": do_import,
    "floor-parse": floor_parse,
    "floor-load": floor_load,
    "figures": figures,
    "first": first,
    "poll": poll,
    "pages": pages,
    "check": check,
}

if __name__ == "__main__":
    main()
