"""Fifty persons browsing at once, on loopback, beside a bare Django page in the same run.

    python -m tests.bench.world FOLDER       (once; `DATABASE_URL` for PostgreSQL)
    python -m tests.bench.load FOLDER [--people 50] [--seconds 60] [--workers 3] [--port 18137]

The server runs as `manage.py serve` runs it (gunicorn, preloaded, a worker more than there are cores). The persons are
a process of their own: each opens a page of those in `addresses.py`, thinks for a while (exponential, 8 s on average,
seeded), and opens another; one of them has a million plays. Waiting is counted from the moment the page is asked for
until its last byte, queues included. Then the same number of clients ask without thinking for as many pages as they
get: all pages, a page without data, and a bare Django page (no middleware, one template) under the same server.
"""

import argparse
import asyncio
import multiprocessing
import os
import random
import subprocess
import sys
import time
from typing import Any

from tests.bench import surroundings, world

THINK_S, BAR_MS = 8.0, 300
BARE = "bare/"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder")
    parser.add_argument("--people", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--workers", type=int, default=(os.cpu_count() or 1) + 1)
    parser.add_argument("--port", type=int, default=18137)
    options = parser.parse_args()
    world.enter(options.folder)
    from django.db import connection, connections

    vendor, walks = connection.vendor, tours(options)
    connections.close_all()
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.bench.load_settings"
    print(f"{options.people} persons, {options.workers} workers, {vendor}, {surroundings.load()}")
    with Server(options) as server:
        told = apart(browse, server.port, walks, options.seconds, THINK_S)
        spans = sorted(span for _path, span, _status in told)
        wrong = [(path, status) for path, _span, status in told if status not in (200, 302, 304)]
        p50, p95 = spans[len(spans) // 2], spans[int(len(spans) * 0.95)]
        print(f"browsing: {len(spans)} pages, {len(spans) / options.seconds:.1f}/s, {len(wrong)} errors {wrong[:5]}")
        print(f"  median {p50:.0f} ms, p95 {p95:.0f} ms, slowest {spans[-1]:.0f} ms; {surroundings.load()}")
        for path, span, _status in sorted(told, key=lambda row: -row[1])[:5]:
            print(f"    {span:5.0f} ms {path}")
        full = {
            "all pages": walks,
            "a page without data": only(walks, "/about/"),
            "bare Django": only(walks, f"/{BARE}"),
        }
        for name, wanted in full.items():
            told = apart(browse, server.port, wanted, options.seconds / 4, 0.0)
            print(f"without thinking, {name:20} {len(told) / (options.seconds / 4):7.1f}/s")
    sys.exit(bool(wrong) or p95 >= BAR_MS)


Tour = tuple[str, list[str]]  # a session's cookie and addresses in their order


def only(walks: list[Tour], path: str) -> list[Tour]:
    return [(cookie, [path]) for cookie, _paths in walks]


def tours(options: argparse.Namespace) -> list[Tour]:
    """For each person the pages in an order of their own."""
    from accounts.models import User
    from tests.bench import addresses
    from tests.bench.pages import signed_in

    names = list(User.objects.order_by("id").values_list("username", flat=True)[: options.people])
    walks = []
    for number, name in enumerate(names):
        found = addresses.of(name, None)
        # The API counts calls by address or token, and fifty persons here share one address.
        paths = [path for path in found if not path.startswith("/api/v1/")]
        random.Random(number).shuffle(paths)
        walks.append((signed_in(name), paths))
    return walks


class Server:
    """Gunicorn in a process group of its own."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.port, self.workers = options.port, options.workers

    def __enter__(self) -> "Server":
        import urllib.request

        command = [sys.executable, "-W", "ignore", "-m", "gunicorn", "--config", "python:vibesite.gunicorn"]
        command += ["--bind", f"127.0.0.1:{self.port}", "--workers", str(self.workers), "--log-level", "error"]
        self.process = subprocess.Popen(command)
        for _ in range(600):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/{BARE}", timeout=5).read()
                return self
            except OSError:
                time.sleep(0.2)
        raise TimeoutError("the server does not answer")

    def __exit__(self, *_problem: object) -> None:
        self.process.terminate()
        self.process.wait()


def apart(work: Any, *arguments: Any) -> Any:
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(work, arguments)


def browse(port: int, walks: list[Tour], seconds: float, think_s: float) -> list[tuple[str, float, int]]:
    """Address, ms and status of every page that was opened."""
    return asyncio.run(_browse(port, walks, seconds, think_s))


async def _browse(port: int, walks: list[Tour], seconds: float, think_s: float) -> list[tuple[str, float, int]]:
    told: list[tuple[str, float, int]] = []
    until = time.perf_counter() + seconds

    async def person(number: int, cookie: str, paths: list[str]) -> None:
        chance, turn = random.Random(number), 0
        while True:
            pause = chance.expovariate(1 / think_s) if think_s else 0.0
            if time.perf_counter() + pause >= until:
                return
            await asyncio.sleep(pause)
            path = paths[turn % len(paths)]
            turn += 1
            began = time.perf_counter()
            status = await _get(port, path, cookie)
            told.append((path, (time.perf_counter() - began) * 1000, status))

    await asyncio.gather(*(person(number, *walk) for number, walk in enumerate(walks)))
    return told


async def _get(port: int, path: str, cookie: str) -> int:
    """The status; 0 where the connection broke."""
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(
            f"GET {path} HTTP/1.1\r\nHost: localhost\r\nCookie: sessionid={cookie}\r\nAccept-Encoding: gzip\r\n"
            "Connection: close\r\n\r\n".encode()
        )
        answer = await reader.read()
        writer.close()
        return int(answer.split(b" ", 2)[1])
    except (OSError, IndexError, ValueError):
        return 0


if __name__ == "__main__":
    main()
