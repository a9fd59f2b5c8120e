"""All tracks at once means the same as one after the other."""

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from playlists.rules import evaluate, fields, gather
from playlists.rules.evaluate import TrackFacts
from playlists.rules.masks import Masks
from playlists.rules.nodes import conditions
from tests.pure.rules import given as by_chance

PHASES = (Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink)


@st.composite
def rules_and_tracks(draw, groups):
    where = draw(groups)
    asked = {fields.canonical(c.field) if draw(st.booleans()) else c.field for _path, c in conditions(where)}
    rows = draw(st.lists(by_chance.values(sorted(asked)), max_size=6))
    return where, [TrackFacts(number, row) for number, row in enumerate(rows)]


@settings(max_examples=150, deadline=None, phases=PHASES)
@given(rules_and_tracks(by_chance.groups))
def test_masks_agree_with_the_plain_evaluator(drawn):
    where, tracks = drawn
    plain = [evaluate.matches(where, track, today=by_chance.TODAY) for track in tracks]
    assert Masks(gather.table(tracks), by_chance.TODAY).of(where).tolist() == plain


@settings(max_examples=150, deadline=None, phases=PHASES)
@given(rules_and_tracks(by_chance.any_groups))
def test_masks_agree_on_senseless_rules_too(drawn):
    where, tracks = drawn
    plain = [evaluate.matches(where, track, today=by_chance.TODAY) for track in tracks]
    assert Masks(gather.table(tracks), by_chance.TODAY).of(where).tolist() == plain


@settings(max_examples=300, deadline=None, phases=PHASES)
@given(st.data())
def test_every_condition_agrees_on_a_column_of_its_own(data):
    asked = data.draw(by_chance.conditions() | by_chance.any_conditions)
    rows = data.draw(st.lists(by_chance.values([asked.field]), min_size=1, max_size=8))
    tracks = [TrackFacts(number, row) for number, row in enumerate(rows)]
    plain = [evaluate.matches(asked, track, today=by_chance.TODAY) for track in tracks]
    masks = Masks(gather.table(tracks), by_chance.TODAY)
    assert masks.of(asked).tolist() == plain
    assert masks.of(asked).tolist() == plain, "the remembered answer is the same"


def test_one_and_true_are_remembered_apart():
    from playlists.rules.nodes import Condition

    table = gather.table([TrackFacts(1, {"own": True}), TrackFacts(2, {"own": 1})])
    masks = Masks(table, by_chance.TODAY)
    assert masks.of(Condition("own", "eq", 1)).tolist() == [False, True]
    assert masks.of(Condition("own", "eq", True)).tolist() == [True, False]


def test_a_table_gives_back_the_facts_it_was_made_of():
    row = {"title": "Love", "energy": 0.5, "plays": 3, "liked": True, "genre": ("rock", "pop"),
           "added": by_chance.TODAY, "own": None}  # fmt: skip
    table = gather.table([TrackFacts(7, row), TrackFacts(8, {})])
    assert table.facts(0, list(row)) == TrackFacts(7, row)
    assert set(table.facts(1, list(row)).values.values()) == {None}
