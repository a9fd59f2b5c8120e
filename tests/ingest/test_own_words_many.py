"""Words on very many tracks: a job writes them, in steps, once, one at a time for each person; and undoes them."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from accounts import jobs
from accounts.jobs import LostLease
from accounts.models import Job
from ingest.actions import label, label_job
from ingest.models import FactAct, FactChange, OwnFact, Recording, Track, TrackChange
from tests.factories.ingest import TrackFactory, heard

MORNING = datetime(2026, 11, 20, 8, tzinfo=UTC)
ALL_CALM = {name: ["calm"] for name in ("One", *"ABCD")}
ALL = {"scope": "all", "field": "moods", "value": "calm", "do": "say", "next": "/tracks/?q="}


@pytest.fixture(autouse=True)
def _small(monkeypatch):
    monkeypatch.setattr(label_job, "AT_ONCE", 2)
    monkeypatch.setattr(label_job, "_STEP", 2)
    monkeypatch.setattr(jobs, "WRITE_EVERY_S", 0.0)


@pytest.fixture
def songs(anna):
    """Five recordings, the first one in two versions."""
    first = Recording.objects.create(name="One")
    made = [TrackFactory(name=name, recording=first if name == "One" else None) for name in ("One", "One", *"ABCD")]
    for n, song in enumerate(made):
        heard(anna, song, MORNING + timedelta(hours=n))
    TrackChange.objects.bulk_create(TrackChange(track=song) for song in made)
    label.say(user=anna, tracks=[made[2].pk], field="moods", value=["dark"], now=MORNING)
    return made


@pytest.fixture
def hers(client, anna):
    client.force_login(anna)
    return client


def said(field="moods"):
    return dict(OwnFact.objects.filter(field=field).values_list("track__name", "value"))


def test_many_are_said_by_a_job_that_the_page_shows_and_one_click_undoes(hers, songs, run_jobs):
    answer = hers.post("/tracks/say/", ALL)
    act, job = FactAct.objects.latest("pk"), Job.objects.get(kind="label_tracks")
    assert answer.url == f"/tracks/?q=&undo={act.pk}"
    assert said() == {"A": ["dark"]}
    page = hers.get("/tracks/").content.decode()  # whichever way they come
    assert f'hx-get="/tracks/said/{act.pk}/' in page
    assert "Undo what you just said" not in page
    run_jobs("label_tracks")
    job.refresh_from_db()
    assert (job.state, job.done, job.total) == ("done", 5, 5), job.error
    assert job.message == "Said of 5 tracks. It counts from now on."
    assert job.result == {"tracks": 5, "changed": 6}
    act.refresh_from_db()
    assert act.wanted is None, "needed no more"
    assert said() == ALL_CALM
    live = hers.get(f"/tracks/said/{act.pk}/?here=/tracks/%3Fq%3Dx").content.decode()
    assert "hx-get" not in live
    assert "Said of 5 tracks" in live
    assert 'value="/tracks/?q=x"' in live
    hers.post(f"/tracks/said/{act.pk}/undo/", {"next": "/tracks/"})
    assert len(said()) == 5
    assert f'hx-get="/tracks/said/{act.pk}/' in hers.get("/tracks/").content.decode()
    (undoing,) = run_jobs("label_tracks")
    assert (undoing.state, undoing.result["changed"], said()) == ("done", 6, {"A": ["dark"]})
    page = hers.post(f"/tracks/said/{act.pk}/undo/", follow=True).content.decode()
    assert "nothing left to undo" in page


def test_few_are_said_at_once(hers, songs):
    hers.post("/tracks/say/", ALL | {"scope": "ticked", "track": [songs[2].pk, songs[3].pk]})
    assert said() == {"A": ["calm"], "B": ["calm"]}
    assert not Job.objects.exists()


def test_one_at_a_time_for_each_person(hers, anna, ben, songs, run_jobs):
    hers.post("/tracks/say/", ALL)
    again = hers.post("/tracks/say/", ALL | {"value": "dark"}, follow=True).content.decode()
    assert "still being written" in again
    assert hers.post("/tracks/say/", ALL, follow=True).status_code == 200  # the same button, pressed twice
    act = FactAct.objects.latest("pk")
    assert FactAct.objects.filter(tracks=0).count() == 1
    assert "still being written" in hers.post(f"/tracks/said/{act.pk}/undo/", follow=True).content.decode()
    label_job.start(user=ben, tracks=[songs[0].pk], chosen=1, field="moods", value=["calm"], now=MORNING)
    assert Job.objects.open().count() == 2
    run_jobs("label_tracks")
    assert {str(value) for value in OwnFact.objects.of(anna).values_list("value", flat=True)} == {"['calm']"}
    act.refresh_from_db()
    assert act.undone_at is None


def test_saying_what_was_said_before_changes_nothing(hers, anna, songs, run_jobs):
    label.say(user=anna, tracks=[song.pk for song in songs], field="moods", value=["calm"], now=MORNING)
    hers.post("/tracks/say/", ALL)
    (job,) = run_jobs("label_tracks")
    assert (job.message, job.result["changed"]) == ("Nothing was changed: it was so before.", 0)
    act = FactAct.objects.latest("pk")
    assert "Undo what" not in hers.get(f"/tracks/?undo={act.pk}").content.decode()


@pytest.mark.parametrize("undo", [False, True])
def test_a_job_whose_worker_died_is_gone_on_with_and_nothing_is_done_twice(hers, songs, run_jobs, monkeypatch, undo):
    hers.post("/tracks/say/", ALL)
    act = FactAct.objects.latest("pk")
    if undo:
        run_jobs("label_tracks")
        hers.post(f"/tracks/said/{act.pk}/undo/")
    whole, steps = jobs.Run.commit_step, []

    def dying(self, **step):
        steps.append(step)
        if len(steps) == 2:
            raise LostLease(self.job.pk)
        whole(self, **step)

    monkeypatch.setattr(jobs.Run, "commit_step", dying)
    run_jobs("label_tracks")
    job = Job.objects.filter(kind="label_tracks").latest("pk")
    assert job.state == "running"
    assert len([1 for value in said().values() if value == ["calm"]]) not in (0, 5)
    Job.objects.filter(pk=job.pk).update(state="queued", worker="")
    monkeypatch.setattr(jobs.Run, "commit_step", whole)
    run_jobs("label_tracks")
    job.refresh_from_db()
    assert (job.state, job.result) == ("done", {"tracks": 6 if undo else 5, "changed": 6})
    assert said() == ({"A": ["dark"]} if undo else ALL_CALM)
    act.refresh_from_db()
    assert (act.tracks, FactChange.objects.filter(act=act).count()) == (6, 6)


def test_what_is_said_of_one_track_meanwhile_is_later(hers, anna, songs, run_jobs):
    hers.post("/tracks/say/", ALL)
    label.say(user=anna, tracks=[songs[4].pk], field="moods", value=["happy"], now=MORNING)
    label.say(user=anna, tracks=[songs[2].pk], field="moods", value=None, now=MORNING)
    (job,) = run_jobs("label_tracks")
    assert job.result["changed"] == 4
    assert said() == {"One": ["calm"], "B": ["calm"], "C": ["happy"], "D": ["calm"]}


def test_a_stopped_job_keeps_what_it_wrote_and_can_be_undone_or_begun_again(hers, anna, songs, run_jobs, monkeypatch):
    hers.post("/tracks/say/", ALL)
    act, job = FactAct.objects.latest("pk"), Job.objects.get(kind="label_tracks")
    whole = label.apply

    def stopped(act, tracks):
        Job.objects.filter(pk=job.pk).update(cancel_requested=True)
        return whole(act, tracks)

    monkeypatch.setattr(label, "apply", stopped)
    run_jobs("label_tracks")
    assert said() == {"One": ["calm"], "A": ["dark"]}
    monkeypatch.setattr(label, "apply", whole)
    assert "Undo what" in hers.get(f"/tracks/?undo={act.pk}").content.decode()
    hers.post(f"/jobs/{job.pk}/again/")
    run_jobs("label_tracks")
    assert len(said()) == 5
    act.refresh_from_db()
    assert act.tracks == FactChange.objects.filter(act=act).count() == 6
    hers.post(f"/tracks/said/{act.pk}/undo/")
    run_jobs("label_tracks")
    assert said() == {"A": ["dark"]}
    Job.objects.filter(pk=job.pk).update(state="failed")
    assert "You undid it since" in hers.get(f"/jobs/{job.pk}/").content.decode()


def test_tracks_that_are_gone_meanwhile_stop_nothing(anna, songs, run_jobs):
    gone = TrackFactory()
    pks = [song.pk for song in songs] + [gone.pk]
    label_job.start(user=anna, tracks=pks, chosen=6, field="rating", value=5, now=MORNING)
    with transaction.atomic():
        Track.objects.filter(pk=gone.pk).delete()
    (job,) = run_jobs("label_tracks")
    assert job.state == "done", job.traceback
    assert OwnFact.objects.filter(field="rating").count() == 6
