"""One person's shelf: the distinct tracks of their plays, with the catalogue facts that statistics and search ask for.

A derived file per person beside the columns: sorted track ids, and for each the artist, album, length, kind and a line
of searchable text. It is read by memory map (cold in milliseconds at 100,000 tracks), learns tracks it has not met
from the catalogue, and re-reads those that `TrackChange` names. Never the truth: deleting it costs one rebuild.
"""

import json
import os
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import NamedTemporaryFile

import numpy as np
from numpy.typing import NDArray

from accounts.models import User
from ingest import columns, names
from ingest.models import Track, TrackChange

_FORMAT = 1
_OVERLAP = 2_000  # change numbers may be committed out of order: look this far back
_FACTS = np.dtype([("track", "<i4"), ("artist", "<i4"), ("album", "<i4"), ("duration_ms", "<i4"), ("kind", "<i4")])
_END = b"\n"
_BETWEEN = "\x1f"


@dataclass(frozen=True, slots=True)
class Shelf:
    """Facts by place: `track` is sorted, the others are aligned with it; 0 stands for "not known"."""

    track: NDArray[np.int32]
    artist: NDArray[np.int32]
    album: NDArray[np.int32]
    duration_ms: NDArray[np.int32]
    kind: NDArray[np.int32]
    lines: bytes  # title, artist and album of each place, folded by `names.key`, one line each
    ends: NDArray[np.int64]  # where each line ends in `lines`
    change: int  # the newest TrackChange that is in here

    def places(self, tracks: NDArray[np.int32]) -> NDArray[np.int32]:
        """The place of each of `tracks`, which must all be on the shelf."""
        table = np.zeros(int(self.track[-1]) + 1 if self.track.size else 1, dtype=np.int32)
        table[self.track] = np.arange(self.track.size, dtype=np.int32)
        return table[tracks]

    def search(self, text: str) -> NDArray[np.int32]:
        """Ids of tracks whose title, artist or album hold every word of `text`, folded; none for an empty text."""
        found: NDArray[np.bool_] | None = None
        for word in names.key(text).split():
            hits = np.zeros(self.track.size, dtype=bool)
            hits[np.unique(np.searchsorted(self.ends, self._occurrences(word.encode()), side="right"))] = True
            found = hits if found is None else found & hits
        return self.track[found] if found is not None else self.track[:0]

    def _occurrences(self, word: bytes) -> list[int]:
        spots, at = [], self.lines.find(word)
        while at >= 0:
            spots.append(at)
            at = self.lines.find(word, self.lines.find(_END, at) + 1)
        return spots


def load(user: User, tracks: NDArray[np.int32]) -> Shelf:
    """The shelf that holds at least `tracks` (any order, repeats allowed), up to date with the catalogue."""
    path = columns.folder(user.pk) / "shelf"
    shelf = _read(path)
    wanted = np.flatnonzero(np.bincount(tracks)) if tracks.size else tracks[:0]
    newest = TrackChange.objects.order_by("-id").values_list("id", flat=True).first() or 0
    stale: set[int] = set()
    if newest > shelf.change:
        if _thinned_since(shelf.change):
            shelf = _EMPTY
        recent = TrackChange.objects.filter(id__gt=shelf.change - _OVERLAP).values_list("track_id", flat=True)
        stale = set(np.intersect1d(np.fromiter(recent, dtype=np.int64), shelf.track).tolist())
    missing = np.setdiff1d(wanted, shelf.track, assume_unique=True)
    if not missing.size and not stale:
        return shelf
    shelf = _merged(shelf, {*missing.tolist(), *stale}, newest)
    _write(path, shelf)
    return shelf


def thin(*, before: datetime) -> int:
    """Delete changes told before that moment, but the newest: by it a shelf sees that it missed some."""
    newest = TrackChange.objects.order_by("-id").values_list("id", flat=True).first() or 0
    return TrackChange.objects.filter(changed_at__lt=before, id__lt=newest).delete()[0]


def _thinned_since(change: int) -> bool:
    """Whether changes after number `change` may have been cleaned away: then every fact has to be read again."""
    oldest = TrackChange.objects.order_by("id").values_list("id", flat=True).first()
    return oldest is not None and oldest > change + 1


def _merged(old: Shelf, ids: set[int], change: int) -> Shelf:
    """`old` with the facts of `ids` read anew from the catalogue."""
    fresh = {row[0]: row for row in _facts(ids)}
    lines = dict(zip(old.track.tolist(), old.lines.split(_END), strict=False))
    lines |= {pk: _BETWEEN.join(map(names.key, filter(None, row[5:]))).encode() for pk, row in fresh.items()}
    keep = ~np.isin(old.track, np.fromiter(fresh, dtype=np.int32, count=len(fresh)))
    table = np.empty(int(keep.sum()) + len(fresh), dtype=_FACTS)
    kept = table[: int(keep.sum())]
    for name in _FACTS.names or ():
        kept[name] = getattr(old, name)[keep]
    table[len(kept) :] = [tuple(value or 0 for value in row[:5]) for row in fresh.values()]
    table.sort(order="track")
    return _shelf(table, _END.join([lines[pk] for pk in table["track"].tolist()] + [b""]), change)


def _facts(ids: Iterable[int]) -> Iterable[tuple]:
    fields = ("id", "artist_id", "album_id", "duration_ms", "kind", "name", "artist__name", "album__name")
    ids = sorted(ids)
    for start in range(0, len(ids), 10_000):
        part = ids[start : start + 10_000]
        # A dense stretch is read as a range: thousands of parameters cost more than some rows too many.
        dense = part[-1] - part[0] < 4 * len(part)
        chosen = {"id__range": (part[0], part[-1])} if dense else {"id__in": part}
        wanted = set(part)
        yield from (row for row in Track.objects.filter(**chosen).values_list(*fields) if row[0] in wanted)


def _shelf(table: NDArray, lines: bytes, change: int) -> Shelf:
    track, artist, album, duration_ms, kind = (np.ascontiguousarray(table[name]) for name in _FACTS.names or ())
    ends = np.flatnonzero(np.frombuffer(lines, dtype=np.uint8) == _END[0])
    return Shelf(track, artist, album, duration_ms, kind, lines, ends, change)


def _read(path: Path) -> Shelf:
    """The shelf as last written; an empty one if there is none or it is damaged."""
    try:
        raw = path.read_bytes()
        head_size = int.from_bytes(raw[:4], "little")
        head = json.loads(raw[4 : 4 + head_size])
        body = raw[4 + head_size :]
        if head["format"] != _FORMAT or zlib.crc32(body) != head["crc"]:
            raise ValueError("not a shelf of this format")
        size = head["tracks"] * _FACTS.itemsize
        return _shelf(np.frombuffer(body[:size], dtype=_FACTS), body[size:], head["change"])
    except (OSError, ValueError, KeyError):
        return _EMPTY


_EMPTY = _shelf(np.empty(0, dtype=_FACTS), b"", 0)


def _write(path: Path, shelf: Shelf) -> None:
    table = np.empty(shelf.track.size, dtype=_FACTS)
    for name in _FACTS.names or ():
        table[name] = getattr(shelf, name)
    body = table.tobytes() + shelf.lines
    head = json.dumps(
        {"format": _FORMAT, "tracks": shelf.track.size, "change": shelf.change, "crc": zlib.crc32(body)}
    ).encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=path.parent, prefix=path.name, delete=False) as part:
        part.write(len(head).to_bytes(4, "little") + head + body)
    os.replace(part.name, path)
