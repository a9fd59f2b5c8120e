"""A person asks one provider about tracks that they chose: how many it will be, and a job that shows how far it is.

The job asks nothing itself. It puts the tracks first in line; the provider's turns ask, within its pace and budget,
and the job looks how many are answered.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts import jobs
from accounts.models import Job, User
from ingest.actions import asking, enrich, want
from ingest.models import Finding, ProviderDay, ProviderState
from ingest.providers import registry, turn
from ingest.providers.base import Provider
from ingest.upsert import parts

KIND = "ask_provider"
MOST = 5_000  # tracks of one asking
LOOK = timedelta(seconds=5)  # between two looks how far it is
LONGEST = timedelta(days=14)
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
        fresh = len(asking.due_among(provider, tracks, now))
        known = len(asking.due_among(provider, tracks, now, again=True)) - fresh
        budget = turn.budget(provider, state or ProviderState(provider=provider.name))
        left = None if budget is None else max(0, budget - days.get(provider.name, 0))
        told.append(Offer(provider, fresh, known, left))
    return told


def start(*, user: User, provider: Provider, tracks: Sequence[int], again: bool, now: datetime) -> Job | None:
    """Ask about the first MOST of `tracks` (`again`: also what it was asked about before); None if there are none."""
    chosen = asking.due_among(provider, tracks[:MOST], now, again=again)
    if not chosen:
        return None
    if again:
        for part in parts(chosen):
            Finding.objects.filter(provider=provider.name, track__in=part).update(again_at=now)
    want.all_of(chosen)
    digest = hashlib.sha256(repr(chosen).encode()).hexdigest()[:16]
    parameters = {"provider": provider.name, "tracks": chosen, "since": now.isoformat()}
    job = jobs.start(KIND, owner=user, parameters=parameters, key=f"{user.pk}:{provider.name}:{digest}")
    asking.put_first(provider, chosen)
    _begin(provider)
    return job


def _begin(provider: Provider) -> None:
    ProviderState.objects.filter(provider=provider.name, why=want.IDLE).update(next_at=None, why="")
    enrich.begin()


@jobs.handler(KIND, queue="enrich", again=jobs.start_same)
def watch(run: jobs.Run) -> dict[str, Any]:
    """Look how many are answered; put off until the next look."""
    provider = registry.BY_NAME.get(run.parameters["provider"])
    state = ProviderState.objects.filter(provider=run.parameters["provider"]).first()
    if provider is None or not registry.is_on(provider, state):
        raise jobs.Failure(_("This source is switched off. What it told until now is kept."))
    tracks, since = run.parameters["tracks"], datetime.fromisoformat(run.parameters["since"])
    answered = _answered(provider, tracks, since)
    run.advance(len(answered), len(tracks), unit="tracks")
    run.flush()
    if len(answered) == len(tracks):
        found = sum(answered.values())
        words = _("%(found)s known, %(missing)s not.") % {"found": found, "missing": len(tracks) - found}
        run.advance(len(tracks), message=words)
        return {"found": found, "asked": len(tracks)}
    now = timezone.now()
    if now - since > LONGEST:
        raise jobs.Failure(_("It took too long and was given up. What was told until now is kept; ask again later."))
    if state and state.next_at and state.next_at > now and state.why in _WAITS:
        until = date_format(timezone.localtime(state.next_at), "SHORT_DATETIME_FORMAT")
        told = _("%(source)s takes no questions until %(until)s.") % {"source": provider.label, "until": until}
        raise jobs.PutOff(state.next_at, told)
    if len(answered) <= run.step.get("answered", -1):  # somebody else's list pushed ours aside
        asking.keep_first(provider, [pk for pk in tracks if pk not in answered])
        _begin(provider)
    run.commit_step(answered=len(answered))
    raise jobs.PutOff(now + LOOK, _("Asking %(source)s.") % {"source": provider.label})


def _answered(provider: Provider, tracks: Sequence[int], since: datetime) -> dict[int, bool]:
    """Whether something is known, of each track that was answered since."""
    told: dict[int, bool] = {}
    for part in parts(tracks):
        rows = Finding.objects.filter(provider=provider.name, track__in=part, fetched_at__gte=since)
        told |= {pk: bool(values) for pk, values in rows.values_list("track_id", "values") if pk}
    return told
