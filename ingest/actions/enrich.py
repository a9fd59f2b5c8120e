"""Asking providers about what people hear: batch by batch, within pace and budget, from where it was left.

Each provider has turns of its own: a worker that has the turn asks until the pace says stop, stores what it was told,
and hands the turn on. Nothing waits in a worker, and one provider's failure is nobody else's.
"""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from kombu.exceptions import OperationalError as BrokerUnreachable

from ingest.actions import asked, asking, want
from ingest.actions.accept import accept
from ingest.models import Artist, Finding, ProviderState
from ingest.providers import turn
from ingest.providers.base import Kind, Provider, Subject, Values
from ingest.providers.errors import NotYet, ProviderError
from ingest.providers.registry import BY_NAME, PROVIDERS, is_on
from ingest.providers.wire import Wire

logger = logging.getLogger(__name__)

LEASE = timedelta(minutes=5)  # a worker that has not come back by then lost its turn
RUN_S = 20  # one run at most; then others have the worker
SOON = timedelta(seconds=60)  # a turn that goes on within this is handed on; later ones beat finds
IDLE = timedelta(minutes=2)
_AFTER_FAILURE = timedelta(seconds=5)
Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Turn:
    """The right to ask one provider: whoever holds another `claim` has lost it. `wait_s` until it may go on."""

    provider: str
    claim: str
    wait_s: float = 0.0


def begin() -> None:
    """Start soon, without waiting for beat: somebody has just brought new plays."""
    from ingest.tasks import enrich_heard

    try:
        enrich_heard.apply_async(queue="enrich", expires=60)
    except BrokerUnreachable:
        logger.warning("no broker to start enrichment with; beat will, within a minute")


def hand_out(*, now: datetime) -> list[Turn]:
    """A turn for each provider that is on, may be asked, and is not being asked."""
    asked.forget_closed()
    states = {state.provider: state for state in ProviderState.objects.all()}
    turns = []
    for provider in PROVIDERS:
        state = states.get(provider.name)
        if not is_on(provider, state) or (state and state.next_at and state.next_at > now):
            continue
        ProviderState.objects.get_or_create(provider=provider.name)
        free = Q(running_until=None) | Q(running_until__lte=now)
        until = now + LEASE
        if ProviderState.objects.filter(free, provider=provider.name).update(running_until=until):
            turns.append(Turn(provider.name, until.isoformat()))
    return turns


def run(*, provider: str, claim: str, clock: Clock) -> Turn | None:
    """Use a turn; the one to go on with, or None if there is nothing to go on with for now."""
    asked = BY_NAME.get(provider)
    held = ProviderState.objects.filter(provider=provider, running_until=datetime.fromisoformat(claim))
    state = held.first()
    if asked is None or state is None:
        return None
    until = _work(asked, clock) if is_on(asked, state) else clock() + IDLE
    now = clock()
    goes_on = until - now <= SOON
    lease = max(now, until) + LEASE if goes_on else None
    if not held.update(running_until=lease) or lease is None:
        return None
    return Turn(provider, lease.isoformat(), max(0.0, (until - now).total_seconds()))


def _work(provider: Provider, clock: Clock) -> datetime:
    """Ask until something says stop; when to go on."""
    wire = Wire(provider, clock)
    ends = time.monotonic() + RUN_S
    try:
        while time.monotonic() < ends:
            kind, subjects = asking.next_batch(provider, clock())
            if not subjects:
                until = clock() + IDLE
                ProviderState.objects.filter(provider=provider.name).update(next_at=until, why=want.IDLE)
                return until
            try:
                ask(provider, kind, subjects, wire, clock)
            except NotYet as error:
                asking.put_back(provider, kind, subjects)
                return turn.failed(provider, error, clock()) or clock()
            except ProviderError as error:
                return turn.failed(provider, error, clock()) or clock() + _AFTER_FAILURE
            turn.succeeded(provider)
    finally:
        wire.close()
    return clock()


def ask(provider: Provider, kind: Kind, subjects: Sequence[Subject], wire: Wire, clock: Clock) -> None:
    """Ask about a batch and keep what is told, also when it breaks off. Raises ProviderError."""
    told: dict[int, Values] = {}
    try:
        unanswered = provider.ask(kind, subjects, wire, told.__setitem__) or ()
    except ProviderError:
        keep(provider, kind, told, now=clock())
        raise
    ids = [subject.id for subject in subjects if subject.id not in unanswered]
    keep(provider, kind, {pk: told.get(pk, {}) for pk in ids}, now=clock())


def keep(provider: Provider, kind: Kind, told: Mapping[int, Values], *, now: datetime) -> None:
    """Store findings (empty: asked in vain) and accept them, in one transaction."""
    if not told:
        return
    rows = [
        Finding(
            **{f"{kind}_id": pk},
            provider=provider.name,
            version=provider.version,
            values=values,
            confidence=provider.confidence,
            fetched_at=now,
            again_at=now + (provider.ttl if values else provider.missing_ttl),
        )
        for pk, values in sorted(told.items())
    ]
    found = sum(1 for values in told.values() if values)
    with transaction.atomic():
        Finding.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=[kind, "provider"],
            update_fields=["version", "values", "confidence", "fetched_at", "again_at"],
            batch_size=500,
        )
        if kind == "track":
            _name_artists(told)
            asked.answered(provider, told)
        accept(kind, told.keys())
        turn.note(provider, now=now, found=found, missing=len(told) - found)


def _name_artists(told: Mapping[int, Values]) -> None:
    """MusicBrainz names the artist with the recording; the id opens other doors."""
    for track, values in told.items():
        if known := values.get("artist_musicbrainz_id"):
            Artist.objects.filter(tracks=track, musicbrainz_id=None).update(musicbrainz_id=known)
