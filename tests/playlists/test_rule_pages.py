"""Rules on pages: kept, built without scripts, answered while typing, and nobody else's."""

import json

import pytest
from django.test import Client

from accounts.models import User
from ingest.models import Track
from playlists.actions import rules
from playlists.models import Playlist, Rule, Schedule
from playlists.rules import schema, text
from tests.factories.ingest import NOON, TrackFactory, heard
from tests.playlists import filled_form


@pytest.fixture
def browser(client: Client, anna: User) -> Client:
    client.force_login(anna)
    for name in ("Teardrop", "Angel"):
        heard(anna, TrackFactory(name=name), NOON)
    return client


@pytest.fixture
def rule(anna: User) -> Rule:
    return Rule.objects.create(user=anna, name="Tears", body=schema.dump(text.parse("title:tear plays:1..").query))


TYPED = {"face": "text", "typed": "title:tear", "name": "Tears", "priority": "0", "schedule": "", "is_enabled": "on"}
ROWS = {"face": "builder", "name": "Tears", "priority": "0", "n-group": "all", "n-0-field": "title",
        "n-0-operator": "contains", "n-0-value": "tear"}  # fmt: skip


def test_the_list_begins_with_what_to_do(browser):
    assert b"/rules/new/" in browser.get("/rules/").content


def test_every_template_opens_in_the_builder(browser):
    page = browser.get("/rules/new/").content.decode()
    assert page.count("?template=") >= 13
    assert "Forgotten favourites" in browser.get("/rules/new/?template=forgotten-favourites").content.decode()


def test_what_keeps_a_rule_stands_before_what_it_finds(browser):
    page = browser.get("/rules/new/?template=on-repeat").content.decode()
    places = [page.index(words) for words in ('name="name"', 'value="answer"', '<details class="quiet', 'id="answer"')]
    assert places == sorted(places)


@pytest.mark.parametrize("form", [TYPED, ROWS], ids=["typed", "builder"])
def test_a_rule_is_saved_and_leads_to_its_preview(browser, anna, form):
    answer = browser.post("/rules/new/?template=blank", form)
    (made,) = Rule.objects.of(anna)
    assert answer["Location"] == f"/rules/{made.pk}/preview/"
    assert made.text == "title:tear"
    page = browser.get(answer["Location"]).content.decode()
    assert "Teardrop" in page
    assert "Angel" not in page


def test_an_invalid_rule_is_not_saved_keeps_its_input_and_marks_the_row(browser, anna):
    form = ROWS | {"n-1-field": "year", "n-1-operator": "gte", "n-1-value": "soon"}
    answer = browser.post("/rules/new/?template=blank", form)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert 'value="soon"' in page
    assert 'aria-invalid="true"' in page
    assert "Needs a number." in page
    assert not Rule.objects.of(anna).exists()


def test_what_is_wrong_in_a_typed_rule_is_said_with_its_place(browser):
    page = browser.post("/rules/new/?template=blank", TYPED | {"typed": "title:tear (a"}).content.decode()
    assert "At character 12" in page
    assert "title:tear (a" in page


def test_the_answer_alone_comes_while_typing(browser, anna):
    form = TYPED | {"do": "answer"}
    answer = browser.post("/rules/new/?template=blank", form, headers={"HX-Request": "true", "HX-Target": "answer"})
    page = answer.content.decode()
    assert page.lstrip().startswith('<section id="answer"')
    assert "Matches 1 of your 2 tracks." in page
    assert "Teardrop" in page
    assert "Just missed" in page
    assert not Rule.objects.of(anna).exists()


def test_rows_are_added_and_faces_changed_without_scripts(browser):
    page = browser.post("/rules/new/?template=blank", ROWS | {"do": "add:"}).content.decode()
    assert 'name="n-1-field"' in page
    page = browser.post("/rules/new/?template=blank", ROWS | {"do": "group:"}).content.decode()
    assert 'name="n-1-0-field"' in page
    page = browser.post("/rules/new/?template=blank", ROWS | {"do": "face:text"}).content.decode()
    assert ">title:tear</textarea>" in page
    page = browser.post("/rules/new/?template=blank", TYPED | {"do": "face:builder"}).content.decode()
    assert 'name="n-0-field"' in page


ANYTHING = [
    {"field": "name", "operator": "eq", "value": "Angel"},  # older names of fields
    {"field": "play_count", "operator": "gte", "value": 1.0},
    {"field": "in_playlist", "operator": "any_of", "value": ["-5d", "a\nb", "2026-11-20"]},
    {"field": "plays_45d", "operator": "lte", "value": 3},
    {"field": "my own", "operator": "eq", "value": ["1"], "ignore_case": True},
    {"field": "genre", "operator": "ne", "value": ['"', "/re/"]},
    {"field": "text", "operator": "contains", "value": 'json"1"'},
    {"field": "title", "operator": "starts_with", "value": "\n"},
    {"field": "energy", "operator": "eq", "value": "much", "ignore_case": True},  # and what makes no sense
    {"field": "explicit", "operator": "eq", "value": "perhaps"},
    {"field": "liked", "operator": "exists", "value": [1]},
    {"operator": "xor", "conditions": [{"field": "title", "operator": "sounds_like", "value": {"a": 1}}]},
]


def test_a_rule_goes_through_the_builder_unchanged(browser):
    whole = {"operator": "or", "conditions": ANYTHING, "limit": {"amount": 5, "unit": "hours", "by": ["-tempo"]}}
    form = {"face": "json", "typed": json.dumps(whole), "do": "face:builder"}
    page = browser.post("/rules/new/?template=blank", form).content.decode()
    form = filled_form.of(page, "rule-form") | {"do": "face:json"}
    page = browser.post("/rules/new/?template=blank", form).content.decode()
    told = json.loads(filled_form.of(page, "rule-form")["typed"])
    assert told["limit"] == whole["limit"]
    assert told["operator"] == "or"
    assert told["conditions"] == ANYTHING


def test_a_field_that_is_not_offered_may_be_typed(browser, anna):
    form = ROWS | {"n-0-field": "", "do": "again"}
    page = browser.post("/rules/new/?template=blank", form).content.decode()
    assert '<input id="n-0-field" name="n-0-field" value=""' in page
    assert "Choose what to ask about." in page
    browser.post("/rules/new/?template=blank", ROWS | {"n-0-field": "vibe", "n-0-operator": "eq"})
    assert [each.text for each in Rule.objects.of(anna)] == ["vibe=~tear"]


def test_an_operator_that_does_not_fit_another_field_gives_way(browser):
    form = ROWS | {"n-0-field": "genre", "n-0-operator": "between", "n-0-value": "1990", "n-0-to": "1999"}
    page = browser.post("/rules/new/?template=blank", form | {"do": "again:0"}).content.decode()
    told = filled_form.of(page, "rule-form")
    assert (told["n-0-field"], told["n-0-operator"], told["n-0-value"]) == ("genre", "contains", "")
    assert 'value="between"' not in page
    assert 'hx-vals=\'{"do": "again:0"}\'' in page


def test_a_row_says_of_how_much_its_field_is_known_and_offers_values(browser, anna, tracks):
    rows = ROWS | {"n-1-field": "genre", "n-1-operator": "contains", "n-1-value": "", "do": "again"}
    page = browser.post("/rules/new/?template=blank", rows).content.decode()
    assert "Known of 100% of your tracks." in page
    assert "Known of 20% of your tracks." in page
    assert '<option value="trip hop"></option>' in page


def test_switch_duplicate_and_delete(browser, anna, rule):
    browser.post(f"/rules/{rule.pk}/do/", {"do": "switch"})
    rule.refresh_from_db()
    assert not rule.is_enabled
    browser.post(f"/rules/{rule.pk}/do/", {"do": "duplicate"})
    assert sorted(Rule.objects.of(anna).values_list("name", flat=True)) == ["Tears", "Tears (copy)"]
    browser.post(f"/rules/{rule.pk}/do/", {"do": "delete"})
    assert [each.text for each in Rule.objects.of(anna)] == ["title:tear plays:1.."]


def test_the_preview_says_why(browser, rule):
    track = Track.objects.get(name="Angel")
    page = browser.get(f"/rules/{rule.pk}/preview/?track={track.pk}").content.decode()
    assert "Why “Angel”?" in page
    assert "title:tear" in page


def test_leaving_takes_the_rules_along_and_disconnecting_does_not(anna, rule):
    assert rules.forget(user=anna, connection=None, dry_run=True) == {"rules": 1}
    rules.forget(user=anna, connection=None, dry_run=False)
    assert not Rule.objects.of(anna).exists()


def test_a_rule_is_scheduled_and_taken_off_again_on_its_page(browser, anna, rule):
    anna.time_zone = "Asia/Tokyo"
    anna.save()
    browser.post(f"/rules/{rule.pk}/schedule/", {"kind": "weekly", "hour": "7", "weekday": "3"})
    kept = Schedule.objects.get()
    assert (kept.kind, kept.hour, kept.weekday) == ("weekly", 7, 3)
    local = kept.next_at.astimezone(anna.zone)
    assert (local.hour, local.isoweekday()) == (7, 3)
    page = browser.get(f"/rules/{rule.pk}/preview/").content.decode()
    assert "No Spotify account is connected" in page
    assert "Next:" in page
    assert "It has not run yet." in page
    browser.post(f"/rules/{rule.pk}/schedule/", {"kind": "daily", "hour": "25"})
    kept.refresh_from_db()
    assert kept.kind == "weekly"
    browser.post(f"/rules/{rule.pk}/schedule/", {"kind": "off"})
    assert not Schedule.objects.exists()


def test_rules_of_one_playlist_are_shown_with_what_each_gives(browser, anna, rule):
    playlist = Playlist.objects.create(owner=anna, name="Both")
    other = Rule.objects.create(user=anna, name="Everything", priority=3, body={"conditions": []})
    Rule.objects.update(playlist=playlist)
    page = browser.get(f"/rules/{rule.pk}/preview/").content.decode()
    assert "Who fills the playlist" in page
    cells = page.partition("Who fills the playlist")[2].partition("</table>")[0]
    assert cells.index("Everything") < cells.index("Tears")  # the higher priority has its say first
    Rule.objects.filter(pk=other.pk).update(is_enabled=False)
    assert "Who fills the playlist" not in browser.get(f"/rules/{rule.pk}/preview/").content.decode()


def test_why_is_told_of_ones_own_tracks_alone(browser, rule, ben):
    theirs = TrackFactory(name="Somebody else hears this")
    heard(ben, theirs, NOON)
    assert b"Somebody else" not in browser.get(f"/rules/{rule.pk}/preview/?track={theirs.pk}").content
    mine = Track.objects.get(name="Angel")
    assert b"Why \xe2\x80\x9cAngel" in browser.get(f"/rules/{rule.pk}/preview/?track={mine.pk}").content
