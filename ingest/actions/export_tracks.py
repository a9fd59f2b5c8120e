"""What an export tells of the tracks in it, so that another server has the same figures without asking anybody."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ingest.actions import export_words
from ingest.heard import FEATURES
from ingest.lens import Reading
from ingest.models import Artist, Tag, Track
from ingest.shelf import reading as shelf_reading
from ingest.shelf.arrays import MEASURED

_AT_ONCE = 5_000  # tracks


def rows(reading: Reading, places: NDArray[np.intp]) -> Iterator[dict[str, Any]]:
    """One for each track of these plays, as `ingest.importers.own_tracks` reads it; what is not known is left out.

    The person's own words are told apart from this.
    """
    track = np.unique(reading.plays.track[places])
    recording = _numbers(track, reading.rack.group[reading.rack.places(track)])
    genres = dict(Tag.objects.filter(kind=Tag.Kind.GENRE).values_list("id", "name"))
    for start in range(0, track.size, _AT_ONCE):
        part = track[start : start + _AT_ONCE]
        facts, _lines = shelf_reading.told(reading.user, set(part.tolist()), own_words=False)
        named = {row.pk: row for row in export_words.tracks().filter(pk__in=part.tolist())}
        numbers = recording[start : start + _AT_ONCE].tolist()
        for place, (pk, number) in enumerate(zip(facts["track"].tolist(), numbers, strict=True)):
            yield {**_names(named[pk]), "recording": number, **_facts(facts, place, genres)}


def _numbers(track: NDArray[np.int32], group: NDArray[np.int32]) -> NDArray[np.intp]:
    """Of each track the number, from 1, of the one that it counts under."""
    _, first, back = np.unique(group, return_index=True, return_inverse=True)
    at = np.minimum(np.searchsorted(track, group), track.size - 1)
    return np.where(track[at] == group, at, first[back]) + 1


def _names(track: Track) -> dict[str, Any]:
    title, artist, album = export_words.called(export_words.names_of(track))
    told: dict[str, Any] = {"kind": track.kind, "title": title, "artist": artist, "album": album}
    told |= {"spotify_id": track.spotify_id} if track.spotify_id else {}
    credits = [each.artist for each in track.credits.all()] or ([track.artist] if track.artist else [])
    told["artists"] = [_maker(each) for each in credits]
    if track.album:
        told |= {"album_spotify_id": track.album.spotify_id} if track.album.spotify_id else {}
        told |= {"album_artist": _maker(track.album.artist)} if track.album.artist else {}
    return told | ({"isrc": track.isrc} if track.isrc else {})


def _maker(artist: Artist) -> dict[str, str]:
    return {"name": artist.name, **({"spotify_id": artist.spotify_id} if artist.spotify_id else {})}


def _facts(facts: dict[str, NDArray[Any]], place: int, genres: dict[int, str]) -> dict[str, Any]:
    told: dict[str, Any] = {
        name: int(facts[name][place])
        for name, unknown in (("duration_ms", 0), ("year", 0), ("listeners", -1), ("popularity", -1))
        if facts[name][place] != unknown
    }
    begin, end = facts["genre_start"][place : place + 2].tolist()
    named = zip(facts["genre"][begin:end].tolist(), facts["genre_weight"][begin:end], strict=True)
    told |= {"genres": {genres[key]: _short(weight) for key, weight in named}} if end > begin else {}
    sound = {name: _short(value) for name, value in zip(FEATURES, facts["features"][place], strict=True)}
    known = {name: value for name, value in sound.items() if value == value}
    told |= {"features": known} if known else {}
    return told | ({"is_measured": True} if facts["marks"][place] & MEASURED and known else {})


def _short(value: np.float32) -> float:
    """The shortest number that is this one in four bytes."""
    return float(str(value))
