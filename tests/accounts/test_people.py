"""Settings, invitations, leaving, mail, and the doors to somebody's rows."""

import io
from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.http import Http404, HttpResponse
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone

from accounts import invitations
from accounts.access import get_owned, operator_required
from accounts.actions import depart
from accounts.models import Invitation, Job, SpotifyConnection, User
from tests.factories.accounts import SpotifyAppFactory, SpotifyConnectionFactory, UserFactory

PASSWORD = "a-long-pass-phrase"


class TestSignUp:
    form = {"username": "clara", "password1": PASSWORD, "password2": PASSWORD}

    def test_closed(self, client, db, settings):
        settings.SIGN_UP = "closed"
        assert "Nobody can sign up" in client.get(reverse("account_signup")).content.decode()
        client.post(reverse("account_signup"), self.form)
        assert not User.objects.exists()

    def test_an_invitation_lets_one_person_in(self, client, operator, settings):
        settings.SIGN_UP = "invitation"
        client.post(reverse("account_signup"), self.form)
        assert not User.objects.filter(username="clara").exists()
        row = invitations.create(by=operator, note="Clara", now=timezone.now())
        assert client.get(reverse("accounts:invitation", args=[row.token]))["Location"] == reverse("account_signup")
        client.post(reverse("account_signup"), self.form)
        row.refresh_from_db()
        assert row.used_by.username == "clara"
        client.logout()
        assert client.get(reverse("accounts:invitation", args=[row.token])).status_code == 404

    def test_an_old_invitation(self, client, operator, settings):
        row = invitations.create(by=operator, note="", now=timezone.now() - timedelta(days=15))
        assert client.get(reverse("accounts:invitation", args=[row.token])).status_code == 404

    def test_the_operators_page(self, client, operator, anna):
        client.force_login(anna)
        assert client.get("/invitations/").status_code == 403
        client.force_login(operator)
        client.post("/invitations/", {"note": "Clara"})
        row = Invitation.objects.get()
        assert row.token in client.get("/invitations/").content.decode()
        client.post(reverse("accounts:invitation-revoke", args=[row.pk]))
        assert not Invitation.objects.exists()


class TestSettings:
    form = {
        "first_name": "Anna",
        "email": "",
        "time_zone": "Asia/Kolkata",
        "language": "ru",
        "theme": "dark",
        "week_starts_on": "7",
    }

    def test_saving(self, client, anna):
        client.force_login(anna)
        assert client.post("/settings/", self.form).status_code == 302
        anna.refresh_from_db()
        assert (anna.time_zone, anna.language, anna.theme, anna.week_starts_on) == ("Asia/Kolkata", "ru", "dark", 7)

    @pytest.mark.parametrize(
        "wrong", [{"time_zone": "Mars/Base"}, {"language": "xx"}, {"email": "x"}, {"week_starts_on": "9"}]
    )
    def test_refusing(self, client, anna, wrong):
        client.force_login(anna)
        response = client.post("/settings/", self.form | wrong)
        assert response.status_code == 200
        assert "errorlist" in response.content.decode()
        anna.refresh_from_db()
        assert anna.time_zone == "UTC"


class TestClock:
    """The time zone of somebody who never said theirs."""

    @pytest.fixture
    def newcomer(self, client, db):
        user = UserFactory(time_zone_is_known=False)
        client.force_login(user)
        return user

    def test_told_once_by_the_browser(self, client, newcomer):
        page = client.get("/").content.decode()
        assert "<clock-zone" in page
        assert "js/clock-zone.js" in page
        assert client.post("/settings/clock/", {"time_zone": "Asia/Calcutta"}).status_code == 302  # an old name
        newcomer.refresh_from_db()
        assert (newcomer.time_zone, newcomer.time_zone_is_known) == ("Asia/Calcutta", True)
        assert "<clock-zone" not in client.get("/").content.decode()
        assert "Asia/Calcutta" in client.get("/settings/").content.decode()

    def test_what_a_person_said_stands(self, client, newcomer):
        client.post("/settings/", TestSettings.form)
        client.post("/settings/clock/", {"time_zone": "Europe/Berlin"})
        newcomer.refresh_from_db()
        assert newcomer.time_zone == "Asia/Kolkata"

    @pytest.mark.parametrize("told", ["Mars/Base", "", "../etc/passwd", "x" * 900])
    def test_an_unknown_zone_is_refused(self, client, newcomer, told):
        assert client.post("/settings/clock/", {"time_zone": told}).status_code == 400
        newcomer.refresh_from_db()
        assert (newcomer.time_zone, newcomer.time_zone_is_known) == ("UTC", False)


class TestLeaving:
    def test_everything_goes(self, client, anna, ben, run_jobs, monkeypatch):
        seen = []

        def eraser(*, user, connection, dry_run):
            seen.append((user.pk, connection, dry_run))
            return {"plays": 1_000_000}

        monkeypatch.setattr(depart, "_erasers", [eraser])
        SpotifyConnectionFactory(user=anna, app=SpotifyAppFactory(owner=anna))
        kept = SpotifyConnectionFactory(user=ben)
        client.force_login(anna)
        assert "1000000 plays" in client.get("/settings/leave/").content.decode().replace(",", "").replace("\xa0", "")
        response = client.post("/settings/leave/", {"username": "anna"})
        assert response.status_code == 200
        assert "_auth_user_id" not in client.session
        assert not client.login(username="anna", password=PASSWORD)
        assert not SpotifyConnection.objects.exclude(pk=kept.pk).exclude(refresh_token_encrypted="").exists()
        (job,) = run_jobs()
        assert job.state == "done"
        assert job.result["erased"][0] == ["plays", 1_000_000]
        assert (anna.pk, None, False) in seen
        assert list(User.objects.all()) == [ben]
        assert list(SpotifyConnection.objects.all()) == [kept]
        assert job.owner is None

    def test_a_repeat_after_a_crash_is_harmless(self, anna, run_jobs):
        from accounts import jobs, jobs_depart

        depart.leave(user=anna, now=timezone.now())
        for _ in range(2):
            jobs.start(jobs_depart.KIND, owner=None, parameters={"user_id": anna.pk})
        assert [job.state for job in run_jobs()] == ["done", "done"]
        assert not User.objects.exists()

    def test_the_job_touches_nobody_who_stays(self, anna, run_jobs):
        from accounts import jobs, jobs_depart

        jobs.start(jobs_depart.KIND, owner=None, parameters={"user_id": anna.pk})
        run_jobs()
        assert User.objects.get() == anna

    def test_only_with_the_right_name(self, client, anna):
        client.force_login(anna)
        assert client.post("/settings/leave/", {"username": "ben"}).status_code == 200
        anna.refresh_from_db()
        assert anna.is_active
        assert not Job.objects.exists()

    def test_a_shared_private_app_outlives_its_owner(self, anna, ben):
        app = SpotifyAppFactory(owner=anna)
        SpotifyConnectionFactory(user=ben, app=app)
        depart.forget(user=anna)
        app.refresh_from_db()
        assert (app.owner, app.enabled) == (None, False)


class TestDoors:
    def test_ones_own_and_nobody_elses(self, anna, ben):
        row = SpotifyConnectionFactory(user=anna)
        assert get_owned(anna, SpotifyConnection, row.pk) == row
        assert get_owned(anna, SpotifyConnection.objects.active(), row.pk) == row
        for who, pk in ((ben, row.pk), (AnonymousUser(), row.pk), (anna, row.pk + 1), (anna, "x"), (anna, 10**30)):
            with pytest.raises(Http404):
                get_owned(who, SpotifyConnection, pk)

    def test_operators(self, anna, operator):
        view = operator_required(lambda request: HttpResponse("in"))

        def ask(user):
            request = RequestFactory().get("/x/")
            request.user = user
            return view(request)

        assert ask(operator).content == b"in"
        assert ask(AnonymousUser()).status_code == 302
        with pytest.raises(PermissionDenied):
            ask(anna)


class TestMail:
    def test_only_in_debug(self, client, db, settings, tmp_path):
        settings.EMAIL_FILE_PATH = str(tmp_path)
        assert client.get("/mail/").status_code == 404
        settings.DEBUG = True
        assert "No mail yet" in client.get("/mail/").content.decode()

    def test_what_was_written_is_shown(self, client, db, settings, tmp_path):
        from django.core.mail import get_connection, send_mail

        settings.DEBUG, settings.EMAIL_FILE_PATH = True, str(tmp_path)
        backend = get_connection("django.core.mail.backends.filebased.EmailBackend", file_path=str(tmp_path))
        send_mail("Grüße", "Hallo <b>Anna</b>", None, ["anna@example.org"], connection=backend)
        text = client.get("/mail/").content.decode()
        assert "Grüße" in text
        assert "Hallo &lt;b&gt;Anna&lt;/b&gt;" in text


class TestCreateUser:
    def test_prints_a_password_once(self, db):
        out = io.StringIO()
        call_command("createuser", "dora", stdout=out, stderr=io.StringIO())
        assert User.objects.get(username="dora").check_password(out.getvalue().strip())

    def test_with_a_password(self, db):
        call_command("createuser", "dora", password=PASSWORD, time_zone="Europe/Berlin", stderr=io.StringIO())
        dora = User.objects.get()
        assert dora.check_password(PASSWORD)
        assert dora.time_zone == "Europe/Berlin"
        assert not dora.is_staff

    @pytest.mark.parametrize("wrong", [{"password": "short"}, {"time_zone": "Mars"}, {"email": "x"}])
    def test_says_what_is_wrong(self, db, wrong):
        with pytest.raises(CommandError):
            call_command("createuser", "dora", **wrong)
        assert not User.objects.exists()

    def test_a_taken_name(self, anna):
        with pytest.raises(CommandError, match="already exists"):
            call_command("createuser", "anna")


class TestAdmin:
    PAGES = ("user", "spotifyapp", "spotifyconnection", "invitation", "callcount", "breaker", "notice", "job")

    @pytest.mark.parametrize("model", PAGES)
    def test_lists_and_searches(self, client, operator, model):
        client.force_login(operator)
        assert client.get(f"/admin/accounts/{model}/").status_code == 200
        assert client.get(f"/admin/accounts/{model}/?q=nothing").status_code == 200

    def test_a_person_is_added_and_changed(self, client, operator):
        client.force_login(operator)
        form = {"username": "dora", "password1": PASSWORD, "password2": PASSWORD, "usable_password": "true"}
        assert client.post("/admin/accounts/user/add/", form).status_code == 302
        dora = User.objects.get(username="dora")
        assert client.get(f"/admin/accounts/user/{dora.pk}/change/").status_code == 200

    def test_an_app_is_added_with_a_secret(self, client, operator):
        client.force_login(operator)
        form = {
            "name": "Second",
            "client_id": "second",
            "new_secret": "under-the-hat",
            "mode": "development",
            "seats": 5,
            "enabled": "on",
            "quota_group": "second",
            "daily_calls": 500,
            "interactive_reserve": 100,
        }
        assert client.post("/admin/accounts/spotifyapp/add/", form).status_code == 302
        from accounts.models import SpotifyApp

        app = SpotifyApp.objects.get()
        assert app.client_secret == "under-the-hat"
        assert "under-the-hat" not in client.get(f"/admin/accounts/spotifyapp/{app.pk}/change/").content.decode()

    def test_connections_are_stopped_and_started_with_a_trace(self, client, operator):
        from django.contrib.admin.models import LogEntry

        row = SpotifyConnectionFactory(refresh_token_encrypted="x")
        client.force_login(operator)
        for action, state in (("quarantine", "app_blocked"), ("reactivate", "active")):
            client.post("/admin/accounts/spotifyconnection/", {"action": action, "_selected_action": [row.pk]})
            row.refresh_from_db()
            assert row.state == state
        assert LogEntry.objects.count() == 2


class TestSignInPage:
    def test_offers_other_apps_only_when_there_are_several(self, client, db):
        assert "several Spotify apps" not in client.get("/accounts/login/").content.decode()
        SpotifyAppFactory(name="Second house")
        assert "Second house" in client.get("/accounts/login/").content.decode()

    def test_offers_signing_up_only_to_those_who_may(self, client, db, settings):
        assert "Make an account" in client.get("/accounts/login/").content.decode()
        settings.SIGN_UP = "closed"
        assert "Make an account" not in client.get("/accounts/login/").content.decode()

    def test_works_without_any_app(self, client, db, settings):
        settings.SPOTIFY_CLIENT_ID = ""
        assert "Continue with Spotify" not in client.get("/accounts/login/").content.decode()

    def test_comes_back_to_where_one_wanted_to_go(self, client, anna):
        form = {"login": "anna", "password": PASSWORD, "next": "/settings/"}
        assert client.post("/accounts/login/", form)["Location"] == "/settings/"
        client.logout()
        assert client.post("/accounts/login/", form | {"next": "https://evil.example/"})["Location"] == "/"
