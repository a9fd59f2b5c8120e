"""The files that oracle and importer both read: exports of the sandbox's listeners, and one of clock changes."""

import io
import json
import random
import zipfile
import zlib
from datetime import UTC, datetime, timedelta
from typing import Any
from unicodedata import normalize
from zoneinfo import ZoneInfo, available_timezones

from tests.insights.oracle import Known, Names, Row, Song
from vibesite.sandbox import exports
from vibesite.sandbox.world import World

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
# Half hours, three quarters, both hemispheres, half an hour of summer time (Lord Howe) and two (Troll), changes at
# midnight (São Paulo, Havana, Cairo) and a minute after it (St. John's), a day that was left out (Apia), the ends.
ZONES = [
    *("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia"),
    *("America/St_Johns", "Pacific/Chatham", "Australia/Sydney", "Asia/Kolkata", "America/Sao_Paulo", "Africa/Cairo"),
    *("America/Havana", "Antarctica/Troll", "Asia/Pyongyang", "Pacific/Kiritimati", "Pacific/Pago_Pago"),
]
# Around what a calendar has to get right: clock changes north and south, a leap day, the turn of a year; and lately.
WINDOWS = [
    *(("2019-03-08", "2019-03-12"), ("2020-10-23", "2020-10-27"), ("2021-12-30", "2022-01-03")),
    *(("2024-02-27", "2024-03-02"), ("2025-04-04", "2025-04-08"), ("2026-10-30", "2026-11-03")),
    ("2026-11-08", "2026-11-20"),
]


class Windows:
    """A world in which nobody heard anything but between some days."""

    def __init__(self, world: World, windows: list[tuple[str, str]]) -> None:
        self.world = world
        self.windows = [tuple(datetime.fromisoformat(day).replace(tzinfo=UTC) for day in pair) for pair in windows]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.world, name)

    def plays(self, listener: Any, start: datetime, end: datetime) -> list[Any]:
        spans = [(max(start, first), min(end, last + timedelta(days=1))) for first, last in self.windows]
        return [play for low, high in spans if low < high for play in self.world.plays(listener, low, high)]


def export(world: Any, listener_id: str, *, old: bool = False) -> bytes:
    out = io.BytesIO()
    exports.extended_zip(world, world.listener(listener_id), NOW, out, old=old, rows_per_file=400)
    return out.getvalue()


def changes(zone: str) -> list[datetime]:
    """Some clock changes of a zone since 2006, to the minute: the oldest, the newest, and the widest."""
    found: list[tuple[timedelta, datetime]] = []
    at, place = datetime(2006, 6, 1, tzinfo=UTC), ZoneInfo(zone)
    while at < NOW:
        later = at + timedelta(days=1)
        if (gap := _offset(later, place) - _offset(at, place)) != timedelta(0):
            while _offset(at, place) == _offset(later, place) - gap:
                at += timedelta(minutes=1)
            found.append((abs(gap), at))
        at = later
    chosen = {*found[:2], *found[-2:], *sorted(found)[-1:]}
    return sorted(moment for _, moment in chosen)


def _offset(at: datetime, zone: ZoneInfo) -> timedelta:
    return at.astimezone(zone).utcoffset() or timedelta(0)


def all_zones() -> list[str]:
    """Every zone there is, but for those whose clocks have always shown the same as another's since 2006."""
    found: dict[tuple[Any, ...], str] = {}
    days = [datetime(2006, 6, 1, tzinfo=UTC) + timedelta(days=3 * n) for n in range(2_500)]
    for zone in sorted(available_timezones()):
        found.setdefault(tuple(_offset(day, ZoneInfo(zone)) for day in days), zone)
    return sorted(found.values())


def of_changes(world: World, zones: list[str], *, often: int = 30) -> bytes:
    """The history of somebody who listens whenever a clock is changed: often near it, now and then within two days."""
    chance = random.Random(7)
    songs = [world.tracks[chance.randrange(len(world.tracks))] for _ in range(80)]
    ends: set[datetime] = set()
    for moment in sorted({moment for zone in zones for moment in changes(zone)}):
        ends |= {moment + timedelta(minutes=chance.uniform(-100, 100)) for _ in range(often)}
        ends |= {moment + timedelta(hours=chance.uniform(-48, 48)) for _ in range(often)}
        ends |= {moment, moment - timedelta(seconds=1), moment + timedelta(seconds=1)}
    rows = [_row(world, chance, end.replace(microsecond=0), chance.choice(songs)) for end in sorted(ends) if end < NOW]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("Streaming_History_Audio_2006-2026_0.json", json.dumps(rows))
    return out.getvalue()


def _row(world: World, chance: random.Random, end: datetime, track: Any) -> Row:
    ms = chance.choice([chance.randrange(1, 40_000), track.duration_ms, chance.randrange(1, track.duration_ms + 1)])
    start = end - timedelta(milliseconds=ms)
    blank = dict.fromkeys(("ip_addr", "episode_name", "episode_show_name", "spotify_episode_uri", "skipped"))
    return blank | {
        "ts": end.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "platform": chance.choice(["ios", "linux"]),
        "ms_played": ms,
        "conn_country": "NZ",
        **dict(zip(_LABELS, labels(world, track), strict=True)),
        "spotify_track_uri": track.uri,
        "reason_start": "clickrow",
        "reason_end": chance.choice(["trackdone", "fwdbtn"]),
        "shuffle": chance.random() < 0.5,
        "offline": False,
        # Now and then what began was told to the second, and was paused since.
        "offline_timestamp": int(start.timestamp()) - chance.choice([0, 60, 7_200]) if chance.random() < 0.3 else None,
        "incognito_mode": chance.random() < 0.1,
    }


_LABELS = ("master_metadata_track_name", "master_metadata_album_artist_name", "master_metadata_album_album_name")


def labels(world: World, track: Any) -> Names:
    """Title, album artist and album."""
    album = world.album(track.album_id)
    return track.name, world.artist(album.artist_ids[0]).name, album.name


def is_told(world: World, track: Any) -> bool:
    """Whether Spotify told us of a track; of every eighth album it did not."""
    return zlib.crc32("/".join(labels(world, track)[1:]).encode()) % 8 > 0


def facts(world: World, rows: list[Row]) -> tuple[Known, list[dict[str, Any]]]:
    """What is known of the songs in an export: as the oracle takes it, and as Spotify would say it."""
    uris = sorted({row["spotify_track_uri"] for row in rows} - {None})
    tracks = [track for uri in uris if is_told(world, track := world.track(uri.split(":")[2]))]
    albums = {track.album_id: world.album(track.album_id) for track in tracks}
    people = {pk for track in tracks for pk in track.artist_ids} | {pk for a in albums.values() for pk in a.artist_ids}
    first: dict[str, str] = {}  # of several artists with one name, the one whose id sorts first
    for pk in sorted(people):
        first.setdefault(_folded(world.artist(pk).name), pk)
    known = Known({}, {}, {})
    for row in rows:
        if (name := row["master_metadata_album_artist_name"]) and _folded(name) in first:
            known.artists[name] = first[_folded(name)]
    for album in sorted(albums.values(), key=lambda each: each.id):
        known.releases.setdefault((album.artist_ids[0], album.name), (album.id, int(album.release_date[:4])))
    for track in tracks:
        album = albums[track.album_id]
        year = int(album.release_date[:4])
        known.songs[track.uri] = Song(
            track.uri, track.name, track.artist_ids, album.id, track.duration_ms, year, track.isrc
        )
    return known, [_payload(world, track) for track in tracks]


def _folded(name: str) -> str:
    return " ".join(normalize("NFKC", name).casefold().split())


def _payload(world: World, track: Any) -> dict[str, Any]:
    album = world.album(track.album_id)

    def artists(ids: tuple[str, ...]) -> list[dict[str, str]]:
        return [{"id": pk, "name": world.artist(pk).name} for pk in ids]

    return {
        "type": "track",
        "id": track.id,
        "uri": track.uri,
        "name": track.name,
        "duration_ms": track.duration_ms,
        "external_ids": {"isrc": track.isrc},
        "artists": artists(track.artist_ids),
        "album": {
            "id": album.id,
            "name": album.name,
            "album_type": album.album_type,
            "release_date": album.release_date,
            "total_tracks": album.total_tracks,
            "artists": artists(album.artist_ids),
        },
    }
