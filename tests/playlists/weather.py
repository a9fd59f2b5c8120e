"""What goes wrong between us and Spotify, at which call: refusals, lost answers, lies, other hands, dead workers.

A `Storm` stands before the sandbox, in its own process, and counts the calls about playlists. Whoever writes is the
unchanged product, in this process or in another.
"""

import json
import random
import threading
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from tests.playlists.conftest import LOCAL, There
from vibesite.sandbox.misfortune import DROP

REFUSED = {
    "429, some seconds": (429, "3"),
    "429, half a day": (429, "40000"),
    "500": (500, None),
    "502": (502, None),
    "503": (503, None),
    "401, token ended early": (401, None),
}  # answered instead of done
SILENT = "line dropped, nothing done"
LOST = "line dropped, done"
LATE = "no answer in time, done"
DAMAGED = ("answer cut midway", "answer no JSON", "answer empty", "answer a web page")
LIES = ("a page short of an item", "a page with items twice", "a page with nameless items", "the list as it was before")
HANDS = ("added at the end", "added inside", "removed", "moved")
KILLS = ("killed before a call", "killed before its answer", "killed after its answer")
FAULTS = (*REFUSED, SILENT, LOST, LATE, *DAMAGED, *LIES)


@dataclass
class Storm:
    """WSGI before the sandbox. `events` by the number of the call, from 1."""

    app: Callable[..., Iterable[bytes]]
    there: There
    kill: Callable[[str], None]  # the worker that is calling, now or right after the answer
    patience_s: float  # longer than a client waits for an answer
    foreign: list[str]  # tracks that only other hands put in
    chance: random.Random
    events: dict[int, list[str]] = field(default_factory=dict)
    calls: int = 0
    writes: int = 0
    tried: Counter[str] = field(default_factory=Counter)
    added: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    moved: list[str] = field(default_factory=list)
    emptied: bool = False
    _unguarded: list[tuple[str, str]] = field(default_factory=list)  # by hand since the list was last read from its top
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._former = self.there.uris

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if not environ["PATH_INFO"].startswith("/v1/playlists/"):
            return self.app(environ, start_response)
        with self._lock:
            return self._one(environ, start_response)

    def _one(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        self.calls += 1
        asked = self.events.pop(self.calls, [])
        is_read = environ["REQUEST_METHOD"] == "GET"
        told = [each for each in asked if (each not in LIES or is_read) and not (each == LATE and is_read)]
        fault = next((each for each in told if each in FAULTS), None)
        killed = next((each for each in told if each in KILLS), None)
        self.tried.update(each for each in told if each in (killed, fault))
        if killed == KILLS[0]:
            self.kill(killed)
            return self._drop(environ, start_response)
        if fault in REFUSED:
            return self._refuse(environ, start_response, *REFUSED[fault])
        if fault == SILENT:
            return self._drop(environ, start_response)
        if is_read and not environ["PATH_INFO"].endswith("/items") and fault not in LIES:
            self._unguarded.clear()
        status, headers, body = self._done(environ, is_read, old=fault == LIES[3])
        self._other_hands([each for each in told if each in HANDS])
        if killed:
            self.kill(killed)
        if killed == KILLS[1] or fault == LOST:
            return self._drop(environ, start_response)
        if fault == LATE:
            threading.Event().wait(self.patience_s)
            return self._drop(environ, start_response)
        if fault == DAMAGED[0]:
            environ[DROP] = max(1, len(body) // 2)
        elif fault:
            headers, body = _told_wrongly(fault, headers, body)
        start_response(status, headers)
        return [body]

    def _done(self, environ: dict[str, Any], is_read: bool, *, old: bool) -> tuple[str, list[tuple[str, str]], bytes]:
        before = self.there.uris
        if old:
            self.there.set(self._former)
        answer: list[Any] = []
        body = b"".join(self.app(environ, lambda status, headers, exc_info=None: answer.extend((status, headers))))
        if old:
            self.there.set(before)
        if not is_read and answer[0].startswith("2"):
            self.writes += 1
            self._former = before
            self.emptied |= bool(before) and not self.there.uris
            self._write_over(environ)
        return answer[0], answer[1], body

    def _write_over(self, environ: dict[str, Any]) -> None:
        """What was done by hand since the last look and is undone by this one call: nobody can guard against that.

        A replace takes the place of whatever is there; what a plan takes out to put it in again may be gone already.
        """
        environ["wsgi.input"].seek(0)
        told = json.loads(environ["wsgi.input"].read() or b"{}")
        method, out = environ["REQUEST_METHOD"], {row["uri"] for row in told.get("items", ())}
        if method == "PUT" and "range_start" not in told:
            lost = list(self._unguarded)
        else:
            lost = [(kind, uri) for kind, uri in self._unguarded if kind != "added" and uri in out]
        for kind, uri in lost:
            {"added": self.added, "removed": self.removed, "moved": self.moved}[kind].remove(uri)
            self.tried["by hand between the last look and the call that undoes it"] += 1
            self._unguarded.remove((kind, uri))

    def _other_hands(self, deeds: list[str]) -> None:
        """Somebody edits the list at Spotify between two calls."""
        for deed in deeds:
            items = list(self.there.uris)
            plain = [uri for uri in items if uri not in (None, LOCAL, *self.added)]
            kind, uri = deed.split()[0], ""
            if kind == "added" and self.foreign:
                uri = self.foreign.pop()
                items.insert(len(items) if deed.endswith("end") else self.chance.randrange(len(items) + 1), uri)
            elif kind in ("removed", "moved") and len(plain) > 3:
                uri = self.chance.choice(plain)
                items = [each for each in items if each != uri]
                if kind == "moved":
                    items.insert(self.chance.randrange(len(items)), uri)
            if uri:
                self.tried[f"by hand: {deed}"] += 1
                self.there.set(items)
                {"added": self.added, "removed": self.removed, "moved": self.moved}[kind].append(uri)
                self._unguarded.append((kind, uri))

    @staticmethod
    def _drop(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        environ[DROP] = 0
        start_response("500 Dropped", [])
        return [b""]

    @staticmethod
    def _refuse(
        environ: dict[str, Any], start_response: Callable[..., Any], status: int, wait: str | None
    ) -> Iterable[bytes]:
        words = "The access token expired" if status == 401 else "no"
        headers = [("Content-Type", "application/json"), *([("Retry-After", wait)] if wait else [])]
        start_response(f"{status} Refused", headers)
        return [json.dumps({"error": {"status": status, "message": words}}).encode()]


def _told_wrongly(fault: str, headers: list[tuple[str, str]], body: bytes) -> tuple[list[tuple[str, str]], bytes]:
    if fault == DAMAGED[1]:
        return headers, body[:-1] + b',"oops":}'
    if fault == DAMAGED[2]:
        return headers, b""
    if fault == DAMAGED[3]:
        return [("Content-Type", "text/html")], b"<!doctype html><title>Welcome</title>"
    try:
        told = json.loads(body)
    except ValueError:
        return headers, body
    page = told["items"] if isinstance(told.get("items"), dict) else told
    rows = page.get("items")
    if isinstance(rows, list) and rows:
        if fault == LIES[0]:
            rows.pop(len(rows) // 2)
        elif fault == LIES[1]:
            page["items"] = [row for place, row in enumerate(rows, 1) for row in [row] * (2 if place % 3 == 0 else 1)]
        elif fault == LIES[2]:
            for row in rows[2::3]:
                row["track"] = row["item"] = None
    return headers, json.dumps(told).encode()
