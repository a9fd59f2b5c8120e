"""Keeping a person's shelf up to date with the catalogue, and what the person counts as one recording."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

import numpy as np
from django.db.models import Max, Q, Sum
from numpy.typing import NDArray

from accounts.models import User
from ingest import columns
from ingest.columns import Columns
from ingest.models import OwnGrouping, TrackChange
from ingest.shelf import files, reading
from ingest.shelf.arrays import EMPTY, END, Shelf, joined, shelved

OVERLAP = 2_000  # change numbers may be committed out of order: look this far back
_MET_LATER = 20_000  # plays that are looked through each time, before the file is written anew for them


class News(NamedTuple):
    """What changed in the catalogue: the newest number, and what is told of the last `OVERLAP` before another."""

    newest: int
    recent: int


def load(user: User, tracks: NDArray[np.int32], *, name: str = "shelf") -> Shelf:
    """The shelf that holds `tracks` (any order, repeats allowed), and no other, up to date with the catalogue.

    `name` of another file, for a shelf of more than was heard: what counts together there need not have been heard.
    """
    return _current(user, name, tracks, 0)


def of_plays(user: User, plays: Columns) -> Shelf:
    """The shelf of the tracks of all the person's plays. It knows which plays it has met, and looks at the others."""
    return _current(user, "shelf", plays.track, plays.generation)


def _current(user: User, name: str, tracks: NDArray[np.int32], generation: int) -> Shelf:
    """`generation` of the columns that `tracks` are read from: while it stays, tracks only come."""
    path = columns.folder(user.pk) / name
    shelf = files.read(path)
    news = _news(shelf.change)
    stale: set[int] = set()
    if news.newest > shelf.change or news.recent != shelf.recent:
        recent = TrackChange.objects.filter(id__gt=shelf.change - OVERLAP).values_list("track_id", flat=True)
        stale = set(np.intersect1d(np.fromiter(recent, dtype=np.int64), shelf.track).tolist())
        if _thinned_since(shelf.change):  # asked last: they may have been cleaned away just now
            shelf, stale = EMPTY, set()
    same = generation > 0 and generation == shelf.generation
    known = shelf.met if same and shelf.met <= tracks.size else 0
    place = shelf.places(tracks[known:])
    missing = np.unique(tracks[known:][place < 0]) if place.size and place.min() < 0 else place[:0]
    is_behind = news.newest > shelf.change + OVERLAP or (generation > 0 and place.size > _MET_LATER)
    if not missing.size and not stale and not is_behind and (same or not _has_others(shelf, place)):
        return shelf
    newest = max(news.newest, shelf.change)
    recent_then = _news(newest).recent  # before the facts are read: what is committed later is noticed
    shelf = _merged(user, shelf, None if same else tracks, {*missing.tolist(), *stale})
    met = tracks.size if generation else 0
    shelf = replace(shelf, change=newest, recent=recent_then, generation=generation, met=met)
    files.write(path, shelf)
    return shelf


def _news(change: int) -> News:
    """Of the numbers up to `change` the sum is told: another one if a change is committed late, or cleaned away."""
    since = TrackChange.objects.filter(id__gt=change - OVERLAP)
    told = since.aggregate(newest=Max("id"), recent=Sum("id", filter=Q(id__lte=change)))
    return News(told["newest"] or 0, int(told["recent"] or 0))


def _has_others(shelf: Shelf, place: NDArray[np.intp]) -> bool:
    """Whether tracks are on the shelf that are not asked for: then what counts together would hang on the past."""
    asked = np.zeros(shelf.track.size, dtype=bool)
    asked[place] = True
    return not asked.all()


def thin(*, before: datetime) -> int:
    """Delete changes told before that moment, but the newest: by it a shelf sees that it missed some."""
    newest = TrackChange.objects.order_by("-id").values_list("id", flat=True).first() or 0
    return TrackChange.objects.filter(changed_at__lt=before, id__lt=newest).delete()[0]


def _thinned_since(change: int) -> bool:
    """Whether changes after number `change` may have been cleaned away: then every fact has to be read again."""
    oldest = TrackChange.objects.order_by("id").values_list("id", flat=True).first()
    return oldest is not None and oldest > change + 1


def _merged(user: User, old: Shelf, tracks: NDArray[np.int32] | None, ids: set[int]) -> Shelf:
    """`old`, with those of `tracks` alone if they are told, and the facts of `ids` read anew from the catalogue."""
    stays = np.ones(old.track.size, dtype=bool)
    if tracks is not None:
        wanted = np.zeros(max(int(tracks.max(initial=0)), int(old.track.max(initial=0))) + 1, dtype=bool)
        wanted[tracks] = True
        stays, ids = wanted[old.track], {pk for pk in ids if wanted[pk]}
    fresh, lines_told = reading.told(user, ids)
    track = fresh["track"]
    at = np.searchsorted(old.track, track)
    is_there = np.append(old.track, -1)[at] == track
    stays[at[is_there]] = True  # in another form
    gone = np.flatnonzero(~stays)
    stays[at[is_there]] = False
    same = np.flatnonzero(stays)
    order = np.insert(same, np.searchsorted(old.track[same], track), np.arange(track.size) + old.track.size)
    told = joined([vars(old), fresh], order)
    told["group"] = groups(told["track"], told["recording"], told["lead"])
    begins = np.append(0, old.ends + 1)
    new = [lines_told[pk] + END for pk in track.tolist()]
    cuts = list(zip(begins[at].tolist(), begins[at + is_there].tolist(), new, strict=True))
    cuts += zip(begins[gone].tolist(), begins[gone + 1].tolist(), [b""] * gone.size, strict=True)
    return shelved(told, _spliced(old.lines, sorted(cuts, key=lambda cut: cut[:2])), old.change)


def _spliced(lines: bytes, cuts: Iterable[tuple[int, int, bytes]]) -> bytes:
    """`lines` with others instead of what stands between two bytes each."""
    parts, at = [], 0
    for begin, end, line in cuts:
        parts += [lines[at:begin], line]
        at = end
    return b"".join([*parts, lines[at:]])


def groups(track: NDArray[np.int32], recording: NDArray[np.int32], lead: NDArray[np.int32]) -> NDArray[np.int32]:
    """What each counts under; `track` is sorted. Those with a lead: it, if it is there, else the lowest with that lead.

    The others: the lowest with the same recording, or what the lowest with a lead counts under, if one of them has one.
    """
    group = track.copy()
    led = lead > 0
    _together(group, np.flatnonzero((recording > 0) & ~led), recording)
    if not led.any():
        return group
    spot = np.minimum(np.searchsorted(track, lead), track.size - 1)
    there = led & (track[spot] == lead)
    further = there & led[spot]
    lead = np.where(further, lead[spot], lead)  # leads of two files
    _together(group, np.flatnonzero(led), lead)
    spot = np.minimum(np.searchsorted(track, lead), track.size - 1)
    there = led & (track[spot] == lead)
    group[there] = np.where(led[spot], track[spot], group[spot])[there]
    heads = np.flatnonzero(led & (recording > 0))
    of, first = np.unique(recording[heads], return_index=True)
    others = np.flatnonzero((recording > 0) & ~led & np.isin(recording, of))
    group[others] = group[heads[first[np.searchsorted(of, recording[others])]]]
    return group[np.searchsorted(track, group)]  # what led to one of these goes along


def _together(group: NDArray[np.int32], places: NDArray[np.intp], by: NDArray[np.int32]) -> None:
    """Let each of `places` count under the lowest with the same number."""
    _, first, back = np.unique(by[places], return_index=True, return_inverse=True)
    group[places] = group[places[first]][back]


def group_of(user: User, shelf: Shelf) -> NDArray[np.int32]:
    """`shelf.group` as this person wants it: their own word comes after everybody's, the later after the earlier.

    One track joined to another brings along all that count with it; one set apart counts alone.
    """
    said = OwnGrouping.objects.of(user).standing().order_by("made_at", "id")
    rows = list(said.values_list("track_id", "other_id", "is_same"))
    if not rows or not shelf.track.size:
        return shelf.group
    group = shelf.group.copy()
    for track, other, is_same in rows:
        place, beside = (_place(shelf, pk) for pk in (track, other))
        if place is None or (other is not None and beside is None):
            continue  # their plays are gone
        if is_same:
            group[group == group[place]] = group[beside]
        elif beside is None or group[place] == group[beside]:
            group[place] = -track
    order = np.argsort(shelf.lead != shelf.track, kind="stable")  # what others count under by an export comes first
    _, first, back = np.unique(group[order], return_index=True, return_inverse=True)
    found = np.empty_like(group)
    found[order] = shelf.track[order[first]][back]
    return found


def _place(shelf: Shelf, track: int | None) -> int | None:
    place = int(np.searchsorted(shelf.track, track)) if track is not None else shelf.track.size
    return place if place < shelf.track.size and shelf.track[place] == track else None
