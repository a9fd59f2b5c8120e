"""Exports: everything out, and in again the same; theirs alone, for a week."""

import gzip
import io
import json
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from accounts import jobs
from accounts.models import Job, User
from ingest import counts, known, lens
from ingest.actions import catalogue, export, forget, hands, hide, imports, record
from ingest.evidence import Origin
from ingest.models import (
    Counting,
    HandPlay,
    HiddenPlay,
    HistoryExport,
    HistoryImport,
    ListeningFilter,
    OwnGrouping,
    Play,
    Track,
    TrackArtist,
    Word,
)
from insights.actions import snapshots
from insights.models import ListeningSnapshot
from tests.factories.ingest import ArtistFactory, TrackFactory, heard

pytestmark = pytest.mark.usefixtures("own_media")
RunJobs = Callable[..., list[Job]]
LIST = "/export/"
THEN = datetime(2024, 12, 31, 23, 50, 0, 123_000, tzinfo=UTC)


@pytest.fixture
def history(anna: User) -> list[Track]:
    """Plays of every kind and origin, over two years, to the millisecond."""
    bare = TrackFactory(spotify_id=None, text_key="a\x1fb\x1fc")
    names = {"artist": bare.artist.name, "title": bare.name, "album": bare.album.name}
    from ingest.names import track_key

    bare.text_key = track_key(**names)
    bare.save()
    bare.artist.__class__.objects.filter(pk=bare.artist_id).update(spotify_id=None)
    bare.album.__class__.objects.filter(pk=bare.album_id).update(spotify_id=None)
    tracks = [TrackFactory() for _number in range(4)] + [bare]
    tracks += [TrackFactory(kind=kind) for kind in (Track.Kind.EPISODE, Track.Kind.CHAPTER, Track.Kind.VIDEO)]
    done = catalogue.words(Word.Kind.REASON, ["trackdone", "fwdbtn"])
    ios = catalogue.words(Word.Kind.PLATFORM, ["ios"])["ios"]
    at = THEN
    for number in range(40):
        track = tracks[number % len(tracks)]
        origin = (Origin.EXPORT, Origin.EXPORT, Origin.SUBMIT, Origin.POLL)[number % 4]
        heard(
            anna,
            track,
            at,
            seconds=(20.001, 95.5, 180.777, 199.9)[number // 2 % 4],
            origin=origin,
            is_estimate=origin == Origin.POLL,
            reason_end=done["trackdone" if number % 3 else "fwdbtn"],
            platform=ios,
            context=catalogue.words(Word.Kind.CONTEXT, ["playlist:x"])["playlist:x"] if number % 2 else 0,
            shuffle=(None, False, True)[number % 3],
            incognito=number % 7 == 0,
            skipped=(None, True)[number % 2],
        )
        at += timedelta(minutes=11, milliseconds=7)
    return tracks


def made(user: User, run_jobs: RunJobs) -> HistoryExport:
    found = export.start(user=user)
    run_jobs(export.KIND)
    found.refresh_from_db()
    return found


def opened(found: HistoryExport) -> zipfile.ZipFile:
    with default_storage.open(found.stored) as stream:
        return zipfile.ZipFile(io.BytesIO(stream.read()))


def rows_of(packed: zipfile.ZipFile) -> list[dict[str, Any]]:
    names = [name for name in packed.namelist() if name.startswith("Streaming_History_")]
    return [row for name in names for row in json.loads(packed.read(name))]


def plays(user: User, as_origin: dict[int, int] | None = None) -> list[tuple]:
    left_out = {"id", "user", "source_import", "origin"}
    told = [field.attname for field in Play._meta.fields if field.name not in left_out]
    rows = Play.objects.of(user).values_list("origin", *told)
    return sorted([((as_origin or {}).get(row[0], row[0]), *row[1:]) for row in rows], key=repr)


def test_a_fresh_person_has_the_same_plays_and_figures_after_the_round_trip(
    anna: User, ben: User, history: list[Track], run_jobs: RunJobs
) -> None:
    found = made(anna, run_jobs)
    with default_storage.open(found.stored) as stream:
        upload = SimpleUploadedFile("vibesite-export.zip", stream.read())
    imports.start(user=ben, files=[upload], now=timezone.now())
    run_jobs(imports.KIND)

    account = HistoryImport.objects.get(user=ben)
    assert (account.state, account.rows, account.new) == ("done", 40, 40), account.error
    assert found.plays == 40
    # What a connection told is the person's own now: a disconnect does not take it.
    assert plays(ben) == plays(anna, {int(Origin.POLL): int(Origin.COPY)})
    for rule in counts.RULES.values():
        ours, theirs = (lens.read(user).heard(rule=rule).counted for user in (anna, ben))
        assert np.array_equal(ours.started, theirs.started)
        assert ours.total_ms == theirs.total_ms
        assert [part.tolist() for part in ours.by_place] == [part.tolist() for part in theirs.by_place]


def test_every_artist_comes_along_to_another_server(anna: User, ben: User, run_jobs: RunJobs) -> None:
    track = TrackFactory()
    main = track.artist.name
    for place, artist in enumerate([track.artist, ArtistFactory(name="Guest, the")]):
        TrackArtist.objects.get_or_create(track=track, artist=artist, defaults={"position": place})
    heard(anna, track, THEN, seconds=200)
    found = made(anna, run_jobs)
    with default_storage.open(found.stored) as stream:
        upload = SimpleUploadedFile("vibesite-export.zip", stream.read())
    (listen,) = [
        json.loads(line) for line in gzip.decompress(opened(found).read("ListenBrainz_listens.jsonl.gz")).splitlines()
    ]
    assert listen["track_metadata"]["artist_name"] == f"{main}, Guest, the"
    assert listen["track_metadata"]["additional_info"]["artist_names"] == [main, "Guest, the"]
    for model in (Play, TrackArtist, Track):
        model.objects.all().delete()  # the other server has never heard of it

    imports.start(user=ben, files=[upload], now=timezone.now())
    run_jobs(imports.KIND)
    credits = Play.objects.of(ben).get().track.credits.order_by("position")
    assert [each.artist.name for each in credits] == [main, "Guest, the"]


def figures(user: User) -> tuple:
    counted = lens.read(user).heard().counted
    return counted.started.tolist(), counted.ms.tolist(), [part.tolist() for part in counted.totals("tracks")]


def test_choices_hold_again_after_the_round_trip(
    anna: User, ben: User, history: list[Track], run_jobs: RunJobs
) -> None:
    Counting.objects.create(user=anna, rule="own", own_seconds=17, session_gap_min=45)
    ListeningFilter.objects.create(user=anna, kind="artist", value=history[0].artist_id)
    ListeningFilter.objects.create(user=anna, kind="hours", value=0b11)
    context = catalogue.words(Word.Kind.CONTEXT, ["playlist:x"])["playlist:x"]
    ListeningFilter.objects.create(user=anna, kind="context", value=context)
    rows = list(Play.objects.of(anna).filter(track=history[1]).order_by("started_at"))
    hide.plays(user=anna, ids=[rows[0].pk], removed=True, now=THEN)
    hide.plays(user=anna, ids=[rows[1].pk], removed=False, now=THEN)
    later = round(rows[2].started_at.timestamp() * 1000) + 5 * 3_600_000
    hands.change(user=anna, play=rows[2], act=77, track_id=history[2].pk, started_ms=later, ms_played=100_000, now=THEN)
    hands.enter(user=anna, act=78, track_id=history[2].pk, started_ms=later + 900_000, ms_played=90_000, now=THEN)
    OwnGrouping.objects.create(user=anna, track=history[2], other=history[3], is_same=True, made_at=THEN)
    found = made(anna, run_jobs)
    for _again in range(2):
        with default_storage.open(found.stored) as stream:
            upload = SimpleUploadedFile("vibesite-export.zip", stream.read())
        imports.start(user=ben, files=[upload], now=timezone.now())
        run_jobs(imports.KIND)
        assert figures(ben) == figures(anna)
        for model, count in ((ListeningFilter, 3), (HiddenPlay, 3), (OwnGrouping, 1), (HandPlay, 2)):
            assert model._default_manager.filter(user=ben).count() == count, model
    assert Counting.objects.get(user=ben).session_gap_min == 45
    assert not Play.objects.of(ben).filter(origin__in=(Origin.POLL, Origin.WATCH)).exists()
    # An import of Spotify's own file brings back nothing that was put right or removed.
    told = [known.played(Play.objects.filter(pk=row.pk))[0] for row in (rows[0], rows[2])]
    record.plays(user=ben, evidence=told, now=THEN)
    assert figures(ben) == figures(anna)


@pytest.mark.parametrize("raw", [b"", b"[]", b"{}", b'{"counting": {"rule": "x"}, "hidden": [{}]}', b"\xff"])
def test_choices_that_are_none_are_said_so(anna: User, run_jobs: RunJobs, raw: bytes) -> None:
    imports.start(user=anna, files=[SimpleUploadedFile("choices.json", raw + b" ")], now=timezone.now())
    run_jobs(imports.KIND)
    assert HistoryImport.objects.get().state == "failed"
    assert not Counting.objects.exists()


def test_choices_about_no_track_make_none(anna: User, run_jobs: RunJobs) -> None:
    at = THEN.isoformat()
    nothing: dict[str, Any] = {"title": " ", "artist": "Nobody"}
    told = {
        "counting": {"rule": "vibesite"},
        "left_out": [{"kind": "track", "name": " "}],
        "recordings": [{"track": nothing, "other": None, "is_same": False, "made_at": at}],
        "by_hand": [nothing | {"started_at": at, "ms_played": 5000, "act": 1, "made_at": at}],
        "hidden": [nothing | {"started_at": at, "ended_at": at, "act": 2, "made_at": at}],
    }
    imports.start(user=anna, files=[SimpleUploadedFile("choices.json", json.dumps(told).encode())], now=timezone.now())
    run_jobs(imports.KIND)
    assert HistoryImport.objects.get().state == "done"
    assert not Track.objects.exists()
    assert not any(each.objects.exists() for each in (ListeningFilter, OwnGrouping, HandPlay, HiddenPlay))


def test_importing_ones_own_export_changes_nothing(anna: User, history: list[Track], run_jobs: RunJobs) -> None:
    found = made(anna, run_jobs)
    before = plays(anna)
    with default_storage.open(found.stored) as stream:
        upload = SimpleUploadedFile("vibesite-export.zip", stream.read())
    imports.start(user=anna, files=[upload], now=timezone.now())
    run_jobs(imports.KIND)
    assert HistoryImport.objects.get().new == 0
    assert plays(anna) == before
    record.forget(user=anna, origins=forget.FROM_SPOTIFY, now=THEN)  # a disconnect leaves what was imported
    assert plays(anna) == sorted(((0 if row[0] == Origin.POLL else row[0], *row[1:]) for row in before), key=repr)


def test_plays_are_in_spotifys_own_layout(anna: User, run_jobs: RunJobs) -> None:
    track = TrackFactory(name="Paranoid Android")
    heard(anna, track, THEN, seconds=120)
    packed = opened(made(anna, run_jobs))
    (row,) = rows_of(packed)
    assert "Streaming_History_Audio_2024.json" in packed.namelist()
    assert row["ts"] == "2024-12-31T23:52:00Z"
    assert row["ms_played"] == 120_000
    assert row["master_metadata_track_name"] == "Paranoid Android"
    assert row["spotify_track_uri"] == f"spotify:track:{track.spotify_id}"
    spotifys = [key for key in row if not key.startswith("vibesite_")]
    assert len(spotifys) == 23
    assert (row["episode_name"], row["shuffle"]) == (None, None)


def test_listenbrainz_gets_what_counts_there_and_is_not_private(anna: User, run_jobs: RunJobs) -> None:
    track = TrackFactory(duration_ms=200_000)
    heard(anna, track, THEN, seconds=150)
    heard(anna, track, THEN + timedelta(hours=1), seconds=40)
    heard(anna, track, THEN + timedelta(hours=2), seconds=150, incognito=True)
    raw = gzip.decompress(opened(made(anna, run_jobs)).read("ListenBrainz_listens.jsonl.gz"))
    (listen,) = map(json.loads, raw.splitlines())
    assert listen["listened_at"] == int(THEN.timestamp())
    assert listen["track_metadata"]["track_name"] == track.name
    assert listen["track_metadata"]["additional_info"]["duration_played"] == 150


def test_what_was_removed_stays_here_and_choices_go_along(anna: User, history: list[Track], run_jobs: RunJobs) -> None:
    Counting.objects.create(user=anna, rule="own", own_seconds=77)
    ListeningFilter.objects.create(user=anna, kind="artist", value=history[0].artist_id)
    first, second = Play.objects.of(anna).order_by("started_at")[:2]
    hide.plays(user=anna, ids=[first.pk], removed=True, now=THEN)
    hide.plays(user=anna, ids=[second.pk], removed=False, now=THEN)
    found = made(anna, run_jobs)
    packed = opened(found)
    starts = {row["vibesite_started_ms"] for row in rows_of(packed)}
    assert found.plays == len(starts) == 39
    assert round(first.started_at.timestamp() * 1000) not in starts
    choices = json.loads(packed.read("choices.json"))
    assert choices["counting"]["own_seconds"] == 77
    assert choices["left_out"] == [
        {"kind": "artist", "name": history[0].artist.name, "spotify_id": history[0].artist.spotify_id}
    ]
    assert [row["removed"] for row in choices["hidden"]] == [True, False]
    assert "README.txt" in packed.namelist()


def test_an_empty_history_is_an_export_too(at_home: Client, anna: User, run_jobs: RunJobs) -> None:
    found = made(anna, run_jobs)
    assert (found.state, found.plays) == ("done", 0)
    assert rows_of(opened(found)) == []


def test_a_person_makes_and_downloads_it(
    at_home: Client, history: list[Track], run_jobs: RunJobs, django_capture_on_commit_callbacks: Any
) -> None:
    assert at_home.post(LIST).status_code == 302
    assert at_home.post(LIST).status_code == 302  # while it is made there is but one
    found = HistoryExport.objects.get()
    assert "every 1s" in at_home.get(LIST).content.decode()
    run_jobs(export.KIND)
    assert f"/export/{found.pk}/" in at_home.get(LIST).content.decode()
    answer = at_home.get(f"/export/{found.pk}/")
    assert answer["Content-Disposition"].startswith('attachment; filename="vibesite-export-')
    assert zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))).testzip() is None


def test_nobody_else_gets_it(client: Client, anna: User, ben: User, run_jobs: RunJobs) -> None:
    found = made(anna, run_jobs)
    client.force_login(ben)
    assert client.get(f"/export/{found.pk}/").status_code == 404


def test_it_expires(at_home: Client, anna: User, run_jobs: RunJobs, django_capture_on_commit_callbacks: Any) -> None:
    found = made(anna, run_jobs)
    place = found.stored
    HistoryExport.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert at_home.get(f"/export/{found.pk}/").status_code == 410
    assert default_storage.exists(place)
    with django_capture_on_commit_callbacks(execute=True):
        assert export.sweep(now=timezone.now()) == 1
    assert not default_storage.exists(place)
    assert at_home.get(f"/export/{found.pk}/").status_code == 410
    assert f"/export/{found.pk}/" not in at_home.get(LIST).content.decode()


def test_stopping_leaves_nothing_behind(
    anna: User, history: list[Track], run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = export.start(user=anna)
    advance = jobs.Run.advance

    def stop_then_advance(run: jobs.Run, *told: Any, **more: Any) -> None:
        jobs.cancel(job=run.job, now=timezone.now())
        run._written = 0.0
        advance(run, *told, **more)

    monkeypatch.setattr(jobs.Run, "advance", stop_then_advance)
    run_jobs(export.KIND)
    found.refresh_from_db()
    assert (found.state, found.stored) == ("cancelled", "")
    assert not default_storage.exists(export.FOLDER)


def test_stopped_while_it_waits(at_home: Client, anna: User) -> None:
    found = export.start(user=anna)
    jobs.cancel(job=found.job, now=timezone.now())
    assert at_home.get(LIST).status_code == 200
    found.refresh_from_db()
    assert found.state == "cancelled"
    assert export.start(user=anna).pk != found.pk


def test_an_interrupted_job_begins_anew(
    anna: User, history: list[Track], run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = export.start(user=anna)
    with monkeypatch.context() as broken:
        broken.setattr(jobs.Run, "commit_step", lambda run, **step: (_ for _ in ()).throw(jobs.LostLease(run.job.pk)))
        run_jobs(export.KIND)
    assert default_storage.listdir(export.FOLDER)[1] == []
    Job.objects.filter(pk=found.job_id).update(state=Job.State.QUEUED, worker="", not_before=None)
    run_jobs(export.KIND, ahead=True)
    found.refresh_from_db()
    assert (found.state, found.plays) == ("done", 40)
    assert len(default_storage.listdir(export.FOLDER)[1]) == 1


def test_leaving_takes_the_files_along(anna: User, run_jobs: RunJobs) -> None:
    found = made(anna, run_jobs)
    forget.listening(user=anna, connection=None, dry_run=False)
    assert not default_storage.exists(found.stored)
    assert not HistoryExport.objects.exists()


def test_snapshots_go_along_by_name(anna: User, history: list[Track], run_jobs: RunJobs) -> None:
    list(snapshots.take(user=anna, days=[date(2025, 6, 1)], ranges=["long_term"], now=THEN))
    packed = opened(made(anna, run_jobs))
    (told,) = json.loads(packed.read("snapshots.json"))
    row = ListeningSnapshot.objects.get(user=anna)
    assert (told["on"], told["plays"], told["zone"]) == ("2025-06-01", row.plays, anna.time_zone)
    assert [each["plays"] for each in told["figures"]["top"]["tracks"]] == [
        each["plays"] for each in row.part("top")["tracks"]
    ]
    assert {each["name"] for each in told["figures"]["top"]["tracks"]} <= {track.name for track in history}
    assert "snapshots.json" in packed.read("README.txt").decode()
