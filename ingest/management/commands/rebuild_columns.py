"""`manage.py rebuild_columns`: remake the columns from the plays, or with --check only compare them."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from ingest import columns
from ingest.models import PlayLedger


class Command(BaseCommand):
    help = "Remake the columns from the plays. With --check: compare, change nothing, exit 1 if they differ."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--user", metavar="NAME", help="only this person")
        parser.add_argument("--check", action="store_true", help="compare only; exit 1 on a difference")

    def handle(self, *, user: str | None, check: bool, verbosity: int, **options: Any) -> None:
        people = User.objects.filter(pk__in=PlayLedger.objects.values("pk")).order_by("pk")
        if user is not None:
            people = User.objects.filter(username=user)
            if not people.exists():
                raise CommandError(f"There is no person named “{user}”.")
        differing = 0
        for person in people.iterator(chunk_size=200):
            if not check:
                count = columns.rebuild(person)
                self._say(verbosity, f"{person}: {count} plays")
            elif differences := columns.check(person):
                differing += 1
                self.stderr.write(self.style.ERROR(f"{person}: {'; '.join(differences)}"))
            else:
                self._say(verbosity, f"{person}: equal")
        if differing:
            self.stderr.write(f"{differing} differ. Without --check they are made anew.")
            sys.exit(1)

    def _say(self, verbosity: int, line: str) -> None:
        if verbosity:
            self.stdout.write(line)
