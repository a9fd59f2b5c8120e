"""Passwords: signing in with one, choosing and forgetting one."""

import re

import pytest
from django.urls import reverse

from accounts.models import User

PASSWORD = "a-long-pass-phrase"


class TestPasswords:
    def test_signing_up_in_and_out(self, client, db):
        form = {"username": "clara", "password1": PASSWORD, "password2": PASSWORD}
        assert client.post(reverse("account_signup"), form).status_code == 302
        assert client.post(reverse("account_logout")).status_code == 302
        assert "_auth_user_id" not in client.session
        client.post(reverse("account_login"), {"login": "clara", "password": PASSWORD})
        assert client.session["_auth_user_id"] == str(User.objects.get(username="clara").pk)

    def test_a_wrong_password_says_so_and_is_limited(self, client, anna, settings):
        from django.core.cache import cache

        cache.clear()
        for _ in range(5):
            response = client.post(reverse("account_login"), {"login": "anna", "password": "wrong"})
            assert response.status_code == 200
        response = client.post(reverse("account_login"), {"login": "anna", "password": PASSWORD})
        assert "_auth_user_id" not in client.session
        cache.clear()

    def test_changing_it(self, client, anna):
        client.force_login(anna)
        form = {"oldpassword": PASSWORD, "password1": "another-long-phrase", "password2": "another-long-phrase"}
        assert client.post(reverse("account_change_password"), form).status_code == 302
        anna.refresh_from_db()
        assert anna.check_password("another-long-phrase")

    def test_setting_one_after_spotify(self, client, anna):
        anna.set_unusable_password()
        anna.save()
        client.force_login(anna)
        client.post(reverse("account_set_password"), {"password1": PASSWORD, "password2": PASSWORD})
        anna.refresh_from_db()
        assert anna.check_password(PASSWORD)

    def test_forgotten_with_an_address_in_the_settings(self, client, anna, mailoutbox):
        anna.email = "anna@example.org"
        anna.save()
        client.post(reverse("account_reset_password"), {"email": "anna@example.org"})
        assert "/accounts/password/reset/key/" in mailoutbox[0].body

    @pytest.mark.parametrize(
        "name",
        [
            "account_login",
            "account_signup",
            "account_reset_password",
            "account_reset_password_done",
            "account_inactive",
        ],
    )
    def test_pages_are_ours(self, client, db, name):
        text = client.get(reverse(name)).content.decode()
        assert "wordmark" in text
        assert "· Vibesite</title>" in text

    @pytest.mark.parametrize("name", ["account_logout", "account_change_password"])
    def test_pages_of_the_signed_in_are_ours(self, client, anna, name):
        client.force_login(anna)
        assert "wordmark" in client.get(reverse(name)).content.decode()

    @pytest.mark.parametrize(
        ("path", "to"), [("/accounts/3rdparty/", "/connections/"), ("/accounts/email/", "/settings/")]
    )
    def test_allauths_other_pages_lead_to_ours(self, client, anna, path, to):
        client.force_login(anna)
        assert client.get(path)["Location"] == to


def test_who_tries_too_often_is_told_so_on_a_page_of_ours(client, db):
    for number in range(40):
        answer = client.post(reverse("account_reset_password"), {"email": f"somebody{number}@example.org"})
        if answer.status_code == 429:
            break
    assert answer.status_code == 429
    page = answer.content.decode()
    assert "That was too often" in page
    assert f'href="{reverse("account_reset_password")}"' in page
    assert "wordmark" in page


def test_nobody_without_an_account_is_written_to(client, anna, mailoutbox):
    client.post(reverse("account_reset_password"), {"email": "stranger@example.org"})
    assert mailoutbox == []


def test_the_mail_about_a_forgotten_password_speaks_as_the_others_do(client, anna, mailoutbox):
    anna.email, anna.first_name = "anna@example.org", "Anna <3"
    anna.save()
    client.post(reverse("account_reset_password"), {"email": "anna@example.org"})
    letter = mailoutbox[0]
    assert letter.subject == "A new password for Vibesite"
    assert letter.body.startswith("Hello Anna <3,")
    assert "example.com" not in letter.body
    link = re.search(r"http://testserver(/accounts/password/reset/key/\S+)", letter.body)
    assert link
    assert client.get(link[1], follow=True).status_code == 200
