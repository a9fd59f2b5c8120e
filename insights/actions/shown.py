"""The short lists of a stretch of time: what was heard most, who was met, and what came last, with names and covers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from accounts.fields import from_ms
from ingest.heard import Heard, What
from ingest.models import Album, Track
from insights.actions import top
from insights.actions.stretch import Stretch
from insights.analysis.top import Ranked, Tables, rank, tables

SIZES: dict[What, int] = {"tracks": 10, "artists": 6, "albums": 6, "genres": 6}
NEW, LAST = 6, 8


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a short list: a thing, what was heard of it, and a cover to know it by."""

    ranked: Ranked
    item: Any
    album: Album | None
    width: float  # of its bar: percent of the first one's

    @property
    def page(self) -> str:
        return top.page_of(self.item)


@dataclass(frozen=True, slots=True)
class Last:
    """One of the last things that were started."""

    track: Track
    at: datetime
    ms: int
    faint: bool  # it does not count


@dataclass(frozen=True, slots=True)
class Shown:
    """The lists with their names and covers: four queries."""

    tracks: list[Line]
    artists: list[Line]
    albums: list[Line]
    genres: list[Line]
    newly_met: list[Line]
    last: list[Last]


def shown(stretch: Stretch) -> Shown:
    """The lists of one stretch."""
    heard, started = stretch.heard, stretch.started
    found: dict[What, list[Ranked]] = {what: _ranked(stretch, what, size) for what, size in SIZES.items()}
    met = _met(stretch)
    last = started.where(slice(max(0, len(started) - LAST), len(started)))
    faces: dict[What, dict[int, int]] = {
        "artists": _faces(heard, "artists", [*found["artists"], *met]),
        "genres": _faces(heard, "genres", found["genres"]),
    }
    user = stretch.reading.user
    tracks = top.named(user, "tracks", [*(row.key for row in found["tracks"]), *last.track.tolist()])
    artists = top.named(user, "artists", [row.key for row in (*found["artists"], *met)])
    covers = {album for face in faces.values() for album in face.values()}
    albums = top.named(user, "albums", [*(row.key for row in found["albums"]), *covers])
    genres = top.named(user, "genres", [row.key for row in found["genres"]])
    face_of = {what: {key: albums.get(album) for key, album in face.items()} for what, face in faces.items()}
    return Shown(
        tracks=lines(found["tracks"], tracks, {key: track.album for key, track in tracks.items()}),
        artists=lines(found["artists"], artists, face_of["artists"]),
        albums=lines(found["albums"], albums, albums),
        genres=lines(found["genres"], genres, face_of["genres"]),
        newly_met=lines(met, artists, face_of["artists"]),
        last=_last(last, tracks),
    )


def _ranked(stretch: Stretch, what: What, size: int) -> list[Ranked]:
    before = stretch.before.plays_of(what) if stretch.before else None
    former = None if before is None else Tables(before, before)  # by plays: nobody asks how long
    return rank(tables(stretch.heard, what), by="plays", start=0, size=size, before=former).rows


def _met(stretch: Stretch) -> list[Ranked]:
    """The artists that are new in the stretch, most plays first."""
    every = tables(stretch.heard, "artists")
    new = np.zeros(every.plays.size, dtype=np.int64)
    new[stretch.new_artists] = 1
    return rank(Tables(every.plays * new, every.ms * new), by="plays", start=0, size=NEW).rows


def _faces(heard: Heard, what: What, rows: list[Ranked]) -> dict[int, int]:
    """The album heard most of each artist or genre, to show its cover; ties go to the lower id.

    An album stands for one of them only: the first in the list that it is the most heard album of.
    """
    plays, facts = heard.plays_by_place, heard.facts
    places, keys = facts.keys(what)
    found: dict[int, int] = {}
    for row in rows:
        if row.key in found:
            continue  # it stands in two lists
        spots = np.flatnonzero(keys == row.key)
        spots = spots if places is None else places[spots]
        albums = np.bincount(facts.album[spots], weights=plays[spots], minlength=1)
        albums[[0, *(album for album in found.values() if album < albums.size)]] = 0
        if albums.any():
            found[row.key] = int(albums.argmax())
    return found


def lines(rows: list[Ranked], items: Mapping[int, Any], albums: Mapping[int, Album | None]) -> list[Line]:
    best = rows[0].plays if rows else 1
    return [
        Line(row, items[row.key], albums.get(row.key), round(100 * row.plays / best, 1))
        for row in rows
        if row.key in items
    ]


def _last(rows: Heard, tracks: Mapping[int, Track]) -> list[Last]:
    """Newest first."""
    told = zip(*(part.tolist() for part in (rows.track, rows.started, rows.ms, rows.counts)), strict=True)
    return [
        Last(tracks[track], from_ms(started), ms, not counts) for track, started, ms, counts in told if track in tracks
    ][::-1]
