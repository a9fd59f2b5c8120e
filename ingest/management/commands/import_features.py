"""`manage.py import_features TABLE.csv…`: audio features that somebody kept, for every track of the catalogue."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from ingest.actions import features_csv


class Command(BaseCommand):
    help = "Take audio features from CSV tables (columns as Spotify named them, with id, uri or isrc)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("paths", nargs="+", type=Path, metavar="TABLE.csv")

    def handle(self, *, paths: list[Path], **options: Any) -> None:
        for path in paths:
            try:
                with path.open(encoding="utf-8-sig", newline="") as stream:
                    account = features_csv.load(stream, now=timezone.now())
            except (OSError, UnicodeDecodeError, features_csv.NotATable) as exc:
                raise CommandError(f"{path}: {exc}") from exc
            self.stdout.write(
                f"{path}: {account.rows:,} rows: {account.known:,} tracks told, "
                f"{account.unknown:,} not in the catalogue, {account.unreadable:,} without a track or a feature."
            )
