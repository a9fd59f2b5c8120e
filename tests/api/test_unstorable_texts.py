"""Texts that no database takes are refused in words, wherever a program may send them."""

import pytest

from ingest.models import OwnFact
from tests.api.test_rule_twins import RULE

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("text", ["\ud800", "a\udfffb", "a\0b"])
class TestTextsThatNoDatabaseTakes:
    def test_as_labels(self, call, track, text):
        path = f"data/classifications/mood_v1/{track.spotify_id}"
        for labels in ({"mood": text}, {"genre": ["rock", text]}, {text: "x"}):
            call("patch", path, {"labels": labels}, status=422)
        assert not OwnFact.objects.exists()

    @pytest.mark.parametrize(("part", "path"), [("id", "target_playlist_id"), ("name", "target_playlist.name")])
    def test_as_the_target_of_a_rule(self, call, text, part, path):
        told = call("post", "data/rules", RULE | {"target_playlist": {part: text}}, status=422)
        assert [each["path"] for each in told["errors"]] == [path]

    def test_in_a_rule(self, call, text):
        group = {"conditions": [{"field": "mood", "operator": "eq", "value": text}]}
        for more in (
            {"name": text},
            {"id": text},
            {"description": text},
            {"rules": group},
            {"target_playlist_id": text},
        ):
            call("post", "data/rules", RULE | {"target_playlist": None} | more, status=422)
