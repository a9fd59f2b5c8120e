"""What one stood-in service is made of: its routes, the call a route is given, and ways to answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

import msgspec
from werkzeug.wrappers import Request, Response

if TYPE_CHECKING:
    from vibesite.sandbox.app import Sandbox
    from vibesite.sandbox.clock import Clock
    from vibesite.sandbox.living import Living
    from vibesite.sandbox.state import State

_encoder = msgspec.json.Encoder()


def json_response(body: object, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """`body` as JSON, UTF-8."""
    response = Response(_encoder.encode(body), status, content_type="application/json; charset=utf-8")
    for name, value in (headers or {}).items():
        response.headers[name] = value
    return response


class Answer(Exception):
    """Raised anywhere below a route to answer at once with `response`; how refusals travel."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status)
        self.response = response


@dataclass(eq=False)
class Call:
    """One request, and all it may look at."""

    sandbox: Sandbox
    request: Request
    service: Service
    route: Route
    args: dict[str, Any]  # of the URL's path
    now: datetime  # sandbox time at arrival
    app: str = ""  # client id, once known; for the log
    listener: str = ""  # listener id, once known; for the log
    fault: str = ""  # the kind of the fault that hit, for the log
    notes: dict[str, Any] = field(default_factory=dict)  # what a `before` hook hands to its routes

    @property
    def world(self) -> Living:
        """The made-up world with everything that was done to it since: edits, likes, injected plays."""
        return self.sandbox.living

    @property
    def state(self) -> State:
        return self.sandbox.state

    @property
    def clock(self) -> Clock:
        return self.sandbox.clock

    @property
    def query(self) -> Any:  # werkzeug's MultiDict
        return self.request.args

    @property
    def url_root(self) -> str:
        """`http://host:port`, as the client called us, without a slash at the end."""
        return self.request.host_url.rstrip("/")

    @cached_property
    def json(self) -> Any:
        """The request's body. ValueError if it is not JSON; None if empty."""
        body = self.request.get_data()
        if not body.strip():
            return None
        try:
            return msgspec.json.decode(body)
        except msgspec.DecodeError as exc:
            raise ValueError(str(exc)) from exc


@dataclass(frozen=True, eq=False)
class Route:
    """One rule of a service. `options` are the service's own words about it (scopes, limits …)."""

    rule: str
    methods: tuple[str, ...]
    handle: Callable[[Call], Any]
    options: dict[str, Any]


@dataclass(eq=False)
class Service:
    """One stood-in service, living under `prefix`. See server.py for how to add one."""

    name: str  # short and unique, as in the log
    title: str  # as people call it
    prefix: str  # "" or "/lastfm"
    about: str = ""  # one sentence for the index page
    examples: tuple[str, ...] = ()  # paths for the index page, without host
    routes: list[Route] = field(default_factory=list)
    _before: list[Callable[[Call], Any]] = field(default_factory=list)
    _identify: Callable[[Call], None] | None = None
    _refuse: Callable[[int, str], Response] | None = None

    def route(self, rule: str, *, methods: tuple[str, ...] = ("GET",), **options: Any) -> Callable:
        """Register a function of one Call for `prefix + rule` (werkzeug's language; slash at the end optional)."""

        def register(handle: Callable[[Call], Any]) -> Callable[[Call], Any]:
            self.routes.append(Route(self.prefix + rule, tuple(methods), handle, options))
            return handle

        return register

    def before(self, hook: Callable[[Call], Any]) -> Callable[[Call], Any]:
        """Run `hook` before every route of this service; it may raise Answer."""
        self._before.append(hook)
        return hook

    def identify(self, look: Callable[[Call], None]) -> Callable[[Call], None]:
        """Let `look` fill in the call's app and listener, for the log and for faults; it runs before faults strike."""
        self._identify = look
        return look

    def recognise(self, call: Call) -> None:
        if self._identify is not None:
            self._identify(call)

    def refusals(self, shape: Callable[[int, str], Response]) -> Callable[[int, str], Response]:
        """How this service words its own 404, 405 and 500: a function of status and message."""
        self._refuse = shape
        return shape

    def refuse(self, status: int, message: str) -> Response:
        if self._refuse is not None:
            return self._refuse(status, message)
        return json_response({"error": message, "status": status}, status)

    def answer(self, call: Call) -> Response:
        """Run hooks and route. A route returns a Response, a dict or list (JSON), `(body, status)` or None (204)."""
        for hook in self._before:
            hook(call)
        result = call.route.handle(call)
        if isinstance(result, Response):
            return result
        if isinstance(result, tuple):
            body, status = result
            return json_response(body, status)
        if result is None:
            return Response(status=204)
        return json_response(result)
