"""Columns of what everybody knows of a person's tracks: names, dates, how they sound, tags, words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ingest import labels
from ingest.heard import FEATURES
from ingest.models import OwnFact, Tag
from ingest.own import YEAR
from ingest.shelf.arrays import spans
from playlists.rules.pattern_scan import Lines
from playlists.rules.table import Coded, Column, Days, Flags, Numbers, Tags

if TYPE_CHECKING:
    from playlists.library import Library


def made(library: Library, name: str) -> Column | None:
    """The column of that field; None if it is not one of these."""
    if name in FEATURES:
        values = library.rack.features[_spoken_for(library, name), FEATURES.index(name)].astype(np.float64)
        return Numbers(_as_told(values))
    if name in ("title", "artist", "album", "isrc"):
        return _Texts(library, name)
    maker = _MAKERS.get(name)
    return maker(library) if maker else None


class _Texts(Coded):
    """Names, which are read only when somebody asks what they are, and not which are the same."""

    def __init__(self, library: Library, name: str) -> None:
        self.codes = library.labels.codes(name)[library.first]
        self.known = self.codes >= 0
        self._labels, self._name = library.labels, name

    @cached_property
    def values(self) -> list[str]:  # type: ignore[override]
        return self._labels.values(self._name)

    @cached_property
    def lines(self) -> Lines:
        joined = self._labels.text(self._name)[:-1]
        return Lines(joined=joined) if joined else Lines(self.values)

    @property
    def is_text(self) -> bool:
        return True

    def few(self, codes: Sequence[int]) -> list[Any]:
        return self._labels.few(self._name, codes)


class _AllText(Coded):
    """Title, artist and album of each track as one text, each on a line."""

    def __init__(self, library: Library) -> None:
        self.codes = np.arange(library.table.size, dtype=np.int32)
        self.known = np.ones(library.table.size, dtype=bool)
        self._parts = [_Texts(library, name) for name in ("title", "artist", "album")]

    @cached_property
    def values(self) -> list[str]:  # type: ignore[override]
        lines: list[list[str]] = []
        for part in self._parts:
            texts = [*part.values, ""]  # the code -1 finds the last one
            lines.append([texts[code] for code in part.codes.tolist()])
        return ["\n".join(line) for line in zip(*lines, strict=True)]

    def few(self, codes: Sequence[int]) -> list[Any]:
        lines = []
        for part in self._parts:
            numbers = part.codes[list(codes)].tolist()
            told = iter(part.few([number for number in numbers if number >= 0]))
            lines.append([next(told) if number >= 0 else "" for number in numbers])
        return ["\n".join(line) for line in zip(*lines, strict=True)]


def _as_told(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Kept as float32, which has some seven digits: 0.4 is meant to be 0.4, and 132.938 beats to be 132.938."""
    size = np.abs(values)
    return np.where(size < 8, np.round(values, 6), np.where(size < 64, np.round(values, 5), np.round(values, 4)))


def numbers(values: NDArray[Any], known: NDArray[np.bool_]) -> Numbers:
    return Numbers(np.where(known, values, np.nan))


def tags(rows: NDArray[np.integer], codes: NDArray[np.integer], values: list[str], size: int) -> Tags:
    """Out of pairs (row, code) in any order."""
    order = np.argsort(rows, kind="stable")
    start = np.searchsorted(rows[order], np.arange(size + 1))
    return Tags(start, codes[order].astype(np.int32), values)


def own_words(library: Library, field: str) -> dict[int, tuple[int, Any]]:
    """What the person says of each row, as (track, value): of several versions of a recording, said last."""
    found = library.said.get(field)
    if found is None:  # of the fields that the person spoke of, those that are asked are read once
        said = OwnFact.objects.of(library.user).filter(field=field).order_by("made_at", "id")
        told = list(said.values_list("track_id", "value")) if field in library.fields_said else []
        rows = library.rows_of(np.array([pk for pk, _value in told], dtype=np.int64))
        found = {row: each for row, each in zip(rows.tolist(), told, strict=True) if row >= 0}
        library.said[field] = found
    return found


def _spoken_for(library: Library, field: str) -> NDArray[np.intp]:
    """The place that tells that fact of each row: the one that stands for it, or whose own word the shelf has."""
    said = own_words(library, field)
    places = library.first.copy()
    tracks = np.array([pk for pk, _value in said.values()], dtype=np.int32)
    places[list(said)] = library.rack.places(tracks)
    return places


def listed(library: Library, told: Iterable[tuple[int, list[str]]]) -> Tags:
    """Tags out of (row, texts)."""
    codes: dict[str, int] = {}
    pairs = [(row, codes.setdefault(name, len(codes))) for row, names in told for name in names]
    rows, numbered = (np.array([pair[side] for pair in pairs], dtype=np.intp) for side in (0, 1))
    return tags(rows, numbered, list(codes), library.table.size)


def _positive(values: NDArray[Any]) -> Numbers:
    return numbers(values, values > 0)


def _told(values: NDArray[Any]) -> Numbers:
    return numbers(values, values >= 0)


def _years(library: Library) -> NDArray[np.int32]:
    return library.rack.year[_spoken_for(library, YEAR)]


def _released(library: Library) -> Column:
    """When the album came out; where the person says another year, the first day of that, as of any mere year."""
    days = library.labels.released[library.first].copy()
    told = own_words(library, YEAR)
    rows = np.array(list(told), dtype=np.intp)
    years = np.array([year for _track, year in told.values()], dtype=np.int64) - 1970
    others = days[rows].astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) != years
    days[rows[others]] = years[others].astype("datetime64[Y]").astype("datetime64[D]").astype(np.int32)
    return Days(days)


def _genre(library: Library) -> Column:
    places, start = _spoken_for(library, "genres"), library.rack.genre_start
    lengths = np.diff(start)
    _start, spots = spans(start[:-1], lengths, places)
    distinct, codes = np.unique(library.rack.genre[spots], return_inverse=True)
    rows = np.repeat(np.arange(places.size), lengths[places])
    names = dict(Tag.objects.filter(pk__in=distinct.tolist()).values_list("pk", "name"))
    return tags(rows, codes, [names.get(pk, "") for pk in distinct.tolist()], places.size)


def _mood(library: Library) -> Column:
    """The person's own word, else what is accepted for all."""
    own = {row: value for row, (_track, value) in own_words(library, "moods").items()}
    return _lists(library, "moods", own)


def _lists(library: Library, name: str, own: dict[int, list[str]]) -> Tags:
    """The texts of each row that the labels hold as one; of those in `own` these instead."""
    codes = library.labels.codes(name)[library.first].copy()
    codes[list(own)] = -1
    known: dict[str, int] = {}
    parts = [
        [known.setdefault(text, len(known)) for text in joined.split(labels.BETWEEN)]
        for joined in library.labels.values(name)
    ]
    rows = np.flatnonzero(codes >= 0)
    sizes = np.array([len(each) for each in parts], dtype=np.intp)
    begins, flat = np.cumsum(sizes) - sizes, np.array([code for each in parts for code in each], dtype=np.intp)
    lists = codes[rows].astype(np.intp)
    _start, spots = spans(begins, sizes, lists)
    said = [(row, known.setdefault(text, len(known))) for row, texts in own.items() for text in texts]
    own_rows, own_codes = (np.array([pair[side] for pair in said], dtype=np.intp) for side in (0, 1))
    told = np.concatenate([np.repeat(rows, sizes[lists]), own_rows])
    numbered = np.concatenate([flat[spots], own_codes])
    return tags(told, numbered, list(known), library.table.size)


def _language(library: Library) -> Column:
    return Coded(library.labels.codes("language")[library.first], library.labels.values("language"))


def _sound(library: Library, name: str) -> Column:
    values = np.array([*map(float, library.labels.values(name)), np.nan])  # the code -1 finds the last one
    return Numbers(values[library.labels.codes(name)[library.first]])


_MAKERS: dict[str, Callable[[Library], Column]] = {
    "text": _AllText,
    "year": lambda library: _positive(_years(library)),
    "decade": lambda library: _positive(_years(library) // 10 * 10),
    "duration": lambda library: _positive(library.rack.duration_ms[library.first] / 1000),
    "released": lambda library: _released(library),
    "explicit": lambda library: Flags(library.labels.explicit[library.first]),
    "popularity": lambda library: _told(library.rack.popularity[library.first]),
    "listeners": lambda library: _told(library.rack.listeners[library.first]),
    "genre": _genre,
    "mood": _mood,
    "theme": lambda library: _lists(library, "themes", {}),
    "language": _language,
    "key": lambda library: _sound(library, "key"),
    "mode": lambda library: _sound(library, "mode"),
}
