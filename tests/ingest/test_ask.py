"""A person asks one provider about tracks that they chose: how many, within its budget, with a job that tells."""

from datetime import timedelta

import pytest
import time_machine

from accounts import jobs
from accounts.models import Job
from ingest.actions import ask, asked, asking, enrich
from ingest.models import AskedTrack, Asking, Finding, ProviderState
from ingest.providers.base import Subject
from ingest.providers.registry import BY_NAME
from tests.factories.ingest import TrackFactory
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


def test_many_are_counted_as_few_are(anna, world, heard, monkeypatch):
    later = world.now + timedelta(days=9)
    Finding.objects.create(track=heard[0], provider="lrclib", fetched_at=world.now, again_at=later)
    Finding.objects.create(track=heard[1], provider="lrclib", fetched_at=world.now, again_at=world.now)
    bare = TrackFactory(spotify_id=None, isrc="")
    pks = [track.pk for track in [*heard[:4], bare]]
    few = ask.offers(pks, world.now)
    monkeypatch.setattr(asking, "_FEW", 0)
    assert ask.offers(pks, world.now) == few
    assert ask.offers([], world.now)


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


def ask_about(user, world, tracks, *, again=False):
    lrclib, pks = BY_NAME["lrclib"], [track.pk for track in tracks]
    with time_machine.travel(world.now, tick=False):
        return ask.start(user=user, provider=lrclib, tracks=pks, again=again, now=world.now)


def next_in_line(world, batches):
    """What LRCLIB would be asked about now, batch by batch."""
    return [[subject.id for subject in asking.next_batch(BY_NAME["lrclib"], world.now)[1]] for _batch in range(batches)]


@pytest.fixture
def by_ones(monkeypatch):
    monkeypatch.setattr(BY_NAME["lrclib"], "batch", {"track": 1}, raising=False)


def test_people_are_served_in_turn_and_everybodys_favourites_are_not_forgotten(anna, ben, world, heard, by_ones):
    """However much one person asked before, the next one's first track comes second."""
    pks = [track.pk for track in heard]
    ask_about(anna, world, heard[2:4])
    ask_about(anna, world, heard[4:5])
    ask_about(ben, world, heard[5:])
    ((first,), (second,), (third,), (of_all,)) = next_in_line(world, 4)
    assert [first, second, third] == [pks[2], pks[5], pks[3]]
    assert of_all == pks[0]


def test_what_fails_goes_behind_and_is_asked_again(anna, world, heard, by_ones):
    pks = [track.pk for track in heard]
    ask_about(anna, world, heard[4:])
    ((one,), (two,), (one_again,)) = next_in_line(world, 3)
    assert [one, two, one_again] == [pks[4], pks[5], pks[4]]
    asking.put_back(BY_NAME["lrclib"], "track", [Subject(pks[5], "not asked after all")])
    next_in_line(world, 1)  # of all
    assert next_in_line(world, 1) == [[pks[5]]]


def test_what_never_gets_an_answer_ends_too(anna, world, heard, run_jobs, monkeypatch):
    ask_about(anna, world, heard[4:])
    monkeypatch.setattr(
        type(BY_NAME["lrclib"]), "ask", lambda self, kind, subjects, wire, keep: {s.id for s in subjects}
    )
    monkeypatch.setattr(enrich, "RUN_S", 0.3)  # no wire, no pace: nothing else would end a run
    for _time in range(asked.TRIES + 3):
        world.turn("lrclib")
        world.pass_time(minutes=3)
    job = look(world, run_jobs)
    assert (job.state, job.message) == ("done", "0 known, 2 not.")


def test_more_than_a_request_takes_is_put_in_line_by_the_job(anna, world, heard, run_jobs, monkeypatch):
    monkeypatch.setattr(ask, "AT_ONCE", 2)
    Finding.objects.create(
        track=heard[0], provider="lrclib", fetched_at=world.now, again_at=world.now + timedelta(days=9)
    )
    ask_about(anna, world, heard)
    assert not AskedTrack.objects.exists()
    job = look(world, run_jobs)
    assert (job.state, job.done, job.total) == ("queued", 0, 5)
    world.use()
    job = look(world, run_jobs)
    assert (job.state, job.done, job.total, job.result["asked"]) == ("done", 5, 5, 5)
    found = Finding.objects.filter(provider="lrclib", fetched_at__gt=world.now - timedelta(days=1)).exclude(values={})
    assert job.result["found"] == found.exclude(track=heard[0]).count()
    assert not AskedTrack.objects.exists()


def test_a_large_question_about_nothing_says_so(anna, world, heard, run_jobs, monkeypatch):
    monkeypatch.setattr(ask, "AT_ONCE", 2)
    world.use()
    ask_about(anna, world, heard)
    job = look(world, run_jobs)
    assert (job.state, job.result) == ("done", {"found": 0, "asked": 0})
    assert "nothing to ask" in job.message


def test_a_worker_that_died_while_putting_in_line_is_gone_on_with(anna, world, heard, run_jobs, monkeypatch):
    monkeypatch.setattr(ask, "AT_ONCE", 2)
    ask_about(anna, world, heard, again=True)
    whole, steps = jobs.Run.commit_step, []

    def dying(self, **step):
        steps.append(step)
        if len(steps) == 2:
            raise jobs.LostLease(self.job.pk)
        whole(self, **step)

    monkeypatch.setattr(jobs.Run, "commit_step", dying)
    look(world, run_jobs)
    assert AskedTrack.objects.count() == 2
    monkeypatch.setattr(jobs.Run, "commit_step", whole)
    Job.objects.update(state="queued", worker="")
    assert look(world, run_jobs).total == 6
    assert AskedTrack.objects.count() == 6


def test_a_stopped_question_is_asked_no_more_and_can_be_begun_again(client, anna, world, heard, run_jobs):
    client.force_login(anna)
    job = ask_about(anna, world, heard[3:])
    client.post(f"/jobs/{job.pk}/cancel/")
    assert not asked.is_turn(BY_NAME["lrclib"])
    client.post(f"/jobs/{job.pk}/again/")
    assert look(world, run_jobs).total == 3
    assert asked.is_turn(BY_NAME["lrclib"])
    world.use()
    assert look(world, run_jobs).state == "done"
    assert Finding.objects.filter(provider="lrclib", track__in=heard[3:]).count() == 3


def test_what_two_people_ask_is_asked_once_and_told_to_both(anna, ben, world, heard, run_jobs):
    ask_about(anna, world, heard[4:])
    ask_about(ben, world, heard[4:])
    world.use()
    with time_machine.travel(world.now, tick=False):
        Job.objects.update(not_before=None)
        run_jobs("ask_provider")
    assert {(job.state, job.result["asked"]) for job in Job.objects.all()} == {("done", 2)}
    asked_for = [one for one in world.sandbox.requests("/lrclib/*") if one["query"].get("track_name") == heard[4].name]
    assert len(asked_for) == 1
    world.turn("lrclib")
    assert not Asking.objects.exists(), "what is done is not kept"


def test_a_track_that_is_gone_meanwhile_stops_nothing(anna, world, heard, run_jobs):
    gone = TrackFactory(name="Gone", duration_ms=200_000)
    ask_about(anna, world, [*heard[4:], gone])
    gone.delete()
    world.use()
    assert look(world, run_jobs).state == "done"


def test_only_ones_own_tracks_and_known_sources(client, anna, ben, world, heard):
    client.force_login(ben)
    told = {"track": [heard[0].pk], "provider": "lrclib"}
    assert "nothing to ask" in client.post("/tracks/ask/", told, follow=True).content.decode()
    assert client.post("/tracks/ask/", told | {"provider": "lastfm"}).status_code == 404
    assert not Job.objects.exists()
