"""No token, code or secret in logs, sessions, pages, admin, tracebacks, task arguments or messages of errors."""

import logging
import traceback

import pytest
from django.apps import apps
from django.contrib.sessions.models import Session
from django.db import models
from django.test import RequestFactory
from django.views.debug import ExceptionReporter

from accounts.models import SpotifyConnection, User
from accounts.spotify import crypto, tokens

PLAIN = (models.TextField, models.CharField, models.JSONField)


def secrets_of(connection):
    connection.refresh_from_db()
    return [
        crypto.decrypt(connection.access_token_encrypted),
        crypto.decrypt(connection.refresh_token_encrypted),
        connection.access_token_encrypted,
        connection.refresh_token_encrypted,
        "sandbox-secret",
    ]


def assert_hidden(text, secrets):
    for secret in secrets:
        assert secret
        assert secret not in text, f"…{text[max(0, text.index(secret) - 120) : text.index(secret) + 20]}…"


@pytest.fixture
def signed_in(browser, spotify, caplog):
    caplog.set_level(logging.DEBUG)
    for name in ("spotipy", "urllib3", "requests"):
        caplog.set_level(logging.WARNING, logger=name)  # as the settings say
    browser.sign_in(spotify.listeners[0])
    return SpotifyConnection.objects.get()


def test_the_database_holds_no_token_in_the_clear(signed_in):
    hidden = secrets_of(signed_in)[:2]
    for model in apps.get_models():
        fields = [field.attname for field in model._meta.fields if isinstance(field, PLAIN)]
        for values in model._default_manager.values_list(*fields) if fields else ():
            assert_hidden(str(values), [*hidden, "sandbox-secret"])


def test_sessions(signed_in, browser):
    for row in Session.objects.all():
        assert_hidden(str(row.get_decoded()), secrets_of(signed_in))


def test_logs_of_good_and_bad_days(signed_in, spotify, caplog):
    gateway = signed_in.gateway()
    gateway.profile()
    for fault in ({"status": 500}, {"kind": "expire"}, {"kind": "reset"}, {"kind": "bad_json"}):
        spotify.fault(path="/v1/me", count=1, **fault)
        try:
            gateway.profile()
        except Exception:
            logging.getLogger("tests").exception("as a worker would log it")
    assert_hidden(caplog.text, secrets_of(signed_in))


def test_pages(signed_in, browser, operator):
    for path in ("/connections/", "/connections/calls/", "/settings/", f"/connections/{signed_in.pk}/disconnect/"):
        assert_hidden(browser.get(path).content.decode(), secrets_of(signed_in))


def test_admin(signed_in, client, operator):
    client.force_login(operator)
    for model in ("spotifyconnection", "spotifyapp"):
        pk = signed_in.pk if model == "spotifyconnection" else signed_in.app_id
        for path in ("", f"{pk}/change/", f"{pk}/history/"):
            response = client.get(f"/admin/accounts/{model}/{path}")
            assert response.status_code == 200
            assert_hidden(response.content.decode(), secrets_of(signed_in))


@pytest.mark.parametrize("fault", [{"status": 500}, {"kind": "reset"}, {"kind": "bad_json"}, {"kind": "cut"}])
@pytest.mark.parametrize("path", ["/v1/me", "/api/token"])
def test_tracebacks_and_debug_pages(signed_in, spotify, fault, path, settings):
    settings.DEBUG = True
    hidden = secrets_of(signed_in)
    spotify.fault(path=path, **fault)
    try:
        if path == "/api/token":
            tokens.refresh_now(signed_in, signed_in.authorized_at)
        else:
            signed_in.gateway().profile()
    except Exception as exc:
        told = traceback.format_exc() + repr(exc) + str(exc)
        request = RequestFactory().get("/")
        page = ExceptionReporter(request, type(exc), exc, exc.__traceback__).get_traceback_html()
    else:
        pytest.fail("no error")
    assert_hidden(told, hidden)
    assert_hidden(page, hidden)


def test_a_bug_deep_in_the_wire_shows_none_either(signed_in, spotify, settings, monkeypatch):
    """An exception that nobody translated, raised where the header already holds the token."""
    import requests

    def broken(self, request, **_):
        raise RuntimeError("a bug")

    settings.DEBUG = True
    hidden = secrets_of(signed_in)
    monkeypatch.setattr(requests.Session, "send", broken)
    try:
        signed_in.gateway().profile()
    except RuntimeError as exc:
        page = ExceptionReporter(None, type(exc), exc, exc.__traceback__).get_traceback_html()
    assert_hidden(page, hidden)


def test_task_arguments(signed_in, monkeypatch):
    from accounts import tasks
    from accounts.models import Job

    sent = []
    monkeypatch.setattr("celery.app.task.Task.apply_async", lambda self, *args, **kwargs: sent.append((args, kwargs)))
    SpotifyConnection.objects.update(access_expires_at=signed_in.authorized_at)
    tasks.refresh_tokens()
    assert sent
    assert_hidden(str(sent), secrets_of(signed_in))
    assert_hidden(str(list(Job.objects.values())), secrets_of(signed_in))


def test_representations(signed_in):
    user = User.objects.get()
    token = tokens.access_token(signed_in, signed_in.authorized_at)
    told = f"{signed_in!r} {signed_in} {user!r} {token!r} {token} {signed_in.app!r}"
    assert_hidden(told, secrets_of(signed_in))
