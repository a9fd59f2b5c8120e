"""`manage.py serve`: every process of one host, supervised."""

import contextlib
import io
import os
import shutil
import socket
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection, connections

from vibesite.supervisor import Child, Supervisor

READY_S = 60
SEEDED = "demo-seeded"  # a file in VAR_DIR: the demo has its data


class Command(BaseCommand):
    help = "Run web, workers and beat (and, with --sandbox, the sandbox) on this host until Ctrl-C."
    requires_system_checks: list[str] = []  # the children make them

    def add_arguments(self, parser: CommandParser) -> None:
        cores = os.cpu_count() or 1
        parser.add_argument("--sandbox", action="store_true", help="also run the sandbox, a stand-in for Spotify")
        parser.add_argument("--demo", action="store_true", help="fill an empty server with demo data (seed_demo)")
        parser.add_argument("--fresh", action="store_true", help="with --demo: delete the data of this host first")
        parser.add_argument("--host", default=os.environ.get("HOST") or "127.0.0.1")
        parser.add_argument("--port", type=int, default=os.environ.get("PORT") or "8000")
        parser.add_argument("--sandbox-port", type=int, default=os.environ.get("SANDBOX_PORT") or "8090")
        parser.add_argument("--workers", type=int, default=cores + 1, help="web processes")
        parser.add_argument("--live", type=int, default=2, help="tasks at once on the queues live and sync")
        parser.add_argument("--bulk", type=int, default=max(1, cores // 2), help="tasks at once on the other queues")

    def handle(self, *, host: str, port: int, sandbox: bool, sandbox_port: int, **options: Any) -> None:
        require_free(host, port, "--port or PORT")
        if sandbox:
            require_free("127.0.0.1", sandbox_port, "--sandbox-port or SANDBOX_PORT")
            os.environ["SANDBOX_PORT"] = str(sandbox_port)
            os.environ.setdefault("SPOTIFY_SANDBOX", "on")
        if options["fresh"]:
            if not options["demo"]:
                raise CommandError("--fresh deletes all data; it is only for --demo.")
            start_over()
        gather_files()
        supervisor = Supervisor(folder=settings.BASE_DIR)
        supervisor.listen()
        # The slowest starts go first and side by side; nobody is told the address before all of it is ready.
        supervisor.add(Child("web", web_command(host, port, options["workers"])))
        if sandbox:
            state = settings.VAR_DIR / "sandbox.json"
            command = [*manage("sandbox"), "--port", str(sandbox_port), "--state", str(state)]
            supervisor.add(Child("sandbox", command, late=True))
        try:
            prepare_database()
            advice = seed() if options["demo"] else []
        except BaseException:
            supervisor.stop()
            raise
        ready = wait_for(supervisor, lambda: answers(address(host, port) + "health/live"))
        if sandbox:
            ready = wait_for(supervisor, lambda: listens(sandbox_port)) and ready
        if ready:
            supervisor.say("serve", f"Vibesite is at {address(host, port)} (Ctrl-C ends it)")
            for line in advice:
                supervisor.say("demo", line)
        if not supervisor.stopping:
            supervisor.add(Child("live", worker_command("live", ["live", "sync"], options["live"])))
            supervisor.add(Child("bulk", worker_command("bulk", ["bulk", "enrich", "insights"], options["bulk"])))
            supervisor.add(Child("beat", [*celery("beat"), "--pidfile="]))
        supervisor.run()


def manage(name: str) -> list[str]:
    return [sys.executable, str(settings.BASE_DIR / "manage.py"), name]


def celery(name: str) -> list[str]:
    return [
        sys.executable,
        "-m",
        "celery",
        "--quiet",
        "-A",
        "vibesite",
        name,
        "--loglevel",
        os.environ.get("LOG_LEVEL", "INFO"),
    ]


def web_command(host: str, port: int, workers: int) -> list[str]:
    bind = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    start = [sys.executable, "-m", "gunicorn", "--config", "python:vibesite.gunicorn"]
    return [*start, "--bind", bind, "--workers", str(workers)]


def worker_command(name: str, queues: list[str], concurrency: int) -> list[str]:
    """Imports get processes of their own: a long one must not hold up polls and playlist writes."""
    quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    sizes = ["--concurrency", str(concurrency), "--queues", ",".join(queues)]
    return [*celery("worker"), "--hostname", f"{name}-{os.getpid()}@%h", *sizes, *quiet]


def start_over() -> None:
    """Delete what this host wrote: database, broker, columns, uploads, mail, the sandbox's state."""
    connections.close_all()
    for name in ("vibesite.sqlite3", "broker.sqlite3"):
        for end in ("", "-wal", "-shm", "-journal"):
            (settings.VAR_DIR / (name + end)).unlink(missing_ok=True)
    for name in ("sandbox.json", SEEDED):
        (settings.VAR_DIR / name).unlink(missing_ok=True)
    for folder in ("columns", "covers", "media", "mail", "uploading"):
        shutil.rmtree(settings.VAR_DIR / folder, ignore_errors=True)


def seed() -> list[str]:
    """Make the demo's people and apps, once; the lines that tell about them."""
    done = settings.VAR_DIR / SEEDED
    if done.exists():
        return []
    said = io.StringIO()
    call_command("seed_demo", stdout=said, no_color=True)
    done.touch()
    return said.getvalue().splitlines()


def require_free(host: str, port: int, choose: str) -> None:
    """CommandError with advice if another program listens on the port."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as exc:
            raise CommandError(
                f"Port {port} on {host} cannot be used ({exc.strerror}). Is Vibesite running already? "
                f"Otherwise choose another port with {choose}."
            ) from exc


def gather_files() -> None:
    """In production pages name static files by what is in them: those of this version must lie ready.

    An image brings them along, in a folder that nobody may write to.
    """
    if settings.DEBUG:
        return
    with contextlib.suppress(PermissionError):
        call_command("collectstatic", interactive=False, verbosity=0)


def prepare_database() -> None:
    """Bring tables, cache table and schedule up to date; nothing is written when they are."""
    from django.db.migrations.executor import MigrationExecutor

    from vibesite import schedule

    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        print("Preparing the database …", flush=True)  # noqa: T201 - the one step that may take a while
        call_command("migrate", interactive=False, verbosity=0)
    if settings.CACHES["default"]["BACKEND"].endswith("DatabaseCache"):
        call_command("createcachetable", verbosity=0)
    schedule.sync()
    connections.close_all()  # the children open their own


def address(host: str, port: int) -> str:
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
    return f"http://{shown}:{port}/"


def wait_for(supervisor: Supervisor, ready: Callable[[], bool]) -> bool:
    """Until it is ready; False if it was not within a minute or we were asked to end."""
    deadline = time.monotonic() + READY_S
    while time.monotonic() < deadline and not supervisor.stopping:
        supervisor.watch_once()
        if ready():
            return True
        time.sleep(0.05)
    return False


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5):  # noqa: S310 - our own address
            return True
    except urllib.error.HTTPError:
        return True  # it answers, if not with praise
    except OSError:
        return False


def listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    except OSError:
        return False
    return True
