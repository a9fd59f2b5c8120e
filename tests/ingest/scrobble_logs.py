"""Scrobble logs of every kind to test with, written as their programs write them: the same listenings in each."""

import csv
import io
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tests.ingest.broken_uploads import zipped

START = 1_609_459_200  # 2021-01-01T00:00:00Z
Logged = tuple[int, str, str, str, int]  # start (s since 1970), title, artist, album, length (s)
MBID = "a74b1b7f-71a5-4011-9441-d0b5e4122711"


def listenings(count: int = 3, every_s: int = 300) -> list[Logged]:
    return [(START + at * every_s, f"Title {at}", "Artist", "Album", 200) for at in range(count)]


@dataclass(frozen=True)
class Log:
    """One kind of log: its format, a file name that says nothing, and how listenings are written in it."""

    format: str
    write: Callable[[Sequence[Logged]], bytes]
    knows_length: bool = False
    to_minute: bool = False
    name: str = "download"

    def __str__(self) -> str:
        return self.write.__name__


def table(rows: Sequence[Sequence[Any]], delimiter: str = ",", quoting: Any = csv.QUOTE_MINIMAL) -> bytes:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, quoting=quoting, lineterminator="\n").writerows(rows)
    return out.getvalue().encode()


def shown(start: int) -> str:
    return datetime.fromtimestamp(start, UTC).strftime("%d %b %Y, %H:%M")


def ghan_csv(told: Sequence[Logged]) -> bytes:
    header = ["uts", "utc_time", "artist", "artist_mbid", "album", "album_mbid", "track", "track_mbid"]
    rows = [[s, shown(s), artist, MBID, album, "", title, ""] for s, title, artist, album, _ in reversed(told)]
    return table([header, *rows], quoting=csv.QUOTE_ALL)


def api_track(one: Logged) -> dict[str, Any]:
    start, title, artist, album, _length = one
    return {
        "artist": {"mbid": MBID, "#text": artist},
        "streamable": "0",
        "image": [{"size": "small", "#text": "https://example.org/s.png"}],
        "mbid": "",
        "album": {"mbid": "", "#text": album},
        "name": title,
        "url": "https://example.org/",
        "date": {"uts": str(start), "#text": shown(start)},
    }


def pages(told: Sequence[Logged], size: int = 2) -> list[dict[str, Any]]:
    tracks = [api_track(one) for one in reversed(told)]
    now = {**api_track(told[0]), "@attr": {"nowplaying": "true"}} if told else {}
    now.pop("date", None)
    return [
        {"track": [*([now] if now else []), *tracks[at : at + size]], "@attr": {"page": str(at // size + 1)}}
        for at in range(0, len(tracks), size)
    ]


def ghan_json(told: Sequence[Logged]) -> bytes:
    return json.dumps(pages(told)).encode()


def stats_csv(told: Sequence[Logged]) -> bytes:
    rows = [[artist, album, "", title, s * 1000] for s, title, artist, album, _ in told]
    return table([["Artist", "Album", "AlbumId", "Track", "Date#anna"], *rows], ";", csv.QUOTE_ALL)


def stats_json(told: Sequence[Logged]) -> bytes:
    found = [
        {"track": title, "artist": artist, "album": album, "albumId": "", "date": s * 1000}
        for s, title, artist, album, _ in told
    ]
    return json.dumps({"username": "anna", "scrobbles": found}).encode()


def benjamin_csv(told: Sequence[Logged]) -> bytes:
    plain = [[artist, album, title, shown(s).replace(",", "")] for s, title, artist, album, _ in reversed(told)]
    return "".join(",".join(cell.replace(",", "") for cell in row) + "\n" for row in plain).encode()


def listen(one: Logged, **info: Any) -> dict[str, Any]:
    start, title, artist, album, length = one
    return {
        "listened_at": float(start),
        "inserted_at": start + 100.5,
        "track_metadata": {
            "track_name": title,
            "artist_name": artist,
            "release_name": album,
            "recording_msid": MBID,
            "additional_info": {"duration_ms": length * 1000, "artist_mbids": [MBID]} | info,
            "mbid_mapping": None,
        },
    }


def listenbrainz_zip(told: Sequence[Logged]) -> bytes:
    lines = b"".join(json.dumps(listen(one)).encode() + b"\n" for one in told)
    return zipped(
        ("user.json", b'{"user_id": 1, "username": "anna"}\n'),
        ("listens/2021/1.jsonl", lines),
        ("feedback.jsonl", b'{"score": 1, "created": 1, "recording_msid": "x", "recording_mbid": null}\n'),
    )


def listenbrainz_list(told: Sequence[Logged]) -> bytes:
    return json.dumps([listen(one) for one in told]).encode()


def maloja(told: Sequence[Logged]) -> bytes:
    scrobbles = [
        {
            "time": s,
            "track": {
                "artists": ["Guest", artist],
                "title": title,
                "album": {"artists": [artist], "albumtitle": album},
                "length": length,
            },
            "duration": None,
            "origin": "client:default",
        }
        for s, title, artist, album, length in told
    ]
    return json.dumps({"maloja": {"export_time": START}, "scrobbles": scrobbles}, indent=3).encode()


def koito(told: Sequence[Logged]) -> bytes:
    def named(name: str, **rest: Any) -> dict[str, Any]:
        return {"mbid": None, "aliases": [{"alias": name, "source": "Canonical", "is_primary": True}]} | rest

    listens = [
        {
            "listened_at": datetime.fromtimestamp(s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "client": "",
            "track": named(title, duration=length),
            "album": named(album, image_url="", various_artists=False),
            "artists": [named(artist, is_primary=True, mbid=MBID), named("Guest", is_primary=False)],
        }
        for s, title, artist, album, length in told
    ]
    head = {"version": "1", "exported_at": "2025-06-18T12:56:53Z", "user": "anna", "listens": listens}
    return json.dumps(head, indent=2).encode()


def librefm_csv(told: Sequence[Logged]) -> bytes:
    rows = [[s, artist, title, album, "", "", ""] for s, title, artist, album, _ in told]
    lead = b"Export of anna\nMade by Libre.fm\n\n"
    header = ["Time", "Artist", "Track", "Album", "Track MBID", "Artist MBID", "Album MBID"]
    return lead + table([header, *rows])


def lastexport_tsv(told: Sequence[Logged]) -> bytes:
    return "".join(f"{s}\t{title}\t{artist}\t{album}\t\t\t\n" for s, title, artist, album, _ in told).encode()


def rockbox(told: Sequence[Logged]) -> bytes:
    lines = ["#AUDIOSCROBBLER/1.1", "#TZ/UTC", "#CLIENT/Rockbox ipodvideo $Revision$", "#ARTIST #ALBUM #TITLE"]
    lines += [f"{artist}\t{album}\t{title}\t1\t{length}\tL\t{s}\t" for s, title, artist, album, length in told]
    return "\n".join([*lines, ""]).encode()


def pano_entry(one: Logged, event: str = "scrobble") -> dict[str, Any]:
    start, title, artist, album, length = one
    return {
        "timeHuman": "Jan 1, 2021",
        "timeMs": start * 1000,
        "artist": artist,
        "track": title,
        "album": album,
        "albumArtist": None,
        "durationMs": length * 1000,
        "event": event,
    }


def pano_jsonl(told: Sequence[Logged]) -> bytes:
    return b"".join(json.dumps(pano_entry(one)).encode() + b"\n" for one in told)


def pano_csv(told: Sequence[Logged]) -> bytes:
    package = {"mediaPlayerPackage": "", "mediaPlayerName": "", "mediaPlayerVersion": ""}
    entries = [pano_entry(one) for one in told]
    rows = [{**{k: v for k, v in each.items() if k != "event"}, **package, "event": each["event"]} for each in entries]
    return table([list(rows[0]), *(list(row.values()) for row in rows)])


LOGS = [
    Log("lastfm_csv", ghan_csv),
    Log("lastfm_json", ghan_json),
    Log("lastfm_minutes", benjamin_csv, to_minute=True),
    Log("lastfm_stats", stats_csv),
    Log("lastfm_stats", stats_json),
    Log("listenbrainz", listenbrainz_zip, knows_length=True),
    Log("listenbrainz", listenbrainz_list, knows_length=True),
    Log("maloja", maloja, knows_length=True),
    Log("koito", koito, knows_length=True),
    Log("librefm", librefm_csv),
    Log("librefm", lastexport_tsv),
    Log("rockbox", rockbox, knows_length=True),
    Log("pano", pano_jsonl, knows_length=True),
    Log("pano", pano_csv, knows_length=True),
]


def mongoexport(told: Sequence[tuple[str, str, Any]]) -> bytes:
    """Your Spotify's `infos`: Spotify id, end (ISO 8601) and length in ms as MongoDB writes it."""
    return b"".join(
        json.dumps(
            {
                "_id": {"$oid": "66" * 12},
                "owner": {"$oid": "77" * 12},
                "id": spotify_id,
                "albumId": "b" * 22,
                "primaryArtistId": "c" * 22,
                "artistIds": ["c" * 22],
                "durationMs": length,
                "played_at": {"$date": ended},
            }
        ).encode()
        + b"\n"
        for spotify_id, ended, length in told
    )
