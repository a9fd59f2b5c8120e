"""The product's main job, as a person does it: `manage.py serve` with nothing else, a browser, a sign-in at the
sandbox, plays and likes that arrive, an export zip in Spotify's own layout, and all of it in the log and the lists."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests.journeys.browser import ARGS

pytestmark = pytest.mark.browser

ROOT = Path(__file__).resolve().parents[2]
LISTENER, NAME = "mara.commutes", "Mara"


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


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """The whole product on this host, embedded, as `script/demo` starts it: its address, and the sandbox's."""
    port, sandbox_port = free_port(), free_port()
    home = f"http://127.0.0.1:{port}"
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("DATABASE_", "REDIS_", "DJANGO_"))}
    folder = tmp_path_factory.mktemp("demo")
    env = kept | {
        "VAR_DIR": str(folder),
        "PORT": str(port),
        "SANDBOX_PORT": str(sandbox_port),
        "SPOTIFY_SANDBOX": "on",
        "DEBUG": "on",
        "SITE_URL": home,
        "ENV_FILE": os.devnull,
    }
    log = folder / "log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "serve", "--sandbox", "--demo"], cwd=ROOT, env=env, stdout=out, stderr=out
        )
    try:
        end = time.monotonic() + 90
        while not (answers(home + "/health/ready") and answers(f"http://127.0.0.1:{sandbox_port}/")):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < end, log.read_text()
            time.sleep(0.1)
        yield home, f"http://127.0.0.1:{sandbox_port}"
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=60)


@pytest.fixture(params=[True, False], ids=["with-scripts", "without-scripts"])
def page(request: pytest.FixtureRequest) -> Iterator[Page]:
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path="/usr/bin/chromium", args=ARGS)
        context = browser.new_context(java_script_enabled=request.param, viewport={"width": 1280, "height": 900})
        page = context.new_page()
        page.set_default_timeout(30_000)
        yield page
        browser.close()


def reload_until(page: Page, words: re.Pattern[str] | str, *, seconds: float = 60) -> None:
    """Without scripts a page stands still: reload it, as a person would."""
    end = time.monotonic() + seconds
    while not page.get_by_text(words).first.is_visible():
        assert time.monotonic() < end, page.inner_text("main")
        page.wait_for_timeout(500)
        page.reload()


def test_from_sign_in_to_a_life_of_listening(demo, page, tmp_path):
    home, sandbox = demo
    page.goto(home)
    page.get_by_role("button", name="Continue with Spotify").first.click()
    page.get_by_role("radio", name=re.compile(NAME)).check()
    page.get_by_role("button", name="Allow").click()
    expect(page).to_have_url(re.compile(f"^{re.escape(home)}/"))

    # Plays and likes arrive by themselves, and say so.
    page.goto(home + "/library/")
    reload_until(page, "Liked tracks")
    page.goto(home + "/log/")
    reload_until(page, re.compile(r"^\d[\d,]* plays"))

    # The export, as Spotify would send it.
    archive = tmp_path / "my_spotify_data.zip"
    with urllib.request.urlopen(f"{sandbox}/_sandbox/exports/{LISTENER}/extended.zip", timeout=120) as answer:
        archive.write_bytes(answer.read())
    page.goto(home + "/imports/")
    page.set_input_files("input[type=file]", archive)
    page.get_by_role("button", name=re.compile("^Import")).click()
    page.wait_for_url(re.compile(r"/imports/\d+/"))
    reload_until(page, re.compile(r"rows were read"), seconds=120)
    account = [int(cell.replace(",", "")) for cell in page.locator("table").first.locator("td").all_inner_texts()]
    *parts, together = account
    assert together > 50_000
    assert sum(parts) == together

    page.get_by_role("link", name="Open the log").click()
    plays = page.locator(".lead").first.inner_text()
    assert re.search(r"from .*2018 to", plays), plays
    page.goto(home + "/log/?day=2019-03-04")
    expect(page.locator("ol.tracks > li").first).to_be_visible()
    for what in ("tracks", "artists", "albums"):
        page.goto(f"{home}/top/{what}/?range=all")
        assert page.locator("ol.chart > li").count() == 50
    page.goto(f"{home}/top/tracks/?range=2019")
    expect(page.locator("ol.chart > li").first).to_be_visible()
