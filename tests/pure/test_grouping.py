"""Which tracks are one recording: by rule, in any order, and against the sandbox's truth."""

from collections import defaultdict
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from ingest import names
from ingest.grouping import Doubt, Fact, grouped, lookup_keys
from vibesite.sandbox.world import Size, World

CHER = {1: "cher"}
DUO = {1: "cher", 2: "sonny"}


def fact(track, title="Believe", artists=CHER, **rest):
    rest = {"album": "Believe", "duration_ms": 200_000, **rest}
    return Fact(track, f"{track:022}", title, artists, **rest)


def outcome(one, other):
    """ "one", "two", or the doubt."""
    found = grouped([one, other])
    return "one" if len(found.groups) == 1 else found.pairs[0].doubt if found.pairs else "two"


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ({"isrc": "GBAHT9803002"}, {"isrc": "GBAHT9803002", "duration_ms": 260_000}, "one"),
        ({"isrc": "GBAHT9803002"}, {"isrc": "GBAHT9803002", "title": "Strong Enough"}, Doubt.TITLES),
        ({"isrc": "JPU901900999", "title": "紅蓮華"}, {"isrc": "JPU901900999", "title": "Gurenge"}, "one"),
        ({"isrc": "GBAHT9803002"}, {"title": "Believe - Remastered 2023", "duration_ms": 201_900}, "one"),
        ({}, {"duration_ms": 202_100}, Doubt.LENGTHS),
        ({}, {"duration_ms": 210_001}, "two"),
        ({}, {"artists": {3: "another"}}, "two"),
        ({}, {"artists": DUO}, Doubt.CREDITS),
        ({"artists": DUO}, {"artists": {1: "cher", 3: "another"}}, "two"),
        ({}, {"title": "Believe - Live"}, "two"),
        ({"title": "Believe (Live)"}, {"title": "Believe - Live at Wembley"}, Doubt.VERSIONS),
        ({"title": "Believe (A Remix)"}, {"title": "Believe - B Remix"}, "two"),
        ({}, {"album": "Believe (Live)"}, "two"),
        ({}, {"duration_ms": None, "is_full": False, "album": "Believe (Deluxe)"}, "one"),
        ({}, {"duration_ms": None, "is_full": False, "album": "The Very Best Of"}, Doubt.NO_LENGTH),
        ({"duration_ms": None}, {"duration_ms": None, "album": "Believe (Deluxe)"}, "one"),
    ],
)
def test_a_pair(one, other, expected):
    assert outcome(fact(1, **one), fact(2, **other)) == expected


def test_an_unknown_length_chooses_no_side():
    found = grouped([fact(1), fact(2, duration_ms=300_000), fact(3, duration_ms=None)])
    assert sorted(map(len, found.groups)) == [1, 1, 1]
    assert {pair.doubt for pair in found.pairs} == {Doubt.NO_LENGTH}


def test_reasons_name_what_was_compared():
    found = grouped([fact(1, isrc="GBAHT9803002"), fact(2, isrc="GBAHT9803002", duration_ms=200_500)])
    told = {(reason.track, reason.how): reason.details for reason in found.reasons}
    assert told[1, "isrc"] == {"isrc": "GBAHT9803002", "beside": 2}
    assert told[2, "names"] == {"title": "believe", "seconds_apart": 0.5, "beside": 1}


def test_what_operators_part_stays_apart_by_way_of_a_third_too():
    tracks = [fact(1), fact(2), fact(3)]
    assert len(grouped(tracks).groups) == 1
    for found in (grouped(tracks, apart=[(1, 3)]), grouped(reversed(tracks), apart=[(3, 1)])):
        assert {1, 3} not in [set(group) & {1, 3} for group in found.groups]
        assert not found.pairs
    joined = grouped([fact(1), fact(2, "Other")], joined=[(2, 1)])
    assert joined.groups == [{1, 2}]
    assert {reason.how for reason in joined.reasons} == {"hand"}


FACTS = some.builds(
    lambda key, title, artists, album, ms, isrc, full: Fact(
        key, f"{key:022}", title, artists, album=album, duration_ms=ms, isrc=isrc, is_full=full
    ),
    some.integers(1, 10**6),
    some.sampled_from(["Song", "Song - Live", "Song (Live at X)", "Song - Remastered 2011", "Sung", "Other"]),
    some.sampled_from([CHER, DUO, {2: "sonny"}]),
    some.sampled_from(["", "A", "A (Deluxe)", "B"]),
    some.sampled_from([None, 200_000, 201_500, 203_000, 209_000]),
    some.sampled_from(["", "GBAHT9803002", "GBAHT9803003"]),
    some.booleans(),
)


@given(some.data(), some.lists(FACTS, max_size=9, unique_by=lambda fact: fact.track))
def test_the_order_of_arrival_does_not_matter(data, facts):
    ids = [fact.track for fact in facts]
    apart = (
        data.draw(some.lists(some.tuples(some.sampled_from(ids), some.sampled_from(ids)), max_size=2)) if ids else []
    )
    shuffled = data.draw(some.permutations(facts))
    ours, theirs = grouped(facts, apart=apart), grouped(shuffled, apart=apart)
    assert set(ours.groups) == set(theirs.groups)
    assert set(ours.pairs) == set(theirs.pairs)
    assert sorted(track for group in ours.groups for track in group) == sorted(ids)


@given(some.lists(FACTS, min_size=2, max_size=9, unique_by=lambda fact: fact.track))
def test_what_belongs_together_is_found_by_keys(facts):
    """Whoever has no chain of common keys is never linked: so a batch sees all it may link."""
    for group in grouped(facts).groups:
        chosen = [fact for fact in facts if fact.track in group]
        reached, keys = {chosen[0].track}, set(lookup_keys(chosen[0]))
        for _ in chosen:
            for each in chosen:
                if lookup_keys(each) & keys:
                    reached.add(each.track)
                    keys |= lookup_keys(each)
        assert reached == set(group)


def pairs(groups):
    return {pair for group in groups for pair in combinations(sorted(group), 2)}


def sandbox_facts(world):
    albums, artists = ({row.id: row for row in rows} for rows in (world.albums, world.artists))
    number = {artist.id: place for place, artist in enumerate(world.artists)}
    return [
        Fact(
            place,
            track.id,
            track.name,
            {number[pk]: names.key(artists[pk].name) for pk in track.artist_ids},
            album=albums[track.album_id].name,
            duration_ms=track.duration_ms,
            isrc=track.isrc,
        )
        for place, track in enumerate(world.tracks)
    ]


@pytest.mark.parametrize("with_isrc", [True, False])
def test_groups_agree_with_the_truth(with_isrc):
    world = World(size=Size.SMALL)
    of: dict[str, list[int]] = defaultdict(list)
    for place, track in enumerate(world.tracks):
        of[track.mbid].append(place)
    facts = sandbox_facts(world)
    if not with_isrc:
        facts = [Fact(f.track, f.key, f.title, f.artists, album=f.album, duration_ms=f.duration_ms) for f in facts]
    truth, found = pairs(of.values()), pairs(grouped(facts).groups)
    precision, recall = len(truth & found) / len(found), len(truth & found) / len(truth)
    assert (precision >= (0.999 if with_isrc else 0.99), recall >= 0.95) == (True, True), (precision, recall)
