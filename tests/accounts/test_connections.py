"""The pages of connections, apps and calls; disconnecting with counts."""

from datetime import timedelta

import pytest
from allauth.socialaccount.models import SocialAccount
from django.urls import reverse
from django.utils import timezone

from accounts import notices, panels
from accounts.actions import depart
from accounts.models import CallCount, Notice, SpotifyApp, SpotifyConnection
from accounts.spotify import budget, registration
from tests.factories.accounts import SpotifyAppFactory, SpotifyConnectionFactory, UserFactory


@pytest.fixture
def mine(anna, connected, spotify):
    return connected(anna, spotify.listeners[0])


@pytest.fixture
def page(client, anna):
    client.force_login(anna)
    return lambda path="/connections/": client.get(path).content.decode()


class TestPage:
    def test_without_a_connection_it_says_what_to_do(self, page, spotify):
        assert "No account is connected yet" in page()
        assert "Connect Spotify" in page()

    def test_a_connection_tells_how_it_stands(self, page, mine, monkeypatch):
        monkeypatch.setattr(panels, "_panels", [lambda connection, now: [("Last poll", now)]])
        text = page()
        for words in (str(mine), "Active", "0 days old", "179 days left", "last plays", "Last poll"):
            assert words in text

    @pytest.mark.parametrize(
        ("state", "reason", "words"),
        [
            ("reconnect", "revoked", "withdrawn at Spotify"),
            ("reconnect", "six_months", "Six months are over"),
            ("not_allowlisted", "", "add this account to the app"),
            ("app_blocked", "storm", "Nothing was deleted"),
            ("expiring", "", "ends soon"),
        ],
    )
    def test_each_state_in_words(self, page, mine, state, reason, words):
        SpotifyConnection.objects.update(state=state, state_reason=reason)
        assert words in page()

    def test_a_block_shows_until_when(self, page, mine, anna):
        until = timezone.now() + timedelta(hours=13)
        budget.block(mine.app.quota_group, until=until, reason="quota", now=timezone.now())
        anna.time_zone = "Asia/Kolkata"
        anna.save()
        from zoneinfo import ZoneInfo

        assert f"{until.astimezone(ZoneInfo('Asia/Kolkata')):%H:%M}" in page()

    def test_seats_and_shared_apps(self, page, mine):
        SpotifyConnectionFactory(app=mine.app)
        assert "2 of 5" in page()

    def test_notices_are_shown_and_put_away(self, page, client, anna, ben, spotify):
        mine_, yours = (
            notices.tell(user=who, kind="x", text=lambda: "Look!", now=timezone.now()) for who in (anna, ben)
        )
        assert "Look!" in page()
        assert client.post(f"/notices/{mine_.pk}/settle/").status_code == 302
        assert "Look!" not in page()
        assert client.post(f"/notices/{yours.pk}/settle/").status_code == 404
        assert Notice.objects.get(pk=yours.pk).settled_at is None

    def test_calls_by_what_and_hour_but_others_names_only_for_operators(
        self, page, client, mine, ben, connected, spotify
    ):
        other = connected(ben, spotify.listeners[1])
        mine.gateway().profile()
        other.gateway().saved_tracks()
        text = page("/connections/calls/")
        assert "Who is this" in text
        assert "Liked tracks" in text
        assert str(other) not in text
        ben.is_staff = True
        ben.save()
        client.force_login(ben)
        text = client.get("/connections/calls/").content.decode()
        assert str(other) in text
        assert str(mine) in text

    def test_few_queries(self, page, mine, anna, django_assert_max_num_queries):
        for _ in range(5):
            SpotifyConnectionFactory(user=anna, app=mine.app)
        page()
        with django_assert_max_num_queries(22):
            page()


class TestCheck:
    def test_a_live_one(self, client, anna, mine):
        client.force_login(anna)
        response = client.post(reverse("accounts:connection-check", args=[mine.pk]), follow=True)
        assert "works" in response.content.decode()

    def test_a_dead_one(self, client, anna, mine, spotify):
        spotify.revoke(spotify.listeners[0].id)
        client.force_login(anna)
        client.post(reverse("accounts:connection-check", args=[mine.pk]))
        assert SpotifyConnection.objects.get().state == "reconnect"


@pytest.mark.parametrize("name", ["connection-check", "disconnect"])
def test_somebody_elses_connection_is_not_there(client, ben, mine, name):
    client.force_login(ben)
    assert client.post(reverse(f"accounts:{name}", args=[mine.pk])).status_code == 404
    ben.is_staff = True  # not even for operators: theirs are the service accounts
    ben.save()
    assert client.post(reverse(f"accounts:{name}", args=[mine.pk])).status_code == 404
    assert SpotifyConnection.objects.filter(pk=mine.pk).exists()


class TestDisconnect:
    @pytest.fixture
    def erased(self, monkeypatch):
        seen = []

        def eraser(*, user, connection, dry_run):
            if not dry_run:
                seen.append((user, connection.pk if connection else None))
            return {"plays seen by polling": 12, "imports": 1, "exports": 0}

        monkeypatch.setattr(depart, "_erasers", [eraser])
        return seen

    def test_counts_are_shown_before_and_after(self, client, anna, mine, erased):
        client.force_login(anna)
        path = reverse("accounts:disconnect", args=[mine.pk])
        page = client.get(path).content.decode()
        assert "<li>12 plays seen by polling</li><li>1 import</li>" in page
        assert not erased
        text = client.post(path, follow=True).content.decode()
        assert "Erased: 12 plays seen by polling, 1 import." in text
        assert set(erased) == {(anna, mine.pk)}
        assert not SpotifyConnection.objects.exists()

    def test_nothing_of_the_account_stays(self, browser, spotify):
        listener = spotify.listeners[0]
        browser.sign_in(listener)
        row = SpotifyConnection.objects.get()
        row.gateway().profile()
        user = row.user
        assert user.first_name == listener.display_name
        browser.post(reverse("accounts:disconnect", args=[row.pk]))
        user.refresh_from_db()
        assert user.first_name == ""
        assert SocialAccount.objects.get().extra_data == {}  # the key to sign in: a bare id
        assert set(CallCount.objects.values_list("connection", flat=True)) == {None}

    def test_with_a_password_the_key_goes_too(self, browser, spotify):
        browser.sign_in(spotify.listeners[0])
        row = SpotifyConnection.objects.get()
        row.user.set_password("a-long-pass-phrase")
        row.user.save()
        browser.force_login(row.user)
        browser.post(reverse("accounts:disconnect", args=[row.pk]))
        assert not SocialAccount.objects.exists()

    def test_signing_in_again_does_not_connect_again(self, browser, another_browser, spotify):
        browser.sign_in(spotify.listeners[0])
        row = SpotifyConnection.objects.get()
        browser.post(reverse("accounts:disconnect", args=[row.pk]))
        another_browser.sign_in(spotify.listeners[0])
        assert not SpotifyConnection.objects.exists()
        another_browser.sign_in(spotify.listeners[0], "process=connect")
        assert SpotifyConnection.objects.get().user == row.user


class TestOwnApp:
    form = {
        "name": "Mine",
        "client_id": "abc123",
        "secret": "s3cr3t-value",
        "mode": "development",
        "seats": 5,
        "daily_calls": 300,
    }

    def test_a_person_brings_a_client_id(self, client, anna, spotify):
        client.force_login(anna)
        assert client.post(reverse("accounts:app-add"), self.form).status_code == 302
        app = SpotifyApp.objects.get(client_id="abc123")
        assert (app.owner, app.client_secret, app.quota_group) == (anna, "s3cr3t-value", "abc123")
        assert "s3cr3t" not in app.client_secret_encrypted

    def test_it_is_its_owners_alone(self, client, anna, ben, spotify):
        app = SpotifyAppFactory(owner=anna, name="Annas app")
        client.force_login(ben)
        assert "Annas app" not in client.get("/connections/").content.decode()
        assert client.get(reverse("accounts:app", args=[app.pk])).status_code == 404
        assert client.post(reverse("accounts:app-remove", args=[app.pk])).status_code == 404
        response = client.post(f"/accounts/spotify/login/?process=connect&app={app.pk}", HTTP_HOST="127.0.0.1:8000")
        assert 'data-problem="unknown_app"' in response.content.decode()

    def test_a_person_shares_nothing(self, client, anna, spotify):
        client.force_login(anna)
        client.post(reverse("accounts:app-add"), self.form | {"is_shared": "on", "quota_group": "sandbox-app"})
        app = SpotifyApp.objects.get(client_id="abc123")
        assert app.owner == anna
        assert app.quota_group == "abc123"

    def test_an_operator_adds_one_for_everybody(self, client, operator, spotify):
        client.force_login(operator)
        client.post(reverse("accounts:app-add"), self.form | {"is_shared": "on", "quota_group": "us"})
        app = SpotifyApp.objects.get(client_id="abc123")
        assert (app.owner, app.quota_group) == (None, "us")

    def test_the_same_client_id_twice_is_refused_in_words(self, client, anna, spotify):
        registration.from_settings()
        client.force_login(anna)
        response = client.post(reverse("accounts:app-add"), self.form | {"client_id": "sandbox-app"})
        assert response.status_code == 200
        assert "already exists" in response.content.decode()

    def test_changing_keeps_the_secret_unless_a_new_one_is_given(self, client, anna, spotify):
        client.force_login(anna)
        client.post(reverse("accounts:app-add"), self.form)
        app = SpotifyApp.objects.get(client_id="abc123")
        path = reverse("accounts:app", args=[app.pk])
        assert "s3cr3t" not in client.get(path).content.decode()
        client.post(path, self.form | {"secret": "", "name": "Renamed", "quota_group": "mine"})
        app.refresh_from_db()
        assert (app.name, app.client_secret) == ("Renamed", "s3cr3t-value")
        client.post(path, self.form | {"secret": "another"})
        app.refresh_from_db()
        assert app.client_secret == "another"

    def test_the_settings_app_keeps_its_settings(self, client, operator, spotify):
        app = registration.from_settings()
        client.force_login(operator)
        path = reverse("accounts:app", args=[app.pk])
        client.post(path, {"name": "Ours", "mode": "development", "seats": 3, "quota_group": "", "daily_calls": 9})
        app = registration.from_settings()
        assert (app.name, app.seats, app.daily_calls, app.quota_group) == ("Ours", 3, 500, "sandbox-app")

    def test_in_use_it_is_not_removed(self, client, anna, connected, spotify):
        app = SpotifyAppFactory(owner=anna)
        SpotifyConnectionFactory(user=anna, app=app)
        client.force_login(anna)
        client.post(reverse("accounts:app-remove", args=[app.pk]))
        assert SpotifyApp.objects.filter(pk=app.pk).exists()
        app.connections.all().delete()
        client.post(reverse("accounts:app-remove", args=[app.pk]))
        assert not SpotifyApp.objects.filter(pk=app.pk).exists()


def test_notices_do_not_stack(anna, now):
    for minutes in range(3):
        notices.tell(user=anna, kind="x", key="1", text=lambda: "again", now=now + timedelta(minutes=minutes))
    row = Notice.objects.get()
    assert (row.times, row.repeated_at) == (3, now + timedelta(minutes=2))
    assert notices.settle(user=anna, kind="x", key="1", now=now) == 1
    notices.tell(user=anna, kind="x", key="1", text=lambda: "anew", now=now)
    assert Notice.objects.count() == 2


def test_notices_speak_the_readers_language(db, now):
    from django.utils import translation

    boris = UserFactory(language="ru")
    spoken = []
    notices.tell(user=boris, kind="x", text=lambda: spoken.append(translation.get_language()) or "…", now=now)
    assert spoken == ["ru"]
