"""What each operator means, item by item: plain, and for many tracks at once."""

from datetime import date, timedelta

import pytest

from playlists.rules import evaluate, gather, patterns, schema
from playlists.rules.evaluate import TrackFacts
from playlists.rules.masks import Masks
from playlists.rules.nodes import ALL, ANY, NONE, Condition, Group, Node

TODAY = date(2026, 11, 20)
DAY = timedelta(days=1)
MISSING = object()


def says(node: Node, **facts) -> bool:
    """The answer of both evaluators, which have to agree."""
    track = TrackFacts(1, {name: value for name, value in facts.items() if value is not MISSING})
    plain = evaluate.matches(node, track, today=TODAY)
    assert Masks(gather.table([track]), TODAY).of(node).tolist() == [plain]
    return plain


CASES = [
    # item, operator, value, fact, answer
    ("S1.36", "eq", "happy", "happy", True),
    ("S1.36", "eq", "happy", "Happy", False),
    ("S1.36", "eq", 1, 1.0, True),
    ("S1.36", "eq", 1, "1", False),
    ("S1.36", "eq", True, 1, False),
    ("S1.36", "eq", 1, True, False),
    ("S1.36", "eq", True, True, True),
    ("S1.36", "eq", None, MISSING, False),
    ("S1.36", "eq", "x", MISSING, False),
    ("S1.36", "ne", "x", MISSING, True),
    ("S1.36", "ne", "x", None, True),
    ("S1.36", "ne", "x", "x", False),
    ("S1.36", "ne", "x", "y", True),
    ("S1.36", "ne", 1, "1", True),
    ("S1.37", "gt", 0.5, 0.6, True),
    ("S1.37", "gt", 0.5, 0.5, False),
    ("S1.37", "gte", 0.5, 0.5, True),
    ("S1.37", "lt", 0.5, 0.4, True),
    ("S1.37", "lt", 0.5, 0.5, False),
    ("S1.37", "lte", 0.5, 0.5, True),
    ("S1.37", "gt", 0, True, False),
    ("S1.37", "gt", False, 1, False),
    ("S1.37", "gt", "1", 2, False),
    ("S1.37", "gt", 1, "2", False),
    ("S1.37", "gt", 1, MISSING, False),
    ("S1.37", "lte", 1, None, False),
    ("S1.38", "in", ["a", "b"], "a", True),
    ("S1.38", "in", ["a", "b"], "c", False),
    ("S1.38", "in", "abc", "a", False),
    ("S1.38", "in", [1, 2], 2.0, True),
    ("S1.38", "in", [1], True, False),
    ("S1.38", "in", ["a"], MISSING, False),
    ("S1.38", "in", ["a"], ("b", "a"), True),
    ("S1.38", "not_in", ["a"], "b", True),
    ("S1.38", "not_in", ["a"], "a", False),
    ("S1.38", "not_in", "abc", "z", False),
    ("S1.38", "not_in", ["a"], MISSING, True),
    ("S1.38", "not_in", "abc", MISSING, False),
    ("S1.38", "not_in", ["a"], ("b", "a"), False),
    ("S1.39", "between", [1, 3], 1, True),
    ("S1.39", "between", [1, 3], 3, True),
    ("S1.39", "between", [1, 3], 3.01, False),
    ("S1.39", "between", [3, 1], 2, False),
    ("S1.39", "between", [1], 1, False),
    ("S1.39", "between", [1, 2, 3], 2, False),
    ("S1.39", "between", ["1", "3"], 2, False),
    ("S1.39", "between", [0, True], 0, False),
    ("S1.39", "between", [0, 2], True, False),
    ("S1.39", "between", 2, 2, False),
    ("S1.39", "between", [0, 2], MISSING, False),
    ("S1.40", "contains", "ov", "Love", True),
    ("S1.40", "contains", "LOVE", "Love", False),
    ("S1.40", "contains~", "LOVE", "Love", True),
    ("S1.40", "contains~", "strasse", "Straße", True),
    ("S1.40", "contains", "1", 1, False),
    ("S1.40", "contains", 1, "1", False),
    ("S1.40", "contains", "x", MISSING, False),
    ("S1.40", "starts_with", "Lo", "Love", True),
    ("S1.40", "starts_with", "lo", "Love", False),
    ("S1.40", "starts_with~", "lo", "Love", True),
    ("S1.40", "starts_with", "ve", "Love", False),
    ("S1.40", "ends_with", "ve", "Love", True),
    ("S1.40", "ends_with~", "VE", "Love", True),
    ("S1.40", "ends_with", "Lo", "Love", False),
    ("S1.40", "starts_with", "r", ("rock",), False),
    ("S1.41", "contains", "rock", ("rock", "pop"), True),
    ("S1.41", "contains", "roc", ("rock", "pop"), False),
    ("S1.41", "contains~", "Rock", ("rock", "pop"), True),
    ("S1.41", "contains", "rock", (), False),
    ("S1.42", "exists", None, "", True),
    ("S1.42", "exists", None, False, True),
    ("S1.42", "exists", None, 0, True),
    ("S1.42", "exists", None, (), True),
    ("S1.42", "exists", None, None, False),
    ("S1.42", "exists", None, MISSING, False),
    ("S1.42", "not_exists", None, None, True),
    ("S1.42", "not_exists", None, MISSING, True),
    ("S1.42", "not_exists", None, 0, False),
    ("S1.43", "regex", "o.e", "Love", True),
    ("S1.43", "regex", "^ove", "Love", False),
    ("S1.43", "regex~", "LOVE$", "my love", True),
    ("S1.43", "regex", "(", "(", False),
    ("S1.43", "regex", r"(a)\1", "aa", False),
    ("S1.43", "regex", "a", ("a",), False),
    ("S1.43", "regex", 5, "5", False),
    ("S1.43", "regex", "x", MISSING, False),
    ("S1.44", "sounds_like", "x", "x", False),
    ("S1.44", "", "x", "x", False),
    ("S1.44", "gt", {"a": 1}, 5, False),
    ("S1.44", "contains", ["a"], "a", False),
    ("S1.44", "eq", {"a": 1}, "a", False),
    ("S1.44", "in_last_days", "week", TODAY, False),
    ("S1.46", "in_last_days", 1, TODAY, True),
    ("S1.46", "in_last_days", 7, TODAY - 6 * DAY, True),
    ("S1.46", "in_last_days", 7, TODAY - 7 * DAY, False),
    ("S1.46", "in_last_days", 7, TODAY + DAY, False),
    ("S1.46", "in_last_days", 0, TODAY, False),
    ("S1.46", "in_last_days", True, TODAY, False),
    ("S1.46", "in_last_days", 10**9, date(1, 1, 1), True),
    ("S1.46", "in_last_days", 7, MISSING, False),
    ("S1.46", "before", "2026-11-20", TODAY, False),
    ("S1.46", "before", "2026-11-21", TODAY, True),
    ("S1.46", "before", "2026", date(2025, 12, 31), True),
    ("S1.46", "before", "2026-02", date(2026, 2, 1), False),
    ("S1.46", "before", "-1m", date(2026, 10, 19), True),
    ("S1.46", "before", "-1m", date(2026, 10, 20), False),
    ("S1.46", "before", "-9999y", TODAY, False),
    ("S1.46", "before", "soon", TODAY, False),
    ("S1.46", "before", "2020-01-01", "2019-12-31", True),
    ("S1.46", "before", "2020-01-01", "love", False),
    ("S1.46", "before", "today", MISSING, False),
    ("S1.46", "after", "-1y", date(2025, 11, 21), True),
    ("S1.46", "after", "-1y", date(2025, 11, 20), False),
    ("S1.46", "after", "today", TODAY, False),
    ("S1.46", "after", "-2w", TODAY - 13 * DAY, True),
    ("S1.46", "eq", "-3d", TODAY - 3 * DAY, True),
    ("S1.46", "in_playlist", "Road trip", ("Road trip", "abc"), True),
    ("S1.46", "in_playlist", "road trip", ("Road trip",), False),
    ("S1.46", "in_playlist~", "road trip", ("Road trip",), True),
    ("S1.46", "in_playlist", "a", "a", False),
    ("S1.46", "any_of", ["rock", "jazz"], ("pop", "jazz"), True),
    ("S1.46", "any_of", ["rock"], ("pop",), False),
    ("S1.46", "any_of", [], ("pop",), False),
    ("S1.46", "any_of~", ["ROCK"], ("rock",), True),
    ("S1.46", "any_of", "rock", ("rock",), False),
    ("S1.46", "all_of", ["rock", "pop"], ("pop", "rock", "x"), True),
    ("S1.46", "all_of", ["rock", "pop"], ("rock",), False),
    ("S1.46", "all_of", [], ("rock",), False),
    ("S1.46", "all_of~", ["ROCK", "Rock"], ("rock",), True),
    ("S1.36", "eq", "rock", ("rock", "pop"), True),
    ("S1.36", "ne", "rock", ("rock", "pop"), False),
    ("S1.36", "eq", ["pop", "rock"], ("rock", "pop"), True),
    ("S1.36", "eq", ["rock"], ("rock", "pop"), False),
    ("S1.36", "eq", [], (), True),
]


@pytest.mark.parametrize(
    ("operator", "value", "fact", "answer"),
    [case[1:] for case in CASES],
    ids=[f"{item}-{number}-{operator}" for number, (item, operator, *_rest) in enumerate(CASES)],
)
def test_operator(operator, value, fact, answer):
    asked = Condition("own", operator.removesuffix("~"), schema.value_of(value), operator.endswith("~"))
    assert says(asked, own=fact) is answer


TRUE, FALSE = Condition("own", "eq", 1), Condition("own", "eq", 2)
GROUPS = [
    ("S1.45", Group(ALL), True),
    ("S1.45", Group(ANY), False),
    ("S1.45", Group("xor", (TRUE,)), False),
    ("S1.45", Group("", (TRUE, TRUE)), False),
    ("S1.34", Group(ALL, (TRUE, TRUE)), True),
    ("S1.34", Group(ALL, (TRUE, FALSE)), False),
    ("S1.34", Group(ANY, (TRUE, FALSE)), True),
    ("S1.34", Group(ANY, (FALSE, FALSE)), False),
    ("S1.46", Group(NONE, (FALSE, FALSE)), True),
    ("S1.46", Group(NONE, (FALSE, TRUE)), False),
    ("S1.46", Group(NONE), True),
    ("S1.35", Group(ALL, (Group(ANY, (FALSE, Group(NONE, (Group(ALL, (TRUE, FALSE)),)))),)), True),
]


@pytest.mark.parametrize(
    ("group", "answer"), [case[1:] for case in GROUPS], ids=[f"{g[0]}-{n}" for n, g in enumerate(GROUPS)]
)
def test_groups(group, answer):
    assert says(group, own=1) is answer


def test_s1_49_happy_or_calm():
    rule = schema.load(
        {"operator": "or", "conditions": [
            {"field": "mood", "operator": "eq", "value": "happy"},
            {"field": "mood", "operator": "eq", "value": "calm"},
        ]}
    ).where  # fmt: skip
    assert says(rule, mood="happy")
    assert says(rule, mood=("dark", "calm"))
    assert not says(rule, mood="dark")
    assert not says(rule)


def test_s1_49_loud_rock():
    rule = schema.load(
        {"conditions": [
            {"field": "energy", "operator": "gte", "value": 0.8},
            {"field": "genre", "operator": "in", "value": ["rock", "metal"]},
        ]}
    ).where  # fmt: skip
    assert says(rule, energy=0.8, genre="metal")
    assert says(rule, energy=0.9, genre=("pop", "rock"))
    assert not says(rule, energy=0.79, genre="rock")
    assert not says(rule, energy=0.9, genre="pop")


def test_s1_47_a_field_goes_by_its_other_names_but_its_own_comes_first():
    assert says(Condition("name", "eq", "Love"), title="Love")
    assert says(Condition("tempo", "gt", 100), tempo_bpm=120)
    assert says(Condition("name", "eq", "own"), title="Love", name="own")


@pytest.mark.parametrize(
    ("pattern", "position"),
    [
        ("a(b", 1),
        ("[z-a]", 1),
        ("*a", 0),
        ("a**", 1),
        ("ab(?=c)", 2),
        (r"(a)\1", 3),
        ("a\\", 1),
        ("a)", 1),
        ("a" * 201, 200),
    ],
)
def test_s1_43_a_bad_pattern_is_refused_with_its_place(pattern, position):
    with pytest.raises(patterns.BadPattern) as caught:
        patterns.check(pattern)
    assert caught.value.position == position
    assert caught.value.reason
