"""Spotify agreed to a call and shows the list as it was before, for some time."""

import random
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import job_run
from accounts.models import Job
from playlists.actions import sync
from playlists.models import SyncRun
from tests.playlists.weather import LIES, Storm

State = SyncRun.State
OLD = [LIES[3]]


@pytest.fixture
def storm(spotify, there, monkeypatch):
    made = Storm(spotify._listener.app, there, lambda when: None, 1.0, [], random.Random(1))
    monkeypatch.setattr(spotify._listener, "app", made)
    return made


def attempt() -> None:
    job = Job.objects.open().get(kind=sync.KIND)
    job_run.run(job_id=job.pk, heartbeat=False)
    Job.objects.filter(pk=job.pk, state=Job.State.QUEUED).update(not_before=None)


def test_each_run_of_a_job_waits_for_its_own_sight(playlist, there, uris, storm):
    """The waits of an earlier run must not make a later one write again what Spotify only shows late."""
    now = timezone.now()
    first = sync.start(playlist=playlist, wanted=uris[:5], now=now)
    storm.events = {call: list(OLD) for call in (3, 4, 8, 9)}  # twice after the write of each
    attempt()
    second = sync.start(playlist=playlist, wanted=uris[:6], now=now + timedelta(seconds=1))
    while Job.objects.open().filter(kind=sync.KIND).exists():
        attempt()
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state) == (State.DONE, State.DONE)
    assert (first.writes, second.writes, second.replans) == (1, 1, 0)
    assert there.uris == uris[:6]
    assert storm.tried[LIES[3]] == 4


def test_a_list_that_never_shows_what_was_written_ends_the_run(playlist, there, uris, storm, monkeypatch):
    """Each call that is sent again adds the tracks once more, if Spotify did take them."""
    there.set(uris[:2])
    monkeypatch.setattr(storm, "_done", keeps_saying(storm, there, uris[:2]))
    run = sync.start(playlist=playlist, wanted=uris[:5], now=timezone.now())
    for _turn in range(40):
        if Job.objects.open().filter(kind=sync.KIND).exists():
            attempt()
    run.refresh_from_db()
    assert (run.state, run.replans) == (State.FAILED, 6)
    assert 2 <= storm.writes <= 6


def keeps_saying(storm, there, always):
    plain = Storm._done

    def done(environ, is_read, *, old):
        if not is_read:
            return plain(storm, environ, is_read, old=False)
        held = there.uris
        there.set(always)
        try:
            return plain(storm, environ, is_read, old=False)
        finally:
            there.set(held)

    return done
