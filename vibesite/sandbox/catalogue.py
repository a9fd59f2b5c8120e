"""The finished catalogue: ids, features, tags and kinships on top of the draft."""

from __future__ import annotations

import random
from collections import defaultdict
from typing import NamedTuple

import numpy as np

from .chance import arrays, base62, dice, mbid
from .drafts import EPOCH, Act, Pressing, Studio
from .genres import FEATURES, GENRES, SPREAD
from .model import Album, Artist, Features, Size, Track

VARIOUS = "0LyfQWJT6nXafLPZqxke9O"  # Various Artists: one id for all of them


class Catalogue(NamedTuple):
    artists: tuple[Artist, ...]
    albums: tuple[Album, ...]
    tracks: tuple[Track, ...]


def build(salt: str, size: Size) -> Catalogue:
    studio = Studio(salt, size)
    features = _features(salt, studio)
    artist_ids = [base62(salt, "artist", act.index) for act in studio.acts]
    mbids = [mbid(salt, "recording", recording.index) for recording in studio.recordings]
    albums: list[Album] = []
    tracks: list[Track] = []
    for number, pressing in enumerate(studio.pressings):
        album_id = base62(salt, "album", number)
        chance = dice(salt, "pressing", number)
        sides = _tracks(salt, number, album_id, pressing, artist_ids, features, mbids, chance)
        tracks.extend(sides)
        albums.append(_album(salt, number, album_id, pressing, artist_ids, sides, chance))
    return Catalogue(_artists(salt, studio.acts, artist_ids), tuple(albums), tuple(tracks))


def _features(salt: str, studio: Studio) -> list[Features]:
    """Each recording lies near its act, each act near its genre."""
    spread = np.array(SPREAD)
    acts = np.array([act.genre.means for act in studio.acts])
    acts = acts + arrays(salt, "act features").normal(0, 0.55, acts.shape) * spread
    owner = np.array([recording.act.index for recording in studio.recordings])
    live = np.array([recording.live for recording in studio.recordings])
    count = len(owner)
    chance = arrays(salt, "features")
    drawn = acts[owner] + chance.normal(0, 0.8, (count, len(FEATURES))) * spread
    drawn[:, 4] += live * 0.55
    shares = np.clip(drawn, 0.001, 0.995)
    loud = np.clip(drawn[:, 5], -45, -0.5).round(3).tolist()
    tempo = np.clip(drawn[:, 7], 48, 214).round(3).tolist()
    columns = [shares[:, position].round(4).tolist() for position in range(len(FEATURES))]
    columns[5], columns[7] = loud, tempo
    keys = chance.integers(-1, 12, count).tolist()  # -1: not detected
    modes = (chance.random(count) < 0.62).astype(int).tolist()
    return [Features(*row) for row in zip(*columns, keys, modes, strict=True)]


def _tracks(
    salt: str,
    number: int,
    album_id: str,
    pressing: Pressing,
    artist_ids: list[str],
    features: list[Features],
    mbids: list[str],
    chance: random.Random,
) -> list[Track]:
    sides = []
    split = len(pressing.lines) // 2 if len(pressing.lines) > 16 else 0  # long ones fill two discs
    released = pressing.released.toordinal() - EPOCH
    fresh = 1.0 if pressing.kind != "compilation" else 0.6
    for position, (recording, name, isrc) in enumerate(pressing.lines):
        disc, place = (2, position - split + 1) if split and position >= split else (1, position + 1)
        credits = (artist_ids[recording.act.index], *(artist_ids[guest] for guest in recording.guests))
        sides.append(
            Track(
                base62(salt, "track", number, position),
                name,
                album_id,
                credits,
                recording.duration_ms + (chance.randrange(-900, 900) if name is not recording.title else 0),
                isrc,
                recording.explicit,
                disc,
                place,
                min(97, int(100 * recording.fame * fresh * (0.75 + 0.25 * chance.random()))),
                recording.act.genre.name,
                mbids[recording.index],
                features[recording.index],
                recording.act.tongue.code,
                released,
            )
        )
    return sides


def _album(
    salt: str,
    number: int,
    album_id: str,
    pressing: Pressing,
    artist_ids: list[str],
    sides: list[Track],
    chance: random.Random,
) -> Album:
    precision = "day"
    if pressing.released.year < 2002 and chance.random() < 0.45:
        precision = chance.choice(("year", "year", "month"))
    released = pressing.released.isoformat()[: {"year": 4, "month": 7, "day": 10}[precision]]
    return Album(
        album_id,
        pressing.name,
        (artist_ids[pressing.act.index],) if pressing.act else (VARIOUS,),
        pressing.kind,
        released,
        precision,
        len(sides),
        _upc(chance),
        tuple(track.id for track in sides),
        pressing.genre,
        pressing.label,
        max((track.popularity for track in sides), default=0),
        mbid(salt, "release", number),
    )


def _upc(chance: random.Random) -> str:
    body = f"{chance.randrange(10**11, 10**12)}"
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(body))
    return f"{body}{-total % 10}"


def _artists(salt: str, acts: list[Act], artist_ids: list[str]) -> tuple[Artist, ...]:
    kin: dict[str, list[int]] = defaultdict(list)
    for act in acts:
        kin[act.genre.name].append(act.index)
    names = list(GENRES)
    made = [Artist(VARIOUS, "Various Artists", (), 0, 0, mbid("various artists"), (), (), "en", "GB")]
    for act in acts:
        chance = dice(salt, "kin", act.index)
        near = kin[act.genre.name]
        similar = dict.fromkeys(chance.sample(near, min(len(near), chance.randrange(6, 18))))
        similar.update({chance.randrange(len(acts)): None for _ in range(3)})
        similar.pop(act.index, None)
        second = chance.choice(names)
        genres = (act.genre.name, second) if chance.random() < 0.3 and second != act.genre.name else (act.genre.name,)
        made.append(
            Artist(
                artist_ids[act.index],
                act.name,
                genres,
                min(96, int(act.fame * 100)),
                int(act.fame**3 * 40_000_000 * (0.5 + chance.random())) + chance.randrange(900),
                mbid(salt, "artist", act.index),
                _tags(act, genres, chance),
                tuple(artist_ids[index] for index in similar),
                act.tongue.code,
                act.country,
            )
        )
    return tuple(made)


def _tags(act: Act, genres: tuple[str, ...], chance: random.Random) -> tuple[tuple[str, float], ...]:
    words = {genres[0]: 1.0}
    for name in genres[1:]:
        words[name] = round(0.3 + 0.5 * chance.random(), 2)
    for tag in act.genre.tags:
        words.setdefault(tag, round(0.2 + 0.7 * chance.random(), 2))
    words.setdefault(f"{act.debut // 10 % 10}0s", round(0.1 + 0.5 * chance.random(), 2))
    if chance.random() < 0.5:
        words.setdefault("seen live", round(0.05 + 0.5 * chance.random(), 2))
    return tuple(sorted(words.items(), key=lambda item: (-item[1], item[0])))
