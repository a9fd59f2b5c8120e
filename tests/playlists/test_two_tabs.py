"""One rule, or playlist, that is changed in two places at once: each change holds."""

import threading

import pytest
from django.db import connections
from django.test import Client
from django.utils import timezone

from accounts.models import User
from playlists.actions import rule_sets, rules
from playlists.models import Rule
from playlists.rules import schema, text
from tests.playlists import filled_form


@pytest.fixture
def rule(anna: User) -> Rule:
    return Rule.objects.create(user=anna, name="Tears", body=schema.dump(text.parse("title:tear").query))


class Tab:
    """A page with a form, as it was when it was opened."""

    def __init__(self, browser: Client, url: str, form_id: str) -> None:
        self.browser, self.url, self.form_id = browser, url, form_id
        self.form = filled_form.of(browser.get(url).content.decode(), form_id)

    def save(self, **changes: str):
        self.form |= {"do": "save"} | changes
        answer = self.browser.post(self.url, self.form)
        if answer.status_code == 422:
            self.form = filled_form.of(answer.content.decode(), self.form_id)
        return answer


@pytest.fixture
def tab(client: Client, anna: User, rule: Rule):
    client.force_login(anna)
    return lambda face="text": Tab(client, f"/rules/{rule.pk}/?face={face}", "rule-form")


@pytest.mark.parametrize("face", ["text", "builder", "json"])
def test_what_was_not_touched_in_a_tab_is_not_written_by_it(tab, rule, face):
    one, other = tab(face), tab(face)
    assert one.save(name="Sad songs", priority="3").status_code == 302
    assert other.save(description="For rainy days", weight="7").status_code == 302
    rule.refresh_from_db()
    assert (rule.name, rule.priority, rule.description, rule.weight) == ("Sad songs", 3, "For rainy days", 7)


def test_what_a_tab_found_switched_on_may_be_off_by_now(tab, rule):
    open_one = tab()
    rules.switch(rule=rule, on=False)
    open_one.save(name="Sad songs")
    rule.refresh_from_db()
    assert (rule.name, rule.is_enabled) == ("Sad songs", False)


def test_a_playlist_that_it_got_meanwhile_stays_its_own(tab, rule):
    open_one = tab()
    made = rules.ensure_playlist(Rule.objects.get())
    open_one.save(name="Sad songs")
    rule.refresh_from_db()
    assert (rule.name, rule.playlist) == ("Sad songs", made)


def test_a_rule_that_another_tab_changed_is_not_taken_back(tab, rule):
    one, other = tab(), tab()
    one.save(typed="title:angel")
    other.save(name="Sad songs")
    rule.refresh_from_db()
    assert (rule.text, rule.name) == ("title:angel", "Sad songs")


def test_two_tabs_that_both_change_the_rule_are_asked(tab, rule):
    one, other = tab(), tab()
    one.save(typed="title:angel")
    answer = other.save(typed="title:inertia")
    assert answer.status_code == 422
    assert "changed elsewhere" in answer.content.decode()
    assert other.form["typed"] == "title:inertia", "what was typed is kept"
    assert Rule.objects.get().text == "title:angel"
    assert other.save().status_code == 302
    assert Rule.objects.get().text == "title:inertia"


def test_both_with_the_same_words_are_not(tab, rule):
    one, other = tab(), tab("json")
    one.save(typed="title:angel")
    answer = other.save(typed=schema.dumps(text.parse("title:angel").query))
    assert answer.status_code == 302


def test_looking_at_another_face_does_not_make_a_change_of_it(tab, rule):
    one, other = tab(), tab()
    one.save(typed="title:angel")
    other.form |= {"do": "face:json"}
    page = other.browser.post(other.url, other.form).content.decode()
    other.form = filled_form.of(page, "rule-form")
    other.save(name="Sad songs")
    rule.refresh_from_db()
    assert (rule.text, rule.name) == ("title:angel", "Sad songs")


def test_a_rule_that_was_deleted_meanwhile_does_not_come_back(tab, rule):
    open_one = tab()
    Rule.objects.all().delete()
    assert open_one.save(name="Sad songs").status_code == 404
    assert not Rule.objects.exists()


def test_a_rule_that_is_deleted_while_it_is_saved_does_not_come_back(tab, rule, monkeypatch):
    open_one, plain = tab(), rules.problems

    def deleted(**asked):
        Rule.objects.all().delete()
        return plain(**asked)

    monkeypatch.setattr(rules, "problems", deleted)
    assert open_one.save(name="Sad songs").status_code == 404
    assert not Rule.objects.exists()


def test_the_form_of_a_playlist_writes_what_was_touched(client, anna, playlist):
    client.force_login(anna)
    one, other = (Tab(client, f"/playlists/{playlist.pk}/", "playlist-form") for _ in range(2))
    one.save(mode="incremental", min_tracks="7")
    other.form.pop("keeps_hand_edits")
    other.save()
    playlist.refresh_from_db()
    assert (playlist.mode, playlist.min_tracks, playlist.keeps_hand_edits) == ("incremental", 7, False)


@pytest.mark.django_db(transaction=True)
def test_two_programs_that_store_parts_of_a_rule_both_succeed(anna, rule, monkeypatch):
    """The second one is sent while the first has read the rule and not yet written it."""
    plain = rules.problems
    started: list[threading.Thread] = []

    def store(**part) -> None:
        told = {"id": rule.key, "name": "Tears", "rules": schema.dump(rule.query)}
        rule_sets.upsert(user=anna, data=told | part, now=timezone.now())

    def in_a_thread() -> None:
        store(weight=5)
        connections.close_all()

    def meanwhile(**asked):
        if not started:
            started.append(threading.Thread(target=in_a_thread))
            started[0].start()
            started[0].join(timeout=0.5)  # it is not over before the first one, if it has to wait for it
        return plain(**asked)

    monkeypatch.setattr(rules, "problems", meanwhile)
    store(priority=3)
    started[0].join()
    rule.refresh_from_db()
    assert (rule.priority, rule.weight) == (3, 5)
