"""The playlists that rules fill: planned, kept while others write to their rows, and found again by name."""

import pytest
from django.urls import reverse

from playlists.models import Rule, SyncRun
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
