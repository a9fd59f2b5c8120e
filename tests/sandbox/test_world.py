"""The made-up catalogue and the people: big enough, odd enough, and the same in every process."""

import os
import subprocess
import sys
import unicodedata
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from vibesite.sandbox import covers
from vibesite.sandbox.genres import GENRES
from vibesite.sandbox.lyrics import synced
from vibesite.sandbox.world import VARIOUS, Size, World

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = "LATIN CYRILLIC GREEK HIRAGANA KATAKANA CJK HANGUL ARABIC HEBREW DEVANAGARI THAI GEORGIAN"
FINGERPRINT = """
import hashlib, io
from datetime import UTC, datetime
from vibesite.sandbox import covers, exports
from vibesite.sandbox.world import Size, World
world = World(size=Size.SMALL)
made = hashlib.sha256()
made.update(repr((world.artists, world.albums, world.tracks)).encode())
start, end = datetime(2024, 3, 1, tzinfo=UTC), datetime(2024, 3, 20, tzinfo=UTC)
for person in world.listeners:
    made.update(repr((person, world.plays(person, start, end))).encode())
    made.update(repr((world.liked(person, end), world.playlists(person, end))).encode())
made.update("".join(map(covers.cover, world.albums[:40])).encode())
out = io.BytesIO()
exports.account_zip(world, world.listeners[0], end, out)
made.update(out.getvalue())
print(made.hexdigest())
"""


@pytest.fixture(scope="module")
def world() -> World:
    return World(size=Size.SMALL)


@pytest.fixture(scope="module")
def full() -> World:
    return World()


def test_the_world_is_large_enough(full):
    assert len(full.artists) >= 2_000
    assert len(full.albums) >= 12_000
    assert len(full.tracks) >= 40_000
    assert len(full.listeners) == 12


def test_same_bytes_in_any_process():
    prints = set()
    for seed in ("0", "4711"):
        env = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)}
        run = subprocess.run([sys.executable, "-c", FINGERPRINT], env=env, cwd="/", capture_output=True, check=True)
        prints.add(run.stdout)
    assert len(prints) == 1


def test_another_salt_is_another_world(world):
    other = World(salt="else", size=Size.SMALL)
    assert not {track.id for track in other.tracks} & {track.id for track in world.tracks}


def test_ids_are_unique_and_of_spotifys_shape(full):
    for things in (full.artists, full.albums, full.tracks):
        ids = [thing.id for thing in things]
        assert len(set(ids)) == len(ids)
        assert all(len(id) == 22 and id.isalnum() and id.isascii() for id in ids)
    assert all(len(track.isrc) == 12 and track.isrc == track.isrc.upper() for track in full.tracks)
    assert all(len(album.upc) == 13 and album.upc.isdigit() for album in full.albums)


def test_everything_points_at_something(full):
    for track in full.tracks:
        assert track.id in full.album(track.album_id).track_ids
        assert all(full.artist(id) for id in track.artist_ids)
        assert len(set(track.artist_ids)) == len(track.artist_ids)
    for album in full.albums:
        assert album.total_tracks == len(album.track_ids) > 0
    for artist in full.artists:
        assert artist.id not in artist.similar
        assert all(full.artist(id) for id in artist.similar)


def test_one_recording_is_sold_under_many_ids(full):
    by_recording = Counter(track.mbid for track in full.tracks)
    by_isrc = Counter(track.isrc for track in full.tracks)
    assert sum(count > 1 for count in by_recording.values()) > 5_000
    assert sum(count > 1 for count in by_isrc.values()) > 5_000
    remasters = [track for track in full.tracks if "Remastered" in track.name]
    assert remasters
    twins = full.by_mbid(remasters[0].mbid)
    assert len(twins) > 1
    isrc = next(isrc for isrc, count in by_isrc.items() if count > 2)
    assert {track.isrc for track in full.by_isrc(isrc)} == {isrc}


def test_names_are_of_many_scripts_and_odd(full):
    text = "".join(artist.name for artist in full.artists) + "".join(track.name for track in full.tracks)
    scripts = {unicodedata.name(letter, "").split(" ")[0] for letter in set(text)}
    for script in [
        "LATIN",
        "CYRILLIC",
        "GREEK",
        "HIRAGANA",
        "KATAKANA",
        "CJK",
        "HANGUL",
        "ARABIC",
        "HEBREW",
        "DEVANAGARI",
        "THAI",
        "GEORGIAN",
    ]:
        assert script in scripts
    names = [artist.name for artist in full.artists]
    for part in ("&", ",", "/", "feat.", '"', "<"):
        assert any(part in name for name in names), part
    assert max(map(len, names)) > 120
    assert max(len(track.name) for track in full.tracks) > 120
    assert any(len(track.artist_ids) > 3 for track in full.tracks)
    assert any(track.duration_ms < 30_000 for track in full.tracks)


def test_albums_come_in_all_kinds(full):
    kinds = Counter(album.album_type for album in full.albums)
    assert set(kinds) == {"album", "single", "compilation"}
    assert any(album.artist_ids == (VARIOUS,) for album in full.albums)
    assert {album.release_date_precision for album in full.albums} == {"day", "month", "year"}
    assert any("Live" in album.name for album in full.albums)
    assert all(album.release_date <= "2026-11-13" for album in full.albums)


def test_genres_sound_like_themselves(full):
    def mean(genre: str, feature: str) -> float:
        values = [getattr(track.features, feature) for track in full.tracks if track.genre == genre]
        return sum(values) / len(values)

    assert mean("metal", "energy") > mean("folk", "energy") + 0.3
    assert mean("classical", "acousticness") > mean("techno", "acousticness") + 0.5
    assert mean("drum and bass", "tempo") > mean("hip hop", "tempo") + 30
    assert mean("ambient", "loudness") < mean("punk", "loudness") - 8
    assert {track.genre for track in full.tracks} == set(GENRES)
    assert {-1, 0, 11} <= {track.features.key for track in full.tracks}


def test_search_finds_by_words_marks_and_filters(world):
    track = next(track for track in world.tracks if world.artist(track.artist_ids[0]).name.isascii())
    artist = world.artist(track.artist_ids[0])
    assert track in world.search(f'track:"{track.name}" artist:"{artist.name}"')
    assert world.search(f"isrc:{track.isrc}")[0].isrc == track.isrc
    assert artist in world.search(artist.name, "artist")
    album = world.album(track.album_id)
    assert album in world.search(f"upc:{album.upc}", "album")
    assert all(each.genre == "metal" for each in world.search("genre:metal"))
    assert all("2010" <= each.release_date[:4] <= "2012" for each in world.search("year:2010-2012", "album"))
    assert world.search("") == []
    assert world.search("zzzzqqqq") == []


def test_lyrics_are_made_up_for_what_is_sung(world):
    sung = [track for track in world.tracks if track.lyrics]
    assert len(world.tracks) // 2 < len(sung) < len(world.tracks)
    assert all(track.lyrics is None for track in world.tracks if track.features.instrumentalness > 0.6)
    assert synced(sung[0]).startswith("[00:")


def test_covers_are_plain_svg_and_each_its_own(world):
    drawn = [covers.cover(album) for album in world.albums]
    assert len(set(drawn)) == len(drawn)
    for svg in [*drawn, *map(covers.portrait, world.artists)]:
        assert svg.startswith("<svg xmlns=")
        assert svg.endswith("</svg>")
        assert "style=" not in svg
        assert "<script" not in svg
        assert len(svg) < 24_000


def test_listeners_differ(world):
    zones = {person.zone for person in world.listeners}
    assert {"Asia/Kolkata", "America/St_Johns", "Europe/Berlin"} <= zones
    assert len({person.account_id for person in world.listeners}) == 12
    empty = next(person for person in world.listeners if not person.slots)
    assert world.plays(empty, datetime(2010, 1, 1, tzinfo=UTC), NOON) == []
    assert world.liked(empty, NOON) == []
    assert world.playlists(empty, NOON) == []


def test_libraries_grow_and_can_be_asked_for_any_moment(world):
    mara = world.listeners[0]
    before, after = datetime(2020, 1, 1, tzinfo=UTC), NOON
    liked = world.liked(mara, after)
    assert len(liked) > len(world.liked(mara, before)) > 0
    assert liked == sorted(liked, reverse=True)
    assert all(added <= after for added, _ in liked)
    assert len({id for _, id in liked}) == len(liked)
    assert world.liked(mara, before) == World(size=Size.SMALL).liked(mara, before)
    shelves = world.playlists(mara, after)
    assert any(playlist.collaborative for playlist in shelves)
    assert any(playlist.owner_id == "spotify" for playlist in shelves)
    assert any(playlist.owner_id not in (mara.id, "spotify") for playlist in shelves)
    items = [item for playlist in shelves for item in playlist.items]
    assert any(item.local for item in items)
    assert any(not (item.local or item.track_id or item.episode_id) for item in items)
    assert any(not playlist.items for playlist in shelves)
    assert max(len(playlist.items) for playlist in shelves) > 300
    assert world.saved_albums(mara, after)
    assert world.followed(mara, after)


def test_snapshots_change_with_edits_only(world):
    mara = world.listeners[0]
    versions = {}
    for day in range(1, 28):
        for playlist in world.playlists(mara, datetime(2024, 5, day, tzinfo=UTC)):
            versions.setdefault((playlist.id, playlist.snapshot_id), playlist.items)
            assert versions[playlist.id, playlist.snapshot_id] == playlist.items
