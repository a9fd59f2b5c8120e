"""A thousand syncs in bad weather, written by real workers that are really killed; and what a calm one costs.

    python -m tests.bench.sync [--runs 1000] [--first 0] [--only storms,calls]

The sandbox stands in this process, a storm before it (tests/playlists/weather.py): at calls drawn by chance it refuses,
drops or garbles the answer, edits the list as another hand, or kills the process that is calling with SIGKILL, before
the call, before its answer or after it. The writer is the product's own Celery worker. After each run the list is
compared with the plan, its restore point with what was there, and the undo is done. On SQLite in a temporary folder.
"""

import argparse
import contextlib
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

from tests.bench import surroundings

ROOT = Path(__file__).resolve().parents[2]
TIMEOUT_S = 1
PATIENCE_S = 60


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=1_000)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--only", default="calls,storms")
    options = parser.parse_args()
    from vibesite.sandbox.world import Size, World

    with tempfile.TemporaryDirectory() as folder:
        surroundings.take(folder)
        from tests.sandbox_fixtures import TestSandbox

        with TestSandbox(World(size=Size.SMALL)) as sandbox:
            os.environ.update(SPOTIFY_API_URL=sandbox.url + "/v1", SPOTIFY_ACCOUNTS_URL=sandbox.url)
            os.environ.update(SPOTIFY_CLIENT_ID="sandbox-app", SPOTIFY_CLIENT_SECRET="sandbox-secret")
            os.environ.update(SPOTIFY_TIMEOUT_S=str(TIMEOUT_S), SPOTIFY_DAILY_CALLS="1000000", LOG_LEVEL="CRITICAL")
            surroundings.set_up()
            sandbox.app(rate_limit=10**6, quota=None)
            playlist, there = prepare(sandbox)
            if "calls" in options.only:
                calls(sandbox, playlist, there)
            if "storms" in options.only:
                storms(sandbox, playlist, there, range(options.first, options.first + options.runs))


def prepare(sandbox: Any) -> tuple[Any, Any]:
    """A database, a person with a connection, and an empty playlist of theirs."""
    from datetime import timedelta

    from django.core.management import call_command
    from django.utils import timezone

    from accounts.models import SpotifyConnection, User
    from accounts.spotify import crypto, registration
    from playlists.models import Playlist
    from tests.playlists.conftest import There
    from vibesite.sandbox import shelf

    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    listener, now = sandbox.listeners[0], timezone.now()
    app, answer = registration.from_settings(), sandbox.tokens_for(listener.id)
    assert app is not None
    connection = SpotifyConnection.objects.create(
        user=User.objects.create(username="mara"), app=app, account_id=listener.account_id,
        spotify_user_id=listener.id, access_token_encrypted=crypto.encrypt(answer["access_token"]),
        refresh_token_encrypted=crypto.encrypt(answer["refresh_token"]), scopes=answer["scope"].split(),
        access_expires_at=now + timedelta(hours=1), authorized_at=now, state_at=now,
    )  # fmt: skip
    made = shelf.make(sandbox.world, listener, name="Slow", at=sandbox.clock.now(), public=False)
    playlist = Playlist.objects.create(
        owner=connection.user, connection=connection, name="Slow", spotify_id=made.id, synced_uris=[], min_tracks=0
    )
    return playlist, There(sandbox, listener, made.id)


# --- In calm weather --------------------------------------------------------------------------------------------------
def calls(sandbox: Any, playlist: Any, there: Any) -> None:
    """Calls of typical changes beside the least that any way needs."""
    from playlists import writing
    from tests.playlists import trials

    tracks, chance = trials.endless(sandbox.world, 2 * writing.MOST), random.Random(3)
    for size in (100, writing.MOST):
        held, new = tracks[:size], tracks[writing.MOST : writing.MOST + 100]
        shuffled = chance.sample(held, size)
        halves = [uri for pair in zip(held[: size // 2], held[size // 2 :], strict=True) for uri in pair]
        print(f"\n{size:,} tracks{'':22}writes  least  reads  least  seconds")
        for name, wanted in (
            ("nothing changed", held),
            ("one appended", [*held, new[0]] if size < writing.MOST else [*held[1:], new[0]]),
            ("one removed", [*held[:50], *held[51:]]),
            ("ten come, ten leave", [*held[10:], *new[:10]]),
            ("one moved to the top", [held[-1], *held[:-1]]),
            ("order only: two halves dealt", halves),
            ("order only: shuffled", shuffled),
            ("all new", tracks[writing.MOST : writing.MOST + size]),
        ):
            began = time.perf_counter()
            run = calm_sync(playlist, there, held, wanted)
            took = time.perf_counter() - began
            assert there.uris == wanted, name
            reads = least_reads(held) + (least_reads(wanted) if run.writes else 0)
            least = writing.least_calls(held, wanted)
            print(f"  {name:32}{run.writes:6} {least:6} {run.reads:6} {reads:6} {took:8.2f}")


def least_reads(items: list[str]) -> int:
    """A hundred come with the playlist, fifty with each call after."""
    return 1 + max(0, -(-(len(items) - 100) // 50))


def calm_sync(playlist: Any, there: Any, held: list[str], wanted: list[str]) -> Any:
    from django.utils import timezone

    from accounts import job_run
    from accounts.models import Job
    from playlists.actions import sync
    from playlists.models import Playlist

    there.set(held)
    Playlist.objects.filter(pk=playlist.pk).update(synced_uris=held, hand_added=[], hand_removed=[])
    playlist.refresh_from_db()
    run = sync.start(playlist=playlist, wanted=wanted, now=timezone.now())
    assert run is not None
    while (job := Job.objects.open().first()) is not None:
        job_run.run(job_id=job.pk, heartbeat=False)
        run.refresh_from_db()
        if run.guards and run.wants_a_word:
            sync.confirm(run=run, plan_hash=run.plan_hash, sure=True, now=timezone.now())
    run.refresh_from_db()
    return run


# --- In storms --------------------------------------------------------------------------------------------------------
def storms(sandbox: Any, playlist: Any, there: Any, seeds: range) -> None:
    from playlists import writing
    from tests.playlists import trials
    from tests.playlists.weather import Storm

    known = [f"spotify:track:{track.id}" for track in sandbox.world.tracks[:400]]
    tried, began, failed = Counter[str](), time.perf_counter(), []
    plain = sandbox._listener.app
    with Worker():
        for seed in seeds:
            trial = trials.draw(seed, known, kills=2 if seed % 3 == 0 else 0)
            foreign, chance = known[-trials.FOREIGN :], random.Random(seed)
            storm = Storm(plain, there, kill, TIMEOUT_S + 0.3, foreign, chance, trial.events)
            sandbox._listener.app = storm
            try:
                run = trials.pursue(trial, playlist, there, storm, attempt)
                tried["calls that write, sent"] += storm.writes
                tried["calls that write, the least"] += writing.least_calls(trial.held, there.uris)  # type: ignore[arg-type]
                tried["syncs that were planned anew around another hand"] += bool(run.replans)
                trials.check(trial, there, storm, run)
                storm.events.clear()
                trials.undo(there, run, attempt)
                tried["undone"] += run.has_begun
            except AssertionError as exc:
                failed.append(f"{seed}: {exc}")
                print(f"  {failed[-1]}", flush=True)
                forget()
            tried.update(storm.tried)
            if seed % 50 == 49:
                print(f"… {seed + 1 - seeds.start} runs, {time.perf_counter() - began:.0f} s", flush=True)
    sandbox._listener.app = plain
    print(f"\n{len(seeds)} syncs, {len(failed)} failed, {time.perf_counter() - began:.0f} s, {surroundings.load()}")
    for name, count in sorted(tried.items()):
        print(f"{count:7}  {name}")
    print("\n".join(failed))
    sys.exit(bool(failed))


class Worker:
    """The product's worker, of two processes: one goes on while the other is being replaced."""

    def __enter__(self) -> "Worker":
        from vibesite.management.commands import serve

        command, nowhere = serve.worker_command("all", ["sync", "live"], 2), subprocess.DEVNULL
        self.process = subprocess.Popen(command, cwd=ROOT, stdout=nowhere, stderr=nowhere, start_new_session=True)
        return self

    def __exit__(self, *_exc: object) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)  # its group is its own
        self.process.wait()


def kill(when: str) -> None:
    """End the process that is running the job: now, or a moment after its answer. Called by the sandbox's threads."""
    from django.db import connection

    from accounts.models import Job

    word = Job.objects.filter(state=Job.State.RUNNING).values_list("worker", flat=True).first()
    connection.close()
    if not word:
        return
    pid = int(word.partition("#")[0].rsplit("/", 2)[1])
    assert pid != os.getpid()
    if when.endswith("after its answer"):
        threading.Timer(random.random() * 0.02, _kill, (pid,)).start()
    else:
        _kill(pid)


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def attempt(job: Any) -> None:
    """Send the job to the workers and wait until that attempt is over, one way or the other."""
    from django.utils import timezone

    from accounts import jobs, process, reaper
    from accounts.models import Job

    jobs.dispatch(job, now=timezone.now())
    began = time.monotonic()
    while time.monotonic() < began + PATIENCE_S:
        job.refresh_from_db()
        if job.state not in Job.OPEN or (job.state == Job.State.QUEUED and job.not_before is not None):
            return
        if job.state == Job.State.RUNNING and process.is_dead(job.worker.partition("#")[0]):
            reaper.reap(now=timezone.now())
            return
        time.sleep(0.01)
    raise AssertionError(f"no end of job {job.pk} within {PATIENCE_S} s: {job.state}")


def forget() -> None:
    """What a failed run left, so that it does not stand in the next one's way."""
    from accounts.models import Job
    from playlists.models import SyncRun

    SyncRun.objects.writing().update(state=SyncRun.State.DROPPED)
    Job.objects.open().update(state=Job.State.FAILED)


if __name__ == "__main__":
    main()
