"""The playlists that rules fill: planned, kept while others write to their rows, and found again by name."""

import pytest
from django.urls import reverse
from django.utils import timezone

from playlists import rule_sets as rule_set
from playlists.actions import rule_sets, rules, schedules
from playlists.forms import PlaylistForm
from playlists.models import Playlist, Rule, SyncRun
from playlists.rules import schema, text
from tests.factories.ingest import NOON, TrackFactory, heard


@pytest.fixture
def rule(anna, playlist, uris) -> Rule:
    heard(anna, TrackFactory(spotify_id=uris[0].removeprefix("spotify:track:")), NOON)
    return Rule.objects.create(
        user=anna, name="Mine", body=schema.dump(text.parse("plays:1..").query), playlist=playlist
    )


@pytest.mark.django_db(transaction=True)
def test_a_playlist_that_is_at_spotify_is_planned_from_its_rule(client, anna, rule, uris):
    """Reading Spotify must not happen inside a transaction, which is refused only outside of a test's own."""
    client.force_login(anna)
    answer = client.post(reverse("playlists:rule-do", args=[rule.pk]), {"do": "write"})
    run = SyncRun.objects.get()
    assert answer["Location"] == f"/playlists/runs/{run.pk}/"
    assert (run.state, run.after) == (SyncRun.State.PLANNED, uris[:1])


def written_meanwhile(playlist: Playlist, there) -> None:
    """What a worker stores when it has made the playlist at Spotify and written it."""
    Playlist.objects.filter(pk=playlist.pk).update(
        spotify_id=there.id, synced_uris=["spotify:track:a"], create_began_at=timezone.now()
    )


def test_a_form_that_was_open_meanwhile_keeps_what_the_writer_stored(anna, connection, there):
    stale = Playlist.objects.create(owner=anna, connection=connection, name="New one")
    written_meanwhile(stale, there)
    told = {"name": "Another", "connection": connection.pk, "mode": "incremental", "min_tracks": 7, "is_enabled": "on"}
    form = PlaylistForm(told, user=anna, instance=stale)
    assert form.is_valid(), form.errors
    form.save()
    now = Playlist.objects.get()
    assert (now.spotify_id, now.synced_uris) == (there.id, ["spotify:track:a"])
    assert now.create_began_at is not None
    assert (now.mode, now.min_tracks, now.keeps_hand_edits) == ("incremental", 7, False)
    assert now.name == "New one"  # it exists at Spotify by now, where it is called so


def test_a_form_changes_what_is_not_at_spotify_yet(anna, connection):
    made = Playlist.objects.create(owner=anna, name="New one", description="Old")
    told = {"name": "Another", "connection": connection.pk, "mode": "replace", "min_tracks": 1, "is_public": "on"}
    form = PlaylistForm(told, user=anna, instance=made)
    assert form.is_valid(), form.errors
    assert form.save().name == "Another"
    now = Playlist.objects.get()
    assert (now.name, now.description, now.connection, now.is_public) == ("Another", "", connection, True)
    assert not now.is_enabled


def test_a_schedule_kept_meanwhile_keeps_what_the_writer_stored(anna, connection, there):
    playlist = Playlist.objects.create(owner=anna, name="New one")
    made = Rule.objects.create(user=anna, name="Mine", body={"conditions": []}, playlist=playlist)
    stale = Rule.objects.select_related("user", "playlist").get()
    written_meanwhile(playlist, there)
    schedules.keep(rule=stale, kind="daily", hour=6, weekday=1, now=timezone.now())
    now = Playlist.objects.get()
    assert (now.spotify_id, now.synced_uris) == (there.id, ["spotify:track:a"])
    made.refresh_from_db()
    assert made.playlist == now


def test_a_playlist_that_is_not_made_yet_takes_the_account_connected_since(anna, connection):
    playlist = Playlist.objects.create(owner=anna, name="New one")
    made = Rule.objects.create(user=anna, name="Mine", body={"conditions": []}, playlist=playlist)
    assert rules.ensure_playlist(made).connection == connection
    assert Playlist.objects.get().connection == connection


def test_a_rule_whose_playlist_was_made_meanwhile_makes_no_second(anna, connection):
    Rule.objects.create(user=anna, name="Mine", body={"conditions": []})
    stale = Rule.objects.get()
    first = rules.ensure_playlist(Rule.objects.get())
    assert (rules.ensure_playlist(stale), stale.playlist) == (first, first)
    assert Playlist.objects.count() == 1


MIX = {"id": "mix", "name": "Mixed", "rules": {"conditions": []}, "target_playlist": {"name": "Mix"}}


def posted(anna, data) -> Rule:
    rule, _is_new = rule_sets.upsert(user=anna, data=data, now=timezone.now())
    return rule


def imported(anna, *data, replace: bool = True) -> tuple[int, int]:
    stored, same = rule_sets.take_in(
        user=anna, sets=[rule_set.load(each) for each in data], replace=replace, now=timezone.now()
    )
    return len(stored), same


def test_the_same_rule_after_its_first_sync_keeps_its_playlist(anna, connection):
    first = posted(anna, MIX).playlist
    Playlist.objects.update(spotify_id="made", connection=connection)
    assert posted(anna, MIX | {"priority": 3}).playlist == first
    assert imported(anna, MIX | {"priority": 4}) == (1, 0)
    assert Rule.objects.get().playlist == first
    assert Playlist.objects.count() == 1


def test_of_two_with_the_name_a_rule_keeps_its_own(anna):
    other = Playlist.objects.create(owner=anna, name="Mix", spotify_id="other")
    own = Playlist.objects.create(owner=anna, name="Mix", spotify_id="own")
    Rule.objects.create(user=anna, key="mix", name="Mixed", body={"conditions": []}, playlist=own)
    assert posted(anna, MIX).playlist == own
    assert posted(anna, MIX | {"id": "new"}).playlist == other


def test_rules_from_elsewhere_that_share_a_playlist_share_it_here(anna, ben):
    Playlist.objects.create(owner=ben, name="Mix", spotify_id="theirs")
    there = {"target_playlist_id": "theirs", "target_playlist": {"id": "theirs", "name": "Mix"}}
    file = [MIX | there, MIX | there | {"id": "second", "name": "Second"}]
    assert imported(anna, *file) == (2, 0)
    (made,) = Playlist.objects.of(anna)
    assert (made.spotify_id, made.rules.count()) == ("", 2)
    assert imported(anna, *file, replace=False) == (0, 2)
    assert Playlist.objects.of(anna).count() == 1


def test_an_import_with_an_id_alone_that_is_not_known_goes_nowhere(anna):
    assert imported(anna, MIX | {"target_playlist_id": "nobodys", "target_playlist": None}) == (1, 0)
    assert Rule.objects.get().playlist is None
    assert not Playlist.objects.exists()
