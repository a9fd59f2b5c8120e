"""The catalogue from Spotify's own word: upserts artists, albums, tracks, credits and recordings in few statements.

Never lowers knowledge: what an answer leaves out stays as it is. Safe to repeat, and beside others doing the same.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction

from accounts.spotify.payloads import AlbumPayload, ArtistPayload, TrackPayload
from ingest import names
from ingest.actions import naming
from ingest.models import Album, Artist, Recording, Track, TrackArtist, TrackChange, Word
from ingest.upsert import ids, insert_missing, parts

_FRESH_FOR = timedelta(days=7)  # an unchanged answer is noted again only after this


def words(kind: int, texts: Iterable[str]) -> dict[str, int]:
    """The `Word` id of each text, as given; empty texts are 0."""
    wanted = {text: names.word(text) for text in texts}
    found = _words(kind, wanted.values())
    missing = sorted({text for text in wanted.values() if text} - found.keys())
    if missing:
        insert_missing(Word, ["kind", "text"], [(kind, text) for text in missing])
        found |= _words(kind, missing)
    return {text: found.get(short, 0) for text, short in wanted.items()}


def tracks(payloads: Sequence[TrackPayload | None], now: datetime) -> dict[str, int]:
    """Track ids by Spotify id. Local files and entries without id are left out."""
    told = {each.id: each for each in payloads if each is not None and each.id}
    if not told:
        return {}
    albums_told = [each.album for each in told.values() if each.album is not None]
    people = [artist for each in told.values() for artist in each.artists]
    artists = _artists([*people, *(artist for album in albums_told for artist in album.artists)], now)
    albums = _albums(albums_told, artists, now)
    recordings = _recordings(told.values(), now)
    wanted = {key: _facts(each, artists, albums, recordings) for key, each in told.items()}
    found = _existing(wanted)
    if len(found) < len(wanted):
        _add(wanted, found, now)
        found = _existing(wanted)
    _refresh(found, wanted, now)
    _credit({found[key].pk: _credited(each, artists) for key, each in told.items()})
    return {key: track.pk for key, track in found.items()}


def _words(kind: int, texts: Iterable[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for part in parts(text for text in texts if text):
        found |= dict(Word.objects.filter(kind=kind, text__in=part).values_list("text", "id"))
    return found


def _artists(told: Iterable[ArtistPayload], now: datetime) -> dict[str, int]:
    """Artist ids by Spotify id, and by name key for those without one."""
    by_id: dict[str, str] = {each.id: each.name for each in told if each.id}
    found = _known_artists(by_id, now)
    missing = sorted(by_id.keys() - found.keys())
    if missing:
        bare = dict(
            Artist.objects.filter(spotify_id=None, name_key__in={names.key(by_id[key]) for key in missing}).values_list(
                "name_key", "id"
            )
        )
        for key in missing:
            _adopt(Artist, bare.pop(names.key(by_id[key]), None), key)
        insert_missing(
            Artist,
            ["spotify_id", "name", "name_key", "refreshed_at"],
            [(key, names.clean(by_id[key]), names.key(by_id[key]), now) for key in missing],
        )
        found |= ids(Artist, "spotify_id", missing)
    nameless = naming.artists_named(each.name for each in told if not each.id)
    return found | {_name_place(key): pk for key, pk in nameless.items()}


def _known_artists(told: dict[str, str], now: datetime) -> dict[str, int]:
    """Those that are here already. One whose name only a person's file told is called as Spotify calls it."""
    rows = [row for part in parts(told) for row in Artist.objects.filter(spotify_id__in=part)]
    unsure = [row for row in rows if row.refreshed_at is None]
    renamed = [
        row.pk for row in unsure if told[row.spotify_id or ""] and row.name != names.clean(told[row.spotify_id or ""])
    ]
    for row in unsure:
        row.name = names.clean(told[row.spotify_id or ""]) or row.name
        row.name_key, row.refreshed_at = names.key(row.name), now
    if unsure:
        with transaction.atomic():
            unsure.sort(key=lambda row: row.pk)
            Artist.objects.bulk_update(unsure, ["name", "name_key", "refreshed_at"], batch_size=200)
            _tell_of(Track.objects.filter(artist__in=renamed).order_by("id").values_list("id", flat=True))
    return {row.spotify_id or "": row.pk for row in rows}


def _name_place(key: str) -> str:
    return f"name:{key}"


def _artist_id(artist: ArtistPayload, artists: dict[str, int]) -> int | None:
    return artists.get(artist.id or _name_place(names.key(artist.name)))


def _albums(told: Iterable[AlbumPayload], artists: dict[str, int], now: datetime) -> dict[str, int]:
    by_id = {each.id: each for each in told if each.id and each.name}
    facts = {key: _album_facts(each, artists) for key, each in by_id.items()}
    found = {album.spotify_id or "": album for album in Album.objects.filter(spotify_id__in=list(facts))}
    missing = sorted(facts.keys() - found.keys())
    if missing:
        keys = {(facts[key]["artist_id"], facts[key]["name_key"]): key for key in reversed(missing)}
        bare = Album.objects.filter(spotify_id=None, name_key__in={key for _, key in keys})
        for pk, artist, key in bare.values_list("id", "artist_id", "name_key"):
            if (artist, key) in keys:
                _adopt(Album, pk, keys[artist, key])
        columns = ["spotify_id", "refreshed_at", *facts[missing[0]]]
        insert_missing(Album, columns, [(key, now, *facts[key].values()) for key in missing])
        found = {album.spotify_id or "": album for album in Album.objects.filter(spotify_id__in=list(facts))}
    on_it = Track.objects.order_by("id").values_list("id", flat=True)
    _update(Album, found, facts, now, lambda changed: on_it.filter(album_id__in=changed))
    return {key: album.pk for key, album in found.items()}


def _album_facts(told: AlbumPayload, artists: dict[str, int]) -> dict[str, Any]:
    return {
        "name": names.clean(told.name),
        "name_key": names.key(told.name),
        "artist_id": _artist_id(told.artists[0], artists) if told.artists else None,
        "kind": told.album_type[:16],
        "released_on": told.release_date[:10],
        "total_tracks": told.total_tracks,
        "image_url": told.image_url if len(told.image_url) <= 500 else "",
    }


def _recordings(told: Iterable[TrackPayload], now: datetime) -> dict[str, int]:
    by_isrc = {code: each.name for each in told if (code := names.isrc(each.isrc))}
    found = ids(Recording, "isrc", by_isrc)
    missing = sorted(by_isrc.keys() - found.keys())
    if missing:
        rows = [(code, names.clean(by_isrc[code]), now) for code in missing]
        insert_missing(Recording, ["isrc", "name", "created_at"], rows)
        found |= ids(Recording, "isrc", missing)
    return found


def _facts(
    told: TrackPayload, artists: dict[str, int], albums: dict[str, int], recordings: dict[str, int]
) -> dict[str, Any]:
    code = names.isrc(told.isrc)
    return {
        "name": names.clean(told.name),
        "name_key": names.key(told.name),
        "artist_id": _artist_id(told.artists[0], artists) if told.artists else None,
        "album_id": albums.get(told.album.id or "") if told.album else None,
        "duration_ms": told.duration_ms,
        "explicit": told.explicit,
        "isrc": code,
        "recording_id": recordings.get(code),
        "disc_number": told.disc_number,
        "track_number": told.track_number,
    }


def _existing(wanted: Iterable[str]) -> dict[str, Track]:
    return {
        track.spotify_id or "": track for part in parts(wanted) for track in Track.objects.filter(spotify_id__in=part)
    }


def _add(wanted: dict[str, dict[str, Any]], found: dict[str, Track], now: datetime) -> None:
    missing = sorted(wanted.keys() - found.keys())
    artist_of = dict(
        Artist.objects.filter(id__in={wanted[key]["artist_id"] for key in missing}).values_list("id", "name_key")
    )
    album_of = dict(
        Album.objects.filter(id__in={wanted[key]["album_id"] for key in missing}).values_list("id", "name_key")
    )
    claims: dict[str, list[naming.Claim]] = {}
    for key in missing:
        facts = wanted[key]
        if artist := artist_of.get(facts["artist_id"]):
            for album, album_id in ((album_of.get(facts["album_id"], ""), facts["album_id"]), ("", None)):
                about = (Track.Kind.MUSIC, facts["artist_id"], facts["name_key"], album_id, facts["recording_id"])
                claims.setdefault(names.track_key(artist, facts["name"], album), []).append(naming.Claim(key, *about))
    naming.adopt_sure(claims)
    columns = ["spotify_id", "refreshed_at", *wanted[missing[0]]]
    insert_missing(Track, columns, [(key, now, *wanted[key].values()) for key in missing])


def _refresh(found: dict[str, Track], wanted: dict[str, dict[str, Any]], now: datetime) -> None:
    _update(Track, found, wanted, now, lambda changed: changed)


def _tell_of(changed: Iterable[int]) -> None:
    TrackChange.objects.bulk_create([TrackChange(track_id=pk) for pk in changed], batch_size=5_000)


def _update(
    model: Any,
    found: dict[str, Any],
    wanted: dict[str, dict[str, Any]],
    now: datetime,
    tracks: Callable[[list[int]], Iterable[int]],
) -> None:
    """Write what is known newly or otherwise, and tell of the `tracks` that rows of these ids are about."""
    stale: list[int] = []
    changed: list[Any] = []
    fields: set[str] = set()
    for key, row in found.items():
        news = {
            name: value
            for name, value in wanted[key].items()
            if value not in (None, "") and getattr(row, name) != value and not _kept(row, name)
        }
        for name, value in news.items():
            setattr(row, name, value)
        if news:
            fields |= news.keys()
            changed.append(row)
        if news or row.refreshed_at is None or row.refreshed_at < now - _FRESH_FOR:
            stale.append(row.pk)
    if changed:
        columns = sorted(model._meta.get_field(name.removesuffix("_id")).name for name in fields)
        changed.sort(key=lambda row: row.pk)
        with transaction.atomic():  # a change that is not told is read by no derived file, ever
            model.objects.bulk_update(changed, columns, batch_size=200)
            _tell_of(tracks([row.pk for row in changed]))
    for part in parts(stale):
        model.objects.filter(pk__in=part).update(refreshed_at=now)


def _kept(row: Any, name: str) -> bool:
    """A recording once chosen stays: merging and parting recordings has its own way, with undo."""
    return name == "recording_id" and row.recording_id is not None


def _credited(told: TrackPayload, artists: dict[str, int]) -> list[int]:
    ids = [_artist_id(artist, artists) for artist in told.artists]
    return list(dict.fromkeys(pk for pk in ids if pk is not None))


def _credit(wanted: dict[int, list[int]]) -> None:
    present: dict[int, list[int]] = {pk: [] for pk in wanted}
    rows = TrackArtist.objects.filter(track_id__in=list(wanted)).order_by("track_id", "position")
    for track, artist in rows.values_list("track_id", "artist_id"):
        present[track].append(artist)
    differ = sorted(pk for pk, artists in wanted.items() if artists and artists != present[pk])
    if not differ:
        return
    with transaction.atomic():
        list(Track.objects.select_for_update().filter(id__in=differ).order_by("id").values_list("id"))
        TrackArtist.objects.filter(track_id__in=differ).delete()
        insert_missing(
            TrackArtist,
            ["track_id", "artist_id", "position"],
            [(pk, artist, place) for pk in differ for place, artist in enumerate(wanted[pk])],
        )
        # A new track's main artist is known without credits: nobody has read it otherwise.
        _tell_of(pk for pk in differ if present[pk] or len(wanted[pk]) > 1)


def _adopt(model: type[Artist] | type[Album], pk: int | None, spotify_id: str) -> None:
    """Give a Spotify id to a row known by name alone, unless another was quicker."""
    if pk is None:
        return
    try:
        with transaction.atomic():
            model._default_manager.filter(pk=pk, spotify_id=None).update(spotify_id=spotify_id)
    except IntegrityError:
        return  # somebody inserted that id meanwhile: it is found by the look-up that follows
