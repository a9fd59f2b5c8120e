"""One sync in bad weather, from its seed: what is held, wanted and done to it, and what must be true at its end."""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import msgspec
from django.core.cache import cache
from django.utils import timezone

from accounts.models import Breaker, Job, SpotifyApp
from playlists import diff, writing
from playlists.actions import sync
from playlists.actions.remote import UNNAMED
from playlists.models import Playlist, SyncRun
from tests.playlists.conftest import LOCAL, There
from tests.playlists.weather import FAULTS, HANDS, KILLS, Storm

State = SyncRun.State
FOREIGN = 20  # of the known tracks, the last so many are put in by other hands alone
PATIENCE = 60  # attempts


@dataclass
class Trial:
    """`wanted` of a playlist that holds `held`; `events` by the number of the call."""

    seed: int
    held: list[str | None]
    wanted: list[str]
    mode: str
    events: dict[int, list[str]] = field(default_factory=dict)

    @property
    def target(self) -> list[str]:
        """What it should hold if nobody else came: of what can be written."""
        own = [uri for uri in self.held if uri is not None and uri != LOCAL]
        return diff.incremental(own, self.wanted) if self.mode == Playlist.Mode.INCREMENTAL else self.wanted


def endless(living: Any, count: int) -> list[str]:
    """As many tracks as asked for; the sandbox has them all from now on."""
    example, known = living.tracks[0], {f"{number:022}" for number in range(count)}
    plain = type(living).find_track

    def find_track(self: Any, track_id: str) -> Any:
        return msgspec.structs.replace(example, id=track_id) if track_id in known else plain(self, track_id)

    type(living).find_track = find_track
    return [f"spotify:track:{track_id}" for track_id in sorted(known)]


def draw(seed: int, known: list[str], *, kills: int) -> Trial:
    """`kills`: at most so many deaths of the worker."""
    chance = random.Random(seed)
    uris = known[:-FOREIGN]
    held: list[str | None] = list(chance.sample(uris, chance.choice([0, 1, 2, 50, 99, 100, 101, 230])))
    plain = [uri for uri in held if uri is not None]
    wanted = _wanted(chance, uris, plain)
    if held and chance.random() < 0.15:
        held.insert(chance.randrange(len(held)), chance.choice(plain))  # a second copy
    for odd in (LOCAL, None):
        if held and chance.random() < 0.2:
            held.insert(chance.randrange(len(held)), odd)
    mode = Playlist.Mode.INCREMENTAL if chance.random() < 0.2 else Playlist.Mode.REPLACE
    trial = Trial(seed, held, wanted, mode)
    likely = 2 * (1 + len(held) // 100 * 2) + 2 + writing.least_calls(plain, trial.target)
    happenings = [
        *chance.choices(FAULTS, k=chance.choice([0, 1, 1, 2, 3])),
        *chance.choices(HANDS, k=chance.choice([0, 0, 1, 2])),
        *chance.choices(KILLS, k=chance.randrange(kills + 1)),
    ]
    for each in [*dict.fromkeys(happenings)]:  # a token that is refused twice is dead, which is another story
        trial.events.setdefault(chance.randrange(1, likely + 2), []).append(each)
    return trial


def _wanted(chance: random.Random, uris: list[str], held: list[str]) -> list[str]:
    kind = chance.choice(["few", "shuffle", "new", "grow", "shrink", "one"])
    if kind == "shuffle":
        return chance.sample(held, len(held)) or uris[:2]
    if kind == "new":
        return chance.sample(uris, chance.choice([1, 40, 99, 100, 101, 180, 250]))
    if kind == "grow":
        return [*held, *(uri for uri in chance.sample(uris, 60) if uri not in held)]
    if kind == "one":
        return [*held[:-1], next(uri for uri in uris if uri not in held)]
    kept = [uri for uri in held if chance.random() > (0.1 if kind == "few" else 0.5)]
    return kept or uris[:3]


def pursue(trial: Trial, playlist: Playlist, there: There, storm: Storm, work: Callable[[Job], None]) -> SyncRun:
    """Sync until it ends; `work` is one attempt at a job. What was put off is taken up as if its time had come."""
    there.set(trial.held)  # type: ignore[arg-type]
    storm.__post_init__()
    own = [uri for uri in trial.held if uri is not None and uri != LOCAL]
    Playlist.objects.filter(pk=playlist.pk).update(synced_uris=own, hand_added=[], hand_removed=[], mode=trial.mode)
    playlist.refresh_from_db()
    run = sync.start(playlist=playlist, wanted=trial.wanted, now=timezone.now())
    assert run is not None
    for _attempt in range(PATIENCE):
        job = Job.objects.open().filter(kind=sync.KIND).first()
        run.refresh_from_db()  # after that, or it may have ended between the two
        if job is not None:
            calm()
            work(job)
        elif run.state == State.HELD:
            assert storm.writes == 0, "a run that waits for a word has written nothing"
            storm.tried["held for a person's word"] += 1
            sync.confirm(run=run, plan_hash=run.plan_hash, sure=True, now=timezone.now())
        elif run.state == State.STALE:
            assert storm.writes == 0, "a plan that does not fit any more is not written"
            storm.tried["changed after it was agreed to, planned again"] += 1
            calm()
            run = sync.start(playlist=playlist, wanted=trial.wanted, now=timezone.now()) or run
        else:
            return run
    raise AssertionError(f"it does not end: {run.state}, {run.message}")


def calm() -> None:
    """As if the time of every block had passed."""
    Job.objects.open().exclude(not_before=None).update(not_before=None, attempts=0)
    cache.clear()
    SpotifyApp.objects.update(blocked_until=None, rate_limited_until=None)
    Breaker.objects.all().delete()


def check(trial: Trial, there: There, storm: Storm, run: SyncRun) -> None:
    """Nothing lost, nothing twice, nothing emptied; what others did is kept, what was there is kept for undo."""
    told = f"seed {trial.seed}: {run.state} {run.message} {trial.events}"
    assert run.state in (State.DONE, State.UNCHANGED), told
    now = there.uris
    for odd in (LOCAL, None):
        assert now.count(odd) == trial.held.count(odd), f"{odd} is not kept; {told}"
    plain = [uri for uri in now if uri is not None and uri != LOCAL]
    twice = [uri for uri, copies in Counter(plain).items() if copies > 1]
    assert not twice, f"doubled: {twice[:3]}; {told}"
    theirs, gone = set(storm.added) - set(storm.removed), set(storm.removed)
    target = [uri for uri in trial.target if uri not in gone]
    assert set(plain) == set(target) | theirs, f"lost or left over: {set(plain) ^ (set(target) | theirs)}; {told}"
    moved = set(storm.moved)
    in_order = [uri for uri in plain if uri not in theirs and uri not in moved]
    assert in_order == [uri for uri in target if uri not in moved], f"order; {told}"
    assert not storm.emptied or not trial.target, f"it stood empty; {told}"
    before = Counter("unnamed" if uri == UNNAMED else uri for uri in run.before if uri not in storm.added)
    held = Counter(uri if uri is not None else "unnamed" for uri in trial.held)
    assert before - held == Counter(), f"the restore point has what was not there: {before - held}; {told}"
    assert set(held - before) <= gone | moved, f"the restore point lacks something; {told}"
    if not (storm.added or storm.removed or storm.moved):
        assert run.before == [UNNAMED if uri is None else uri for uri in trial.held], f"the restore point; {told}"


def undo(there: There, run: SyncRun, work: Callable[[Job], None]) -> None:
    """In calm weather it brings back what was there, in its order."""
    if run.state != State.DONE:
        return
    calm()
    back = sync.undo(run=run, now=timezone.now())
    if back.calls:
        sync.confirm(run=back, plan_hash=back.plan_hash, sure=True, now=timezone.now())
        work(Job.objects.open().get(kind=sync.KIND))
    back.refresh_from_db()
    assert [UNNAMED if uri is None else uri for uri in there.uris] == run.before, f"undo: {back.state} {back.message}"
