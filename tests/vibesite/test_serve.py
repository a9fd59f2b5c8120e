"""The supervisor: starts again what fell, ends gently, leaves nothing over; `serve` says clearly what is in its way."""

import io
import re
import signal
import socket
import sys
import time

import psutil
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from vibesite.management.commands import serve
from vibesite.supervisor import Child, Supervisor

STUBBORN = """
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print("ready", flush=True)
time.sleep(60)
"""
GENTLE = """
import signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: (print("finishing", flush=True), sys.exit(0)))
print("ready", flush=True)
time.sleep(60)
"""


@pytest.fixture
def supervisor(tmp_path):
    supervisor = Supervisor(folder=tmp_path, out=io.StringIO(), grace_s=0.5)
    yield supervisor
    for child in supervisor.children:
        supervisor._sweep(child)


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def until(what, seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "not in time"
        time.sleep(0.02)


def said(supervisor: Supervisor) -> str:
    return supervisor.out.getvalue()


pytestmark = pytest.mark.kill


def test_lines_carry_the_name_of_their_process(supervisor):
    supervisor.add(Child("web", python("print('hello')\nimport time; time.sleep(60)")))
    until(lambda: "     web │ hello\n" in said(supervisor))


def test_what_fell_is_started_again_with_patience(supervisor):
    child = Child("web", python("raise SystemExit(3)"))
    supervisor.add(child)
    until(lambda: not child.running)
    supervisor.watch_once()
    assert child.running  # the first fall is forgiven at once
    assert "code 3" in said(supervisor)
    until(lambda: not child.running)
    supervisor.watch_once()
    supervisor.watch_once()
    assert not child.running
    assert "in 2 s" in said(supervisor)


def test_a_gentle_end_lets_children_finish_late_ones_last(supervisor):
    supervisor.grace_s = 10
    for name, late in (("sandbox", True), ("live", False)):
        supervisor.add(Child(name, python(GENTLE), late=late))
    until(lambda: said(supervisor).count("ready") == 2)
    supervisor.stop()
    until(lambda: said(supervisor).count("finishing") == 2)
    assert said(supervisor).index("live │ finishing") < said(supervisor).index("sandbox │ finishing")
    assert all(child.process.returncode == 0 for child in supervisor.children)


def test_a_stubborn_child_is_killed_with_its_children(supervisor):
    child = Child("live", python(STUBBORN))
    supervisor.add(child)
    until(lambda: "ready" in said(supervisor))
    family = psutil.Process(child.process.pid).children(recursive=True)
    assert family
    supervisor.stop()
    assert child.process.returncode == -signal.SIGKILL
    assert not psutil.wait_procs(family, timeout=5)[1]
    assert "killed" in said(supervisor)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="asks the Linux kernel")
def test_children_die_with_a_killed_supervisor(tmp_path):
    code = f"""
import sys
sys.path.insert(0, {str(serve.settings.BASE_DIR)!r})
from pathlib import Path
from vibesite.supervisor import Child, Supervisor
s = Supervisor(folder=Path({str(tmp_path)!r}))
s.add(Child("web", [sys.executable, "-c", "import time; print('ready', flush=True); time.sleep(60)"]))
s.run()
"""
    parent = psutil.Popen(python(code), stdout=-1)
    until(lambda: b"ready" in parent.stdout.readline())
    children = parent.children(recursive=True)
    parent.kill()
    assert not psutil.wait_procs([parent, *children], timeout=5)[1]


def test_a_port_in_use_is_said_clearly():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(CommandError, match=f"Port {port} .*running already"):
            call_command("serve", port=port)


def test_starting_over_needs_the_demo():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with pytest.raises(CommandError, match="only for --demo"):
        call_command("serve", port=port, fresh=True)


def test_starting_over_deletes_this_hosts_data_only(settings, tmp_path):
    settings.VAR_DIR = tmp_path
    for name in (
        "vibesite.sqlite3",
        "vibesite.sqlite3-wal",
        "broker.sqlite3",
        "sandbox.json",
        "demo-seeded",
        "mine.txt",
    ):
        (tmp_path / name).touch()
    (tmp_path / "columns").mkdir()
    serve.start_over()
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


@pytest.mark.django_db
def test_in_production_the_files_of_pages_lie_ready_without_another_command(settings, tmp_path, client):
    whitenoise = {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}
    settings.STATIC_ROOT, settings.STORAGES = tmp_path, settings.STORAGES | {"staticfiles": whitenoise}
    serve.gather_files()
    page = client.get("/")
    assert page.status_code == 200
    named = re.findall(r'"/static/([^"#]+)', page.content.decode())
    assert named
    assert all((tmp_path / name).is_file() for name in named)


def test_gunicorn_takes_every_setting_of_its_file() -> None:
    """A hook with other arguments than it is called with would keep the web processes from starting."""
    from gunicorn.config import KNOWN_SETTINGS, Config

    from vibesite import gunicorn

    config, known = Config(), {setting.name for setting in KNOWN_SETTINGS}
    told = {name: value for name, value in vars(gunicorn).items() if name in known}
    assert {"post_fork", "post_request", "post_worker_init", "workers"} <= set(told)
    for name, value in told.items():
        config.set(name, value)
