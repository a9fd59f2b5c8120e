"""One person's tracks by name: the texts as they are written, beside the shelf, which holds them folded for search.

A derived file beside the columns, like the shelf: it learns tracks that it has not met, reads those again that
`TrackChange` names, and is never the truth.
"""

import io
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accounts.models import User
from ingest import clock, columns
from ingest.models import Track, TrackArtist, TrackChange
from ingest.period import first_day
from ingest.shelf import OVERLAP, Shelf

_FORMAT = 2
_AT_ONCE = 5_000  # ids in one statement
NO_DAY = np.iinfo(np.int32).min
_END = "\n"
_TEXTS = ("title", "artist", "album", "isrc")


@dataclass(frozen=True)
class Labels:
    """By place, `track` being sorted. A code of -1, an `explicit` of -1 and a NO_DAY are not known."""

    track: NDArray[np.int32]
    codes: dict[str, NDArray[np.int32]]  # by "title", "artist" (all that are credited), "album", "isrc"
    values: dict[str, list[str]]  # the distinct texts that codes stand for
    explicit: NDArray[np.int8]
    released: NDArray[np.int32]  # days since 1970-01-01; the first day of what is known less precisely
    change: int
    recent: int  # as of the shelf


def load(user: User, shelf: Shelf) -> Labels:
    """The labels of all tracks on `shelf`, in its order, up to date with the catalogue."""
    path = columns.folder(user.pk) / "labels"
    old = _read(path)
    missing = np.setdiff1d(shelf.track, old.track)
    stale: set[int] = set()
    if shelf.change > old.change or (shelf.change == old.change and shelf.recent != old.recent):
        recent = TrackChange.objects.filter(id__gt=old.change - OVERLAP).values_list("track_id", flat=True)
        stale = set(np.intersect1d(np.fromiter(recent, dtype=np.int64), old.track).tolist())
        oldest = TrackChange.objects.order_by("id").values_list("id", flat=True).first()
        if oldest is not None and oldest > old.change + 1:  # some were cleaned away unseen
            stale = set(old.track.tolist())
    if missing.size or stale:
        old = _merged(old, {*missing.tolist(), *stale}, shelf)
        _write(path, old)
    return old if np.array_equal(old.track, shelf.track) else _taken(old, np.searchsorted(old.track, shelf.track))


def _taken(labels: Labels, places: NDArray[np.intp]) -> Labels:
    codes = {name: codes[places] for name, codes in labels.codes.items()}
    explicit, released = labels.explicit[places], labels.released[places]
    return Labels(labels.track[places], codes, labels.values, explicit, released, labels.change, labels.recent)


def _merged(old: Labels, ids: set[int], shelf: Shelf) -> Labels:
    """`old` with the labels of `ids` read anew; a track that is gone has none."""
    kept = _taken(old, np.flatnonzero(~np.isin(old.track, np.fromiter(ids, dtype=np.int64, count=len(ids)))))
    fresh = sorted(_rows(ids))
    track = np.concatenate([kept.track, np.array([row[0] for row in fresh], dtype=np.int32)])
    order = np.argsort(track, kind="stable")
    codes, values = {}, {}
    for place, name in enumerate(_TEXTS, start=1):
        texts = kept.values[name]
        known = {text: code for code, text in enumerate(texts)}
        new = [known.setdefault(row[place], len(known)) if row[place] else -1 for row in fresh]
        codes[name] = np.concatenate([kept.codes[name], np.array(new, dtype=np.int32)])[order]
        values[name] = list(known)
    explicit = np.concatenate([kept.explicit, np.array([row[5] for row in fresh], dtype=np.int8)])[order]
    released = np.concatenate([kept.released, np.array([row[6] for row in fresh], dtype=np.int32)])[order]
    return Labels(track[order], codes, values, explicit, released, shelf.change, shelf.recent)


def _rows(ids: set[int]) -> Iterator[tuple[Any, ...]]:
    """(track, title, artists, album, isrc, explicit, released) of those of `ids` that exist."""
    fields = ("id", "name", "artist__name", "album__name", "isrc", "explicit", "album__released_on")
    ordered = sorted(ids)
    for start in range(0, len(ordered), _AT_ONCE):
        part = ordered[start : start + _AT_ONCE]
        credits: dict[int, list[str]] = {}
        said = TrackArtist.objects.filter(track__in=part).order_by("track_id", "position")
        for track, name in said.values_list("track_id", "artist__name"):
            credits.setdefault(track, []).append(name)
        for pk, title, artist, album, isrc, explicit, released in Track.objects.filter(pk__in=part).values_list(
            *fields
        ):
            names = ", ".join(credits.get(pk) or [artist or ""])
            flag = -1 if explicit is None else int(explicit)
            yield pk, _line(title), _line(names), _line(album or ""), isrc, flag, _day(released)


def _line(text: str) -> str:
    return text.replace(_END, " ")


def _day(released_on: str | None) -> int:
    on = first_day(released_on or "")
    return NO_DAY if on is None else clock.day_number(on)


def _read(path: Path) -> Labels:
    """As last written; empty if there are none or they are damaged."""
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as file:
            if int(file["head"][0]) != _FORMAT:
                raise ValueError("not of this format")
            texts = {name: file[f"{name}_values"].tobytes().decode() for name in _TEXTS}
            return Labels(
                file["track"],
                {name: file[f"{name}_codes"] for name in _TEXTS},
                {name: text.split(_END)[:-1] for name, text in texts.items()},
                file["explicit"],
                file["released"],
                *file["head"][1:].tolist(),
            )
    except (OSError, ValueError, KeyError, EOFError):
        codes = {name: np.empty(0, dtype=np.int32) for name in _TEXTS}
        values: dict[str, list[str]] = {name: [] for name in _TEXTS}
        none = np.empty(0, dtype=np.int32)
        return Labels(none, codes, values, none.astype(np.int8), none, 0, 0)


def _write(path: Path, labels: Labels) -> None:
    arrays: dict[str, NDArray[Any]] = {
        "head": np.array([_FORMAT, labels.change, labels.recent], dtype=np.int64),
        "track": labels.track,
        "explicit": labels.explicit,
        "released": labels.released,
    }
    for name in _TEXTS:
        text = "".join(f"{value}{_END}" for value in labels.values[name])
        arrays[f"{name}_values"] = np.frombuffer(text.encode(), dtype=np.uint8)
        arrays[f"{name}_codes"] = labels.codes[name]
    path.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=path.parent, prefix=path.name, delete=False) as part:
        np.savez(part, **arrays)  # type: ignore[arg-type]
    os.replace(part.name, path)
