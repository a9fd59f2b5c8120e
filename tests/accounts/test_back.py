"""The way back to a form's page, as its hidden field tells it."""

import pytest
from django.test import RequestFactory

from accounts import back


def way(target: str, otherwise: str = "/home/?a=1", **words: str | int) -> str:
    return back.to(RequestFactory().post("/x/", {"next": target}), otherwise, **words).url


@pytest.mark.parametrize("target", ["/log/?q=a%20b&day=2026-11-20#today", "/", "/a:b/"])
def test_leads_where_the_form_was(target):
    assert way(target) == target


@pytest.mark.parametrize(
    "target",
    [
        "",
        "foo",
        "?q=1",
        "#top",
        "./log/",
        " /log/",
        "//elsewhere.example/",
        "///elsewhere.example/",
        "/\\elsewhere.example/",
        "/\t/elsewhere.example/",
        "//[",
        "https://elsewhere.example/",
        "http://testserver/",
        "javascript:alert(1)",
        "/" + "a" * 20_000,
    ],
)
def test_is_a_path_of_this_server_or_none(target):
    assert way(target) == "/home/?a=1"


def test_words_replace_those_of_their_name():
    assert way("/log/?q=o&undo=3&undone=1", undo=7) == "/log/?q=o&undone=1&undo=7"
    assert way("/log/?undo=3#today", undo="") == "/log/#today"
    assert way("/log/", undo=7) == "/log/?undo=7"
    assert way("elsewhere", undo=7) == "/home/?a=1&undo=7"
