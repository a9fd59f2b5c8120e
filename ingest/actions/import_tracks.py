"""What an export of another server tells of tracks, kept for its person where nobody knows it here. Safe to repeat.

Nothing of it is written into the catalogue that all people share: whoever makes such a file by hand changes figures of
their own alone.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from django.db import transaction
from django.utils import timezone
from numpy.typing import NDArray

from accounts.models import User
from ingest import columns, names
from ingest.heard import FEATURES
from ingest.importers.own_tracks import Told
from ingest.models import BroughtTrack, Tag, Track, TrackChange, TrackKey
from ingest.shelf import keeping, reading
from ingest.shelf.arrays import MEASURED
from ingest.upsert import ids, insert_missing, parts

_AT_ONCE = 20_000  # tracks


def apply(*, user: User, told: Sequence[Told]) -> None:
    """Keep what is told of tracks that the person heard. The last word on a track stands."""
    found = _found(user, told)
    leads = _leads(found)
    pks = sorted(found)
    for start in range(0, len(pks), _AT_ONCE):
        part = {pk: found[pk] for pk in pks[start : start + _AT_ONCE]}
        news = _unknown_here(user, part)
        alike = _counted_alike(list(part), leads)
        rows = {pk: (None if pk in alike else leads[pk], news[pk]) for pk in part if news[pk] or pk not in alike}
        _write(user, list(part), rows)


def _found(user: User, told: Sequence[Told]) -> dict[int, Told]:
    """Of each track that they heard what is told, by id."""
    by_id = ids(Track, "spotify_id", {key for each in told if (key := each.name.spotify_id)})
    named = {each.number: _text_key(each) for each in told if not each.name.spotify_id}
    by_names = ids(Track, "text_key", set(named.values()))
    heard = set(np.unique(columns.load(user).track).tolist())
    found: dict[int, Told] = {}
    for each in told:
        pk = by_id.get(each.name.spotify_id) if each.name.spotify_id else by_names.get(named[each.number])
        if pk is not None and pk in heard:
            found[pk] = each
    return found


def _text_key(told: Told) -> str:
    name = told.name
    return names.track_key(name.artist, name.title, name.album, name.kind)


def _leads(found: dict[int, Told]) -> dict[int, int]:
    """What each counts under: the track whose number they name, or the first of those that do."""
    heads: dict[int, int] = {}
    for pk, each in sorted(found.items()):
        heads.setdefault(each.recording, pk)
    heads |= {each.number: pk for pk, each in found.items() if each.recording == each.number}
    return {pk: heads[each.recording] for pk, each in found.items()}


def _unknown_here(user: User, told: dict[int, Told]) -> dict[int, dict[str, Any]]:
    """Of each track the values that the catalogue does not have."""
    facts, _lines = reading.told(user, set(told), own_words=False, with_brought=False)
    news: dict[int, dict[str, Any]] = {}
    for place, pk in enumerate(facts["track"].tolist()):
        values = told[pk].values
        for name, unknown in (("duration_ms", 0), ("year", 0), ("listeners", -1), ("popularity", -1)):
            if facts[name][place] != unknown:
                values.pop(name, None)
        if facts["genre_start"][place] != facts["genre_start"][place + 1]:
            values.pop("genres", None)
        told_better = values.pop("is_measured", False) and not facts["marks"][place] & MEASURED
        here = dict(zip(FEATURES, facts["features"][place].tolist(), strict=True))
        features = values.pop("features", {})
        features = {name: value for name, value in features.items() if told_better or np.isnan(here[name])}
        values |= {"features": features} if features else {}
        values |= {"is_measured": True} if features and told_better else {}
        news[pk] = values if values.keys() - {"isrc"} else {}
    return news


def _counted_alike(tracks: list[int], leads: dict[int, int]) -> set[int]:
    """Those of which this server has thought, and which it counts together with the same others."""
    pks = np.array(sorted(leads), dtype=np.int32)
    homes: dict[int, int] = {}
    for part in parts(leads):
        homes |= dict(Track.objects.filter(id__in=part, recording__isnull=False).values_list("id", "recording_id"))
    recording = np.array([homes.get(pk, 0) for pk in pks.tolist()], dtype=np.int32)
    nothing = np.zeros_like(pks)
    here, there = keeping.groups(pks, recording, nothing), np.array([leads[pk] for pk in pks.tolist()], dtype=np.int32)
    same = set(pks[_alike(here, there)].tolist())
    looked_at: set[int] = set()
    for part in parts(same & set(tracks)):
        looked_at |= set(TrackKey.objects.filter(track__in=part).values_list("track_id", flat=True))
        looked_at |= set(Track.objects.filter(id__in=part).exclude(kind=Track.Kind.MUSIC).values_list("id", flat=True))
    return looked_at


def _alike(one: NDArray[np.int32], other: NDArray[np.int32]) -> NDArray[np.bool_]:
    """For each place whether it is together with the same places in both."""
    _, both, sizes = np.unique(np.stack([one, other]), axis=1, return_inverse=True, return_counts=True)
    alike = np.ones(one.size, dtype=bool)
    for each in (one, other):
        _, group, alone = np.unique(each, return_inverse=True, return_counts=True)
        alike &= sizes[both.ravel()] == alone[group]
    return alike


@transaction.atomic
def _write(user: User, tracks: Iterable[int], rows: dict[int, tuple[int | None, dict[str, Any]]]) -> None:
    before: dict[int, tuple[int | None, dict[str, Any]]] = {}
    brought = BroughtTrack.objects.of(user)
    for part in parts(tracks):
        known = brought.filter(track__in=part).values_list("track_id", "counts_under_id", "values")
        before |= {pk: (lead, values) for pk, lead, values in known}
    changed = sorted(pk for pk in before.keys() | rows.keys() if before.get(pk) != rows.get(pk))
    for part in parts(pk for pk in changed if pk in before):
        brought.filter(track__in=part).delete()
    words = {word for pk in changed if pk in rows for word in rows[pk][1].get("genres", ())}
    insert_missing(Tag, ["kind", "name"], [(Tag.Kind.GENRE, word) for word in sorted(words)])
    fresh = [(user.pk, pk, rows[pk][0], json.dumps(rows[pk][1])) for pk in changed if pk in rows]
    insert_missing(BroughtTrack, ["user_id", "track_id", "counts_under_id", "values"], fresh)
    now = timezone.now()
    insert_missing(TrackChange, ["track_id", "changed_at", "only_sound"], [(pk, now, True) for pk in changed])
