"""Real workers, really killed: no job is lost, no step is done twice, on every broker.

Effects and steps are committed together, so a count of the effects tells both: too few is lost, too many is twice.
"""

import contextlib
import fcntl
import os
import random
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from pathlib import Path

import psutil
import pytest

from vibesite.management.commands import serve

pytestmark = [pytest.mark.kill]

ROOT = Path(__file__).resolve().parents[2]
JOBS, STEPS, SECONDS = 5, 12, 0.1
PATIENCE_S = 90  # for a busy machine; what is asserted is far less


class Host:
    """One installation in a folder of its own, and its processes."""

    def __init__(self, folder: Path, broker: str) -> None:
        self.folder = folder
        self.started: list[subprocess.Popen] = []
        kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "TMPDIR")}
        self.env = kept | {
            "VAR_DIR": str(folder),
            "ENV_FILE": os.devnull,
            "BROKER_URL": broker,
            "CELERY_IMPORTS": "tests.rehearsal",
            "DJANGO_SETTINGS_MODULE": "vibesite.settings",
            "PYTHONUNBUFFERED": "1",
        }

    def prepare(self, *arguments: str) -> None:
        command = [sys.executable, "-m", "tests.rehearsal", *map(str, arguments)]
        subprocess.run(command, cwd=ROOT, env=self.env, check=True, timeout=PATIENCE_S, capture_output=True)

    def start(self, command: list[str]) -> subprocess.Popen:
        log = (self.folder / f"log-{len(self.started)}.txt").open("w")
        process = subprocess.Popen(
            command, cwd=ROOT, env=self.env, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
        )
        log.close()
        self.started.append(process)
        return process

    def idle_pool(self, worker: subprocess.Popen) -> list[psutil.Process]:
        """The worker's pool, once all of it waits for work."""
        found: list[psutil.Process] = []

        def waits() -> bool:
            nonlocal found
            found = psutil.Process(worker.pid).children()
            return len(found) == 2 and all(one.status() == psutil.STATUS_SLEEPING for one in found)

        self.until(waits)
        return found

    def worker(self) -> subprocess.Popen:
        return self.start(serve.worker_command("all", ["live", "bulk"], 2))

    def logs(self) -> str:
        return "\n".join(path.read_text() for path in sorted(self.folder.glob("log-*.txt")))[-6000:]

    def ask(self, sql: str) -> list[tuple]:
        with contextlib.closing(sqlite3.connect(self.folder / "vibesite.sqlite3", timeout=20)) as link:
            return link.execute(sql).fetchall()

    def states(self, kind: str = "rehearsal_steps") -> Counter:
        rows = self.ask(f"select state, count(*) from accounts_job where kind='{kind}' group by state")
        return Counter(dict(rows))

    def effects(self) -> Counter:
        return Counter(key for (key,) in self.ask("select key from accounts_job where kind='rehearsal_effect'"))

    def until(self, what, seconds: float = PATIENCE_S) -> float:
        """Wait, in short steps, until `what()`; how many seconds it took."""
        begun = time.monotonic()
        while not what():
            if time.monotonic() - begun > seconds:
                raise AssertionError(f"not within {seconds} s; {self.states()}\n{self.logs()}")
            time.sleep(0.1)
        return time.monotonic() - begun

    def end(self) -> None:
        for process in self.started:
            for one in family(process.pid):
                with contextlib.suppress(psutil.NoSuchProcess):
                    one.kill()
            process.wait()


def family(pid: int) -> list[psutil.Process]:
    try:
        parent = psutil.Process(pid)
        return [parent, *parent.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def answers(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


BROKERS = [
    pytest.param(("", 0), id="embedded"),
    pytest.param(("redis://127.0.0.1:6379/14", 6379), id="redis", marks=pytest.mark.services),
    pytest.param(("amqp://guest:guest@127.0.0.1:5672//", 5672), id="rabbitmq", marks=pytest.mark.services),
]


@pytest.fixture
def broker(request):
    url, port = request.param
    if port and not answers(port):
        if port == 6379 and os.environ.get("SERVICES") == "required":
            pytest.fail("Redis does not answer on 127.0.0.1:6379")
        pytest.skip(f"nothing answers on 127.0.0.1:{port}")
    with alone(url):
        yield url


@contextlib.contextmanager
def alone(url):
    """With this broker to oneself: the queues of tests side by side have the same names."""
    if not url:
        yield  # a file of each test's own
        return
    with Path(tempfile.gettempdir(), f"vibesite-tests-{url.partition(':')[0]}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # until it is closed
        empty(url)
        yield


def empty(url):
    if url.startswith("redis:"):
        import redis

        redis.Redis.from_url(url).flushdb()  # a number of its own, for these tests alone
    if url.startswith("amqp:"):
        from kombu import Connection

        with Connection(url) as link:
            for queue in ("live", "bulk"):
                with contextlib.suppress(link.channel_errors):
                    link.channel().queue_purge(queue)


@pytest.fixture
def host(tmp_path, broker):
    host = Host(tmp_path, broker)
    yield host
    host.end()


def assert_each_once(host: Host) -> None:
    effects = host.effects()
    assert len(effects) == JOBS * STEPS, "steps were lost"
    assert set(effects.values()) == {1}, "steps were done twice"
    assert host.states() == {"done": JOBS}


@pytest.mark.parametrize("broker", BROKERS, indirect=True)
def test_a_killed_worker_loses_and_doubles_nothing(host, record_property):
    host.prepare(JOBS, STEPS, SECONDS)
    first = host.worker()
    host.until(lambda: len(host.effects()) >= STEPS + 3)
    victims = family(first.pid)
    for one in victims:
        one.kill()
    psutil.wait_procs(victims, timeout=10)
    assert host.states()["running"] >= 1
    before = len(host.effects())

    host.worker()
    taken_up = host.until(lambda: len(host.effects()) > before)
    done = host.until(lambda: host.states() == {"done": JOBS})
    record_property("taken_up_s", round(taken_up, 1))
    print(f"work went on {taken_up:.1f} s after the new worker's start, all done {done:.1f} s later")
    assert_each_once(host)
    assert taken_up < 30


@pytest.mark.parametrize("broker", BROKERS, indirect=True)
def test_idle_pool_processes_that_are_killed_leave_a_worker_that_works(host):
    """What a process held while it waited for work must not be missing to those that come after it."""
    host.prepare(1, 1, 0)
    worker = host.worker()
    host.until(lambda: host.states() == {"done": 1})
    for done in (2, 3):
        pool = host.idle_pool(worker)
        for one in pool:
            one.kill()
        psutil.wait_procs(pool, timeout=10)
        host.prepare(1, 1, 0)
        host.until(lambda done=done: host.states() == {"done": done}, seconds=30)
    assert worker.poll() is None
    assert set(host.effects().values()) == {1}


@pytest.mark.parametrize("broker", BROKERS[:1], indirect=True)
def test_pool_processes_that_are_killed_at_any_moment_lose_and_double_nothing(host):
    host.prepare(1, 1, 0)
    worker, chance = host.worker(), random.Random(7)
    host.until(lambda: host.states() == {"done": 1})
    host.prepare(60, 1, 0.02)
    for done in range(2, 40, 2):  # each time a job or two have been done
        host.until(lambda done=done: host.states()["done"] >= done)
        pool = psutil.Process(worker.pid).children()
        if pool:
            with contextlib.suppress(psutil.NoSuchProcess):
                chance.choice(pool).kill()
    host.until(lambda: host.states() == {"done": 61})
    assert worker.poll() is None
    assert set(host.effects().values()) == {1}


@pytest.mark.parametrize("broker", BROKERS[:1], indirect=True)
def test_a_job_that_kills_its_worker_fails_in_the_end_and_the_others_are_done(host):
    host.prepare(2, 3, 0.05, "deadly")
    host.worker()
    host.until(lambda: host.states() == {"done": 2})
    # Each death is noticed by the worker, the message comes back, and the job is tried three times.
    host.until(lambda: host.states("rehearsal_deadly") == {"failed": 1})
    [(attempts, error)] = host.ask("select attempts, error from accounts_job where kind='rehearsal_deadly'")
    assert attempts == 3
    assert "tell the operator" in error


@pytest.mark.parametrize("broker", BROKERS[:1], indirect=True)
def test_the_whole_host_is_killed_and_started_again(host):
    """kill -9 of the supervisor takes web, workers, pool and beat with it; a second start finishes the work; Ctrl-C
    ends it gently."""
    host.prepare(JOBS, STEPS, SECONDS)
    port = free_port()
    command = [sys.executable, "manage.py", "serve", "--port", str(port), "--workers", "2"]
    first = host.start(command)
    host.until(lambda: f"http://127.0.0.1:{port}/" in host.logs())
    host.until(lambda: len(host.effects()) >= 5)
    everybody = family(first.pid)
    assert len(everybody) >= 8  # supervisor, web and 2, live and 2, bulk and 1, beat

    first.kill()
    _gone, alive = psutil.wait_procs(everybody, timeout=10)
    assert not alive, "orphans are left"
    assert host.states()["done"] < JOBS

    second = host.start(command)
    host.until(lambda: host.states() == {"done": JOBS})
    assert_each_once(host)
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/live", timeout=10) as answer:
        assert answer.status == 200

    everybody = family(second.pid)
    second.send_signal(signal.SIGINT)
    _gone, alive = psutil.wait_procs(everybody, timeout=30)
    assert not alive, "something did not end"
    assert "WorkerLostError" not in host.logs()


@pytest.mark.parametrize("broker", BROKERS[:1], indirect=True)
def test_a_gentle_end_finishes_what_runs(host):
    host.prepare(2, 10, 0.2)
    worker = host.worker()
    host.until(lambda: len(host.effects()) >= 2)
    worker.terminate()
    worker.wait(timeout=30)
    assert host.states() == {"done": 2}
    assert set(host.effects().values()) == {1}
