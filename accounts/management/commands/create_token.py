"""`manage.py create_token --user NAME`: a token for a program, printed once."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts import keys
from accounts.models import ApiToken, User


class Command(BaseCommand):
    help = "Make a token with which a program acts for a person. Only the token goes to standard output."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--user", required=True, metavar="NAME")
        parser.add_argument("--name", default="create_token", help="what it is for; shown in the person's settings")
        parser.add_argument(
            "--scope",
            action="append",
            choices=ApiToken.Scope.values,
            help="what it may do; may be repeated; read and submit if not given",
        )
        parser.add_argument("--days", type=int, help="it ends after so many days; never if not given")

    def handle(
        self, *, user: str, name: str, scope: list[str] | None, days: int | None, verbosity: int, **options: Any
    ) -> None:
        person = User.objects.filter(username=user, is_active=True).first()
        if person is None:
            raise CommandError(f"There is nobody named {user}.")
        if days is not None and days < 1:
            raise CommandError("--days must be at least 1.")
        now = timezone.now()
        expires_at = now + timedelta(days=days) if days else None
        scopes = scope or [keys.Scope.READ, keys.Scope.SUBMIT]
        token, text = keys.make(user=person, name=name[:80], scopes=scopes, now=now, expires_at=expires_at)
        if verbosity:
            told = f"{token.name} may {', '.join(token.scopes)} for {person.username}. It is shown this once."
            self.stderr.write(self.style.SUCCESS(told))
        self.stdout.write(text)
