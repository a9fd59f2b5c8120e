# ruff: noqa: E501 - tables, one case a line
"""Imports as a person meets them: the page, the job, the account of rows, the command."""

import errno
import gzip
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import jobs, keys, reaper
from accounts.models import Job, User
from ingest.actions import imports
from ingest.management.commands import import_history
from ingest.models import Gap, HistoryImport, Play, Track
from tests.ingest.broken_uploads import BROKEN, NAME, NOTHING, Broken, Files, one, row, rows, text, zipped

LIST = "/imports/"
RunJobs = Callable[..., list[Job]]


@pytest.fixture(autouse=True)
def _own_media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.COLUMNS_DIR = tmp_path / "columns"


@pytest.fixture
def run_jobs(run_jobs: RunJobs, django_capture_on_commit_callbacks: Any) -> RunJobs:
    """As in production, what waits for the commit happens."""

    def run(kind: str = "") -> list[Job]:
        with django_capture_on_commit_callbacks(execute=True):
            return run_jobs(kind)

    return run


@pytest.fixture
def at_home(client: Client, anna: User) -> Client:
    client.force_login(anna)
    return client


def send(client: Client, files: Files) -> Any:
    return client.post(LIST, {"files": [SimpleUploadedFile(name, content) for name, content in files]})


def bring(client: Client, files: Files, run_jobs: RunJobs) -> HistoryImport:
    """Upload and run to the end."""
    answer = send(client, files)
    assert answer.status_code == 302, answer.content.decode()[-3000:]
    run_jobs("history_import")
    found = HistoryImport.objects.latest("pk")
    assert answer.url == reverse("ingest:import", args=[found.pk])
    return found


def counts(found: HistoryImport) -> tuple[int, int, int, int, int]:
    return found.rows, found.new, found.duplicate, found.merged, found.set_aside


def plays(user: User) -> list[tuple[str, int, int, int]]:
    return [
        (play.track.name, int(play.started_at.timestamp()), int(play.ended_at.timestamp()), play.ms_played)
        for play in Play.objects.of(user).select_related("track").order_by("started_at", "track__name")
    ]


def storage_is_empty() -> bool:
    return not default_storage.exists("imports") or not default_storage.listdir("imports")[1]


# --- The good way ----------------------------------------------------------------------------------------------------
def test_a_zip_becomes_plays_and_an_account(at_home, anna, run_jobs) -> None:
    found = bring(at_home, one(text([*rows(3), row(100, ms_played=0)])), run_jobs)
    assert found.state == "done"
    assert counts(found) == (4, 3, 0, 0, 1)
    assert found.reasons == {"zero_ms": 1}
    assert found.job.state == "done"
    assert found.job.result["new"] == 3
    assert [file.name for file in found.files.all()] == [NAME]
    assert found.first_at == datetime(2020, 12, 31, 23, 57, 10, tzinfo=UTC)
    assert found.last_at == datetime(2021, 1, 1, 0, 10, 30, tzinfo=UTC)
    assert [play[0] for play in plays(anna)] == ["Title 0", "Title 5", "Title 10"]
    assert storage_is_empty()
    page = at_home.get(reverse("ingest:import", args=[found.pk])).content.decode()
    assert "3 new plays are in your log" in page
    assert "Nothing was heard (0 ms)" in page
    assert "203.0.113.7" not in page


def test_importing_again_changes_nothing(at_home, anna, run_jobs) -> None:
    files = one(text(rows(20)))
    bring(at_home, files, run_jobs)
    before = plays(anna)
    again = bring(at_home, files, run_jobs)
    assert counts(again) == (20, 0, 20, 0, 0)
    assert plays(anna) == before
    assert "Nothing new" in at_home.get(reverse("ingest:import", args=[again.pk])).content.decode()


def test_overlapping_files_are_not_doubled(at_home, anna, run_jobs) -> None:
    first, second = text(rows(20)), text(rows(30)[10:])
    found = bring(at_home, [("a.zip", zipped(("x/endsong_0.json", first), ("x/endsong_1.json", second)))], run_jobs)
    assert counts(found) == (40, 30, 10, 0, 0)
    assert [counts(file)[:3] for file in found.files.all()] == [(20, 20, 0), (20, 10, 10)]


def test_two_people_have_their_own_plays_of_the_same_file(at_home, anna, ben, run_jobs) -> None:
    files = one(text(rows(5)))
    bring(at_home, files, run_jobs)
    at_home.force_login(ben)
    assert counts(bring(at_home, files, run_jobs)) == (5, 5, 0, 0, 0)
    assert Play.objects.of(anna).count() == Play.objects.of(ben).count() == 5
    assert Track.objects.count() == 5


def test_several_files_at_once_mixed(at_home, anna, run_jobs) -> None:
    account = [{"endTime": "2022-05-05 10:00", "msPlayed": 60_000, "artistName": "B", "trackName": "U"}]
    found = bring(at_home, [*one(text(rows(2))), ("endsong_3.json", text([row(50)])), ("StreamingHistory_music_0.json", text(account))], run_jobs)  # fmt: skip
    assert counts(found) == (4, 4, 0, 0, 0)
    assert found.name == "my_spotify_data.zip, endsong_3.json, StreamingHistory_music_0.json"
    assert Play.objects.filter(origin=Play.Origin.ACCOUNT_DATA).count() == 1


def test_extended_rows_take_the_place_of_account_data(at_home, anna, run_jobs) -> None:
    account = [
        {
            "endTime": f"2021-01-01 00:{minute:02}",
            "msPlayed": 200_000,
            "artistName": "Artist",
            "trackName": f"Title {minute}",
        }
        for minute in (0, 5, 10)
    ]
    bring(at_home, [("StreamingHistory_music_0.json", text(account))], run_jobs)
    assert Play.objects.of(anna).count() == 3
    found = bring(at_home, one(text(rows(4))), run_jobs)
    assert found.rows == 4
    assert found.adds_up
    assert Play.objects.of(anna).count() == 4
    assert not Play.objects.filter(user=anna, origin=Play.Origin.ACCOUNT_DATA).exists()


def test_an_empty_history_is_a_success(at_home, run_jobs) -> None:
    found = bring(at_home, one(b"[]"), run_jobs)
    assert (found.state, found.rows) == ("done", 0)
    assert "An empty history" in at_home.get(reverse("ingest:import", args=[found.pk])).content.decode()


def test_gaps_that_the_export_covers_are_filled(at_home, anna, ben, run_jobs) -> None:
    def gap(user: User, start: datetime, hours: int) -> Gap:
        return Gap.objects.create(
            user=user, started_at=start, ended_at=start + timedelta(hours=hours), reason=Gap.Reason.CONSENT
        )

    inside = gap(anna, datetime(2021, 1, 1, 1, tzinfo=UTC), 2)
    beyond = gap(anna, datetime(2021, 1, 1, 4, tzinfo=UTC), 48)
    other = gap(ben, datetime(2021, 1, 1, 1, tzinfo=UTC), 2)
    found = bring(at_home, one(text(rows(100))), run_jobs)
    for each, filled_by in ((inside, found), (beyond, None), (other, None)):
        each.refresh_from_db()
        assert each.filled_by == filled_by


def test_every_row_set_aside_can_be_downloaded(at_home, ben, run_jobs) -> None:
    found = bring(at_home, one(text([row(0), *(row(n, ms_played=0) for n in range(1, 31))])), run_jobs)
    address = reverse("ingest:import-set-aside", args=[found.pk])
    answer = at_home.get(address)
    told = [json.loads(line) for line in gzip.decompress(b"".join(answer.streaming_content)).splitlines()]
    assert len(told) == found.set_aside == 30
    assert told[0]["row"] == 2
    assert found.examples.count() == 5
    at_home.force_login(ben)
    assert at_home.get(address).status_code == 404


# --- The bad ways ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("broken", BROKEN, ids=lambda broken: broken.name)
def test_a_broken_upload_says_so_and_costs_nothing(broken: Broken, at_home, anna, run_jobs) -> None:
    bring(at_home, one(text([row(60_000 + 5 * n) for n in range(3)])), run_jobs)
    before = plays(anna)
    found = bring(at_home, broken.files(), run_jobs)
    page = at_home.get(reverse("ingest:import", args=[found.pk]))
    assert page.status_code == 200
    assert found.state == broken.state, found.error
    told = found.error + " ".join(found.files.values_list("note", flat=True))
    assert broken.says in told
    assert (NOTHING in found.error) == (broken.state == "failed")
    assert found.new + found.duplicate + found.merged == broken.new
    assert found.reasons == broken.set_aside
    assert found.adds_up
    assert set(before) <= set(plays(anna))
    assert len(plays(anna)) == len(before) + found.new
    assert storage_is_empty()


@pytest.mark.parametrize("files", [[], [("a.zip", b"")], [("a.zip", b""), ("b.json", b"")]])
def test_nothing_chosen_is_told_at_the_form(files: Files, at_home) -> None:
    answer = send(at_home, files)
    assert answer.status_code == 422
    assert not HistoryImport.objects.exists()
    assert "Choose your zip first" in answer.content.decode() or "nothing in what you chose" in answer.content.decode()


def test_an_upload_that_is_too_large_is_refused_before_it_is_read(at_home, settings) -> None:
    settings.UPLOAD_MAX_BYTES = 1024 * 1024
    answer = send(at_home, [("a.zip", b"x" * (3 * 1024 * 1024))])
    assert answer.status_code == 413
    assert "at most 1 MB are taken at once" in answer.content.decode()
    answer = send(at_home, [("a.zip", b"x" * (1024 * 1024 + 1))])
    assert answer.status_code == 413
    assert not HistoryImport.objects.exists()


def test_too_many_files_are_refused_with_words(at_home, settings) -> None:
    settings.DATA_UPLOAD_MAX_NUMBER_FILES = 3
    answer = send(at_home, [(f"{n}.json", b"[]") for n in range(5)])
    assert answer.status_code == 400
    assert "nothing was taken in" in answer.content.decode()


def test_a_body_that_breaks_off_is_no_error_of_ours(at_home) -> None:
    answer = at_home.generic("POST", LIST, b"--x\r\nContent-Disp", content_type="multipart/form-data; boundary=x")
    assert answer.status_code in (400, 422)
    assert at_home.generic("POST", LIST, b"", content_type="multipart/form-data").status_code in (400, 422)


def test_uploading_needs_the_token_of_our_form(anna) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(anna)
    assert send(client, one(text())).status_code == 403
    client.get(LIST)
    token = client.cookies["csrftoken"].value
    file = SimpleUploadedFile("a.zip", one(text())[0][1])
    assert client.post(LIST, {"files": [file], "csrfmiddlewaretoken": token}).status_code == 302


def test_strangers_are_asked_to_sign_in_and_others_see_nothing(client, at_home, ben, run_jobs) -> None:
    found = bring(at_home, one(text()), run_jobs)
    client = Client()
    for address in (
        LIST,
        reverse("ingest:import", args=[found.pk]),
        reverse("ingest:import-set-aside", args=[found.pk]),
    ):
        assert client.get(address).status_code == 302
    assert client.post(LIST).status_code == 302
    client.force_login(ben)
    assert client.get(reverse("ingest:import", args=[found.pk])).status_code == 404
    assert found.name not in client.get(LIST).content.decode()


def test_a_wrong_sum_is_a_failure_that_says_so(at_home, anna, run_jobs, monkeypatch) -> None:
    from ingest.actions import bulk

    real = bulk.load

    def losing(**asked: Any) -> Any:
        loaded = real(**asked)
        next(iter(loaded.files.values())).new -= 1
        return loaded

    monkeypatch.setattr(bulk, "load", losing)
    found = bring(at_home, one(text()), run_jobs)
    assert found.state == "failed"
    assert "does not add up" in found.error


def test_files_that_are_gone_are_told(at_home, run_jobs) -> None:
    send(at_home, one(text()))
    found = HistoryImport.objects.get()
    default_storage.delete(found.stored[0][0])
    run_jobs("history_import")
    found.refresh_from_db()
    assert (found.state, "are gone" in found.error) == ("failed", True)


# --- Stopping and going on -------------------------------------------------------------------------------------------
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


def test_an_import_that_is_stopped_while_it_runs_keeps_what_it_has(at_home, anna, run_jobs, monkeypatch) -> None:
    send(at_home, one(text(rows(5))))
    monkeypatch.setattr(jobs.Run, "advance", lambda self, *a, **k: (_ for _ in ()).throw(jobs.Cancelled(1)))
    run_jobs("history_import")
    found = HistoryImport.objects.get()
    assert (found.state, found.job.state) == ("cancelled", "cancelled")
    assert "going on" in found.error or "goes on" in found.error
    assert storage_is_empty()


def test_an_import_that_was_given_up_ends_too(at_home, now, run_jobs, monkeypatch) -> None:
    send(at_home, one(text()))
    monkeypatch.setattr(imports, "_run", lambda *a: 1 / 0)
    Job.objects.update(max_attempts=1)
    run_jobs("history_import")
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


def test_an_import_that_was_given_up_is_tried_again_by_its_person(at_home, anna, run_jobs, monkeypatch) -> None:
    send(at_home, one(text(rows(5))))
    with monkeypatch.context() as broken:
        broken.setattr(imports, "_finish", lambda *a, **k: 1 / 0)  # all is written, but not the account
        Job.objects.update(max_attempts=1)
        run_jobs("history_import")
    found = HistoryImport.objects.get()
    old = found.job
    address = reverse("accounts:job-again", args=[old.pk])
    assert address in at_home.get(reverse("ingest:import", args=[found.pk])).content.decode()
    assert at_home.post(address).status_code == 302
    found.refresh_from_db()
    assert (found.state, found.error, found.finished_at) == ("waiting", "", None)
    assert found.job != old
    run_jobs("history_import")
    found.refresh_from_db()
    assert (found.state, found.new, found.duplicate) == ("done", 5, 0)
    assert "begun again already" in at_home.post(address, follow=True).content.decode()


def test_an_import_whose_files_are_gone_says_so_instead_of_trying_again(at_home, run_jobs, monkeypatch) -> None:
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
    deaths, at_home, anna, ben, run_jobs, now, monkeypatch
) -> None:
    from ingest.importers import rows as reader

    monkeypatch.setattr(reader, "BLOCK_BYTES", 20_000)
    monkeypatch.setattr(reader, "ELEMENT_BYTES", 10_000)
    files = [("a.zip", zipped(*(
        (f"x/endsong_{n}.json", text([row(200 * n + 2 * m) for m in range(120)] + [row(200 * n + 1, ms_played=0), row(200 * n, ms_played=150_000)]))
        for n in range(3)
    )))]  # fmt: skip
    at_home.force_login(ben)
    expected = bring(at_home, files, run_jobs)
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
            run_jobs("history_import")
        except Killed:
            job = Job.objects.get(pk=found.job_id)
            assert job.state == "running"
            assert reaper.take_back(job, now=now, wait=False)
            Job.objects.filter(pk=job.pk).update(not_before=None)
    monkeypatch.setattr(jobs.Run, "commit_step", real)
    run_jobs("history_import")
    found.refresh_from_db()
    assert found.state == "done", found.error
    assert (counts(found), found.reasons) == (counts(expected), expected.reasons)
    assert [counts(file) for file in found.files.all()] == [counts(file) for file in expected.files.all()]
    assert plays(anna) == plays(ben)


# --- Pages -----------------------------------------------------------------------------------------------------------
def test_progress_answers_htmx_with_its_part_alone(at_home) -> None:
    send(at_home, one(text()))
    found = HistoryImport.objects.get()
    answer = at_home.get(
        reverse("ingest:import", args=[found.pk]), headers={"hx-request": "true", "hx-target": "import-account"}
    )
    page = answer.content.decode().strip()
    assert page.startswith('<div id="import-account"')
    assert "<html" not in page


def test_the_list_tells_how_to_get_the_zip_and_what_was_imported(at_home, run_jobs) -> None:
    page = at_home.get(LIST).content.decode()
    assert "spotify.com/account/privacy" in page
    assert "Your imports" not in page
    bring(at_home, one(text()), run_jobs)
    page = at_home.get(LIST).content.decode()
    assert "my_spotify_data.zip" in page
    assert 'style="' not in page


def test_pages_ask_the_database_little(at_home, run_jobs, django_assert_max_num_queries) -> None:
    found = bring(at_home, [*one(text()), ("b.json", text([row(50, ms_played=0)]))], run_jobs)
    for address in (LIST, reverse("ingest:import", args=[found.pk])):
        with django_assert_max_num_queries(12):
            at_home.get(address)


def test_names_of_files_are_shown_as_text(at_home, run_jobs) -> None:
    found = bring(at_home, [("<script>x.json", text()), ("a\u202eb.json", text([row(90)]))], run_jobs)
    page = at_home.get(reverse("ingest:import", args=[found.pk])).content.decode()
    assert "<script>x" not in page
    assert "\u202e" not in page


# --- The command -----------------------------------------------------------------------------------------------------
def command(*asked: object) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command("import_history", *map(str, asked), stdout=out, stderr=err)
    except SystemExit as ended:
        return int(ended.code or 0), out.getvalue(), err.getvalue()
    return 0, out.getvalue(), err.getvalue()


def test_the_command_prints_the_account(anna, tmp_path) -> None:
    (tmp_path / "MyData").mkdir()
    (tmp_path / "MyData" / "endsong_0.json").write_bytes(text([*rows(3), row(90, ms_played=0)]))
    (tmp_path / "data.zip").write_bytes(one(text(rows(4)))[0][1])
    code, out, _err = command("--user", "anna", tmp_path / "MyData", tmp_path / "data.zip", "--json")
    told = json.loads(out)
    assert code == 0
    assert {name: told[name] for name in ("state", "rows", "new", "duplicate", "merged", "set_aside", "adds_up")} == {
        "state": "done", "rows": 8, "new": 4, "duplicate": 3, "merged": 0, "set_aside": 1, "adds_up": True,
    }  # fmt: skip
    assert told["reasons"] == {"zero_ms": 1}
    assert [file["name"] for file in told["files"]] == ["endsong_0.json", NAME]
    code, out, _err = command("--user", "anna", tmp_path / "MyData")
    assert code == 0
    assert "0 new, 3 known already" in out
    assert (tmp_path / "data.zip").exists()


def test_the_command_fails_with_words(anna, tmp_path) -> None:
    (tmp_path / "notes.json").write_bytes(b"hello")
    code, out, err = command("--user", "anna", tmp_path / "notes.json")
    assert code == 1
    assert "No listening history" in err
    code, out, _err = command("--user", "anna", tmp_path / "notes.json", "--json")
    assert (code, json.loads(out)["state"]) == (1, "failed")
    with pytest.raises(CommandError, match="nobody called"):
        command("--user", "nobody", tmp_path)
    with pytest.raises(CommandError, match="not there"):
        command("--user", "anna", tmp_path / "nowhere")


def test_the_command_waits_its_turn(anna, tmp_path, monkeypatch) -> None:
    """Another import of the same person runs for longer than a job has attempts."""
    turns, pauses = [], []

    def busy(**_asked: object) -> object:
        turns.append(1)
        if len(turns) <= 8:
            raise jobs.PutOff(timezone.now() + timedelta(seconds=5), "Another import of yours is running.")
        return load(**_asked)

    load = imports.bulk.load
    monkeypatch.setattr(imports.bulk, "load", busy)
    monkeypatch.setattr(import_history.time, "sleep", pauses.append)
    (tmp_path / "endsong_0.json").write_bytes(text())
    code, out, err = command("--user", "anna", tmp_path, "--json")
    assert (code, json.loads(out)["state"], json.loads(out)["new"]) == (0, "done", 3)
    assert pauses.count(import_history.PAUSE_S) == 8
    assert err.count("Another import of yours is running.") == 1


def test_the_command_says_which_file_it_may_not_read(anna, tmp_path, monkeypatch) -> None:
    def closed(self: Path, *_asked: object, **_named: object) -> object:
        raise PermissionError(13, "Permission denied", str(self))

    (tmp_path / "endsong_0.json").write_bytes(text())
    (tmp_path / "endsong_1.json").write_bytes(text([row(500)]))
    whole = Path.open
    monkeypatch.setattr(
        Path, "open", lambda self, *a, **k: (closed if self.name == "endsong_0.json" else whole)(self, *a, **k)
    )
    code, out, _err = command("--user", "anna", tmp_path, "--json")
    told = json.loads(out)
    assert (code, told["state"], told["new"]) == (0, "done", 1)
    assert next((file["name"], file["note"]) for file in told["files"]) == (
        "endsong_0.json",
        "This server may not read this file.",
    )


# --- A full disk -----------------------------------------------------------------------------------------------------
def test_a_full_disk_while_importing_is_said(anna, tmp_path, monkeypatch) -> None:
    def full(**_asked: object) -> object:
        raise OSError(errno.ENOSPC, "No space left on device")

    (tmp_path / "endsong_0.json").write_bytes(text())
    with monkeypatch.context() as patched:
        patched.setattr(imports.bulk, "load", full)
        code, _out, err = command("--user", "anna", tmp_path)
    assert (code, Job.objects.get().attempts) == (1, 1)
    assert "disk is full" in err
    assert command("--user", "anna", tmp_path)[0] == 0


def test_an_upload_onto_a_full_disk_is_refused_with_words(at_home, monkeypatch) -> None:
    def full(*_asked: object, **_named: object) -> object:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(default_storage, "save", full)
    answer = at_home.post(LIST, {"files": SimpleUploadedFile("endsong_0.json", text())})
    assert answer.status_code == 507
    assert "disk is full" in answer.content.decode()
    assert not HistoryImport.objects.exists()


def test_an_upload_of_a_program_onto_a_full_disk_is_refused_with_words(at_home, anna, monkeypatch) -> None:
    def full(*_asked: object, **_named: object) -> object:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(default_storage, "save", full)
    _token, text_of = keys.make(user=anna, name="test", scopes=["import"], now=timezone.now())
    sent = {"files": SimpleUploadedFile("endsong_0.json", text())}
    answer = at_home.post("/api/v1/imports", sent, HTTP_AUTHORIZATION=f"Bearer {text_of}")
    assert (answer.status_code, answer["Content-Type"]) == (507, "application/problem+json")
    assert "disk is full" in answer.json()["detail"]
