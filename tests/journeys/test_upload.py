"""An upload that is refused, in a real browser: with scripts before it is sent, without them after."""

import pytest
from playwright.sync_api import expect, sync_playwright

from tests.factories.accounts import UserFactory
from tests.journeys.browser import ARGS, session_cookie, visit

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("scripts", [True, False], ids=["with-scripts", "without-scripts"])
def test_what_is_too_large_is_refused_in_the_colour_of_trouble_with_its_limit(
    live_server, client, settings, monkeypatch, scripts
):
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # playwright's loop runs in this thread; our views do not
    settings.UPLOAD_MAX_BYTES = 2_000_000
    client.force_login(UserFactory())
    large = {"name": "my_spotify_data.zip", "mimeType": "application/zip", "buffer": bytes(3_000_000)}
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path="/usr/bin/chromium", args=ARGS)
        cookies = session_cookie(live_server.url, client)
        with visit(browser, live_server.url, cookies, java_script_enabled=scripts) as page:
            page.goto(live_server.url + "/imports/")
            page.locator("input[type=file]").set_input_files(files=[large])
            page.get_by_role("button", name="Import").click()
            said = page.get_by_role("status" if scripts else "alert").filter(has_text="at most 2 MB")
            expect(said).to_be_visible()
            if scripts:
                bad = page.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--bad')")
                page.evaluate("bad => document.body.style.setProperty('color', bad)", bad)
                assert said.evaluate("e => getComputedStyle(e).color") == page.evaluate(
                    "getComputedStyle(document.body).color"
                )
            else:
                below = page.locator("form.drop").bounding_box()["y"]
                box = said.bounding_box()
                assert below - box["y"] - box["height"] >= 12
        browser.close()
