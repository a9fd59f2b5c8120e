"""The fold over findings: visible, the same in any order, with a manual word last."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest import tag_words
from ingest.facts import MANUAL, NUMBERS, Said, beside, flat, fold, number

GENRE, MOOD, TAG = tag_words.GENRE, tag_words.MOOD, tag_words.TAG

names = st.sampled_from(["jazz", "rock", "dark", "warm", "Hip-Hop", "seen live", ""])
weights = st.one_of(st.floats(-0.5, 1.5), st.none(), st.booleans(), st.just(math.nan))
words = st.one_of(st.dictionaries(names, weights, max_size=4), st.none(), st.just(["jazz"]))
numbers = st.one_of(st.floats(), st.integers(-2, 400), st.text(max_size=2), st.none(), st.booleans())
values = st.one_of(
    st.none(),
    st.just("broken"),
    st.builds(
        lambda told, spoken: told | spoken,
        st.dictionaries(st.sampled_from(NUMBERS), numbers, max_size=5),
        st.dictionaries(st.sampled_from(["tags", "genres", "moods"]), words, max_size=3),
    ),
)
said = st.builds(Said, st.sampled_from(["a", "b", "c", "d"]), values, st.sampled_from([0.1, 0.5, 0.9]))
unlike = st.lists(said, max_size=5, unique_by=lambda each: each.provider)


@given(unlike.flatmap(lambda rows: st.tuples(st.just(rows), st.permutations(rows))))
def test_the_order_of_findings_does_not_matter(pair):
    assert fold(pair[0]) == fold(pair[1])
    assert beside(pair[0]) == beside(pair[1])


@given(unlike, st.sampled_from(NUMBERS), st.integers(0, 1))
def test_a_manual_word_is_the_last(rows, name, value):
    word = 120 if name == "tempo_bpm" else value
    assert fold([*rows, Said(MANUAL, {name: word}, 0.0)]).numbers[name] == (word, MANUAL)


@given(unlike)
def test_what_is_accepted_was_said_and_can_be(rows):
    accepted = fold(rows)
    by_name = {each.provider: each.values for each in rows}
    for name, (value, provider) in accepted.numbers.items():
        assert by_name[provider][name] == value
        assert number(name, value) == value
    for (kind, name), (weight, _provider) in accepted.tags.items():
        assert 0 < weight <= 1
        assert name == tag_words.name(name)
        assert kind in (GENRE, MOOD, TAG)
    assert len({name for _kind, name in accepted.tags}) == len(accepted.tags), "a word is of one kind"


@given(unlike, values)
def test_a_weaker_word_takes_nothing_away(rows, more):
    before, after = fold(rows), fold([*rows, Said("z", more, 0.01)])
    assert before.numbers.items() <= after.numbers.items()


@given(unlike)
def test_the_winner_stands_first_of_all_that_was_said(rows):
    accepted = fold(rows)
    for name, told in beside(rows).items():
        assert (told[0].value, told[0].provider) == accepted.numbers[name]
        assert [each.wins for each in told] == [True] + [False] * (len(told) - 1)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([Said("a", {"mood": "dark", "energy": 0.7}), Said("b", {"mood": "happy"})], {"mood": "happy", "energy": 0.7}),
        ([Said("a", ["broken"]), Said("b", {"energy": 1})], {"energy": 1}),
        ([Said("a", {"energy": 1}, 0.9), Said("b", {"energy": 0}, 0.2)], {"energy": 1}),
        ([], {}),
    ],
)
def test_the_flat_view(rows, expected):
    assert flat(rows) == expected


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("valence", 0.5, 0.5),
        ("valence", 1, 1.0),
        ("valence", 1.01, None),
        ("valence", True, None),
        ("valence", "0.5", None),
        ("tempo_bpm", 0.0, None),  # Spotify's "no beat found"
        ("tempo_bpm", 174.03, 174.03),
        ("loudness_db", -7.2, -7.2),
        ("key", -1, None),  # Spotify's "no key found"
        ("key", 11.0, 11),
        ("listeners", math.inf, None),
    ],
)
def test_which_numbers_can_be(name, value, expected):
    assert number(name, value) == expected


def test_tags_of_several_providers():
    accepted = fold(
        [
            Said("lastfm", {"tags": {"Hip-Hop": 1.0, "seen live": 1.0, "dark": 0.5, "late tuesday": 0.2}}, 0.8),
            Said("musicbrainz", {"genres": {"hip hop": 1.0, "late tuesday": 1.0}, "tags": {"dark": 0.1}}, 0.5),
        ]
    )
    assert accepted.tags == {
        (GENRE, "hip hop"): (0.8, "lastfm"),
        (MOOD, "dark"): (0.4, "lastfm"),
        (GENRE, "late tuesday"): (0.5, "musicbrainz"),
    }


def test_manual_genres_replace_all_others_and_leave_moods():
    rows = [Said("lastfm", {"tags": {"rock": 1.0, "dark": 1.0}}), Said(MANUAL, {"genres": {"jazz": 1.0}})]
    assert fold(rows).tags == {(GENRE, "jazz"): (1.0, MANUAL), (MOOD, "dark"): (1.0, "lastfm")}
    assert fold([*rows[:1], Said(MANUAL, {"genres": {}})]).tags == {(MOOD, "dark"): (1.0, "lastfm")}
