"""Every address is in the table of `urls.py`, and answers each kind of visitor as the table says."""

from collections.abc import Iterator

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from tests.architecture.urls import ANYONE, OPERATOR, OWNER, PAGES, PERSON, Page, address
from tests.factories.accounts import UserFactory


def routes(resolver: URLResolver | None = None, before: str = "") -> Iterator[tuple[str, URLPattern]]:
    for pattern in (resolver or get_resolver()).url_patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern, route)
        else:
            yield route, pattern


ROUTES = dict(routes())
OURS = [route for route in ROUTES if not route.startswith("admin/")]
ADMIN = [route for route in ROUTES if route.startswith("admin/")]


def visit(user, route: str, page: Page, arguments: tuple):
    client = Client(raise_request_exception=False)
    if user is not None:
        client.force_login(user)
    return (client.post if page.post else client.get)(address(route, arguments))


def is_asked_to_sign_in(answer) -> bool:
    return answer.status_code == 302 and "/accounts/login/" in answer.url


def test_every_address_says_who_may_open_it():
    assert set(OURS) - set(PAGES) == set(), "new addresses: add them to tests/architecture/urls.py"
    assert set(PAGES) - set(OURS) == set(), "these addresses are gone"


@pytest.mark.parametrize("route", [route for route in PAGES if route in ROUTES])
def test_each_visitor_is_answered_as_the_table_says(db, route):
    page, owner = PAGES[route], UserFactory()
    person, operator = UserFactory(), UserFactory(is_staff=True, is_superuser=True)

    stranger = visit(None, route, page, page.row(owner))
    if page.who is ANYONE:
        assert stranger.status_code in page.answers
    else:
        assert is_asked_to_sign_in(stranger) or stranger.status_code in (401, 403, 404), stranger.status_code

    if page.who is OWNER:
        assert visit(person, route, page, page.row(owner)).status_code == 404
        assert visit(operator, route, page, page.row(owner)).status_code in {404} | page.answers
        assert visit(owner, route, page, page.row(owner)).status_code in page.answers
    if page.who is PERSON:
        answer = visit(person, route, page, page.row(person))
        assert answer.status_code in page.answers
        assert not is_asked_to_sign_in(answer)
    if page.who is OPERATOR:
        assert visit(person, route, page, page.row(owner)).status_code in (403, 404)
        answer = visit(operator, route, page, page.row(operator))
        assert answer.status_code in page.answers
        assert not is_asked_to_sign_in(answer)


@pytest.mark.parametrize("route", [route for route, page in PAGES.items() if page.post and route in ROUTES])
def test_what_does_something_is_not_done_by_a_link(db, route):
    owner = UserFactory()
    client = Client(raise_request_exception=False)
    client.force_login(UserFactory(is_staff=True, is_superuser=True) if PAGES[route].who is OPERATOR else owner)
    assert client.get(address(route, PAGES[route].row(owner))).status_code in (404, 405)


@pytest.mark.parametrize("route", [route for route, page in PAGES.items() if page.post and route in ROUTES])
def test_what_does_something_needs_the_pages_own_token(db, route):
    owner = UserFactory()
    client = Client(enforce_csrf_checks=True)
    client.force_login(owner)
    assert client.post(address(route, PAGES[route].row(owner))).status_code == 403


def test_the_admin_is_for_operators(db):
    """Each page of the admin that needs no row: strangers sign in, people are refused."""
    person, operator = UserFactory(), UserFactory(is_staff=True, is_superuser=True)
    page = Page(OPERATOR)
    open_to_all = {"admin/login/", "admin/logout/", "admin/jsi18n/"}
    for route in ADMIN:
        if "<" in route or "(?P" in route or route in open_to_all:
            continue
        assert visit(None, route, page, ()).status_code == 302, route
        assert visit(person, route, page, ()).status_code in (302, 403), route
        assert visit(operator, route, page, ()).status_code in (200, 302, 403), route


@pytest.mark.parametrize(
    "route", [route for route in PAGES if not route.startswith(("accounts/", "mail/")) and route != "api/v1/"]
)
def test_no_page_answers_a_method_that_it_does_not_know(db, route):
    owner = UserFactory(is_staff=True, is_superuser=True)
    client = Client(raise_request_exception=False)
    client.force_login(owner)
    for method in ("PUT", "TRACE") if PAGES[route].deletes else ("PUT", "DELETE", "TRACE"):
        assert client.generic(method, address(route, PAGES[route].row(owner))).status_code == 405, method


def test_the_admin_has_no_desks_of_tables_that_stay_empty():
    admin.autodiscover()
    assert [model for model in admin.site._registry if model._meta.app_label in ("account", "socialaccount")] == []
