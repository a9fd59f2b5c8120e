"""What programs tell us: listens into plays, and what they say plays now."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from accounts.models import User
from ingest.actions import catalogue, naming, player, record
from ingest.actions.record import Recorded
from ingest.evidence import TrackName, WordKind
from ingest.models import Track, TrackChange
from ingest.submissions import Submission
from ingest.upsert import parts

_BLANK = Q(duration_ms=None) | Q(isrc="") | Q(track_number=None)


def listens(*, user: User, told: Sequence[Submission], now: datetime) -> Recorded:
    """Record what was heard. The same told twice is one play, and so is what polling or an import told before."""
    track_ids = _tracks(told)
    words = catalogue.words(WordKind.PLATFORM, {each.platform for each in told})
    known: dict[int, int | None] = {}
    for part in parts(track_ids):
        known |= dict(Track.objects.filter(pk__in=part).values_list("pk", "duration_ms"))
    evidence = [
        each.evidence(track_id=pk, platform=words[each.platform], known_ms=known[pk])
        for each, pk in zip(told, track_ids, strict=True)
    ]
    return record.plays(user=user, evidence=evidence, now=now)


def playing_now(*, user: User, told: Submission, now: datetime) -> None:
    """Show this as what plays now, for as long as it lasts."""
    (track_id,) = _tracks([told])
    length = told.duration_ms or Track.objects.filter(pk=track_id).values_list("duration_ms", flat=True).first()
    player.tell(user.pk, track_id=track_id, duration_ms=length, device=told.platform, now=now)


def _tracks(told: Sequence[Submission]) -> list[int]:
    """The track of each; what the catalogue does not know of it, and Spotify has not said, is taken from here."""
    wanted: dict[TrackName, Submission] = {each.track: each for each in reversed(told)}
    found = dict(zip(wanted, naming.tracks(list(wanted)), strict=True))
    _fill({found[name]: each for name, each in wanted.items()})
    return [found[each.track] for each in told]


def _fill(told: dict[int, Submission]) -> None:
    changed: list[Track] = []
    for part in parts(told):
        bare = Track.objects.filter(pk__in=part, refreshed_at=None)
        changed += [track for track in bare.filter(_BLANK) if _filled(track, told[track.pk])]
    with transaction.atomic():
        if changed:
            Track.objects.bulk_update(changed, ["duration_ms", "isrc", "track_number"])
            TrackChange.objects.bulk_create(TrackChange(track=track) for track in changed)
        naming.credit({pk: each.credits for pk, each in told.items()})


def _filled(track: Track, told: Submission) -> bool:
    before = (track.duration_ms, track.isrc, track.track_number)
    track.duration_ms = track.duration_ms or told.duration_ms
    track.isrc = track.isrc or told.isrc
    track.track_number = track.track_number or told.track_number
    return before != (track.duration_ms, track.isrc, track.track_number)
