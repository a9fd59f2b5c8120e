"""The `sandbox` fixture: a small made-up world behind real HTTP on loopback, one server a session, reset for each test.

def test_pull(sandbox):
    anna = sandbox.listeners[0]
    tokens = sandbox.tokens_for(anna.id)               # as if anna had just agreed; allow-lists her
    sandbox.add_play(anna.id, sandbox.world.tracks[0], at=some_datetime)
    sandbox.fault(status=503, path="/v1/me/*", count=2)
    sandbox.clock.freeze(some_datetime)
    sandbox.requests("/v1/me/player/*")                # what was asked, newest last
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Any

import pytest

from vibesite.sandbox import oauth, player, tokens
from vibesite.sandbox.model import TruePlay
from vibesite.sandbox.scopes import SCOPES, pack
from vibesite.sandbox.server import SandboxServer
from vibesite.sandbox.state import App, PlayerWord
from vibesite.sandbox.tokens import Token
from vibesite.sandbox.world import Size, World

# What Vibesite asks for, and a little more; the two of extended mode's profile apart.
USUAL_SCOPES = tuple(scope for scope in SCOPES if scope.startswith(("user-read-", "user-top", "user-lib", "playlist-")))
USUAL_SCOPES += ("user-follow-read", "user-modify-playback-state", "ugc-image-upload")


class TestSandbox(SandboxServer):
    """The server with what tests want to say to it."""

    __test__ = False

    @property
    def listeners(self) -> tuple[Any, ...]:
        return self.sandbox.base_world.listeners

    @property
    def api_url(self) -> str:
        return self.url + "/v1/"

    def reset(self) -> None:
        self.sandbox.reset()

    def app(self, client_id: str = "sandbox-app", **changes: Any) -> App:
        """An app, with some of its words changed: `sandbox.app(quota=10)`."""
        app = self.state.saved.apps[client_id]
        for name, value in changes.items():
            if not hasattr(app, name):
                raise AttributeError(name)
            setattr(app, name, value)
        return app

    def allow(self, listener_id: str, client_id: str = "sandbox-app") -> None:
        """Put a listener on the app's list, with a seat more if need be."""
        app = self.app(client_id)
        if listener_id not in app.allowlist:
            app.allowlist = [*app.allowlist, listener_id]
            app.seats = max(app.seats, len(app.allowlist))

    def tokens_for(
        self,
        listener_id: str,
        client: str = "sandbox-app",
        scopes: Iterable[str] | None = None,
        *,
        allow: bool = True,
        consented_at: datetime | None = None,
    ) -> dict[str, Any]:
        """The token endpoint's answer to a fresh consent; an old one with `consented_at`."""
        app = self.app(client)
        if allow and not app.extended:
            self.allow(listener_id, client)
        now = self.clock.timestamp()
        consented = consented_at.timestamp() if consented_at else now
        granted = tuple(USUAL_SCOPES if scopes is None else scopes)
        grant = Token(
            "refresh",
            client,
            listener_id,
            pack(granted),
            consented_at=consented,
            expires_at=oauth.six_months_after(consented),
            generation=self.state.generation(client, listener_id),
            nonce=tokens.nonce(),
        )
        self.state.consent(client, listener_id, granted)
        return {
            "access_token": oauth.access_token(self.state.salt, grant, app, now),
            "token_type": "Bearer",
            "expires_in": app.access_s,
            "refresh_token": tokens.seal(self.state.salt, grant),
            "scope": " ".join(granted),
        }

    def headers_for(self, listener_id: str, client: str = "sandbox-app", **more: Any) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.tokens_for(listener_id, client, **more)['access_token']}"}

    def add_play(self, listener_id: str, track: Any, at: datetime | None = None, **more: Any) -> TruePlay:
        """A play that ended `at` (now if not told), of the whole track unless `ms_played` says less."""
        return self.world.add_play(listener_id, getattr(track, "id", track), ended_at=at, **more)

    def play_now(self, listener_id: str, track: Any = None, **more: Any) -> None:
        """Tell the player what to do, as PlayerWord's fields; without a track there is no active device."""
        word = PlayerWord(track_id=getattr(track, "id", track), since=self.clock.timestamp(), silent=track is None)
        for name, value in more.items():
            if not hasattr(word, name):
                raise AttributeError(name)
            setattr(word, name, value)
        if "kind" in more:
            word.silent = False
        player.tell(self.world, listener_id, word)

    def fault(self, **asked: Any) -> Any:
        """Switch a fault on; see vibesite/sandbox/faults.py."""
        return self.faults.add(asked)

    def revoke(self, listener_id: str, client: str = "sandbox-app") -> None:
        """The listener removes the app at their account page."""
        self.state.revoke(client, listener_id)

    def requests(self, path: str = "*", method: str = "") -> list[dict[str, Any]]:
        """Logged requests that fit, oldest first."""
        return [
            one
            for one in list(self.sandbox.log)
            if fnmatchcase(one["path"], path) and (not method or one["method"] == method)
        ]


@pytest.fixture(scope="session")
def sandbox_server() -> Iterator[TestSandbox]:
    """One server for the session. Ask for `sandbox`, which is as new in each test."""
    server = TestSandbox(World(size=Size.SMALL))
    server.start()
    yield server
    server.close()


@pytest.fixture
def sandbox(sandbox_server: TestSandbox) -> TestSandbox:
    sandbox_server.reset()
    return sandbox_server
