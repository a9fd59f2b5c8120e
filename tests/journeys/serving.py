"""The whole product in real processes, embedded, as `script/demo` starts it."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return answer.status == 200
    except OSError:
        return False


@contextmanager
def demo(folder: Path, **settings: str) -> Iterator[tuple[str, str]]:
    """A running server with its sandbox: their addresses. `settings` are further ones, as in the environment."""
    port, sandbox_port = free_port(), free_port()
    home, sandbox = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{sandbox_port}"
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("DATABASE_", "REDIS_", "DJANGO_"))}
    env = kept | {
        "VAR_DIR": str(folder),
        "PORT": str(port),
        "SANDBOX_PORT": str(sandbox_port),
        "SPOTIFY_SANDBOX": "on",
        "DEBUG": "on",
        "SITE_URL": home,
        "ENV_FILE": os.devnull,
        **settings,
    }
    log = folder / "log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "serve", "--sandbox", "--demo"], cwd=ROOT, env=env, stdout=out, stderr=out
        )
    try:
        end = time.monotonic() + 90
        while not (answers(home + "/health/ready") and answers(sandbox + "/")):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < end, log.read_text()
            time.sleep(0.1)
        yield home, sandbox
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=60)
