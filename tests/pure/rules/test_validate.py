"""What is wrong with a rule is said with its place in every face, and nothing typed costs more than a bounded time."""

from time import perf_counter

import numpy as np
import pytest
from hypothesis import given, settings

from playlists.rules import fields, printer, schema, text, validate
from playlists.rules.masks import Masks
from playlists.rules.nodes import ALL, MAX_NODES, Condition, Group, Limit, Order, Query
from playlists.rules.problems import WORDS
from playlists.rules.table import Coded, Numbers, Table
from tests.pure.rules import given as by_chance

WRONG = [
    # typed query, code, path in JSON, the text it points to
    ("energy:love", "operator_unfit", "conditions[0].operator", "energy:love"),
    ("a year:1999..1990", "reversed", "conditions[1].value", "year:1999..1990"),
    ("year=x", "needs_number", "conditions[0].value", "year=x"),
    ("(liked=perhaps , a)", "needs_truth", "conditions[0].conditions[0].value", "liked=perhaps"),
    ("added:before(soon)", "needs_date", "conditions[0].value", "added:before(soon)"),
    ("added:0d", "needs_days", "conditions[0].value", "added:0d"),
    ("genre=()", "needs_list", "conditions[0].value", "genre=()"),
    ("year:between([1])", "needs_two_numbers", "conditions[0].value", "year:between([1])"),
    ('title:""', "needs_value", "conditions[0].value", 'title:""'),
    ("title:contains(5)", "needs_text", "conditions[0].value", "title:contains(5)"),
    ("title:sounds_like(x)", "unknown_operator", "conditions[0].operator", "title:sounds_like(x)"),
    ("xor(a b)", "unknown_group", "operator", "xor(a b)"),
    ("a -(title:/(/)", "bad_pattern", "conditions[1].conditions[0].conditions[0].value", "title:/(/"),
    ("energy>1e200", "number_big", "conditions[0].value", "energy>1e200"),
    ('"":x', "empty_field", "conditions[0].field", '"":x'),
    (" ".join(["title:/a/"] * 6), "many_patterns", "conditions[5].operator", "title:/a/"),
    (" ".join(f"plays_{n}d>1" for n in range(1, 10)), "many_windows", "conditions[8].field", "plays_9d>1"),
]


@pytest.mark.parametrize(("source", "code", "at", "piece"), WRONG, ids=[f"{w[1]}" for w in WRONG])
def test_wrong_conditions_are_named_with_their_place(source, code, at, piece):
    parsed = text.parse(source)
    (problem,) = [each for each in validate.check(parsed.query, spans=parsed.spans) if not each.warning]
    assert (problem.code, problem.at) == (code, at)
    assert source[problem.start : problem.end] == piece
    assert problem.words
    through_json = schema.load(schema.dump(parsed.query))
    assert [each.at for each in validate.errors(through_json)] == [at]


WARNED = [
    ("energy>2", "out_of_range"),
    ("skip_rate:-1..-0.5", "out_of_range"),
    ("year>=2000 (a year<2000)", "contradiction"),
    ("energy>0.5 energy<0.5", "contradiction"),
    ("language=fr language=de", "contradiction"),
    ("no:genre genre:rock", "contradiction"),
    ("any()", "empty_any"),
    ("vibe:5", "unknown_field"),
    ("mood:calm", "no_coverage"),
]


@pytest.mark.parametrize(("source", "code"), WARNED)
def test_what_can_never_be_true_is_warned_of(source, code):
    found = validate.check(text.parse(source).query, coverage={name: 1.0 for name in fields.REGISTRY if name != "mood"})
    assert [(each.code, each.warning) for each in found] == [(code, True)]


@pytest.mark.parametrize(
    "source",
    ["energy>0.5 energy<0.6", "year:1990..1999 year:1999..2005", "(year<1990 , year>2000)", "no:mood", "-mood:calm",
     "language=fr , language=de", "genre=rock genre=pop", "no:genre -genre:rock"],
)  # fmt: skip
def test_what_can_be_true_is_not(source):
    found = validate.check(text.parse(source).query, coverage=dict.fromkeys(fields.REGISTRY, 1.0))
    assert found == []


@settings(max_examples=150, deadline=None)
@given(by_chance.queries)
def test_the_generated_valid_rules_are_valid(query):
    assert validate.errors(query) == []


@settings(max_examples=150, deadline=None)
@given(by_chance.any_queries)
def test_validation_itself_never_fails(query):
    for problem in validate.check(query, coverage={}):
        assert problem.words
        assert problem.code in WORDS


def test_settings_are_checked():
    query = Query(limit=Limit(0, "songs", (Order("genre"),)), order=(Order("nonsense"),))
    assert [(each.code, each.at) for each in validate.errors(query)] == [
        ("limit_range", "limit.amount"),
        ("unknown_unit", "limit.unit"),
        ("unknown_order", "limit.by[0]"),
        ("unknown_order", "order[0]"),
    ]


def test_a_rule_made_by_hand_too_deep_or_too_long_is_refused():
    deep = Condition("title", "contains", "a")
    for _level in range(11):
        deep = Group(ALL, (deep,))
    assert "too_deep" in {each.code for each in validate.errors(Query(deep))}
    many = Query(Group(ALL, (Condition("title", "contains", "a"),) * (MAX_NODES + 1)))
    assert [each.code for each in validate.errors(many)] == ["too_many"]


SIZE = 20_000
HOSTILE = {
    "patterns": " ".join(["title:/(a|b)*a(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)$/", "title:/(.*)(.*)(.*)x/"] * 2),
    "nested repetition": "title:/((a?){30}){20}b/",
    "texts": " , ".join(f'title:"{"a" * 400}{number}"' for number in range(40)),
    "lists": "genre:+(" + ", ".join(f"g{number}" for number in range(500)) + ")",
    "windows and numbers": " ".join(f"energy>0.{number}" for number in range(1, 200)),
}


@pytest.mark.parametrize("source", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_rules_are_answered_in_bounded_time(source):
    query = text.parse(source).query
    assert validate.errors(query) == []
    rng = np.random.default_rng(5)
    titles = ["".join(letters) for letters in rng.choice(["a", "b"], (SIZE, 60))]
    table = Table(
        np.arange(SIZE), {"title": Coded(np.arange(SIZE, dtype=np.int32), titles), "energy": Numbers(rng.random(SIZE))}
    )
    began = perf_counter()
    Masks(table, by_chance.TODAY).of(query.where)
    assert perf_counter() - began < 5, "seconds for 20,000 long titles on a busy machine; 0.5 when alone"


def test_patterns_that_need_too_much_memory_are_refused():
    query = text.parse("title:/.{0,1000}x.{0,1000}x.{0,1000}x.{0,1000}x.{0,1000}x.{0,1000}x.{0,1000}x/").query
    assert [each.code for each in validate.errors(query)] == ["bad_pattern"]


def test_contradictions_name_the_other_condition():
    (problem,) = validate.check(text.parse("year>=2000 year<1990").query)
    assert problem.params["other"] == "year:2000.."
    assert printer.write_condition(Condition("year", "gte", 2000)) == "year:2000.."
