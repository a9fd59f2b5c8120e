"""Signing in and connecting through Spotify, over real HTTP, with everything that goes wrong on the way."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.socialaccount.models import SocialAccount, SocialToken
from django.utils import timezone

from accounts.actions import connect
from accounts.models import Notice, SpotifyApp, SpotifyConnection, User
from accounts.spotify import errors, registration
from tests.factories.accounts import SpotifyAppFactory, SpotifyConnectionFactory, UserFactory


def problem_of(response):
    return response.content.decode().partition('data-problem="')[2].partition('"')[0]


def test_a_first_sign_in_makes_a_person_and_a_connection(browser, spotify, settings):
    listener = spotify.listeners[0]
    response = browser.sign_in(listener)
    assert response.status_code == 302
    connection = SpotifyConnection.objects.get()
    assert connection.user == User.objects.get()
    assert connection.account_id == listener.account_id
    assert connection.state == "active"
    assert connection.app.client_id == "sandbox-app"
    assert set(connection.scopes) == set(settings.SPOTIFY_SCOPES)
    assert connection.gateway().profile().id == listener.id


def test_the_way_to_spotify_has_pkce_state_and_our_scopes_only(browser, settings):
    location = browser.to_spotify("process=login&scope=user-library-modify&auth_params=scope%3Dstreaming")["Location"]
    query = parse_qs(urlsplit(location).query)
    assert query["scope"] == [" ".join(settings.SPOTIFY_SCOPES)]
    assert query["code_challenge_method"] == ["S256"]
    assert len(query["state"][0]) >= 16
    assert query["redirect_uri"] == ["http://127.0.0.1:8000/accounts/spotify/login/callback/"]
    assert "show_dialog" not in query


def test_the_configured_redirect_address_is_used(browser, settings):
    settings.SPOTIFY_REDIRECT_URI = "http://127.0.0.1:8000/accounts/spotify/login/callback/"
    query = parse_qs(urlsplit(browser.to_spotify()["Location"]).query)
    assert query["redirect_uri"] == [settings.SPOTIFY_REDIRECT_URI]


def test_localhost_is_sent_to_its_number_first(browser):
    response = browser.post("/accounts/spotify/login/?process=login", HTTP_HOST="localhost:8000")
    assert response["Location"].startswith("http://127.0.0.1:8000/accounts/spotify/login/")


def test_signing_in_again_is_the_same_person(browser, another_browser, spotify):
    browser.sign_in(spotify.listeners[0])
    another_browser.sign_in(spotify.listeners[0])
    assert User.objects.count() == SpotifyConnection.objects.count() == SocialAccount.objects.count() == 1


def test_reconnecting_shows_the_dialog_and_starts_a_new_consent(browser, spotify):
    browser.sign_in(spotify.listeners[0])
    long_ago = timezone.now() - timedelta(days=170)
    SpotifyConnection.objects.update(authorized_at=long_ago, state="reconnect", refresh_token_encrypted="")
    start = browser.to_spotify("process=connect")
    assert "show_dialog=true" in start["Location"]
    browser.get(browser.decide(start["Location"], spotify.listeners[0].id))
    connection = SpotifyConnection.objects.get()
    assert connection.state == "active"
    assert connection.authorized_at > long_ago
    assert connection.refresh_token_encrypted


def test_a_signed_in_person_adds_a_second_account(browser, spotify):
    browser.sign_in(spotify.listeners[0])
    response = browser.sign_in(spotify.listeners[1], "process=connect")
    assert response["Location"] == "/connections/"
    assert SpotifyConnection.objects.filter(user=User.objects.get()).count() == 2


def test_an_account_of_somebody_else_is_refused_in_words(browser, another_browser, spotify):
    browser.sign_in(spotify.listeners[0])
    another_browser.sign_in(spotify.listeners[1])
    before = SpotifyConnection.objects.get(spotify_user_id=spotify.listeners[0].id)
    response = another_browser.sign_in(spotify.listeners[0], "process=connect")
    assert problem_of(response) == "belongs_to_another"
    after = SpotifyConnection.objects.get(pk=before.pk)
    assert (after.user_id, after.refresh_token_encrypted) == (before.user_id, before.refresh_token_encrypted)


def test_denied(browser, spotify):
    start = browser.to_spotify()
    response = browser.get(browser.decide(start["Location"], spotify.listeners[0].id, allow=False))
    assert problem_of(response) == "denied"
    assert not User.objects.exists()


@pytest.mark.parametrize("body", ["text", "json"])
def test_unlisted(browser, spotify, body):
    app = spotify.app(unlisted_body=body)
    app.allowlist = []
    response = browser.sign_in(spotify.listeners[0], listed=False)
    assert (response.status_code, problem_of(response)) == (403, "not_allowlisted")
    assert not User.objects.exists()


def test_the_owner_without_premium_blocks_the_app_and_tells_operators(browser, spotify):
    spotify.app(owner_premium=False)
    assert problem_of(browser.sign_in(spotify.listeners[0])) == "owner_not_premium"
    assert SpotifyApp.objects.get().is_blocked(timezone.now())
    assert Notice.objects.get().user is None
    assert problem_of(browser.to_spotify()) == "owner_not_premium"  # not even sent there


def test_a_spent_quota_blocks_until_its_retry_after(browser, spotify):
    spotify.fault(status=429, path="/v1/me", reason="QUOTA_EXCEEDED", retry_after=50_000)
    response = browser.sign_in(spotify.listeners[0])
    assert (response.status_code, problem_of(response)) == (503, "quota")
    app = SpotifyApp.objects.get()
    assert timedelta(seconds=49_000) < app.blocked_until - timezone.now() <= timedelta(seconds=50_000)


def test_a_storm_keeps_nobody_from_consenting_anew(browser, another_browser, spotify):
    mara = spotify.listeners[0]
    browser.sign_in(mara)
    later = timezone.now() + timedelta(minutes=30)
    SpotifyApp.objects.update(storm_since=timezone.now(), blocked_until=later, block_reason="storm")
    SpotifyConnection.objects.update(state="app_blocked", grant_failed_at=timezone.now())
    assert another_browser.sign_in(mara).status_code == 302
    row = SpotifyConnection.objects.get()
    assert (row.state, row.grant_failed_at) == ("active", None)
    with pytest.raises(errors.QuotaBlocked):
        row.gateway().recent_plays()  # the rest still waits


def test_a_wrong_secret_is_the_operators_business(browser, spotify, settings):
    settings.SPOTIFY_CLIENT_SECRET = "wrong"
    assert problem_of(browser.sign_in(spotify.listeners[0])) == "app_refused"
    assert Notice.objects.get(user=None).key.endswith("refused")


@pytest.mark.parametrize("fault", [{"kind": "reset"}, {"status": 500}, {"kind": "content"}, {"kind": "cut"}])
@pytest.mark.parametrize("path", ["/api/token", "/v1/me"])
def test_when_spotify_fails_nothing_is_changed(browser, spotify, fault, path):
    spotify.fault(path=path, count=1, **fault)
    response = browser.sign_in(spotify.listeners[0])
    assert (response.status_code, problem_of(response)) == (503, "unreachable")
    assert not User.objects.exists()


def test_a_state_is_good_once_and_in_one_browser(browser, another_browser, spotify):
    start = browser.to_spotify()
    back = browser.decide(start["Location"], spotify.listeners[0].id)
    assert problem_of(another_browser.get(back)) == "stale"
    assert browser.get(back).status_code == 302
    assert problem_of(browser.get(back)) == "stale"
    assert User.objects.count() == 1


def test_a_code_is_good_once(browser, another_browser, spotify):
    spotify.allow(spotify.listeners[0].id)
    back = browser.decide(browser.to_spotify()["Location"], spotify.listeners[0].id)
    browser.get(back)
    code = parse_qs(urlsplit(back).query)["code"][0]
    state = parse_qs(urlsplit(another_browser.to_spotify()["Location"]).query)["state"][0]
    response = another_browser.get(f"/accounts/spotify/login/callback/?code={code}&state={state}")
    assert problem_of(response) == "stale"


@pytest.mark.parametrize("query", ["", "?code=x", "?error=server_error", "?state=nonsense&code=x"])
def test_a_callback_out_of_the_blue(browser, query):
    response = browser.get(f"/accounts/spotify/login/callback/{query}")
    assert (response.status_code, problem_of(response)) == (400, "stale")


def test_fewer_scopes_than_asked_are_stored_as_granted(browser, spotify):
    browser.sign_in(spotify.listeners[0], picked="1", grant=["user-library-read"])
    assert SpotifyConnection.objects.get().scopes == ["user-library-read"]


def test_no_token_reaches_allauths_tables_or_the_session(browser, spotify):
    browser.sign_in(spotify.listeners[0])
    assert not SocialToken.objects.exists()
    assert set(SocialAccount.objects.get().extra_data) == {"id", "name", "linked_by"}
    told = str(dict(browser.session.items()))
    assert "BQ" not in told
    assert "AQ" not in told


class TestLastingIds:
    def test_a_person_known_by_profile_id_is_found_by_account_id(self, browser, spotify):
        listener = spotify.listeners[0]
        anna = UserFactory()
        SocialAccount.objects.create(user=anna, provider="spotify", uid=listener.id, extra_data={"linked_by": "id"})
        SpotifyConnectionFactory(
            user=anna, account_id=listener.id, spotify_user_id=listener.id, app=registration.from_settings()
        )
        browser.sign_in(listener)
        assert User.objects.get() == anna
        assert SocialAccount.objects.get().uid == SpotifyConnection.objects.get().account_id == listener.account_id

    def test_without_account_id_a_known_person_stays_the_same(self, browser, another_browser, spotify, monkeypatch):
        listener = spotify.listeners[0]
        browser.sign_in(listener)
        from accounts.spotify import payloads

        whole = payloads.profile
        monkeypatch.setattr(payloads, "profile", lambda data: whole({**data, "account_id": None}))
        another_browser.sign_in(listener)
        assert User.objects.count() == SpotifyConnection.objects.count() == 1


class TestSeveralApps:
    @pytest.fixture
    def second(self, spotify):
        app = SpotifyAppFactory(name="Second", client_id="sandbox-second")
        app.client_secret = "sandbox-second-secret"
        app.save()
        spotify.app("sandbox-second").allowlist = [one.id for one in spotify.listeners[:5]]
        return app

    def test_a_full_app_gives_way_to_one_with_a_free_seat(self, browser, spotify, second):
        first = registration.from_settings()
        for _ in range(5):
            SpotifyConnectionFactory(app=first)
        browser.sign_in(spotify.listeners[0])
        assert SpotifyConnection.objects.get(spotify_user_id=spotify.listeners[0].id).app == second

    def test_the_app_asked_for_is_used_at_login_and_callback(self, browser, spotify, second):
        start = browser.to_spotify(f"process=login&app={second.pk}")
        assert "client_id=sandbox-second" in start["Location"]
        assert browser.get(browser.decide(start["Location"], spotify.listeners[0].id)).status_code == 302
        assert SpotifyConnection.objects.get().app == second

    def test_the_app_at_the_callback_cannot_be_swapped(self, browser, spotify, second):
        first = registration.from_settings()
        start = browser.to_spotify(f"process=login&app={second.pk}")
        back = browser.decide(start["Location"], spotify.listeners[0].id)
        browser.get(f"{back}&app={first.pk}")
        assert SpotifyConnection.objects.get().app == second

    def test_two_sign_ins_at_once_keep_their_apps_apart(self, browser, spotify, second):
        first = registration.from_settings()
        one = browser.to_spotify(f"process=login&app={first.pk}")["Location"]
        two = browser.to_spotify(f"process=login&app={second.pk}")["Location"]
        browser.get(browser.decide(one, spotify.listeners[0].id))
        assert SpotifyConnection.objects.get().app == first
        browser.get(browser.decide(two, spotify.listeners[0].id))
        assert User.objects.count() == 1

    def test_the_browser_comes_back_to_its_app_although_it_is_full(self, browser, spotify, second):
        browser.sign_in(spotify.listeners[0], f"process=login&app={second.pk}")
        second.seats = 1
        second.save()
        browser.post("/accounts/logout/")
        assert "client_id=sandbox-second" in browser.to_spotify()["Location"]

    @pytest.mark.parametrize("wanted", ["999", "x", "-1", "1e3", "9" * 30])
    def test_an_unknown_app(self, browser, wanted):
        assert problem_of(browser.to_spotify(f"process=login&app={wanted}")) == "unknown_app"

    def test_a_switched_off_app_is_not_offered(self, browser, second):
        second.enabled = False
        second.save()
        assert problem_of(browser.to_spotify(f"process=login&app={second.pk}")) == "unknown_app"

    def test_no_seat_for_a_new_person(self, browser, spotify):
        first = registration.from_settings()
        first.seats = 0
        first.save()
        assert problem_of(browser.sign_in(spotify.listeners[0])) == "no_seat"
        assert not User.objects.exists()

    def test_a_private_app_lets_no_stranger_in(self, browser, spotify, second):
        second.owner = UserFactory()
        second.save()
        response = browser.sign_in(spotify.listeners[0], f"process=login&app={second.pk}")
        assert problem_of(response) == "private_app"

    def test_a_plain_sign_in_leaves_a_healthy_connection_where_it_is(self, browser, another_browser, spotify, second):
        browser.sign_in(spotify.listeners[0])
        another_browser.sign_in(spotify.listeners[0], f"process=login&app={second.pk}")
        assert SpotifyConnection.objects.get().app.client_id == "sandbox-app"

    def test_connecting_through_another_app_moves_the_connection(self, browser, spotify, second):
        browser.sign_in(spotify.listeners[0])
        browser.sign_in(spotify.listeners[0], f"process=connect&app={second.pk}")
        connection = SpotifyConnection.objects.get()
        assert connection.app == second
        assert connection.gateway().profile().id == spotify.listeners[0].id

    def test_a_person_with_an_own_app_connects_through_it(self, browser, spotify, second):
        browser.sign_in(spotify.listeners[0])
        second.owner = User.objects.get()
        second.save()
        assert "client_id=sandbox-second" in browser.to_spotify("process=connect")["Location"]


def test_without_any_app(browser, settings):
    settings.SPOTIFY_CLIENT_ID = ""
    assert problem_of(browser.to_spotify()) == "no_app"


def test_the_servers_app_follows_the_settings(spotify, settings):
    assert registration.from_settings().client_secret == "sandbox-secret"
    settings.SPOTIFY_CLIENT_SECRET = "newer"
    settings.SPOTIFY_DAILY_CALLS = 200
    app = registration.from_settings()
    assert (app.client_secret, app.daily_calls, app.interactive_reserve) == ("newer", 200, 40)
    settings.SPOTIFY_CLIENT_ID = "another"
    assert registration.from_settings().client_id == "another"
    assert SpotifyApp.objects.count() == 2


class TestSignUp:
    def test_closed(self, browser, spotify, settings):
        settings.SIGN_UP = "closed"
        response = browser.sign_in(spotify.listeners[0])
        assert "Nobody can sign up here now" in response.content.decode()
        assert not User.objects.exists()
        assert not SpotifyConnection.objects.exists()

    def test_closed_lets_those_in_who_are_here(self, browser, another_browser, spotify, settings):
        browser.sign_in(spotify.listeners[0])
        settings.SIGN_UP = "closed"
        assert another_browser.sign_in(spotify.listeners[0]).status_code == 302

    def test_by_invitation(self, browser, spotify, settings, operator, now):
        from accounts import invitations

        settings.SIGN_UP = "invitation"
        assert "Nobody can sign up" in browser.sign_in(spotify.listeners[0]).content.decode()
        row = invitations.create(by=operator, note="", now=timezone.now())
        browser.get(f"/invitation/{row.token}/")
        assert browser.sign_in(spotify.listeners[0]).status_code == 302
        row.refresh_from_db()
        assert row.used_by == SpotifyConnection.objects.get().user


def test_hooks_run_after_a_connection_and_cost_nobody_the_sign_in(
    browser, spotify, monkeypatch, django_capture_on_commit_callbacks
):
    seen = []

    def broken(**_):
        raise RuntimeError

    monkeypatch.setattr(
        connect, "_hooks", [broken, lambda *, connection, is_new, now: seen.append((connection.account_id, is_new))]
    )
    for _ in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            browser.sign_in(spotify.listeners[0], "process=connect" if seen else "process=login")
    assert seen == [(spotify.listeners[0].account_id, True), (spotify.listeners[0].account_id, False)]


def test_an_operator_connects_a_service_account(browser, spotify, operator):
    browser.force_login(operator)
    response = browser.sign_in(spotify.listeners[0], "process=service")
    assert response["Location"] == "/connections/"
    assert SpotifyConnection.objects.get().user is None
    assert not SocialAccount.objects.exists()


def test_nobody_else_connects_a_service_account(browser, spotify, anna):
    browser.force_login(anna)
    browser.sign_in(spotify.listeners[0], "process=service")
    assert SpotifyConnection.objects.get().user == anna
