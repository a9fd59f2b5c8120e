"""A pattern over many texts finds the same, joined or one by one."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playlists.rules import pattern_scan, patterns
from playlists.rules.pattern_scan import Lines

PIECES = [
    "a", "b", "ä", "7", " ", ".", ".*", "a+", "b?", "^", "$", "^$", "[^a]", r"\s", r"\S", r"\W", r"\b", r"\B", "(a|b)",
    "(?i)A", "(?s).", "(?s:.)b", "(?m)^a", "(?U)a+", r"\n", r"\Aa", r"a\z", r"\Qa", "x{2}", "|", "(?:ab)*", r"\pL",
    "[[:^alpha:]]",     "(?-m:^a)", r"[\n]", "(?P<n>a)", r"\x0a", r"\C", "(?i:B)$",
]  # fmt: skip
texts = st.lists(st.text("aAbB7 äxÄ\t", max_size=6), min_size=1, max_size=12)


@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=4).map("".join), texts, st.booleans())
@settings(max_examples=600, deadline=None)
def test_joined_texts_are_asked_as_single_ones(pattern, words, ignore_case):
    finds = patterns.finder(pattern, ignore_case=ignore_case)
    found = pattern_scan._in_lines(pattern, ignore_case=ignore_case)
    if finds is None or found is None:
        return
    assert Lines(words).hits(found).tolist() == [finds(word) for word in words], pattern


@pytest.mark.parametrize("pattern", ["9$", "^Love", "(a+)+$", ".", "", "[^x]", r"\z", "no such", "(?i)love.*7", "("])
@pytest.mark.parametrize("ignore_case", [False, True])
def test_whichever_way_is_taken_the_same_is_found(pattern, ignore_case):
    chance = random.Random(4)
    many = [f"{chance.choice(['Love', 'Hate', 'ÄRGER'])} {chance.choice(['is', 'not'])} {n}" for n in range(5_000)]
    finds = patterns.finder(pattern, ignore_case=ignore_case)
    told = pattern_scan.hits(pattern, many, ignore_case=ignore_case, lines=lambda: Lines(many))
    assert told.tolist() == [bool(finds and finds(text)) for text in many]


def test_texts_of_several_lines_are_asked_one_by_one():
    many = ["love\nme", "me"] * 2_000
    told = pattern_scan.hits("^me", many, ignore_case=False, lines=lambda: Lines(many))
    assert told.tolist() == [False, True] * 2_000


def test_half_a_character_is_no_text_that_anybody_could_have_typed():
    many = ["\ud800", "love"] * 2_000
    told = pattern_scan.hits("love", many, ignore_case=False, lines=lambda: Lines(many))
    assert told.tolist() == [False, True] * 2_000
