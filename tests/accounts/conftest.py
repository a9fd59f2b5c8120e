"""Spotify, as the product meets it: the sandbox behind the settings, a browser that signs in through it; and jobs."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
from django.test import Client
from django.utils import timezone

from accounts import jobs
from accounts.models import Job, SpotifyApp, SpotifyConnection, User
from accounts.spotify import crypto, registration
from tests.sandbox_fixtures import TestSandbox, sandbox, sandbox_server  # noqa: F401

HOST = "127.0.0.1:8000"


@pytest.fixture
def spotify(sandbox: TestSandbox, settings: Any, db: None) -> TestSandbox:  # noqa: F811
    settings.SPOTIFY_SANDBOX = True
    settings.SPOTIFY_API_URL = sandbox.url + "/v1"
    settings.SPOTIFY_ACCOUNTS_URL = sandbox.url
    settings.SPOTIFY_CLIENT_ID = "sandbox-app"
    settings.SPOTIFY_CLIENT_SECRET = "sandbox-secret"
    settings.SPOTIFY_DAILY_CALLS = 500
    return sandbox


class Browser(Client):
    """A browser on the host that Spotify sends people back to."""

    def __init__(self, spotify: TestSandbox) -> None:
        super().__init__(HTTP_HOST=HOST)
        self.spotify = spotify

    def to_spotify(self, query: str = "process=login") -> Any:
        return self.post(f"/accounts/spotify/login/?{query}")

    def decide(self, location: str, listener: str, *, allow: bool = True, **more: Any) -> str:
        """What happens at Spotify's page; returns the address it sends the browser back to."""
        asked = dict(parse_qsl(urlsplit(location).query))
        form = asked | {"decision": "allow" if allow else "deny", "listener": listener} | more
        answer = requests.post(f"{self.spotify.url}/authorize", data=form, allow_redirects=False, timeout=5)
        assert answer.status_code == 303, answer.text
        back = urlsplit(answer.headers["Location"])
        return f"{back.path}?{back.query}"

    def sign_in(self, listener: Any, query: str = "process=login", *, listed: bool = True, **more: Any) -> Any:
        """The whole round trip; returns the answer of our callback."""
        if listed:
            self.spotify.allow(listener.id)
        start = self.to_spotify(query)
        assert start.status_code == 302, start.content.decode()
        return self.get(self.decide(start["Location"], listener.id, **more))


@pytest.fixture
def browser(spotify: TestSandbox) -> Browser:
    return Browser(spotify)


@pytest.fixture
def another_browser(spotify: TestSandbox) -> Browser:
    return Browser(spotify)


@pytest.fixture
def connected(spotify: TestSandbox) -> Callable[..., SpotifyConnection]:
    """A connection with live tokens, without the round trip."""

    def make(
        user: User | None, listener: Any, *, app: SpotifyApp | None = None, at: datetime | None = None, **more: Any
    ) -> SpotifyConnection:
        app = app or registration.from_settings()
        assert app is not None
        at = at or timezone.now()
        answer = spotify.tokens_for(listener.id, app.client_id, consented_at=more.pop("consented_at", None))
        return SpotifyConnection.objects.create(
            user=user,
            app=app,
            account_id=listener.account_id,
            spotify_user_id=listener.id,
            display_name=listener.display_name or "",
            access_token_encrypted=crypto.encrypt(answer["access_token"]),
            access_expires_at=more.pop("access_expires_at", at + timedelta(seconds=answer["expires_in"])),
            refresh_token_encrypted=crypto.encrypt(answer["refresh_token"]),
            scopes=answer["scope"].split(),
            authorized_at=more.pop("authorized_at", at),
            state_at=at,
            **more,
        )

    return make


@pytest.fixture
def handle(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Register a handler for jobs of kind "rehearsal" for one test."""

    def register(function: Callable[[jobs.Run], Any], **options: Any) -> None:
        monkeypatch.setattr(jobs, "_handlers", dict(jobs._handlers))
        jobs.handler("rehearsal", **options)(function)

    return register


def begin(**changes: Any) -> Job:
    return jobs.start("rehearsal", **{"owner": None, "parameters": {}} | changes)
