"""Tokens of programs: what they open, for how long, and that their text is nowhere."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.http import JsonResponse
from django.test import RequestFactory
from django.utils import timezone

from accounts import keys
from accounts.actions import depart
from accounts.keys import Scope
from accounts.models import ApiToken
from tests.factories.accounts import SpotifyConnectionFactory


@pytest.fixture
def made(anna, now):
    return keys.make(user=anna, name="player", scopes=[Scope.SUBMIT, Scope.READ], now=now)


def test_a_token_opens_its_scopes_and_nothing_else(anna, made, now):
    token, text = made
    assert keys.token_of(text, scope=Scope.SUBMIT, now=now).user == anna
    assert keys.token_of(text, scope=None, now=now) == token
    with pytest.raises(keys.ScopeMissing, match="export"):
        keys.token_of(text, scope=Scope.EXPORT, now=now)


def test_the_text_is_not_kept(made):
    token, text = made
    kept = str(ApiToken.objects.filter(pk=token.pk).values().get())
    assert text not in kept
    assert text[len(token.prefix) :] not in kept
    assert text.startswith(token.prefix)


@pytest.mark.parametrize(
    ("spoil", "refused"),
    [
        (lambda token: keys.revoke(token=token, now=token.created_at), keys.TokenRevoked),
        (lambda token: ApiToken.objects.filter(pk=token.pk).update(expires_at=token.created_at), keys.TokenExpired),
        (lambda token: token.delete(), keys.TokenUnknown),
        (lambda token: depart.leave(user=token.user, now=token.created_at), keys.TokenUnknown),
    ],
)
def test_each_end_is_told_apart(made, now, spoil, refused):
    token, text = made
    spoil(token)
    with pytest.raises(refused):
        keys.token_of(text, scope=Scope.READ, now=now)


@pytest.mark.parametrize("text", ["vs_nobody", "é" * 50, "\x00", "\ud800", "x" * 100_000])
def test_a_token_that_never_was(db, now, text):
    with pytest.raises(keys.TokenUnknown):
        keys.token_of(text, scope=Scope.READ, now=now)


def test_every_refusal_asks_once(made, now, django_assert_num_queries):
    token, text = made
    keys.revoke(token=token, now=now)
    for tried in (text, "vs_unknown"):
        with django_assert_num_queries(1), pytest.raises(keys.TokenRefused):
            keys.token_of(tried, scope=Scope.READ, now=now)


def test_the_last_use_is_written_once_a_minute(made, now, django_assert_num_queries):
    token, text = made
    keys.token_of(text, scope=Scope.READ, now=now)
    with django_assert_num_queries(1):
        keys.token_of(text, scope=Scope.READ, now=now + timedelta(seconds=59))
    token.refresh_from_db()
    assert token.last_used_at == now
    keys.token_of(text, scope=Scope.READ, now=now + timedelta(seconds=60))
    token.refresh_from_db()
    assert token.last_used_at == now + timedelta(seconds=60)


@pytest.mark.parametrize("scopes", [[], ["root"], ["read", "root"]])
def test_only_scopes_that_there_are(anna, now, scopes):
    with pytest.raises(ValueError, match="scopes"):
        keys.make(user=anna, name="", scopes=scopes, now=now)


def test_disconnecting_spotify_leaves_tokens_and_leaving_takes_them(anna, made, now):
    depart.disconnect(connection=SpotifyConnectionFactory(user=anna), now=now)
    assert ApiToken.objects.count() == 1
    depart.leave(user=anna, now=now)
    assert not ApiToken.objects.exists()


# --- Views ------------------------------------------------------------------------------------------------------------
@keys.token_required(Scope.READ)
def whoami(request):
    return JsonResponse({"name": request.user.username, "token": request.token.name})


def ask(header=None):
    headers = {"Authorization": header} if header is not None else {}
    return whoami(RequestFactory().get("/", headers=headers))


@pytest.mark.parametrize("kind", ["Token", "token", "TOKEN", "Bearer", "bearer"])
def test_a_view_takes_both_words_in_any_case(made, kind):
    answer = ask(f"{kind} {made[1]}")
    assert answer.status_code == 200
    assert b"anna" in answer.content


@pytest.mark.parametrize(
    ("header", "status", "code"),
    [
        (None, 401, b"missing"),
        ("", 401, b"missing"),
        ("Token", 401, b"malformed"),
        ("Basic YTpi", 401, b"malformed"),
        ("Token vs_nobody", 401, b"unknown"),
    ],
)
def test_a_view_says_what_is_wrong(db, header, status, code):
    answer = ask(header)
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    assert code in answer.content
    assert answer["WWW-Authenticate"] == "Bearer"


def test_a_scope_that_is_missing_is_no_reason_to_sign_in_again(anna, now):
    _token, text = keys.make(user=anna, name="", scopes=[Scope.SUBMIT], now=now)
    answer = ask(f"Token {text}")
    assert answer.status_code == 403
    assert "WWW-Authenticate" not in answer


# --- The command ------------------------------------------------------------------------------------------------------
def test_the_command_prints_the_token_alone(anna):
    out, told = StringIO(), StringIO()
    call_command("create_token", user="anna", scope=["import"], name="backup", days=2, stdout=out, stderr=told)
    token = keys.token_of(out.getvalue().removesuffix("\n"), scope=Scope.IMPORT, now=timezone.now())
    assert (token.user, token.name, token.scopes) == (anna, "backup", ["import"])
    assert timedelta(days=1) < token.expires_at - timezone.now() < timedelta(days=3)
    assert "backup" in told.getvalue()


@pytest.mark.parametrize("wrong", [{"user": "nobody"}, {"user": "anna", "days": 0}])
def test_the_command_refuses(anna, wrong):
    with pytest.raises(CommandError):
        call_command("create_token", **wrong)
    assert not ApiToken.objects.exists()


# --- Pages ------------------------------------------------------------------------------------------------------------
@pytest.fixture
def signed_in(client, anna):
    client.force_login(anna)
    return client


def make_one(client, **changed):
    told = {"name": "My player", "scopes": ["submit", "read"], "ends": "30"} | changed
    return client.post("/settings/tokens/", told)


def test_a_new_token_is_shown_once_and_works(signed_in, anna):
    answer = make_one(signed_in)
    text = answer.context["text"]
    assert text in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    token = keys.token_of(text, scope=Scope.SUBMIT, now=timezone.now())
    assert (token.user, token.name, token.scopes) == (anna, "My player", ["read", "submit"])
    assert timedelta(days=29) < token.expires_at - timezone.now() <= timedelta(days=30)
    again = signed_in.get("/settings/tokens/").content.decode()
    assert token.prefix in again
    assert text not in again


@pytest.mark.parametrize("wrong", [{"name": " "}, {"scopes": []}, {"scopes": ["root"]}, {"ends": "7"}])
def test_a_form_that_is_wrong_makes_nothing(signed_in, wrong):
    assert make_one(signed_in, **wrong).status_code == 200
    assert not ApiToken.objects.exists()


def test_there_is_an_end_to_tokens(signed_in, monkeypatch):
    monkeypatch.setattr("accounts.views.tokens.MOST", 1)
    make_one(signed_in)
    assert "Revoke one first" in make_one(signed_in).content.decode()
    signed_in.post(f"/settings/tokens/{ApiToken.objects.get().pk}/revoke/")
    assert "text" in make_one(signed_in).context


def test_revoking_on_the_page(signed_in, made, now):
    token, text = made
    page = signed_in.post(f"/settings/tokens/{token.pk}/revoke/", follow=True).content.decode()
    assert "revoked" in page
    with pytest.raises(keys.TokenRevoked):
        keys.token_of(text, scope=None, now=now)


def test_operators_see_and_revoke_but_read_no_secret(client, operator, made, now):
    token, text = made
    client.force_login(operator)
    for path in ("", f"{token.pk}/change/"):
        page = client.get(f"/admin/accounts/apitoken/{path}").content.decode()
        assert token.prefix in page
        assert "anna" in page
        assert token.secret_hash not in page
        assert text not in page
    client.post("/admin/accounts/apitoken/", {"action": "revoke", "_selected_action": [token.pk]})
    with pytest.raises(keys.TokenRevoked):
        keys.token_of(text, scope=None, now=now)
