"""What the page of a track says of each value: who, when, how surely, and which one counts."""

from datetime import UTC, datetime

import pytest

from ingest import track_facts
from ingest.actions import enrich, label
from ingest.models import ArtistTag, Tag
from ingest.providers.estimate import Estimate
from ingest.providers.lastfm import LastFm
from ingest.providers.listenbrainz import ListenBrainz
from ingest.providers.lrclib import LrcLib
from ingest.providers.reccobeats import ReccoBeats
from tests.factories.ingest import TrackFactory, heard
from tests.ingest.test_collection import keep

MORNING = datetime(2026, 11, 20, 8, tzinfo=UTC)


@pytest.fixture
def song(anna):
    song = TrackFactory(name="Harbour Lights")
    heard(anna, song, MORNING)
    return song


def known(user, song):
    """By section and thing: the lines."""
    return {
        section.label: {thing.label: thing.lines for thing in section.things}
        for section in track_facts.of(user, song).sections
    }


def tell(provider, song, **values):
    enrich.keep(provider(), "track", {song.pk: values}, now=MORNING)


def test_conflicts_stand_side_by_side_and_the_surest_counts(anna, song):
    tell(Estimate, song, energy=0.3)
    tell(ReccoBeats, song, energy=0.8, tempo_bpm=120.5, key=1, mode=1)
    tell(LastFm, song, listeners=1200)
    tell(ListenBrainz, song, listeners=90)
    facts = known(anna, song)
    measured, guessed = facts["Sound"]["Energy"]
    assert (measured.value, measured.by, measured.wins, measured.version, measured.at) == (
        "80%", "ReccoBeats", True, 1, MORNING
    )  # fmt: skip
    assert (guessed.value, guessed.by, guessed.wins, guessed.sign) == ("30%", "Estimate", False, "≈")
    assert facts["Sound"]["Tempo (beats a minute)"][0].value == "120.5 beats a minute"
    assert (facts["Sound"]["Key"][0].value, facts["Sound"]["Mode"][0].value) == ("C♯", "major")
    assert [(line.by, line.wins) for line in facts["How widely it is heard"]["Listeners"]] == [
        ("Last.fm", True),
        ("ListenBrainz", False),
    ]


def test_her_own_word_comes_first_and_the_others_stay_beside_it(anna, ben, song):
    tell(ReccoBeats, song, energy=0.8)
    tell(LastFm, song, genres={"rock": 1.0, "indie": 0.5})
    label.say(user=anna, tracks=[song.pk], field="energy", value=0.1, now=MORNING)
    label.say(user=anna, tracks=[song.pk], field="genres", value=["rock"], now=MORNING)
    facts = known(anna, song)
    assert [(line.by, line.wins) for line in facts["Sound"]["Energy"]] == [("You", True), ("ReccoBeats", False)]
    assert [(line.by, line.wins) for line in facts["Genres"]["rock"]] == [("You", True), ("Last.fm", False)]
    assert [line.wins for line in facts["Genres"]["indie"]] == [False]
    assert known(ben, song)["Sound"]["Energy"][0].by == "ReccoBeats"


def test_words_of_several_sources(anna, song):
    tell(LastFm, song, tags={"calm": 0.9, "dark": 0.5})
    enrich.keep(ReccoBeats(), "track", {song.pk: {"moods": {"calm": 0.5}}}, now=MORNING)
    calm = known(anna, song)["Moods"]["calm"]
    assert [(line.by, line.value, line.wins) for line in calm] == [
        ("Last.fm", "72%", True),
        ("ReccoBeats", "45%", False),
    ]


def test_the_artists_genres_stand_in_and_say_so(anna, song):
    rock = Tag.objects.create(kind=Tag.Kind.GENRE, name="rock")
    ArtistTag.objects.create(artist=song.artist, tag=rock, weight=1, source="musicbrainz")
    note = next(section.note for section in track_facts.of(anna, song).sections if section.note)
    assert "rock (MusicBrainz)" in note


def test_words_sung_and_who_knew_nothing(anna, song):
    tell(LrcLib, song, lyrics={"language": "en", "words": 210, "themes": ["love"], "explicit_words": 0})
    tell(ReccoBeats, song)
    facts = track_facts.of(anna, song)
    words = known(anna, song)["Words sung"]
    assert {name: lines[0].value for name, lines in words.items()} == {
        "Language": "en",
        "Words": "210",
        "Themes": "love",
    }
    assert [each.by for each in facts.silent] == ["ReccoBeats"]


def test_the_pages(client, anna, song):
    client.force_login(anna)
    tell(Estimate, song, energy=0.3)
    label.say(user=anna, tracks=[song.pk], field="labels", value=["road trip"], now=MORNING)
    for address in (f"/tracks/{song.pk}/", f"/tracks/{song.pk}/facts/"):
        text = client.get(address).content.decode()
        assert "estimated from its genres" in text
        assert "counts" in text
        assert "road trip" in text
        assert f"/tracks/{song.pk}/rules/" in text


def test_a_track_that_is_kept_and_never_heard_has_a_page(client, anna, ben):
    kept = TrackFactory(name="Kept")
    keep(anna, kept)
    client.force_login(anna)
    page = client.get(f"/tracks/{kept.pk}/", follow=True)
    assert page.redirect_chain == [(f"/tracks/{kept.pk}/facts/", 302)]
    assert "have not heard it yet" in page.content.decode()
    assert f"/tracks/{kept.pk}/facts/" in client.get("/tracks/").content.decode()
    client.force_login(ben)
    assert client.get(f"/tracks/{kept.pk}/").status_code == 404
    assert client.get(f"/tracks/{kept.pk}/facts/").status_code == 404
