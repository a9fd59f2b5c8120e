"""The frame under the services: HTTP, faults on the wire, the state file, the clock, what the package may import."""

from __future__ import annotations

import ast
import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests

import vibesite.sandbox
from tests.sandbox_fixtures import TestSandbox
from vibesite.sandbox import spotify_fields
from vibesite.sandbox.clock import Clock
from vibesite.sandbox.faults import KINDS, Faults
from vibesite.sandbox.service import Service

PACKAGE = Path(vibesite.sandbox.__file__).parent
ROOT = PACKAGE.parents[1]


def test_the_package_imports_nothing_of_ours():
    allowed = set(sys.stdlib_module_names) | {"werkzeug", "numpy", "msgspec", "vibesite"}
    for file in PACKAGE.glob("**/*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module or ""]
            for name in names:
                assert name.partition(".")[0] in allowed, f"{file.name} imports {name}"
                assert not name.startswith("vibesite") or name.startswith("vibesite.sandbox"), f"{file.name}: {name}"


# HTTP


def _raw(sandbox, sent: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", sandbox.port), timeout=5) as line:
        line.sendall(sent)
        line.shutdown(socket.SHUT_WR)
        parts = []
        while part := line.recv(65536):
            parts.append(part)
    return b"".join(parts)


def test_one_connection_carries_many_requests(sandbox):
    line = http.client.HTTPConnection("127.0.0.1", sandbox.port, timeout=5)
    for _ in range(3):
        line.request("GET", "/_sandbox/clock")
        answer = line.getresponse()
        assert answer.status == 200
        answer.read()
        assert line.sock is not None
    line.close()


def test_odd_requests(sandbox):
    assert _raw(sandbox, b"nonsense\r\n\r\n").startswith(b"HTTP/1.1 400")
    assert _raw(sandbox, b"GET / HTTP/1.1\r\nno colon\r\n\r\n").startswith(b"HTTP/1.1 400")
    assert _raw(sandbox, b"GET / HTTP/1.1\r\nX: " + b"a" * 70_000 + b"\r\n\r\n").startswith(b"HTTP/1.1 431")
    assert _raw(sandbox, b"POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n").startswith(b"HTTP/1.1 400")
    assert _raw(sandbox, b"POST / HTTP/1.1\r\nContent-Length: 999999999999\r\n\r\n").startswith(b"HTTP/1.1 413")
    assert b"Connection: close" in _raw(sandbox, b"GET / HTTP/1.0\r\n\r\n")
    head = _raw(sandbox, b"HEAD / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200")
    assert head.endswith(b"\r\n\r\n")
    chunks = b'4\r\n{"se\r\n1B\r\nt":"2026-11-20T12:00:00Z"}\r\n0\r\n\r\n'
    request = b"POST /_sandbox/clock HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert b"2026-11-20T12:00" in _raw(sandbox, request + chunks)


def test_many_clients_at_once(sandbox):
    sandbox.app(rate_limit=10_000, quota=None)
    headers = [sandbox.headers_for(one.id) for one in sandbox.listeners]

    def ask(number: int) -> int:
        mine = headers[number % len(headers)]
        return requests.get(sandbox.url + "/v1/me/playlists", headers=mine, timeout=20).status_code

    with ThreadPoolExecutor(16) as pool:
        assert set(pool.map(ask, range(200))) == {200}


# Faults


def _me(sandbox, **more: object) -> requests.Response:
    headers = sandbox.headers_for(sandbox.listeners[0].id)
    return requests.get(sandbox.url + "/v1/me/tracks", headers=headers, timeout=more.pop("timeout", 5), params=more)


def test_status_fault_by_count_skip_and_path(sandbox):
    sandbox.fault(status=503, path="/v1/me/*", count=2, skip=1)
    sandbox.fault(status=500, path="/v1/albums/*")
    assert [_me(sandbox).status_code for _ in range(4)] == [200, 503, 503, 200]


def test_429_in_every_dress(sandbox):
    sandbox.fault(status=429, retry_after=48925, reason="QUOTA_EXCEEDED", count=1)
    quota = _me(sandbox)
    assert quota.json()["error"] == {"status": 429, "message": "Too many requests", "reason": "QUOTA_EXCEEDED"}
    assert quota.headers["Retry-After"] == "48925"
    sandbox.fault(status=429, body="text", count=1)
    bare = _me(sandbox)
    assert (bare.text, "Retry-After" in bare.headers) == ("Too many requests", False)


def test_faults_of_one_listener_leave_others_alone(sandbox):
    sandbox.fault(status=502, listener=sandbox.listeners[1].id)
    assert _me(sandbox).status_code == 200
    other = sandbox.headers_for(sandbox.listeners[1].id)
    assert requests.get(sandbox.url + "/v1/me", headers=other, timeout=5).status_code == 502


def test_broken_bodies(sandbox):
    sandbox.fault(kind="cut", count=1)
    with pytest.raises(requests.RequestException):
        _me(sandbox)
    sandbox.fault(kind="bad_json", count=1)
    with pytest.raises(requests.JSONDecodeError):
        _me(sandbox).json()
    sandbox.fault(kind="content", count=1)
    assert _me(sandbox).headers["Content-Type"].startswith("text/html")
    sandbox.fault(kind="empty", count=1)
    assert (_me(sandbox).status_code, _me(sandbox).status_code) == (200, 200)


def test_silence_and_dropped_lines(sandbox):
    sandbox.fault(kind="reset", count=1)
    with pytest.raises(requests.ConnectionError):
        _me(sandbox)
    sandbox.fault(kind="hang", seconds=2, count=1)
    with pytest.raises(requests.ReadTimeout):
        _me(sandbox, timeout=0.2)
    sandbox.fault(kind="slow", seconds=0.3, count=1)
    started = time.perf_counter()
    assert _me(sandbox).status_code == 200
    assert time.perf_counter() - started >= 0.3


def test_dead_tokens(sandbox):
    mara = sandbox.listeners[0].id
    held = sandbox.tokens_for(mara)
    form = {"grant_type": "refresh_token", "refresh_token": held["refresh_token"]}

    def refresh() -> requests.Response:
        auth = ("sandbox-app", "sandbox-secret")
        return requests.post(sandbox.url + "/api/token", data=form, auth=auth, timeout=5)

    sandbox.fault(kind="expire", count=1)
    assert _me(sandbox).json()["error"] == {"status": 401, "message": "The access token expired"}
    storm = sandbox.fault(kind="invalid_grant", path="/api/token")
    assert refresh().json() == {"error": "invalid_grant", "error_description": "Refresh token revoked"}
    sandbox.faults.remove(storm.id)
    assert refresh().status_code == 200  # it was a lie
    sandbox.fault(kind="revoke", path="/api/token", count=1)
    assert refresh().json()["error"] == "invalid_grant"
    assert refresh().json()["error"] == "invalid_grant"  # it was not


def test_doubled_and_null_items(sandbox):
    whole = _me(sandbox, limit=9).json()["items"]
    sandbox.fault(kind="duplicates", count=1)
    assert len(_me(sandbox, limit=9).json()["items"]) == 12
    sandbox.fault(kind="nulls", nth=2, count=1)
    holed = _me(sandbox, limit=9).json()["items"]
    assert [item["track"] is None for item in holed] == [place % 2 == 1 for place in range(9)]
    assert holed[0] == whole[0]


def test_rates_repeat_with_the_salt():
    def hits() -> list[bool]:
        faults = Faults("salt")
        faults.add({"status": 500, "rate": 0.3})
        return [bool(faults.strike(KINDS, method="GET", path="/x")) for _ in range(200)]

    assert hits() == hits()
    assert 30 < sum(hits()) < 90


@pytest.mark.parametrize("asked", [{}, {"kind": "gremlin"}, {"status": 200}, {"status": 500, "rate": 2}])
def test_impossible_faults(asked):
    with pytest.raises(ValueError, match="must be"):
        Faults().add(asked)


# State and clock


def test_state_outlives_a_restart(sandbox, tmp_path):
    path, world = tmp_path / "state.json", sandbox.sandbox.base_world
    with TestSandbox(world, state_path=path) as first:
        mara = first.listeners[0].id
        held = first.tokens_for(mara)
        headers = {"Authorization": f"Bearer {held['access_token']}"}
        url = first.url + "/v1/me/playlists"
        made = requests.post(url, json={"name": "Kept"}, headers=headers, timeout=5).json()
        first.add_play(mara, world.tracks[0], datetime(2026, 11, 1, tzinfo=UTC))
        first.revoke(first.listeners[1].id)
        first.clock.freeze(datetime(2026, 11, 20, 12, tzinfo=UTC))
        first.state.changed()
    with TestSandbox(world, state_path=path) as second:
        assert second.clock.now() == datetime(2026, 11, 20, 12, tzinfo=UTC)
        second.clock.reset()
        answer = requests.get(f"{second.url}/v1/playlists/{made['id']}", headers=headers, timeout=5)
        assert answer.json()["snapshot_id"] == made["snapshot_id"]
        assert len(second.world.injected(mara)) == 1
        assert second.state.generation("sandbox-app", second.listeners[1].id) == 1


def test_tokens_outlive_a_sandbox_without_a_file(sandbox):
    with TestSandbox(sandbox.sandbox.base_world) as first:
        headers = first.headers_for(first.listeners[0].id)
    with TestSandbox(sandbox.sandbox.base_world) as second:
        assert requests.get(second.url + "/v1/me", headers=headers, timeout=5).status_code == 200


def test_a_broken_state_file_is_put_aside(sandbox, tmp_path):
    path = tmp_path / "state.json"
    path.write_text("{")
    with TestSandbox(sandbox.sandbox.base_world, state_path=path) as again:
        assert again.app().seats == 5
    assert (tmp_path / "state.broken").exists()


def test_clock_jumps_runs_and_freezes():
    clock = Clock()
    noon = datetime(2030, 1, 1, 12, tzinfo=UTC)
    clock.freeze(noon)
    assert clock.now() == clock.now() == noon
    clock.jump(timedelta(days=-1))
    assert clock.now() == noon - timedelta(days=1)
    clock.run(3600)
    assert noon - timedelta(days=1) <= clock.now() < noon
    with pytest.raises(ValueError, match="0 or more"):
        clock.run(-1)
    clock.reset()
    assert clock.as_dict()["real"]


def test_a_service_is_a_few_lines(sandbox):
    service = Service("echo", "Echo", prefix="/echo")

    @service.route("/<word>")
    def echo(call):
        return {"word": call.args["word"], "at": call.now.isoformat()}

    from vibesite.sandbox.app import _url_map

    frame = sandbox.sandbox
    old = frame._urls
    frame._urls = _url_map([*frame.services, service])
    try:
        assert requests.get(sandbox.url + "/echo/hello", timeout=5).json()["word"] == "hello"
        assert sandbox.requests("/echo/*")[0]["service"] == "echo"
    finally:
        frame._urls = old


@pytest.mark.kill
def test_the_command_serves_and_ends_gently(tmp_path):
    state = tmp_path / "state.json"
    command = [sys.executable, "manage.py", "sandbox", "--port", "0", "--size", "small", "--state", str(state)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, env=os.environ | {"DEBUG": "1"})
    try:
        url = re.search(r"http://\S+?/", process.stdout.readline())[0]
        assert requests.get(url, timeout=5).status_code == 200
        requests.post(url + "_sandbox/options", json={"null_playlists": True}, timeout=5)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0
        assert '"null_playlists":true' in state.read_text()
    finally:
        process.kill()
        process.stdout.close()


# The `fields` filter


@pytest.mark.parametrize(
    ("fields", "left"),
    [
        ("a", {"a": 1}),
        ("b.c", {"b": {"c": 2}}),
        ("b(c,d.e)", {"b": {"c": 2, "d": {"e": 3}}}),
        ("b(!d)", {"b": {"c": 2}}),
        ("!b,!list", {"a": 1}),
        ("list(x),a", {"a": 1, "list": [{"x": 1}, {"x": 2}, None]}),
        ("nothing", {}),
    ],
)
def test_fields(fields, left):
    body = {"a": 1, "b": {"c": 2, "d": {"e": 3, "f": 4}}, "list": [{"x": 1, "y": 1}, {"x": 2, "y": 2}, None]}
    assert spotify_fields.keep(body, spotify_fields.parse(fields)) == left


@pytest.mark.parametrize("fields", ["a(b", "a)", "a,,b", ".a", "a..b"])
def test_broken_fields(fields):
    with pytest.raises(ValueError, match=re.escape(fields)):
        spotify_fields.parse(fields)
