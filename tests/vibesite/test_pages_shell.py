"""The shell around every page: policy, appearance, errors, manners towards htmx, the manifest."""

import json
import re

import pytest
from django.contrib import messages
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.staticfiles import finders
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse

from accounts.models import Job, User
from tests.factories.accounts import JobFactory
from vibesite import shell
from vibesite.middleware import htmx_manners

HTMX = {"HTTP_HX_REQUEST": "true"}
INLINE = re.compile(r"<style|\sstyle=|\shx-on|\son[a-z]+=\"|javascript:|<script(?![^>]*\ssrc=)")


@pytest.fixture
def signed_in(client, anna) -> Client:
    client.force_login(anna)
    return client


@pytest.mark.parametrize("path", ["/", "/about/", "/accounts/login/", "/accounts/signup/", "/nowhere/"])
def test_pages_for_visitors_obey_their_own_policy(client, db, path):
    response = client.get(path)
    policy = response["Content-Security-Policy"]
    assert "script-src 'self';" in policy
    assert "style-src 'self';" in policy
    assert "unsafe" not in policy
    assert not INLINE.search(response.content.decode())


@pytest.mark.parametrize("path", ["/", "/welcome/", "/about/", "/log/", "/library/", "/imports/", "/top/tracks/"])
def test_pages_for_people_obey_their_own_policy(signed_in, path):
    response = signed_in.get(path)
    assert response.status_code == 200
    assert not INLINE.search(response.content.decode())


def test_pages_ask_nothing_of_other_servers(signed_in):
    page = signed_in.get("/").content.decode()
    assert not re.findall(
        r'(?:src|href)="(?:https?:)?//(?!open\.spotify\.com)[^"]*"(?=[^>]*rel="(?:stylesheet|icon))', page
    )
    assert not re.findall(r'<(?:script|img|link|iframe)[^>]+(?:src|href)="(?:https?:)?//', page)


# --- Appearance -------------------------------------------------------------------------------------------------------
def test_a_visitor_keeps_an_appearance_in_a_cookie(client, db):
    assert 'data-theme="follow"' in client.get("/").content.decode()
    response = client.post(reverse("appearance"), {"theme": "dark", "next": "/about/"})
    assert response["Location"] == "/about/"
    assert 'data-theme="dark"' in client.get("/").content.decode()


def test_a_persons_appearance_goes_with_them(signed_in, anna):
    signed_in.post(reverse("appearance"), {"theme": "light"})
    assert User.objects.get(pk=anna.pk).theme == "light"
    elsewhere = Client()
    elsewhere.force_login(User.objects.get(pk=anna.pk))
    assert 'data-theme="light"' in elsewhere.get("/").content.decode()


@pytest.mark.parametrize(
    "target", ["https://elsewhere.example/", "//elsewhere.example/", "javascript:alert(1)", "foo", "?q=1"]
)
def test_appearance_leads_nowhere_else(client, db, target):
    assert client.post(reverse("appearance"), {"theme": "dark", "next": target})["Location"] == "/"


def test_an_unknown_appearance_is_refused(client, db):
    response = client.post(reverse("appearance"), {"theme": "green"})
    assert response.status_code == 400
    assert "theme" not in response.cookies


def test_appearance_is_not_set_by_a_link(client, db):
    assert client.get(reverse("appearance")).status_code == 405


# --- Errors -----------------------------------------------------------------------------------------------------------
def test_a_missing_page_says_so_in_the_shell(signed_in):
    response = signed_in.get("/nowhere/")
    assert response.status_code == 404
    assert "There is nothing at this address." in response.content.decode()
    assert "Sign out" in response.content.decode()


def test_a_broken_page_needs_no_database(django_assert_num_queries, db):
    request = HttpRequest()
    request.COOKIES["theme"] = "dark"
    with django_assert_num_queries(0), connection.execute_wrapper(_no_queries):
        response = shell.server_error(request)
    assert response.status_code == 500
    assert 'data-theme="dark"' in response.content.decode()
    assert not INLINE.search(response.content.decode())


def _no_queries(*args):
    raise AssertionError("the error page asked the database")


def test_a_request_that_makes_no_sense_is_told_so(db):
    response = shell.bad_request(HttpRequest(), Exception("secret detail"))
    assert response.status_code == 400
    assert "secret detail" not in response.content.decode()


def test_an_old_form_is_told_to_be_sent_again(anna):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(anna)
    response = strict.post(reverse("appearance"), {"theme": "dark"}, HTTP_REFERER="http://testserver/imports/")
    page = response.content.decode()
    assert response.status_code == 403
    assert "That form had grown old." in page
    assert 'href="http://testserver/imports/"' in page


def test_an_old_forms_way_back_leads_nowhere_else(db):
    strict = Client(enforce_csrf_checks=True)
    response = strict.post(reverse("appearance"), {"theme": "dark"}, HTTP_REFERER="https://elsewhere.example/")
    assert "elsewhere" not in response.content.decode()


# --- htmx -------------------------------------------------------------------------------------------------------------
def test_a_lapsed_sign_in_reloads_the_page_instead_of_filling_a_part(client, db):
    response = client.get("/log/", **HTMX)
    assert response.status_code == 204
    assert response["HX-Refresh"] == "true"


@pytest.mark.parametrize(
    ("told", "way"),
    [
        ({"HTTP_REFERER": "http://testserver/log/?q=a&day=2026-11-20"}, "/log/%3Fq%3Da%26day%3D2026-11-20"),
        ({"HTTP_REFERER": "http://elsewhere.example/log/"}, "/"),
        ({"HTTP_REFERER": "http://testserver//elsewhere.example/"}, "/"),
        ({}, "/"),
    ],
)
def test_a_button_after_a_lapsed_sign_in_leads_back_to_its_page(client, db, told, way):
    response = client.post(reverse("ingest:hide"), {"how": "hide"}, **told)
    assert response.url == f"/accounts/login/?next={way}"
    assert "nothing was changed" in client.get(response.url).content.decode()


def _after(response: HttpResponse, *, htmx: bool, toast: str = "") -> HttpResponse:
    """`response` as a browser gets it, when its view left a message."""
    request = RequestFactory().get("/")
    request.htmx = htmx
    request.user = AnonymousUser()
    request.session = SessionBase()
    request._messages = FallbackStorage(request)
    if toast:
        messages.success(request, toast)
    return htmx_manners(lambda request: response)(request)


def test_a_part_brings_its_messages_along():
    page = _after(HttpResponse("<p>A part</p>"), htmx=True, toast="Saved & done").content.decode()
    assert 'hx-swap-oob="beforeend"' in page
    assert "Saved &amp; done" in page


@pytest.mark.parametrize(
    ("response", "htmx"),
    [
        (HttpResponse("<p>A page</p>"), False),
        (HttpResponse("{}", content_type="application/json"), True),
        (HttpResponse("<p>Gone</p>", headers={"HX-Redirect": "/"}), True),
        (HttpResponse("<p>No</p>", status=400), True),
    ],
)
def test_other_answers_leave_messages_for_the_next_page(response, htmx):
    assert "Saved" not in _after(response, htmx=htmx, toast="Saved").content.decode()


def test_a_whole_page_shows_its_messages_once(client, db, settings):
    settings.DEBUG = True
    for headers in ({}, HTMX):
        page = client.get("/gallery/?toast=1", **headers).content.decode()
        assert page.count("A message of this level") == 4


# --- The shell's words ------------------------------------------------------------------------------------------------
def test_visitors_see_no_navigation(client, db):
    page = client.get("/").content.decode()
    assert "shell-nav" not in page
    assert reverse("account_login") in page


def test_people_see_where_they_are_and_what_runs(signed_in, anna):
    JobFactory(owner=anna, state=Job.State.RUNNING)
    page = signed_in.get("/log/").content.decode()
    assert re.search(r'<a href="/log/" aria-current="page">', page)
    assert "jobs running" in page
    assert "/admin/" not in page


@pytest.mark.parametrize(
    ("section", "pages"),
    [
        ("/library/", ["/library/", "/tracks/", "/tracks/known/", "/recordings/"]),
        ("/playlists/", ["/playlists/", "/rules/"]),
    ],
)
def test_the_pages_of_a_section_lead_to_one_another(signed_in, section, pages):
    for here in pages:
        page = signed_in.get(here).content.decode()
        assert f'<a href="{section}" aria-current="page">' in page
        (tabs,) = re.findall(r'<nav class="sections tabs".*?</nav>', page, re.DOTALL)
        assert re.findall(r'href="([^"]+)"', tabs) == pages
        assert re.findall(r'href="([^"]+)" aria-current="page"', tabs) == [here]


def test_operators_see_the_admin(client, operator):
    client.force_login(operator)
    assert reverse("admin:index") in client.get("/").content.decode()


def test_the_gallery_is_for_builders(signed_in, client, operator, settings):
    settings.DEBUG = False
    assert signed_in.get(reverse("gallery")).status_code == 404
    client.force_login(operator)
    response = client.get(reverse("gallery"))
    assert response.status_code == 200
    assert not INLINE.search(response.content.decode())


def test_the_manifest_makes_it_installable(client, db):
    manifest = json.loads(client.get(reverse("manifest")).content)
    assert manifest["display"] == "standalone"
    assert {icon["sizes"] for icon in manifest["icons"]} >= {"192x192", "512x512"}
    for icon in manifest["icons"]:
        assert finders.find(icon["src"].removeprefix("/static/")), icon["src"]


def test_a_persons_language_is_spoken(signed_in, anna):
    User.objects.filter(pk=anna.pk).update(language="ru")
    response = signed_in.get("/")
    assert '<html lang="ru"' in response.content.decode()
    assert '<html lang="en"' in Client().get("/").content.decode()
