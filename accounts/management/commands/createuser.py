"""`manage.py createuser NAME`: a person without Spotify."""

import getpass
import secrets
import sys
from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from accounts.models import User


class Command(BaseCommand):
    help = "Make a person who signs in with a password. Without --ask or --password, one is made up and printed once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name")
        parser.add_argument("--email", default="")
        parser.add_argument("--time-zone", default="UTC", help="an IANA name, such as Europe/Berlin")
        choice = parser.add_mutually_exclusive_group()
        choice.add_argument("--ask", action="store_true", help="ask for the password on the terminal")
        choice.add_argument("--password", help="seen by others in the process list; for tests and scripts")

    def handle(self, *, name: str, email: str, time_zone: str, ask: bool, password: str | None, **options: Any) -> None:
        user = User(username=name, email=email, time_zone=time_zone, time_zone_is_known=time_zone != "UTC")
        made_up = not (ask or password)
        secret = getpass.getpass("Password: ") if ask else password or secrets.token_urlsafe(12)
        try:
            user.full_clean(exclude=["password"])
            validate_password(secret, user)
        except ValidationError as exc:
            raise CommandError("; ".join(exc.messages)) from None
        user.set_password(secret)
        user.save()
        self.stderr.write(self.style.SUCCESS(f"{name} can sign in now."))
        if made_up:
            if sys.stdout.isatty():
                self.stdout.write("The password, shown this once:")
            self.stdout.write(secret)
