"""`manage.py smoke`: passes on a real server with every provider off, and says what is wrong with a sick one."""

import subprocess
import sys

import pytest

from tests.journeys import serving

PROVIDERS = "reccobeats,lastfm,musicbrainz,listenbrainz,lrclib,estimate"


def smoke(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "manage.py", "smoke", *arguments]
    return subprocess.run(command, cwd=serving.ROOT, capture_output=True, text=True, timeout=180)


@pytest.mark.kill
def test_a_running_server_passes_twice_with_every_provider_off(tmp_path):
    with serving.demo(tmp_path, PROVIDERS_OFF=PROVIDERS) as (home, _sandbox):
        for _time in range(2):
            ran = smoke("--url", home)
            assert ran.returncode == 0, ran.stdout + ran.stderr
            assert "FAILED" not in ran.stdout
            assert ran.stdout.count("\nok ") + ran.stdout.startswith("ok ") >= 20
        refused = smoke("--url", home, "--token", "vs_wrong")
        assert refused.returncode == 1
        assert "FAILED  auth status: GET /auth/status: 401" in refused.stdout
        assert "ok      health" in refused.stdout


def test_nobody_there():
    ran = smoke("--url", f"http://127.0.0.1:{serving.free_port()}")
    assert ran.returncode == 1
    assert "Could not sign in" in ran.stderr
