"""An export of one server, imported on another whose catalogue is empty: every figure is the same at once."""

import io
import json
import random
import shutil
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings as django_settings
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from accounts.models import Job, User
from accounts.spotify.payloads import ArtistPayload, TrackPayload
from ingest import lens
from ingest.actions import catalogue, export, group, hands, hide, imports, label, recordings
from ingest.evidence import Origin
from ingest.models import (
    Album,
    Artist,
    AudioFeatures,
    BroughtTrack,
    Counting,
    HistoryImport,
    ListenerCount,
    ListeningFilter,
    Play,
    Recording,
    RecordingCandidate,
    Track,
    TrackArtist,
    TrackTag,
    Word,
)
from tests.factories.accounts import UserFactory
from tests.factories.ingest import AlbumFactory, ArtistFactory, TrackFactory, heard, sounding, tagged
from tests.ingest.all_figures import differences, figures, told_by_pages

RunJobs = Callable[..., list[Job]]
START = datetime(2025, 2, 3, 18, 0, 0, 250_000, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _own_media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def life(anna: User, now: datetime) -> list[Track]:
    """Some seventy tracks, of which Spotify and providers told everything, and two years of all kinds of plays."""
    chance = random.Random(7)
    anna.time_zone, anna.time_zone_is_known, anna.week_starts_on = "Asia/Kolkata", True, 7
    anna.save()
    artists = [ArtistFactory(spotify_id=_id(chance)) for _number in range(9)]
    artists.append(ArtistFactory(name=artists[0].name, spotify_id=_id(chance)))  # another band of the same name
    various = ArtistFactory(name="Various Artists", spotify_id=_id(chance))
    albums = [
        AlbumFactory(
            artist=artist, spotify_id=_id(chance), released_on=f"{1968 + 4 * number}-03", name=f"Album {number % 9}"
        )
        for number, artist in enumerate([*artists, various, artists[1], artists[1]])
    ]  # three of one artist and name
    albums[-1].name = albums[-2].name = albums[1].name
    Album.objects.bulk_update(albums, ["name"])
    tracks: list[Track] = []
    for number in range(70):
        album = albums[number % len(albums)]
        artist = album.artist if album.artist != various else chance.choice(artists)
        twin = tracks[number - 13] if number % 7 == 0 and number > 13 else None
        tracks.append(
            TrackFactory(
                album=album,
                artist=twin.artist if twin else artist,
                spotify_id=_id(chance),
                name=f"{twin.name} - Remastered" if twin else f"Song {number}",
                duration_ms=(twin.duration_ms if twin else chance.randrange(40_000, 400_000)),
                isrc=twin.isrc if twin else f"GBAYE{number:07}",
                kind=Track.Kind.EPISODE if number == 33 else Track.Kind.VIDEO if number == 34 else Track.Kind.MUSIC,
                refreshed_at=now,
            )
        )
        credits = [tracks[-1].artist, *([chance.choice(artists)] if number % 3 == 0 else [])]
        for place, each in enumerate(dict.fromkeys(credits)):
            TrackArtist.objects.create(track=tracks[-1], artist=each, position=place)
        if number % 4:
            sounding(
                tracks[-1],
                listeners=chance.randrange(10**6),
                **{name: chance.random() for name in ("valence", "energy")},
            )
            ListenerCount.objects.filter(track=tracks[-1]).update(popularity=chance.randrange(101))
        if number % 5 == 0:
            tagged(tracks[-1], chance.choice(("trip hop", "dub")), "downtempo")
    for artist in artists[:5]:
        tagged(artist, chance.choice(("rock", "jazz")), "pop")
    # One title on one album twice, of lengths that tell them apart; without lengths they would be taken for one.
    for length in (95_000, 260_000):
        same = {"name": "Prelude", "album": albums[2], "artist": artists[2], "isrc": ""}
        tracks.append(TrackFactory(**same, spotify_id=_id(chance), duration_ms=length, refreshed_at=now))
    bare = catalogue.naming.tracks([catalogue.naming.TrackName(0, None, "By name", artists[3].name, "Nowhere")])
    tracks.append(Track.objects.get(pk=bare[0]))
    group.run(now=now)
    pair = sorted((tracks[40].pk, tracks[41].pk))
    one = RecordingCandidate.objects.create(first_id=pair[0], second_id=pair[1], found_at=now)
    group.decide_all(pairs=[one], state="joined", by=anna, now=now)
    done, ios = _word(Word.Kind.REASON, "trackdone"), _word(Word.Kind.PLATFORM, "ios")
    context = _word(Word.Kind.CONTEXT, "playlist:x")
    at = START
    for number in range(420):
        track = tracks[min(int(chance.expovariate(1 / 20)), len(tracks) - 1)]
        seconds = chance.choice((9.5, 28.001, 61.75, (track.duration_ms or 180_000) / 1000)) + number / 1000  # no ties
        origin = chance.choice((Origin.EXPORT, Origin.EXPORT, Origin.SUBMIT, Origin.POLL))
        rest = {"reason_end": done if number % 3 else 0, "platform": ios, "context": context if number % 2 else 0}
        heard(anna, track, at, seconds=seconds, origin=origin, incognito=number % 29 == 0, **rest)
        at += timedelta(seconds=seconds) + timedelta(minutes=chance.choice((0.2, 3, 50, 1_500, 4_000)))
    return tracks


@pytest.fixture
def choices(anna: User, life: list[Track], now: datetime) -> None:
    """All that a person may decide about how their plays are read."""
    plays = list(Play.objects.of(anna).order_by("started_at"))
    Counting.objects.create(user=anna, rule="own", own_seconds=25, own_percent=40, all_credits=True, session_gap_min=45)
    ListeningFilter.objects.create(user=anna, kind="track", value=life[9].pk)
    ListeningFilter.objects.create(user=anna, kind="album", value=life[12].album_id)
    ListeningFilter.objects.create(user=anna, kind="hours", value=0b110)
    hide.plays(user=anna, ids=[plays[3].pk], removed=True, now=now)
    hide.plays(user=anna, ids=[plays[8].pk, plays[9].pk], removed=False, now=now)
    started = round(plays[20].started_at.timestamp() * 1000) + 3_600_000
    hands.change(user=anna, play=plays[20], act=7, track_id=life[5].pk, started_ms=started, ms_played=99_000, now=now)
    label.say(user=anna, tracks=[life[1].pk, life[2].pk], field="year", value=1959, now=now)
    label.say(user=anna, tracks=[life[3].pk], field="genres", value=["zydeco"], now=now)
    label.say(user=anna, tracks=[life[4].pk], field="valence", value=0.125, now=now)
    heard_ids = set(Play.objects.of(anna).values_list("track_id", flat=True))
    first, second, third = [track.pk for track in life if track.pk in heard_ids and track.pk not in (life[9].pk,)][:3]
    recordings.say(user=anna, track_id=first, other_id=second, is_same=True, now=now)
    recordings.say(user=anna, track_id=third, other_id=None, is_same=False, now=now)


def _id(chance: random.Random) -> str:
    """So that the order of ids is not the order in which things were met."""
    return "".join(chance.choices("0123456789ABCDEFGHabcdefgh", k=22))


def _word(kind: int, text: str) -> int:
    return catalogue.words(kind, [text])[text]


def exported(user: User, run_jobs: RunJobs) -> bytes:
    found = export.start(user=user)
    run_jobs(export.KIND)
    found.refresh_from_db()
    with default_storage.open(found.stored) as stream:
        return stream.read()


def imported(user: User, raw: bytes, run_jobs: RunJobs, name: str = "vibesite-export.zip") -> HistoryImport:
    imports.start(user=user, files=[SimpleUploadedFile(name, raw)], now=timezone.now())
    run_jobs(imports.KIND)
    found = HistoryImport.objects.filter(user=user).latest("pk")
    assert found.state == "done", found.error
    return found


def another_server() -> User:
    """Nothing is left of anybody and anything; a fresh person."""
    for name in ("ingest", "insights", "playlists", "accounts"):
        for model in apps.get_app_config(name).get_models(include_auto_created=True):
            model._base_manager.all()._raw_delete(using="default")
    shutil.rmtree(django_settings.COLUMNS_DIR, ignore_errors=True)
    return UserFactory(username="somebody", time_zone_is_known=False)


@pytest.mark.parametrize("with_choices", [False, True])
def test_every_figure_is_the_same_on_a_server_that_knows_nothing(
    anna: User, life: list[Track], run_jobs: RunJobs, request: pytest.FixtureRequest, with_choices: bool, now: datetime
) -> None:
    if with_choices:
        request.getfixturevalue("choices")
    there, page = figures(anna), told_by_pages(anna)
    assert there["top/tracks?by=plays&limit=200&rule="]["keys"] > 30
    raw = exported(anna, run_jobs)
    somebody = another_server()
    imported(somebody, raw, run_jobs)
    somebody.refresh_from_db()
    assert not list(differences(figures(somebody), there))
    assert told_by_pages(somebody) == page
    group.run(now=now)  # what the other server thinks of these tracks, by their names, changes nothing
    assert not list(differences(figures(somebody), there))
    again = exported(somebody, run_jobs)
    third = another_server()
    imported(third, again, run_jobs)
    third.refresh_from_db()
    assert not list(differences(figures(third), there))


def test_importing_it_where_it_was_made_brings_nothing(anna: User, life: list[Track], run_jobs: RunJobs) -> None:
    there = figures(anna)
    with_ids = Artist.objects.exclude(spotify_id=None).order_by("pk").values_list("spotify_id", "name")
    names = list(with_ids)
    imported(anna, exported(anna, run_jobs), run_jobs)
    assert not list(BroughtTrack.objects.values_list("track__name", "counts_under", "values"))
    assert list(with_ids) == names
    assert not list(differences(figures(anna), there))


# --- A file made by hand ---------------------------------------------------------------------------------------------
def zipped(anna: User, run_jobs: RunJobs, told: list[dict[str, Any]]) -> bytes:
    """Anna's export with another `tracks.json`."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(exported(anna, run_jobs))) as packed, zipfile.ZipFile(made, "w") as forged:
        for name in packed.namelist():
            forged.writestr(name, json.dumps(told) if name == "tracks.json" else packed.read(name))
    return made.getvalue()


def lie(track: Track) -> dict[str, Any]:
    """That all are the same recording, last a second, and are by somebody else."""
    return {
        "title": track.name,
        "artist": track.album.artist.name if track.album and track.album.artist else "",
        "album": track.album.name if track.album else "",
        "spotify_id": track.spotify_id,
        "artists": [{"name": "Somebody Else", "spotify_id": "0000000000000000000bad"}],
        "recording": 1,
        "isrc": "GBAYE0000001",
        "duration_ms": 1000,
        "year": 1901,
        "genres": {"lies": 1.0},
        "features": {"valence": 1.0, "energy": 0.0},
        "is_measured": True,
        "listeners": 1,
        "popularity": 100,
    }


def shared() -> list[list[tuple]]:
    """All that the catalogue tells everybody."""
    rows = [Artist.objects.exclude(spotify_id=None), Album.objects.exclude(spotify_id=None)]
    models = (Track, TrackArtist, Recording, AudioFeatures, TrackTag, ListenerCount)
    rows += [model._default_manager.all() for model in models]
    return [list(each.order_by("pk").values_list()) for each in rows]


def test_a_file_made_by_hand_changes_nothing_for_anybody_else(
    anna: User, ben: User, life: list[Track], run_jobs: RunJobs, now: datetime
) -> None:
    for number, track in enumerate(life):
        heard(ben, track, START + timedelta(hours=number), seconds=60)
    raw = zipped(anna, run_jobs, [lie(track) for track in life])
    before, catalogue_before = figures(ben), shared()
    imported(anna, raw, run_jobs)
    group.run(now=now)
    assert shared() == catalogue_before
    assert not list(differences(figures(ben), before))


def test_a_file_made_by_hand_joins_nothing_that_names_alone_are_known_of(
    anna: User, ben: User, run_jobs: RunJobs, now: datetime
) -> None:
    """Nor on a server that never asked Spotify: there the file says more than the server, but not to others."""
    tracks = [TrackFactory(duration_ms=None) for _number in range(3)]
    for user in (anna, ben):
        for number, track in enumerate(tracks):
            heard(user, track, START + timedelta(hours=number), seconds=20)
    raw = zipped(anna, run_jobs, [lie(track) for track in tracks])
    before = figures(ben)
    imported(anna, raw, run_jobs)
    group.run(now=now)
    assert not list(differences(figures(ben), before))
    assert figures(anna)["summary?rule="]["tracks"] == 1
    for track in tracks:
        told = TrackPayload(
            track.spotify_id or "", "", track.name, 240_000, None, None, False, 1, 1, [ArtistPayload("A", "A")], None
        )
        catalogue.tracks([told], now)
    assert [track.recording_id for track in Track.objects.all()] == [None] * 3
    assert figures(anna)["summary?rule="]["plays"] == 0  # of four minutes, twenty seconds are no play
    assert lens.read(anna).facts.group.tolist() == [track.pk for track in tracks]  # Spotify's word


def test_new_artists_are_called_as_spotify_calls_them_once_it_is_asked(
    anna: User, ben: User, run_jobs: RunJobs, now: datetime
) -> None:
    bare = Artist.objects.create(name="Nobody", name_key="nobody")
    known = TrackFactory(artist=bare)
    heard(ben, known, START)
    fresh = TrackFactory(album__artist__spotify_id="a" * 22)
    heard(anna, fresh, START)
    forged = [
        lie(fresh)
        | {"artists": [{"name": "Slander", "spotify_id": "b" * 22}, {"name": "Nobody", "spotify_id": "c" * 22}]}
    ]
    raw = zipped(anna, run_jobs, forged)
    spotify_id = fresh.spotify_id or ""
    Play.objects.of(anna).delete()
    TrackArtist.objects.filter(track=fresh).delete()
    fresh.delete()
    imported(UserFactory(), raw, run_jobs)
    track = Track.objects.get(spotify_id=spotify_id)
    assert [each.artist.name for each in track.credits.all()] == ["Slander", "Nobody"]
    assert not Artist.objects.filter(spotify_id="c" * 22).exists()  # whose id that is only Spotify can say
    assert track.credits.last().artist == bare
    told = TrackPayload(
        spotify_id, "", "Song", 240_000, None, None, False, 1, 1, [ArtistPayload("b" * 22, "The Band")], None
    )
    catalogue.tracks([told], now)
    assert Artist.objects.get(spotify_id="b" * 22).name == "The Band"


@pytest.mark.parametrize(
    "told",
    [
        b"",
        b"{}",
        b"[1, null, []]",
        b'[{"spotify_id": 7, "title": ["x"], "genres": [], "features": "loud", "recording": "me"}]',
        b'[{"title": "Song", "duration_ms": -5, "year": 99999, "genres": {"": 1, "x": 7}, "features": {"valence": 9}}]',
        b'[{"title": "Song", "artists": [{"name": "\\u0000"}], "album_artist": {}, "recording": 400000}]',
        b"\xff\xfe[",
    ],
)
def test_nonsense_is_passed_over(anna: User, run_jobs: RunJobs, told: bytes) -> None:
    track = TrackFactory(name="Song")
    heard(anna, track, START)
    before = shared()
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(exported(anna, run_jobs))) as packed, zipfile.ZipFile(made, "w") as forged:
        for name in packed.namelist():
            forged.writestr(name, told if name == "tracks.json" else packed.read(name))
    imported(anna, made.getvalue(), run_jobs)
    assert shared() == before
    assert not BroughtTrack.objects.exists()
