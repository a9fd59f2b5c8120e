"""Scrobble logs of listeners, made from the truth: what Last.fm, ListenBrainz, Maloja or a Rockbox player would hold.

Spotify scrobbles what was heard to its half or for four minutes, if it is longer than 30 s and no private session. A
listener also has a player of their own, whose tracks no Spotify knows. `Account` tells what an importer must arrive at.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, BinaryIO
from zoneinfo import ZoneInfo

import msgspec

from .chance import dice
from .export_rows import item_of, kind_of, plays_until
from .listeners import Listener
from .zips import Zip

HALF_MS = 240_000
SHORTEST_MS = 30_000
OWN_EVERY_DAYS = 9
REPEATED = 400  # one row in so many stands twice


class Scrobble(msgspec.Struct, frozen=True, gc=False):
    """One row of a log: the start to the second, the names, the length."""

    at: datetime
    title: str
    artist: str
    album: str
    duration_ms: int
    spotify_id: str = ""  # empty: heard on the listener's own player
    skipped: bool = False
    mbid: str = ""  # of the artist


class Account(msgspec.Struct):
    """What a log holds."""

    rows: int = 0
    repeated: int = 0  # rows that stand twice
    alone: int = 0  # listenings that no Spotify tells of
    skipped: int = 0


def scrobbles(world: Any, listener: Listener, until: datetime) -> Iterator[Scrobble]:
    """Every scrobble until then, oldest first."""
    for plays in plays_until(world, listener, until):
        told = [_of(world, play) for play in plays if _counts(world, play)]
        told += own_player(listener, plays)
        yield from sorted(told, key=lambda each: (each.at, each.title))


def own_player(listener: Listener, plays: list[Any]) -> list[Scrobble]:
    """What was heard on the listener's own player in the time of `plays`: never while Spotify played."""
    taken = [(play.started_at - timedelta(hours=1), play.ended_at + timedelta(minutes=10)) for play in plays]
    found: list[Scrobble] = []
    days = sorted({play.started_at.date() for play in plays})
    for day in days[::OWN_EVERY_DAYS]:
        chance = dice("own player", listener.id, day)
        at = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(seconds=chance.randrange(86_400))
        if any(start <= at <= end for start, end in taken):
            continue
        for number in range(chance.randint(1, 4)):
            length = chance.randint(120, 400)
            skipped = chance.random() < 0.2
            title = f"Take {chance.randint(1, 60)}"
            album = "Tapes" if number % 2 else ""
            found.append(Scrobble(at, title, "Our Own Band", album, length * 1000, skipped=skipped))
            at += timedelta(seconds=chance.randint(2, 50) if skipped else length)
    return found


def _counts(world: Any, play: Any) -> bool:
    if kind_of(play) != "track" or play.incognito:
        return False
    length = world.track(item_of(play)).duration_ms
    return length > SHORTEST_MS and play.ms_played >= min(length / 2, HALF_MS)


def _of(world: Any, play: Any) -> Scrobble:
    track = world.track(item_of(play))
    album = world.album(track.album_id)
    artist = world.artist(album.artist_ids[0])
    at = play.started_at.replace(microsecond=0)
    return Scrobble(at, track.name, artist.name, album.name, track.duration_ms, track.id, mbid=artist.mbid)


def _told(world: Any, listener: Listener, until: datetime) -> tuple[list[Scrobble], Account]:
    """The rows of a log that knows no skips, some of them twice."""
    account = Account()
    rows: list[Scrobble] = []
    for each in scrobbles(world, listener, until):
        if each.skipped:
            continue
        account.alone += not each.spotify_id
        rows.append(each)
        if dice("twice", listener.id, each.at).randrange(REPEATED) == 0:
            rows.append(each)
            account.repeated += 1
    account.rows = len(rows)
    return rows, account


# --- Files -----------------------------------------------------------------------------------------------------------
def lastfm_csv(world: Any, listener: Listener, until: datetime, out: BinaryIO) -> Account:
    """As lastfm.ghan.nl writes it: newest first, every cell in quotes."""
    rows, account = _told(world, listener, until)
    text = io.StringIO()
    table = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
    table.writerow(["uts", "utc_time", "artist", "artist_mbid", "album", "album_mbid", "track", "track_mbid"])
    for each in reversed(rows):
        at = f"{each.at:%d %b %Y, %H:%M}"
        table.writerow([_seconds(each), at, each.artist, each.mbid, each.album, "", each.title, ""])
    out.write(text.getvalue().encode())
    return account


def listenbrainz_zip(world: Any, listener: Listener, until: datetime, out: BinaryIO) -> Account:
    """As ListenBrainz exports: a file of lines for each month, and files of other things."""
    rows, account = _told(world, listener, until)
    months: dict[tuple[int, int], list[bytes]] = {}
    for each in rows:
        months.setdefault((each.at.year, each.at.month), []).append(msgspec.json.encode(_listen(each)) + b"\n")
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        files = Zip(archive, until)
        files.add("user.json", msgspec.json.encode({"user_id": 1, "username": listener.id}) + b"\n")
        for (year, month), lines in months.items():
            files.add(f"listens/{year}/{month}.jsonl", b"".join(lines))
        files.add(
            "feedback.jsonl", b'{"score": 1, "created": 1700000000, "recording_msid": "", "recording_mbid": null}\n'
        )
    return account


def _listen(each: Scrobble) -> dict[str, Any]:
    info: dict[str, Any] = {"duration_ms": each.duration_ms, "artist_mbids": [each.mbid] if each.mbid else []}
    if each.spotify_id:
        info |= {"music_service": "spotify.com", "spotify_id": f"https://open.spotify.com/track/{each.spotify_id}"}
    track = {"track_name": each.title, "artist_name": each.artist, "additional_info": info, "mbid_mapping": None}
    return {
        "listened_at": float(_seconds(each)),
        "inserted_at": _seconds(each) + 180.25,
        "track_metadata": track | ({"release_name": each.album} if each.album else {}),
    }


def maloja_json(world: Any, listener: Listener, until: datetime, out: BinaryIO) -> Account:
    """As Maloja exports: an object around the list, no album where none was told."""
    rows, account = _told(world, listener, until)
    told = [
        {
            "time": _seconds(each),
            "track": {
                "artists": [each.artist],
                "title": each.title,
                "album": {"artists": [each.artist], "albumtitle": each.album} if each.album else None,
                "length": each.duration_ms // 1000,
            },
            "duration": None,
            "origin": "client:default",
        }
        for each in rows
    ]
    whole = {"maloja": {"export_time": int(until.timestamp())}, "scrobbles": told}
    out.write(msgspec.json.format(msgspec.json.encode(whole), indent=3))
    return account


def rockbox_log(world: Any, listener: Listener, until: datetime, out: BinaryIO) -> Account:
    """The listener's own player alone, skips too; its clock shows the time at home and knows no zone."""
    zone = ZoneInfo(listener.zone)
    account = Account()
    out.write(b"#AUDIOSCROBBLER/1.1\n#TZ/UNKNOWN\n#CLIENT/Rockbox ipodvideo $Revision$\n")
    for each in scrobbles(world, listener, until):
        if not each.spotify_id:
            clock = int(each.at.astimezone(zone).replace(tzinfo=UTC).timestamp())
            cells = [each.artist, each.album, each.title, "1", each.duration_ms // 1000, "LS"[each.skipped], clock, ""]
            out.write("\t".join(map(str, cells)).encode() + b"\n")
            account.rows += 1
            account.skipped += each.skipped
    account.alone = account.rows
    return account


def _seconds(each: Scrobble) -> int:
    return int(each.at.timestamp())


LOGS = {  # file name at the desk → what writes it
    "lastfm.csv": lastfm_csv,
    "listenbrainz.zip": listenbrainz_zip,
    "maloja.json": maloja_json,
    "scrobbler.log": rockbox_log,
}
__all__ = ["LOGS", "Account", "Scrobble", "lastfm_csv", "listenbrainz_zip", "maloja_json", "rockbox_log", "scrobbles"]
