"""The product's main job, as a person does it: `manage.py serve` with nothing else, a browser, a sign-in at the
sandbox, plays and likes that arrive, an export zip in Spotify's own layout, and all of it in the log and the lists."""

import re
import time
import urllib.request
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests.journeys import serving
from tests.journeys.browser import ARGS

pytestmark = pytest.mark.browser

LISTENER, NAME = "mara.commutes", "Mara"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """The whole product on this host: its address, and the sandbox's."""
    with serving.demo(tmp_path_factory.mktemp("demo")) as addresses:
        yield addresses


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
