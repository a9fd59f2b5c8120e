"""Facts of tracks out of the database, as the arrays of a shelf. A constant number of statements per 10,000 tracks."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db.models import Q, QuerySet
from numpy.typing import NDArray

from accounts.models import User
from ingest import names
from ingest.facts import ESTIMATE, LLM
from ingest.heard import FEATURES
from ingest.models import (
    ArtistTag,
    AudioFeatures,
    BroughtTrack,
    ListenerCount,
    LyricsFacts,
    OwnFact,
    RecordingCandidate,
    Tag,
    Track,
    TrackArtist,
    TrackTag,
)
from ingest.own import YEAR
from ingest.shelf.arrays import BETWEEN, MEASURED, MOODS, OWN, WORDS, nothing, spans

GENRES_EACH = 6  # of one track, at most
_FEW = 1_000  # tracks that are named in a question of their own


def told(
    user: User, ids: set[int], *, own_words: bool = True, with_brought: bool = True
) -> tuple[dict[str, NDArray[Any]], dict[int, bytes]]:
    """The arrays of those of `ids` that exist, by track, and the line of each.

    What is known here comes before what the person brought from another server, and their own word before both.
    """
    rows = sorted(_rows(ids))
    if not rows:
        return nothing(), {}
    columns = list(zip(*rows, strict=True))
    number = {
        name: np.array([value or 0 for value in column], dtype=np.int32)
        for name, column in zip(("track", "artist", "album", "duration_ms", "kind", "recording"), columns, strict=False)
    }
    track = number["group"] = number["track"]
    own = _own(user, set(track.tolist())) if own_words else {}
    brought = _brought(user, track) if with_brought else _NOTHING
    number["lead"] = _leads(brought, {row[0] for row in rows if row[7] is None}, track)
    brought.fill(number["duration_ms"], "duration_ms", 0)
    number["year"] = _years(track, columns[6], own.get(YEAR, {}), brought)
    facts: dict[str, NDArray[Any]] = {**number, **_credits(track, number["artist"]), **_known(track, brought)}
    measured = _measured(track)
    facts["features"] = _features(track, own, brought, measured)
    facts |= _genres(track, number["artist"], own, brought)
    facts["marks"] = _marks(track, own, brought, measured)
    lines = {row[0]: BETWEEN.join(names.search_key(text or "").encode() for text in row[8:]) for row in rows}
    return facts, lines


def _rows(ids: set[int]) -> Iterator[tuple]:
    fields = (
        "id",
        "artist_id",
        "album_id",
        "duration_ms",
        "kind",
        "recording_id",
        "album__released_on",
        "refreshed_at",
    )
    for chosen in _chosen(ids, "id"):
        rows = Track.objects.filter(chosen).values_list(*fields, "name", "artist__name", "album__name")
        yield from (row for row in rows if row[0] in ids)


@dataclass(frozen=True, slots=True)
class _Brought:
    """What the person's export of another server told, at ascending places of the tracks that are asked for."""

    places: NDArray[np.intp]
    leads: list[int | None]
    values: list[dict[str, Any]]

    def fill(self, known: NDArray[Any], name: str, unknown: int) -> None:
        """Tell that number, in place, where it is not known here."""
        told = _numbers(self.values, name)
        gaps = (known[self.places] == unknown) & ~np.isnan(told)
        known[self.places[gaps]] = told[gaps].astype(known.dtype)


def _numbers(told: list[dict[str, Any]], name: str) -> NDArray[np.float64]:
    """NaN: not told."""
    return np.array([values.get(name) for values in told], dtype=np.float64)


_NOTHING = _Brought(np.empty(0, dtype=np.intp), [], [])


def _brought(user: User, track: NDArray[np.int32]) -> _Brought:
    rows = BroughtTrack.objects.of(user).order_by("track_id")
    rows = rows.filter(track__in=track.tolist()) if track.size <= _FEW else rows
    told = list(rows.values_list("track_id", "counts_under_id", "values"))
    at = np.searchsorted(track, np.array([row[0] for row in told], dtype=np.int32))
    there = [
        (place, row)
        for place, row in zip(at.tolist(), told, strict=True)
        if place < track.size and track[place] == row[0]
    ]
    return _Brought(
        np.array([place for place, _row in there], dtype=np.intp),
        [row[1] for _place, row in there],
        [row[2] for _place, row in there],
    )


def _leads(brought: _Brought, by_names: set[int], track: NDArray[np.int32]) -> NDArray[np.int32]:
    """What tracks count under by what was brought: not those that Spotify told of here, or operators decided about."""
    leads = np.zeros(track.size, dtype=np.int32)
    said = {pk: lead for pk, lead in zip(track[brought.places].tolist(), brought.leads, strict=True) if lead}
    said = {pk: lead for pk, lead in said.items() if pk in by_names}
    if said:
        decided = RecordingCandidate.objects.exclude(state=RecordingCandidate.State.OPEN)
        pairs = decided.values_list("first_id", "second_id")
        known_here = {pk for pair in pairs.iterator(20_000) for pk in pair}
        said = {pk: lead for pk, lead in said.items() if pk not in known_here}
    leads[_spots(track, said)] = [said[pk] for pk in sorted(said)]
    return leads


def _years(
    track: NDArray[np.int32], released_on: Iterable[str | None], own: dict[int, int], brought: _Brought
) -> NDArray[np.int32]:
    """The person's own word, else the year of the album."""
    years = np.array([_year(text) for text in released_on], dtype=np.int32)
    brought.fill(years, "year", 0)
    years[_spots(track, own)] = [own[pk] for pk in sorted(own)]
    return years


def _year(released_on: str | None) -> int:
    """Of Spotify's date as precise as known; 0 without one, or for its "0000"."""
    year = (released_on or "")[:4]
    return int(year) if year.isdecimal() else 0


def _credits(track: NDArray[np.int32], artist: NDArray[np.int32]) -> dict[str, NDArray[Any]]:
    rows = _table(TrackArtist.objects.order_by("track_id", "position"), track, "track_id", "artist_id")
    own, main = _ragged(rows[:, 0], track), _ragged(track[artist > 0], track)
    values = np.concatenate([rows[:, 1], artist[artist > 0]])
    start, chosen = _first_of(own, main, len(rows))
    return {"credit_start": start, "credit_artist": values[chosen].astype(np.int32)}


def _known(track: NDArray[np.int32], brought: _Brought) -> dict[str, NDArray[Any]]:
    fields = ("track_id", "listeners", "popularity")
    rows = _table(ListenerCount.objects.filter(track__isnull=False).order_by("track_id"), track, *fields)
    facts = {name: np.full(track.size, -1, dtype=np.int64) for name in fields[1:]}
    spots = np.searchsorted(track, rows[:, 0])
    for place, values in enumerate(facts.values(), start=1):
        values[spots] = np.where(np.isnan(rows[:, place]), -1, rows[:, place])
    for name, values in facts.items():
        brought.fill(values, name, -1)
    return {**facts, "popularity": facts["popularity"].astype(np.int32)}


def _features(
    track: NDArray[np.int32], own: dict[str, dict[int, Any]], brought: _Brought, measured: NDArray[np.bool_]
) -> NDArray[np.float32]:
    """The person's own word, else what is measured, here or where they were before, else estimates."""
    features = np.full((track.size, len(FEATURES)), np.nan, dtype=np.float32)
    rows = _table(AudioFeatures.objects.order_by("track_id"), track, "track_id", *FEATURES)
    features[np.searchsorted(track, rows[:, 0])] = rows[:, 1:]
    is_better = np.array([told.get("is_measured", False) for told in brought.values], dtype=bool)
    is_better &= ~measured[brought.places]
    sounds = [told.get("features", {}) for told in brought.values]
    for column, name in enumerate(FEATURES):
        told = _numbers(sounds, name)
        gaps = (np.isnan(features[brought.places, column]) | is_better) & ~np.isnan(told)
        features[brought.places[gaps], column] = told[gaps]
        said = own.get(name, {})
        features[_spots(track, said), column] = [said[pk] for pk in sorted(said)]
    return features


def _genres(
    track: NDArray[np.int32], artist: NDArray[np.int32], own: dict[str, dict[int, Any]], brought: _Brought
) -> dict[str, NDArray[Any]]:
    """The person's own word, else the track's genres, else those of its main artist, else what was brought."""
    said = _own_genres(own.get("genres", {}))
    best = ("-weight", "tag_id")
    tracks = TrackTag.objects.filter(tag__kind=Tag.Kind.GENRE).order_by("track_id", *best)
    artists = ArtistTag.objects.filter(tag__kind=Tag.Kind.GENRE).order_by("artist_id", *best)
    of_track = _table(tracks, track, "track_id", "tag_id", "weight")
    of_artist = _table(artists, np.unique(artist[artist > 0]), "artist_id", "tag_id", "weight")
    values = np.concatenate([said, of_track, of_artist])[:, 1:]
    start, chosen = _first_of(_ragged(said[:, 0], track), _ragged(of_track[:, 0], track), len(said), keep=GENRES_EACH)
    # The two together, then the artist's behind them.
    own_begins, own_lengths = start[:-1], np.diff(start)
    begins, lengths = _ragged(of_artist[:, 0], artist)
    ordered = np.concatenate([chosen, np.arange(len(of_artist)) + len(said) + len(of_track)])
    start, places = _first_of((own_begins, own_lengths), (begins, lengths), len(chosen), keep=GENRES_EACH)
    rows = values[ordered[places]]
    told = _brought_genres(track, brought)
    known = (start[:-1], np.diff(start))
    start, places = _first_of(known, _ragged(told[:, 0], track), len(rows), keep=GENRES_EACH)
    rows = np.concatenate([rows, told[:, 1:]])[places]
    return {"genre_start": start, "genre": rows[:, 0].astype(np.int32), "genre_weight": rows[:, 1].astype(np.float32)}


def _measured(track: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Of which tracks the sound is known here, and no estimate."""
    found = [
        pk
        for chosen in _chosen(track.tolist(), "track_id")
        for pk, sources in AudioFeatures.objects.filter(chosen).values_list("track_id", "sources")
        if not sources or set(sources.values()) - {ESTIMATE, LLM}
    ]
    measured = np.zeros(track.size, dtype=bool)
    measured[_spots(track, found)] = True
    return measured


def _marks(
    track: NDArray[np.int32], own: dict[str, dict[int, Any]], brought: _Brought, measured: NDArray[np.bool_]
) -> NDArray[np.int32]:
    """The bits of what is known, beside what the other arrays tell."""
    marks = np.zeros(track.size, dtype=np.int32)
    moods = TrackTag.objects.filter(tag__kind=Tag.Kind.MOOD).order_by("track_id")
    for rows, bit in ((moods, MOODS), (LyricsFacts.objects.order_by("track_id"), WORDS)):
        marks[np.searchsorted(track, np.unique(_table(rows, track, "track_id")[:, 0]))] |= bit
    marks[measured] |= MEASURED
    marks[brought.places[[told.get("is_measured", False) for told in brought.values]]] |= MEASURED
    for field, told in own.items():
        marks[_spots(track, told)] |= OWN | {"moods": MOODS}.get(field, MEASURED if field in FEATURES else 0)
    return marks


def _spots(track: NDArray[np.int32], ids: Collection[int]) -> NDArray[np.intp]:
    """The places of those of `ids` that are there. All at once: each question of its own would copy `track`."""
    return np.flatnonzero(np.isin(track, np.fromiter(ids, dtype=np.int32, count=len(ids))))


def _own(user: User, ids: set[int]) -> dict[str, dict[int, Any]]:
    """The person's own words: values by track, by field."""
    own: dict[str, dict[int, Any]] = {}
    said = OwnFact.objects.of(user)
    said = said.filter(track__in=ids) if len(ids) <= _FEW else said
    for field, track, value in said.values_list("field", "track_id", "value"):
        if track in ids:
            own.setdefault(field, {})[track] = value
    return own


def _own_genres(said: dict[int, list[str]]) -> NDArray[np.float64]:
    """Rows of (track, tag, weight), as a table of tags would have them."""
    wanted = {name for each in said.values() for name in each}
    tags = dict(Tag.objects.filter(kind=Tag.Kind.GENRE, name__in=wanted).values_list("name", "id")) if wanted else {}
    rows = [(pk, tags[name], 1.0) for pk in sorted(said) for name in said[pk] if name in tags]
    return np.array(rows, dtype=np.float64).reshape(-1, 3)


def _brought_genres(track: NDArray[np.int32], brought: _Brought) -> NDArray[np.float64]:
    """The same of what was brought, in the order that it was told in."""
    said = list(zip(track[brought.places].tolist(), (told.get("genres", {}) for told in brought.values), strict=True))
    wanted = {name for _pk, told in said for name in told}
    tags = dict(Tag.objects.filter(kind=Tag.Kind.GENRE, name__in=wanted).values_list("name", "id")) if wanted else {}
    rows = [(pk, tags[name], weight) for pk, told in said for name, weight in told.items() if name in tags]
    return np.array(rows, dtype=np.float64).reshape(-1, 3)


def _ragged(keys: NDArray[Any], of: NDArray[np.int32]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Where in sorted `keys` the rows of each of `of` begin, and how many they are."""
    begins = np.searchsorted(keys, of)
    return begins, np.searchsorted(keys, of, side="right") - begins


def _first_of(
    one: tuple[NDArray[Any], NDArray[Any]], other: tuple[NDArray[Any], NDArray[Any]], size: int, keep: int = 1 << 30
) -> tuple[NDArray[np.int32], NDArray[np.intp]]:
    """Row by row those of `one`, or where it has none of `other`, whose values stand `size` places later."""
    begins = np.where(one[1] > 0, one[0], other[0] + size)
    lengths = np.minimum(np.where(one[1] > 0, one[1], other[1]), keep)
    return spans(begins, lengths, np.arange(lengths.size))


def _table(rows: QuerySet, ids: NDArray[np.int32], field: str, *values: str) -> NDArray[np.float64]:
    """Columns `field` and `values` of the rows whose `field` is one of `ids` (sorted), in the order of `rows`.

    None is NaN. float64 holds every id and count that we have exactly.
    """
    parts = [np.empty((0, 1 + len(values)))]
    for chosen in _chosen(ids.tolist(), field):
        read = np.array(list(rows.filter(chosen).values_list(field, *values)), dtype=np.float64)
        if read.size:
            parts.append(read)
    table = np.concatenate(parts)
    return table[np.isin(table[:, 0], ids)]


def _chosen(ids: Iterable[int], field: str) -> Iterator[Q]:
    """Conditions that together hold for all of `ids`, and for few others."""
    ids = sorted(ids)
    for start in range(0, len(ids), 10_000):
        part = ids[start : start + 10_000]
        # A dense stretch is read as a range: thousands of parameters cost more than some rows too many.
        dense = part[-1] - part[0] < 4 * len(part)
        yield Q(**{f"{field}__gte": part[0], f"{field}__lte": part[-1]}) if dense else Q(**{f"{field}__in": part})
