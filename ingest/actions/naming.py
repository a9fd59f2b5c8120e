"""The catalogue from names alone: what exports and submissions tell. Adds, fills blanks, never overrules Spotify."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from operator import attrgetter
from types import MappingProxyType
from typing import NamedTuple

from django.db import transaction
from django.db.models import Q

from ingest import names
from ingest.evidence import Billing, Named, TrackName
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
    credits: tuple[int, ...]

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


def tracks(
    told: Sequence[TrackName],
    *,
    by_names_alone: bool = False,
    billings: Mapping[TrackName, Billing] = MappingProxyType({}),
) -> list[int]:
    """The track id of each of `told`, in order; new ones are added. Safe to repeat, and beside others.

    With `by_names_alone` a name without an id is a track of its own, never one that Spotify named just so.
    `billings`: of those among `told` that are not known here, their artists and albums, with ids.
    """
    keys = {text: names.key(text) for name in told for text in (name.title, name.artist, name.album)}
    billed = _billed(_unknown(billings))
    plain = [name for name in told if name not in billed]
    artists = artists_named({name.artist for name in plain})
    albums = _albums(plain, keys, artists)
    rows = [_row(name, keys, artists, albums, billed.get(name)) for name in told]
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


class _Billed(NamedTuple):
    credits: tuple[int, ...]
    album_id: int | None


def _unknown(billings: Mapping[TrackName, Billing]) -> dict[TrackName, Billing]:
    """Of tracks that are not here yet."""
    keys = {
        name: name.spotify_id or names.track_key(name.artist, name.title, name.album, name.kind) for name in billings
    }
    there = set(ids(Track, "spotify_id", [key for name, key in keys.items() if name.spotify_id]))
    there |= set(ids(Track, "text_key", [key for name, key in keys.items() if not name.spotify_id]))
    return {name: billing for name, billing in billings.items() if keys[name] not in there}


def _billed(billings: Mapping[TrackName, Billing]) -> dict[TrackName, _Billed]:
    """Artists and albums of these, made where neither the id nor, without one yet, the name is known."""
    if not billings:
        return {}
    people = {each for told in billings.values() for each in (*told.artists, told.album_artist) if each}
    artist_of = _identified(people)
    discs = {
        (told.album, artist_of[told.album_artist] if told.album_artist else None)
        for told in billings.values()
        if told.album
    }
    album_of = _identified_albums(discs)
    return {
        name: _Billed(
            tuple(dict.fromkeys(artist_of[each] for each in told.artists)),
            album_of[told.album, artist_of[told.album_artist] if told.album_artist else None] if told.album else None,
        )
        for name, told in billings.items()
    }


def _identified(told: Collection[Named]) -> dict[Named, int]:
    by_id = {each.spotify_id: each for each in told if each.spotify_id}
    found = ids(Artist, "spotify_id", by_id)
    missing = sorted(by_id.keys() - found.keys())
    keys = {pk: names.key(by_id[pk].name) for pk in missing}
    bare: dict[str, int] = {}
    for part in parts(keys.values()):
        bare |= dict(Artist.objects.filter(spotify_id=None, name_key__in=part).values_list("name_key", "id"))
    fresh = [(pk, by_id[pk].name, keys[pk]) for pk in missing if keys[pk] not in bare]
    insert_missing(Artist, ["spotify_id", "name", "name_key"], fresh)
    found |= ids(Artist, "spotify_id", [row[0] for row in fresh])
    named = artists_named({each.name for each in told if not each.spotify_id})
    return {
        each: found.get(each.spotify_id) or bare[keys[each.spotify_id]]
        if each.spotify_id
        else named[names.key(each.name)]
        for each in told
    }


_Disc = tuple[Named, int | None]  # an album, and the id of its artist


def _identified_albums(told: Collection[_Disc]) -> dict[_Disc, int]:
    by_id = {album.spotify_id: (album, artist) for album, artist in told if album.spotify_id}
    found = ids(Album, "spotify_id", by_id)
    missing = {pk: by_id[pk] for pk in sorted(by_id.keys() - found.keys())}
    bare = _albums_of({(artist, names.key(album.name)): None for album, artist in missing.values()}, only_bare=True)
    rows = [
        (pk, artist, names.key(album.name), album.name)
        for pk, (album, artist) in missing.items()
        if (artist, names.key(album.name)) not in bare
    ]
    insert_missing(Album, ["spotify_id", "artist_id", "name_key", "name"], rows)
    found |= ids(Album, "spotify_id", [row[0] for row in rows])
    plain = {(artist, names.key(album.name)): album.name for album, artist in told if not album.spotify_id}
    named = _albums_named(plain)
    return {
        (album, artist): found.get(album.spotify_id) or bare[artist, names.key(album.name)]
        if album.spotify_id
        else named[artist, names.key(album.name)]
        for album, artist in told
    }


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
    return _albums_named(wanted)


def _albums_named(wanted: Mapping[_AlbumKey, str]) -> dict[_AlbumKey, int]:
    found = _albums_of(wanted)
    missing = sorted((key for key in wanted if key not in found), key=lambda key: (key[0] or 0, key[1]))
    if missing:
        rows = [(*key, names.clean(wanted[key])) for key in missing]
        insert_missing(Album, ["artist_id", "name_key", "name"], rows)
        found |= _albums_of(dict.fromkeys(missing))
    return found


def _albums_of(wanted: Mapping[_AlbumKey, object], *, only_bare: bool = False) -> dict[_AlbumKey, int]:
    """Album ids; of several with one name the one without a Spotify id, else the first known."""
    found: dict[_AlbumKey, tuple[bool, int]] = {}
    queries = [Album.objects.filter(artist_id__in=part) for part in parts({a for a, _ in wanted if a is not None})]
    queries += [
        Album.objects.filter(artist=None, name_key__in=part) for part in parts(k for a, k in wanted if a is None)
    ]
    for query in queries:
        for pk, artist, key, spotify_id in query.values_list("id", "artist_id", "name_key", "spotify_id"):
            if (artist, key) in wanted and not (only_bare and spotify_id):
                found[artist, key] = min(found.get((artist, key), (True, pk)), (spotify_id is not None, pk))
    return {key: pk for key, (_, pk) in found.items()}


def _row(
    told: TrackName,
    keys: Mapping[str, str],
    artists: Mapping[str, int],
    albums: Mapping[_AlbumKey, int],
    billed: _Billed | None,
) -> _Row:
    artist_key, album_key = keys[told.artist], keys[told.album]
    artist = artists.get(artist_key)
    album = albums.get((artist, album_key))
    credits: tuple[int, ...] = (artist,) if artist else ()
    if billed:
        artist, album, credits = next(iter(billed.credits), None), billed.album_id, billed.credits
    return _Row(
        told.spotify_id,
        told.kind,
        names.clean(told.title),
        keys[told.title],
        artist_key,
        album_key,
        artist,
        album,
        credits,
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
        _credit([(made[key], rows[key].credits) for key in missing])
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
        _credit([(made[key], missing[key].credits) for key in fresh])
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


def _credit(credits: Collection[tuple[int, tuple[int, ...]]]) -> None:
    rows = [(track, artist, place) for track, each in sorted(credits) for place, artist in enumerate(each)]
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
            _credit([(track.pk, (track.artist_id,)) for track in changed if track.artist_id])
