# ruff: noqa: E501 - a table, one case a line
"""Uploads that went wrong, each built in memory: what is in them, what they must say, and which rows still arrive."""

import gzip
import io
import json
import lzma
import struct
import tarfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

FOLDER = "Spotify Extended Streaming History/"
NAME = FOLDER + "Streaming_History_Audio_2021_0.json"
Files = list[tuple[str, bytes]]  # what is handed in: names and contents


def row(minute: int = 0, **changes: Any) -> dict[str, Any]:
    """A good row of extended history, `minute` minutes into 2021."""
    stamp = f"2021-{1 + minute // 40000:02}-{1 + minute // 1440 % 28:02}T{minute // 60 % 24:02}:{minute % 60:02}:30Z"
    return {
        "ts": stamp,
        "platform": "ios",
        "ms_played": 200_000,
        "conn_country": "DE",
        "ip_addr": "203.0.113.7",
        "master_metadata_track_name": f"Title {minute}",
        "master_metadata_album_artist_name": "Artist",
        "master_metadata_album_album_name": "Album",
        "spotify_track_uri": f"spotify:track:{minute:022d}",
        "episode_name": None,
        "episode_show_name": None,
        "spotify_episode_uri": None,
        "audiobook_title": None,
        "audiobook_uri": None,
        "audiobook_chapter_uri": None,
        "audiobook_chapter_title": None,
        "reason_start": "trackdone",
        "reason_end": "trackdone",
        "shuffle": False,
        "skipped": False,
        "offline": False,
        "offline_timestamp": None,
        "incognito_mode": False,
    } | changes


def rows(count: int = 3) -> list[dict[str, Any]]:
    return [row(minute) for minute in range(0, count * 5, 5)]


def text(value: Any = None, **options: Any) -> bytes:
    return json.dumps(rows() if value is None else value, **options).encode()


def zipped(*entries: tuple[str | zipfile.ZipInfo, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in entries:
            archive.writestr(name, content, method)
    return out.getvalue()


def one(content: bytes, name: str = NAME) -> Files:
    """A zip with this one file in it."""
    return [("my_spotify_data.zip", zipped((name, content)))]


@dataclass(frozen=True)
class Broken:
    """One kind of upload. `says` is in the import's error or in a file's note; the rest is the account of its rows."""

    name: str
    files: Callable[[], Files]
    says: str = ""
    new: int = 0
    set_aside: dict[str, int] = field(default_factory=dict)
    state: str = "done"


def _flipped(content: bytes, at: int, value: int) -> bytes:
    return content[:at] + bytes([value]) + content[at + 1 :]


def _damaged() -> Files:
    whole = zipped((NAME, text()))
    start = 30 + len(NAME.encode())
    return [("data.zip", _flipped(whole, start + 60, whole[start + 60] ^ 0xFF))]


def _wrong_checksum() -> Files:
    whole = zipped((NAME, text()), method=zipfile.ZIP_STORED)
    return [("data.zip", whole.replace(b"Title 5", b"Title 6"))]


def _with_flag(flag: int) -> Files:
    whole = bytearray(zipped((NAME, text())))
    for magic, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = whole.find(magic) + offset
        struct.pack_into("<H", whole, at, struct.unpack_from("<H", whole, at)[0] | flag)
    return [("data.zip", bytes(whole))]


def _with_method(method: int) -> Files:
    whole = bytearray(zipped((NAME, text())))
    struct.pack_into("<H", whole, whole.find(b"PK\x03\x04") + 8, method)
    struct.pack_into("<H", whole, whole.find(b"PK\x01\x02") + 10, method)
    return [("data.zip", bytes(whole))]


def _symlink() -> Files:
    link = zipfile.ZipInfo(FOLDER + "Streaming_History_Audio_2021_1.json")
    link.create_system = 3
    link.external_attr = 0o120777 << 16
    return [("data.zip", zipped((NAME, text()), (link, b"/etc/passwd")))]


def _overlapping() -> Files:
    """Fifield's trick: many entries of the directory share one file."""
    whole = zipped((NAME, text()))
    at = whole.find(b"PK\x01\x02")
    end = whole.find(b"PK\x05\x06")
    entry = whole[at:end]
    tail = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 3, 3, len(entry) * 3, at, 0)
    return [("data.zip", whole[:at] + entry * 3 + tail)]


def _lying_size() -> Files:
    """A bomb that says it is small."""
    whole = bytearray(zipped((NAME, b"[" + b" " * 3_000_000 + b"]")))
    struct.pack_into("<L", whole, whole.find(b"PK\x03\x04") + 22, 50)
    struct.pack_into("<L", whole, whole.find(b"PK\x01\x02") + 24, 50)
    return [("data.zip", bytes(whole))]


def _bomb() -> Files:
    return one(b"[" + b" " * (40 * 1024 * 1024) + b"]")


def _huge_claim() -> Files:
    """Zip64 fields that promise 600 MB."""
    whole = bytearray(zipped((NAME, text())))
    struct.pack_into("<L", whole, whole.find(b"PK\x01\x02") + 24, 600 * 1024 * 1024)
    return [("data.zip", bytes(whole))]


def _crowd(count: int) -> Files:
    return [("data.zip", zipped(*((f"f{n}.json", b"[]") for n in range(count))))]


def _claimed_crowd() -> Files:
    whole = bytearray(zipped((NAME, text())))
    end = whole.find(b"PK\x05\x06")
    struct.pack_into("<HH", whole, end + 8, 60_000, 60_000)
    return [("data.zip", bytes(whole))]


def _three_deep() -> Files:
    inner = zipped((NAME, text()))
    return [("outer.zip", zipped(("middle.zip", zipped(("inner.zip", inner)))))]


def _tar() -> Files:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        info = tarfile.TarInfo("Streaming_History_Audio_2021_0.json")
        info.size = len(text())
        archive.addfile(info, io.BytesIO(text()))
    return [("history.tar", out.getvalue())]


def _cut(count: int = 3, missing: int = 40) -> bytes:
    return text(rows(count))[:-missing]


def _cut_in_string() -> bytes:
    whole = text([*rows(2), row(90, platform="}, {")])
    return whole[: whole.rindex(b"}, {") + 3]


UNKNOWN = [{"id": 1, "title": "A", "likes": 2}]
NOTHING = "No listening history was found"

BROKEN: list[Broken] = [
    # The upload as a whole
    Broken("a zip without anything", lambda: [("a.zip", zipped())], "The zip is empty", state="failed"),
    Broken("a zip of folders only", lambda: [("a.zip", zipped(("MyData/", b"")))], "The zip is empty", state="failed"),
    Broken("a zip cut in the middle", lambda: [("a.zip", zipped((NAME, text()))[:300])], "cut off", state="failed"),
    Broken("a zip cut at its end", lambda: [("a.zip", zipped((NAME, text()))[:-10])], "cut off", state="failed"),
    Broken("only the magic of a zip", lambda: [("a.zip", b"PK\x03\x04")], "cut off", state="failed"),
    Broken("noise named zip", lambda: [("a.zip", bytes(range(256)) * 40)], "not JSON", state="failed"),
    Broken("a web page named zip", lambda: [("a.zip", b"<!doctype html><p>Sign in")], "a web page", state="failed"),
    Broken("gzip", lambda: [("a.json.gz", gzip.compress(text()))], "A gzip archive is not read", state="failed"),
    Broken("tar", _tar, "A tar archive is not read", state="failed"),
    Broken("7z", lambda: [("a.7z", b"7z\xbc\xaf\x27\x1c" + b"\0" * 90)], "A 7z archive is not read", state="failed"),
    Broken("rar", lambda: [("a.rar", b"Rar!\x1a\x07\x01\0")], "A rar archive is not read", state="failed"),
    Broken("xz", lambda: [("a.xz", lzma.compress(text()))], "A xz archive is not read", state="failed"),
    Broken("a PDF", lambda: [("ReadMe.pdf", b"%PDF-1.7 hello")], "this is a PDF file", state="failed"),
    Broken("a picture", lambda: [("cover.png", b"\x89PNG\r\n\x1a\n" + b"\0" * 20)], "a PNG file", state="failed"),
    Broken("a text", lambda: [("notes.json", b"dear diary, today")], "not JSON", state="failed"),
    Broken("a zip in a zip in a zip", _three_deep, "a zip in a zip in a zip", state="failed"),
    Broken("a torn zip in a zip", lambda: [("a.zip", zipped(("in.zip", zipped((NAME, text()))[:200])))], "cut off", state="failed"),
    Broken("text named zip in a zip", lambda: [("a.zip", zipped(("in.zip", b"hello")))], "Not a zip", state="failed"),
    # Inside the zip
    Broken("flipped bytes", _damaged, "checksum does not match", state="failed"),
    Broken("a wrong checksum", _wrong_checksum, "checksum does not match", state="failed"),
    Broken("a password", lambda: _with_flag(1), "Locked with a password", state="failed"),
    Broken("deflate64", lambda: _with_method(9), "a method that is not read", state="failed"),
    Broken("an unknown method", lambda: _with_method(77), "a method that is not read", state="failed"),
    Broken("bzip2", lambda: [("a.zip", zipped((NAME, text()), method=zipfile.ZIP_BZIP2))], "(bzip2)", state="failed"),
    Broken("a path upwards", lambda: one(text(), "../../etc/history.json"), "points outside", state="failed"),
    Broken("a path from the root", lambda: one(text(), "/tmp/history.json"), "points outside", state="failed"),
    Broken("a path of Windows", lambda: one(text(), "C:\\history.json"), "points outside", state="failed"),
    Broken("a path upwards with backslashes", lambda: one(text(), "..\\history.json"), "points outside", state="failed"),
    Broken("a link", _symlink, "it is a link", new=3),
    Broken("overlapping files", _overlapping, "files overlap", state="failed"),
    Broken("a size that lies", _lying_size, "checksum does not match", state="failed"),
    Broken("a bomb", _bomb, "times its size", state="failed"),
    Broken("a file of 600 MB", _huge_claim, "larger than 500 MB", state="failed"),
    Broken("more files than there can be", lambda: _crowd(520), "at most 500 files", new=0),
    Broken("a directory of 60,000", _claimed_crowd, "lists 60000 files", state="failed"),
    Broken("an empty file in the zip", lambda: one(b""), "The file is empty", state="failed"),
    Broken("only white space", lambda: one(b" \n\n "), "The file is empty", state="failed"),
    # Other members of Spotify's downloads
    Broken("payments", lambda: one(text(UNKNOWN), "MyData/Payments.json"), "personal data", state="failed"),
    Broken("the library", lambda: one(b'{"tracks":[]}', "YourLibrary.json"), "your likes and playlists", state="failed"),
    Broken("rows of something else", lambda: one(text(UNKNOWN)), "other fields (id, title, likes)", state="failed"),
    # JSON that is not a list of rows
    Broken("an object", lambda: one(b'{"a": 1}'), "other fields (a)", state="failed"),
    Broken("rows wrapped in an object", lambda: one(text({"rows": rows()})), "other fields (rows)", state="failed"),
    Broken("a list of numbers", lambda: one(b"[1,2,3]"), "holds no rows", state="failed"),
    Broken("a list of lists", lambda: one(b"[[1],[2]]"), "holds no rows", state="failed"),
    Broken("a string", lambda: one(b'"hello"'), "not JSON", state="failed"),
    Broken("null", lambda: one(b"null"), "not JSON", state="failed"),
    Broken("nesting without an end", lambda: one(b"[" * 200_000), "holds no rows", state="failed"),
    Broken("objects in objects", lambda: one(b'[' + b'{"a":' * 50_000 + b"1" + b"}" * 50_000 + b"]"), "holds no rows", state="failed"),
    Broken("an empty list", lambda: one(b"[]"), "The list is empty"),
    # JSON that is nearly right
    Broken("cut in a row", lambda: one(_cut()), "Cut after row 2", new=2),
    Broken("cut between rows", lambda: one(text()[:-1]), "Cut after row 3", new=3),
    Broken("cut in a string with braces", lambda: one(_cut_in_string()), "Cut after row 2", new=2),
    Broken("cut loose file", lambda: [("endsong_0.json", _cut(5))], "Cut after row 4", new=4),
    Broken("text behind the list", lambda: one(text() + b"\nthank you"), "more text behind the end", new=3),
    Broken("two lists", lambda: one(text() + text([row(500)])), "more text behind the end", new=3),
    Broken("a trailing comma", lambda: one(text()[:-1] + b",]"), new=3),
    Broken("a missing comma", lambda: one(text().replace(b"}, {", b"} {")), new=3),
    Broken("JSON lines", lambda: one(b"\n".join(text(each) for each in rows())), new=3),
    Broken("JSON lines, cut", lambda: one(b"\n".join(text(each) for each in rows())[:-9]), "Cut after row 2", new=2),
    Broken("indented", lambda: one(text(rows(), indent=4)), new=3),
    Broken("Windows line ends", lambda: one(text(rows(), indent=1).replace(b"\n", b"\r\n")), new=3),
    Broken("a byte order mark", lambda: one(b"\xef\xbb\xbf" + text()), new=3),
    Broken("UTF-16", lambda: one(text().decode().encode("utf-16")), new=3),
    Broken("UTF-16 without a mark", lambda: one(text().decode().encode("utf-16-be")), new=3),
    Broken("UTF-32", lambda: one(text().decode().encode("utf-32")), new=3),
    Broken("Latin-1", lambda: one(text(rows()[:2]).replace(b"Artist", b"Motorh\xebad")), new=2),
    # Rows
    Broken("things that are no rows", lambda: one(text([row(0), 7, None, "x", [1], row(5)])), new=2, set_aside={"not_a_row": 4}),
    Broken("a row of nothing", lambda: one(text([row(0), {}])), new=1, set_aside={"bad_time": 1}),
    Broken("a row that is not JSON", lambda: one(text([row(0), row(5)])[:-1] + b', {"ts": oops}]'), new=2, set_aside={"unreadable": 1}),
    Broken("a number last", lambda: one(text([row(0), 7])), new=1, set_aside={"not_a_row": 1}),
    Broken("a row of 15 MB", lambda: one(text([row(0), row(5, platform="x" * 15_000_000), row(10)])), new=2, set_aside={"too_long": 1}),
    Broken("a row that nests", lambda: one(text([row(0), row(5, extra={"a": [{"b": "}]"}]}), row(10)])), new=3),
    Broken("NaN", lambda: one(text([row(0), row(5, ms_played=float("nan")), row(9, offline_timestamp=float("nan"))])), new=2, set_aside={"bad_ms": 1}),
    Broken("numbers as text", lambda: one(text([row(0, ms_played="200000", offline_timestamp="1609459200")])), new=1),
    Broken("a number with a point", lambda: one(text([row(0, ms_played=200000.0), row(5, ms_played=123456.5), row(9, ms_played=0.2), row(15, ms_played=1e300)])), new=2, set_aside={"zero_ms": 1, "bad_ms": 1}),
    Broken("wrong types", lambda: one(text([row(0, platform=5, shuffle="maybe", reason_end=[1], conn_country={})])), new=1),
    Broken("times of wrong types", lambda: one(text([row(0), row(5, ts=1609459200), row(6, ts=None), row(7, ts=["x"])])), new=1, set_aside={"bad_time": 3}),
    Broken("times that are none", lambda: one(text([row(0), row(1, ts="2021-02-30T00:00:00Z"), row(2, ts="yesterday"), row(3, ts="2021-13-01T00:00:00Z"), row(4, ts="２０２１-01-01T00:00:00Z")])), new=1, set_aside={"bad_time": 4}),
    Broken("times with other zones", lambda: one(text([row(0, ts="2021-01-01T02:00:30+02:00"), row(5, ts="2021-01-01T00:05:30.250Z")])), new=2),
    Broken("before Spotify", lambda: one(text([row(0), row(5, ts="1970-01-01T00:00:00Z")])), new=1, set_aside={"too_early": 1}),
    Broken("of the future", lambda: one(text([row(0), row(5, ts="2031-01-01T00:00:00Z")])), new=1, set_aside={"future": 1}),
    Broken("nothing heard", lambda: one(text([row(0), row(5, ms_played=0)])), new=1, set_aside={"zero_ms": 1}),
    Broken("impossible lengths", lambda: one(text([row(0), row(5, ms_played=-1), row(6, ms_played=10**9), row(7, ms_played=10**30), row(8, ms_played=None)])), new=1, set_aside={"bad_ms": 4}),
    Broken("without a name or id", lambda: one(text([row(0), row(5, master_metadata_track_name=None, spotify_track_uri=None)])), new=1, set_aside={"no_name_and_no_id": 1}),
    Broken("an id that is none", lambda: one(text([row(0, spotify_track_uri="spotify:track:short"), row(5, spotify_track_uri="x", master_metadata_track_name="")])), new=1, set_aside={"no_name_and_no_id": 1}),
    Broken("NUL and half characters", lambda: one(text([row(0, platform="a\0b", spotify_track_uri=None, master_metadata_track_name="x\0y"), row(5, platform="\ud800", spotify_track_uri=None, master_metadata_track_name="\udfff z")])), new=2),
    Broken("NUL and half characters, set aside", lambda: one(text([row(0), row(5, ms_played=0, platform="a\0b\ud800"), "\ud800\0"])), new=1, set_aside={"zero_ms": 1, "not_a_row": 1}),
    Broken("a title of 100,000 letters", lambda: one(text([row(0, spotify_track_uri=None, master_metadata_track_name="ü" * 100_000)])), new=1),
    Broken("absurd start times", lambda: one(text([row(0, offline_timestamp=10**14), row(5, offline_timestamp=-5), row(9, offline_timestamp=10**25)])), new=3),
    # Good beside bad
    Broken("good beside everything else", lambda: [*one(text()), ("b.zip", b"PK\x03\x04"), ("c.pdf", b"%PDF-1.4"), ("d.json", text(UNKNOWN))], "cut off", new=3),
    Broken("a good and a cut file", lambda: [("a.zip", zipped((NAME, text()), ("x/Streaming_History_Audio_2022.json", text([row(900), row(905)])[:-30])))], "Cut after row 1", new=4),
    Broken("another file deflated wrongly", lambda: [*_damaged(), ("ok.json", text())], "checksum does not match", new=3),
]  # fmt: skip
