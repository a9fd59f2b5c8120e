"""A person asks one provider about tracks that they chose: how many it will be, and a job that shows how far it is.

The job asks nothing itself. It puts the tracks in line (`asked.py`); the provider's turns ask, within its pace and
budget and fairly between people, and the job tells how many are answered.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts import jobs
from accounts.models import Job, User
from ingest.actions import asked, asking, enrich, want
from ingest.models import Asking, Finding, ProviderDay, ProviderState
from ingest.providers import registry, turn
from ingest.providers.base import Provider

KIND = "ask_provider"
AT_ONCE = 2_000  # tracks that are put in line within the request; of more, the job does it
LOOK = timedelta(seconds=5)  # between two looks how far it is
LOOK_MANY = timedelta(seconds=20)
LONGEST = timedelta(days=14)  # without any answer
_WAITS = {"budget", "it asked us to wait", "it refuses us", "it does not answer"}  # as `turn` writes them


@dataclass(frozen=True, slots=True)
class Offer:
    """What asking one provider about some tracks would mean."""

    provider: Provider
    fresh: int  # tracks that it was not asked about lately
    known: int  # tracks that it was asked about, and would be again
    left_today: int | None  # calls of its day's budget; None: as many as one likes

    @property
    def calls(self) -> int:
        return -(-self.fresh // self.provider.batch["track"])


def offers(tracks: Sequence[int], now: datetime) -> list[Offer]:
    """Of each provider that is on and knows of tracks."""
    states = {state.provider: state for state in ProviderState.objects.all()}
    days = dict(ProviderDay.objects.filter(day=now.date()).values_list("provider", "calls"))
    told = []
    for provider in registry.PROVIDERS:
        state = states.get(provider.name)
        if "track" not in provider.batch or not registry.is_on(provider, state):
            continue
        askable, fresh = asking.count_among(provider, tracks, now)
        budget = turn.budget(provider, state or ProviderState(provider=provider.name))
        left = None if budget is None else max(0, budget - days.get(provider.name, 0))
        told.append(Offer(provider, fresh, askable - fresh, left))
    return told


def start(*, user: User, provider: Provider, tracks: Sequence[int], again: bool, now: datetime) -> Job | None:
    """Ask about `tracks` (`again`: also what it was asked about before); None if there is nothing to ask.

    The same question that is under way is that one. Of very many tracks the job itself finds what there is to ask.
    """
    wanted = np.array(tracks, dtype="<i4")
    digest = hashlib.sha256(wanted.tobytes() + bytes([again])).hexdigest()[:16]
    with transaction.atomic():
        one = Asking.objects.create(
            user=user, provider=provider.name, again=again, wanted=wanted.tobytes(), made_at=now, answered_at=now
        )
        if len(tracks) <= AT_ONCE:
            _line_up(one, provider, now)
            if not one.total:
                one.delete()
                return None
        key = f"{user.pk}:{provider.name}:{digest}"
        one.job = jobs.start(KIND, owner=user, parameters={"provider": provider.name, "asking": one.pk}, key=key)
        job = one.job
        if job.parameters["asking"] != one.pk:
            one.delete()
            return job
        one.save(update_fields=["job"])
    _begin(provider)
    return one.job


def _line_up(one: Asking, provider: Provider, now: datetime) -> None:
    """Put the next of what is wanted in line, in the caller's transaction."""
    wanted = np.frombuffer(one.wanted or b"", dtype="<i4")
    part, rest = wanted[:AT_ONCE].tolist(), wanted[AT_ONCE:]
    due = asking.due_among(provider, part, now, again=one.again)
    if one.again:
        Finding.objects.filter(provider=provider.name, track__in=due).update(again_at=now)
    asked.line_up(one, due)
    one.wanted = rest.tobytes() or None
    one.save(update_fields=["wanted"])


def _begin(provider: Provider) -> None:
    ProviderState.objects.filter(provider=provider.name, why=want.IDLE).update(next_at=None, why="")
    enrich.begin()


def _why_not(job: Job) -> str:
    return "" if _of(job) else _("It is too long ago.")


def _of(job: Job) -> Asking | None:
    return Asking.objects.filter(pk=job.parameters.get("asking"), user=job.owner).first()


@jobs.handler(KIND, queue="enrich", again=jobs.start_same, why_not=_why_not)
def watch(run: jobs.Run) -> dict[str, Any]:
    """Put in line what is not yet, then look how many are answered; put off until the next look."""
    one, provider = _of(run.job), registry.BY_NAME.get(run.parameters["provider"])
    if one is None:
        raise jobs.Failure(_("It is too long ago."))
    state = ProviderState.objects.filter(provider=run.parameters["provider"]).first()
    if provider is None or not registry.is_on(provider, state):
        raise jobs.Failure(_("This source is switched off. What it told until now is kept."))
    if one.job_id != run.job.pk:  # begun again
        Asking.objects.filter(pk=one.pk).update(job=run.job, answered_at=timezone.now())
        one.refresh_from_db()
    _line_up_all(run, one, provider)
    return _outcome(run, one) if _look(run, one, state) else _later(run, one, provider, state)


def _line_up_all(run: jobs.Run, one: Asking, provider: Provider) -> None:
    while one.wanted is not None:
        with transaction.atomic():
            _line_up(one, provider, timezone.now())
            run.commit_step(**run.step)
        run.advance(0, one.total, unit="tracks", message=_("Putting them in line"))


def _look(run: jobs.Run, one: Asking, state: ProviderState | None) -> bool:
    """Tell how far it is; whether nothing is left."""
    left = one.tracks.count()
    if left and not (state and state.failures) and not one.tracks.filter(tries__lt=asked.TRIES).exists():
        left -= asked.give_up(one)
    one.refresh_from_db(fields=["answered", "found", "total"])
    run.advance(one.total - left, one.total, unit="tracks")
    run.flush()
    return left == 0


def _later(run: jobs.Run, one: Asking, provider: Provider, state: ProviderState | None) -> dict[str, Any]:
    now = timezone.now()
    is_stuck = one.answered <= run.step.get("answered", -1)
    if not is_stuck:
        Asking.objects.filter(pk=one.pk).update(answered_at=now)
    elif now - one.answered_at > LONGEST:
        raise jobs.Failure(_("It took too long and was given up. What was told until now is kept; ask again later."))
    with transaction.atomic():
        run.commit_step(answered=one.answered)
    if state and state.next_at and state.next_at > now and state.why in _WAITS:
        until = date_format(timezone.localtime(state.next_at), "SHORT_DATETIME_FORMAT")
        told = _("%(source)s takes no questions until %(until)s.") % {"source": provider.label, "until": until}
        raise jobs.PutOff(state.next_at, told)
    if is_stuck:
        _begin(provider)
    look = LOOK if one.total <= AT_ONCE else LOOK_MANY
    raise jobs.PutOff(now + look, _("Asking %(source)s.") % {"source": provider.label})


def _outcome(run: jobs.Run, one: Asking) -> dict[str, Any]:
    if not one.total:
        run.job.message = _("There is nothing to ask: it was asked about all of them, or needs facts they lack.")
        return {"found": 0, "asked": 0}
    words = _("%(found)s known, %(missing)s not.") % {"found": one.found, "missing": one.total - one.found}
    run.advance(one.total, message=words)
    return {"found": one.found, "asked": one.total}
