"""`manage.py seed_demo`: who can sign in on a demo server, and through which of the sandbox's apps."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from accounts.models import SpotifyApp, User
from accounts.spotify import registration

# Known to everybody who reads this: only for a server that stands on the sandbox, on a developer's own machine.
OPERATOR, OPERATOR_PASSWORD = "operator", "operator-demo"
PERSON, PERSON_PASSWORD = "ada", "ada-demo"
# The sandbox's other apps: another developer's with seats for five more listeners, and one in extended mode.
APPS = (
    # client id, secret, name, mode, calls a day
    ("sandbox-second", "sandbox-second-secret", "Sandbox II", SpotifyApp.Mode.DEVELOPMENT, 500),
    ("sandbox-extended", "sandbox-extended-secret", "Sandbox, extended", SpotifyApp.Mode.EXTENDED, 200_000),
)


class Command(BaseCommand):
    help = (
        "Make an operator, a person without Spotify and the sandbox's apps. Safe to repeat; changes nothing it finds."
    )

    def handle(self, **options: Any) -> None:
        if not (settings.DEBUG and settings.SPOTIFY_SANDBOX):
            raise CommandError(
                "Only a demo that stands on the sandbox is filled: its passwords are known to everybody."
            )
        with transaction.atomic():
            registration.from_settings()
            for app in APPS:
                _add_app(*app)
            _add_user(OPERATOR, OPERATOR_PASSWORD, operator=True)
            _add_user(PERSON, PERSON_PASSWORD)
        self._tell()

    def _tell(self) -> None:
        for line in (
            f"Open {settings.SITE_URL}/ and choose “Sign in with Spotify”; be, say, Mara.",
            f"Without Spotify: {PERSON} with the password {PERSON_PASSWORD}.",
            f"The operator, for {settings.SITE_URL}/admin/: {OPERATOR} with the password {OPERATOR_PASSWORD}.",
            f"Export zips to drop, time to speed up, faults to switch on: {settings.SANDBOX_URL}/_sandbox/",
        ):
            self.stdout.write(line)


def _add_app(client_id: str, secret: str, name: str, mode: str, daily_calls: int) -> None:
    if SpotifyApp.objects.filter(client_id=client_id).exists():
        return
    app = SpotifyApp(client_id=client_id, name=name, mode=mode, daily_calls=daily_calls, quota_group=client_id)
    app.client_secret = secret
    app.save()


def _add_user(username: str, password: str, *, operator: bool = False) -> None:
    if not User.objects.filter(username=username).exists():
        User.objects.create_user(username, password=password, is_staff=operator, is_superuser=operator)
