"""The accounts service: redirect rules, consent, codes, PKCE, refresh, rotation, death after six months."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from vibesite.sandbox.oauth import redirect_allowed, six_months_after
from vibesite.sandbox.state import App

REDIRECT = "http://127.0.0.1:8000/accounts/spotify/login/callback/"
VERIFIER = "v" * 64
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")


@pytest.mark.parametrize(
    ("uri", "why"),
    [
        ("http://127.0.0.1/back/", ""),
        ("http://127.0.0.1:8123/back/", ""),
        ("http://[::1]:9/back/", ""),
        ("https://vibesite.example/back/", ""),
        ("http://127.0.0.1:8123/back", "Invalid redirect URI"),
        ("http://127.0.0.1:8123/Back/", "Invalid redirect URI"),
        ("http://127.0.0.1:8123/back/?next=1", "Invalid redirect URI"),
        ("https://vibesite.example:444/back/", "Invalid redirect URI"),
        ("https://127.0.0.1:8123/back/", "Invalid redirect URI"),
        ("http://localhost:8123/back/", "Insecure redirect URI"),
        ("http://192.168.1.7/back/", "Insecure redirect URI"),
        ("http://vibesite.example/back/", "Insecure redirect URI"),
        ("vibesite://back", "Invalid redirect URI"),
        ("", "Invalid redirect URI"),
    ],
)
def test_redirect_rules(uri, why):
    registered = ["http://127.0.0.1/back/", "http://[::1]/back/", "https://vibesite.example/back/"]
    registered += ["http://localhost:8123/back/"]
    assert redirect_allowed(App("a", "s", "A", "d", redirect_uris=registered), uri) == why


def _asked(**more: str) -> dict[str, str]:
    return {
        "client_id": "sandbox-app",
        "response_type": "code",
        "redirect_uri": REDIRECT,
        "scope": "user-library-read user-top-read",
        "state": "st&te=1",
    } | more


def _agree(sandbox, **more: object) -> dict[str, str]:
    form = _asked() | {"listener": sandbox.listeners[0].id, "decision": "allow"} | more
    answer = requests.post(sandbox.url + "/authorize", data=form, allow_redirects=False, timeout=5)
    assert answer.status_code == 303, answer.text
    assert answer.headers["Location"].startswith(REDIRECT)
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["Location"]).query).items()}


def _token(sandbox, **form: str) -> requests.Response:
    proof = {"client_id": "sandbox-app", "client_secret": "sandbox-secret"}
    return requests.post(sandbox.url + "/api/token", data=proof | form, timeout=5)


def _redeem(sandbox, code: str, **more: str) -> requests.Response:
    return _token(sandbox, **{"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT} | more)


def test_consent_page_names_everybody_and_works_without_script(sandbox):
    page = requests.get(sandbox.url + "/authorize", params=_asked(), timeout=5)
    assert page.status_code == 200
    assert "Sandbox" in page.text
    assert "<script" not in page.text
    assert all(f'value="{one.id}"' in page.text for one in sandbox.listeners)
    assert page.text.count("not on the allowlist") == len(sandbox.listeners) - 5


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"client_id": "nobody"}, "INVALID_CLIENT: Invalid client"),
        ({"redirect_uri": "http://localhost:8000/"}, "INVALID_CLIENT: Insecure redirect URI"),
        ({"redirect_uri": REDIRECT[:-1]}, "INVALID_CLIENT: Invalid redirect URI"),
    ],
)
def test_wrong_client_or_address_never_redirects(sandbox, more, words):
    page = requests.get(sandbox.url + "/authorize", params=_asked(**more), allow_redirects=False, timeout=5)
    assert page.status_code == 400
    assert words in page.text


@pytest.mark.parametrize(
    ("more", "error"),
    [({"response_type": "token"}, "unsupported_response_type"), ({"scope": "read-minds"}, "invalid_scope")],
)
def test_other_mistakes_go_back_to_the_client(sandbox, more, error):
    answer = requests.get(sandbox.url + "/authorize", params=_asked(**more), allow_redirects=False, timeout=5)
    assert parse_qs(urlsplit(answer.headers["Location"]).query) == {"error": [error], "state": ["st&te=1"]}


def test_deny_goes_back_with_the_state(sandbox):
    assert _agree(sandbox, decision="deny") == {"error": "access_denied", "state": "st&te=1"}


def test_code_is_good_once_and_tells_what_was_granted(sandbox):
    code = _agree(sandbox, picked="1", grant=["user-top-read"])["code"]
    good = _redeem(sandbox, code)
    assert good.status_code == 200
    assert good.json()["scope"] == "user-top-read"
    assert good.json()["expires_in"] == 3600
    again = _redeem(sandbox, code)
    assert (again.status_code, again.json()) == (
        400,
        {"error": "invalid_grant", "error_description": "Invalid authorization code"},
    )


def test_code_dies_of_age(sandbox):
    sandbox.clock.freeze()
    code = _agree(sandbox)["code"]
    sandbox.clock.jump(timedelta(minutes=10))
    assert _redeem(sandbox, code).json()["error_description"] == "Authorization code expired"


@pytest.mark.parametrize(
    ("more", "error"),
    [
        ({"redirect_uri": REDIRECT.replace("8000", "8001")}, "invalid_grant"),
        ({"client_secret": "wrong"}, "invalid_client"),
        ({"client_id": "nobody"}, "invalid_client"),
        ({"client_id": "sandbox-second", "client_secret": "sandbox-second-secret"}, "invalid_grant"),
        ({"code": "AQnonsense"}, "invalid_grant"),
        ({"code": ""}, "invalid_request"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": ""}, "unsupported_grant_type"),
    ],
)
def test_wrong_exchange(sandbox, more, error):
    code = _agree(sandbox)["code"]
    answer = _redeem(sandbox, more.pop("code", code), **more)
    assert (answer.status_code, answer.json()["error"]) == (400, error)


def test_pkce_is_checked_with_and_without_a_secret(sandbox):
    def code() -> str:
        return _agree(sandbox, code_challenge=CHALLENGE, code_challenge_method="S256")["code"]

    assert _redeem(sandbox, code(), code_verifier=VERIFIER).status_code == 200
    assert _redeem(sandbox, code(), code_verifier=VERIFIER, client_secret="").status_code == 200
    wrong = _redeem(sandbox, code(), code_verifier="w" * 64)
    assert wrong.json() == {"error": "invalid_grant", "error_description": "code_verifier was incorrect"}
    assert _redeem(sandbox, code()).json()["error"] == "invalid_request"
    assert _redeem(sandbox, _agree(sandbox)["code"], client_secret="").json()["error"] == "invalid_client"


def test_secret_may_come_as_basic(sandbox):
    code = _agree(sandbox)["code"]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT}
    answer = requests.post(sandbox.url + "/api/token", data=form, auth=("sandbox-app", "sandbox-secret"), timeout=5)
    assert answer.status_code == 200


def _refresh(sandbox, refresh_token: str) -> requests.Response:
    return _token(sandbox, grant_type="refresh_token", refresh_token=refresh_token)


@pytest.mark.parametrize(
    ("rotation", "renewed", "old_lives"), [("off", False, True), ("on", True, True), ("single", True, False)]
)
def test_rotation(sandbox, rotation, renewed, old_lives):
    sandbox.app(rotation=rotation)
    old = sandbox.tokens_for(sandbox.listeners[0].id)["refresh_token"]
    first = _refresh(sandbox, old)
    assert ("refresh_token" in first.json()) is renewed
    second = _refresh(sandbox, old)
    assert (second.status_code == 200) is old_lives
    if renewed:
        assert _refresh(sandbox, first.json()["refresh_token"]).status_code == 200


def test_consent_dies_after_six_months_however_often_refreshed(sandbox):
    sandbox.app(rotation="on")
    sandbox.clock.freeze(datetime(2026, 5, 21, 12, tzinfo=UTC))
    token = sandbox.tokens_for(sandbox.listeners[0].id)["refresh_token"]
    for _ in range(5):
        sandbox.clock.jump(timedelta(days=36))
        token = _refresh(sandbox, token).json()["refresh_token"]
    sandbox.clock.set(datetime(2026, 11, 21, 11, 59, tzinfo=UTC))
    assert _refresh(sandbox, token).status_code == 200
    sandbox.clock.set(datetime(2026, 11, 21, 12, tzinfo=UTC))
    dead = _refresh(sandbox, token)
    assert (dead.status_code, dead.json()) == (
        400,
        {"error": "invalid_grant", "error_description": "Refresh token expired"},
    )


def test_six_months_end_on_a_day_that_is(sandbox):
    start = datetime(2026, 8, 31, 8, tzinfo=UTC).timestamp()
    assert datetime.fromtimestamp(six_months_after(start), UTC) == datetime(2027, 2, 28, 8, tzinfo=UTC)


def test_revoked_consent_and_a_new_one(sandbox):
    mara = sandbox.listeners[0].id
    token = sandbox.tokens_for(mara)["refresh_token"]
    sandbox.revoke(mara)
    assert _refresh(sandbox, token).json()["error_description"] == "Refresh token revoked"
    assert _refresh(sandbox, sandbox.tokens_for(mara)["refresh_token"]).status_code == 200


def test_consent_without_a_dialog_if_that_is_on(sandbox):
    browser = requests.Session()
    form = _asked() | {"listener": sandbox.listeners[0].id, "decision": "allow"}
    code = browser.post(sandbox.url + "/authorize", data=form, allow_redirects=False, timeout=5).headers["Location"]
    _redeem(sandbox, parse_qs(urlsplit(code).query)["code"][0])

    def ask(**more: str) -> int:
        params = _asked(**more)
        return browser.get(sandbox.url + "/authorize", params=params, allow_redirects=False, timeout=5).status_code

    assert ask() == 200
    sandbox.state.set_option("silent_consent", True)
    assert ask() == 303
    assert ask(show_dialog="true") == 200
    assert ask(scope="user-library-read ugc-image-upload") == 200
