"""Enrichments and rules as JSON that anybody may send: read, never raised over, and asked by masks as one by one."""

import json
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playlists import enrichment, rule_sets
from playlists.rules import gather
from playlists.rules.evaluate import TrackFacts, matches
from playlists.rules.masks import Masks
from playlists.rules.nodes import ALL, Condition, Group
from playlists.rules.operators import OPERATORS
from playlists.rules.problems import Invalid
from playlists.rules.schema import value_of

TODAY = date(2026, 11, 20)
PLAIN = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just(10**400)
JSON = st.recursive(
    PLAIN,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)
KEYS = ("id", "name", "rules", "enabled", "weight", "target_playlist", "target_playlist_id", "schedule")
NAMES = st.sampled_from(["mood", "energy", "genre", "released", "liked", "my own"])
FLAT = st.dictionaries(NAMES, JSON, max_size=4)


def test_the_later_word_wins():
    told = [
        {"source": "a", "categories": {"mood": "dark", "energy": 0.7}},
        {"source": "b", "categories": {"mood": "happy"}},
    ]
    view = enrichment.view(told)
    assert view.values == {"mood": "happy", "energy": 0.7}
    assert view.told_by == {"mood": "b", "energy": "a"}


@pytest.mark.parametrize("told", [None, 5, "text", [], [5, None, {"categories": [1]}, {"source": 3, "categories": {}}]])
def test_what_is_no_entry_is_passed_over(told):
    assert enrichment.view(told).values == {}


@settings(max_examples=300, deadline=None)
@given(
    st.lists(FLAT, max_size=5),
    st.builds(Condition, NAMES, st.sampled_from([*OPERATORS, "none such"]), JSON.map(value_of), st.booleans()),
)
def test_masks_say_the_same_as_one_by_one(told, asked):
    rows = [TrackFacts(number, enrichment.view(each).facts) for number, each in enumerate(told)]
    group = Group(ALL, (asked,))
    found = Masks(gather.table(rows), TODAY).of(group)
    assert np.array_equal(found, [matches(group, row, today=TODAY) for row in rows])


@settings(max_examples=300, deadline=None)
@given(JSON | st.fixed_dictionaries({}, optional=dict.fromkeys(KEYS, JSON)))
def test_any_json_is_a_rule_or_is_refused_in_words(sent):
    try:
        told = rule_sets.load(sent)
    except Invalid as exc:
        refused = [each.words for each in exc.problems]
        assert refused
        return
    assert rule_sets.load(json.loads(json.dumps(rule_sets.dump(told)))) == told
