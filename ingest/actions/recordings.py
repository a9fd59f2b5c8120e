"""What one person hears as one recording: pairs to decide, their own words with undo, and why tracks are joined."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from django.db import transaction
from django.db.models import Q
from django.http import Http404
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from accounts.models import User
from ingest import columns, shelf
from ingest.grouping import Doubt
from ingest.lens import Reading
from ingest.models import OwnGrouping, RecordingCandidate, RecordingEvidence, Track

PAGE = 12  # pairs shown at once
_STEP, _SCANNED = 4_000, 40_000  # candidates are everybody's: so many are read for those of one person


@dataclass(frozen=True, slots=True)
class Side:
    """One track of a pair or a recording, how often this person heard it, and why it is here."""

    track: Track
    plays: int
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """A pair that the person heard and has not decided; the track heard more comes first."""

    pk: int
    one: Side
    other: Side
    reason: str


@dataclass(frozen=True, slots=True)
class Review:
    questions: list[Question]
    older: int | None  # the candidate to go on after, if there may be more


@dataclass(frozen=True, slots=True)
class Joined:
    """The tracks that count as one with a track, and the person's standing words about any of them."""

    sides: list[Side]
    words: list[OwnGrouping]


def review(user: User, *, before: int | None = None) -> Review:
    """The next pairs to decide, newest first, from candidate `before` on."""
    plays = columns.load(user)
    rack = shelf.of_plays(user, plays)
    group = dict(zip(rack.track.tolist(), shelf.group_of(user, rack).tolist(), strict=True))
    decided = {frozenset(pair) for pair in _words(user).values_list("track_id", "other_id")}
    chosen: list[RecordingCandidate] = []
    rows = RecordingCandidate.objects.filter(state=RecordingCandidate.State.OPEN).order_by("-id")
    for _step in range(_SCANNED // _STEP):
        part = list((rows.filter(id__lt=before) if before else rows)[:_STEP])
        for row in part:
            pair = (row.first_id, row.second_id)
            if all(pk in group for pk in pair) and group[pair[0]] != group[pair[1]] and frozenset(pair) not in decided:
                chosen.append(row)
                if len(chosen) == PAGE:
                    return Review(_questions(chosen, plays.track), row.pk)
        before = part[-1].pk if part else before
        if len(part) < _STEP:
            return Review(_questions(chosen, plays.track), None)
    return Review(_questions(chosen, plays.track), before)


def of_track(reading: Reading, track: Track) -> Joined:
    """All tracks that count as one with this one for the person, the one heard most first, and why."""
    user, rack = reading.user, reading.rack
    group = reading.facts.group if reading.lens.groups_recordings else shelf.group_of(user, rack)
    ids = rack.track[group == group[rack.track == track.pk]].tolist() if (rack.track == track.pk).any() else [track.pk]
    words = list(_words(user).filter(Q(track__in=ids) | Q(other__in=ids)).select_related("track", "other"))
    reasons = _reasons(ids)
    if len(ids) > 1:
        for pk in rack.track[np.isin(rack.track, ids) & (rack.lead > 0)].tolist():
            reasons[pk] = [_("As in the export that you imported")]
    for word in words:
        if word.is_same and {word.track_id, word.other_id} <= set(ids):
            reasons[word.track_id].append(_("Joined by you"))
    return Joined(_sides(ids, reading.plays.track, reasons), words)


def own_words(user: User) -> list[OwnGrouping]:
    """What the person said and did not take back, newest first; the last 200."""
    return list(_words(user).select_related("track__album", "track__artist", "other").order_by("-made_at", "-id")[:200])


def say(*, user: User, track_id: int, other_id: int | None, is_same: bool, now: datetime) -> OwnGrouping:
    """Note that a track is the same as another, is not, or (without another) counts alone; the last word stands.

    404 for a track that the person has not heard.
    """
    wanted = [pk for pk in (track_id, other_id) if pk is not None]
    heard = np.isin(wanted, columns.load(user).track)
    if not heard.all() or track_id == other_id or (is_same and other_id is None):
        raise Http404
    pair = Q(track=track_id, other=other_id) | Q(track=other_id, other=track_id)
    alone = Q(other=None, track__in=wanted)
    over = pair | alone if is_same else pair
    if other_id is None:
        over = alone | Q(is_same=True, track=track_id) | Q(is_same=True, other=track_id)
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)  # two tabs: the second sees the first one's word
        _words(user).filter(over).update(undone_at=now)
        return OwnGrouping.objects.create(user=user, track_id=track_id, other_id=other_id, is_same=is_same, made_at=now)


def undo(*, word: OwnGrouping, now: datetime) -> None:
    """Take a word back; the shared grouping holds again. Harmless when repeated."""
    OwnGrouping.objects.filter(pk=word.pk, undone_at=None).update(undone_at=now)


def _words(user: User) -> Any:
    return OwnGrouping.objects.of(user).standing()


def _sides(ids: Iterable[int], heard: NDArray[np.int32], reasons: dict[int, list[str]]) -> list[Side]:
    """`heard`: the track of each play. Of few tracks, comparing each is faster than a table of all."""
    rows = Track.objects.filter(id__in=list(ids)).select_related("artist", "album")
    sides = [Side(row, int(np.count_nonzero(heard == row.pk)), tuple(reasons.get(row.pk, ()))) for row in rows]
    return sorted(sides, key=lambda side: (-side.plays, side.track.pk))


def _questions(chosen: list[RecordingCandidate], heard: NDArray[np.int32]) -> list[Question]:
    ids = {pk for row in chosen for pk in (row.first_id, row.second_id)}
    sides = {side.track.pk: side for side in _sides(ids, heard, {})}
    questions = []
    for row in chosen:
        one, other = sorted((sides[row.first_id], sides[row.second_id]), key=lambda side: -side.plays)
        questions.append(Question(row.pk, one, other, _doubt(row.why)))
    return questions


def _doubt(why: dict[str, Any]) -> str:
    seconds = f"{why.get('seconds_apart') or 0:.1f}"
    return {
        Doubt.TITLES: _("One ISRC, but clearly different titles."),
        Doubt.LENGTHS: _("Same title and artists, but %(seconds)s seconds apart.") % {"seconds": seconds},
        Doubt.NO_LENGTH: _("Same title and artist; one length is not known."),
        Doubt.CREDITS: _("Same title and length, but one names more artists."),
        Doubt.VERSIONS: _("Same title and length; whether it is the same version is not told."),
    }.get(Doubt(why["reason"]) if why.get("reason") in set(Doubt) else Doubt.NO_LENGTH, "")


def _reasons(ids: list[int]) -> dict[int, list[str]]:
    told: dict[int, list[str]] = defaultdict(list)
    rows = RecordingEvidence.objects.filter(track_id__in=ids, undone_at=None).order_by("how", "id")
    for row in rows if len(ids) > 1 else ():
        if row.how == RecordingEvidence.How.ISRC:
            told[row.track_id].append(_("Same ISRC: %(isrc)s") % row.details)
        elif row.how == RecordingEvidence.How.HAND:
            told[row.track_id].append(_("Joined by an operator"))
        elif row.details.get("seconds_apart") is None:
            told[row.track_id].append(_("Same title, artist and album"))
        else:
            told[row.track_id].append(
                _("Same title and artists, %(seconds)s seconds apart")
                % {"seconds": f"{row.details['seconds_apart']:.1f}"}
            )
    return told
