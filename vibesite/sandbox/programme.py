"""What a stretch of listening consists of: an album, a playlist, the liked ones, an artist, a loop, a podcast."""

from __future__ import annotations

import random
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from .chance import base62
from .drafts import EPOCH
from .listeners import Listener
from .taste import Pool

if TYPE_CHECKING:
    from .world import World

LENGTH = 16  # tracks drawn at once


class Programme(NamedTuple):
    kind: str  # track, episode, chapter
    items: list[tuple[str, int, float]]  # id, duration in ms, appeal from 0 to 1
    context: str | None
    shuffle: bool
    patience: float = 1.0  # multiplies the chance of skipping


def programme(world: World, listener: Listener, month: int, mode: str, day: date, chance: random.Random) -> Programme:
    """The next programme of a session. Empty `items` if there is nothing to hear yet."""
    if chance.random() < listener.spoken:
        return _spoken(world, listener, day, chance)
    pool = world.pool(listener, month, mode)
    if not pool.tracks:
        return Programme("track", [], None, False)
    shuffle = chance.random() < listener.shuffles
    roll = chance.random()
    if roll < listener.loops:
        return _loop(world, pool, chance)
    if mode:
        return _mood(world, listener, pool, mode, shuffle, chance)
    roll = chance.random()
    if roll < listener.albums:
        return _album(world, pool, shuffle and chance.random() < 0.3, chance)
    if roll < listener.albums + 0.25:
        return _collection(world, listener, month, pool, shuffle, chance)
    if roll < listener.albums + 0.45:
        return _playlist(world, listener, month, pool, shuffle, chance)
    if roll < listener.albums + 0.55:
        return _artist(world, pool, shuffle, day, chance)
    if roll < listener.albums + 0.62:
        return Programme("track", _draw(world, pool, chance, 3), None, False, 0.6)  # searched, or a friend's link
    station = f"spotify:playlist:37i9dQZF1E{base62('daily mix', listener.id, month, chance.randrange(6))[-12:]}"
    heard = _draw(world, world.pool(listener, month, "radio"), chance, LENGTH // 2)
    heard += _draw(world, pool, chance, LENGTH // 2)
    chance.shuffle(heard)
    return Programme("track", heard, station, shuffle, 1.3)


def _heard(world: World, index: int, appeal: float) -> tuple[str, int, float]:
    track = world.tracks[index]
    return track.id, track.duration_ms, appeal


def _draw(world: World, pool: Pool, chance: random.Random, count: int) -> list[tuple[str, int, float]]:
    places = chance.choices(range(len(pool.tracks)), cum_weights=pool.reach, k=count)
    return [_heard(world, pool.tracks[place], pool.appeal[place]) for place in places]


def _one(pool: Pool, chance: random.Random) -> int:
    return chance.choices(pool.tracks, cum_weights=pool.reach)[0]


def _loop(world: World, pool: Pool, chance: random.Random) -> Programme:
    index = _one(pool, chance)
    track = world.tracks[index]
    context = chance.choice((f"spotify:album:{track.album_id}", None))
    return Programme("track", [_heard(world, index, 1.0)] * chance.randrange(6, 45), context, False, 0.1)


def _mood(world: World, listener: Listener, pool: Pool, mode: str, shuffle: bool, chance: random.Random) -> Programme:
    context = f"spotify:playlist:37i9dQZF1DX{base62('mood', mode, listener.language)[-11:]}"
    return Programme("track", _draw(world, pool, chance, LENGTH), context, shuffle, 0.7)


def _album(world: World, pool: Pool, shuffle: bool, chance: random.Random) -> Programme:
    album = world.album(world.tracks[_one(pool, chance)].album_id)
    tracks = [world.track(id) for id in album.track_ids]
    if shuffle:
        chance.shuffle(tracks)
    heard = [(track.id, track.duration_ms, 0.75) for track in tracks]
    return Programme("track", heard, f"spotify:album:{album.id}", shuffle, 0.55)


def _artist(world: World, pool: Pool, shuffle: bool, day: date, chance: random.Random) -> Programme:
    artist = world.tracks[_one(pool, chance)].artist_ids[0]
    today = day.toordinal() - EPOCH
    best = [track for track in world.best_of(artist) if track.released <= today][:10]
    heard = [(track.id, track.duration_ms, 0.6) for track in best]
    if shuffle:
        chance.shuffle(heard)
    return Programme("track", heard, f"spotify:artist:{artist}", shuffle)


def _collection(
    world: World, listener: Listener, month: int, pool: Pool, shuffle: bool, chance: random.Random
) -> Programme:
    held = world.held(listener, month)
    if not held:
        return Programme("track", _draw(world, pool, chance, LENGTH), None, False)
    indexes = held[:LENGTH]
    if shuffle:
        indexes = [held[int(len(held) * chance.random() ** 1.6)] for _ in range(LENGTH)]
    heard = [_heard(world, index, 0.7) for index in indexes]
    return Programme("track", heard, f"spotify:user:{listener.id}:collection", shuffle)


def _playlist(
    world: World, listener: Listener, month: int, pool: Pool, shuffle: bool, chance: random.Random
) -> Programme:
    shelves = world.shelves(listener, month)
    if not shelves:
        return Programme("track", _draw(world, pool, chance, LENGTH), None, False)
    uri, indexes = shelves[chance.randrange(len(shelves))]
    start = 0 if shuffle else chance.randrange(max(1, len(indexes) - LENGTH))
    picked = chance.sample(indexes, min(LENGTH, len(indexes))) if shuffle else indexes[start : start + LENGTH]
    return Programme("track", [_heard(world, index, 0.65) for index in picked], uri, shuffle)


def _spoken(world: World, listener: Listener, day: date, chance: random.Random) -> Programme:
    spoken = world.spoken
    if chance.random() < 0.25 and day.year >= 2023:  # audiobooks came late
        book = spoken.books[(day.toordinal() // 40 + len(listener.id)) % len(spoken.books)]
        place = day.toordinal() % 40 * len(book.chapter_ids) // 40
        chapters = [spoken.chapter(id) for id in book.chapter_ids[place : place + 2]]
        heard = [(chapter.id, chapter.duration_ms, 1.0) for chapter in chapters]
        return Programme("chapter", heard, book.uri, False, 0.1)
    show = spoken.shows[(len(listener.id) + int(6 * chance.random() ** 2)) % len(spoken.shows)]
    episode = spoken.episode(spoken.latest(show, day))
    return Programme("episode", [(episode.id, episode.duration_ms, 1.0)], f"spotify:show:{show.id}", False, 0.4)
