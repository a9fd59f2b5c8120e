"""`manage.py smoke --url URL`: the smoke test against a running server."""

import os
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from vibesite.smoke import Failed, Server, Smoke


class Command(BaseCommand):
    help = "Try a running server as a program would: jobs, sources, steps, data, rules. Exit code 0 if all is well."
    requires_system_checks: list[str] = []  # it only speaks HTTP

    def add_arguments(self, parser: CommandParser) -> None:
        port = os.environ.get("PORT") or "8000"
        parser.add_argument("--url", default=f"http://127.0.0.1:{port}", help="where the server is")
        parser.add_argument(
            "--token", default=os.environ.get("SMOKE_TOKEN", ""), help="of the scopes read and edit; else --listener"
        )
        parser.add_argument("--listener", default="mara.commutes", help="sign in through the simulator as this one")

    def handle(self, *, url: str, token: str, listener: str, **options: Any) -> None:
        server = Server(url, token=token)
        if not token:
            try:
                server.sign_in(listener)
            except Failed as exc:
                raise CommandError(
                    f"Could not sign in at {url}: {exc}. Give --token for a server without simulator."
                ) from exc
        smoke = Smoke(server, self.stdout.write)
        if failures := smoke.run():
            raise CommandError(f"{failures} checks failed.")
        self.stdout.write(self.style.SUCCESS("All is well."))
