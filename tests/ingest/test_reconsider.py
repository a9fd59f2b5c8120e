"""What becomes of plays when the catalogue learns which tracks are one song."""

from itertools import count

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from accounts.spotify.payloads import AlbumPayload, ArtistPayload, TrackPayload
from ingest import columns, lens
from ingest.actions import catalogue, group, hands, naming, record
from ingest.evidence import Evidence, Origin, TrackName
from ingest.models import MergedPlay, Play
from tests.factories.accounts import UserFactory

pytestmark = pytest.mark.django_db

NOON = 1_790_000_000_000
LENGTH = 200_000
VARIOUS, GUEST = ArtistPayload("VA", "Various Artists"), ArtistPayload("GU", "A Guest")
ALBUM = AlbumPayload("SA", "A Sampler", "compilation", "2001", 12, "", [VARIOUS])


def known_by_spotify(now, *ids, name="Night", isrc="GBAAA0000001"):
    told = [
        TrackPayload(pk, f"spotify:track:{pk}", name, LENGTH, False, isrc, False, 1, 1, [GUEST], ALBUM) for pk in ids
    ]
    return catalogue.tracks(told, now)


def exported(track, end=0, ms=LENGTH):
    return Evidence(Origin.EXPORT, track, NOON + end - ms, NOON + end, ms)


def scrobbled(track, start=-LENGTH):
    return Evidence(Origin.SUBMIT, track, NOON + start, NOON + start + LENGTH, LENGTH, is_estimate=True)


def polled(track, end=0):
    return Evidence(Origin.POLL, track, NOON + end - LENGTH, NOON + end, LENGTH, is_estimate=True)


@pytest.fixture
def names(db):
    """A row of an export tells the artist of the album, a scrobble that of the track."""
    return naming.tracks(
        [TrackName(0, "T1", "Night", "Various Artists", "A Sampler"), TrackName(0, None, "Night", "A Guest", "")]
    )


def test_a_scrobble_is_the_exported_play_as_soon_as_the_credits_say_so(anna, names, now):
    record.plays(user=anna, evidence=[exported(names[0]), scrobbled(names[1])], now=now)
    group.run(now=now)
    assert Play.objects.count() == 2
    known_by_spotify(now, "T1")
    group.run(now=now)
    assert [play.origin for play in Play.objects.all()] == [Origin.EXPORT]
    assert MergedPlay.objects.get().track_id == names[1]
    assert columns.check(anna) == []


def test_where_the_credits_are_known_they_are_one_at_once(anna, names, now):
    known_by_spotify(now, "T1")
    record.plays(user=anna, evidence=[exported(names[0])], now=now)
    record.plays(user=anna, evidence=[scrobbled(names[1])], now=now)
    assert Play.objects.count() == 1


def test_a_relinked_track_is_one_play_as_soon_as_both_are_one_recording(anna, ben, now):
    tracks = naming.tracks(
        [TrackName(0, pk, "Night", "A Guest", album) for pk, album in (("T1", "One"), ("T2", "Other"))]
    )
    for person in (anna, ben):
        record.plays(user=person, evidence=[exported(tracks[0]), polled(tracks[1])], now=now)
    known_by_spotify(now, "T1", "T2")
    group.run(now=now)
    for person in (anna, ben):
        assert list(Play.objects.of(person).values_list("origin", "track_id")) == [(Origin.EXPORT, tracks[0])]
        assert columns.check(person) == []


def test_what_was_one_recording_is_two_plays_again_when_it_is_not(anna, now):
    tracks = naming.tracks(
        [TrackName(0, pk, "Night", "A Guest", album) for pk, album in (("T1", "One"), ("T2", "Other"))]
    )
    known_by_spotify(now, "T1", "T2")
    record.plays(user=anna, evidence=[exported(tracks[0]), polled(tracks[1])], now=now)
    assert Play.objects.count() == 1
    known_by_spotify(now, "T2", name="Day of Something Else", isrc="GBAAA0000001")
    group.run(now=now)
    assert Play.objects.count() == 2


def test_a_polled_remaster_after_its_original_stays_a_play(anna, now):
    """An album with both: the export that tells the second comes later."""
    tracks = naming.tracks(
        [TrackName(0, pk, "Night", "A Guest", album) for pk, album in (("T1", "One"), ("T2", "Other"))]
    )
    known_by_spotify(now, "T1", "T2")
    record.plays(user=anna, evidence=[exported(tracks[0]), polled(tracks[1], end=60_000)], now=now)
    assert Play.objects.count() == 2
    record.plays(user=anna, evidence=[exported(tracks[1], end=60_000, ms=60_000)], now=now)
    assert sorted(Play.objects.values_list("origin", flat=True)) == [Origin.EXPORT] * 2


def test_a_persons_own_word_on_a_play_stands(anna, names, now):
    record.plays(user=anna, evidence=[exported(names[0]), scrobbled(names[1])], now=now)
    play = Play.objects.get(origin=Origin.EXPORT)
    word = hands.change(
        user=anna,
        play=play,
        act=hands.new_act(),
        track_id=names[0],
        started_ms=NOON - LENGTH,
        ms_played=LENGTH - 50_000,
        now=now,
    )
    assert word
    known_by_spotify(now, "T1")
    group.run(now=now)
    heard = lens.read(anna).heard()
    assert heard.ms.tolist() == [LENGTH - 50_000]
    assert list(Play.objects.values_list("origin", "ms_played")) == [(Origin.HAND, LENGTH - 50_000)]
    assert columns.check(anna) == []
    hands.undo(user=anna, act=word.act, now=now)
    assert list(Play.objects.values_list("origin", "ms_played")) == [(Origin.EXPORT, LENGTH)]


MOMENTS = st.integers(-6, 6).map(lambda n: n * 25_000)
TOLD = st.lists(
    st.one_of(
        *(st.tuples(st.just(tell), st.integers(0, 2), MOMENTS) for tell in (exported, scrobbled, polled)),
    ),
    min_size=1,
    max_size=8,
)


@settings(
    max_examples=25,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(TOLD, st.randoms(use_true_random=False), st.integers(0, 8))
def test_when_the_catalogue_learns_does_not_matter(db, now, told, chance, learns):
    """The same evidence in two orders, for one before and for the other after Spotify told of the tracks."""
    number = next(_NUMBERS)
    title, ids = f"Night {number}", (f"One{number}", f"Two{number}")
    tracks = naming.tracks(
        [
            TrackName(0, ids[0], title, "Various Artists", "A Sampler"),
            TrackName(0, None, title, "A Guest", ""),
            TrackName(0, ids[1], f"{title} - Remastered", "A Guest", "Other"),
        ]
    )
    people = [UserFactory(), UserFactory()]
    events = [tell(tracks[track], moment) for tell, track, moment in told]
    for person, when in zip(people, (learns, 0), strict=True):
        for place, event in enumerate(events):
            if place == when:
                known_by_spotify(now, *ids, name=title, isrc=f"GBAAA{number:07}")
                group.run(now=now)
            record.plays(user=person, evidence=[event], now=now)
        chance.shuffle(events)
    known_by_spotify(now, *ids, name=title, isrc=f"GBAAA{number:07}")
    group.run(now=now)
    plays = [sorted(Play.objects.of(person).values_list(*_TOLD)) for person in people]
    assert plays[0] == plays[1]
    assert [columns.check(person) for person in people] == [[], []]


_NUMBERS = count(1)
_TOLD = ("started_at", "ended_at", "track_id", "origin", "ms_played", "is_estimate")
