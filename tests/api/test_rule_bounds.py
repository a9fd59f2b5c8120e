"""Rules that are tried on what comes with them: within the bounds of what may be stored."""

import pytest

from playlists.rules import gather
from tests.api.test_rule_twins import RULE

pytestmark = pytest.mark.django_db


class TestBounds:
    """What may be stored bounds what may be tried: else one call costs as much as it likes."""

    TRACKS = [{"track_id": "t1", "enrichment": {"title": "A", "duration": 200, "n": 1}}]

    @pytest.mark.parametrize(
        ("group", "path"),
        [
            ({"limit": {"amount": 10**400, "unit": "minutes"}}, "limit.amount"),
            ({"limit": {"amount": 0}}, "limit.amount"),
            ({"limit": {"amount": 5, "unit": "years"}}, "limit.unit"),
            ({"order": ["title"] * 6}, "order"),
            ({"limit": {"amount": 5, "by": ["title"] * 6}}, "limit.by"),
            ({"apart": {"artist": 10**9}}, "apart.artist"),
            ({"conditions": [{"field": "n", "operator": "gt", "value": 10**400}]}, "conditions[0].value"),
            ({"conditions": [{"field": "title", "operator": "contains", "value": "x" * 501}]}, "conditions[0].value"),
            ({"conditions": [{"field": "n", "operator": "in", "value": list(range(501))}]}, "conditions[0].value"),
            ({"conditions": [{"field": "title", "operator": "regex", "value": f"a{n}"} for n in range(6)]},
             "conditions[5].operator"),
            ({"conditions": [{"field": "title", "operator": "regex", "value": "a" * 201}]}, "conditions[0].value"),
        ],
    )  # fmt: skip
    def test_beyond_them_it_is_refused_with_the_place(self, call, group, path):
        told = call("post", "data/rules/evaluate", {"rules": group, "enrichment": {"n": 1}}, status=422)
        assert path in [each["path"] for each in told["errors"]]
        for tracks in ({"tracks": self.TRACKS}, {}):
            body = {"rules": [RULE, RULE | {"rules": group}], **tracks}
            told = call("post", "pipeline/playlists/preview-from-rules", body, status=422)
            assert f"[1].{path}" in [each["path"] for each in told["errors"]]

    def test_a_number_beyond_all_reckoning_is_told_as_such(self, call):
        conditions = [{"field": name, "operator": "gt", "value": sign * 10**400}
                      for name in ("n", "energy", "year") for sign in (1, -1)]  # fmt: skip
        conditions.append({"field": "n", "operator": "between", "value": [-(10**400), 10**400]})
        told = call("post", "data/rules/validate", {"rules": {"conditions": conditions}})
        assert [each["code"] for each in told["errors"]] == ["number_big"] * 7

    def test_a_long_order_is_one_error_not_one_for_each_key(self, call):
        body = {"rules": {"order": ["no_such"] * 50_000}, "enrichment": {}}
        told = call("post", "data/rules/evaluate", body, status=422)
        assert [(each["path"], each["code"]) for each in told["errors"]] == [("order", "many_orders")]

    def test_what_makes_no_sense_is_still_false_as_in_the_older_tool(self, call):
        for operator, value in (("no_such", 1), ("gt", "loud"), ("between", [1]), ("regex", "("), ("in", [])):
            group = {"conditions": [{"field": "energy", "operator": operator, "value": value}]}
            assert call("post", "data/rules/evaluate", {"rules": group, "enrichment": {"energy": 0.5}}) == {
                "matches": False}  # fmt: skip
            body = {"rules": [RULE | {"rules": group}], "tracks": self.TRACKS}
            assert call("post", "pipeline/playlists/preview-from-rules", body)["playlists"][0]["track_count"] == 0

    def test_only_what_the_rules_ask_becomes_columns(self, call, monkeypatch):
        made = []
        real = gather.column
        monkeypatch.setattr(gather, "column", lambda values, type_=None: made.append(values) or real(values, type_))
        tracks = [{"track_id": f"t{n}", "enrichment": {f"own_{n}": 1, "length": 90 * n, "mine": n, "name": "A"}}
                  for n in range(1, 40)]  # fmt: skip
        rule = RULE | {"rules": {"conditions": [{"field": "mine", "operator": "gte", "value": 3}],
                                 "order": ["-mine"], "limit": {"amount": 4, "by": ["length"]}}}  # fmt: skip
        body = {"rules": [rule], "tracks": tracks}
        (found,) = call("post", "pipeline/playlists/preview-from-rules", body)["playlists"]
        assert found["track_ids"] == ["t6", "t5", "t4", "t3"]
        assert len(made) == 2  # mine, length
