"""The older tool's addresses for rules and for what is known of tracks."""

from datetime import timedelta
from urllib.parse import quote

import pytest
from django.utils import timezone

from accounts.models import Notice, User
from ingest.models import AudioFeatures, Finding, OwnFact, Tag, TrackSource, TrackTag
from playlists.models import Playlist, Rule, Schedule
from tests.factories.accounts import bearer
from tests.factories.ingest import NOON, TrackFactory, heard

pytestmark = pytest.mark.django_db
RULE = {
    "id": "happy_rule",
    "name": "Happy tracks",
    "description": "All tracks with mood happy",
    "enabled": True,
    "rules": {"operator": "and", "conditions": [{"field": "mood", "operator": "eq", "value": "happy"}]},
    "target_playlist_id": None,
}


class TestRules:
    def test_storing_gives_back_what_is_stored_and_storing_again_changes_it(self, call, anna):
        assert call("get", "data/rules") == []
        made = call("post", "data/rules", RULE)
        assert {key: made[key] for key in RULE} == RULE
        changed = call("post", "data/rules", RULE | {"name": "Gladly", "enabled": False})
        assert (changed["name"], changed["enabled"], Rule.objects.of(anna).count()) == ("Gladly", False, 1)
        assert call("get", "data/rules") == [changed]

    def test_what_is_left_out_stays(self, call, anna):
        Playlist.objects.create(owner=anna, name="There", spotify_id="theirs")
        call("post", "data/rules", RULE | {"target_playlist_id": "theirs", "priority": 7})
        again = call("post", "data/rules", {"id": "happy_rule", "name": "Happy", "rules": RULE["rules"]})
        assert (again["priority"], again["target_playlist_id"]) == (7, "theirs")
        assert call("post", "data/rules", RULE)["target_playlist_id"] is None

    def test_anothers_id_is_nobodys(self, call, anna, ben, client):
        theirs = Rule.objects.create(user=ben, key="happy_rule", name="Ben's", body=RULE["rules"])
        Playlist.objects.create(owner=ben, name="Ben's list", spotify_id="bens")
        assert call("post", "data/rules", RULE)["name"] == "Happy tracks"
        theirs.refresh_from_db()
        assert theirs.name == "Ben's"
        assert [rule["name"] for rule in call("get", "data/rules")] == ["Happy tracks"]
        refused = call("post", "data/rules", RULE | {"target_playlist_id": "bens"}, status=422)
        unknown = call("post", "data/rules", RULE | {"target_playlist_id": "nobodys"}, status=422)
        assert refused == unknown

    def test_what_is_wrong_is_told_with_its_place_and_not_stored(self, call):
        bad = RULE | {"rules": {"conditions": [{"field": "title", "operator": "regex", "value": "a("}]}, "name": ""}
        told = call("post", "data/rules", bad, status=422)
        assert {each["path"] for each in told["errors"]} == {"name"}
        told = call("post", "data/rules", bad | {"name": "x"}, status=422)
        assert told["errors"][0]["path"] == "conditions[0].value"
        assert call("get", "data/rules") == []

    @pytest.mark.parametrize(
        "group",
        [
            {"conditions": [{"field": "mo\0od", "operator": "exists"}]},
            {"conditions": [{"field": "mood", "operator": "exists", "value": "\0"}]},
            {"conditions": [{"field": "mood", "operator": "exists", "value": {"\ud800": 1}}]},
        ],
    )
    def test_what_no_database_takes_is_refused(self, call, group):
        assert call("post", "data/rules", RULE | {"rules": group}, status=422)["errors"]

    def test_nonsense_is_answered_not_stumbled_over(self, call):
        wild = {"n": 10**400, "deep": [[[{"a": None}]]], "nan": float("nan")}
        group = {"conditions": [{"field": name, "operator": "gt", "value": 1} for name in wild]}
        told = call("post", "data/rules/evaluate?trace=true", {"rules": group, "enrichment": wild})
        assert [each["result"] for each in told["trace"]] == [False, True, False, False]
        tracks = [{"track_id": 7, "enrichment": wild}, {"track_id": None}, "no track"]
        (made,) = call(
            "post", "pipeline/playlists/preview-from-rules", {"rules": [RULE | {"rules": {}}], "tracks": tracks}
        )["playlists"]
        assert made["track_ids"] == ["7"]
        for path in (
            "data/rules",
            "data/rules/validate",
            "data/rules/evaluate",
            "pipeline/playlists/preview-from-rules",
        ):
            call("post", path, [1], status=422)
            call("post", path, {"rules": "x", "tracks": 5}, status=200 if path.endswith("validate") else 422)

    def test_scopes_and_sign_in(self, call, client, anna):
        assert call("post", "data/rules", RULE, status=403, **bearer(anna, "read"))["code"] == "scope"
        assert client.get("/api/data/rules").status_code == 401
        call("post", "data/rules", RULE)
        assert call("delete", "data/rules/happy_rule", status=403, **bearer(anna, "read"))["code"] == "scope"
        assert client.delete("/api/data/rules/happy_rule").status_code == 401
        assert Rule.objects.of(anna).exists()

    def test_deleting_gives_back_what_storing_takes(self, call, anna):
        when = {"kind": "weekly", "hour": 7, "weekday": 3}
        made = call("post", "data/rules", RULE | {"target_playlist": {"name": "There"}, "schedule": when})
        key, at = str(Rule.objects.get().pk), {"created_at": NOON, "repeated_at": NOON}
        news = Notice.objects.create(user=anna, kind="schedule_stopped", key=key, text="It stopped", **at)
        assert call("delete", "data/rules/happy_rule") == made
        assert call("get", "data/rules") == []
        assert not Schedule.objects.exists()
        assert Playlist.objects.get().name == "There"
        news.refresh_from_db()
        assert news.settled_at
        call("delete", "data/rules/happy_rule", status=404)
        assert call("post", "data/rules", made) == made
        assert Schedule.objects.get().next_at is not None

    def test_what_was_deleted_in_a_browser_session_is_offered_back_there(self, call, client, anna):
        call("post", "data/rules", RULE)
        client.force_login(anna)
        assert client.delete("/api/data/rules/happy_rule").status_code == 200
        assert "Bring it back" in client.get("/rules/").content.decode()
        client.post("/rules/restore/")
        assert [rule["id"] for rule in call("get", "data/rules")] == ["happy_rule"]

    def test_a_rule_that_others_ask_is_not_deleted(self, call, client, anna):
        call("post", "data/rules", RULE)
        field = {"field": "rule", "operator": "in", "value": ["HAPPY tracks"]}
        asking = {"id": "asks", "name": "Asks it", "rules": {"conditions": [field]}}
        call("post", "data/rules", asking)
        TrackSource.objects.create(user=anna, kind="rule", asked="happy_rule", name="Result")
        through = {"field": "source", "operator": "in", "value": ["Result"]}
        call("post", "data/rules", {"id": "through", "name": "Asks its result", "rules": {"conditions": [through]}})
        told = call("delete", "data/rules/happy_rule", status=409)
        assert (told["status"], told["code"]) == (409, "in_use")
        assert told["rules"] == [{"id": "asks", "name": "Asks it"}, {"id": "through", "name": "Asks its result"}]
        assert "Asks it" in told["detail"]
        call("delete", "data/rules/through")
        call("post", "data/rules", {**RULE, "id": "double"})
        call("delete", "data/rules/happy_rule")  # another one of that name is asked from then on
        assert call("delete", "data/rules/double", status=409)["code"] == "in_use"
        call("delete", "data/rules/asks")
        call("delete", "data/rules/double")

    def test_nobody_deletes_anothers(self, call, ben):
        Rule.objects.create(user=ben, key="happy_rule", name="Ben's", body=RULE["rules"])
        told = call("delete", "data/rules/happy_rule", status=404)
        assert told == call("delete", "data/rules/nobodys", status=404)
        assert Rule.objects.of(ben).exists()

    @pytest.mark.parametrize("key", ["a/b c", "Ünï %2F?"])
    def test_any_id_can_be_deleted(self, call, key):
        call("post", "data/rules", RULE | {"id": key})
        call("delete", f"data/rules/{quote(key, safe='')}")
        assert call("get", "data/rules") == []

    def test_programs_find_it_described(self, client):
        paths = client.get("/api/openapi.json").json()["paths"]
        told = paths["/api/data/rules/{rule_id}"]["delete"]
        assert {"Bearer", "SessionAuth"} & {name for each in told["security"] for name in each}
        assert "409" in told["responses"]


class TestValidate:
    def test_real_errors_with_paths(self, call):
        conditions = [
            {"field": "mood", "operator": "eq", "value": "calm"},
            {"operator": "or", "conditions": [{"field": "x", "operator": "resembles", "value": 1}]},
            {"field": "energy", "operator": "between", "value": [0.9, 0.1]},
        ]
        told = call("post", "data/rules/validate", {"rules": {"conditions": conditions}})
        assert not told["valid"]
        assert [each["path"] for each in told["errors"]] == [
            "conditions[1].conditions[0].operator",
            "conditions[2].value",
        ]

    def test_warnings_about_what_nobody_knows(self, call, track):
        group = {"conditions": [{"field": "my_own_category", "operator": "eq", "value": "x"}]}
        told = call("post", "data/rules/validate", {"rules": group})
        assert told["valid"]
        assert [(each["path"], each["code"]) for each in told["warnings"]] == [("conditions[0].field", "unknown_field")]

    @pytest.mark.parametrize("sent", [{"rules": 5}, {"rules": {"conditions": 7}}, {"rules": None}])
    def test_what_is_no_group(self, call, sent):
        assert not call("post", "data/rules/validate", sent)["valid"]

    def test_a_whole_rule(self, call):
        assert call("post", "data/rules/validate", RULE) == {"valid": True, "errors": [], "warnings": [
            {"path": "conditions[0].field", "message": "Mood is not known for any of your tracks yet, so this is never "
             "true.", "code": "no_coverage"}]}  # fmt: skip
        assert call("post", "data/rules/validate", RULE | {"enabled": "on"})["errors"][0]["path"] == "enabled"


class TestEvaluate:
    @pytest.mark.parametrize(
        ("conditions", "enrichment", "matches"),
        [
            ([{"field": "mood", "operator": "in", "value": ["happy", "calm"]}], {"mood": "calm"}, True),
            ([{"field": "energy", "operator": "gte", "value": 0.8},
              {"field": "genre", "operator": "in", "value": ["rock", "metal"]}],
             {"energy": 0.8, "genre": "metal"}, True),
            ([{"field": "energy", "operator": "gte", "value": 0.8}], {"energy": True}, False),
            ([{"field": "mood", "operator": "ne", "value": "x"}], {}, True),
            ([{"field": "tags", "operator": "contains", "value": "live"}], {"tags": ["live", "loud"]}, True),
            ([{"field": "mood", "operator": "no_such", "value": "x"}], {"mood": "x"}, False),
            ([], {}, True),
        ],
    )  # fmt: skip
    def test_as_the_older_tool(self, call, conditions, enrichment, matches):
        body = {"rules": {"conditions": conditions}, "enrichment": enrichment}
        assert call("post", "data/rules/evaluate", body) == {"matches": matches}

    def test_the_trace_says_what_each_condition_saw_and_who_told_it(self, call):
        entries = [
            {"source": "external_features", "categories": {"mood": "dark", "energy": 0.7}},
            {"source": "broken", "categories": "none"},
            {"source": "manual", "categories": {"mood": "happy"}},
        ]
        group = {"operator": "or", "conditions": [
            {"field": "mood", "operator": "eq", "value": "happy"},
            {"field": "energy", "operator": "gt", "value": 0.9}]}  # fmt: skip
        told = call("post", "data/rules/evaluate?trace=true", {"rules": group, "enrichment": entries})
        assert told["matches"]
        seen = [(each["path"], each["seen"], each["provider"], each["result"]) for each in told["trace"]]
        assert seen == [
            ("", None, None, True),
            ("conditions[0]", "happy", "manual", True),
            ("conditions[1]", 0.7, "external_features", False),
        ]


class TestPreview:
    def test_matches_in_the_order_of_the_tracks_without_rules_that_are_off(self, call):
        tracks = [{"track_id": f"t{number}", "enrichment": {"mood": mood}}
                  for number, mood in ((3, "happy"), (1, "sad"), (2, "happy"))]  # fmt: skip
        body = {"rules": [RULE, RULE | {"id": "off", "enabled": False}], "tracks": tracks}
        assert call("post", "pipeline/playlists/preview-from-rules", body)["playlists"] == [
            {"rule_id": "happy_rule", "rule_name": "Happy tracks", "track_ids": ["t3", "t2"], "track_count": 2,
             "target_playlist_id": None}]  # fmt: skip

    def test_ones_own_rules_and_tracks(self, call, anna, track):
        call("post", "data/rules", RULE | {"rules": {"conditions": []}})
        (made,) = call("post", "pipeline/playlists/preview-from-rules", {})["playlists"]
        assert made["track_ids"] == [track.spotify_id]


class TestWhatIsKnown:
    def test_tracks_are_ones_own(self, call, ben, track):
        heard(ben, TrackFactory(name="Not hers"), NOON)
        told = call("get", "data/tracks")
        assert (told["total"], [each["name"] for each in told["tracks"]]) == (1, ["Teardrop"])
        assert told["tracks"][0]["id"] == track.spotify_id
        assert call("get", "data/tracks?offset=5&limit=0")["tracks"] == []

    def test_enrichments_are_a_mapping_of_lists_ones_own_word_last(self, call, anna, ben, track):
        assert call("get", "data/enrichments") == {}
        for provider, trust, values in (("reccobeats", 0.9, {"energy": 0.7}), ("estimate", 0.2, {"energy": 0.1})):
            Finding.objects.create(track=track, provider=provider, values=values, confidence=trust, fetched_at=NOON)
        Finding.objects.create(track=track, provider="lrclib", values="broken", fetched_at=NOON)
        for user, mood in ((anna, "mine"), (ben, "his")):
            OwnFact.objects.create(user=user, track=track, field="moods", value=[mood], made_at=NOON)
        entries = call("get", "data/enrichments")[track.spotify_id]
        assert [each["source"] for each in entries] == ["estimate", "external_features", "manual"]
        assert [each["categories"] for each in entries] == [{"energy": 0.1}, {"energy": 0.7}, {"mood": ["mine"]}]

    def test_features(self, call, track):
        AudioFeatures.objects.create(track=track, energy=0.25, sources={"energy": "reccobeats"})
        Finding.objects.create(track=track, provider="reccobeats", values={"energy": 0.25}, fetched_at=NOON)
        accepted = {track.spotify_id: {"energy": 0.25, "sources": {"energy": "reccobeats"}}}
        assert call("get", "data/features") == call("get", "data/features/external_features") == accepted
        assert call("get", "data/features/acousticbrainz") == {track.spotify_id: {"energy": 0.25}}
        call("get", "data/features/nobody", status=404)
        assert {"reccobeats", "manual"} <= {each["id"] for each in call("get", "data/providers")}

    def test_fields_say_what_the_data_hold(self, call, track):
        AudioFeatures.objects.create(track=track, energy=0.25, tempo_bpm=132.938, sources={})
        told = {each["name"]: each for each in call("get", "data/fields")}
        assert told["energy"] == {
            "name": "energy", "type": "number", "label": "Energy", "unit": "", "personal": False, "low": 0, "high": 1,
            "tracks": 1, "coverage": 1, "examples": ["0.25"]}  # fmt: skip
        assert told["tempo_bpm"]["examples"] == ["132.938"]
        assert told["title"]["examples"] == [track.name]
        assert told["duration"]["examples"] == ["3:20"]
        assert (told["mood"]["tracks"], told["mood"]["examples"]) == (0, [])
        assert told["plays"]["personal"]

    def test_a_classification_is_corrected_for_oneself_alone(self, call, client, ben, track):
        tag = Tag.objects.create(name="calm", kind=Tag.Kind.MOOD)
        TrackTag.objects.create(track=track, tag=tag, weight=1, source="lastfm")
        before = {track.spotify_id: {"mood": "calm", "genre": None, "year": 1998}}
        assert call("get", "data/classifications/mood_v1") == call("get", "data/classifications") == before
        labels = {"mood": "smoke_test", "genre": "smoke", "year": 2000}
        path = f"data/classifications/mood_v1/{track.spotify_id}"
        assert call("patch", path, {"labels": labels}) == {
            "classifier_id": "mood_v1", "track_id": track.spotify_id, "labels": labels}  # fmt: skip
        assert call("get", "data/classifications/mood_v1") == {track.spotify_id: labels}
        rule = {"conditions": [{"field": "mood", "operator": "eq", "value": "smoke_test"}]}
        call("post", "data/rules", RULE | {"rules": rule})
        assert call("post", "pipeline/playlists/preview-from-rules", {})["playlists"][0]["track_count"] == 1
        heard(ben, track, NOON)
        assert call("get", "data/classifications/mood_v1", **bearer(ben)) == before
        assert call("patch", path, {"labels": {"mood": None}})["labels"]["mood"] == "calm"

    @pytest.mark.parametrize(
        "labels", [{"mood": 5}, {"year": "1999"}, {"year": 99999}, {"colour": "red"}, {"mood": ""}]
    )
    def test_what_is_no_label(self, call, track, labels):
        call("patch", f"data/classifications/mood_v1/{track.spotify_id}", {"labels": labels}, status=422)
        assert not OwnFact.objects.exists()

    def test_others_tracks_are_not_there(self, call, ben):
        theirs = TrackFactory()
        heard(ben, theirs, NOON)
        for asked in (theirs.spotify_id, str(theirs.pk), "nothing", "9" * 30):
            call("patch", f"data/classifications/mood_v1/{asked}", {"labels": {"mood": "x"}}, status=404)


def test_a_mapping_is_paged_by_its_header(client, anna):
    for number in range(3):
        made = TrackFactory()
        heard(anna, made, timezone.now() - timedelta(hours=number + 1))
        AudioFeatures.objects.create(track=made, energy=0.5)
    answer = client.get("/api/data/features?limit=2", **bearer(User.objects.get(username="anna")))
    assert (len(answer.json()), answer["X-Total-Count"]) == (2, "3")
    assert 'limit=2&offset=2>; rel="next"' in answer["Link"]
