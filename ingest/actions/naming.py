"""The catalogue from names alone: what exports and submissions tell. Adds, fills blanks, never overrules Spotify."""

from collections.abc import Iterable, Sequence

from django.db import transaction

from ingest import names
from ingest.evidence import TrackName
from ingest.models import Album, Artist, Track, TrackArtist, TrackChange
from ingest.upsert import insert_missing, parts

_BETWEEN = "\x1f"


def tracks(told: Sequence[TrackName]) -> list[int]:
    """The track id of each of `told`, in order; new ones are added. Safe to repeat, and beside others."""
    artists = artists_named({name.artist for name in told})
    albums = _albums(told, artists)
    rows = [_row(name, artists, albums) for name in told]
    by_id = _with_ids({row["spotify_id"]: row for row in reversed(rows) if row["spotify_id"]})
    bare = _without_ids({row["text_key"]: row for row in reversed(rows) if not row["spotify_id"]})
    return [by_id[row["spotify_id"]] if row["spotify_id"] else bare[row["text_key"]] for row in rows]


def artists_named(told: Iterable[str]) -> dict[str, int]:
    """Artist ids by `names.key`; of several with one name the one without a Spotify id, else the first known."""
    by_key = {names.key(name): names.clean(name) for name in told if names.clean(name)}
    found = _artists(by_key)
    missing = sorted(by_key.keys() - found.keys())
    if missing:
        insert_missing(Artist, ["name", "name_key"], [(by_key[key], key) for key in missing])
        found |= _artists(missing)
    return found


def _artists(keys: Iterable[str]) -> dict[str, int]:
    found: dict[str, tuple[bool, int]] = {}
    for part in parts(keys):
        for pk, key, spotify_id in Artist.objects.filter(name_key__in=part).values_list("id", "name_key", "spotify_id"):
            found[key] = min(found.get(key, (True, pk)), (spotify_id is not None, pk))
    return {key: pk for key, (_, pk) in found.items()}


def _albums(told: Sequence[TrackName], artists: dict[str, int]) -> dict[tuple[int | None, str], int]:
    wanted = {
        (artists.get(names.key(name.artist)), names.key(name.album)): names.clean(name.album)
        for name in told
        if names.clean(name.album)
    }
    found = _albums_of(wanted)
    missing = sorted((key for key in wanted if key not in found), key=lambda key: (key[0] or 0, key[1]))
    if missing:
        insert_missing(Album, ["artist_id", "name_key", "name"], [(*key, wanted[key]) for key in missing])
        found |= _albums_of(dict.fromkeys(missing))
    return found


def _albums_of(wanted: dict[tuple[int | None, str], object]) -> dict[tuple[int | None, str], int]:
    found: dict[tuple[int | None, str], tuple[bool, int]] = {}
    fields = ("id", "artist_id", "name_key", "spotify_id")
    queries = [Album.objects.filter(artist_id__in=part) for part in parts({a for a, _ in wanted if a is not None})]
    bare = [key for artist, key in wanted if artist is None]
    queries += [Album.objects.filter(artist=None, name_key__in=part) for part in parts(bare)]
    for query in queries:
        for pk, artist, key, spotify_id in query.values_list(*fields):
            if (artist, key) in wanted:
                found[artist, key] = min(found.get((artist, key), (True, pk)), (spotify_id is not None, pk))
    return {key: pk for key, (_, pk) in found.items()}


def _row(told: TrackName, artists: dict[str, int], albums: dict[tuple[int | None, str], int]) -> dict:
    artist = artists.get(names.key(told.artist))
    bare = not told.spotify_id
    return {
        "spotify_id": told.spotify_id,
        "text_key": names.track_key(told.artist, told.title, told.album, told.kind) if bare else None,
        "kind": told.kind,
        "name": names.clean(told.title),
        "name_key": names.key(told.title),
        "artist_id": artist,
        "album_id": albums.get((artist, names.key(told.album))),
        "loose_key": names.track_key(told.artist, told.title, "", told.kind),
        "full_key": names.track_key(told.artist, told.title, told.album, told.kind),
    }


_FIELDS = ["spotify_id", "text_key", "kind", "name", "name_key", "artist_id", "album_id"]


def _with_ids(rows: dict[str, dict]) -> dict[str, int]:
    found = _known(rows)
    missing = {key: row for key, row in rows.items() if key not in found}
    if missing:
        _adopt(missing)
        found |= _known(missing)
        fresh = sorted(missing.keys() - found.keys())
        insert_missing(Track, _FIELDS, [[rows[key][name] for name in _FIELDS] for key in fresh])
        found |= _known(fresh)
        _credit([(found[key], rows[key]["artist_id"]) for key in fresh])
    _fill([(found[key], row) for key, row in rows.items()])
    return found


def _known(keys: Iterable[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for part in parts(keys):
        found |= dict(Track.objects.filter(spotify_id__in=part).values_list("spotify_id", "id"))
    return found


def _adopt(missing: dict[str, dict]) -> None:
    """Give the id to a track that was known by the same names alone, with the same album or without any."""
    by_text: dict[str, list[str]] = {}
    for key in sorted(missing):
        row = missing[key]
        if row["name"] and row["artist_id"]:
            for text in {row["full_key"], row["loose_key"]}:
                by_text.setdefault(text, []).append(key)
    taken: set[str] = set()
    for part in parts(by_text):
        for pk, text in Track.objects.filter(text_key__in=part).order_by("id").values_list("id", "text_key"):
            key = next((each for each in by_text[text] if each not in taken), None)
            if key is not None and adopt(pk, key):
                taken.add(key)


def adopt(track_id: int, spotify_id: str) -> bool:
    """Give a Spotify id to a track known by names; False if another was quicker with either."""
    with transaction.atomic():
        bare = Track.objects.filter(id=track_id, spotify_id=None)
        if Track.objects.filter(spotify_id=spotify_id).exists():
            return False
        adopted = bare.update(spotify_id=spotify_id, text_key=None)
        if adopted:
            TrackChange.objects.create(track_id=track_id)
    return bool(adopted)


def _without_ids(rows: dict[str, dict]) -> dict[str, int]:
    found = _keyed(rows)
    missing = {key: row for key, row in rows.items() if key not in found}
    if missing:
        found |= _same_names(missing)
        fresh = sorted(missing.keys() - found.keys())
        insert_missing(Track, _FIELDS, [[rows[key][name] for name in _FIELDS] for key in fresh])
        made = _keyed(fresh)
        _credit([(made[key], rows[key]["artist_id"]) for key in made])
        found |= made
    return found


def _keyed(keys: Iterable[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for part in parts(keys):
        found |= dict(Track.objects.filter(text_key__in=part).values_list("text_key", "id"))
    return found


def _same_names(missing: dict[str, dict]) -> dict[str, int]:
    """Tracks that Spotify named just so: the album too if it is told, else the first known of that artist."""
    found: dict[str, int] = {}
    of: dict[tuple, list[dict]] = {}
    for row in missing.values():
        if row["artist_id"]:
            of.setdefault((row["kind"], row["artist_id"], row["name_key"]), []).append(row)
    for part in parts({row["name_key"] for row in missing.values()}):
        known = Track.objects.filter(name_key__in=part).exclude(spotify_id=None).order_by("id")
        for pk, kind, artist, key, album in known.values_list("id", "kind", "artist_id", "name_key", "album_id"):
            for row in of.get((kind, artist, key), ()):
                if row["album_id"] in (None, album):
                    found.setdefault(row["text_key"], pk)
    return found


def _credit(credits: list[tuple[int, int | None]]) -> None:
    rows = [(track, artist, 0) for track, artist in sorted(credits, key=lambda each: each[0]) if artist]
    insert_missing(TrackArtist, ["track_id", "artist_id", "position"], rows)


def _fill(told: list[tuple[int, dict]]) -> None:
    """Names for tracks that had none, or no album: an export sometimes tells an id alone."""
    by_id = dict(told)
    changed: list[Track] = []
    for part in parts(by_id):
        lacking = Track.objects.filter(id__in=part, refreshed_at=None)
        for track in lacking.filter(name="") | lacking.filter(artist=None) | lacking.filter(album=None):
            row = by_id[track.pk]
            new = {
                name: row[name]
                for name in ("name", "name_key", "artist_id", "album_id")
                if row[name] and not getattr(track, name)
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
