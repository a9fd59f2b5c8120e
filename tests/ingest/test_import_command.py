"""Imports as an operator makes them at the command line."""

import errno
import io
import json
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts import jobs
from accounts.models import Job
from ingest.actions import imports
from ingest.management.commands import import_history
from tests.ingest.broken_uploads import NAME, one, row, rows, text

pytestmark = pytest.mark.usefixtures("own_media")


def command(*asked: object) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command("import_history", *map(str, asked), stdout=out, stderr=err)
    except SystemExit as ended:
        return int(ended.code or 0), out.getvalue(), err.getvalue()
    return 0, out.getvalue(), err.getvalue()


def test_the_command_prints_the_account(anna, tmp_path) -> None:
    (tmp_path / "MyData").mkdir()
    (tmp_path / "MyData" / "endsong_0.json").write_bytes(text([*rows(3), row(90, ms_played=0)]))
    (tmp_path / "data.zip").write_bytes(one(text(rows(4)))[0][1])
    code, out, _err = command("--user", "anna", tmp_path / "MyData", tmp_path / "data.zip", "--json")
    told = json.loads(out)
    assert code == 0
    assert {name: told[name] for name in ("state", "rows", "new", "duplicate", "merged", "set_aside", "adds_up")} == {
        "state": "done", "rows": 8, "new": 4, "duplicate": 3, "merged": 0, "set_aside": 1, "adds_up": True,
    }  # fmt: skip
    assert told["reasons"] == {"zero_ms": 1}
    assert [file["name"] for file in told["files"]] == ["endsong_0.json", NAME]
    code, out, _err = command("--user", "anna", tmp_path / "MyData")
    assert code == 0
    assert "0 new, 3 known already" in out
    assert (tmp_path / "data.zip").exists()


def test_the_command_fails_with_words(anna, tmp_path) -> None:
    (tmp_path / "notes.json").write_bytes(b"hello")
    code, out, err = command("--user", "anna", tmp_path / "notes.json")
    assert code == 1
    assert "No listening history" in err
    code, out, _err = command("--user", "anna", tmp_path / "notes.json", "--json")
    assert (code, json.loads(out)["state"]) == (1, "failed")
    with pytest.raises(CommandError, match="nobody called"):
        command("--user", "nobody", tmp_path)
    with pytest.raises(CommandError, match="not there"):
        command("--user", "anna", tmp_path / "nowhere")


def test_the_command_waits_its_turn(anna, tmp_path, monkeypatch) -> None:
    """Another import of the same person runs for longer than a job has attempts."""
    turns, pauses = [], []

    def busy(**_asked: object) -> object:
        turns.append(1)
        if len(turns) <= 8:
            raise jobs.PutOff(timezone.now() + timedelta(seconds=5), "Another import of yours is running.")
        return load(**_asked)

    load = imports.bulk.load
    monkeypatch.setattr(imports.bulk, "load", busy)
    monkeypatch.setattr(import_history.time, "sleep", pauses.append)
    (tmp_path / "endsong_0.json").write_bytes(text())
    code, out, err = command("--user", "anna", tmp_path, "--json")
    assert (code, json.loads(out)["state"], json.loads(out)["new"]) == (0, "done", 3)
    assert pauses.count(import_history.PAUSE_S) == 8
    assert err.count("Another import of yours is running.") == 1


def test_the_command_says_which_file_it_may_not_read(anna, tmp_path, monkeypatch) -> None:
    def closed(self: Path, *_asked: object, **_named: object) -> object:
        raise PermissionError(13, "Permission denied", str(self))

    (tmp_path / "endsong_0.json").write_bytes(text())
    (tmp_path / "endsong_1.json").write_bytes(text([row(500)]))
    whole = Path.open
    monkeypatch.setattr(
        Path, "open", lambda self, *a, **k: (closed if self.name == "endsong_0.json" else whole)(self, *a, **k)
    )
    code, out, _err = command("--user", "anna", tmp_path, "--json")
    told = json.loads(out)
    assert (code, told["state"], told["new"]) == (0, "done", 1)
    assert next((file["name"], file["note"]) for file in told["files"]) == (
        "endsong_0.json",
        "This server may not read this file.",
    )


def test_a_full_disk_while_importing_is_said(anna, tmp_path, monkeypatch) -> None:
    def full(**_asked: object) -> object:
        raise OSError(errno.ENOSPC, "No space left on device")

    (tmp_path / "endsong_0.json").write_bytes(text())
    with monkeypatch.context() as patched:
        patched.setattr(imports.bulk, "load", full)
        code, _out, err = command("--user", "anna", tmp_path)
    assert (code, Job.objects.get().attempts) == (1, 1)
    assert "disk is full" in err
    assert command("--user", "anna", tmp_path)[0] == 0
