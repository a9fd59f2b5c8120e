"""What operators see of providers, and how much is known of what a person hears."""

import csv
import io
from datetime import UTC, datetime

import pytest
from django.urls import reverse

from ingest import knowledge, lens
from ingest.actions import enrich
from ingest.models import (
    AudioFeatures,
    Finding,
    ListenerCount,
    ProviderDay,
    ProviderState,
    Tag,
    TrackChange,
    TrackTag,
)
from tests.factories.ingest import ArtistFactory, TrackFactory, heard

MORNING = datetime(2026, 11, 20, 8, tzinfo=UTC)


@pytest.fixture
def desk(client, operator):
    client.force_login(operator)
    return client


def test_the_desk_says_how_each_provider_fares(desk, settings):
    settings.LASTFM_API_KEY = ""
    settings.PROVIDERS_OFF = ["lrclib"]
    far = datetime(2999, 1, 2, tzinfo=UTC)
    ProviderState.objects.create(provider="reccobeats", next_at=far, why="budget", last_error="503 from there")
    page = desk.get(reverse("admin:ingest_providerstate_changelist"))
    text = page.content.decode()
    assert page.status_code == 200
    assert "LASTFM_API_KEY is not set" in text
    assert "The day’s budget is spent." in text
    assert "503 from there" in text
    assert ProviderState.objects.count() == 9
    assert {turn.provider for turn in enrich.hand_out(now=MORNING)} == {"musicbrainz", "listenbrainz", "estimate"}


def test_an_operator_tries_again_now(desk):
    ProviderState.objects.create(provider="reccobeats", next_at=datetime(2999, 1, 2, tzinfo=UTC), why="budget")
    address = reverse("admin:ingest_providerstate_changelist")
    desk.post(address, {"action": "try_now", "_selected_action": ["reccobeats"]})
    assert "reccobeats" in {turn.provider for turn in enrich.hand_out(now=MORNING)}


def test_the_days_use_and_budget(desk, now):
    ProviderState.objects.create(provider="musicbrainz", daily_calls=777)
    ProviderDay.objects.create(provider="musicbrainz", day=datetime.now(UTC).date(), calls=12, found=9, missing=3)
    text = desk.get(reverse("admin:ingest_providerstate_changelist")).content.decode()
    assert "12 of 777" in text
    assert "9 / 3 / 0" in text


def test_unmatched_tracks_are_listed_by_artist(desk, now):
    for artist, title in (("Zed", "One"), ("Abba", "=HYPERLINK(1)"), ("Abba", "Anna")):
        Finding.objects.create(
            track=TrackFactory(name=title, artist=ArtistFactory(name=artist)), provider="lastfm", fetched_at=now
        )
    Finding.objects.create(track=TrackFactory(), provider="lastfm", values={"listeners": 1}, fetched_at=now)
    answer = desk.get(reverse("admin:ingest_unmatched", args=["lastfm"]))
    rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode())))
    assert [row[:2] for row in rows[1:]] == [["Abba", "'=HYPERLINK(1)"], ["Abba", "Anna"], ["Zed", "One"]]


def test_coverage_of_one_persons_plays(anna):
    loved, liked, other = TrackFactory.create_batch(3)
    for n in range(3):
        heard(anna, loved, MORNING.replace(minute=5 * n))
    heard(anna, liked, MORNING.replace(minute=30))
    AudioFeatures.objects.create(track=loved, valence=0.5)
    AudioFeatures.objects.create(track=other, valence=0.5)
    ListenerCount.objects.create(track=liked, listeners=0)
    TrackTag.objects.create(track=liked, tag=Tag.objects.create(kind=1, name="jazz"), weight=1, source="lastfm")
    TrackChange.objects.bulk_create([TrackChange(track=track) for track in (loved, liked, other)])
    rows = {row.field: row for row in knowledge.coverage(lens.read(anna))}
    assert (rows["valence"].tracks, rows["valence"].of_tracks, rows["valence"].plays) == (1, 2, 3)
    assert rows["valence"].share == 0.75
    assert rows["energy"].share == 0
    assert rows["genres"].share == rows["listeners"].share == 0.25
    assert {field: known for field, known, _wanted in knowledge.of_all()}["valence"] == 2


def test_coverage_of_nobody(anna):
    assert {row.share for row in knowledge.coverage(lens.read(anna))} == {0}
