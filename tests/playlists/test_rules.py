"""What a person's rules find in what they heard and keep."""

from datetime import timedelta

import pytest

from accounts.models import User
from ingest.actions import fetch
from ingest.models import SourceTrack, Track, TrackSource
from playlists.actions import preview, results, rules
from playlists.library import Library
from playlists.models import Rule
from playlists.rules import schema, text
from tests.factories.ingest import NOON, TrackFactory, heard

CASES = [
    ("title:tear", "Teardrop"),
    ("massive", "Teardrop Angel"),
    ('artist="Massive Attack"', "Teardrop Angel"),
    ("album:mezza -title:angel", "Teardrop"),
    ("year:1998", "Teardrop Angel"),
    ("decade:1990 released<1999", "Teardrop Angel"),
    ("duration:5:00..", "Angel"),
    ("explicit:no", "Teardrop"),
    ("energy:..0.4", "Teardrop"),
    ("energy=0.4", "Teardrop"),
    ("tempo:132.938 -tempo>132.938 loudness:-10.826..-10.826", "Teardrop"),
    ("key:5", "Teardrop"),
    ('genre:"trip hop"', "Teardrop"),
    ("plays:3", "Teardrop"),
    ("plays:0", "Kept"),
    ("plays_30d:1", "Teardrop"),
    ("plays_60d>1", "Teardrop"),
    ("last_heard:7d", "Teardrop"),
    ("last_heard<-1y", "Angel"),
    ("first_heard<-2y", "Angel"),
    ("skip_rate:0.5", "Angel"),
    ("no:skip_rate", "Kept"),
    ("liked:yes", "Kept"),
    ("liked:no", "Teardrop Angel"),
    ("added:30d", "Kept"),
    ('playlist:"road trip"', "Angel"),
    ("playlist:trip", "Angel"),
    ("source:listening", "Teardrop Angel"),
    ("source:(liked, playlist)", "Angel Kept"),
    ("| order -plays", "Teardrop Angel Kept"),
]


@pytest.mark.parametrize(("source", "names"), CASES)
def test_a_rule_finds(anna, tracks, source, names):
    library = Library(anna, now=NOON)
    draft = preview.drafted(text.parse(source).query, library, salt=1)
    assert set(draft.track_ids) == {tracks[name] for name in names.split()}
    assert draft.of_tracks == 3


def test_names_follow_the_catalogue(anna, tracks):
    from ingest.models import TrackChange

    def found() -> int:
        return preview.drafted(text.parse("title:renamed").query, Library(anna, now=NOON), salt=1).found

    assert found() == 0
    Track.objects.filter(pk=tracks["Angel"]).update(name="Renamed")
    TrackChange.objects.create(track_id=tracks["Angel"])
    assert found() == 1


def make(user: User, name: str, source: str) -> Rule:
    return Rule.objects.create(user=user, name=name, body=schema.dump(text.parse(source).query))


def test_rules_ask_rules(anna, tracks):
    make(anna, "Calm", "energy:..0.5")
    make(anna, "Calm and short", "rule:calm duration:..5:00")
    library = Library(anna, now=NOON)
    draft = preview.drafted(text.parse('rule:"calm and short"').query, library, salt=1)
    assert draft.track_ids == (tracks["Teardrop"],)


def source_of(user: User, rule: Rule, name: str) -> TrackSource:
    return TrackSource.objects.create(user=user, kind="rule", asked=rule.key, name=name)


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ("source:top", "Teardrop Angel"),
        ('source:"top of a month"', "Teardrop"),
        ("source:recent", "Teardrop"),
        ("source:forgotten", "Angel"),
        ('source:"Road trip"', "Angel"),
        ("source:list", "Teardrop Kept"),
        ('source:"from my car" -source:recent', "Kept"),
        ("source:(album, liked)", "Kept Angel"),
    ],
)
def test_a_rule_asks_every_kind_of_source(anna, tracks, asked, names):
    for days in range(10):
        heard(anna, Track.objects.get(pk=tracks["Angel"]), NOON - timedelta(days=900 + days))
    make_source = TrackSource.objects.create
    make_source(user=anna, kind="top", asked="short_term", name="Top of a month")
    make_source(user=anna, kind="top", asked="all_time", name="Top of all time")
    make_source(user=anna, kind="recent", asked="30", name="Heard in the last 30 days")
    make_source(user=anna, kind="forgotten", asked="180", name="Forgotten")
    held = {
        make_source(user=anna, kind="list", name="From my car"): ("Kept", "Teardrop"),
        make_source(user=anna, kind="album", spotify_id="mezzanine", name="Mezzanine"): ("Angel",),
    }
    for source, inside in held.items():
        for position, name in enumerate(inside):
            SourceTrack.objects.create(source=source, position=position, track_id=tracks[name])
    draft = preview.drafted(text.parse(asked).query, Library(anna, now=NOON), salt=1)
    assert set(draft.track_ids) == {tracks[name] for name in names.split()}


def test_what_a_rule_chooses_is_a_source_for_another(anna, tracks):
    most = make(anna, "Most", "artist:massive | limit 1 tracks by -plays")
    source = source_of(anna, most, "The one")
    make(anna, "On top", 'source:"the one" title:tear')
    assert fetch.track_ids(source, now=NOON) == [tracks["Teardrop"]]
    library = Library(anna, now=NOON)
    for asked in ('source:"The one"', 'rule:"on top"'):
        assert preview.drafted(text.parse(asked).query, library, salt=1).track_ids == (tracks["Teardrop"],)
    assert set(preview.drafted(text.parse("rule:most").query, library, salt=1).track_ids) == {
        tracks["Teardrop"],
        tracks["Angel"],
    }


def test_circles_through_sources_are_refused(anna, tracks):
    one = make(anna, "One", "title:a")
    two = make(anna, "Two", "rule:one")
    source_of(anna, two, "Second")
    query = text.parse("title:x source:second").query
    assert [(each.code, each.node) for each in rules.problems(rule=one, query=query)] == [("cycle", (1,))]
    three = make(anna, "Three", "source:third")
    assert "ask itself" in results.why_not(anna, three.key, "Third")
    assert results.why_not(anna, one.key, "Third") == ""
    source_of(anna, three, "Third")
    assert preview.of_rule(rule=three, library=Library(anna, now=NOON)).found == 0


def test_the_result_of_a_deleted_rule_is_nothing(anna, tracks):
    rule = make(anna, "Gone", "title:a")
    source = source_of(anna, rule, "Gone")
    rule.delete()
    assert fetch.track_ids(source, now=NOON) == []
    assert preview.drafted(text.parse("source:gone").query, Library(anna, now=NOON), salt=1).found == 0


def test_circles_are_refused_and_find_nothing(anna, tracks):
    one = make(anna, "One", "title:a")
    make(anna, "Two", "rule:one")
    query = text.parse("title:x rule:two").query
    assert [(each.code, each.node) for each in rules.problems(rule=one, query=query)] == [("cycle", (1,))]
    rules.save(rule=one, query=query)
    assert preview.of_rule(rule=one, library=Library(one.user, now=NOON)).found == 0


def test_an_answer_says_what_each_condition_removes_and_what_narrowly_misses(anna, tracks):
    query = text.parse("artist:massive plays:2..").query
    told = preview.answer(query=query, library=Library(anna, now=NOON), salt=1)
    assert [track.name for track in told.tracks] == ["Teardrop"]
    assert [(share.removes, words) for share, words in told.asked] == [(0, "artist:massive"), (1, "plays:2..")]
    assert [(miss.track.name, miss.asked) for miss in told.misses] == [("Angel", "plays:2..")]
    assert told.problems == []


def test_a_draft_names_what_spotify_knows(anna, tracks):
    from ingest.models import Recording

    recording = Recording.objects.create(name="Angel")
    own = TrackFactory(name="Angel", spotify_id="otherangel", recording=recording)
    Track.objects.filter(pk=tracks["Angel"]).update(recording=recording, spotify_id=None)
    draft = preview.drafted(text.parse("title:angel , title:kept").query, Library(anna, now=NOON), salt=1)
    kept = Track.objects.get(pk=tracks["Kept"])
    assert set(draft.uris()) == {f"spotify:track:{own.spotify_id}", f"spotify:track:{kept.spotify_id}"}


def test_nobody_is_asked_about_others(anna, ben, tracks):
    assert preview.drafted(text.parse("").query, Library(ben, now=NOON), salt=1).of_tracks == 0
