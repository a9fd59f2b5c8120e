"""All tracks of a person: what is among them, which filters pass, in which order and page by page."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from django.http import QueryDict

from ingest.collection import address, filters, page, rows
from ingest.collection.filters import Filters
from ingest.models import (
    AudioFeatures,
    LyricsFacts,
    OwnFact,
    Recording,
    SourceTrack,
    Tag,
    Track,
    TrackChange,
    TrackSource,
    TrackTag,
)
from tests.factories.ingest import AlbumFactory, ArtistFactory, TrackFactory, heard, sounding, tagged

MORNING = datetime(2026, 11, 20, 8, tzinfo=UTC)


def keep(user, *tracks, kind="playlist", name="Slow"):
    source = TrackSource.objects.create(user=user, kind=kind, name=name, spotify_id=name, pulled_at=MORNING)
    SourceTrack.objects.bulk_create(
        SourceTrack(source=source, position=n, track=track) for n, track in enumerate(tracks)
    )
    return source


def named(user, asked="", by="plays"):
    """Titles of all pages, in order."""
    found = address.asked(QueryDict(asked))
    collection = rows.of(user)
    mask = filters.passing(collection, found.filters)
    titles = dict(Track.objects.values_list("id", "name"))
    return [titles[int(collection.track[row])] for row in filters.ordered(collection, by) if mask[row]]


@pytest.fixture
def four(anna, ben):
    """One heard twice, one liked, one on a playlist, one heard and on it; Ben's is nobody else's."""
    ann, zoe = ArtistFactory(name="Ann"), ArtistFactory(name="Zoë Keating")
    made = [
        TrackFactory(name=name, artist=artist, album=AlbumFactory(name=f"{name} album", artist=artist))
        for name, artist in (("Delta", zoe), ("alpha", ann), ("Charlie", zoe), ("Bravo", ann))
    ]
    for n in range(2):
        heard(anna, made[0], MORNING + timedelta(minutes=10 * n))
    heard(anna, made[3], MORNING + timedelta(hours=1))
    keep(anna, made[1], kind="liked", name="")
    keep(anna, made[2], made[3], made[3])
    heard(ben, TrackFactory(name="Ben’s"), MORNING)
    keep(ben, made[0], name="Ben’s list")
    return made


def test_what_is_heard_or_kept_is_there_once(anna, four):
    assert named(anna) == ["Delta", "Bravo", "alpha", "Charlie"]
    assert named(anna, by="title") == ["alpha", "Bravo", "Charlie", "Delta"]
    assert named(anna, by="artist") == ["alpha", "Bravo", "Delta", "Charlie"]
    assert named(anna, by="new") == ["Bravo", "Charlie", "alpha", "Delta"]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("source=listening", ["Delta", "Bravo"]),
        ("source=liked", ["alpha"]),
        ("source=playlist", ["Bravo", "Charlie"]),
        ("q=zoe+KEATING", ["Delta", "Charlie"]),
        ("q=bravo+album", ["Bravo"]),
        ("q=zoe&source=playlist", ["Charlie"]),
        ("q=%00", ["Delta", "Bravo", "alpha", "Charlie"]),
        ("source=nonsense&missing=nonsense&by=nonsense&list=x", ["Delta", "Bravo", "alpha", "Charlie"]),
        ("list=999999", []),
    ],
)
def test_filters_combine(anna, four, asked, found):
    assert named(anna, asked) == found


def test_one_list_and_only_ones_own(anna, four):
    own, bens = (TrackSource.objects.get(name=name) for name in ("Slow", "Ben’s list"))
    assert named(anna, f"list={own.pk}") == ["Bravo", "Charlie"]
    assert named(anna, f"list={bens.pk}") == []
    found = address.asked(QueryDict(f"list={bens.pk}"))
    assert "Ben" not in address.chips(found, rows.of(anna))[0].words


def test_versions_of_a_recording_are_one_row(anna, four):
    recording = Recording.objects.create(name="Delta")
    Track.objects.filter(pk__in=[four[0].pk, four[2].pk]).update(recording=recording)
    TrackChange.objects.bulk_create(TrackChange(track=track) for track in four)
    collection = rows.of(anna)
    assert collection.track.tolist() == [four[0].pk, four[1].pk, four[3].pk]
    row = collection.row_of(four[2].pk)
    assert row == collection.row_of(four[0].pk) == 0
    assert collection.versions(np.array([0])).tolist() == [four[0].pk, four[2].pk]
    assert (collection.is_heard[0], collection.plays[0]) == (True, 2)
    assert named(anna, "q=charlie") == ["Delta"], "found by the name of any version"
    assert named(anna, "source=playlist") == ["Delta", "Bravo"]


@pytest.mark.parametrize(
    ("field", "value", "kinds"),
    [
        ("rating", 5, {"own"}),
        ("genres", ["rock"], {"own", "genres"}),
        ("moods", ["dark"], {"own", "moods"}),
        ("energy", 0.5, {"own", "sound", "measured"}),
    ],
)
def test_her_word_on_any_version_is_known_of_the_row(anna, four, field, value, kinds):
    recording = Recording.objects.create(name="Delta")
    Track.objects.filter(pk__in=[four[0].pk, four[2].pk]).update(recording=recording)
    Tag.objects.create(kind=Tag.Kind.GENRE, name="rock")
    OwnFact.objects.create(user=anna, track=four[2], field=field, value=value, made_at=MORNING)
    TrackChange.objects.bulk_create(TrackChange(track=track) for track in four)
    collection = rows.of(anna)
    known = {kind: collection.knows(kind).tolist() for kind in (*rows.KINDS, rows.MEASURED)}
    assert known == {kind: [kind in kinds, False, False] for kind in known}


def test_what_is_missing(anna, four):
    delta, alpha, charlie, bravo = four
    sounding(delta, energy=0.5)
    AudioFeatures.objects.create(track=alpha, energy=0.5, sources={"energy": "estimate"})
    tagged(charlie, "rock")
    TrackTag.objects.create(track=bravo, tag=Tag.objects.create(kind=2, name="calm"), weight=1, source="llm")
    LyricsFacts.objects.create(track=bravo, words=3, source="lrclib")
    OwnFact.objects.create(user=anna, track=charlie, field="moods", value=["dark"], made_at=MORNING)
    TrackChange.objects.bulk_create(TrackChange(track=track) for track in four)
    assert named(anna, "missing=sound") == ["Bravo", "Charlie"]
    assert named(anna, "missing=measured") == ["Bravo", "alpha", "Charlie"]
    assert named(anna, "missing=genres") == ["Delta", "Bravo", "alpha"], "her artist has none"
    assert named(anna, "missing=moods") == ["Delta", "alpha"]
    assert named(anna, "missing=words") == ["Delta", "alpha", "Charlie"]
    assert named(anna, "missing=own") == ["Delta", "Bravo", "alpha"]
    assert named(anna, "missing=moods&missing=sound") == []
    collection = rows.of(anna)
    states = {row.track.name: {mark.kind: mark.state for mark in row.marks} for row in page.shown(collection, range(4))}
    assert (states["Delta"]["sound"], states["alpha"]["sound"], states["Bravo"]["sound"]) == (
        "known",
        "estimate",
        "missing",
    )
    assert (states["Bravo"]["moods"], states["Charlie"]["moods"], states["Charlie"]["own"]) == (
        "model",
        "known",
        "known",
    )


def test_pages_lead_from_one_to_the_next_and_back(anna):
    tracks = [TrackFactory(name=f"Song {n:02}") for n in range(23)]
    keep(anna, *tracks)
    collection = rows.of(anna)
    mask = filters.passing(collection, Filters(text="song"))
    for by in filters.ORDERS:
        seen, spots, after = [], [], 0
        while True:
            found = filters.page(collection, mask, by=by, after=after, size=5)
            assert found.matches == 23
            spots.append(found)
            seen += found.rows
            if not found.older:
                break
            after = found.older
        assert seen == [row for row in filters.ordered(collection, by) if mask[row]]
        for earlier, later in zip(spots[-2::-1], spots[:0:-1], strict=True):
            assert filters.page(collection, mask, by=by, before=later.newer, size=5).rows == earlier.rows
    assert filters.page(collection, mask, by="title", after=999_999, size=5).rows == list(range(5))


def test_names_are_ordered_by_all_their_letters(anna):
    names = ["a" * 40 + "b", "a" * 40, "", "Same", "Same", "samewhat", "Zebra", "ähnlich", "a" * 8, "a" * 7, "песня"]
    keep(anna, *(TrackFactory(name=name) for name in names))
    folded = [name.casefold().replace("ä", "a") for name in named(anna, by="title")]
    assert folded == sorted(folded, key=str.encode)


def test_the_page(client, anna, four):
    client.force_login(anna)
    sounding(four[0], energy=0.5)
    text = client.get("/tracks/").content.decode()
    assert all(track.name in text for track in four)
    assert "Ben" not in text
    assert "4 tracks fit" in text
    assert "●</span>Sound" in text
    assert "Liked" in text
    text = client.get("/tracks/?q=zoe&missing=sound").content.decode()
    assert "1 track fits" in text
    assert "Charlie" in text
    assert "?missing=sound" in text, "the way out of the words keeps the other filter"
    assert "None of your tracks fits" in client.get("/tracks/?q=nothing").content.decode()


def test_a_list_without_a_name_is_called_by_its_kind(client, anna, four):
    client.force_login(anna)
    keep(anna, four[0], kind="albums", name="")
    text = client.get("/tracks/").content.decode()
    assert text.count("Saved albums") == 2, "as a badge, and among the lists to choose from"


def test_the_page_of_somebody_new(client, anna):
    client.force_login(anna)
    assert "Drop your export" in client.get("/tracks/").content.decode()
    assert client.get("/tracks/?after=99&list=7&missing=moods&q=x&by=artist").status_code == 200
