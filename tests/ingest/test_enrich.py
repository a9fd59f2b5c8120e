"""Enrichment over real HTTP: what each provider gives, and what happens when it does not."""

from datetime import timedelta

import pytest

from ingest import columns, shelf
from ingest.actions import enrich, want
from ingest.models import (
    ArtistTag,
    AudioFeatures,
    Finding,
    ListenerCount,
    LyricsFacts,
    ProviderDay,
    ProviderState,
    Tag,
    TrackChange,
    TrackTag,
    Wanted,
)
from ingest.providers.reccobeats import ReccoBeats
from tests.factories.ingest import heard
from tests.ingest.enriching import START, only, world  # noqa: F401
from vibesite.sandbox.friends import knows

# ruff: noqa: F811


def known(world, tracks, service, percent):
    return {track.pk for track in tracks if knows(service, world.truth(track).mbid, percent)}


def test_everything_that_providers_know_is_known_after_a_few_rounds(anna, world, monkeypatch):
    monkeypatch.setattr("ingest.providers.estimate.LEAST_TRACKS", 1)
    tracks = world.tracks(12)
    world.hear(anna, tracks)
    world.settle()
    measured = known(world, tracks, "reccobeats", 91)
    assert measured
    for features in AudioFeatures.objects.select_related("track"):
        truth = world.truth(features.track).features
        is_measured = features.track_id in measured
        assert features.sources["valence"] == ("reccobeats" if is_measured else "estimate")
        if is_measured:
            assert (features.valence, features.tempo_bpm) == pytest.approx((truth.valence, truth.tempo))
    assert set(AudioFeatures.objects.values_list("track_id", flat=True)) >= measured
    assert set(ListenerCount.objects.exclude(track=None).values_list("sources__listeners", flat=True)) <= {
        "lastfm",
        "listenbrainz",
    }
    assert ListenerCount.objects.filter(artist=tracks[0].artist, listeners__gt=0).exists()
    genres = {name for track in tracks for name in world.sandbox.world.artist(world.truth(track).artist_ids[0]).genres}
    assert set(Tag.objects.filter(kind=Tag.Kind.GENRE).values_list("name", flat=True)) & genres
    assert ArtistTag.objects.filter(source="musicbrainz").exists() or ArtistTag.objects.filter(source="lastfm").exists()
    language = {track.pk: world.truth(track).language for track in tracks}
    facts = list(LyricsFacts.objects.filter(words__gt=0))
    assert facts
    assert [each.language for each in facts] == [language[each.track_id] for each in facts]
    rack = shelf.load(anna, columns.load(anna).track)
    assert (rack.listeners > 0).any()
    assert rack.genre.size


def test_asking_again_changes_nothing(anna, world):
    world.hear(anna, world.tracks(5))
    world.settle()
    before = {model: list(model.objects.order_by("pk").values()) for model in (AudioFeatures, TrackTag, ListenerCount)}
    told, change = len(world.sandbox.requests()), TrackChange.objects.latest("pk").pk
    world.settle(2)
    assert len(world.sandbox.requests()) == told, "nothing is asked twice before its time"
    world.pass_time(days=400)
    world.settle()
    assert len(world.sandbox.requests()) > told, "but after it"
    assert {model: list(model.objects.order_by("pk").values()) for model in before} == before
    assert TrackChange.objects.latest("pk").pk == change, "the same answer is no change"


def test_what_is_not_known_is_marked_as_asked(anna, world, only):
    only("reccobeats")
    strange = world.tracks(3)
    for track in strange:
        track.spotify_id = f"unknown{track.pk:015}"
        track.save()
    world.hear(anna, strange)
    world.use()
    assert [finding.values for finding in Finding.objects.all()] == [{}] * 3
    assert Finding.objects.earliest("pk").again_at == START + ReccoBeats.missing_ttl
    asked = len(world.sandbox.requests("/reccobeats/*"))
    world.settle(2)
    assert len(world.sandbox.requests("/reccobeats/*")) == asked == 1
    assert ProviderDay.objects.get().missing == 3


def test_answers_are_matched_by_href_and_not_by_order(anna, world, only):
    only("reccobeats")
    tracks = world.tracks(60)
    world.hear(anna, tracks)
    world.use()
    assert len(world.sandbox.requests("/reccobeats/*")) == 2, "forty at once"
    for features in AudioFeatures.objects.select_related("track"):
        assert features.energy == pytest.approx(world.truth(features.track).features.energy)
    assert AudioFeatures.objects.count() == len(known(world, tracks, "reccobeats", 91))


def test_a_long_retry_after_is_kept_and_nobody_waits(anna, world, only):
    only("reccobeats", "lrclib")
    world.hear(anna, world.tracks(3))
    world.sandbox.fault(status=429, path="/reccobeats/*", retry_after=5400)
    world.use()
    state = ProviderState.objects.get(provider="reccobeats")
    assert state.next_at >= START + timedelta(seconds=5300)
    assert state.running_until is None
    assert LyricsFacts.objects.exists(), "the others go on"
    asked = len(world.sandbox.requests("/reccobeats/*"))
    world.pass_time(hours=1)
    world.use()
    assert len(world.sandbox.requests("/reccobeats/*")) == asked == 1
    world.sandbox.faults.remove()
    world.pass_time(hours=1)
    world.use()
    assert AudioFeatures.objects.exists()


@pytest.mark.parametrize(
    "fault",
    [{"status": 500}, {"kind": "cut"}, {"kind": "reset"}, {"kind": "bad_json"}, {"kind": "content"}, {"status": 502}],
    ids=str,
)
def test_a_dead_provider_is_left_alone_and_harms_nobody(anna, world, only, fault):
    only("reccobeats", "lastfm")
    world.hear(anna, world.tracks(6))
    world.sandbox.fault(path="/reccobeats/*", **fault)
    world.use()
    state = ProviderState.objects.get(provider="reccobeats")
    assert state.failures == 3
    assert state.last_error
    assert len(world.sandbox.requests("/reccobeats/*")) == 3, "three times in a row, then it is left alone"
    assert not AudioFeatures.objects.exists()
    assert ListenerCount.objects.exclude(track=None).exists()
    world.sandbox.faults.remove()
    world.pass_time(minutes=11)
    world.use()
    assert AudioFeatures.objects.exists()
    assert ProviderState.objects.get(provider="reccobeats").failures == 0


def test_a_silent_provider_times_out(anna, world, only, monkeypatch):
    only("reccobeats")
    monkeypatch.setattr("ingest.providers.wire.TIMEOUT_S", (1, 0.2))
    world.hear(anna, world.tracks(1))
    world.sandbox.fault(kind="hang", seconds=1, path="/reccobeats/*", count=1)
    world.turn("reccobeats")
    assert "no answer in time" in ProviderState.objects.get(provider="reccobeats").last_error
    assert not Finding.objects.exists()


def test_what_was_told_before_a_failure_is_kept(anna, world, only):
    only("lrclib")
    tracks = world.tracks(5)
    world.hear(anna, tracks)
    world.sandbox.fault(status=500, path="/lrclib/*", skip=2, count=1)
    world.turn("lrclib")
    assert Finding.objects.count() == 2
    world.pass_time(minutes=1)
    ProviderState.objects.update(running_until=None)
    world.use()
    assert Finding.objects.count() == 5


def test_a_refused_key_is_not_tried_again_soon(anna, world, only, settings):
    only("lastfm")
    settings.LASTFM_API_KEY = "wrong"
    world.hear(anna, world.tracks(3))
    world.use()
    state = ProviderState.objects.get(provider="lastfm")
    assert state.next_at > world.now + timedelta(hours=11)
    assert "10" in state.last_error
    assert "wrong" not in state.last_error
    assert len(world.sandbox.requests("/lastfm/*")) == 1


def test_a_provider_without_its_key_is_off(world, settings):
    settings.LASTFM_API_KEY = ""
    assert "lastfm" not in {turn.provider for turn in enrich.hand_out(now=world.now)}


def test_an_operator_switches_a_provider_off(anna, world):
    ProviderState.objects.create(provider="lrclib", is_on=False)
    world.hear(anna, world.tracks(2))
    world.settle(2)
    assert not world.sandbox.requests("/lrclib/*")
    assert not LyricsFacts.objects.exists()


def test_the_days_budget_ends_and_the_next_day_goes_on(anna, world, only):
    only("lrclib")
    ProviderState.objects.create(provider="lrclib", daily_calls=4)
    world.hear(anna, world.tracks(10))
    world.settle(2)
    assert len(world.sandbox.requests("/lrclib/*")) == ProviderDay.objects.get().calls == 4
    state = ProviderState.objects.get(provider="lrclib")
    assert (state.next_at.date(), state.why) == (START.date() + timedelta(days=1), "budget")
    for expected in (8, 10):
        world.pass_time(days=1)
        world.settle(2)
        assert Finding.objects.count() == expected


def test_musicbrainz_is_asked_once_a_second(anna, world, only):
    only("musicbrainz")
    world.hear(anna, world.tracks(4))
    world.use()
    assert not [one for one in world.sandbox.requests("/musicbrainz/*") if one["status"] == 503]
    assert world.now - START >= timedelta(seconds=4)
    assert Finding.objects.exclude(track=None).count() == 4


def test_names_alone_find_a_recording(anna, world, only):
    only("musicbrainz")
    tracks = world.tracks(8, isrc="", spotify_id=None)
    world.hear(anna, tracks)
    world.use()
    found = Finding.objects.exclude(track=None).exclude(values={}).select_related("track")
    assert found
    for finding in found:
        assert finding.values["musicbrainz_id"] in {
            track.mbid for track in world.sandbox.world.tracks if track.name == finding.track.name
        }


def test_favourites_of_all_people_come_first(anna, ben, world, only):
    only("lrclib")
    hers, his = world.tracks(12), world.tracks(12, skip=12)
    world.hear(anna, hers)
    world.hear(ben, his)
    world.turn("lrclib")
    asked = set(Finding.objects.values_list("track_id", flat=True))
    assert len(asked) == 5
    assert len(asked & {track.pk for track in his}) in (2, 3)


def test_a_lost_turn_is_given_again_and_the_loser_stops(anna, world, only):
    only("lrclib")
    world.hear(anna, world.tracks(2))
    (first,) = enrich.hand_out(now=world.now)
    assert enrich.hand_out(now=world.now) == [], "one at a time"
    world.pass_time(minutes=6)
    (second,) = enrich.hand_out(now=world.now)
    assert enrich.run(provider="lrclib", claim=first.claim, clock=world.clock) is None
    assert not Finding.objects.exists()
    enrich.run(provider="lrclib", claim=second.claim, clock=world.clock)
    assert Finding.objects.count() == 2


def test_more_plays_of_a_track_bring_it_forward(anna, world):
    tracks = world.tracks(4)
    world.hear(anna, tracks)
    rank = dict(Wanted.objects.exclude(track=None).values_list("track_id", "rank"))
    assert sorted(rank.values()) == [1, 2, 3, 4]
    assert rank[tracks[0].pk] == 1
    assert want.refresh(now=world.now) == 0, "nothing new was heard"
    for _n in range(3):
        world.pass_time(hours=1)
        heard(anna, tracks[3], world.now - timedelta(days=1))
    assert want.refresh(now=world.now) > 0
    assert Wanted.objects.get(track=tracks[3]).rank == 1
