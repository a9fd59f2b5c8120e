"""`manage.py import_history --user NAME PATH… [--json]`: an import without the web, and its account of rows."""

import json
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts import job_run
from accounts.models import Job, User
from ingest.actions import import_account, imports
from ingest.importers.base import FORMATS, REASONS
from ingest.models import HistoryImport

EXAMPLES = 2  # rows shown for each reason
PAUSE_S = 1.0  # before it looks again


class Command(BaseCommand):
    help = "Import listening history from zips, folders or files, and print what became of every row."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--user", required=True, help="whose history this is")
        parser.add_argument("--json", action="store_true", help="print the account as JSON")
        parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="a zip, a folder or a JSON file")

    def handle(self, *, user: str, paths: list[Path], **options: Any) -> None:
        person = User.objects.filter(username=user).first()
        if person is None:
            raise CommandError(f"There is nobody called {user}; manage.py createuser {user} makes them.")
        for path in paths:
            if not path.exists():
                raise CommandError(f"{path} is not there.")
        history_import = imports.prepare(user=person, paths=paths)
        assert history_import.job is not None
        try:
            self._see_through(history_import.job)
        except KeyboardInterrupt:
            Job.objects.filter(pk=history_import.job.pk).update(
                state=Job.State.CANCELLED, cancel_requested=True, finished_at=timezone.now()
            )
            imports.settle(HistoryImport.objects.get(pk=history_import.pk), now=timezone.now())
            raise CommandError("Stopped. What was imported until then is kept; run it again for the rest.") from None
        history_import = HistoryImport.objects.select_related("job").get(pk=history_import.pk)
        imports.settle(history_import, now=timezone.now())
        self._print(history_import, as_json=options["json"])
        if history_import.state != HistoryImport.State.DONE or not history_import.adds_up:
            raise SystemExit(1)

    def _see_through(self, job: Job) -> None:
        """Run the job to its end: again what failed for a passing reason, later what has to wait for another import.

        Where a worker takes it up meanwhile, wait for that.
        """
        said = ""
        while True:
            Job.objects.filter(pk=job.pk, state=Job.State.QUEUED).update(not_before=None)
            job_run.run(job_id=job.pk)
            job.refresh_from_db()
            if not job.is_open:
                return
            if job.state == Job.State.QUEUED and job.message not in ("", said):
                said = job.message
                self.stderr.write(said)
            time.sleep(PAUSE_S)

    def _print(self, history_import: HistoryImport, *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(as_data(history_import), ensure_ascii=False, indent=2))
            return
        for file in history_import.files.all():
            told = f"{file.rows:,} rows: {_counts(file)}" if file.format or file.rows else "not read"
            self.stdout.write(f"{file.name}  [{FORMATS.get(file.format, '-')}]  {told}")
            if file.note:
                self.stdout.write(f"    {file.note}")
        for reason, count in history_import.reasons.items():
            self.stdout.write(f"  set aside: {count:,}  {REASONS.get(reason, reason)}")
            for example in history_import.examples.filter(reason=reason)[:EXAMPLES]:
                excerpt = json.dumps(example.excerpt, ensure_ascii=False)
                self.stdout.write(f"      {example.file_name}, row {example.row}: {excerpt[:160]}")
        if history_import.state == HistoryImport.State.DONE:
            total = f"{history_import.rows:,} rows: {_counts(history_import)}. It adds up."
            self.stdout.write(self.style.SUCCESS(total))
        else:
            self.stderr.write(self.style.ERROR(history_import.error or history_import.get_state_display()))


def _counts(row: Any) -> str:
    return (
        f"{row.new:,} new, {row.duplicate:,} known already, {row.merged:,} merged with other evidence, "
        f"{row.set_aside:,} set aside"
    )


def as_data(history_import: HistoryImport) -> dict[str, Any]:
    """The whole account, for programs."""
    return {
        "import": history_import.pk,
        "state": history_import.state,
        "error": history_import.error,
        "adds_up": history_import.adds_up,
        **import_account.account(history_import),
        "first_at": history_import.first_at.isoformat() if history_import.first_at else None,
        "last_at": history_import.last_at.isoformat() if history_import.last_at else None,
        "files": [
            {"name": file.name, "format": file.format, "note": file.note, **import_account.account(file)}
            for file in history_import.files.all()
        ],
        "examples": [
            {"file": each.file_name, "row": each.row, "reason": each.reason, "data": each.excerpt}
            for each in history_import.examples.order_by("id")
        ],
    }
