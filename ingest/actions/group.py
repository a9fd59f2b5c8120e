"""Groups tracks into recordings, for everybody: only tracks not yet looked at, or changed, and those near them.

Which tracks belong together is `ingest/grouping.py`'s; this finds who is to be compared, and writes what came out:
`Track.recording`, evidence, pairs to review, and a `TrackChange` for each track that moved. The groups do not depend
on the order in which tracks came, as each batch takes in all that its tracks can be linked to.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

from django.db import transaction
from django.db.models import Q

from accounts.models import User
from ingest import names
from ingest.actions import reconsider
from ingest.grouping import Fact, Grouping, grouped, lookup_keys
from ingest.models import (
    GroupingState,
    Recording,
    RecordingCandidate,
    RecordingEvidence,
    Track,
    TrackArtist,
    TrackChange,
    TrackKey,
)
from ingest.shelf import OVERLAP
from ingest.upsert import insert_missing, parts

BATCH = 1_000  # tracks in a transaction, and those near them
_LATE = timedelta(minutes=10)  # a change may be committed so long after it was numbered
_State = RecordingCandidate.State


def run(*, now: datetime, seconds: float = 240) -> int:
    """Look at tracks that are new or changed, for at most about `seconds`; how many. Safe to repeat and to stop."""
    end, looked = monotonic() + seconds, 0
    looked += _changed(now)
    while monotonic() < end:
        fresh = Track.objects.filter(kind=Track.Kind.MUSIC, lookup_keys=None).order_by("id")
        ids = list(fresh.values_list("id", flat=True)[:BATCH])
        if not ids:
            break
        regroup(ids, now=now)
        looked += len(ids)
    return looked


def decide_all(*, pairs: Sequence[RecordingCandidate], state: str, by: User, now: datetime) -> None:
    """An operator's word on pairs, for everybody and for ever; `State.OPEN` takes it back."""
    decided_at, decided_by = (None, None) if state == _State.OPEN else (now, by)
    with transaction.atomic():
        RecordingCandidate.objects.filter(pk__in=[pair.pk for pair in pairs]).update(
            state=state, decided_at=decided_at, decided_by=decided_by
        )
        tracks = sorted({track for pair in pairs for track in (pair.first_id, pair.second_id)})
        regroup(tracks, now=now)
        # Also of those that did not move: shelves may have had them otherwise, by what a person brought.
        TrackChange.objects.bulk_create(TrackChange(track_id=pk, only_sound=True) for pk in tracks)


def regroup(ids: Collection[int], *, now: datetime) -> None:
    """Group these tracks anew, with all that may be linked to them."""
    with transaction.atomic():
        _locked(now)
        block = _block(ids)
        decided = RecordingCandidate.objects.filter(first__in=block).exclude(state=_State.OPEN)
        pairs = defaultdict(list)
        for state, *pair in decided.values_list("state", "first_id", "second_id"):
            pairs[state].append((pair[0], pair[1]))
        found = grouped(block.values(), joined=pairs[_State.JOINED], apart=pairs[_State.APART])
        _assign(block, found.groups, now)
        _tell(block, found, now)
        _review(block, found, now)


def _locked(now: datetime) -> GroupingState:
    """One grouping at a time: two would each see half of a group."""
    state, _ = GroupingState.objects.select_for_update().get_or_create(pk=1, defaults={"ran_at": now})
    return state


def _changed(now: datetime) -> int:
    """Look again at tracks of which `TrackChange` tells, and then at the plays of them."""
    state, _ = GroupingState.objects.get_or_create(pk=1, defaults={"ran_at": now})
    late = Q(id__gt=state.change - OVERLAP, changed_at__gte=state.ran_at - _LATE)
    news = TrackChange.objects.filter(Q(id__gt=state.change) | late, track__kind=Track.Kind.MUSIC, only_sound=False)
    rows = list(news.order_by("id").values_list("id", "track_id"))
    looked = sorted({track for _, track in rows})
    for part in parts(looked, BATCH):
        regroup(part, now=now)
    reconsider.plays_of(looked, now=now)
    if rows:
        GroupingState.objects.filter(pk=1).update(change=max(rows[-1][0], state.change), ran_at=now)
    return len(looked)


def _block(ids: Collection[int]) -> dict[int, Fact]:
    """Facts of these tracks and of all that share a key, a recording or a decision with them, and so on."""
    block: dict[int, Fact] = {}
    wanted, asked, homes = set(ids), set[int](), set[int]()
    while wanted:
        fresh, recordings = _facts(wanted)
        block |= fresh
        keys = _keyed(fresh)
        wanted = _sharing(keys - asked, recordings - homes, fresh) - block.keys()
        asked |= keys
        homes |= recordings
    return block


def _facts(ids: Collection[int]) -> tuple[dict[int, Fact], set[int]]:
    """Facts of the music among `ids`, and the recordings they are in."""
    credits: defaultdict[int, dict[int, str]] = defaultdict(dict)
    facts: dict[int, Fact] = {}
    recordings: set[int] = set()
    for part in parts(sorted(ids)):
        rows = TrackArtist.objects.filter(track_id__in=part).order_by("track_id", "position")
        for pk, artist, name in rows.values_list("track_id", "artist_id", "artist__name_key"):
            credits[pk][artist] = name
        music = Track.objects.filter(id__in=part, kind=Track.Kind.MUSIC)
        for track in music.select_related("artist", "album"):
            main = {track.artist.pk: track.artist.name_key} if track.artist else {}
            facts[track.pk] = Fact(
                track=track.pk,
                key=track.spotify_id or track.text_key or str(track.pk),
                title=track.name,
                artists=credits[track.pk] or main,
                album=track.album.name if track.album else "",
                duration_ms=track.duration_ms or None,
                isrc=names.isrc(track.isrc),
                is_full=track.refreshed_at is not None,
            )
            recordings |= {track.recording_id} if track.recording_id else set()
    return facts, recordings


def _keyed(facts: dict[int, Fact]) -> set[int]:
    """All lookup keys of these tracks, written where they were not."""
    wanted = {track: lookup_keys(fact) for track, fact in facts.items()}
    present: defaultdict[int, set[int]] = defaultdict(set)
    for part in parts(sorted(facts)):
        for track, key in TrackKey.objects.filter(track_id__in=part).values_list("track_id", "key"):
            present[track].add(key)
    for track, keys in present.items():
        if gone := keys - wanted[track]:
            TrackKey.objects.filter(track_id=track, key__in=gone).delete()
    rows = [(track, key) for track in sorted(wanted) for key in sorted(wanted[track] - present[track])]
    insert_missing(TrackKey, ["track_id", "key"], rows)
    return set().union(*wanted.values())


def _sharing(keys: Iterable[int], recordings: Iterable[int], tracks: Iterable[int]) -> set[int]:
    found: set[int] = set()
    for part in parts(sorted(keys)):
        found |= set(TrackKey.objects.filter(key__in=part).values_list("track_id", flat=True))
    for part in parts(sorted(recordings)):
        found |= set(Track.objects.filter(recording_id__in=part).values_list("id", flat=True))
    for part in parts(sorted(tracks)):
        pairs = RecordingCandidate.objects.filter(Q(first__in=part) | Q(second__in=part)).exclude(state=_State.OPEN)
        found |= {track for pair in pairs.values_list("first_id", "second_id") for track in pair}
    return found


def _assign(block: dict[int, Fact], groups: Sequence[frozenset[int]], now: datetime) -> None:
    """Give each group one recording: the oldest that its tracks are in and no group before it took, or a new one."""
    tracks = {track.pk: track for part in parts(sorted(block)) for track in Track.objects.filter(id__in=part)}
    codes = dict(Recording.objects.filter(tracks__in=block.keys()).values_list("id", "isrc"))
    taken: set[int] = set()
    moved: list[Track] = []
    for group in sorted(groups, key=lambda group: (-len(group), min(block[pk].key for pk in group))):
        isrcs = {block[pk].isrc for pk in group}
        homes = {tracks[pk].recording_id for pk in group} - taken - {None}
        if len(group) == 1:  # alone: only its own ISRC is a recording of one
            homes = {home for home in homes if home and codes.get(home) in isrcs - {""}}
        home = min(filter(None, homes), default=None)
        if home is None and len(group) > 1:
            name = min((block[pk].key, tracks[pk].name) for pk in group)[1]
            home = Recording.objects.create(name=name).pk
        taken |= {home} if home else set()
        for pk in sorted(group):
            if tracks[pk].recording_id != home:
                tracks[pk].recording_id = home
                moved.append(tracks[pk])
    moved.sort(key=lambda track: track.pk)
    Track.objects.bulk_update(moved, ["recording"], batch_size=500)
    TrackChange.objects.bulk_create([TrackChange(track=track) for track in moved], batch_size=5_000)


def _tell(block: dict[int, Fact], found: Grouping, now: datetime) -> None:
    """Evidence: what holds stands, what no longer holds is undone."""
    homes: dict[int, int | None] = {}
    standing: dict[tuple[int, str], RecordingEvidence] = {}
    for part in parts(sorted(block)):
        homes |= dict(Track.objects.filter(id__in=part).values_list("id", "recording_id"))
        rows = RecordingEvidence.objects.filter(track_id__in=part, undone_at=None)
        standing |= {(row.track_id, row.how): row for row in rows}
    fresh: list[RecordingEvidence] = []
    for reason in found.reasons:
        row, home = standing.get((reason.track, reason.how)), homes[reason.track]
        if row is not None and row.recording_id == home and row.details == reason.details:
            del standing[reason.track, reason.how]
        elif home is not None:
            about: dict[str, Any] = {"how": reason.how, "details": reason.details, "created_at": now}
            fresh.append(RecordingEvidence(track_id=reason.track, recording_id=home, **about))
    for part in parts(sorted(row.pk for row in standing.values())):
        RecordingEvidence.objects.filter(pk__in=part).update(undone_at=now)
    RecordingEvidence.objects.bulk_create(fresh, batch_size=500)


def _review(block: dict[int, Fact], found: Grouping, now: datetime) -> None:
    """The pairs to review: new ones are added, open ones that are no longer in doubt go."""
    wanted = {(pair.first, pair.second): pair for pair in found.pairs}
    known: dict[tuple[int, int], RecordingCandidate] = {}
    for part in parts(sorted(block)):
        known |= {(row.first_id, row.second_id): row for row in RecordingCandidate.objects.filter(first_id__in=part)}
    over = [row.pk for pair, row in known.items() if row.state == _State.OPEN and pair not in wanted]
    for part in parts(sorted(over)):
        RecordingCandidate.objects.filter(pk__in=part, state=_State.OPEN).delete()
    RecordingCandidate.objects.bulk_create(
        [
            RecordingCandidate(
                first_id=pair.first,
                second_id=pair.second,
                why={"reason": pair.doubt.value, "seconds_apart": pair.seconds_apart},
                found_at=now,
            )
            for key, pair in sorted(wanted.items())
            if key not in known
        ],
        batch_size=500,
    )
