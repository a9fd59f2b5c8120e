"""Asking Spotify what a person played: whose turn it is, one poll, and what follows from how it ended."""

import logging
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.db.models import Sum

from accounts.fields import to_ms
from accounts.models import CallCount, SpotifyApp, SpotifyConnection
from accounts.spotify import budget
from accounts.spotify.errors import BreakerOpen, Later, QuotaBlocked, RateLimited, ScopeMissing, SpotifyError
from accounts.spotify.payloads import PlayPayload, RecentPage
from ingest import planner
from ingest.actions import catalogue, record
from ingest.evidence import Evidence, Origin, WordKind
from ingest.models import Gap, PollState

logger = logging.getLogger(__name__)

ENDPOINT = "me/player/recently-played"  # as the budget counts it
SCOPE = "user-read-recently-played"
LEASE = timedelta(minutes=5)  # a poll that was handed out and not heard of is handed out again after this
JUST_NOW = timedelta(minutes=5)  # signing in again does not poll again
AT_ONCE = 500  # due connections looked at in one tick
GRANTS_KEPT_S = 15 * 60  # how long a share-out of the calls holds
STOPPED_RETRY = timedelta(hours=6)  # for what only a person or an operator can mend; a new consent polls at once


# --- Whose turn it is -------------------------------------------------------------------------------------------------
def hand_out(*, now: datetime) -> list[tuple[int, int]]:
    """Claim the polls whose turn it is; (connection id, claim) of each. Safe to run at the same time elsewhere."""
    _after_a_lifted_block(now)
    due = (
        PollState.objects.filter(next_at__lte=now, connection__in=pollable())
        .select_related("connection__app")
        .order_by("next_at")[:AT_ONCE]
    )
    groups: dict[str, list[PollState]] = defaultdict(list)
    for state in due:
        groups[state.connection.app.quota_group].append(state)
    claimed: list[tuple[int, int]] = []
    for group, states in groups.items():
        claimed += _hand_out_in(group, states, now)
    return claimed


def _after_a_lifted_block(now: datetime) -> None:
    """Who was put off until the end of a block that an operator ended before its time is due again."""
    lifted = PollState.objects.filter(stopped_for=Gap.Reason.BLOCKED, connection__app__blocked_until=None)
    # What ends sooner is a wall of seconds, or a poll that was handed out already.
    pks = list(lifted.filter(next_at__gt=now + LEASE).values_list("pk", flat=True))
    if pks:
        PollState.objects.filter(pk__in=pks).update(next_at=now)


def pollable():
    return SpotifyConnection.objects.active().filter(user__isnull=False, user__is_active=True, app__enabled=True)


def _hand_out_in(group: str, states: list[PollState], now: datetime) -> list[tuple[int, int]]:
    allowed = budget.allowance(group, now)
    choice = planner.choose(
        seen_of(states, now),
        planner.Budget(allowed.limit - allowed.reserve, allowed.background_left, allowed.blocked_until),
        now=now,
    )
    by_id = {state.pk: state for state in states}
    claimed = []
    for pk in choice.now:
        lease = now + LEASE
        if PollState.objects.filter(pk=pk, next_at=by_id[pk].next_at).update(next_at=lease):
            claimed.append((pk, to_ms(lease)))
    changes = {} if allowed.background_left else {"stopped_for": Gap.Reason.BUDGET}
    if allowed.blocked_until:
        changes = {"stopped_for": Gap.Reason.BLOCKED}
    for pk, until in choice.later.items():
        PollState.objects.filter(pk=pk, next_at=by_id[pk].next_at).update(next_at=until, **changes)
    return claimed


def seen_of(states: Iterable[PollState], now: datetime) -> list[planner.Seen]:
    """The planner's view of `states`."""
    states = list(states)
    calls = dict(
        CallCount.objects.filter(
            connection__in=[state.pk for state in states], endpoint=ENDPOINT, hour__gt=now - budget.WINDOW
        )
        .values_list("connection")
        .annotate(Sum("calls"))
    )
    return [
        planner.Seen(
            connection_id=state.pk,
            polled_at=state.polled_at,
            newest_at=state.cursor,
            memory=planner.Memory.from_json(state.memory),
            calls=calls.get(state.pk, 0),
            consent_ends_at=state.connection.consent_ends_at,
        )
        for state in states
    ]


def begin(*, connection: SpotifyConnection, now: datetime) -> None:
    """Poll a new or renewed connection at the next tick, unless it just was, and look after it from then on."""
    state, made = PollState.objects.get_or_create(connection=connection, defaults={"next_at": now})
    just_now = state.polled_at is not None and not state.stopped_for and now - state.polled_at < JUST_NOW
    if not made and not just_now:
        PollState.objects.filter(pk=state.pk).update(next_at=now, failures=0)


# --- One poll ---------------------------------------------------------------------------------------------------------
def run(*, connection_id: int, claim: int | None, now: datetime) -> int:
    """Poll one connection; the number of new plays. Never raises for what Spotify does: the state tells of it.

    `claim` is what `hand_out` gave: a message delivered twice finds it used, and does nothing. None polls anyway.
    """
    state = PollState.objects.select_related("connection__app", "connection__user").filter(pk=connection_id).first()
    if state is None or not pollable().filter(pk=connection_id).exists():
        return 0  # disconnected, or its consent ended, since this was sent
    lease = now + LEASE
    if lease == state.next_at:
        lease += timedelta(milliseconds=1)
    mine = PollState.objects.filter(pk=state.pk, next_at=state.next_at)
    if (claim is not None and to_ms(state.next_at) != claim) or not mine.update(next_at=lease):
        return 0
    try:
        # All that Spotify remembers, each time: it reports some plays hours or days late, and fewer cost no less.
        if not state.connection.has_scope(SCOPE):
            raise ScopeMissing(ENDPOINT)  # known beforehand: no call is lost on it
        page = state.connection.gateway().recent_plays()
    except SpotifyError as exc:
        _put_off(state, exc, now)
        return 0
    return _keep(state, page, now)


def _keep(state: PollState, page: RecentPage, now: datetime) -> int:
    """Store what `page` tells, in one transaction; the number of new plays."""
    connection = state.connection
    assert connection.user is not None
    known = [play.played_at for play in page.items] + ([state.cursor] if state.cursor else [])
    with transaction.atomic():
        if SpotifyConnection.objects.active().select_for_update().filter(pk=state.pk).first() is None:
            return 0  # disconnected while Spotify answered: nothing may be written any more
        recorded = record.plays(user=connection.user, evidence=_evidence(page.items, now), now=now)
        fresh = sum(state.cursor is None or play.played_at > state.cursor for play in page.items)
        _mark_gap(state, page, fresh)
        seen = planner.Seen(
            connection_id=state.pk,
            polled_at=now,
            newest_at=max(known, default=None),
            memory=planner.learn(planner.Memory.from_json(state.memory), [p.played_at for p in page.items], now),
            calls=seen_of([state], now)[0].calls,
            consent_ends_at=connection.consent_ends_at,
        )
        grant = grants(connection.app.quota_group, now).get(state.pk) or planner.need(seen.memory, pace())
        PollState.objects.filter(pk=state.pk).update(
            polled_at=now,
            cursor=seen.newest_at,
            new_plays=fresh,
            failures=0,
            stopped_for="",
            memory=seen.memory.to_json(),
            next_at=planner.next_at(seen, grant=grant, now=now, pace=pace()),
        )
    return recorded.new


def _evidence(items: list[PlayPayload], now: datetime) -> list[Evidence]:
    """Plays as Spotify tells them: when they ended, and how long the track is."""
    tracks = catalogue.tracks([play.track for play in items], now)
    contexts = catalogue.words(WordKind.CONTEXT, {play.context_uri for play in items if play.context_uri})
    found = []
    for play in items:
        track_id = tracks.get(play.track.id) if play.track.id else None
        if track_id is None:
            continue  # a local file: Spotify tells no id, and the export will
        ended, length = to_ms(play.played_at), play.track.duration_ms or 0
        found.append(
            Evidence(
                origin=Origin.POLL,
                track_id=track_id,
                started_ms=ended - length,
                ended_ms=ended,
                ms_played=length,
                is_estimate=True,
                context=contexts.get(play.context_uri or "", 0),
            )
        )
    return found


def _mark_gap(state: PollState, page: RecentPage, fresh: int) -> None:
    """A full page of new plays may have pushed older ones out: say so, with what kept us from looking earlier."""
    user = state.connection.user
    if user is None or state.cursor is None or fresh < planner.REMEMBERED - page.left_out:
        return
    oldest = min(page.items, key=lambda play: play.played_at)
    started = max(oldest.played_at - timedelta(milliseconds=oldest.track.duration_ms or 0), state.cursor)
    Gap.objects.create(
        user=user,
        connection=state.connection,
        started_at=state.cursor,
        ended_at=started,
        reason=state.stopped_for or Gap.Reason.FULL_PAGE,
    )


# --- When it did not work ---------------------------------------------------------------------------------------------
def _put_off(state: PollState, error: SpotifyError, now: datetime) -> None:
    """Note why, and when to try again: a wall of the developer account holds for all its people."""
    failures = state.failures + 1
    until, why = planner.retry_at(failures, now), Gap.Reason.OUTAGE
    if isinstance(error, QuotaBlocked):
        until, why = max(error.until, now), Gap.Reason.BUDGET if error.ours else Gap.Reason.BLOCKED
    elif isinstance(error, RateLimited):
        until, why = error.until or now + timedelta(seconds=error.retry_after_s), Gap.Reason.BLOCKED
    elif isinstance(error, BreakerOpen):
        until = max(error.until or until, now)
    elif isinstance(error, Later):
        until = max(filter(None, (error.until, until)))
    else:
        until, why = now + STOPPED_RETRY, Gap.Reason.CONSENT
        app = SpotifyApp.objects.get(pk=state.connection.app_id)
        if error.operator_cause and app.blocked_until:
            until, why = max(app.blocked_until, now), Gap.Reason.BLOCKED  # others of it are asked again then
    walls = isinstance(error, QuotaBlocked | RateLimited)
    logger.log(
        logging.INFO if error.temporary else logging.WARNING,
        "poll of connection %s put off until %s: %s",
        state.pk,
        until.isoformat(timespec="seconds"),
        error,
    )
    PollState.objects.filter(pk=state.pk).update(
        next_at=until, stopped_for=why, failures=state.failures if walls else failures
    )
    if walls:
        group = state.connection.app.quota_group
        others = PollState.objects.filter(connection__app__quota_group=group, next_at__lt=until).exclude(pk=state.pk)
        others.update(next_at=until, stopped_for=why)


# --- Sharing the calls out --------------------------------------------------------------------------------------------
def pace() -> planner.Pace:
    return planner.Pace(settings.POLL_FASTEST, settings.POLL_SLOWEST)


def grants(quota_group: str, now: datetime) -> dict[int, float]:
    """Calls a day for polling each connection of one developer account; shared out anew every quarter of an hour."""
    key = f"poll-grants:{quota_group}"
    known: dict[int, float] | None = cache.get(key)
    if known is None:
        allowed = budget.allowance(quota_group, now)
        states = PollState.objects.filter(connection__in=pollable().filter(app__quota_group=quota_group))
        memories = states.values_list("pk", "memory")
        needs = {pk: planner.need(planner.Memory.from_json(memory), pace()) for pk, memory in memories}
        known = planner.grants(needs, allowed.limit - allowed.reserve)
        cache.set(key, known, GRANTS_KEPT_S)
    return known
