"""The catalogue from names alone: what exports and submissions tell. Adds, fills blanks, never overrules Spotify."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from operator import attrgetter
from typing import NamedTuple

from django.db import transaction
from django.db.models import Q

from ingest import names
from ingest.evidence import TrackName
from ingest.models import Album, Artist, Track, TrackArtist, TrackChange
from ingest.upsert import ids, insert_missing, parts

_AlbumKey = tuple[int | None, str]  # artist id, name key


class _Row(NamedTuple):
    """A track as told, with the keys of its names and the ids of its artist and album."""

    spotify_id: str | None
    kind: int
    name: str
    name_key: str
    artist_key: str
    album_key: str
    artist_id: int | None
    album_id: int | None

    @property
    def text_key(self) -> str:
        return names.joined_key(self.artist_key, self.name_key, self.album_key, self.kind)

    @property
    def loose_key(self) -> str:
        return names.joined_key(self.artist_key, self.name_key, "", self.kind)


def tracks(told: Sequence[TrackName]) -> list[int]:
    """The track id of each of `told`, in order; new ones are added. Safe to repeat, and beside others."""
    keys = {text: names.key(text) for name in told for text in (name.title, name.artist, name.album)}
    artists = artists_named({name.artist for name in told})
    albums = _albums(told, keys, artists)
    rows = [_row(name, keys, artists, albums) for name in told]
    by_id = _with_ids({row.spotify_id: row for row in reversed(rows) if row.spotify_id})
    bare = _without_ids({row.text_key: row for row in reversed(rows) if not row.spotify_id})
    return [by_id[row.spotify_id] if row.spotify_id else bare[row.text_key] for row in rows]


def artists_named(told: Iterable[str]) -> dict[str, int]:
    """Artist ids by `names.key`; of several with one name the one without a Spotify id, else the first known."""
    by_key = {names.key(name): names.clean(name) for name in sorted(told) if names.clean(name)}
    found = _artists(by_key)
    missing = sorted(by_key.keys() - found.keys())
    if missing:
        insert_missing(Artist, ["name", "name_key"], [(by_key[key], key) for key in missing])
        found |= _artists(missing)
    return found


def adopt(track_id: int, spotify_id: str) -> bool:
    """Give a Spotify id to a track known by names; False if another was quicker with either."""
    with transaction.atomic():
        if Track.objects.filter(spotify_id=spotify_id).exists():
            return False
        adopted = Track.objects.filter(id=track_id, spotify_id=None).update(spotify_id=spotify_id, text_key=None)
        if adopted:
            TrackChange.objects.create(track_id=track_id)
    return bool(adopted)


def _artists(keys: Iterable[str]) -> dict[str, int]:
    found: dict[str, tuple[bool, int]] = {}
    for part in parts(keys):
        for pk, key, spotify_id in Artist.objects.filter(name_key__in=part).values_list("id", "name_key", "spotify_id"):
            found[key] = min(found.get(key, (True, pk)), (spotify_id is not None, pk))
    return {key: pk for key, (_, pk) in found.items()}


def _albums(told: Sequence[TrackName], keys: Mapping[str, str], artists: Mapping[str, int]) -> dict[_AlbumKey, int]:
    wanted = {
        (artists.get(keys[name.artist]), keys[name.album]): name.album for name in reversed(told) if keys[name.album]
    }
    found = _albums_of(wanted)
    missing = sorted((key for key in wanted if key not in found), key=lambda key: (key[0] or 0, key[1]))
    if missing:
        rows = [(*key, names.clean(wanted[key])) for key in missing]
        insert_missing(Album, ["artist_id", "name_key", "name"], rows)
        found |= _albums_of(dict.fromkeys(missing))
    return found


def _albums_of(wanted: Mapping[_AlbumKey, object]) -> dict[_AlbumKey, int]:
    found: dict[_AlbumKey, tuple[bool, int]] = {}
    queries = [Album.objects.filter(artist_id__in=part) for part in parts({a for a, _ in wanted if a is not None})]
    queries += [
        Album.objects.filter(artist=None, name_key__in=part) for part in parts(k for a, k in wanted if a is None)
    ]
    for query in queries:
        for pk, artist, key, spotify_id in query.values_list("id", "artist_id", "name_key", "spotify_id"):
            if (artist, key) in wanted:
                found[artist, key] = min(found.get((artist, key), (True, pk)), (spotify_id is not None, pk))
    return {key: pk for key, (_, pk) in found.items()}


def _row(told: TrackName, keys: Mapping[str, str], artists: Mapping[str, int], albums: Mapping[_AlbumKey, int]) -> _Row:
    artist_key, album_key = keys[told.artist], keys[told.album]
    artist = artists.get(artist_key)
    return _Row(
        told.spotify_id,
        told.kind,
        names.clean(told.title),
        keys[told.title],
        artist_key,
        album_key,
        artist,
        albums.get((artist, album_key)),
    )


_FIELDS = ["spotify_id", "kind", "name", "name_key", "artist_id", "album_id"]
_values = attrgetter(*_FIELDS)


def _with_ids(rows: dict[str, _Row]) -> dict[str, int]:
    found = ids(Track, "spotify_id", rows)
    _fill({pk: rows[key] for key, pk in found.items()})
    missing = sorted(rows.keys() - found.keys())
    if missing:
        if Track.objects.filter(text_key__gt="").exists():
            _adopt({key: rows[key] for key in missing})
        insert_missing(Track, _FIELDS, [_values(rows[key]) for key in missing])
        made = ids(Track, "spotify_id", missing)
        _credit([(made[key], rows[key].artist_id) for key in missing])
        found |= made
    return found


def _adopt(missing: dict[str, _Row]) -> None:
    """Give ids to tracks that were known by the same names alone, with the same album or without any."""
    by_text: dict[str, list[str]] = {}
    for key, row in missing.items():
        if row.name and row.artist_id:
            for text in {row.text_key, row.loose_key}:
                by_text.setdefault(text, []).append(key)
    taken: set[str] = set()
    for text, pk in sorted(ids(Track, "text_key", by_text).items(), key=lambda each: each[1]):
        first = next((each for each in by_text[text] if each not in taken), None)
        if first is not None and adopt(pk, first):
            taken.add(first)


def _without_ids(rows: dict[str, _Row]) -> dict[str, int]:
    found = ids(Track, "text_key", rows)
    missing = {key: row for key, row in rows.items() if key not in found}
    if missing:
        found |= _same_names(missing)
        fresh = sorted(missing.keys() - found.keys())
        told = [(key, *_values(rows[key])) for key in fresh]
        insert_missing(Track, ["text_key", *_FIELDS], told)
        made = ids(Track, "text_key", fresh)
        _credit([(made[key], rows[key].artist_id) for key in fresh])
        found |= made
    return found


def _same_names(missing: dict[str, _Row]) -> dict[str, int]:
    """Tracks that Spotify named just so: the album too if it is told, else the first known of that artist."""
    found: dict[str, int] = {}
    of: dict[tuple[int, int, str], list[_Row]] = {}
    for row in missing.values():
        if row.artist_id:
            of.setdefault((row.kind, row.artist_id, row.name_key), []).append(row)
    for part in parts({row.name_key for row in missing.values()}):
        known = Track.objects.filter(name_key__in=part).exclude(spotify_id=None).order_by("id")
        for pk, kind, artist, key, album in known.values_list("id", "kind", "artist_id", "name_key", "album_id"):
            for row in of.get((kind, artist or 0, key), ()):
                if row.album_id in (None, album):
                    found.setdefault(row.text_key, pk)
    return found


def _credit(credits: Collection[tuple[int, int | None]]) -> None:
    rows = [(track, artist, 0) for track, artist in sorted(credits, key=lambda each: each[0]) if artist]
    insert_missing(TrackArtist, ["track_id", "artist_id", "position"], rows)


def _fill(told: dict[int, _Row]) -> None:
    """Names for tracks that had none, or no album: an export sometimes tells an id alone."""
    changed: list[Track] = []
    blank = Q(name="") | Q(artist=None) | Q(album=None)
    for part in parts(told):
        for track in Track.objects.filter(blank, id__in=part, refreshed_at=None):
            row = told[track.pk]
            new = {
                name: getattr(row, name)
                for name in ("name", "name_key", "artist_id", "album_id")
                if getattr(row, name) and not getattr(track, name)
            }
            for name, value in new.items():
                setattr(track, name, value)
            if new:
                changed.append(track)
    if changed:
        with transaction.atomic():
            Track.objects.bulk_update(changed, ["name", "name_key", "artist", "album"], batch_size=500)
            TrackChange.objects.bulk_create([TrackChange(track=track) for track in changed])
            _credit([(track.pk, track.artist_id) for track in changed])
