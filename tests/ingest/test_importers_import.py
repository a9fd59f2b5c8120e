"""Scrobble logs imported: once, again, over each other and Spotify's export; and names that mean several tracks."""

import io
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import job_run
from accounts.models import User
from ingest import columns, listenbrainz
from ingest.actions import imports, submit
from ingest.evidence import Origin
from ingest.models import Artist, Gap, HistoryImport, MergedPlay, Play, Recording, Track, UnsureTrack
from ingest.submissions import UNTOLD_MS
from tests.factories.ingest import AlbumFactory, ArtistFactory, TrackFactory, heard
from tests.ingest import scrobble_logs as logs
from tests.ingest.broken_uploads import row, text, zipped
from tests.ingest.scrobble_logs import LOGS, START, Log, Logged, listenings

pytestmark = pytest.mark.django_db
Bring = Callable[..., HistoryImport]


@pytest.fixture
def bring(settings: Any, tmp_path: Path, anna: User, django_capture_on_commit_callbacks: Any) -> Bring:
    """Import files of this name and content for anna, to the end."""
    settings.COLUMNS_DIR = tmp_path / "columns"
    settings.MEDIA_ROOT = tmp_path / "media"

    def run(*contents: bytes, user: User = anna) -> HistoryImport:
        paths = []
        for number, content in enumerate(contents):
            paths.append(tmp_path / f"download-{number}")
            paths[-1].write_bytes(content)
        found = imports.prepare(user=user, paths=paths)
        with django_capture_on_commit_callbacks(execute=True):
            job_run.run(job_id=found.job_id, heartbeat=False)
        found.refresh_from_db()
        assert (found.state, found.adds_up) == ("done", True), found.error
        assert columns.check(user) == []
        return found

    return run


def counts(found: HistoryImport) -> tuple[int, int, int, int]:
    return found.new, found.duplicate, found.merged, found.set_aside


def spotify(told: list[Logged], album: str = "Album", **changes: Any) -> bytes:
    """The same listenings as Spotify's extended history tells them."""
    rows = []
    for number, (start, title, artist, _album, length) in enumerate(told):
        ended = datetime.fromtimestamp(start + length, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        names = {
            "master_metadata_track_name": title,
            "master_metadata_album_artist_name": artist,
            "master_metadata_album_album_name": album,
        }
        rows.append(row(number, ts=ended, ms_played=length * 1000, offline_timestamp=start, **names) | changes)
    return text(rows)


@pytest.mark.parametrize("log", LOGS, ids=str)
def test_a_log_becomes_plays_once(log: Log, bring: Bring, anna: User) -> None:
    aside = 2 if log.format == "lastfm_json" else 0
    first = bring(log.write(listenings()))
    assert counts(first) == (3, 0, 0, aside)
    plays = list(Play.objects.of(anna).order_by("started_at").select_related("track__artist", "track__album"))
    late = timedelta(seconds=30 if log.to_minute else 0)
    assert [play.started_at - late for play in plays] == [
        datetime.fromtimestamp(start, UTC) for start, *_rest in listenings()
    ]
    assert {play.origin for play in plays} == {Origin.SUBMIT}
    assert {play.ms_played for play in plays} == {200_000 if log.knows_length else UNTOLD_MS}
    assert all(play.is_estimate for play in plays)
    assert [str(play.track.artist) for play in plays] == ["Artist"] * 3
    before = list(Play.objects.of(anna).order_by("pk").values())
    again = bring(log.write(listenings()))
    assert counts(again) == (0, 3, 0, aside)
    assert list(Play.objects.of(anna).order_by("pk").values()) == before


@pytest.mark.parametrize("log", LOGS, ids=str)
def test_a_log_after_spotifys_export_adds_only_what_it_alone_has(log: Log, bring: Bring, anna: User) -> None:
    told = listenings(6)
    bring(spotify(told[:4]))
    found = bring(log.write(told))
    assert counts(found)[:3] == (2, 0, 4)
    assert Play.objects.of(anna).filter(origin=Origin.EXPORT).count() == 4
    assert Play.objects.of(anna).count() == 6
    assert counts(bring(spotify(told)))[:3] == (0, 4, 2)
    assert Play.objects.of(anna).filter(origin=Origin.EXPORT).count() == 6


@pytest.mark.parametrize("log", LOGS, ids=str)
def test_in_either_order_and_in_one_upload_the_plays_are_the_same(
    log: Log, bring: Bring, anna: User, ben: User
) -> None:
    told = listenings(5)
    bring(log.write(told))
    bring(spotify(told[:3]))
    bring(zipped(("a.json", spotify(told[:3])), ("b.zip", log.write(told)), ("c.log", log.write(told))), user=ben)
    bring(log.write(told), user=ben)

    def plays(user: User) -> list[Any]:
        fields = ("started_at", "ended_at", "ms_played", "origin", "track__name")
        return list(Play.objects.of(user).order_by("started_at").values_list(*fields))

    assert plays(anna) == plays(ben)
    assert len(plays(anna)) == 5


def test_logs_of_every_program_that_tell_the_same_are_one(bring: Bring, anna: User) -> None:
    told = listenings(4)
    contents = [log.write(told) for log in LOGS]
    found = bring(*contents)
    assert found.new == Play.objects.of(anna).count() == 4
    assert found.new + found.duplicate == 4 * len(LOGS)
    assert Play.objects.of(anna).filter(ms_played=200_000).count() == 4  # a known length is better than none


def test_another_album_in_another_log_is_no_second_play(bring: Bring, anna: User) -> None:
    told = listenings(3)
    bring(logs.ghan_csv(told))
    other = [(start, title, artist, "Album (Deluxe Edition)", length) for start, title, artist, _album, length in told]
    assert counts(bring(logs.koito(other))) == (0, 3, 0, 0)
    assert Play.objects.of(anna).count() == 3


def test_a_skip_in_spotifys_export_takes_the_scrobble_of_the_whole_track(bring: Bring, anna: User) -> None:
    told = [(START, "Long", "Artist", "Album", 900)]
    bring(spotify(told, ms_played=250_000, ts="2021-01-01T00:04:10Z"))
    assert counts(bring(logs.pano_jsonl(told))) == (0, 0, 1, 0)


def test_a_track_heard_twice_in_a_row_stays_two_plays(bring: Bring, anna: User) -> None:
    told = [(START + at, "Title", "Artist", "Album", 200) for at in (0, 200, 400)]
    assert counts(bring(logs.ghan_csv(told)))[:3] == (3, 0, 0)
    assert counts(bring(spotify(told[:2])))[:3] == (0, 0, 2)
    assert Play.objects.of(anna).count() == 3


def test_your_spotifys_plays_are_known_by_their_id_and_their_end(bring: Bring, anna: User) -> None:
    track = TrackFactory(duration_ms=200_000)
    ended = datetime.fromtimestamp(START + 200, UTC)
    heard(anna, track, ended - timedelta(seconds=70), seconds=70)  # begun late in the track
    content = logs.mongoexport([(track.spotify_id, ended.isoformat(), 200_000), ("n" * 22, ended.isoformat(), 1_000)])
    assert counts(bring(content)) == (1, 0, 1, 0)
    assert counts(bring(content)) == (0, 2, 0, 0)
    assert Play.objects.of(anna).get(origin=Origin.SUBMIT).track.spotify_id == "n" * 22


def test_a_length_the_catalogue_knows_is_the_estimate(bring: Bring, anna: User) -> None:
    track = TrackFactory(
        name="Title 0", artist__name="Artist", album__name="Album", duration_ms=123_000, album__artist=None
    )
    Track.objects.filter(pk=track.pk).update(artist=ArtistFactory(name="Artist"))
    bring(logs.ghan_csv(listenings(1)))
    play = Play.objects.of(anna).get()
    assert (play.track_id, play.ms_played, play.is_estimate) == (track.pk, 123_000, True)


def test_a_log_fills_no_gap_and_teaches_musicbrainz_ids(bring: Bring, anna: User) -> None:
    start = datetime.fromtimestamp(START, UTC)
    gap = Gap.objects.create(user=anna, started_at=start, ended_at=start + timedelta(minutes=1), reason="outage")
    bring(logs.ghan_csv(listenings()))
    gap.refresh_from_db()
    assert gap.filled_by is None
    assert str(Artist.objects.get(name="Artist").musicbrainz_id) == logs.MBID


@pytest.mark.parametrize("log", [log for log in LOGS if log.write in (logs.maloja, logs.koito)], ids=str)
def test_every_artist_that_a_log_names_is_credited(log: Log, bring: Bring, anna: User) -> None:
    for _again in range(2):
        bring(log.write(listenings(2)))
        for track in Track.objects.all():
            assert [each.artist.name for each in track.credits.order_by("position")] == ["Artist", "Guest"]


def test_a_listen_is_credited_alike_however_it_comes(bring: Bring, anna: User) -> None:
    """ListenBrainz tells the credit as it is written and, one by one, whom it names."""
    told = logs.listen((START, "Song", "Dool & Okkultokrati", "", 200), artist_names=["Dool", "Okkultokrati"])
    told["track_metadata"].pop("release_name")
    bring(json.dumps([told]).encode())
    sent = json.dumps(
        {"listen_type": "import", "payload": [{key: told[key] for key in ("listened_at", "track_metadata")}]}
    )
    _kind, listens = listenbrainz.parse(sent.encode(), now_s=START + 1000)
    submit.listens(user=anna, told=listens, now=timezone.now())
    (play,) = Play.objects.of(anna)
    assert [each.artist.name for each in play.track.credits.order_by("position")] == ["Dool", "Okkultokrati"]
    assert play.track.artist.name == "Dool"


def test_times_of_a_device_without_a_zone_are_the_persons(bring: Bring, anna: User) -> None:
    User.objects.filter(pk=anna.pk).update(time_zone="Asia/Kolkata")
    anna.refresh_from_db()
    found = bring(logs.rockbox(listenings(1)).replace(b"#TZ/UTC", b"#TZ/UNKNOWN"))
    assert Play.objects.of(anna).get().started_at == datetime(2020, 12, 31, 18, 30, tzinfo=UTC)
    assert "no time zone" in found.files.get().note


# --- Names that mean several tracks ---------------------------------------------------------------------------------
@pytest.fixture
def versions() -> list[Track]:
    """One title by one artist on two albums, of which nothing says that they are one performance."""
    artist = ArtistFactory(name="Artist")
    albums = [AlbumFactory(name=name, artist=artist) for name in ("Studio", "Live")]
    return [TrackFactory(name="Title 0", album=album, artist=artist, duration_ms=180_000) for album in albums]


BARE = [(START, "Title 0", "Artist", "", 200)]


def test_the_album_tells_which(bring: Bring, anna: User, versions: list[Track]) -> None:
    bring(logs.ghan_csv([(START, "title 0", "ARTIST", "Live", 200)]))
    assert Play.objects.of(anna).get().track == versions[1]
    assert not UnsureTrack.objects.exists()


def test_an_album_nobody_knows_makes_a_track_of_its_own(bring: Bring, anna: User, versions: list[Track]) -> None:
    bring(logs.ghan_csv([(START, "Title 0", "Artist", "Bootleg", 200)]))
    assert Play.objects.of(anna).get().track not in versions
    assert not UnsureTrack.objects.exists()


def test_one_recording_on_two_albums_is_no_doubt(bring: Bring, anna: User, versions: list[Track]) -> None:
    Track.objects.filter(pk__in=[each.pk for each in versions]).update(recording=Recording.objects.create(name="It"))
    bring(logs.ghan_csv(BARE))
    assert Play.objects.of(anna).get().track == versions[0]
    assert not UnsureTrack.objects.exists()


def test_the_persons_own_plays_tell_which(bring: Bring, anna: User, ben: User, versions: list[Track]) -> None:
    heard(anna, versions[1], datetime(2020, 1, 1, tzinfo=UTC))
    heard(ben, versions[0], datetime(2020, 1, 1, tzinfo=UTC))
    bring(logs.ghan_csv(BARE))
    assert Play.objects.of(anna).filter(origin=Origin.SUBMIT).get().track == versions[1]
    assert not UnsureTrack.objects.exists()


def test_another_row_of_the_log_tells_which(bring: Bring, anna: User, versions: list[Track]) -> None:
    told = [*BARE, (START + 900, "Title 0", "Artist", "Live", 200)]
    for _again in range(2):
        bring(logs.ghan_csv(told))
        assert {play.track for play in Play.objects.of(anna).select_related("track")} == {versions[1]}


def test_a_doubt_is_a_track_of_its_own_until_the_person_says(
    bring: Bring, anna: User, ben: User, client: Client, versions: list[Track], django_capture_on_commit_callbacks: Any
) -> None:
    told = [*BARE, (START + 900, "Title 0", "Artist", "", 200)]
    found = bring(logs.ghan_csv(told))
    own = Track.objects.get(spotify_id=None)
    assert {play.track for play in Play.objects.of(anna).select_related("track")} == {own}
    doubt = UnsureTrack.objects.get()
    assert (doubt.user, doubt.track, sorted(doubt.candidates)) == (anna, own, sorted(each.pk for each in versions))
    page, address = reverse("ingest:import", args=[found.pk]), reverse("ingest:unsure", args=[doubt.pk])
    client.force_login(anna)
    shown = client.get(page).content.decode()
    assert "Could be one of several" in shown
    assert "Studio" in shown
    assert "Live" in shown

    def say(what: object) -> Any:
        with django_capture_on_commit_callbacks(execute=True):
            return client.post(address, {"track": what})

    def tracks() -> set[Track]:
        assert columns.check(anna) == []
        return {play.track for play in Play.objects.of(anna).select_related("track")}

    before = list(Play.objects.of(anna).order_by("started_at").values_list("started_at", "ms_played", "source_import"))
    assert say(versions[1].pk).status_code == 302
    assert tracks() == {versions[1]}
    assert before == list(
        Play.objects.of(anna).order_by("started_at").values_list("started_at", "ms_played", "source_import")
    )
    assert counts(bring(logs.ghan_csv([*told, (START + 1800, "Title 0", "Artist", "", 200)])))[:3] == (1, 2, 0)
    assert tracks() == {versions[1]}
    assert "You said" in client.get(page).content.decode()
    assert say("undo").status_code == 302
    assert Play.objects.of(anna).filter(track=own).count() == 2
    assert say("own").status_code == 302
    assert say(TrackFactory().pk).status_code == 400
    assert say("nonsense").status_code == 400
    client.force_login(ben)
    assert client.post(address, {"track": versions[0].pk}).status_code == 404


def test_deciding_merges_with_what_was_heard_and_undo_parts_again(
    bring: Bring, anna: User, client: Client, versions: list[Track], django_capture_on_commit_callbacks: Any
) -> None:
    bring(logs.ghan_csv(BARE))
    doubt = UnsureTrack.objects.get()
    Track.objects.filter(pk=versions[0].pk).update(
        name="Other", name_key="other"
    )  # so that the name does not unite them
    heard(anna, versions[0], datetime.fromtimestamp(START, UTC), seconds=180)
    client.force_login(anna)
    assert Play.objects.of(anna).count() == 2
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("ingest:unsure", args=[doubt.pk]), {"track": versions[0].pk})
    assert (Play.objects.of(anna).get().origin, MergedPlay.objects.get().origin) == (Origin.EXPORT, Origin.SUBMIT)
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("ingest:unsure", args=[doubt.pk]), {"track": "undo"})
    assert Play.objects.of(anna).count() == 2
    assert not MergedPlay.objects.exists()


def test_the_page_names_the_programs_and_takes_their_files(
    bring: Bring, anna: User, client: Client, run_jobs: Any, django_capture_on_commit_callbacks: Any
) -> None:
    client.force_login(anna)
    page = client.get("/imports/").content.decode()
    for program in ("Last.fm", "ListenBrainz", "Maloja", "Koito", "Your Spotify", "Libre.fm", "Rockbox", "Pano"):
        assert program in page
    files = [SimpleUploadedFile("scrobbles.csv", logs.ghan_csv(listenings())), SimpleUploadedFile("x.json", text())]
    answer = client.post("/imports/", {"files": files})
    with django_capture_on_commit_callbacks(execute=True):
        run_jobs("history_import")
    shown = client.get(answer.url).content.decode()
    assert "Last.fm, CSV" in shown
    assert "Extended history" in shown
    assert counts(HistoryImport.objects.get()) == (5, 0, 1, 0)  # both tell of “Title 0” at midnight


def test_the_command_takes_a_folder_of_logs(bring: Bring, anna: User, tmp_path: Path) -> None:
    folder = tmp_path / "logs"
    folder.mkdir()
    for number, log in enumerate(LOGS):
        (folder / f"{number}").write_bytes(log.write(listenings()))
    out = io.StringIO()
    call_command("import_history", str(folder), user=anna.username, json=True, stdout=out)
    told = json.loads(out.getvalue())
    assert (told["new"], told["duplicate"]) == (3, 3 * len(LOGS) - 3)
