"""A person's own word on a listening: enter a play, put one right, and take that back.

Nothing told is thrown away (decision 11). What a person says is evidence like any other, and the best; what it replaces
stays stored, and is kept out for as long as their word stands, whoever tells of it again.
"""

import secrets
from dataclasses import replace
from datetime import datetime

from django.db import transaction

from accounts.fields import from_ms, to_ms
from accounts.models import User
from ingest import lens
from ingest.actions import naming, record
from ingest.evidence import Evidence, Origin, TrackName
from ingest.models import HandPlay, HiddenPlay, Play, Track
from ingest.models.mending import HandPlayQuerySet
from ingest.reconcile import DETAILS, identity

LONGEST_MS = 24 * 3600 * 1000
_FROM_SPOTIFY = (Origin.POLL, Origin.WATCH)


class ChangedSince(Exception):
    """The play or word was itself changed later; that has to be undone first."""


def new_act() -> int:
    """For a form: sent twice it is one act."""
    return secrets.randbits(62) | 1


def track_named(*, title: str, artist: str, album: str) -> int:
    """The track of these names, which may be new to the catalogue."""
    return naming.tracks([TrackName(int(Track.Kind.MUSIC), None, title, artist, album)])[0]


@transaction.atomic
def enter(*, user: User, act: int, track_id: int, started_ms: int, ms_played: int, now: datetime) -> HandPlay:
    """Enter a play that nobody told of. The same act again changes nothing."""
    record.locked_ledger(user)
    word, made = HandPlay.objects.get_or_create(
        user=user,
        act=act,
        defaults={
            "track_id": track_id,
            "started_at": from_ms(started_ms),
            "ms_played": ms_played,
            "made_at": now,
        },
    )
    if made:
        record.plays(user=user, evidence=[told(word)], now=now)
    return word


@transaction.atomic
def change(
    *, user: User, play: Play, act: int, track_id: int, started_ms: int, ms_played: int, now: datetime
) -> HandPlay | None:
    """Put one of the person's plays right: which track, when, how long. None if nothing is changed by it.

    The same act again changes nothing more. What others told stays out, also when they tell it again.
    Raises ChangedSince where another word stands in its place by now, as from another tab.
    """
    record.locked_ledger(user)
    if done := HandPlay.objects.filter(user=user, act=act).first():
        return done
    play = _as_it_stands(user, play)
    if (play.track_id, to_ms(play.started_at), play.ms_played) == (track_id, started_ms, ms_played):
        return None
    word = HandPlay.objects.create(
        user=user,
        track_id=track_id,
        started_at=from_ms(started_ms),
        ms_played=ms_played,
        is_estimate=play.is_estimate and play.ms_played == ms_played,
        details=_details(user, play),
        was_track_id=play.track_id,
        was_started_at=play.started_at,
        was_ended_at=play.ended_at,
        was_ms_played=play.ms_played,
        was_estimate=play.is_estimate,
        was_origin=play.origin,
        act=act,
        made_at=now,
    )
    _keep_out(word)
    if former := _formerly(word):
        record.take_back(user=user, evidence=[former], now=now)
    record.plays(user=user, evidence=[told(word)], now=now)
    return word


@transaction.atomic
def undo(*, user: User, act: int, now: datetime) -> bool:
    """Take a word back: what was told before holds again. False if there is none that stands. Raises ChangedSince."""
    record.locked_ledger(user)
    word = HandPlay.objects.filter(user=user, act=act).standing().first()
    if word is None:
        return False
    others = HandPlay.objects.filter(user=user).standing().exclude(pk=word.pk)
    mine = told(word)
    same_moment = others.filter(started_at=word.started_at, track=word.track_id)
    same = [each for each in map(told, same_moment) if identity(each) == identity(mine)]
    if any(_formerly(each) and identity(_was(each)) == identity(mine) for each in _changing(others, word)):
        raise ChangedSince
    HiddenPlay.objects.filter(user=user, act=act, replaced=True).standing().update(undone_at=now)
    record.take_back(user=user, evidence=[mine], now=now)
    former = _formerly(word)
    record.plays(user=user, evidence=[*same, *([former] if former else [])], now=now)
    word.undone_at = now
    word.save(update_fields=["undone_at"])
    return True


def words(user: User) -> list[HandPlay]:
    """What stands of the person's own words, newest first; at most a hundred."""
    found = HandPlay.objects.filter(user=user).standing().select_related("track__artist", "was_track__artist")
    return list(found.order_by("-made_at", "-id")[:100])


def told(word: HandPlay) -> Evidence:
    """What a word says, as evidence."""
    started = to_ms(word.started_at)
    details = {name: value for name, value in word.details.items() if name in DETAILS}
    return Evidence(
        Origin.HAND, word.track_id, started, started + word.ms_played, word.ms_played, word.is_estimate, **details
    )


def keep_out(word: HandPlay) -> None:
    """Hide what others tell of the listening that a word replaces. Safe to repeat."""
    if word.was_track_id is None or HiddenPlay.objects.filter(user=word.user, act=word.act, replaced=True).exists():
        return
    _keep_out(word)


def _as_it_stands(user: User, play: Play) -> Play:
    """The play as it is under the ledger's lock."""
    reading = lens.read(user)
    if play.pk in reading.plays.id[reading.replaced]:
        raise ChangedSince
    stands = Play.objects.filter(user=user, pk=play.pk).select_related("track").first()
    if stands is None:
        raise ChangedSince
    return stands


def _keep_out(word: HandPlay) -> None:
    assert word.was_track_id
    assert word.was_started_at
    assert word.was_ended_at
    HiddenPlay.objects.create(
        user_id=word.user_id,
        track_id=word.was_track_id,
        started_at=word.was_started_at,
        ended_at=word.was_ended_at,
        removed=True,
        replaced=True,
        act=word.act,
        made_at=word.made_at,
        undone_at=word.undone_at,
    )


def _changing(others: HandPlayQuerySet, word: HandPlay) -> list[HandPlay]:
    """Words that stand and changed what this one says."""
    return list(others.filter(was_origin=Origin.HAND, was_track=word.track_id, was_started_at=word.started_at))


def _was(word: HandPlay) -> Evidence:
    """What was told before, as a word by hand."""
    assert word.was_track_id
    assert word.was_started_at
    assert word.was_ms_played is not None
    started = to_ms(word.was_started_at)
    return replace(
        told(word),
        track_id=word.was_track_id,
        started_ms=started,
        ended_ms=started + word.was_ms_played,
        ms_played=word.was_ms_played,
        is_estimate=word.was_estimate,
    )


def _formerly(word: HandPlay) -> Evidence | None:
    """The evidence by hand that a word took the place of; what others told is not taken back, but kept out."""
    return _was(word) if word.was_origin == Origin.HAND else None


def _details(user: User, play: Play) -> dict[str, object]:
    """What else was told of a play. What Spotify told through a connection is not copied: it goes with it."""
    if play.origin == Origin.HAND:
        its = {"track": play.track_id, "started_at": play.started_at, "ms_played": play.ms_played}
        former = HandPlay.objects.filter(user=user, **its).standing().first()
        return former.details if former else {}
    if play.origin in _FROM_SPOTIFY:
        return {}
    return {name: value for name in DETAILS if (value := getattr(play, name)) not in (None, 0) or value is False}
