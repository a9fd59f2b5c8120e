"""Every field that a person can correct, from their word to page, rule, export, and the import of somebody new."""

import json
from datetime import UTC, datetime, timedelta
from io import BytesIO
from zipfile import ZipFile

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from ingest import own
from ingest.actions import export, imports, label
from ingest.heard import FEATURES
from ingest.models import HistoryImport, OwnFact, Recording, Track, TrackChange
from playlists.library import Library
from playlists.rules import text
from tests.factories.accounts import bearer
from tests.factories.ingest import TrackFactory, heard, sounding, tagged

pytestmark = pytest.mark.usefixtures("own_media")
MORNING = datetime(2026, 11, 20, 8, tzinfo=UTC)
SAID = {  # by field: what is typed, how the page shows it, a rule that finds it, one that finds what was known before
    "genres": ("Shoegaze", "shoegaze", "genre:shoegaze", "genre:rock"),
    "moods": ("calm", "calm", "mood:calm", "mood:angry"),
    "labels": ("Road trip", "road trip", 'label:"road trip"', "label:work"),
    "rating": ("5", "5", "rating:5", "rating:1"),
    "year": ("1979", "1979", "year:1979 decade:1970 released:1979-01-01", "year:2004 , released:2004-05-06"),
    "valence": ("0.875", "88%", "valence:0.87..0.88", "valence:0.5"),
    "energy": ("0.875", "88%", "energy:0.87..0.88", "energy:0.5"),
    "danceability": ("0.875", "88%", "danceability:0.87..0.88", "danceability:0.5"),
    "acousticness": ("0.875", "88%", "acousticness:0.87..0.88", "acousticness:0.5"),
    "instrumentalness": ("0.875", "88%", "instrumentalness:0.87..0.88", "instrumentalness:0.5"),
    "speechiness": ("0.875", "88%", "speechiness:0.87..0.88", "speechiness:0.5"),
    "liveness": ("0.875", "88%", "liveness:0.87..0.88", "liveness:0.5"),
    "tempo_bpm": ("123.5", "123.5 beats a minute", "tempo_bpm:123..124", "tempo_bpm:100"),
    "loudness_db": ("-7.25", "dB", "loudness_db:-7.3..-7.2", "loudness_db:-20"),
    "occasion": ("Wedding", "Wedding", "occasion:wedding", "occasion:work"),
}


@pytest.fixture
def song(anna):
    """All is known of it, otherwise than she will say."""
    made = TrackFactory(name="Harbour", album__released_on="2004-05-06")
    shares = dict.fromkeys(set(FEATURES), 0.5)
    sounding(made, **(shares | {"tempo_bpm": 100.0, "loudness_db": -20.0}))
    tagged(made, "rock")
    heard(anna, made, MORNING)
    return made


@pytest.fixture
def hers(client, anna):
    client.force_login(anna)
    return client


def found(user, query):
    library = Library(user, now=MORNING + timedelta(days=1))
    tracks = library.table.track[library.masks.of(text.parse(query).query.where)].tolist()
    return sorted(Track.objects.filter(pk__in=tracks).values_list("name", flat=True))


def say(client, track, field, value):
    key = "" if field in own.KNOWN else field
    told = {"track": track.pk, "field": field, "key": key, "value": value, "do": "say"}
    return client.post("/tracks/say/", told, follow=True)


def exported(user, run_jobs):
    made = export.start(user=user)
    run_jobs(export.KIND)
    made.refresh_from_db()
    with default_storage.open(made.stored) as stream:
        return stream.read()


def brought(user, run_jobs, name, data):
    imports.start(user=user, files=[SimpleUploadedFile(name, data)], now=timezone.now())
    run_jobs(imports.KIND)
    return HistoryImport.objects.filter(user=user).latest("pk")


def test_no_field_is_left_out():
    assert set(SAID) - {"occasion"} == set(own.KNOWN)


@pytest.mark.parametrize("field", SAID)
def test_a_word_holds_from_the_page_to_somebody_elses_import(hers, anna, ben, song, run_jobs, field):
    typed, shown, query, former = SAID[field]
    assert say(hers, song, field, typed).status_code == 200
    page = hers.get(f"/tracks/{song.pk}/").content.decode()
    assert shown in page[page.index("Your word") :] or shown in page[page.index("What is known") :]
    assert ">You " in page
    assert found(anna, query) == ["Harbour"]
    assert found(anna, former) == []

    zip_ = exported(anna, run_jobs)
    (word,) = json.loads(ZipFile(BytesIO(zip_)).read("own-words.json"))
    assert word["field"] == field
    account = brought(ben, run_jobs, "export.zip", zip_)
    assert account.state == "done", account.error
    assert found(ben, query) == ["Harbour"]
    assert found(ben, former) == []
    mine, theirs = (OwnFact.objects.of(user).values_list("field", "value", "made_at") for user in (anna, ben))
    assert list(mine) == list(theirs)


def test_what_was_said_here_stays_and_a_second_import_adds_nothing(anna, ben, song, run_jobs):
    label.say(user=anna, tracks=[song.pk], field="year", value=1979, now=MORNING)
    zip_ = exported(anna, run_jobs)
    label.say(user=ben, tracks=[song.pk], field="year", value=1980, now=MORNING)
    for _time in range(2):
        brought(ben, run_jobs, "export.zip", zip_)
    assert list(OwnFact.objects.of(ben).values_list("value", flat=True)) == [1980]


def test_words_of_a_track_that_goes_by_names_alone_are_found_again(anna, ben, run_jobs):
    bare = TrackFactory(name="Tape", spotify_id=None)
    heard(anna, bare, MORNING)
    label.say(user=anna, tracks=[bare.pk], field="moods", value=["calm"], now=MORNING)
    assert brought(ben, run_jobs, "export.zip", exported(anna, run_jobs)).state == "done"
    assert found(ben, "mood:calm") == ["Tape"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("year", 99_999),
        ("year", True),
        ("year", "1979"),
        ("energy", 7),
        ("rating", 2.5),
        ("plays", "x"),
        ("genres", []),
    ],
)
def test_words_that_cannot_be_are_passed_over(anna, song, run_jobs, field, value):
    word = {"title": "Harbour", "artist": song.artist.name, "spotify_id": song.spotify_id, "field": field}
    good = word | {"field": "occasion", "value": "Wedding", "said_at": MORNING.isoformat()}
    told = [word | {"value": value, "said_at": MORNING.isoformat()}, good]
    assert brought(anna, run_jobs, "own-words.json", json.dumps(told).encode()).state == "done"
    assert list(OwnFact.objects.values_list("field", "value")) == [("occasion", "Wedding")]


@pytest.mark.parametrize("named", [{}, {"title": " "}, {"artist": "Nobody", "title": "\0"}])
def test_words_of_no_track_make_none(anna, run_jobs, named):
    told = [named | {"field": "rating", "value": 5, "said_at": MORNING.isoformat()}]
    assert brought(anna, run_jobs, "own-words.json", json.dumps(told).encode()).state == "done"
    assert not Track.objects.exists()
    assert not OwnFact.objects.exists()


@pytest.mark.parametrize("raw", [b"{", b"[1]", b'[{"field": "year"}]', b"\xff"])
def test_what_are_no_words_of_ours_is_said_so(anna, run_jobs, raw):
    account = brought(anna, run_jobs, "own-words.json", raw + b" ")
    assert account.state == "failed"
    assert "no labels of an export" in str(account.files) + account.error


class TestYears:
    def test_her_year_counts_in_figures_pages_and_the_log_for_her_alone(self, hers, anna, ben, song):
        heard(ben, song, MORNING)
        assert "2004" in hers.get("/tracks/").content.decode()
        say(hers, song, "year", "1979")
        page = hers.get("/tracks/").content.decode()
        assert "1979" in page
        assert "2004" not in page
        assert "1970s" in hers.get("/decades/?range=all").content.decode()
        assert hers.get("/log/?released=1979-1979").content.decode().count("Harbour") > 0
        assert found(ben, "year:2004") == ["Harbour"]
        facts = hers.get(f"/tracks/{song.pk}/").content.decode()
        assert facts.index("1979") < facts.index("2004"), "the album's year stands beside"

    def test_tracks_without_a_year_are_chosen_and_given_one(self, hers, anna, song):
        bare = TrackFactory(name="Undated", album__released_on="")
        heard(anna, bare, MORNING)
        page = hers.get("/tracks/?missing=year").content.decode()
        assert "Undated" in page
        assert "Harbour" not in page
        hers.post("/tracks/say/", {"scope": "missing-year", "field": "year", "value": "1955", "do": "say"})
        assert found(anna, "year:1955") == ["Undated"]
        assert "Undated" not in hers.get("/tracks/?missing=year").content.decode()

    @pytest.mark.parametrize("typed", ["79", "1979.5", "long ago", "10000"])
    def test_what_is_no_year_is_refused_with_words(self, hers, song, typed):
        page = say(hers, song, "year", typed)
        assert page.status_code == 422
        assert "Year is a whole number from 1000 to 9999" in page.content.decode()

    def test_of_several_versions_the_last_word_counts(self, hers, anna, song):
        recording = Recording.objects.create(name="Harbour")
        other = TrackFactory(name="Harbour", album__released_on="2010", recording=recording)
        Track.objects.filter(pk=song.pk).update(recording=recording)
        heard(anna, other, MORNING)
        for track, year, minute in ((song, 1979, 0), (other, 1980, 1)):
            at = MORNING + timedelta(minutes=minute)
            OwnFact.objects.create(user=anna, track=track, field="year", value=year, made_at=at)
            TrackChange.objects.create(track=track)
        assert found(anna, "year:1980") == ["Harbour"]
        assert found(anna, "year:1979 , released:1979-01-01") == []
        assert "1980" in hers.get("/tracks/").content.decode()

    def test_a_programs_word_holds_for_all_versions_and_in_rules(self, client, anna, song):
        recording = Recording.objects.create(name="Harbour")
        other = TrackFactory(name="Harbour", album__released_on="2010", recording=recording)
        Track.objects.filter(pk=song.pk).update(recording=recording)
        for track in (song, other):
            TrackChange.objects.create(track=track)
        heard(anna, other, MORNING)
        answer = client.patch(
            f"/api/data/classifications/mood_v1/{other.spotify_id}",
            json.dumps({"labels": {"year": 1979}}),
            "application/json",
            **bearer(anna, "edit"),
        )
        assert answer.status_code == 200, answer.content
        assert found(anna, "year:1979") == ["Harbour"]
        assert set(OwnFact.objects.values_list("track", flat=True)) == {song.pk, other.pk}
