"""Why a rule finds what it finds."""

from datetime import timedelta

from hypothesis import Phase, given, settings

from playlists.rules import evaluate, explain, fields, gather, text, validate
from playlists.rules.evaluate import TrackFacts
from playlists.rules.masks import Masks
from playlists.rules.nodes import Condition, Group, conditions, replaced
from playlists.rules.templates import BY_KEY, TEMPLATES
from tests.pure.rules import given as by_chance
from tests.pure.rules.test_masks import rules_and_tracks

TODAY = by_chance.TODAY
TRACKS = [
    TrackFacts(1, {"energy": 0.9, "genre": ("rock",), "last_heard": TODAY}),
    TrackFacts(2, {"energy": 0.79, "genre": ("rock",), "last_heard": TODAY - timedelta(days=400)}),
    TrackFacts(3, {"energy": 0.2, "genre": ("rock",)}),
    TrackFacts(4, {"energy": 0.9, "genre": ("pop",)}),
    TrackFacts(5, {"energy": 0.2, "genre": ("pop",)}),
    TrackFacts(6, {"genre": ("rock",)}),
]
MASKS = Masks(gather.table(TRACKS), TODAY)


def where(source: str) -> Group:
    return text.parse(source).query.where


def test_what_each_condition_removes():
    told = explain.shares(where("energy:0.8.. genre:rock"), MASKS)
    assert [(share.condition.field, share.alone, share.removes, share.adds) for share in told] == [
        ("energy", 2, 3, 0),
        ("genre", 4, 1, 0),
    ]


def test_what_each_alternative_adds():
    told = explain.shares(where("energy:0.8.. , genre:rock"), MASKS)
    assert [(share.alone, share.removes, share.adds) for share in told] == [(2, 0, 1), (4, 0, 3)]


def test_a_lone_condition_in_a_group_takes_its_group_along():
    (share,) = explain.shares(where("(-genre:rock)"), MASKS)
    assert (share.alone, share.removes, share.adds) == (4, 4, 0)
    (share,) = explain.shares(where("any(genre:rock)"), MASKS)
    assert (share.removes, share.adds) == (2, 0)


def test_near_misses_come_nearest_first_and_what_is_unknown_last():
    told = explain.near_misses(where("energy:0.8.. genre:rock"), MASKS, size=10)
    assert [(TRACKS[miss.place].track_id, miss.condition.field, miss.is_unknown) for miss in told] == [
        (2, "energy", False),
        (3, "energy", False),
        (4, "genre", False),
        (6, "energy", True),
    ]
    assert 0 < told[0].gap < 0.02
    assert len(explain.near_misses(where("energy:0.8.. genre:rock"), MASKS, size=2)) == 2


def test_near_misses_of_dates():
    told = explain.near_misses(where("last_heard:398d energy:0.1.."), MASKS, size=1)
    assert [(TRACKS[miss.place].track_id, miss.gap < 0.02) for miss in told] == [(2, True)]


@settings(max_examples=40, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink))
@given(rules_and_tracks(by_chance.groups))
def test_shares_and_misses_are_those_of_the_plain_evaluator(drawn):
    root, tracks = drawn
    masks = Masks(gather.table(tracks), TODAY)
    missed = {miss.place for miss in explain.near_misses(root, masks, size=100)}
    for place, track in enumerate(tracks):
        turned = [
            evaluate.matches(replaced(root, path, _turned(asked)), track, today=TODAY)
            for path, asked in conditions(root)
        ]
        assert (place in missed) == (not evaluate.matches(root, track, today=TODAY) and any(turned))
    for share in explain.shares(root, masks):
        assert share.removes + share.adds <= len(tracks)


def _turned(asked: Condition) -> Group:
    return Group("none", (asked,))


def test_the_course_of_one_track():
    steps = explain.trace(where("energy:0.8.. (genre:rock , no:genre)"), TRACKS[3], today=TODAY)
    assert [(step.path, step.result, step.fact) for step in steps] == [
        ((), False, None),
        ((0,), True, 0.9),
        ((1,), False, None),
        ((1, 0), False, ("pop",)),
        ((1, 1), False, ("pop",)),
    ]


def test_there_are_at_least_twelve_templates_each_valid_and_of_its_own():
    assert len(TEMPLATES) >= 12
    assert len(BY_KEY) == len({each.name for each in TEMPLATES}) == len(TEMPLATES)
    every = dict.fromkeys([*fields.REGISTRY, "plays_30d", "plays_365d"], 1.0)
    for template in TEMPLATES:
        assert validate.check(template.query, coverage=every) == [], template.key
        assert list(conditions(template.query.where)), template.key
        assert template.description


def test_templates_say_what_they_need_beyond_plays():
    assert BY_KEY["on-repeat"].needs == []
    assert BY_KEY["calm-evening"].needs == ["acousticness", "energy", "explicit"]


def test_a_template_finds_what_it_says():
    rows = [
        TrackFacts(1, {"plays": 30, "last_heard": TODAY - timedelta(days=500)}),
        TrackFacts(2, {"plays": 30, "last_heard": TODAY - timedelta(days=5)}),
        TrackFacts(3, {"plays": 3, "last_heard": TODAY - timedelta(days=500)}),
    ]
    root = BY_KEY["forgotten-favourites"].query.where
    assert [evaluate.matches(root, row, today=TODAY) for row in rows] == [True, False, False]
