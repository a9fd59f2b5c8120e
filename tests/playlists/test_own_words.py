"""A rule asks what a person says of a recording, whichever of its versions they said it of."""

from datetime import UTC, datetime, timedelta

import pytest

from ingest.models import OwnFact, Recording, Tag, Track, TrackChange, TrackTag
from playlists.library import Library
from playlists.rules import text
from tests.factories.ingest import TrackFactory, heard, sounding

MORNING = datetime(2026, 11, 20, 8, tzinfo=UTC)


@pytest.fixture
def versions(anna: object) -> list[Track]:
    """Three tracks of one recording and one by itself, all heard; the lowest id stands for the three."""
    recording = Recording.objects.create(name="Harbour")
    made = [TrackFactory(name="Harbour", recording=recording) for _version in range(3)] + [TrackFactory(name="Other")]
    mood = Tag.objects.create(kind=Tag.Kind.MOOD, name="calm")
    Tag.objects.create(kind=Tag.Kind.GENRE, name="rock")
    Tag.objects.create(kind=Tag.Kind.GENRE, name="jazz")
    for number, track in enumerate(made):
        heard(anna, track, MORNING + timedelta(hours=number))
        sounding(track, energy=0.25)
        TrackTag.objects.create(track=track, tag=mood, weight=1, source="llm")
        TrackChange.objects.create(track=track)
    return made


def say(user, track, field, value, *, at=MORNING):
    OwnFact.objects.create(user=user, track=track, field=field, value=value, made_at=at)
    TrackChange.objects.create(track=track)


def found(user, query):
    library = Library(user, now=MORNING + timedelta(days=1))
    return library.table.track[library.masks.of(text.parse(query).query.where)].tolist()


WORDS = [
    ("rating", 5, 2, "rating:5", "rating:2"),
    ("labels", ["wedding"], ["work"], "label:wedding", "label:work"),
    ("occasion", "wedding", "work", "occasion:wedding", "occasion:work"),
    ("genres", ["rock"], ["jazz"], "genre:rock", "genre:jazz"),
    ("moods", ["dark"], ["happy"], "mood:dark", "mood:happy"),
    ("energy", 0.875, 0.75, "energy:0.8..0.9", "energy:0.7..0.8"),
]


@pytest.mark.parametrize(("field", "value", "_other", "query", "_not"), WORDS)
def test_her_word_on_any_version_holds_for_the_row(anna, versions, field, value, _other, query, _not):
    say(anna, versions[1], field, value)
    assert found(anna, query) == [versions[0].pk]


@pytest.mark.parametrize(("field", "value", "other", "query", "former"), WORDS)
@pytest.mark.parametrize("later", [0, 1, 2])
def test_of_several_words_the_last_one_counts(anna, versions, field, value, other, query, former, later):
    say(anna, versions[later], field, value, at=MORNING + timedelta(minutes=1))
    say(anna, versions[(later + 1) % 3], field, other)
    assert found(anna, query) == [versions[0].pk]
    assert found(anna, former) == []


def test_her_own_moods_replace_those_of_the_row(anna, versions):
    say(anna, versions[2], "moods", ["dark"])
    assert found(anna, "mood:calm") == [versions[3].pk]


def test_words_on_what_is_not_hers_are_no_rows(anna, versions):
    say(anna, TrackFactory(name="Never heard"), "rating", 5)
    assert found(anna, "rating:5") == []
