"""Pictures of pages, for eyes: `python -m tests.journeys.shots http://127.0.0.1:8000/ … --out DIR [--user NAME]`.

Each address is taken in light and dark at three widths. With `--user`, signs in first (`--password`, default the name).
"""

import argparse
import re
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

WIDTHS = (360, 768, 1440)
ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("urls", nargs="+")
    parser.add_argument("--out", type=Path, default=Path("var/shots"))
    parser.add_argument("--widths", type=lambda text: [int(word) for word in text.split(",")], default=list(WIDTHS))
    parser.add_argument("--themes", type=lambda text: text.split(","), default=["light", "dark"])
    parser.add_argument("--user", default="")
    parser.add_argument("--password", default="")
    parser.add_argument("--no-js", action="store_true")
    parser.add_argument("--viewport", action="store_true", help="only what fits the window, not the whole page")
    parser.add_argument("--slice", type=int, default=0, help="cut long pages into pictures of this height, in px")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path="/usr/bin/chromium", args=ARGS)
        state = _sign_in(browser, options) if options.user else None
        for theme in options.themes:
            for width in options.widths:
                context = browser.new_context(
                    viewport={"width": width, "height": 900},
                    color_scheme=theme,
                    storage_state=state,
                    java_script_enabled=not options.no_js,
                )
                _take(context, options, theme, width)
                context.close()
        browser.close()


def _sign_in(browser: Browser, options: argparse.Namespace) -> dict:
    context = browser.new_context()
    page = context.new_page()
    page.goto(urljoin(options.urls[0], "/accounts/login/"))
    page.fill("input[name=login]", options.user)
    page.fill("input[name=password]", options.password or options.user)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(lambda url: "/login" not in url)
    return context.storage_state()


def _take(context: BrowserContext, options: argparse.Namespace, theme: str, width: int) -> None:
    page = context.new_page()
    for url in options.urls:
        page.goto(url)
        parts = urlsplit(url)
        name = re.sub(r"[^\w]+", "-", f"{parts.path}-{parts.query}").strip("-") or "home"
        target = options.out / f"{name}-{theme}-{width}.png"
        if options.slice:
            _cut(page, target, width, options.slice)
        else:
            page.screenshot(path=target, full_page=not options.viewport, animations="disabled")
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        print(target, f"OVERFLOWS by {wide} px" if wide > 0 else "")


def _cut(page: Page, target: Path, width: int, height: int) -> None:
    whole = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size({"width": width, "height": whole})
    for number, top in enumerate(range(0, whole, height)):
        clip = {"x": 0, "y": top, "width": width, "height": min(height, whole - top)}
        page.screenshot(path=target.with_stem(f"{target.stem}-{number}"), clip=clip, animations="disabled")
    page.set_viewport_size({"width": width, "height": 900})


if __name__ == "__main__":
    main()
