"""The three faces turn into each other without loss."""

import json

import pytest
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from playlists.rules import builder, printer, schema, text
from playlists.rules.nodes import ALL, ANY, NONE, Apart, Condition, Group, Limit, Order, Query, at
from playlists.rules.problems import Invalid
from tests.pure.rules import given as by_chance

PHASES = (Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink)


def same(one: Query, other: Query) -> bool:
    """As repr says it, for 1 == 1.0 == True."""
    return repr(one) == repr(other)


@settings(max_examples=150, deadline=None, phases=PHASES)
@given(by_chance.queries)
def test_every_valid_rule_goes_through_all_three_faces_unchanged(query):
    typed = text.parse(printer.write(query)).query
    as_json = schema.loads(schema.dumps(typed))
    built = builder.from_form(builder.to_form(as_json))
    assert same(built, query)


@settings(max_examples=150, deadline=None, phases=PHASES)
@given(by_chance.any_queries)
def test_even_senseless_rules_survive_all_three_faces(query):
    assert same(text.parse(printer.write(query)).query, query)
    assert same(schema.loads(schema.dumps(query)), query)
    form = builder.to_form(query)
    assert same(builder.from_form(form), query)
    assert not any(set("\r\n") & set(value) for name, value in form.items() if name.endswith(("-value", "-to")))


@settings(max_examples=60, deadline=None, phases=PHASES)
@given(by_chance.queries)
def test_each_node_has_its_place_in_the_text(query):
    source = printer.write(query)
    parsed = text.parse(source)
    for path, (start, end) in parsed.spans.items():
        node = at(parsed.query.where, path)
        if isinstance(node, Condition):
            assert same(Query(Group(ALL, (node,))), text.parse(source[start:end]).query)


@settings(max_examples=400, deadline=None, phases=PHASES)
@given(st.text(st.sampled_from('ab:.=<>!~-(),|"/*\\ 0123d[]'), max_size=40))
@example('a:"')
@example('a:op"x"')
@example("any(")
def test_any_text_is_read_or_refused_with_a_place(source):
    try:
        query = text.parse(source).query
    except Invalid as exc:
        problem = exc.problems[0]
        assert problem.start is not None
        assert problem.end is not None
        assert 0 <= problem.start < problem.end
        assert problem.start <= len(source)
        assert problem.words
    else:
        assert same(text.parse(printer.write(query)).query, query)


def text_with(value: str) -> Condition:
    return Condition("text", "contains", value, ignore_case=True)


READS = [
    ("mood:calm energy:..0.4 , year:1990..1999 -artist:\"X\"",
     Group(ANY, (
         Group(ALL, (Condition("mood", "contains", "calm", True), Condition("energy", "lte", 0.4))),
         Group(ALL, (Condition("year", "between", (1990, 1999)),
                     Group(NONE, (Condition("artist", "contains", "X", True),)))),
     ))),
    ("radiohead \"ok computer\"",
     Group(ALL, (text_with("radiohead"), text_with("ok computer")))),
    ("title::Love title:love* title:*love title=Love title=~love",
     Group(ALL, (Condition("title", "contains", "Love"), Condition("title", "starts_with", "love", True),
                 Condition("title", "ends_with", "love", True), Condition("title", "eq", "Love"),
                 Condition("title", "eq", "love", True)))),
    ("genre:(rock, hard metal) genre=(a) genre!=~(b) genre:+(c, d)",
     Group(ALL, (Condition("genre", "any_of", ("rock", "hard metal"), True), Condition("genre", "in", ("a",)),
                 Condition("genre", "not_in", ("b",), True), Condition("genre", "all_of", ("c", "d"), True)))),
    ("added:30d last_heard<-6m released>2020-01-31 has:genre no:isrc",
     Group(ALL, (Condition("added", "in_last_days", 30), Condition("last_heard", "before", "-6m"),
                 Condition("released", "after", "2020-01-31"), Condition("genre", "exists"),
                 Condition("isrc", "not_exists")))),
    ("duration:3:30..4:00 loudness_db:-12.. explicit:no plays=0 title:/^a b/i",
     Group(ALL, (Condition("duration", "between", (210, 240)), Condition("loudness_db", "gte", -12),
                 Condition("explicit", "eq", False), Condition("plays", "eq", 0),
                 Condition("title", "regex", "^a b", True)))),
    ("added:2020-01..2020-06",
     Group(ALL, (
         Group(ALL, (Condition("added", "after", "2019-12-31"), Condition("added", "before", "2020-07-01"))),
     ))),
    ("playlist:\"Road trip\" title:1999 year:1999 vibe:5",
     Group(ALL, (Condition("playlist", "in_playlist", "Road trip", True), Condition("title", "contains", "1999", True),
                 Condition("year", "eq", 1999), Condition("vibe", "eq", 5)))),
    ("-(a b) none(a b) any(a) (a , b)",
     Group(ALL, (Group(NONE, (Group(ALL, (text_with("a"), text_with("b"))),)),
                 Group(NONE, (text_with("a"), text_with("b"))),
                 Group(ANY, (text_with("a"),)),
                 Group(ANY, (text_with("a"), text_with("b")))))),
]  # fmt: skip


@pytest.mark.parametrize(("source", "where"), READS, ids=[source for source, _where in READS])
def test_a_typed_query_means(source, where):
    assert same(Query(text.parse(source).query.where), Query(where))


def test_settings_follow_after_bars():
    query = text.parse("liked:yes | limit 90 minutes by -plays, title | order random | apart artist 3 album 2").query
    assert query.limit == Limit(90, "minutes", (Order("plays", True), Order("title")))
    assert (query.order, query.apart) == ((Order("random"),), Apart(3, 2))


BROKEN = [
    ('title:"love', "unclosed_quote", 6), ("(a b", "unclosed_bracket", 0), ("a ) b", "stray", 2),
    ("title:", "no_value", 6),
    ("a , , b", "no_condition", 4), (", a", "no_condition", 0), ('title:"a\\q"', "bad_escape", 8),
    ("title:/love", "unclosed_pattern", 6), ("a | sort b", "no_such_setting", 4), ("a | limit x", "bad_limit", 4),
    ("a | apart artist", "bad_apart", 4), ("a | order b | order c", "twice", 14), ("- a", "no_condition", 0),
    ("genre:(a, b", "unclosed_bracket", 6), ("added:2020..never", "bad_date_range", 6),
    ('a:json"{"', "bad_json_value", 2),
]  # fmt: skip


@pytest.mark.parametrize(("source", "code", "start"), BROKEN)
def test_what_is_wrong_is_said_with_its_exact_place(source, code, start):
    with pytest.raises(Invalid) as caught:
        text.parse(source)
    assert [(each.code, each.start) for each in caught.value.problems] == [(code, start)]


def test_classic_json_is_taken_as_it_is():
    query = schema.load(
        {"conditions": [
            {"field": "energy", "operator": "gte", "value": 0.8},
            {"operator": "or", "conditions": [{"field": "mood", "operator": "eq", "value": "happy"}]},
        ]}
    )  # fmt: skip
    assert query.where == Group(ALL, (Condition("energy", "gte", 0.8), Group(ANY, (Condition("mood", "eq", "happy"),))))
    assert schema.dump(query)["conditions"][1]["operator"] == "or"


def test_a_whole_rule_pasted_as_json_is_its_group():
    group = {"operator": "or", "conditions": [{"field": "mood", "operator": "eq", "value": "happy"}]}
    assert same(schema.loads(json.dumps({"id": "r1", "name": "Happy", "rules": group})), schema.load(group))


WRONG_JSON = [
    ([], "", "not_a_group"),
    ({"operator": 5, "conditions": []}, "operator", "not_text"),
    ({"conditions": {}}, "conditions", "not_a_list"),
    ({"operator": "and", "condition": []}, "conditions", "missing"),
    ({"field": "a", "operator": "eq", "value": 1}, "conditions", "missing"),
    (
        {"conditions": [{"field": "a", "operator": "eq", "ignore_case": "yes"}]},
        "conditions[0].ignore_case",
        "needs_truth",
    ),
    ({"conditions": [5]}, "conditions[0]", "not_a_condition"),
    ({"conditions": [{"field": "a"}]}, "conditions[0].operator", "missing"),
    ({"conditions": [{"conditions": [{"operator": "eq"}]}]}, "conditions[0].conditions[0].field", "missing"),
    ({"limit": {"amount": "x"}}, "limit.amount", "not_whole"),
    ({"order": [5]}, "order", "not_an_order"),
    ({"apart": 3}, "apart", "not_apart"),
]


@pytest.mark.parametrize(("data", "at_", "code"), WRONG_JSON)
def test_what_is_wrong_in_json_is_said_with_its_path(data, at_, code):
    with pytest.raises(Invalid) as caught:
        schema.load(data)
    assert (caught.value.problems[0].at, caught.value.problems[0].code) == (at_, code)


@pytest.mark.parametrize(
    "source", ["[" * 100_000, '{"conditions":[' * 5_000, "{", '{"a": NaN}', "x" * 300_000, json.dumps(["a"])]
)
def test_hostile_json_is_refused(source):
    with pytest.raises(Invalid):
        schema.loads(source)


def test_json_deeper_than_ten_is_refused_at_its_place():
    data: dict = {"field": "a", "operator": "eq", "value": 1}
    for _level in range(11):
        data = {"operator": "and", "conditions": [data]}
    with pytest.raises(Invalid) as caught:
        schema.load(data)
    assert [(each.code, each.at.count("conditions")) for each in caught.value.problems] == [("too_deep", 10)]


@pytest.mark.parametrize("source", ["(" * 5_000, "-" * 5_000 + "a", "any(" * 3_000, "a " * 9_999, "a," * 9_999])
def test_hostile_text_is_refused_at_once(source):
    with pytest.raises(Invalid) as caught:
        text.parse(source)
    assert caught.value.problems[0].code in ("too_deep", "too_many")


def test_ten_levels_are_read_and_eleven_refused():
    assert text.parse("(" * 9 + "a" + ")" * 9).query.where.nodes
    for source in ("(" * 10 + "a" + ")" * 10, "any(" * 11 + "a" + ")" * 11):
        with pytest.raises(Invalid):
            text.parse(source)
    assert text.parse("any(" * 10 + "a" + ")" * 10).query.where.operator == ANY


def test_two_hundred_conditions_are_read():
    assert len(text.parse("a " * 200).query.where.nodes) == 200


def test_buttons_of_the_builder():
    query = text.parse("title:a (title:b , title:c)").query
    grown = builder.edited(query, "add:1")
    assert len(grown.where.nodes[1].nodes) == 3  # type: ignore[union-attr]
    assert builder.edited(query, "remove:1-0").where.nodes[1] == Group(
        ANY, (Condition("title", "contains", "c", True),)
    )
    assert printer.write(builder.edited(query, "up:1")) == "(title:b , title:c) title:a"
    assert isinstance(builder.edited(query, "group:").where.nodes[2], Group)
    for odd in ("", "add", "add:9-9", "remove:", "up:0", "dance:1", "remove:x", "add:0"):
        assert builder.edited(query, odd).where in (query.where, builder.edited(query, "add:").where)


def test_a_huge_form_is_cut_to_what_is_refused_anyway():
    form = {"n-group": "all"}
    for number in range(5_000):
        form |= {f"n-{number}-field": "title", f"n-{number}-operator": "contains", f"n-{number}-value": "a"}
    assert 200 < len(builder.from_form(form).where.nodes) < 210
