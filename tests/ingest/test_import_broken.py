"""Every way an upload can be broken: read alone here, and through the page in test_imports.py."""

import io
from datetime import UTC, datetime

import pytest

from ingest.importers.archive import Limits, Upload
from ingest.importers.reading import Reading
from tests.ingest.broken_uploads import BROKEN, Broken, Files

LIMITS = Limits(members=500, member_bytes=500 * 1024 * 1024, total_bytes=4 * 1024**3, ratio=250)
HORIZON = int(datetime(2026, 11, 21, tzinfo=UTC).timestamp() * 1000)


def uploads(files: Files) -> list[Upload]:
    return [Upload(name, len(content), lambda content=content: io.BytesIO(content)) for name, content in files]


def read(files: Files) -> tuple[Reading, int]:
    reading = Reading(uploads(files), limits=LIMITS, horizon_ms=HORIZON)
    return reading, sum(len(batch) for batch in reading.batches())


@pytest.mark.parametrize("broken", BROKEN, ids=lambda broken: broken.name)
def test_a_broken_upload_says_what_is_wrong_and_gives_its_good_rows(broken: Broken) -> None:
    reading, good = read(broken.files())
    notes = " ".join(report.note for report in reading.files)
    assert broken.says in notes
    assert good == broken.new
    reasons = {reason: count for report in reading.files for reason, count in report.reasons.items()}
    assert reasons == broken.set_aside
    assert reading.rows == good + reading.set_aside
    assert reading.has_history == (broken.state == "done")


def test_there_are_many_kinds() -> None:
    assert len(BROKEN) >= 40


@pytest.mark.parametrize("broken", BROKEN, ids=lambda broken: broken.name)
def test_examples_hold_nothing_personal(broken: Broken) -> None:
    reading, _good = read(broken.files())
    assert "203.0.113.7" not in repr(reading.examples)
