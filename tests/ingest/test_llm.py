"""A language model as a provider: off by default, within its budget, marked, and harmless however it answers."""

from datetime import timedelta

import pytest

from ingest import track_facts
from ingest.actions import enrich
from ingest.models import ArtistTag, AudioFeatures, Finding, ProviderDay, ProviderState, Tag, TrackTag
from ingest.providers import llm
from tests.factories.ingest import tagged
from tests.ingest.enriching import START, only, world  # noqa: F401

# ruff: noqa: F811

CHAT = "/openai/v1/*"


@pytest.fixture
def model(settings, world, only):
    settings.OPENAI_BASE_URL = world.sandbox.url + "/openai/v1"
    settings.OPENAI_API_KEY = "sandbox-key"
    settings.OPENAI_MODEL = "sandbox-writer"
    only("llm")
    return world


def test_it_is_off_until_somebody_turns_it_on(settings, world):
    settings.OPENAI_BASE_URL, settings.OPENAI_MODEL = world.sandbox.url + "/openai/v1", "sandbox-writer"
    assert "llm" not in {turn.provider for turn in enrich.hand_out(now=START)}
    ProviderState.objects.create(provider="llm", is_on=True)
    assert "llm" in {turn.provider for turn in enrich.hand_out(now=START)}
    settings.OPENAI_MODEL = ""
    ProviderState.objects.update(running_until=None)
    assert "llm" not in {turn.provider for turn in enrich.hand_out(now=START)}, "without a model there is none"


@pytest.mark.parametrize("name", ["sandbox-writer", "gpt-5-mini", "sandbox-liar"])
def test_it_labels_tracks_in_batches_and_is_marked(anna, model, settings, name):
    settings.OPENAI_MODEL = name
    tracks = model.tracks(25)
    model.hear(anna, tracks)
    model.use()
    assert len(model.sandbox.requests(CHAT)) == 2
    findings = Finding.objects.filter(provider="llm")
    assert findings.count() == 25
    assert {(each.version, each.confidence) for each in findings} == {(1, 0.3)}
    found = [each for each in findings if each.values]
    assert found
    assert {each.values["model"] for each in found} == {name}
    assert set(TrackTag.objects.values_list("source", flat=True)) == {"llm"}
    assert not AudioFeatures.objects.exists(), "it says nothing of how tracks sound"
    with_moods = next(each for each in found if "moods" in each.values)
    sections = track_facts.of(anna, with_moods.track).sections
    lines = [line for section in sections for thing in section.things for line in thing.lines]
    assert {(line.by, line.sign) for line in lines} == {("Language model", "✦")}


def test_it_sees_titles_and_artists_and_nothing_else(anna, model, monkeypatch):
    asked = []
    real = llm.llm_answer.question
    monkeypatch.setattr(llm.llm_answer, "question", lambda rows: asked.append(rows) or real(rows))
    tracks = model.tracks(2)
    model.hear(anna, tracks)
    model.use()
    assert sorted(asked[0]) == sorted((track.name, track.artist.name) for track in tracks)


def test_what_is_known_of_the_artist_is_surer_than_its_guess(anna, model):
    track = model.tracks(1)[0]
    tagged(track.artist, "rock")
    model.hear(anna, [track])
    model.use()
    assert "genres" not in Finding.objects.get(provider="llm").values
    assert not TrackTag.objects.filter(tag__kind=Tag.Kind.GENRE).exists()
    assert ArtistTag.objects.exists()


@pytest.mark.parametrize("name", ["sandbox-garbled", "sandbox-refuser"])
def test_a_model_that_answers_nonsense_is_asked_a_few_times_and_left_alone(anna, model, settings, name):
    settings.OPENAI_MODEL = name
    model.hear(anna, model.tracks(20))
    model.use()
    assert len(model.sandbox.requests(CHAT)) <= 3 * llm.MOST_CALLS
    assert not TrackTag.objects.exists()
    state = ProviderState.objects.get(provider="llm")
    assert state.next_at > model.now
    assert "cannot be read" in state.last_error


@pytest.mark.parametrize("name", ["sandbox-garbled", "sandbox-refuser"])
def test_one_track_whose_answer_cannot_be_read_is_not_one_that_nobody_knows(anna, model, settings, name):
    settings.OPENAI_MODEL = name
    model.hear(anna, model.tracks(1))
    model.use()
    assert not Finding.objects.exists()
    state = ProviderState.objects.get(provider="llm")
    assert "cannot be read" in state.last_error
    assert len(model.sandbox.requests(CHAT)) <= 3
    settings.OPENAI_MODEL = "sandbox-writer"
    model.pass_time(days=1)
    model.use()
    assert Finding.objects.get(provider="llm").values


def test_one_unreadable_answer_among_others_is_asked_again_alone(anna, model, monkeypatch):
    said = llm._said
    tracks = model.tracks(4)

    def stumbling(client, subjects):
        return "" if tracks[2].pk in {each.id for each in subjects} else said(client, subjects)

    monkeypatch.setattr(llm, "_said", stumbling)
    model.hear(anna, tracks)
    model.turn("llm")
    found = set(Finding.objects.filter(provider="llm").values_list("track_id", flat=True))
    assert found == {track.pk for track in tracks} - {tracks[2].pk}
    monkeypatch.setattr(llm, "_said", said)
    model.pass_time(days=1)
    model.use()
    assert Finding.objects.filter(provider="llm", track=tracks[2]).exists()


def test_the_days_budget_holds(anna, model):
    ProviderState.objects.create(provider="llm", daily_calls=1)
    model.hear(anna, model.tracks(45))
    model.settle(2)
    assert ProviderDay.objects.get(provider="llm").calls == len(model.sandbox.requests(CHAT)) == 1
    assert ProviderState.objects.get(provider="llm").why == "budget"


@pytest.mark.parametrize(
    ("fault", "after"),
    [
        ({"status": 429, "retry_after": 600}, timedelta(seconds=500)),
        ({"status": 401}, timedelta(hours=11)),
        ({"status": 500}, timedelta(minutes=5)),
        ({"kind": "reset"}, timedelta(minutes=5)),
        ({"kind": "bad_json"}, timedelta(minutes=5)),
        ({"kind": "cut"}, timedelta(minutes=5)),
    ],
    ids=str,
)
def test_a_server_that_fails_is_left_alone(anna, model, fault, after):
    model.hear(anna, model.tracks(3))
    model.sandbox.fault(path=CHAT, **fault)
    model.use()
    state = ProviderState.objects.get(provider="llm")
    assert state.next_at > START + after
    assert "sandbox-key" not in state.last_error
    assert len(model.sandbox.requests(CHAT)) <= 3
    assert not Finding.objects.exists()


def test_a_silent_server_times_out(anna, model, monkeypatch):
    monkeypatch.setattr(llm, "TIMEOUT_S", 0.2)
    model.hear(anna, model.tracks(1))
    model.sandbox.fault(kind="hang", seconds=1, path=CHAT, count=1)
    model.turn("llm")
    assert "APITimeoutError" in ProviderState.objects.get(provider="llm").last_error
