"""The sandbox as one WSGI application: which services stand here, who gets a call, the log, where faults strike."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from importlib import import_module
from pathlib import Path
from typing import Any

from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound
from werkzeug.routing import Map, RequestRedirect, Rule
from werkzeug.wrappers import Request, Response

from vibesite.sandbox import misfortune, spotify_door
from vibesite.sandbox.clock import Clock
from vibesite.sandbox.faults import AFTER, BEFORE, Faults
from vibesite.sandbox.living import Living
from vibesite.sandbox.service import Answer, Call, Service
from vibesite.sandbox.state import State

logger = logging.getLogger("vibesite.sandbox")

# Modules of this package with a `service` (or several, `services`). A module that is not there yet is left out.
SERVICES = (
    "control",
    "oauth",
    "spotify",
    "images",
    "reccobeats",
    "lastfm",
    "musicbrainz",
    "listenbrainz",
    "lrclib",
    "genius",
    "openai_chat",
    "telegram",
)
LOG_LENGTH = 5000  # requests remembered
_SECRET = frozenset({"access_token", "token", "api_key", "code", "client_secret"})


class Sandbox:
    """The whole stand-in world; a WSGI callable. Thread-safe."""

    def __init__(self, world: Any, *, state_path: Path | None = None, clock: Clock | None = None) -> None:
        self.clock = clock or Clock()
        self.state = State(path=state_path, clock=self.clock, salt=getattr(world, "salt", "vibesite"))
        self.faults = Faults(self.state.salt)
        self.base_world = world
        self.living = Living(world, self.state, self.clock)
        self.log: deque[dict[str, Any]] = deque(maxlen=LOG_LENGTH)
        self.closing = threading.Event()  # wakes calls that hang on purpose
        self.services = _load_services()
        self._urls = _url_map(self.services)
        self._by_prefix = sorted(self.services, key=lambda service: -len(service.prefix))
        self.state.open(self)

    def service(self, name: str) -> Service:
        """One of the services standing here. KeyError if there is none of that name."""
        for service in self.services:
            if service.name == name:
                return service
        raise KeyError(name)

    def reset(self) -> None:
        """Forget all edits, faults and requests; time is real again. Tokens given out stay valid."""
        self.clock.reset()
        self.faults.remove()
        self.log.clear()
        self.state.reset()
        self.living.forget()
        spotify_door.forget_windows(self)

    def close(self) -> None:
        """Wake whoever hangs, and write the state."""
        self.closing.set()
        self.state.close()
        spotify_door.forget_windows(self)

    def __call__(self, environ: dict[str, Any], start_response: Callable) -> Iterable[bytes]:
        request = Request(environ)
        request.max_content_length = 64 << 20
        started = time.perf_counter()
        call: Call | None = None
        try:
            call = self._match(request)
            response = self._handle(call)
        except Answer as answer:
            response = answer.response
        except RequestRedirect as redirect:
            response = Response(status=redirect.code, headers={"Location": redirect.new_url})
        except HTTPException as exc:
            response = self._owner(request.path).refuse(exc.code or 500, exc.name)
        except Exception:
            logger.exception("%s %s failed", request.method, request.path)
            response = self._owner(request.path).refuse(500, "Server error")
        self._remember(request, call, response, started)
        return response(environ, start_response)

    def _match(self, request: Request) -> Call:
        adapter = self._urls.bind_to_environ(request.environ)
        try:
            (service, route), args = adapter.match()
        except NotFound:
            raise Answer(self._owner(request.path).refuse(404, "Service not found")) from None
        except MethodNotAllowed:
            raise Answer(self._owner(request.path).refuse(405, "Method not allowed")) from None
        return Call(self, request, service, route, dict(args), self.clock.now())

    def _handle(self, call: Call) -> Response:
        call.service.recognise(call)
        if not self.faults:
            return self._answer(call)
        where = {"method": call.request.method, "path": call.request.path, "app": call.app, "listener": call.listener}
        if not call.request.path.startswith("/_sandbox"):
            for fault in self.faults.strike(BEFORE, **where):
                call.fault = fault.kind
                misfortune.before(call, fault)
        response = self._answer(call)
        if not call.request.path.startswith("/_sandbox"):
            for fault in self.faults.strike(AFTER, **where):
                call.fault = fault.kind
                response = misfortune.after(call, fault, response)
        return response

    @staticmethod
    def _answer(call: Call) -> Response:
        try:
            return call.service.answer(call)
        except Answer as answer:
            return answer.response

    def _owner(self, path: str) -> Service:
        for service in self._by_prefix:
            if path == service.prefix or path.startswith(service.prefix + "/"):
                return service
        return self.services[0]

    def _remember(self, request: Request, call: Call | None, response: Response, started: float) -> None:
        if request.path.startswith("/_sandbox"):
            return
        self.log.append(
            {
                "at": self.clock.timestamp(),
                "service": call.service.name if call else "",
                "method": request.method,
                "path": request.path,
                "query": {name: "…" if name in _SECRET else value for name, value in request.args.items()},
                "status": response.status_code,
                "ms": round((time.perf_counter() - started) * 1000, 2),
                "app": call.app if call else "",
                "listener": call.listener if call else "",
                "fault": call.fault if call else "",
            }
        )


def _load_services() -> list[Service]:
    services: list[Service] = []
    for name in SERVICES:
        module_name = f"vibesite.sandbox.{name}"
        try:
            module = import_module(module_name)
        except ModuleNotFoundError as exc:
            if exc.name != module_name:
                raise
            continue
        services.extend(getattr(module, "services", None) or [module.service])
    return services


def _url_map(services: Iterable[Service]) -> Map:
    rules = [
        Rule(route.rule, methods=list(route.methods), endpoint=(service, route))
        for service in services
        for route in service.routes
    ]
    return Map(rules, strict_slashes=False, merge_slashes=False)
