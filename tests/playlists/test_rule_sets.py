"""Rules out and in again: files, the classic lists, all at a glance, deleted and brought back."""

import json

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from ingest.actions import export_parts
from ingest.models import Tag, TrackTag
from playlists.actions import rule_sets, schedules
from playlists.models import Playlist, Rule, Schedule
from playlists.rule_sets import dump, load, load_many
from playlists.rules import schema, text
from playlists.rules.problems import Invalid
from tests.factories.ingest import NOON, TrackFactory, heard, tagged

OLD = {  # as the older tool wrote it
    "id": "happy_rule",
    "name": "Happy tracks",
    "description": "All tracks with mood happy",
    "enabled": True,
    "rules": {"operator": "and", "conditions": [{"field": "mood", "operator": "eq", "value": "happy"}]},
    "target_playlist_id": None,
}
QUERY = '(energy:0.8.. genre:(rock, metal)) , -artist:="The X" , title:/^a.b$/ | limit 90 minutes by -plays, title'


@pytest.fixture
def browser(client: Client, anna: User) -> Client:
    client.force_login(anna)
    return client


@pytest.fixture
def rule(anna: User) -> Rule:
    playlist = Playlist.objects.create(owner=anna, name="Loud")
    made = Rule.objects.create(
        user=anna, name="Löud “1”", description="With\nlines", body=schema.dump(text.parse(QUERY).query),
        playlist=playlist, priority=4, weight=3, is_enabled=False,
    )  # fmt: skip
    schedules.keep(rule=made, kind="weekly", hour=23, weekday=7, now=timezone.now())
    return made


def test_what_goes_out_comes_in_again_without_loss(browser, anna, ben, rule):
    file = browser.get("/rules/export.json")
    assert "attachment" in file["Content-Disposition"]
    before = rule_sets.told(Rule.objects.get())
    client = Client()
    client.force_login(ben)
    assert client.post("/rules/import/", {"text": file.content.decode()}).status_code == 302
    after = Rule.objects.of(ben).get()
    assert rule_sets.told(after) == before
    assert (after.pk, after.playlist.owner, after.schedule.kind) != (rule.pk, anna, "")


def test_the_export_of_everything_has_them_too(anna, ben, rule):
    (part,) = [each for each in export_parts.all_parts() if each.name == "rules.json"]
    sets = load_many(json.loads(json.dumps(part.told(anna))))
    assert sets == [rule_sets.told(rule)]
    assert part.told(ben)["rules"] == []


def test_importing_again_changes_nothing(browser, anna, rule):
    file = browser.get(f"/rules/export.json?rule={rule.pk}").content.decode()
    answer = browser.post("/rules/import/", {"text": file}, follow=True)
    assert b"1 was here already" in answer.content
    assert Rule.objects.of(anna).count() == 1


@pytest.mark.parametrize(
    ("replace", "names"), [({}, ["Löud “1”", "Löud “1” (imported)"]), ({"replace": "on"}, ["Löud “1”"])]
)
def test_one_that_differs_comes_beside_or_instead(browser, anna, rule, replace, names):
    file = json.loads(browser.get("/rules/export.json").content)
    file["rules"][0]["priority"] = 9
    browser.post("/rules/import/", {"text": json.dumps(file), **replace})
    assert sorted(Rule.objects.of(anna).values_list("name", flat=True)) == names
    assert Rule.objects.of(anna).filter(priority=9).count() == 1


def test_all_or_nothing_with_the_place_of_what_is_wrong(browser, anna):
    bad = OLD | {"id": "b", "rules": {"conditions": [{"field": "energy", "operator": "between", "value": [1]}]}}
    answer = browser.post("/rules/import/", {"text": json.dumps([OLD, bad])})
    assert answer.status_code == 422
    assert "[1].conditions[0].value: Needs two numbers." in answer.content.decode()
    assert not Rule.objects.of(anna).exists()


@pytest.mark.parametrize(
    "sent", ["", "{", "[1]", '{"name": "x"}', '{"rules": 7, "name": "x"}', "\ufeff", "null", "[" * 9000]
)
def test_what_is_no_rule_is_refused_in_words(browser, anna, sent):
    answer = browser.post("/rules/import/", {"text": sent})
    assert answer.status_code == 422
    assert "Nothing came in" in answer.content.decode() or "errorlist" in answer.content.decode()


def test_the_older_form_is_read_as_it_is():
    (told,) = load_many({"rules": [OLD]})
    assert dump(told)["rules"] == OLD["rules"]
    assert (told.id, told.enabled, told.target) == ("happy_rule", True, None)
    assert load({"name": "x", "rules": {}}).enabled
    with pytest.raises(Invalid, match="Needs yes or no"):
        load(OLD | {"enabled": "yes"})


def test_a_deleted_rule_is_brought_back_whole(browser, anna, rule):
    before = rule_sets.told(rule)
    browser.post(f"/rules/{rule.pk}/do/", {"do": "delete"})
    assert not Rule.objects.of(anna).exists()
    assert "Bring it back" in browser.get("/rules/").content.decode()
    browser.post("/rules/restore/")
    assert rule_sets.told(Rule.objects.select_related("schedule").get()) == before
    assert Schedule.objects.get().next_at is not None
    browser.post("/rules/restore/")
    assert Rule.objects.of(anna).count() == 1


def test_a_rule_that_others_ask_stays(browser, anna, rule):
    Rule.objects.create(user=anna, name="Asks it", body=schema.dump(text.parse(f'rule:"{rule.key}"').query))
    page = browser.post(f"/rules/{rule.pk}/do/", {"do": "delete"}, follow=True).content.decode()
    assert Rule.objects.filter(pk=rule.pk).exists()
    assert "Asks it" in page[page.index("is not deleted") :]
    assert "Bring it back" not in page


def test_the_target_can_be_made_with_the_rule(browser, anna, ben):
    theirs = Playlist.objects.create(owner=ben, name="Theirs")
    form = {"face": "text", "typed": "plays:1..", "name": "Fresh", "priority": "0"}
    assert browser.post("/rules/new/?template=blank", form | {"target": f"own:{theirs.pk}"}).status_code == 422
    browser.post("/rules/new/?template=blank", form | {"target": "new"})
    made = Rule.objects.of(anna).get()
    assert (made.playlist.name, made.playlist.owner, made.weight) == ("Fresh", anna, 1)
    browser.post(f"/rules/{made.pk}/", form | {"target": "", "weight": "5"})
    made.refresh_from_db()
    assert (made.playlist, made.weight) == (None, 5)


def test_classic_lists_are_rules_made_once(browser, anna):
    calm, loud, bare = (TrackFactory(name=name, album__released_on="1999") for name in ("Calm", "Loud", "Bare"))
    for track, mood in ((calm, "calm"), (loud, "angry")):
        tag, _made = Tag.objects.get_or_create(name=mood, kind=Tag.Kind.MOOD)
        TrackTag.objects.create(track=track, tag=tag, weight=1, source="test")
    tagged(calm, "folk")
    for track in (calm, loud, bare):
        heard(anna, track, NOON)
    browser.post("/rules/classic/", {"do": "make"})
    assert sorted(Rule.objects.of(anna).values_list("name", flat=True)) == [
        "Auto – All", "Auto – Mood – Angry", "Auto – Mood – Calm"]  # fmt: skip
    browser.post("/rules/classic/", {"do": "make", "genre": "on", "year": "on"})
    assert {"Auto – Genre – Folk", "Auto – Year – 1999"} <= set(Rule.objects.of(anna).values_list("name", flat=True))
    mood = Rule.objects.get(name="Auto – Mood – Calm")
    page = browser.get(f"/rules/{mood.pk}/preview/").content.decode()
    assert "Bare" not in page
    assert "Loud" not in page
    everything = browser.get("/rules/preview/").content.decode()
    assert everything.count('class="card"') == 5
    assert "View tracks" in everything


def test_only_what_is_switched_on_has_a_card(browser, rule):
    assert "No rule is switched on" in browser.get("/rules/preview/").content.decode()
