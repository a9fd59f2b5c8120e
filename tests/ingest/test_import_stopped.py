# ruff: noqa: E501 - tables, one case a line
"""Imports that are stopped, given up or killed: what is kept, and how they go on."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from accounts import jobs, reaper
from accounts.models import Job
from ingest.actions import imports
from ingest.models import HistoryImport
from tests.ingest.broken_uploads import one, row, rows, text, zipped
from tests.ingest.uploading import bring, counts, plays, send, storage_is_empty

pytestmark = pytest.mark.usefixtures("own_media")


def test_an_import_stopped_while_it_waits_ends(at_home, now, django_capture_on_commit_callbacks) -> None:
    send(at_home, one(text()))
    found = HistoryImport.objects.get()
    address = reverse("ingest:import", args=[found.pk])
    page = at_home.get(address).content.decode()
    assert 'hx-trigger="every 1s' in page
    assert "http-equiv" in page
    jobs.cancel(job=found.job, now=now)
    with django_capture_on_commit_callbacks(execute=True):
        assert "Stopped, as you asked" in at_home.get(address).content.decode()
    found.refresh_from_db()
    assert found.state == "cancelled"
    assert storage_is_empty()


def test_an_import_that_is_stopped_while_it_runs_keeps_what_it_has(at_home, anna, run_imports, monkeypatch) -> None:
    send(at_home, one(text(rows(5))))
    monkeypatch.setattr(jobs.Run, "advance", lambda self, *a, **k: (_ for _ in ()).throw(jobs.Cancelled(1)))
    run_imports()
    found = HistoryImport.objects.get()
    assert (found.state, found.job.state) == ("cancelled", "cancelled")
    assert "going on" in found.error or "goes on" in found.error
    assert storage_is_empty()


def test_an_import_that_was_given_up_ends_too(at_home, now, run_imports, monkeypatch) -> None:
    send(at_home, one(text()))
    monkeypatch.setattr(imports, "_run", lambda *a: 1 / 0)
    Job.objects.update(max_attempts=1)
    run_imports()
    found = HistoryImport.objects.get()
    assert (found.state, found.job.state) == ("waiting", "failed")
    ended = now + timedelta(days=9000)
    assert imports.sweep(now=ended) == 0  # its upload waits for another try
    found.refresh_from_db()
    assert found.state == "failed"
    assert "kept" in found.error
    assert found.stored
    imports.sweep(now=ended + imports.KEPT + timedelta(hours=1))
    found.refresh_from_db()
    assert not found.stored


def test_an_import_that_was_given_up_is_tried_again_by_its_person(at_home, anna, run_imports, monkeypatch) -> None:
    send(at_home, one(text(rows(5))))
    with monkeypatch.context() as broken:
        broken.setattr(imports, "_finish", lambda *a, **k: 1 / 0)  # all is written, but not the account
        Job.objects.update(max_attempts=1)
        run_imports()
    found = HistoryImport.objects.get()
    old = found.job
    address = reverse("accounts:job-again", args=[old.pk])
    assert address in at_home.get(reverse("ingest:import", args=[found.pk])).content.decode()
    assert at_home.post(address).status_code == 302
    found.refresh_from_db()
    assert (found.state, found.error, found.finished_at) == ("waiting", "", None)
    assert found.job != old
    run_imports()
    found.refresh_from_db()
    assert (found.state, found.new, found.duplicate) == ("done", 5, 0)
    assert "begun again already" in at_home.post(address, follow=True).content.decode()


def test_an_import_whose_files_are_gone_says_so_instead_of_trying_again(at_home, run_imports, monkeypatch) -> None:
    send(at_home, one(text()))
    Job.objects.update(state="failed", error="Sorry.", finished_at=timezone.now())
    found = HistoryImport.objects.get()
    default_storage.delete(found.stored[0][0])
    page = at_home.get(reverse("accounts:job", args=[found.job.pk])).content.decode()
    assert "files are gone" in page
    assert "Try again" not in page
    assert Job.objects.count() == 1


def test_the_sweep_takes_what_nobody_will_read(at_home, settings, now, tmp_path) -> None:
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path / "uploading"
    settings.FILE_UPLOAD_TEMP_DIR.mkdir()
    (settings.FILE_UPLOAD_TEMP_DIR / "tmpx.upload.zip").write_bytes(b"x")
    send(at_home, one(text()))
    stray = default_storage.save("imports/stray", SimpleUploadedFile("x", b"x"))
    later = datetime.now(tz=UTC) + timedelta(days=2)
    assert imports.sweep(now=later) == 2
    assert not default_storage.exists(stray)
    assert default_storage.exists(HistoryImport.objects.get().stored[0][0])


class Killed(BaseException):
    """What no handler can catch."""


@pytest.mark.parametrize("deaths", [1, 2, 3])
def test_a_killed_import_goes_on_to_the_same_account_and_plays(
    deaths, at_home, anna, ben, run_imports, now, monkeypatch
) -> None:
    from ingest.importers import rows as reader

    monkeypatch.setattr(reader, "BLOCK_BYTES", 20_000)
    monkeypatch.setattr(reader, "ELEMENT_BYTES", 10_000)
    files = [("a.zip", zipped(*(
        (f"x/endsong_{n}.json", text([row(200 * n + 2 * m) for m in range(120)] + [row(200 * n + 1, ms_played=0), row(200 * n, ms_played=150_000)]))
        for n in range(3)
    )))]  # fmt: skip
    at_home.force_login(ben)
    expected = bring(at_home, files, run_imports)
    at_home.force_login(anna)
    send(at_home, files)
    found = HistoryImport.objects.get(user=anna)
    real = jobs.Run.commit_step
    for death in range(deaths):
        steps = []

        def dying(self: jobs.Run, steps: list[int] = steps, after: int = death, **step: Any) -> None:
            steps.append(1)
            if len(steps) > after + 1:
                raise Killed
            real(self, **step)

        monkeypatch.setattr(jobs.Run, "commit_step", dying)
        try:
            run_imports()
        except Killed:
            job = Job.objects.get(pk=found.job_id)
            assert job.state == "running"
            assert reaper.take_back(job, now=now, wait=False)
            Job.objects.filter(pk=job.pk).update(not_before=None)
    monkeypatch.setattr(jobs.Run, "commit_step", real)
    run_imports()
    found.refresh_from_db()
    assert found.state == "done", found.error
    assert (counts(found), found.reasons) == (counts(expected), expected.reasons)
    assert [counts(file) for file in found.files.all()] == [counts(file) for file in expected.files.all()]
    assert plays(anna) == plays(ben)
