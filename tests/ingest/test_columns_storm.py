"""Real processes on two hosts change what the same persons heard, and are killed: nothing is lost, doubled or stale.

A small one of `tests/bench/columns_storm.py`, which tells what happens in it and what is compared.
"""

import getpass
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PORT = int(os.environ.get("PGPORT", "5432"))


def address() -> str:
    """Of the tests' own PostgreSQL, or of the one on loopback; the storm makes a database of its own beside it."""
    told = os.environ.get("DATABASE_URL", "")
    if told.startswith("postgres"):
        return told
    try:
        socket.create_connection(("127.0.0.1", PORT), timeout=5).close()
    except OSError:
        if os.environ.get("SERVICES") == "required":
            pytest.fail(f"PostgreSQL does not answer on 127.0.0.1:{PORT}")
        pytest.skip(f"nothing answers on 127.0.0.1:{PORT}")
    user = os.environ.get("PGUSER") or getpass.getuser()
    return f"postgres://{user}@127.0.0.1:{PORT}/vibesite_{os.getpid()}"


@pytest.mark.kill
@pytest.mark.parametrize("database", ["sqlite", pytest.param("postgresql", marks=pytest.mark.services)])
def test_a_storm_leaves_plays_columns_and_figures_right(database: str) -> None:
    env = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL", "BROKER_URL")}
    env |= {"DATABASE_URL": address()} if database == "postgresql" else {}
    words = ["-m", "tests.bench.columns_storm", "--rounds", "2", "--deeds", "20", "--seed", "11"]
    done = subprocess.run([sys.executable, *words], cwd=ROOT, env=env, capture_output=True, text=True, timeout=300)
    print(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr[-6000:]
