"""Charts in a real browser: axe with every table open, tooltips, arrow keys, a phone's width, links without scripts."""

import os
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from playwright.sync_api import Browser, expect, sync_playwright

from tests.factories.accounts import UserFactory
from tests.journeys.browser import ARGS, session_cookie, visit

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

AXE = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # playwright's loop runs in this thread; our views do not
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path="/usr/bin/chromium", args=ARGS)
        yield browser
        browser.close()
    os.environ.pop("DJANGO_ALLOW_ASYNC_UNSAFE")


@pytest.fixture
def signed_in(live_server) -> list[dict]:
    client = Client()
    client.force_login(UserFactory(is_staff=True))
    return session_cookie(live_server.url, client)


@pytest.mark.parametrize(("width", "theme"), [(360, "dark"), (800, "light"), (1440, "light")])
def test_every_chart_is_accessible_and_fits(chromium, live_server, signed_in, width, theme):
    shape = {"viewport": {"width": width, "height": 900}, "color_scheme": theme}
    with visit(chromium, live_server.url, signed_in, **shape) as page:
        page.goto(live_server.url + "/gallery/charts/")
        page.evaluate(  # the small tables: axe takes a minute for a year of days
            """() => document.querySelectorAll('details').forEach((each) => {
                 each.open = each.querySelectorAll('td').length < 100;
               })"""
        )
        found = Axe().run(page, options=AXE).response["violations"]
        assert [(each["id"], each["nodes"][0]["html"]) for each in found] == []
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
        overlapping = page.evaluate(
            """() => [...document.querySelectorAll('.graph-svg')].flatMap((svg) => {
                 const labels = [...svg.querySelectorAll(':scope > .graph-label[text-anchor]')].map((each) =>
                   [each.textContent, each.getBoundingClientRect()]).filter(([, box]) => box.width);
                 return labels.filter(([, box], index) => labels.some(([, other], at) => at > index &&
                   box.right > other.left + 1 && box.left < other.right - 1 && Math.abs(box.top - other.top) < 4))
                   .map(([text]) => text);
               })"""
        )
        assert overlapping == []


def test_a_mark_says_itself_at_once_and_arrow_keys_walk(chromium, live_server, signed_in):
    with visit(chromium, live_server.url, signed_in, viewport={"width": 1440, "height": 900}) as page:
        page.goto(live_server.url + "/gallery/charts/")
        year = page.locator("figure", has_text="Plays a day, a year")
        tip, marks = year.locator(".graph-tip"), year.locator("svg a.mark")
        marks.first.hover()
        expect(tip).to_contain_text("November 2025")
        page.mouse.move(0, 0)
        marks.first.focus()
        page.keyboard.press("ArrowRight")
        expect(marks.nth(1)).to_be_focused()
        expect(tip).to_be_visible()
        expect(marks.nth(1)).to_have_attribute("tabindex", "0")
        expect(marks.first).to_have_attribute("tabindex", "-1")
        page.keyboard.press("End")
        expect(marks.last).to_be_focused()
        expect(tip).to_contain_text("21 November 2026")
        page.keyboard.press("Escape")
        expect(tip).to_be_hidden()
        page.keyboard.press("Tab")
        expect(year.locator("summary")).to_be_focused()


def test_the_calendar_opens_at_its_newest_day_on_a_phone(chromium, live_server, signed_in):
    with visit(chromium, live_server.url, signed_in, viewport={"width": 360, "height": 900}) as page:
        page.goto(live_server.url + "/gallery/charts/")
        scroller = page.get_by_role("region", name="Each day", exact=True)
        expect(scroller).to_be_visible()
        assert scroller.evaluate("(each) => each.scrollLeft") > 200


def test_without_scripts_the_tables_open_and_lead_on(chromium, live_server, signed_in):
    with visit(chromium, live_server.url, signed_in, java_script_enabled=False) as page:
        page.goto(live_server.url + "/gallery/charts/")
        hours = page.locator("figure", has_text="Plays by hour")
        hours.get_by_text("Show as table").click()
        row = hours.locator("tbody tr").first
        expect(row).to_contain_text("00")
        row.get_by_role("link").click()
        assert "?at=00" in page.url
