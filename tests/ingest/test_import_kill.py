"""A real import by a real process, killed for real: another takes it up, with the same account and plays."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from vibesite.sandbox import exports

ROOT = Path(__file__).parents[2]
ROWS = 60_000
TAKE_UP = (
    "from accounts import job_run; from accounts.models import Job; job_run.run(job_id=Job.objects.earliest('pk').pk)"
)


class Host:
    """One host with its own database, reached through the product's commands."""

    def __init__(self, folder: Path) -> None:
        self.env = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
        self.env |= {"VAR_DIR": str(folder), "ENV_FILE": os.devnull, "DJANGO_SETTINGS_MODULE": "vibesite.settings"}
        self.file = folder / "vibesite.sqlite3"

    def start(self, *words: object) -> subprocess.Popen[str]:
        asked = [sys.executable, "manage.py", *map(str, words)]
        return subprocess.Popen(
            asked, cwd=ROOT, env=self.env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )

    def run(self, *words: object) -> str:
        process = self.start(*words)
        out, _err = process.communicate(timeout=120)
        assert process.returncode == 0, (words, out)
        return out

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self.file, timeout=20)) as connection:
            return connection.execute(sql).fetchall()


@pytest.mark.kill
def test_an_import_whose_process_is_killed_is_taken_up_by_another(tmp_path: Path) -> None:
    zip_file = tmp_path / "my_spotify_data.zip"
    with zip_file.open("wb") as out:
        exports.synthetic_zip(ROWS, out)
    host = Host(tmp_path / "var")
    host.run("migrate", "-v0")
    host.run("createcachetable")
    host.run(
        "shell", "-c", "from accounts.models import User; [User.objects.create(username=n) for n in ('anna', 'ben')]"
    )
    process = host.start("import_history", "--user", "anna", zip_file)
    until = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < until and not host.ask("SELECT id FROM ingest_play LIMIT 1"):
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait(10)
    written = host.ask("SELECT count(*) FROM ingest_play")[0][0]
    assert 0 < written < ROWS * 0.9
    host.run("shell", "-c", TAKE_UP)
    whole = json.loads(host.run("import_history", "--user", "ben", zip_file, "--json"))
    state, *account = host.ask(
        "SELECT state, rows, new, duplicate, merged, set_aside FROM ingest_historyimport ORDER BY id LIMIT 1"
    )[0]
    assert state == "done"
    assert account == [whole[name] for name in ("rows", "new", "duplicate", "merged", "set_aside")]
    plays = "SELECT track_id, started_at, ended_at, ms_played FROM ingest_play WHERE user_id = {} ORDER BY 2, 1, 3, 4"
    assert host.ask(plays.format(1)) == host.ask(plays.format(2))
