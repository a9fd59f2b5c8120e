"""A real chromium for tests: what every page must hold to is watched here, whatever the test is about."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, expect

ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


expect.set_options(timeout=20_000)


@contextmanager
def visit(browser: Browser, home: str, cookies: list[dict[str, Any]] | None = None, **options: Any) -> Iterator[Page]:
    """A page of its own context. On leaving, fails if anything was asked of another server or the console complained.

    The console is where a browser says that a page broke its own content security policy.
    """
    context: BrowserContext = browser.new_context(**options)
    if cookies:
        context.add_cookies(cookies)
    page = context.new_page()
    page.set_default_timeout(60_000)  # a page may be waited for on a busy machine
    foreign: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: None if _is_ours(request.url, home) else foreign.append(request.url))
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    try:
        yield page
    finally:
        context.close()
    # Pages that are missing or shut are visited on purpose, and too much is sent.
    said = [line for line in said if not any(f"status of {code}" in line for code in (403, 404, 413))]
    assert not foreign, f"asked of other servers: {foreign}"
    assert not said, f"the console says: {said}"


def _is_ours(url: str, home: str) -> bool:
    return url.startswith((home, "data:", "about:"))


def session_cookie(home: str, client: Any) -> list[dict[str, Any]]:
    """The sign-in of a Django test client, for a browser."""
    return [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": home}]
