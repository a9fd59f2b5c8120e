# ruff: noqa: E501 - tables, one case a line
"""Imports as a person meets them: the page, the job, the account of rows."""

import errno
import gzip
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts import keys
from accounts.models import User
from ingest import labels
from ingest.actions import imports
from ingest.collection import rows as collection
from ingest.models import Gap, HistoryImport, Play, Track
from tests.ingest.broken_uploads import BROKEN, NAME, NOTHING, Broken, Files, one, row, rows, text, zipped
from tests.ingest.uploading import LIST, bring, counts, plays, send, storage_is_empty

pytestmark = pytest.mark.usefixtures("own_media")


# --- The good way -----------------------------------------------------------------------------------------------------
def test_a_zip_becomes_plays_and_an_account(at_home, anna, run_imports) -> None:
    found = bring(at_home, one(text([*rows(3), row(100, ms_played=0)])), run_imports)
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


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite plans without figures about its tables")
def test_after_many_rows_the_database_knows_how_many_they_are(at_home, run_imports, monkeypatch) -> None:
    monkeypatch.setattr(imports, "_MANY", 2)
    with connection.cursor() as cursor:
        assert bring(at_home, one(text(rows(2))), run_imports).state == "done"
        cursor.execute("SELECT reltuples FROM pg_class WHERE relname = 'ingest_play'")
        before = cursor.fetchone()[0]
        assert bring(at_home, one(text(rows(9))), run_imports).state == "done"
        cursor.execute("SELECT reltuples FROM pg_class WHERE relname = 'ingest_play'")
        assert (before <= 0, cursor.fetchone()[0]) == (True, 9)


def test_after_an_import_nobody_waits_for_names(at_home, anna, run_imports) -> None:
    assert bring(at_home, one(text(rows(3))), run_imports).state == "done"
    with CaptureQueriesContext(connection) as asked:
        told = labels.load(anna, collection.of(anna).rack)
    assert sorted(told.values("title")) == ["Title 0", "Title 10", "Title 5"]
    assert not [query["sql"] for query in asked if 'FROM "ingest_track"' in query["sql"]]


def test_importing_again_changes_nothing(at_home, anna, run_imports) -> None:
    files = one(text(rows(20)))
    bring(at_home, files, run_imports)
    before = plays(anna)
    again = bring(at_home, files, run_imports)
    assert counts(again) == (20, 0, 20, 0, 0)
    assert plays(anna) == before
    assert "Nothing new" in at_home.get(reverse("ingest:import", args=[again.pk])).content.decode()


def test_overlapping_files_are_not_doubled(at_home, anna, run_imports) -> None:
    first, second = text(rows(20)), text(rows(30)[10:])
    found = bring(at_home, [("a.zip", zipped(("x/endsong_0.json", first), ("x/endsong_1.json", second)))], run_imports)
    assert counts(found) == (40, 30, 10, 0, 0)
    assert [counts(file)[:3] for file in found.files.all()] == [(20, 20, 0), (20, 10, 10)]


def test_two_people_have_their_own_plays_of_the_same_file(at_home, anna, ben, run_imports) -> None:
    files = one(text(rows(5)))
    bring(at_home, files, run_imports)
    at_home.force_login(ben)
    assert counts(bring(at_home, files, run_imports)) == (5, 5, 0, 0, 0)
    assert Play.objects.of(anna).count() == Play.objects.of(ben).count() == 5
    assert Track.objects.count() == 5


def test_several_files_at_once_mixed(at_home, anna, run_imports) -> None:
    account = [{"endTime": "2022-05-05 10:00", "msPlayed": 60_000, "artistName": "B", "trackName": "U"}]
    found = bring(at_home, [*one(text(rows(2))), ("endsong_3.json", text([row(50)])), ("StreamingHistory_music_0.json", text(account))], run_imports)  # fmt: skip
    assert counts(found) == (4, 4, 0, 0, 0)
    assert found.name == "my_spotify_data.zip, endsong_3.json, StreamingHistory_music_0.json"
    assert Play.objects.filter(origin=Play.Origin.ACCOUNT_DATA).count() == 1


def test_extended_rows_take_the_place_of_account_data(at_home, anna, run_imports) -> None:
    account = [
        {
            "endTime": f"2021-01-01 00:{minute:02}",
            "msPlayed": 200_000,
            "artistName": "Artist",
            "trackName": f"Title {minute}",
        }
        for minute in (0, 5, 10)
    ]
    bring(at_home, [("StreamingHistory_music_0.json", text(account))], run_imports)
    assert Play.objects.of(anna).count() == 3
    found = bring(at_home, one(text(rows(4))), run_imports)
    assert found.rows == 4
    assert found.adds_up
    assert Play.objects.of(anna).count() == 4
    assert not Play.objects.filter(user=anna, origin=Play.Origin.ACCOUNT_DATA).exists()


def test_artists_without_a_name_are_passed_over(at_home, run_imports) -> None:
    found = bring(at_home, one(text([row(0, vibesite_artists=["", " "]), row(5)])), run_imports)
    assert (found.state, found.new) == ("done", 2), found.job.traceback


def test_an_empty_history_is_a_success(at_home, run_imports) -> None:
    found = bring(at_home, one(b"[]"), run_imports)
    assert (found.state, found.rows) == ("done", 0)
    assert "An empty history" in at_home.get(reverse("ingest:import", args=[found.pk])).content.decode()


def test_gaps_that_the_export_covers_are_filled(at_home, anna, ben, run_imports) -> None:
    def gap(user: User, start: datetime, hours: int) -> Gap:
        return Gap.objects.create(
            user=user, started_at=start, ended_at=start + timedelta(hours=hours), reason=Gap.Reason.CONSENT
        )

    inside = gap(anna, datetime(2021, 1, 1, 1, tzinfo=UTC), 2)
    beyond = gap(anna, datetime(2021, 1, 1, 4, tzinfo=UTC), 48)
    other = gap(ben, datetime(2021, 1, 1, 1, tzinfo=UTC), 2)
    found = bring(at_home, one(text(rows(100))), run_imports)
    for each, filled_by in ((inside, found), (beyond, None), (other, None)):
        each.refresh_from_db()
        assert each.filled_by == filled_by


def test_every_row_set_aside_can_be_downloaded(at_home, ben, run_imports) -> None:
    found = bring(at_home, one(text([row(0), *(row(n, ms_played=0) for n in range(1, 31))])), run_imports)
    address = reverse("ingest:import-set-aside", args=[found.pk])
    answer = at_home.get(address)
    told = [json.loads(line) for line in gzip.decompress(b"".join(answer.streaming_content)).splitlines()]
    assert len(told) == found.set_aside == 30
    assert told[0]["row"] == 2
    assert found.examples.count() == 5
    at_home.force_login(ben)
    assert at_home.get(address).status_code == 404


# --- The bad ways -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("broken", BROKEN, ids=lambda broken: broken.name)
def test_a_broken_upload_says_so_and_costs_nothing(broken: Broken, at_home, anna, run_imports) -> None:
    bring(at_home, one(text([row(60_000 + 5 * n) for n in range(3)])), run_imports)
    before = plays(anna)
    found = bring(at_home, broken.files(), run_imports)
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
    assert "That is 1.1 MB; at most 1 MB" in answer.content.decode()
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


def test_strangers_are_asked_to_sign_in_and_others_see_nothing(client, at_home, ben, run_imports) -> None:
    found = bring(at_home, one(text()), run_imports)
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


def test_a_wrong_sum_is_a_failure_that_says_so(at_home, anna, run_imports, monkeypatch) -> None:
    from ingest.actions import bulk

    real = bulk.load

    def losing(**asked: Any) -> Any:
        loaded = real(**asked)
        next(iter(loaded.files.values())).new -= 1
        return loaded

    monkeypatch.setattr(bulk, "load", losing)
    found = bring(at_home, one(text()), run_imports)
    assert found.state == "failed"
    assert "does not add up" in found.error


def test_files_that_are_gone_are_told(at_home, run_imports) -> None:
    send(at_home, one(text()))
    found = HistoryImport.objects.get()
    default_storage.delete(found.stored[0][0])
    run_imports()
    found.refresh_from_db()
    assert (found.state, "are gone" in found.error) == ("failed", True)


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


# --- Pages ------------------------------------------------------------------------------------------------------------
def test_progress_answers_htmx_with_its_part_alone(at_home) -> None:
    send(at_home, one(text()))
    found = HistoryImport.objects.get()
    answer = at_home.get(
        reverse("ingest:import", args=[found.pk]), headers={"hx-request": "true", "hx-target": "import-account"}
    )
    page = answer.content.decode().strip()
    assert page.startswith('<div id="import-account"')
    assert "<html" not in page


def test_the_list_tells_how_to_get_the_zip_and_what_was_imported(at_home, run_imports) -> None:
    page = at_home.get(LIST).content.decode()
    assert "spotify.com/account/privacy" in page
    assert "Your imports" not in page
    bring(at_home, one(text()), run_imports)
    page = at_home.get(LIST).content.decode()
    assert "my_spotify_data.zip" in page
    assert 'style="' not in page


def test_pages_ask_the_database_little(at_home, run_imports, django_assert_max_num_queries) -> None:
    found = bring(at_home, [*one(text()), ("b.json", text([row(50, ms_played=0)]))], run_imports)
    for address in (LIST, reverse("ingest:import", args=[found.pk])):
        with django_assert_max_num_queries(12):
            at_home.get(address)


def test_names_of_files_are_shown_as_text(at_home, run_imports) -> None:
    found = bring(at_home, [("<script>x.json", text()), ("a\u202eb.json", text([row(90)]))], run_imports)
    page = at_home.get(reverse("ingest:import", args=[found.pk])).content.decode()
    assert "<script>x" not in page
    assert "\u202e" not in page
