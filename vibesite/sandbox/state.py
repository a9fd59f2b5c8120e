"""What was done to the world: apps, consents, edits, injected plays, usage. Thread-safe; kept in a file if given.

The file is JSON, written a moment after a change, whole and atomically; a restarted sandbox goes on where it stopped.
Access and refresh tokens are signed (tokens.py) and live without it; here are only the ones that were spent or revoked.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from vibesite.sandbox.clock import Clock
from vibesite.sandbox.model import TruePlay

if TYPE_CHECKING:
    from vibesite.sandbox.app import Sandbox

SAVE_AFTER_S = 0.3  # changes within this are written together
DEFAULT_REDIRECTS = [
    f"http://{host}{path}"
    for host in ("127.0.0.1", "[::1]")
    for path in ("/accounts/spotify/login/callback/", "/callback", "/")
]


class App(msgspec.Struct):
    """One client id as in the developer dashboard."""

    client_id: str
    secret: str
    name: str
    developer: str  # whose account it is; the quota is shared by all apps of one developer
    mode: str = "development"  # or "extended"
    seats: int = 5
    allowlist: list[str] = []  # listener ids
    redirect_uris: list[str] = msgspec.field(default_factory=lambda: list(DEFAULT_REDIRECTS))
    owner_premium: bool = True
    rate_limit: int = 180  # calls in any 30 s; Spotify publishes no number
    quota: int | None = 1500  # calls in any 24 h for the whole developer account; none: endless
    rotation: str = "off"  # refresh tokens: "off" never new, "on" a new one each time, "single" and the old one dies
    access_s: int = 3600  # an access token's life
    unlisted_body: str = "text"  # or "json": both have been seen

    @property
    def extended(self) -> bool:
        return self.mode == "extended"


class Entry(msgspec.Struct):
    """One line of an edited playlist. `uri` may be a local file's; none: no longer available."""

    uri: str | None
    added_at: float | None  # Unix s
    added_by: str | None = None


class EditedPlaylist(msgspec.Struct):
    """A playlist that was made or changed through the API; it stands in for the world's from then on."""

    id: str
    owner_id: str
    name: str
    description: str | None = None
    public: bool | None = True
    collaborative: bool = False
    items: list[Entry] = []
    snapshot_id: str = ""
    first_snapshot_id: str = ""  # the world's, before the first edit
    version: int = 1
    image: bytes | None = None  # a JPEG
    created_at: float = 0.0

    def edited(self) -> None:
        """Count one edit; the snapshot id is another from now on."""
        if not self.first_snapshot_id:
            self.first_snapshot_id = self.snapshot_id
        self.version += 1
        self.snapshot_id = self._snapshot(self.version)

    def had(self, snapshot_id: object) -> bool:
        """Whether this is, or was, a version of this playlist."""
        if not isinstance(snapshot_id, str):
            return False
        if snapshot_id in (self.snapshot_id, self.first_snapshot_id):
            return True
        try:
            version = int.from_bytes(base64.b64decode(snapshot_id)[:4], "big")
        except ValueError:
            return False
        return version <= self.version and snapshot_id == self._snapshot(version)

    def _snapshot(self, version: int) -> str:
        mark = hashlib.blake2b(f"{self.id} {version}".encode(), digest_size=20).digest()
        return base64.b64encode(version.to_bytes(4, "big") + mark).decode()


class PlayerWord(msgspec.Struct):
    """What a listener's player was told, in place of what the world would have it play. `since` is Unix s."""

    track_id: str | None
    since: float
    kind: str = "track"  # track, episode, ad, unknown
    progress_ms: int = 0  # at `since`
    is_playing: bool = True
    private_session: bool = False
    context_uri: str | None = None
    shuffle: bool = False
    repeat: str = "off"
    volume_percent: int = 60
    device_name: str = "Kitchen speaker"
    device_type: str = "Speaker"
    silent: bool = False  # no active device at all
    queue: list[str] = []  # URIs to come


class Saved(msgspec.Struct):
    """Everything in the state file."""

    salt: str
    apps: dict[str, App] = {}
    generations: dict[str, int] = {}  # "client id:listener": times revoked
    consents: dict[str, dict[str, Any]] = {}  # "client id:listener": {"at": Unix s, "scopes": […]}
    spent: dict[str, float] = {}  # nonce of a used code or single-use refresh token: when
    library: dict[str, dict[str, float | None]] = {}  # listener: {uri: added at, none if removed}
    playlists: dict[str, EditedPlaylist] = {}
    plays: dict[str, list[TruePlay]] = {}  # listener: injected plays
    players: dict[str, PlayerWord] = {}
    usage: dict[str, dict[str, int]] = {}  # developer: {Unix minute: calls}
    options: dict[str, Any] = {}
    boxes: dict[str, dict[str, Any]] = {}
    clock: dict[str, Any] = {}
    made: int = 0  # playlists ever made, for their ids


class State:
    """See the module. Hold `lock` while reading and changing together, then call `changed`."""

    def __init__(self, *, path: Path | None = None, clock: Clock, salt: str = "vibesite") -> None:
        self.path = path
        self.clock = clock
        self.salt = salt
        self.lock = threading.RLock()
        self._listener_ids: list[str] = []
        self._dirty = threading.Event()
        self._closing = threading.Event()
        self._saver: threading.Thread | None = None
        self.saved = Saved(salt=salt)

    def open(self, sandbox: Sandbox) -> None:
        """Read the file, if there is one of the same salt, and start to keep it."""
        self._listener_ids = [listener.id for listener in sandbox.base_world.listeners]
        self.reset()
        if self.path is None:
            return
        with contextlib.suppress(FileNotFoundError):
            try:
                saved = msgspec.json.decode(self.path.read_bytes(), type=Saved)
            except msgspec.DecodeError:
                os.replace(self.path, self.path.with_suffix(".broken"))
            else:
                if saved.salt == self.salt:
                    self.saved = saved
                    self.clock.load(saved.clock)
        self._saver = threading.Thread(target=self._keep_saved, name="sandbox-state", daemon=True)
        self._saver.start()

    def reset(self) -> None:
        """Back to a new world: the default apps, no edits. Tokens stay valid, also revoked ones."""
        with self.lock:
            apps = _default_apps(self._listener_ids)
            self.saved = Saved(salt=self.salt, apps={app.client_id: app for app in apps})
            self.changed()

    def changed(self) -> None:
        """Write soon."""
        self._dirty.set()

    def close(self) -> None:
        """Write now, if anything changed; stop keeping."""
        if self._closing.is_set():
            return
        self._closing.set()
        dirty = self._dirty.is_set()
        self._dirty.set()
        if self._saver is not None:
            self._saver.join(timeout=5)
            if dirty:
                self.save()

    def save(self) -> None:
        """Write the file: beside it first, then in its place."""
        if self.path is None:
            return
        with self.lock:
            self.saved.clock = self.clock.dump()
            content = msgspec.json.encode(self.saved)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        beside = self.path.with_name(f"{self.path.name}.{os.getpid()}.new")
        beside.write_bytes(content)
        os.replace(beside, self.path)

    def _keep_saved(self) -> None:
        while True:
            self._dirty.wait()
            if self._closing.wait(SAVE_AFTER_S):
                return
            self._dirty.clear()
            with contextlib.suppress(OSError):
                self.save()

    # Small reads and writes; the larger ones are with their nouns (living.py, spotify_*.py).

    def app(self, client_id: str) -> App | None:
        return self.saved.apps.get(client_id)

    def box(self, name: str) -> dict[str, Any]:
        """A service's own dict of JSON values."""
        with self.lock:
            return self.saved.boxes.setdefault(name, {})

    def option(self, name: str) -> Any:
        """A switch of the control page, or its default."""
        return self.saved.options.get(name, OPTIONS[name])

    def set_option(self, name: str, value: Any) -> None:
        """KeyError if there is no such switch; ValueError if the value is not of its kind."""
        wanted = type(OPTIONS[name])
        if not isinstance(value, wanted) and not (wanted is float and isinstance(value, int)):
            raise ValueError(f"{name} must be {wanted.__name__}, not {value!r}")
        with self.lock:
            self.saved.options[name] = value
            self.changed()

    def generation(self, client_id: str, listener_id: str) -> int:
        """How often this listener has revoked this app; tokens of an earlier consent are dead."""
        return self.saved.generations.get(f"{client_id}:{listener_id}", 0)

    def revoke(self, client_id: str, listener_id: str) -> None:
        """The listener removes the app at their account page: its access and refresh tokens are refused from now on."""
        with self.lock:
            key = f"{client_id}:{listener_id}"
            self.saved.generations[key] = self.saved.generations.get(key, 0) + 1
            self.saved.consents.pop(key, None)
            self.changed()

    def consent(self, client_id: str, listener_id: str, scopes: tuple[str, ...]) -> None:
        """Note who let which app in, for the control page and for consent without a dialog."""
        with self.lock:
            key = f"{client_id}:{listener_id}"
            self.saved.consents[key] = {"at": self.clock.timestamp(), "scopes": list(scopes)}
            self.changed()

    def spend(self, nonce: str) -> bool:
        """Use up a single-use nonce; False if it was used before."""
        with self.lock:
            if nonce in self.saved.spent:
                return False
            self.saved.spent[nonce] = self.clock.timestamp()
            self.changed()
            return True

    def is_spent(self, nonce: str) -> bool:
        return nonce in self.saved.spent


# The switches of `/_sandbox/options` and what they are at first.
OPTIONS: dict[str, Any] = {
    "recent_lag_s": 20.0,  # recently-played shows a play of the world this long after its end
    "null_playlists": False,  # GET /me/playlists has a null among its entries
    "ignore_private": False,  # `public: false` is ignored when a playlist is made or changed
    "hide_account_id": False,  # GET /me as before May 2026
    "silent_consent": False,  # /authorize asks nothing of a listener who agreed before, unless show_dialog
    "query_token": False,  # ?access_token= in the query is taken too
    "library_artists": False,  # PUT and DELETE /me/library take artist URIs: the guide says so, the schema does not
    "friend_limits": True,  # the services beside Spotify refuse those who ask too often
    "library_total_lag": False,  # the total of GET /me/playlists is one short for a minute after one was made
}


def _default_apps(listener_ids: list[str]) -> list[App]:
    """Two developers with a development app each, five listeners on each list, two on none; one extended app."""
    return [
        App("sandbox-app", "sandbox-secret", "Vibesite", "developer-1", allowlist=listener_ids[:5]),
        App("sandbox-second", "sandbox-second-secret", "Vibesite II", "developer-2", allowlist=listener_ids[5:10]),
        App(
            "sandbox-extended",
            "sandbox-extended-secret",
            "Vibesite Extended",
            "developer-3",
            mode="extended",
            rate_limit=900,
            quota=None,
        ),
    ]
