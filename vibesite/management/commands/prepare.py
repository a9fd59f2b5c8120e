"""`manage.py prepare`: tables, cache table and schedule up to date; what `serve` does before it serves."""

from typing import Any

from django.core.management.base import BaseCommand

from vibesite.management.commands.serve import prepare_database


class Command(BaseCommand):
    help = "Bring tables, cache table and schedule up to date. Safe to repeat; run once per release, before the rest."

    def handle(self, **options: Any) -> None:
        prepare_database()
        self.stdout.write(self.style.SUCCESS("Ready."))
