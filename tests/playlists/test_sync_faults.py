"""Generated runs under faults: whatever goes wrong between any two calls, a repeat ends in the wanted list.

A thousand of them: `SYNC_RUNS=1000 python -m pytest -s tests/playlists/test_sync_faults.py`.
"""

import os
import random
from collections import Counter
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone

from accounts import job_run
from accounts.models import Breaker, Job, SpotifyApp
from accounts.spotify import wire
from playlists import writing
from playlists.actions import sync
from playlists.models import Playlist, SyncRun
from tests.playlists.conftest import LOCAL

RUNS = int(os.environ.get("SYNC_RUNS", "12"))
FAULTS: list[dict[str, Any]] = [
    {"kind": "status", "status": 429, "retry_after": 3},
    {"kind": "status", "status": 429, "retry_after": 40_000},
    {"kind": "status", "status": 500},
    {"kind": "status", "status": 503},
    {"kind": "reset"},
    {"kind": "cut"},  # a write has happened, its answer is lost
    {"kind": "bad_json"},
    {"kind": "empty"},
    {"kind": "content"},
]


class Killed(BaseException):
    """As `kill -9`: nothing of ours gets to run any more."""


def wanted_of(chance: random.Random, uris: list[str], held: list[str]) -> list[str]:
    kind = chance.choice(["few", "shuffle", "new", "grow", "shrink"])
    plain = [uri for uri in dict.fromkeys(held) if uri != LOCAL]
    if kind == "shuffle":
        return chance.sample(plain, len(plain))
    if kind == "new":
        return chance.sample(uris, chance.choice([1, 40, 99, 100, 101, 180]))
    if kind == "grow":
        return [*plain, *[uri for uri in chance.sample(uris, 60) if uri not in plain]]
    kept = [uri for uri in plain if chance.random() > (0.1 if kind == "few" else 0.5)]
    return kept or uris[:3]


@pytest.mark.parametrize("seed", range(RUNS))
def test_a_repeat_ends_in_the_wanted_list(playlist, there, uris, spotify, seed, monkeypatch, tried):
    chance = random.Random(seed)
    cache.clear()
    held = chance.sample(uris, chance.choice([0, 1, 50, 99, 100, 101, 230]))
    if held and chance.random() < 0.3:
        held.insert(chance.randrange(len(held)), LOCAL)
    there.set(held)
    own = [uri for uri in held if uri != LOCAL]
    Playlist.objects.update(synced_uris=own)
    playlist.refresh_from_db()
    wanted = wanted_of(chance, uris, held)
    for _ in range(chance.choice([0, 1, 1, 2, 3])):
        fault = dict(chance.choice(FAULTS), path="/v1/playlists/*", count=1, skip=chance.randrange(7))
        spotify.fault(**fault)
        tried[f"{fault['kind']} {fault.get('status', '')}".strip()] += 1
    foreign = uris[-1 - chance.randrange(20)] if chance.random() < 0.3 else None
    foreign = None if foreign in wanted or foreign in held else foreign
    send, sent, edits = wire.send, Counter[str](), list[str]()
    fatal, edit_at = chance.randrange(1, 9) if chance.random() < 0.5 else 0, chance.randrange(1, 9)

    def sending(*args: Any, **more: Any) -> Any:
        sent["calls"] += 1
        if sent["calls"] == fatal and seed % 2:
            tried["killed before a call"] += 1
            raise Killed
        answer = send(*args, **more)
        if sent["calls"] == fatal:
            tried["killed after a call"] += 1
            raise Killed
        if foreign and sent["calls"] == edit_at and foreign not in there.uris:
            tried["edited by hand"] += 1
            there.set([*there.uris, foreign])
            edits.append(foreign)
        return answer

    monkeypatch.setattr(wire, "send", sending)
    run = sync.start(playlist=playlist, wanted=wanted, now=timezone.now())
    for _attempt in range(30):
        job = Job.objects.filter(state__in=(Job.State.QUEUED, Job.State.RUNNING)).first()
        run.refresh_from_db()
        if job is None and run.state in (SyncRun.State.HELD, SyncRun.State.STALE):
            assert Counter(there.uris) - Counter([foreign]) == Counter(held) - Counter([foreign])
            tried["held for a person's word"] += run.state == SyncRun.State.HELD
            sync.confirm(run=run, plan_hash=run.plan_hash, sure=True, now=timezone.now())
            continue
        if job is None:
            break
        Job.objects.filter(pk=job.pk).update(state=Job.State.QUEUED, not_before=None, worker="", attempts=0)
        cache.clear()
        SpotifyApp.objects.update(blocked_until=None, rate_limited_until=None)  # as if the time had passed
        Breaker.objects.all().delete()
        try:
            job_run.run(job_id=job.pk, heartbeat=False)
        except Killed:
            continue
    run.refresh_from_db()
    now = there.uris
    tried[f"ended {run.state}"] += 1
    if run.state == SyncRun.State.STALE:
        assert set(now) - {foreign} == set(held) - {foreign}
        return
    assert run.state in (SyncRun.State.DONE, SyncRun.State.UNCHANGED), run.message
    plain = [uri for uri in now if uri not in (LOCAL, foreign)]
    assert plain == wanted
    assert now.count(LOCAL) == held.count(LOCAL)
    assert [uri for uri in now if uri == foreign] == edits
    assert [uri for uri in run.before if uri != foreign] == held
    tried["writes"] += run.writes
    tried["least writes"] += writing.least_calls(held, now)


@pytest.fixture(scope="module")
def tried():
    counted: Counter[str] = Counter()
    yield counted
    print("\n" + "\n".join(f"{count:6}  {what}" for what, count in sorted(counted.items())))
