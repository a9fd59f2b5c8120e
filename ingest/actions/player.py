"""Looking at what a person's player does now: for the page that shows it, and for skips, which nothing else tells.

No page waits for Spotify: it shows what the last look found, and asks for another when that has had its time. A look
every 15 s costs thousands of calls a day, so it is only for apps whose budget can bear it.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.cache import cache
from django.db import transaction
from django.db.models import Count, F

from accounts.fields import to_ms
from accounts.models import SpotifyApp, SpotifyConnection, User
from accounts.spotify import budget
from accounts.spotify.errors import Later, SpotifyError
from accounts.spotify.payloads import PlaybackPayload
from ingest import watch
from ingest.actions import catalogue, record
from ingest.evidence import Evidence, Origin, WordKind
from ingest.models import PollState, Track

logger = logging.getLogger(__name__)

SCOPE = "user-read-playback-state"  # without it Spotify tells nothing, and the call is lost
OPEN_FOR_S = 90  # a page that shows "now" counts as open this long after it last asked
SHORTEST = timedelta(seconds=60)  # a look holds at least this long …
IDLE = timedelta(minutes=3)  # … and this long when nothing plays
TROUBLED = timedelta(minutes=10)
SPARE = 0.4  # of the background budget must be left before a page's look may spend of it: polls come first
WATCH_CALLS = 8_000  # a day, that an app must have for each of its people to watch them every 15 s
UNTOLD = timedelta(minutes=10)  # as ListenBrainz does
LONGEST_TOLD = timedelta(hours=12)  # a long mix; nobody's clock is trusted further
ASKED_S = 30  # a look that was asked for is not asked for again


@dataclass(frozen=True, slots=True)
class NowPlaying:
    """What was on at `seen_at`. `track` is None for an ad or an episode."""

    track: Track | None
    is_playing: bool
    progress_ms: int
    duration_ms: int
    device: str
    seen_at: datetime

    def progress_at(self, now: datetime) -> int:
        """The position in ms that it should have reached by now."""
        passed = to_ms(now) - to_ms(self.seen_at) if self.is_playing else 0
        return max(0, min(self.progress_ms + passed, self.duration_ms))


# --- For pages --------------------------------------------------------------------------------------------------------
def now_playing(user: User, now: datetime) -> NowPlaying | None:
    """What the last look found or a program told, whichever is newer; None if nothing plays or is known.

    Asks for a new look when its time is over.
    """
    seen, told = _looked(user, now), told_now(user, now)
    return max((each for each in (seen, told) if each is not None), key=lambda each: each.seen_at, default=None)


def told_now(user: User, now: datetime) -> NowPlaying | None:
    """What a program said plays now, until it must be over."""
    told = cache.get(_told_key(user.pk))
    if told is None or told["until"] <= now:
        return None
    return _of({name: value for name, value in told.items() if name != "until"})


def _looked(user: User, now: datetime) -> NowPlaying | None:
    if not PollState.objects.filter(connection__in=_watchable(user)).exists():
        return None
    cache.add(f"now-open:{user.pk}", 1, OPEN_FOR_S)
    found = cache.get(_key(user.pk))
    if (found is None or found["until"] <= now) and cache.add(f"now-asked:{user.pk}", 1, ASKED_S):
        from ingest.tasks import look_at_player

        look_at_player.apply_async(kwargs={"user_id": user.pk}, queue="live", expires=ASKED_S)
    if found is None or not found["playing"]:
        return None
    playing = found["playing"]
    over = playing["seen_at"] + timedelta(milliseconds=playing["duration_ms"] - playing["progress_ms"]) + SHORTEST
    if playing["is_playing"] and now > over:
        return None  # it must have ended, and nobody has looked since
    return _of(playing)


def _of(playing: dict) -> NowPlaying:
    track = Track.objects.select_related("artist", "album").filter(pk=playing["track_id"] or 0).first()
    return NowPlaying(track=track, **{name: value for name, value in playing.items() if name != "track_id"})


def forget(user_id: int) -> None:
    """Drop what is shown as playing now, as when a person disconnects."""
    cache.delete(_key(user_id))


# --- For programs -----------------------------------------------------------------------------------------------------
def tell(user_id: int, *, track_id: int, duration_ms: int | None, device: str, now: datetime) -> None:
    """Keep what a program says plays now: until the track is over, or ten minutes if nobody knows its length."""
    lasts = min(timedelta(milliseconds=duration_ms), LONGEST_TOLD) if duration_ms else UNTOLD
    playing = {
        "track_id": track_id,
        "is_playing": True,
        "progress_ms": 0,
        "duration_ms": duration_ms or 0,
        "device": device,
        "seen_at": now,
        "until": now + lasts,
    }
    cache.set(_told_key(user_id), playing, lasts.total_seconds())


# --- For workers ------------------------------------------------------------------------------------------------------
def hand_out(*, now: datetime) -> list[int]:
    """Ids of people whose player is looked at now, for its skips: those of apps with calls to spare for it."""
    apps = SpotifyApp.objects.filter(enabled=True, daily_calls__gte=WATCH_CALLS).exclude(blocked_until__gt=now)
    rich = apps.annotate(people=Count("connections")).filter(daily_calls__gte=F("people") * WATCH_CALLS)
    someone_looks = apps.exclude(pk__in=rich.values("pk"))
    states = PollState.objects.filter(connection__in=_watchable()).select_related("connection")
    maybe = states.filter(connection__app__in=someone_looks)
    chosen = [
        *states.filter(connection__app__in=rich),
        *(state for state in maybe if cache.get(f"now-open:{state.connection.user_id}")),
    ]
    due: list[int] = []
    for state in chosen:
        wait = watch.wait(watch.State.from_json(state.watching)).total_seconds()
        user_id = state.connection.user_id
        if user_id is not None and cache.add(f"look-due:{state.pk}", 1, wait - 1):  # both the claim and the clock
            due.append(user_id)
    return due


def look(*, user_id: int, now: datetime, watching: bool = False) -> None:
    """Ask what a person's player does, keep it for their pages, and record the skip it shows, if any.

    `watching`: one of a row of looks, paid from a rich budget; else for a page, and only if calls are to spare.
    """
    state = (
        PollState.objects.filter(connection__in=_watchable().filter(user=user_id))
        .select_related("connection__app", "connection__user")
        .order_by("-connection__authorized_at")
        .first()
    )
    if state is None or not state.connection.has_scope(SCOPE) or not _may_spend(state.connection.app, watching, now):
        _remember(user_id, None, now, until=now + TROUBLED)
        return
    try:
        playback = state.connection.gateway().playback()
    except SpotifyError as exc:
        logger.info("look at the player of connection %s failed: %s", state.pk, exc)
        until = exc.until if isinstance(exc, Later) and exc.until else now + TROUBLED
        _remember(user_id, None, now, until=until)
        return
    if playback is not None and playback.is_private_session:
        _remember(user_id, None, now)
    else:
        _remember(user_id, _shown(playback, _track_id(playback, now), now), now)
    _watch(state, playback, now)


def _may_spend(app: SpotifyApp, watching: bool, now: datetime) -> bool:
    allowed = budget.allowance(app.quota_group, now)
    if allowed.blocked_until:
        return False
    spare = (allowed.limit - allowed.reserve) * (SPARE / 2 if watching else SPARE)
    return allowed.background_left > spare


def _watchable(user: User | None = None):
    rows = SpotifyConnection.objects.active().filter(app__enabled=True, user__isnull=False)
    return rows.filter(user=user) if user else rows


def _track_id(playback: PlaybackPayload | None, now: datetime) -> int | None:
    if playback is None or playback.track is None or not playback.track.id:
        return None
    return catalogue.tracks([playback.track], now).get(playback.track.id)


def _shown(playback: PlaybackPayload | None, track_id: int | None, now: datetime) -> dict | None:
    if playback is None or (track_id is None and not playback.is_playing):
        return None
    return {
        "track_id": track_id,
        "is_playing": playback.is_playing,
        "progress_ms": playback.progress_ms or 0,
        "duration_ms": (playback.track.duration_ms if playback.track else None) or 0,
        "device": playback.device_name,
        "seen_at": now,
    }


def _remember(user_id: int, playing: dict | None, now: datetime, until: datetime | None = None) -> None:
    if until is None:
        until = now + IDLE
        if playing and playing["is_playing"]:
            until = now + max(SHORTEST, timedelta(milliseconds=playing["duration_ms"] - playing["progress_ms"]))
    cache.set(_key(user_id), {"playing": playing, "until": until}, 3600)


def _key(user_id: int) -> str:
    return f"now:{user_id}"


def _told_key(user_id: int) -> str:
    return f"now-told:{user_id}"


# --- Skips ------------------------------------------------------------------------------------------------------------
def look_of(playback: PlaybackPayload | None, now: datetime) -> watch.Look:
    """A player's answer as the watcher reads it."""
    at = to_ms(now)
    if playback is None:
        return watch.Look(at)
    if playback.is_private_session:
        return watch.Look(at, is_private=True)
    if playback.track is None or not playback.track.id:
        kind = "other" if playback.kind in ("ad", "episode") else "unclear"
        return watch.Look(at, kind, progress_ms=playback.progress_ms or 0, is_playing=playback.is_playing)
    return watch.Look(
        at,
        "track",
        playback.track.id,
        playback.track.duration_ms or 0,
        playback.progress_ms or 0,
        playback.is_playing,
        context=playback.context_uri or "",
        shuffle=playback.shuffle,
    )


def _watch(state: PollState, playback: PlaybackPayload | None, now: datetime) -> None:
    with transaction.atomic():
        held = PollState.objects.select_for_update().filter(pk=state.pk).first()
        if held is None:
            return
        seen, skip = watch.see(watch.State.from_json(held.watching), look_of(playback, now))
        PollState.objects.filter(pk=held.pk).update(watching=seen.to_json())
        if skip is not None:
            _record(state.connection, skip, now)


def _record(connection: SpotifyConnection, skip: watch.Skip, now: datetime) -> None:
    track_id = Track.objects.filter(spotify_id=skip.track_id).values_list("pk", flat=True).first()
    if track_id is None or connection.user is None:
        return
    context = catalogue.words(WordKind.CONTEXT, [skip.context]).get(skip.context, 0) if skip.context else 0
    evidence = Evidence(
        origin=Origin.WATCH,
        track_id=track_id,
        started_ms=skip.started_ms,
        ended_ms=skip.ended_ms,
        ms_played=skip.ms_played,
        context=context,
        shuffle=skip.shuffle,
    )
    record.plays(user=connection.user, evidence=[evidence], now=now)
