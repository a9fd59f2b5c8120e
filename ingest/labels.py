"""One person's tracks by name: the texts as they are written, beside the shelf, which holds them folded for search; and
what rules alone ask: mood, language, themes, key and mode.

A derived file beside the columns, like the shelf: it learns tracks that it has not met, reads those again that
`TrackChange` names, and is never the truth.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accounts.models import User
from ingest import clock, columns, mapped
from ingest.models import AudioFeatures, LyricsFacts, Tag, Track, TrackArtist, TrackChange, TrackTag
from ingest.period import first_day
from ingest.shelf import OVERLAP, Shelf

_FORMAT = 4
_BEHIND = 20_000  # changes that are looked through each time, before the file is written anew for them
_AT_ONCE = 5_000  # ids in one statement
NO_DAY = np.iinfo(np.int32).min
_END = "\n"
_NOT_KNOWN = ("",) * 5
_TEXTS = ("title", "artist", "album", "isrc", "language", "moods", "themes", "key", "mode")
BETWEEN = "\x1f"  # the texts of one that is a list


@dataclass(frozen=True)
class Labels:
    """By place, the tracks being sorted. What is not asked for is not read."""

    arrays: mapped.Arrays
    places: NDArray[np.intp] | None  # where in the arrays each place stands; None: the same

    def codes(self, name: str) -> NDArray[np.int32]:
        """By one of _TEXTS ("artist": all that are credited): places in its `values`; -1: not known."""
        return self._taken(f"{name}_codes")

    def values(self, name: str) -> list[str]:
        """The distinct texts that codes stand for."""
        return self.text(name).split(_END)[:-1]

    def text(self, name: str) -> str:
        """The same as lines."""
        return self.arrays[f"{name}_values"].tobytes().decode()

    def few(self, name: str, codes: Sequence[int]) -> list[str]:
        """The texts that some codes stand for."""
        lines = self.arrays[f"{name}_values"]
        ends = np.flatnonzero(lines == ord(_END))
        begins = np.append(0, ends + 1)
        return [lines[begins[code] : ends[code]].tobytes().decode() for code in codes]

    @cached_property
    def explicit(self) -> NDArray[np.int8]:
        """1 and 0; -1 is not known."""
        return self._taken("explicit")

    @cached_property
    def released(self) -> NDArray[np.int32]:
        """Days since 1970-01-01, the first day of what is known less precisely; NO_DAY is not known."""
        return self._taken("released")

    def _taken(self, name: str) -> NDArray[Any]:
        return self.arrays[name] if self.places is None else self.arrays[name][self.places]


def load(user: User, shelf: Shelf) -> Labels:
    """The labels of all tracks on `shelf`, in its order, up to date with the catalogue."""
    path = columns.folder(user.pk) / "labels"
    (change, recent), arrays = mapped.read(path, _FORMAT) or ((0, 0), _NOTHING)
    missing = _missing(shelf.track, arrays["track"])
    stale: set[int] = set()
    if shelf.change > change or (shelf.change == change and shelf.recent != recent):
        news = TrackChange.objects.filter(id__gt=change - OVERLAP).values_list("track_id", flat=True)
        stale = set(np.intersect1d(np.fromiter(news, dtype=np.int64), arrays["track"]).tolist())
        oldest = TrackChange.objects.order_by("id").values_list("id", flat=True).first()
        if oldest is not None and oldest > change + 1:  # some were cleaned away unseen
            stale = set(arrays["track"].tolist())
    if missing.size or stale or shelf.change > change + _BEHIND:
        arrays = _merged(arrays, {*missing.tolist(), *stale})
        mapped.write(path, _FORMAT, [shelf.change, shelf.recent], arrays)
    same = np.array_equal(arrays["track"], shelf.track)
    return Labels(arrays, None if same else np.searchsorted(arrays["track"], shelf.track))


def _missing(asked: NDArray[np.int32], known: NDArray[np.int32]) -> NDArray[np.int32]:
    """Those of `asked` that are not `known`; both are sorted."""
    if np.array_equal(asked, known):
        return asked[:0]
    spots = np.minimum(np.searchsorted(known, asked), max(0, known.size - 1))
    return asked[known[spots] != asked] if known.size else asked


def _merged(old: mapped.Arrays, ids: set[int]) -> mapped.Arrays:
    """`old` with the labels of `ids` read anew; a track that is gone has none."""
    gone = np.isin(old["track"], np.fromiter(ids, dtype=np.int64, count=len(ids)))
    kept = Labels(old, np.flatnonzero(~gone))
    fresh = sorted(_rows(ids))
    track = np.concatenate([old["track"][~gone], np.array([row[0] for row in fresh], dtype=np.int32)])
    order = np.argsort(track, kind="stable")
    arrays = {"track": track[order]}
    for place, name in enumerate(_TEXTS, start=1):
        known = {text: code for code, text in enumerate(kept.values(name))}
        new = [known.setdefault(row[place], len(known)) if row[place] else -1 for row in fresh]
        arrays[f"{name}_codes"] = np.concatenate([kept.codes(name), np.array(new, dtype=np.int32)])[order]
        lines = "".join(f"{value}{_END}" for value in known)
        arrays[f"{name}_values"] = np.frombuffer(lines.encode(), dtype=np.uint8)
    arrays["explicit"] = np.concatenate([kept.explicit, np.array([row[-2] for row in fresh], dtype=np.int8)])[order]
    arrays["released"] = np.concatenate([kept.released, np.array([row[-1] for row in fresh], dtype=np.int32)])[order]
    return arrays


def _rows(ids: set[int]) -> Iterator[tuple[Any, ...]]:
    """(track, each of _TEXTS, explicit, released) of those of `ids` that exist."""
    fields = ("id", "name", "artist__name", "album__name", "isrc", "explicit", "album__released_on")
    ordered = sorted(ids)
    for start in range(0, len(ordered), _AT_ONCE):
        part = ordered[start : start + _AT_ONCE]
        credits: dict[int, list[str]] = {}
        said = TrackArtist.objects.filter(track__in=part).order_by("track_id", "position")
        for track, name in said.values_list("track_id", "artist__name"):
            credits.setdefault(track, []).append(name)
        known = _known(part)
        for pk, title, artist, album, isrc, explicit, released in Track.objects.filter(pk__in=part).values_list(
            *fields
        ):
            names = ", ".join(credits.get(pk) or [artist or ""])
            flag = -1 if explicit is None else int(explicit)
            told = [_line(text) for text in (title, names, album or "", isrc, *known.get(pk, _NOT_KNOWN))]
            yield pk, *told, flag, _day(released)


def _known(tracks: list[int]) -> dict[int, list[str]]:
    """Language, moods, themes, key and mode of those of which something is known."""
    told: dict[int, list[str]] = defaultdict(lambda: [*_NOT_KNOWN])
    words = LyricsFacts.objects.filter(track__in=tracks).values_list("track_id", "language", "themes")
    for pk, language, themes in words:
        told[pk][0], told[pk][2] = language, BETWEEN.join(themes)
    moods = TrackTag.objects.filter(track__in=tracks, tag__kind=Tag.Kind.MOOD).order_by("tag_id")
    for pk, mood in moods.values_list("track_id", "tag__name"):
        told[pk][1] = BETWEEN.join(filter(None, (told[pk][1], mood)))
    sound = AudioFeatures.objects.filter(track__in=tracks).values_list("track_id", "key", "mode")
    for pk, *numbers in sound:
        told[pk][3:] = ["" if number is None else str(number) for number in numbers]
    return told


def _line(text: str) -> str:
    return text.replace(_END, " ")


def _day(released_on: str | None) -> int:
    on = first_day(released_on or "")
    return NO_DAY if on is None else clock.day_number(on)


_NOTHING: mapped.Arrays = {
    "track": np.empty(0, dtype=np.int32),
    "explicit": np.empty(0, dtype=np.int8),
    "released": np.empty(0, dtype=np.int32),
    **{f"{name}_codes": np.empty(0, dtype=np.int32) for name in _TEXTS},
    **{f"{name}_values": np.empty(0, dtype=np.uint8) for name in _TEXTS},
}
