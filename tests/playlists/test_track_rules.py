"""Which of a person's rules hold a track, and why or why not."""

from datetime import UTC, datetime

import pytest

from ingest.models import OwnFact
from playlists.models import Rule
from playlists.rules import schema, text
from tests.factories.ingest import TrackFactory, heard, sounding

MORNING = datetime(2026, 11, 20, 8, tzinfo=UTC)


def rule(user, name, query, **more):
    return Rule.objects.create(user=user, name=name, body=schema.dump(text.parse(query).query), **more)


@pytest.fixture
def song(anna):
    song, other = TrackFactory(name="Harbour"), TrackFactory(name="Other")
    heard(anna, song, MORNING)
    heard(anna, other, MORNING.replace(hour=9))
    sounding(song, energy=0.25)
    return song


def test_each_rule_says_why(client, anna, ben, song):
    client.force_login(anna)
    rule(anna, "Loud ones", "energy:0.8..")
    rule(anna, "Quiet ones", "energy:..0.4")
    rule(anna, "Just one", "plays:1.. | limit 1 by -title", is_enabled=False)
    rule(ben, "Ben’s", "plays:0..")
    page = client.get(f"/tracks/{song.pk}/rules/")
    told = {each.rule.name: (each.holds, each.is_chosen) for each in page.context["told"]}
    assert told == {"Quiet ones": (True, True), "Just one": (True, False), "Loud ones": (False, False)}
    loud = next(each for each in page.context["told"] if each.rule.name == "Loud ones")
    assert [(step.seen, step.result) for step in loud.steps] == [("", False), ("0.25", False)]
    text_ = page.content.decode()
    assert "left out by its limits" in text_
    assert "switched off" in text_
    assert "Ben" not in text_


def test_her_own_label_decides(client, anna, song):
    client.force_login(anna)
    rule(anna, "Weddings", "occasion:wedding")
    assert not client.get(f"/tracks/{song.pk}/rules/").context["told"][0].holds
    OwnFact.objects.create(user=anna, track=song, field="occasion", value="Wedding", made_at=MORNING)
    assert client.get(f"/tracks/{song.pk}/rules/").context["told"][0].is_chosen


def test_without_rules_it_leads_to_making_one(client, anna, song):
    client.force_login(anna)
    assert "/rules/new/" in client.get(f"/tracks/{song.pk}/rules/").content.decode()
    assert client.get("/tracks/999999/rules/").status_code == 404
