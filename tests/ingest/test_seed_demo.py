"""The demo's people and apps."""

import pytest
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command

from accounts.models import SpotifyApp, User
from ingest.management.commands import seed_demo


@pytest.fixture(autouse=True)
def _demo(settings, db):
    settings.DEBUG = settings.SPOTIFY_SANDBOX = True
    settings.SPOTIFY_CLIENT_ID, settings.SPOTIFY_CLIENT_SECRET = "sandbox-app", "sandbox-secret"


def test_makes_people_and_apps_once(capsys):
    for _ in range(2):
        call_command("seed_demo")
    assert authenticate(username=seed_demo.OPERATOR, password=seed_demo.OPERATOR_PASSWORD).is_superuser
    assert not authenticate(username=seed_demo.PERSON, password=seed_demo.PERSON_PASSWORD).is_staff
    assert User.objects.count() == 2
    assert {app.client_id for app in SpotifyApp.objects.all()} == {"sandbox-app", "sandbox-second", "sandbox-extended"}
    assert SpotifyApp.objects.get(client_id="sandbox-second").client_secret == "sandbox-second-secret"
    assert "Sign in with Spotify" in capsys.readouterr().out


def test_keeps_what_was_changed():
    call_command("seed_demo")
    User.objects.get(username="ada").delete()
    User.objects.filter(username="operator").update(is_staff=False)
    call_command("seed_demo")
    assert User.objects.filter(username="ada").exists()
    assert not User.objects.get(username="operator").is_staff


@pytest.mark.parametrize("name", ["DEBUG", "SPOTIFY_SANDBOX"])
def test_refuses_a_real_server(settings, name):
    setattr(settings, name, False)
    with pytest.raises(CommandError):
        call_command("seed_demo")
    assert not User.objects.exists()
