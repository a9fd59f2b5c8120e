"""The sandbox over real HTTP: a made-up outside world for development, the demo and tests.

**Running it.** `manage.py sandbox --port 8090`, or in a test:

    with SandboxServer(World(size=Size.SMALL)) as sandbox:
        requests.get(sandbox.url + "/v1/me", headers=…)
        sandbox.clock.jump(timedelta(hours=1))
        sandbox.faults.add({"kind": "status", "status": 503, "path": "/v1/me/*", "count": 2})

**Adding a service.** Write one module in this package with a `service`, and name the module in `app.SERVICES`:

    # lyrics.py
    \"\"\"Lyrics.example: words for a track.\"\"\"
    from werkzeug.wrappers import Response
    from vibesite.sandbox.service import Answer, Call, Service, json_response

    service = Service("lyrics", "Lyrics.example", prefix="/lyrics", about="Made-up words.")

    @service.refusals                      # optional: how this service words its 404, 405 and faults' 429 and 5xx
    def refuse(status: int, message: str) -> Response:
        return json_response({"code": status, "name": message}, status)

    @service.before                        # optional: keys, limits; raise Answer(response) to refuse
    def guard(call: Call) -> None:
        if call.query.get("api_key") != "sandbox-key":
            raise Answer(refuse(403, "Bad key"))

    @service.route("/get/<track_id>", methods=("GET",))     # path below the prefix, werkzeug's rule language
    def get(call: Call) -> dict:
        track = call.world.find_track(call.args["track_id"])  # None if unknown; call.world is the World plus all edits
        if track is None:
            raise Answer(refuse(404, "TrackNotFound"))
        return {"id": track.id, "lyrics": track.lyrics}       # dict or list: JSON; (body, status); Response; None: 204

A call also has `call.query`, `call.json`, `call.request` (werkzeug), `call.now` (sandbox time), `call.state` (with
`call.state.box("lyrics")`, a plain dict of the service's own that survives a restart; hold `call.state.lock` and call
`call.state.changed()` when writing) and `call.url_root`. The request log, the control page and faults by path need
nothing more.
"""

from __future__ import annotations

import contextlib
import io
import socket
import socketserver
import threading
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes

from vibesite.sandbox.app import Sandbox
from vibesite.sandbox.clock import Clock
from vibesite.sandbox.misfortune import DROP

IDLE_S = 75  # a kept-alive connection without a request is closed after this
MAX_HEAD = 64 << 10
MAX_BODY = 64 << 20


class _Refused(Exception):
    """The request is not HTTP that we take."""

    def __init__(self, status: int) -> None:
        self.status = status


class _Connection(socketserver.StreamRequestHandler):
    """HTTP/1.1 with keep-alive, one thread a connection; a third of the work of http.server's parser."""

    disable_nagle_algorithm = True
    timeout = IDLE_S
    wbufsize = 0
    server: _Listener

    def handle(self) -> None:
        with contextlib.suppress(OSError, TimeoutError):
            while not self.server.closing and self._one():
                pass

    def _one(self) -> bool:
        """Answer one request; whether the connection lives on."""
        try:
            environ = self._read()
        except _Refused as refused:
            self._write(f"{refused.status} {HTTPStatus(refused.status).phrase}", [], b"", head=False, keep=False)
            return False
        if environ is None:
            return False
        started: list[Any] = []
        body = b"".join(
            self.server.app(environ, lambda status, headers, exc_info=None: started.extend((status, headers)))
        )
        keep = environ["sandbox.keep_alive"]
        dropped = environ.get(DROP)
        if dropped is not None:
            if dropped:
                self._write(started[0], started[1], body[:dropped], head=False, keep=keep, promised=len(body))
            with contextlib.suppress(OSError):
                self.connection.shutdown(socket.SHUT_RDWR)
            return False
        self._write(started[0], started[1], body, head=environ["REQUEST_METHOD"] == "HEAD", keep=keep)
        return keep

    def _read(self) -> dict[str, Any] | None:
        line = self.rfile.readline(MAX_HEAD)
        while line in (b"\r\n", b"\n"):
            line = self.rfile.readline(MAX_HEAD)
        if not line:
            return None
        try:
            method, target, version = line.decode("latin-1").split()
        except ValueError:
            raise _Refused(400) from None
        path, _, query = target.partition("?")
        if path.startswith("http"):  # absolute form, as through a proxy
            path = "/" + path.partition("//")[2].partition("/")[2]
        environ: dict[str, Any] = {
            "REQUEST_METHOD": method,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
            "QUERY_STRING": query,
            "SERVER_NAME": self.server.server_address[0],
            "SERVER_PORT": str(self.server.server_address[1]),
            "SERVER_PROTOCOL": version,
            "REMOTE_ADDR": self.client_address[0],
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.errors": None,
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
            "wsgi.input_terminated": True,
        }
        self._read_headers(environ)
        connection = environ.get("HTTP_CONNECTION", "").lower()
        environ["sandbox.keep_alive"] = connection != "close" if version == "HTTP/1.1" else connection == "keep-alive"
        environ["wsgi.input"] = io.BytesIO(self._read_body(environ))
        return environ

    def _read_headers(self, environ: dict[str, Any]) -> None:
        size = 0
        while True:
            line = self.rfile.readline(MAX_HEAD)
            size += len(line)
            if line in (b"\r\n", b"\n", b""):
                return
            if size > MAX_HEAD:
                raise _Refused(431)
            name, colon, value = line.decode("latin-1").partition(":")
            if not colon:
                raise _Refused(400)
            key = name.strip().upper().replace("-", "_")
            if key not in ("CONTENT_TYPE", "CONTENT_LENGTH"):
                key = "HTTP_" + key
            value = value.strip()
            environ[key] = f"{environ[key]},{value}" if key in environ and key != "HTTP_COOKIE" else value

    def _read_body(self, environ: dict[str, Any]) -> bytes:
        if environ.get("HTTP_EXPECT", "").lower() == "100-continue":
            self.connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        if "chunked" in environ.get("HTTP_TRANSFER_ENCODING", "").lower():
            body = self._read_chunks()
            environ["CONTENT_LENGTH"] = str(len(body))
            return body
        try:
            length = int(environ.get("CONTENT_LENGTH") or 0)
        except ValueError:
            raise _Refused(400) from None
        if not 0 <= length <= MAX_BODY:
            raise _Refused(413)
        return self.rfile.read(length) if length else b""

    def _read_chunks(self) -> bytes:
        parts: list[bytes] = []
        total = 0
        while True:
            try:
                size = int(self.rfile.readline(MAX_HEAD).split(b";")[0], 16)
            except ValueError:
                raise _Refused(400) from None
            total += size
            if size < 0 or total > MAX_BODY:
                raise _Refused(413)
            if size == 0:
                while self.rfile.readline(MAX_HEAD).strip():
                    pass
                return b"".join(parts)
            parts.append(self.rfile.read(size))
            self.rfile.readline(MAX_HEAD)

    def _write(
        self,
        status: str,
        headers: list[tuple[str, str]],
        body: bytes,
        *,
        head: bool,
        keep: bool,
        promised: int | None = None,
    ) -> None:
        bare = status[:3] in ("204", "304")
        lines = [f"HTTP/1.1 {status}"]
        lines += [f"{name}: {value}" for name, value in headers if name.lower() != "content-length"]
        if not bare:
            lines.append(f"Content-Length: {len(body) if promised is None else promised}")
        lines.append("Connection: keep-alive" if keep else "Connection: close")
        start = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
        self.connection.sendall(start if head or bare else start + body)


class _Listener(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    request_queue_size = 512

    def __init__(self, address: tuple[str, int]) -> None:
        self.app: Sandbox  # set before the first connection is taken
        self.closing = False
        super().__init__(address, _Connection)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is not our error."""


class SandboxServer:
    """A sandbox listening on a port of its own, in a thread. A context manager; `close` is safe to repeat.

    `world` may be a function that makes one: the port is taken first, so that early callers wait instead of failing.
    """

    def __init__(
        self,
        world: Any,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        state_path: Path | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._listener = _Listener((host, port))
        try:
            made = world() if callable(world) else world
            self.sandbox = self._listener.app = Sandbox(made, state_path=state_path, clock=clock)
        except BaseException:
            self._listener.server_close()
            raise
        self.port: int = self._listener.server_address[1]
        self.url = f"http://{host}:{self.port}"
        self._thread: threading.Thread | None = None

    @property
    def world(self) -> Any:
        return self.sandbox.living

    @property
    def state(self) -> Any:
        return self.sandbox.state

    @property
    def clock(self) -> Clock:
        return self.sandbox.clock

    @property
    def faults(self) -> Any:
        return self.sandbox.faults

    def start(self) -> SandboxServer:
        """Serve in a thread of its own."""
        self._thread = threading.Thread(target=self.serve, name="sandbox", daemon=True)
        self._thread.start()
        return self

    def serve(self) -> None:
        """Serve in this thread, until `close` is called from another."""
        self._listener.serve_forever(poll_interval=0.1)

    def close(self) -> None:
        self._listener.closing = True
        self.sandbox.close()
        if self._thread is not None:
            self._listener.shutdown()
            self._thread.join(timeout=5)
            self._thread = None
        self._listener.server_close()

    def __enter__(self) -> SandboxServer:
        return self.start()

    def __exit__(self, *exc_info: object) -> None:
        self.close()
