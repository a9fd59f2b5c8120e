"""Every page in a real browser: axe in paper and dark, 360 px wide, without JavaScript, with nothing from elsewhere."""

import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect, sync_playwright

from accounts.models import Job, User
from ingest.actions import enrich
from ingest.models import HistoryImport, Track
from ingest.providers.reccobeats import ReccoBeats
from playlists.actions import schedules
from playlists.models import Playlist, Rule, Schedule
from tests.factories.accounts import JobFactory, SpotifyConnectionFactory, UserFactory
from tests.factories.ingest import AlbumFactory, ArtistFactory, TrackFactory, heard
from tests.journeys.browser import ARGS, session_cookie, visit

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

VISITOR = ["/", "/about/", "/accounts/login/", "/accounts/signup/", "/accounts/password/reset/", "/nowhere/"]
PERSON = [
    "/",
    "/welcome/",
    "/log/",
    "/log/?q=nothing-like-it",
    "/top/tracks/",
    "/top/artists/?range=all&by=time",
    "/top/albums/?range=custom&from=2026-01-01",
    "/time/?range=all",
    "/sessions/",
    "/skips/",
    "/compare/",
    "/counting/",
    "/listening/?range=all",
    "/sound/",
    "/top/genres/",
    "/discoveries/",
    "/milestones/",
    "/on-this-day/",
    "/decades/",
    "/snapshots/",
    "/wellness/",
    "/rules/",
    "/rules/new/?template=blank",
    "/rules/preview/",
    "/rules/classic/?genre=on&year=on",
    "/rules/import/",
    "/playlists/",
    "/playlists/new/",
    "/playlists/from-listening/?range=all",
    "/log/?view=timeline",
    "/log/add/",
    "/log/hidden/",
    "/recordings/",
    "/export/",
    "/api/",
    "/library/",
    "/library/lists/new/",
    "/tracks/",
    "/tracks/known/",
    "/tracks/chosen/?scope=all",
    "/imports/",
    "/connections/",
    "/connections/calls/",
    "/jobs/",
    "/settings/",
    "/settings/leave/",
    "/settings/tokens/",
    "/accounts/password/change/",
]
NEWCOMER = ["/", "/log/", "/time/", "/sessions/", "/top/tracks/", "/library/", "/tracks/", "/imports/", "/jobs/"]
NAMES = ["Teardrop", "أغنية الليل والنجوم", "Wort" * 40, "Станция «Мечта» (Ночная версия, 2011)", "夜の電車"]
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
def listener() -> User:
    """Somebody whose pages are full, with names that try a layout."""
    user = UserFactory(username="listener", first_name="Maximiliane-Friederike von und zu", time_zone="Europe/Berlin")
    now = datetime.now(UTC)
    for number, name in enumerate(NAMES):
        album = AlbumFactory(name=name, artist=ArtistFactory(name=name))
        heard(user, TrackFactory(name=name, album=album), now - timedelta(hours=number + 1), seconds=200 - 45 * number)
    JobFactory(owner=user, kind="history_import", state=Job.State.RUNNING, done=5, total=9, message="Reading")
    JobFactory(owner=user, kind="history_import", state=Job.State.FAILED, error="The archive is cut off.")
    SpotifyConnectionFactory(user=user, state="reconnect", display_name="Wort" * 20)
    shared = Playlist.objects.create(owner=user, name="Wort" * 20)
    for name in NAMES:
        rule = Rule.objects.create(user=user, name=name, body={"conditions": []}, playlist=shared)
    schedules.keep(rule=rule, kind="daily", hour=6, weekday=1, now=now)
    Schedule.objects.update(started_at=now, outcome="failed", message="Wort" * 40, failures=3, stopped_at=now)
    HistoryImport.objects.create(
        user=user, name="Wort" * 30 + ".zip", state="failed", error="Nothing in it is history."
    )
    return user


def signed_in(user: User, home: str) -> list[dict[str, Any]]:
    client = Client()
    client.force_login(user)
    return session_cookie(home, client)


def check(page: Page, address: str) -> list[str]:
    """What is wrong with the page: axe's violations, and anything wider than the window."""
    page.goto(address)
    found = Axe().run(page, options=AXE).response["violations"]
    problems = [f"{address} {each['id']}: {each['nodes'][0]['html'][:160]} ({len(each['nodes'])})" for each in found]
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return [*problems, *([f"{address} is {wide} px too wide"] if wide > 0 else [])]


@pytest.mark.parametrize(("theme", "width"), [("light", 360), ("dark", 1280)])
def test_every_page_is_accessible_and_fits(chromium, live_server, listener, theme, width):
    home = live_server.url
    shape = {"color_scheme": theme, "viewport": {"width": width, "height": 900}}
    operator = UserFactory(username="operator", is_staff=True, is_superuser=True)
    job, upload = Job.objects.of(listener).first(), HistoryImport.objects.get()
    more = [reverse("accounts:job", args=[job.pk]), reverse("ingest:import", args=[upload.pk])]
    more += [reverse("playlists:rule-preview", args=[rule.pk]) for rule in Rule.objects.order_by("pk")[3:]]
    song = Track.objects.get(name=NAMES[2])
    known = {"energy": 0.5, "genres": {NAMES[3].lower(): 1.0}}
    enrich.keep(ReccoBeats(), "track", {song.pk: known}, now=datetime.now(UTC))
    of_song = ("insights:track", "ingest:track-facts", "playlists:track-rules")
    more += [reverse(name, args=[song.pk]) for name in of_song]
    problems: list[str] = []
    for user, paths in (
        (None, VISITOR),
        (listener, PERSON + more),
        (UserFactory(), NEWCOMER),
        (operator, ["/gallery/?toast=1", "/invitations/"]),
    ):
        with visit(chromium, home, signed_in(user, home) if user else None, **shape) as page:
            for path in paths:
                problems += check(page, home + path)
    assert not problems, "\n".join(problems)


@pytest.mark.parametrize("width", [360, 1280])
def test_a_long_name_pushes_no_figure_out_of_sight(chromium, live_server, listener, width):
    home = live_server.url
    shape = {"viewport": {"width": width, "height": 900}}
    wide = "[...document.querySelectorAll('main .scroller')].map(each => each.scrollWidth - each.clientWidth)"
    with visit(chromium, home, signed_in(listener, home), **shape) as page:
        for path in ("/sessions/?range=all", "/skips/?range=all", "/compare/", "/discoveries/?range=all"):
            page.goto(home + path)
            assert page.locator("main .scroller").count(), path
            assert max(page.evaluate(wide)) <= 0, path


def test_every_page_works_without_javascript(chromium, live_server, listener):
    home = live_server.url
    cookies = signed_in(listener, home)
    with visit(chromium, home, cookies, java_script_enabled=False, viewport={"width": 360, "height": 900}) as page:
        for path in PERSON:
            assert page.goto(home + path).status == 200, path
            expect(page.locator("h1")).to_be_visible()
        page.goto(home + "/log/")
        page.get_by_label("Title, artist or album").fill("teardrop")
        page.get_by_role("button", name="Find").click()
        expect(page.locator(".track-title")).to_have_text(["Teardrop"])
        page.locator(".shell-tools summary").click()
        page.get_by_role("button", name="Dark").click()
        expect(page.locator("html")).to_have_attribute("data-theme", "dark")
        assert "/log/" in page.url
        page.locator(".shell-tools summary").click()
        page.get_by_role("button", name="Sign out").click()
        expect(page.get_by_role("link", name="Sign in")).to_be_visible()


def test_the_browser_tells_its_time_zone_once(chromium, live_server):
    home = live_server.url
    user = UserFactory(time_zone="UTC", time_zone_is_known=False)
    with visit(chromium, home, signed_in(user, home), timezone_id="Asia/Kolkata") as page:
        page.goto(home + "/")
        expect(page.locator("clock-zone [role=status]")).to_have_text(
            re.compile("in the time of Asia/(Kolkata|Calcutta).")
        )
        expect(page.locator("form.clock")).to_be_hidden()
        page.goto(home + "/welcome/")
        expect(page.locator("clock-zone")).to_have_count(0)
    user.refresh_from_db()
    assert user.time_zone in ("Asia/Kolkata", "Asia/Calcutta")


@pytest.mark.parametrize("scripts", [True, False])
def test_the_time_zone_is_chosen_by_hand(chromium, live_server, scripts):
    home = live_server.url
    user = UserFactory(time_zone="UTC", time_zone_is_known=False)
    shape = {"java_script_enabled": scripts, "viewport": {"width": 360, "height": 900}}
    with visit(chromium, home, signed_in(user, home), **shape) as page:
        if scripts:
            page.add_init_script("sessionStorage.setItem('clock-told', '1')")  # as if it had been told and refused
            assert check(page, home + "/welcome/") == []
        page.goto(home + "/welcome/")
        page.get_by_label("Your days are counted in the time of").select_option("Europe/Berlin")
        page.get_by_role("button", name="Use it").click()
        expect(page.locator("clock-zone")).to_have_count(0)
    user.refresh_from_db()
    assert user.time_zone == "Europe/Berlin"


def test_on_paper_stand_the_figures_alone(chromium, live_server, listener):
    home = live_server.url
    ground = "getComputedStyle(document.documentElement).backgroundColor"
    with visit(chromium, home, signed_in(listener, home), color_scheme="dark") as page:
        page.goto(home + "/listening/?range=all")
        expect(page.locator(".shell-nav")).to_be_visible()
        page.emulate_media(media="print")
        for pressed in (".shell-nav", ".sections", ".tools", ".spotify-link"):
            expect(page.locator(pressed).first).to_be_hidden()
        expect(page.locator(".figure-value").first).to_be_visible()
        assert page.evaluate(ground) == "rgba(0, 0, 0, 0)"


def test_a_chosen_theme_wins_over_the_devices(chromium, live_server):
    ground = "getComputedStyle(document.documentElement).backgroundColor"
    with visit(chromium, live_server.url, color_scheme="light") as page:
        page.goto(live_server.url)
        paper = page.evaluate(ground)
        page.locator(".shell-tools summary").click()
        page.get_by_role("button", name="Dark").click()
        dark = page.evaluate(ground)
        assert dark != paper
        page.emulate_media(color_scheme="dark")
        page.locator(".shell-tools summary").click()
        page.get_by_role("button", name="Paper").click()
        assert page.evaluate(ground) == paper
        page.locator(".shell-tools summary").click()
        page.get_by_role("button", name="Follow").click()
        assert page.evaluate(ground) == dark


def test_the_keyboard_reaches_everything(chromium, live_server, listener):
    home = live_server.url
    with visit(chromium, home, signed_in(listener, home), viewport={"width": 1280, "height": 900}) as page:
        page.goto(home + "/gallery/")
        page.goto(home + "/")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip-link"
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "main"
        page.locator(".shell-tools summary").focus()
        page.keyboard.press("Enter")
        expect(page.locator(".menu-sheet")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.locator(".menu-sheet")).to_be_hidden()
        assert page.evaluate("document.activeElement.tagName") == "SUMMARY"


def test_dialogs_and_toasts_open_and_close(chromium, live_server):
    operator = UserFactory(is_staff=True)
    home = live_server.url
    with visit(chromium, home, signed_in(operator, home)) as page:
        page.goto(home + "/gallery/?toast=1")
        expect(page.locator(".toast")).to_have_count(4)
        page.locator(".toast-close").first.click()
        expect(page.locator(".toast")).to_have_count(3)
        page.get_by_role("button", name="Open a dialog").click()
        expect(page.get_by_role("dialog")).to_be_visible()
        page.get_by_role("button", name="Keep it").click()
        expect(page.get_by_role("dialog")).to_be_hidden()


def test_nothing_moves_for_those_who_ask_for_none(chromium, live_server):
    operator = UserFactory(is_staff=True)
    home = live_server.url
    with visit(chromium, home, signed_in(operator, home), reduced_motion="reduce") as page:
        page.goto(home + "/gallery/?toast=1")
        assert page.evaluate("document.getAnimations().filter((each) => each.playState === 'running').length") == 0


def test_progress_moves_by_itself_and_stops_when_done(chromium, live_server, listener):
    home = live_server.url
    job = Job.objects.of(listener).open().get()
    with visit(chromium, home, signed_in(listener, home)) as page:
        page.goto(home + "/")
        line = page.locator(f"#job-{job.pk}")
        expect(line.locator("progress")).to_have_attribute("value", "56")
        Job.objects.filter(pk=job.pk).update(done=9, state=Job.State.DONE, message="All read.")
        expect(line).to_contain_text("All read.")
        expect(line).not_to_have_attribute("hx-trigger", "every 1s")


def test_a_server_that_does_not_answer_is_told(chromium, live_server, listener):
    home = live_server.url
    with chromium.new_context() as context:
        context.add_cookies(signed_in(listener, home))
        page = context.new_page()
        page.goto(home + "/")
        context.set_offline(True)
        expect(page.locator("#toasts")).to_contain_text("The server did not answer")
        context.set_offline(False)
        expect(page.locator("#toasts .toast")).to_have_count(0)
