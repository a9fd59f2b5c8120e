"""Server time of every page and API answer for one person with a million plays among 200 persons.

    python -m tests.bench.world FOLDER       (once; `DATABASE_URL` for PostgreSQL)
    python -m tests.bench.pages FOLDER [--rounds 20] [--only time]

Each visit is the first request of a process of its own, forked from a warmed-up one and readied as gunicorn's workers
are, with a database connection of its own. A second such visit comes right after a new play, which another process
recorded; a third is warm. `cpu` is this process's own time of the visit, which other work on the machine hardly
changes. Beside them the queries, and how much slower a million plays are than ten thousand (cold median; pages under
25 ms are not compared, as noise is most of them). Server time goes through all middleware.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.test.client import ClientHandler

from tests.bench import surroundings, world

BAR_MS, SEARCH_BAR_MS, GROWTH_BAR, COMPARED_FROM_MS = 100, 150, 4.0, 25
FLOOR = "/about/"
HANDLER = ClientHandler(enforce_csrf_checks=False)  # its middleware is loaded before the processes fork
FIGURES = ("cold", "cold p95", "cold cpu", "play", "play p95", "play cpu", "warm")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--only", default="", help="addresses that hold these words, with commas between")
    parser.add_argument("--profile", action="store_true", help="print where the time of --only goes")
    options = parser.parse_args()
    world.enter(options.folder)
    from django.db import connection, connections

    import vibesite.wsgi  # noqa: F401  # as a preloaded web process has
    from tests.bench import addresses

    folder = Path(options.folder)
    anna, ten = (addresses.of(name, folder / f"addresses-{name}.json") for name in ("anna", "ten"))
    cookies = {name: signed_in(name) for name in ("anna", "ten")}
    HANDLER.load_middleware()
    vendor = connection.vendor
    connections.close_all()  # a forked process opens its own
    made = json.loads((folder / "world.json").read_text())
    print(f"{made['plays']:,} plays of {made['people']} persons, {vendor}, {surroundings.load()}")
    wanted = [path for path in anna if any(word in path for word in options.only.split(","))]
    if options.profile:
        for path in wanted:
            apart(lambda path=path: profile(cookies["anna"], path))
        return
    floor = middle([apart(lambda: visit(cookies["anna"], FLOOR))["cold"] for _ in range(options.rounds)])
    twins = dict(zip(anna, ten, strict=True))
    heads = ("cold", "p95", "cpu", "play", "p95", "cpu", "warm", "growth", "queries")
    print(" ".join([" " * 64, *(f"{head:>6}" for head in heads)]))
    failed = 0
    for path in wanted:
        told = measure(cookies, path, twins[path], options.rounds)
        bar = SEARCH_BAR_MS if "q=" in path else BAR_MS
        wrong = [name for name in ("cold", "play") if told[f"{name} p95"] >= bar]
        wrong += ["growth"] if told["growth"] > GROWTH_BAR and told["cold"] >= COMPARED_FROM_MS else []
        failed += bool(wrong)
        figures = " ".join(f"{told[name]:6.1f}" for name in FIGURES)
        verdict = f"FAIL {' '.join(wrong)}" if wrong else "ok"
        print(f"{path[:64]:64} {figures} {told['growth']:5.1f}x {told['queries']:7}  {verdict}", flush=True)
    print(f"{len(wanted)} addresses, {failed} over a bar; the floor, a page without data: {floor:.1f} ms")
    print(surroundings.load())
    sys.exit(bool(failed))


def measure(cookies: dict[str, str], path: str, twin: str, rounds: int) -> dict[str, Any]:
    """Medians and p95 in ms of the first visit, of the first after a new play, and of a second one; and the rest."""
    cold, fresh, small = [], [], []
    for number in range(rounds):
        cold.append(apart(lambda: visit(cookies["anna"], path)))
        apart(lambda number=number: hear_something("anna", number))
        fresh.append(apart(lambda: visit(cookies["anna"], path, again=True)))
        if number < max(3, rounds // 3):
            small.append(apart(lambda: visit(cookies["ten"], twin)))
    told: dict[str, Any] = {"queries": fresh[-1]["queries"], "warm": middle([each["warm"] for each in fresh])}
    for name, visits in (("cold", cold), ("play", fresh)):
        walls = [each["cold"] for each in visits]
        told |= {
            name: middle(walls),
            f"{name} p95": p95(walls),
            f"{name} cpu": middle([each["cpu"] for each in visits]),
        }
    return told | {"growth": told["cold"] / middle([each["cold"] for each in small])}


def middle(spans: list[float]) -> float:
    return sorted(spans)[len(spans) // 2]


def p95(spans: list[float]) -> float:
    """The value that 95 of 100 do not exceed: of 20, the highest but one."""
    return sorted(spans)[max(0, -(-len(spans) * 95 // 100) - 1)]


def apart(work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What `work` returns in a forked process."""
    read, write = os.pipe()
    child = os.fork()
    if not child:
        code = 1
        try:
            os.write(write, json.dumps(work()).encode())
            code = 0
        except BaseException:
            import traceback

            traceback.print_exc()
        finally:
            os._exit(code)
    os.close(write)
    with os.fdopen(read, "rb") as answer:
        told = answer.read()
    if os.waitpid(child, 0)[1]:
        sys.exit("a visit failed")
    return json.loads(told)


def visit(cookie: str, path: str, *, again: bool = False) -> dict[str, Any]:
    from vibesite.gunicorn import post_request
    from vibesite.wsgi import warm_worker

    client = browser(cookie)
    warm_worker()  # as gunicorn does before a process gets its first request
    began = time.process_time()
    told: dict[str, Any] = {"cold": timed(client, path), "cpu": (time.process_time() - began) * 1000}
    post_request(None, None, None, None)  # as gunicorn does after each request
    if again:
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        told["warm"] = timed(client, path)
        with CaptureQueriesContext(connection) as captured:
            client.get(path)
        told["queries"] = len(captured)
    return told


def profile(cookie: str, path: str) -> dict[str, Any]:
    import cProfile
    import pstats

    client, watch = browser(cookie), cProfile.Profile()
    timed(client, path)
    watch.runcall(client.get, path)
    print(path)
    pstats.Stats(watch).sort_stats("cumulative").print_stats(60)
    sys.stdout.flush()
    return {}


def browser(cookie: str):  # -> django.test.Client
    from django.conf import settings
    from django.test import Client

    client = Client(REMOTE_ADDR=f"10.{'.'.join(map(str, os.urandom(3)))}")  # or the API finds it asks too often
    client.handler = HANDLER
    client.cookies[settings.SESSION_COOKIE_NAME] = cookie
    return client


def signed_in(name: str) -> str:
    from django.conf import settings
    from django.test import Client

    from accounts.models import User

    client = Client()
    client.force_login(User.objects.get(username=name), "django.contrib.auth.backends.ModelBackend")
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def timed(client, path: str) -> float:
    began = time.perf_counter()
    answer = client.get(path)
    b"".join(answer) if answer.streaming else answer.content
    spent = (time.perf_counter() - began) * 1000
    if answer.status_code not in (200, 302, 304):
        raise RuntimeError(f"{path} answered {answer.status_code}")
    return spent


def hear_something(name: str, number: int) -> dict[str, Any]:
    from django.utils import timezone

    from accounts.fields import to_ms
    from accounts.models import User
    from ingest.actions import record
    from ingest.evidence import Evidence, Origin
    from ingest.models import Track

    track = Track.objects.order_by("id").values_list("id", flat=True)[number % 100]
    end = to_ms(timezone.now()) + number
    event = Evidence(Origin.POLL, track, end - 200_000, end, 200_000, is_estimate=True)
    record.plays(user=User.objects.get(username=name), evidence=[event], now=timezone.now())
    return {}


if __name__ == "__main__":
    main()
