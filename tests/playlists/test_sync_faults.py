"""Generated syncs in bad weather: whatever goes wrong between any two calls, a repeat ends in the wanted list.

More of them with `SYNC_RUNS`. The thousand, with workers that are really killed: `python -m tests.bench.sync`.
"""

import contextlib
import os
import random
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
import requests

from accounts import job_run
from accounts.models import Job
from playlists import writing
from tests.playlists import trials
from tests.playlists.weather import Storm

TIMEOUT = timedelta(seconds=0.2)
RUNS = int(os.environ.get("SYNC_RUNS", "25"))


class Killed(BaseException):
    """As `kill -9`: nothing of ours gets to run any more."""


@pytest.fixture
def storm(spotify, there, uris, settings, monkeypatch):
    """Before the sandbox; a killed worker is one whose call never comes back to it."""
    settings.SPOTIFY_TIMEOUT = TIMEOUT
    spotify.app(rate_limit=10**6, quota=None)
    deaths: list[str] = []
    server = spotify._listener
    made = Storm(
        server.app, there, deaths.append, 2 * TIMEOUT.total_seconds(), uris[-trials.FOREIGN :], random.Random(1)
    )
    monkeypatch.setattr(server, "app", made)
    plain = requests.Session.request

    def request(self: requests.Session, *args: Any, **more: Any) -> requests.Response:
        try:
            answer = plain(self, *args, **more)
        except requests.RequestException:
            if deaths:
                raise Killed(deaths.pop()) from None
            raise
        if deaths:
            raise Killed(deaths.pop())
        return answer

    monkeypatch.setattr(requests.Session, "request", request)
    return made


def work(job: Job) -> None:
    Job.objects.filter(pk=job.pk, state=Job.State.RUNNING).update(state=Job.State.QUEUED, worker="")  # its worker died
    with contextlib.suppress(Killed):
        job_run.run(job_id=job.pk, heartbeat=False)


@pytest.mark.parametrize("seed", range(RUNS))
def test_a_repeat_ends_in_the_wanted_list(playlist, there, uris, storm, seed, tried):
    trial = trials.draw(seed, uris, kills=2)
    storm.events, storm.chance = trial.events, random.Random(seed)
    run = trials.pursue(trial, playlist, there, storm, work)
    trials.check(trial, there, storm, run)
    tried.update(storm.tried)
    tried["writes"] += storm.writes
    tried["least writes"] += writing.least_calls(trial.held, there.uris)
    storm.events.clear()
    trials.undo(there, run, work)


@pytest.fixture(scope="module")
def tried():
    counted: Counter[str] = Counter()
    yield counted
    print("\n" + "\n".join(f"{count:6}  {what}" for what, count in sorted(counted.items())))
