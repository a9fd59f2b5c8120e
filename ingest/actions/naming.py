"""The catalogue from names alone: what exports and submissions tell. Adds, fills blanks, never overrules Spotify."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from operator import attrgetter
from typing import NamedTuple

from django.db import transaction
from django.db.models import Q

from ingest import names
from ingest.evidence import TrackName
from ingest.models import Album, Artist, Track, TrackArtist, TrackChange
from ingest.upsert import ids, insert_missing, parts

_MOST_CREDITS = 50  # of one track
_AlbumKey = tuple[int | None, str]  # artist id, name key
_Named = tuple[int, int, str]  # kind, artist id, name key


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


class Claim(NamedTuple):
    """A track with a Spotify id that may be the one known by a name alone."""

    spotify_id: str
    kind: int
    artist_id: int
    name_key: str
    album_id: int | None  # None: the name tells no album, so that any is meant
    recording: int | None


def tracks(told: Sequence[TrackName], *, by_names_alone: bool = False) -> list[int]:
    """The track id of each of `told`, in order; new ones are added. Safe to repeat, and beside others.

    With `by_names_alone` a name without an id is a track of its own, never one that Spotify named just so.
    """
    keys = {text: names.key(text) for name in told for text in (name.title, name.artist, name.album)}
    artists = artists_named({name.artist for name in told})
    albums = _albums(told, keys, artists)
    rows = [_row(name, keys, artists, albums) for name in told]
    by_id = _with_ids({row.spotify_id: row for row in reversed(rows) if row.spotify_id})
    bare = _without_ids({row.text_key: row for row in reversed(rows) if not row.spotify_id}, by_names_alone)
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


def credit(told: Mapping[int, Sequence[str]]) -> None:
    """Name the further artists, by track, of those that are credited to one so far, their first, and Spotify has not
    named. Safe to repeat.
    """
    several = {pk: credited for pk, credited in told.items() if len(credited) > 1}
    known: dict[int, list[int]] = {}
    for part in parts(several):
        bare = TrackArtist.objects.filter(track__in=part, track__refreshed_at=None)
        for pk, artist in bare.values_list("track_id", "artist_id"):
            known.setdefault(pk, []).append(artist)
    firsts = {pk: found[0] for pk, found in known.items() if len(found) == 1}
    if not firsts:
        return
    artists = artists_named({name for pk in firsts for name in several[pk]})
    rows = []
    for pk, main in sorted(firsts.items()):
        found = dict.fromkeys(artists[key] for name in several[pk] if (key := names.key(name)) in artists)
        named = list(islice(found, _MOST_CREDITS))  # none, if all are blank
        if named[:1] == [main]:
            rows += [(pk, artist, place) for place, artist in enumerate(named[1:], 1)]
    with transaction.atomic():
        insert_missing(TrackArtist, ["track_id", "artist_id", "position"], rows)
        TrackChange.objects.bulk_create(TrackChange(track_id=pk) for pk in sorted({row[0] for row in rows}))


def adopt(track_id: int, spotify_id: str) -> bool:
    """Give a Spotify id to a track known by names; False if another was quicker with either."""
    with transaction.atomic():
        if Track.objects.filter(spotify_id=spotify_id).exists():
            return False
        adopted = Track.objects.filter(id=track_id, spotify_id=None).update(spotify_id=spotify_id, text_key=None)
        if adopted:
            TrackChange.objects.create(track_id=track_id)
    return bool(adopted)


def adopt_sure(claims: Mapping[str, Sequence[Claim]]) -> None:
    """Adopt, by text key, tracks known by names alone, where all that bear these names are one performance.

    Two tracks of one name may be a studio and a live one: a name that could mean either stays a track of its own.
    """
    known = ids(Track, "text_key", claims)
    told = [claim for text in known for claim in claims[text]]
    named: dict[_Named, list[tuple[int | None, int | str]]] = {}
    for _, names_of, album, performance in _with_names({claim.name_key for claim in told}):
        named.setdefault(names_of, []).append((album, performance))
    for text, pk in sorted(known.items(), key=lambda each: each[1]):
        meant: set[int | str] = set()
        for claim in claims[text]:
            others = named.get((claim.kind, claim.artist_id, claim.name_key), ())
            meant |= {claim.recording or claim.spotify_id}
            meant |= {each for album, each in others if claim.album_id in (None, album)}
        if len(meant) == 1:
            adopt(pk, min(claim.spotify_id for claim in claims[text]))


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
    claims: dict[str, list[Claim]] = {}
    for key, row in missing.items():
        if row.name and row.artist_id:
            for text, album in {row.text_key: row.album_id, row.loose_key: None}.items():
                claims.setdefault(text, []).append(Claim(key, row.kind, row.artist_id, row.name_key, album, None))
    adopt_sure(claims)


def _without_ids(rows: dict[str, _Row], by_names_alone: bool) -> dict[str, int]:
    found = ids(Track, "text_key", rows)
    missing = {key: row for key, row in rows.items() if key not in found}
    if missing:
        if not by_names_alone:
            found |= _same_names(missing)
        fresh = sorted(missing.keys() - found.keys())
        told = [(key, *_values(rows[key])) for key in fresh]
        insert_missing(Track, ["text_key", *_FIELDS], told)
        made = ids(Track, "text_key", fresh)
        _credit([(made[key], rows[key].artist_id) for key in fresh])
        found |= made
    return found


def _same_names(missing: dict[str, _Row]) -> dict[str, int]:
    """The one track that Spotify named just so, on that album if one is told. Of several only one recording's first."""
    found: dict[str, dict[int | str, int]] = {}
    of: dict[_Named, list[_Row]] = {}
    for row in missing.values():
        if row.artist_id:
            of.setdefault((row.kind, row.artist_id, row.name_key), []).append(row)
    for pk, named, album, performance in _with_names({row.name_key for row in missing.values()}):
        for row in of.get(named, ()):
            if row.album_id in (None, album):
                found.setdefault(row.text_key, {}).setdefault(performance, pk)
    return {text: min(pks.values()) for text, pks in found.items() if len(pks) == 1}


def _with_names(keys: Collection[str]) -> Iterator[tuple[int, _Named, int | None, int | str]]:
    """Tracks with a Spotify id by title: id, names, album, and what is the same for one performance; oldest first."""
    for part in parts(keys):
        known = Track.objects.filter(name_key__in=part).exclude(spotify_id=None).order_by("id")
        fields = ("id", "kind", "artist_id", "name_key", "album_id", "recording_id", "spotify_id")
        for pk, kind, artist, key, album, recording, spotify_id in known.values_list(*fields):
            yield pk, (kind, artist or 0, key), album, recording or spotify_id or ""


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
