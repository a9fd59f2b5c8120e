"""A person asks one provider about tracks that they chose: how many, within its budget, with a job that tells."""

from datetime import timedelta

import pytest
import time_machine
from django.core.cache import cache

from accounts.models import Job
from ingest.actions import ask, asking
from ingest.models import Finding, ProviderState
from ingest.providers.registry import BY_NAME
from tests.ingest.enriching import only, world  # noqa: F401

# ruff: noqa: F811


@pytest.fixture
def heard(anna, world, only):
    only("reccobeats", "lrclib")
    tracks = world.tracks(6)
    world.hear(anna, tracks)
    return tracks


def look(world, run_jobs):
    with time_machine.travel(world.now, tick=False):
        Job.objects.update(not_before=None)  # its time has come
        run_jobs("ask_provider")
    return Job.objects.latest("pk")


def test_it_says_how_many_before_it_asks(client, anna, world, heard):
    client.force_login(anna)
    later = world.now + timedelta(days=9)
    Finding.objects.create(track=heard[0], provider="lrclib", fetched_at=world.now, again_at=later)
    ProviderState.objects.create(provider="lrclib", daily_calls=77)
    with time_machine.travel(world.now, tick=False):
        page = client.get("/tracks/chosen/", {"track": [track.pk for track in heard[:3]]})
    offers = {offer.provider.name: (offer.fresh, offer.known, offer.left_today) for offer in page.context["offers"]}
    assert offers["lrclib"] == (2, 1, 77)
    assert offers["reccobeats"][0] == 3
    assert set(offers) == {"lrclib", "reccobeats"}, "what is off is not offered"
    assert not world.sandbox.requests("/lrclib/*")


def test_the_chosen_are_asked_about_first_and_the_job_tells(client, anna, world, heard, run_jobs):
    client.force_login(anna)
    chosen = heard[4:]
    with time_machine.travel(world.now, tick=False):
        answer = client.post("/tracks/ask/", {"track": [track.pk for track in chosen], "provider": "lrclib"})
    job = Job.objects.get(kind="ask_provider")
    assert answer.url == f"/jobs/{job.pk}/"
    assert look(world, run_jobs).is_open
    world.turn("lrclib")
    assert {finding.track_id for finding in Finding.objects.all()} >= {track.pk for track in chosen}
    job = look(world, run_jobs)
    assert (job.state, job.done, job.total) == ("done", 2, 2)
    assert job.result["asked"] == 2


def test_asking_again_asks_what_was_asked_before(client, anna, world, heard, run_jobs):
    client.force_login(anna)
    world.use()
    asked = len(world.sandbox.requests("/reccobeats/*"))
    told = {"scope": "all", "provider": "reccobeats"}
    world.pass_time(minutes=5)
    with time_machine.travel(world.now, tick=False):
        page = client.post("/tracks/ask/", told, follow=True)
        assert "nothing to ask" in page.content.decode()
        client.post("/tracks/ask/", told | {"again": "1"})
    world.use()
    assert len(world.sandbox.requests("/reccobeats/*")) == asked + 1
    assert look(world, run_jobs).state == "done"


def test_a_spent_budget_is_waited_for_and_said(anna, world, heard, run_jobs):
    ProviderState.objects.create(provider="lrclib", daily_calls=2)
    with time_machine.travel(world.now, tick=False):
        ask.start(
            user=anna, provider=BY_NAME["lrclib"], tracks=[track.pk for track in heard], again=False, now=world.now
        )
    world.use()
    job = look(world, run_jobs)
    assert job.is_open
    assert "LRCLIB takes no questions until" in job.message
    assert job.not_before.date() == world.now.date() + timedelta(days=1)
    for _day in range(3):
        world.pass_time(days=1)
        world.use()
    assert look(world, run_jobs).state == "done"


def test_a_provider_that_is_switched_off_meanwhile_ends_the_job_with_words(anna, world, heard, run_jobs):
    with time_machine.travel(world.now, tick=False):
        ask.start(user=anna, provider=BY_NAME["lrclib"], tracks=[heard[0].pk], again=False, now=world.now)
    ProviderState.objects.update_or_create(provider="lrclib", defaults={"is_on": False})
    job = look(world, run_jobs)
    assert job.state == "failed"
    assert "switched off" in job.error


def test_the_same_question_twice_is_one_job(anna, world, heard):
    told = {"user": anna, "provider": BY_NAME["lrclib"], "tracks": [heard[0].pk], "again": False, "now": world.now}
    assert ask.start(**told).pk == ask.start(**told).pk


def next_in_line(world):
    """What LRCLIB would be asked about now, one after another."""
    found = []
    while subjects := asking.next_batch(BY_NAME["lrclib"], world.now)[1]:
        if len(found) > 20 or subjects[0].id in found:
            break  # the list began anew
        found += [subject.id for subject in subjects]
    return found


def test_waiting_does_not_make_the_line_longer(anna, world, heard, run_jobs):
    pks = [track.pk for track in heard]
    lrclib = BY_NAME["lrclib"]
    with time_machine.travel(world.now, tick=False):
        ask.start(user=anna, provider=lrclib, tracks=pks[3:], again=False, now=world.now)
        for _look in range(4):
            assert look(world, run_jobs).is_open
        assert cache.get("enrich-ahead:lrclib:track") == pks[3:]
        asking.put_first(lrclib, pks[:4])
        assert look(world, run_jobs).is_open
        assert next_in_line(world)[:6] == [*pks[:4], *pks[4:]], "near the front they stay where they are"


def test_what_others_pushed_far_back_comes_first_again(world, heard, monkeypatch):
    monkeypatch.setattr(asking, "_AHEAD", 2)
    pks, lrclib = [track.pk for track in heard], BY_NAME["lrclib"]
    asking.put_first(lrclib, pks[:1])
    asking.put_first(lrclib, pks[1:])
    asking.keep_first(lrclib, pks[:2])
    assert next_in_line(world)[:6] == pks


def test_only_ones_own_tracks_and_known_sources(client, anna, ben, world, heard):
    client.force_login(ben)
    told = {"track": [heard[0].pk], "provider": "lrclib"}
    assert "nothing to ask" in client.post("/tracks/ask/", told, follow=True).content.decode()
    assert client.post("/tracks/ask/", told | {"provider": "lastfm"}).status_code == 404
    assert not Job.objects.exists()
