"""The account of an import: what became of every row, by file and in all, and the gaps that it fills."""

from collections import Counter
from typing import Any

from django.db import transaction

from accounts.fields import from_ms
from ingest.evidence import Account, FileAccount
from ingest.importers.reading import Reading
from ingest.models import Gap, HistoryImport, ImportFile, SetAside

COVER_SLACK_MS = 2 * 24 * 3600 * 1000  # two files of an export that are this close leave no stretch uncovered


def account(history_import: HistoryImport | ImportFile) -> dict[str, Any]:
    """What became of every row, for a job's result and for JSON."""
    return {
        name: getattr(history_import, name) for name in ("rows", "new", "duplicate", "merged", "set_aside", "reasons")
    }


def wrong_sums(reading: Reading, loaded: Account) -> str:
    """The files whose rows are not all accounted for; empty if all are."""
    wrong = [
        f"{report.name}: {report.rows} ≠ {told.rows} + {report.set_aside}"
        for report in reading.files
        if report.rows != (told := loaded.files.get(report.position, FileAccount())).rows + report.set_aside
    ]
    strangers = set(loaded.files) - {report.position for report in reading.files}
    return ", ".join([*wrong[:3], *(f"#{position}" for position in sorted(strangers)[:3])])


def store_files(history_import: HistoryImport, reading: Reading, loaded: Account) -> None:
    """The account by file with examples, in place of one of an earlier attempt; the totals on the import, unsaved."""
    totals: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    files = []
    for report in reading.files:
        told = loaded.files.get(report.position, FileAccount())
        counts = {
            "rows": report.rows,
            "new": told.new,
            "duplicate": told.duplicate,
            "merged": told.merged,
            "set_aside": report.set_aside,
        }
        totals.update(counts)
        reasons.update(report.reasons)
        files.append(
            ImportFile(
                history_import=history_import,
                position=report.position,
                name=report.name,
                format=report.format,
                note=report.note[:300],
                size=report.size,
                reasons=dict(report.reasons),
                **counts,
            )
        )
    with transaction.atomic():
        history_import.files.all().delete()
        history_import.examples.all().delete()
        ImportFile.objects.bulk_create(files, batch_size=500)
        SetAside.objects.bulk_create(
            SetAside(
                history_import=history_import,
                file_name=example.file,
                row=example.row,
                reason=example.reason,
                excerpt=example.excerpt,
            )
            for example in reading.examples
        )
    for name, count in totals.items():
        setattr(history_import, name, count)
    history_import.reasons = dict(reasons.most_common())


def fill_gaps(history_import: HistoryImport, reading: Reading) -> None:
    """Mark the gaps that lie wholly within what the files cover: an export tells everything of its time."""
    spans: list[list[int]] = []
    for first_ms, last_ms in sorted(report.covers for report in reading.files if report.covers):
        if spans and first_ms <= spans[-1][1] + COVER_SLACK_MS:
            spans[-1][1] = max(spans[-1][1], last_ms)
        else:
            spans.append([first_ms, last_ms])
    for first_ms, last_ms in spans:
        Gap.objects.filter(
            user=history_import.user,
            filled_by=None,
            started_at__gte=from_ms(first_ms),
            ended_at__lte=from_ms(last_ms),
        ).update(filled_by=history_import)
