"""`manage.py sandbox`: the made-up outside world on a port."""

import signal
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from vibesite.sandbox.server import SandboxServer
from vibesite.sandbox.world import Size, World


class Command(BaseCommand):
    help = "Serve a made-up Spotify and its friends over HTTP, for development, the demo and tests."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
        parser.add_argument("--port", type=int, default=8090, help="port; 0 takes a free one")
        parser.add_argument("--state", type=Path, metavar="FILE", help="keep edits, apps and consents in this file")
        parser.add_argument("--salt", default="vibesite", help="another salt is another world")
        parser.add_argument("--size", choices=[size.name.lower() for size in Size], default="full")

    def handle(self, *, host: str, port: int, state: Path | None, salt: str, size: str, **options: Any) -> None:
        server = SandboxServer(
            lambda: World(salt=salt, size=Size[size.upper()]), host=host, port=port, state_path=state
        )
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        self.stdout.write(f"Sandbox on {server.url}/ (control desk at {server.url}/_sandbox/)")
        self.stdout.flush()
        try:
            server.serve()
        except KeyboardInterrupt:
            pass
        finally:
            server.close()
