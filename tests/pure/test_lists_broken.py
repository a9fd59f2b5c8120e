"""Imported lists that are packed, damaged, too large or no lists at all."""

import contextlib
import io
import json
import zipfile
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.importers import lists_brought
from ingest.importers.archive import Unreadable


def packed(*, method: int = zipfile.ZIP_DEFLATED, **files: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as target:
        for name, content in files.items():
            target.writestr(name, content)
    return stream.getvalue()


def test_a_zip_of_lists():
    playlists = {"playlists": [{"name": "Mine", "items": [{"track": {"trackName": "a", "artistName": "b"}}]}]}
    data = packed(
        **{
            "lists/b_side.csv": b"Title,Artist\nCreep,Radiohead\n",
            "a.m3u8": b"#EXTM3U\n#EXTINF:1,Radiohead - Nude\nx.mp3\n",
            "Spotify Account Data/Playlist1.json": json.dumps(playlists).encode(),
            "Spotify Account Data/Payments.json": b'{"tracks": [{"track": "secret", "artist": "x"}]}',
            "broken.csv": b"Title,Artist\n",
            "__MACOSX/a.csv": b"Title,Artist\nx,y\n",
            "README.txt": b"A - B",
        }
    )
    lists = lists_brought.read(data, "all.zip")
    assert [(each.name, [row.title for row in each.rows]) for each in lists] == [
        ("Mine", ["a"]),
        ("a", ["Nude"]),
        ("b side", ["Creep"]),
    ]
    assert [note.partition(":")[0] for note in lists[0].notes] == ["broken.csv"]


@pytest.mark.parametrize(
    "data",
    [
        packed(**{"x.pdf": b"x"}),
        packed(**{"x.csv": b"Title,Artist\n"}),
        packed(**{"x.csv": b"Title,Artist\na,b"})[:-30],
    ],
    ids=["no list", "an empty list", "cut off"],
)
def test_a_zip_without_a_list_is_told(data):
    with pytest.raises(Unreadable, match=r"zip"):
        lists_brought.read(data)


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_zip_that_is_damaged_anywhere_is_told(method):
    whole = packed(method=method, **{"x.csv": b"Title,Artist\n" + b"Creep,Radiohead\n" * 20})
    assert len(lists_brought.read(whole)[0].rows) == 20
    told = 0
    for place in range(4, len(whole)):
        damaged = whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :]
        try:
            lists_brought.read(damaged)
        except Unreadable:
            told += 1
    assert told > 20


def test_rows_are_counted_over_a_whole_upload(monkeypatch):
    monkeypatch.setattr(lists_brought, "MOST_ROWS", 10)
    four = b"Title,Artist\n" + b"a,b\n" * 4
    assert len(lists_brought.read(four, taken=6)[0].rows) == 4
    with pytest.raises(Unreadable, match="more than 10 rows"):
        lists_brought.read(four, taken=7)
    assert len(lists_brought.read(packed(**{f"{number}.csv": four for number in range(2)}), taken=2)) == 2
    with pytest.raises(Unreadable, match="more than 10 rows"):
        lists_brought.read(packed(**{f"{number}.csv": four for number in range(2)}), taken=3)


def test_a_zip_is_read_no_further_than_its_rows_may_go(monkeypatch):
    monkeypatch.setattr(lists_brought, "MOST_ROWS", 10)
    read = []
    decoded = lists_brought.decoded
    monkeypatch.setattr(lists_brought, "decoded", lambda data: read.append(data) or decoded(data))
    four = b"Title,Artist\n" + b"a,b\n" * 4
    with pytest.raises(Unreadable, match="more than 10 rows"):
        lists_brought.read(packed(**{f"{number}.csv": four for number in range(9)}))
    assert len(read) == 3


def test_a_bomb_is_not_unpacked(monkeypatch):
    monkeypatch.setattr(lists_brought, "MOST_UNPACKED", 100_000)
    with pytest.raises(Unreadable, match="too large"):
        lists_brought.read(packed(**{"x.csv": b"Title,Artist\n" + b"a,b\n" * 1_000_000}))


DAMAGED = {
    "nothing": b"",
    "blanks": b" \r\n\t\n",
    "a broken zip": b"PK\x03\x04rest",
    "an empty zip": b"PK\x05\x06" + bytes(18),
    "an archive of another kind": b"7z\xbc\xaf\x27\x1c",
    "music": b"ID3\x04\x00rest",
    "a head alone": b"Title,Artist\n",
    "JSON, cut off": b'{"playlist": {"track": [{"title": "x"}',
    "JSON of other things": b'{"a": 1}',
    "JSON, deep": b'{"a":' * 100_000,
    "brackets": b"[" * 100_000,
    "words": b"Hello\nworld\n",
    "titles alone": b"Title\nCreep\n",
    "short links alone": b"https://spotify.link/abc",
    "XML, cut off": b"<playlist><trackList><track>",
    "a web page": b"<!DOCTYPE html><html></html>",
    "XML of other things": b"<rss></rss>",
    "a bomb": b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><playlist>&a;</playlist>',
    "an empty playlist": b'{"playlist": {"title": "x", "track": []}}',
    "#EXTM3U alone": b"#EXTM3U\n",
    "too many rows": b"Title,Artist\n" + b"a,b\n" * (lists_brought.MOST_ROWS + 1),
    "too many bytes": b"x" * (lists_brought.MOST_BYTES + 1),
}


@pytest.mark.parametrize("data", DAMAGED.values(), ids=DAMAGED)
def test_damage_is_told(data):
    with pytest.raises(Unreadable, match=r"\w.*\.$"):
        lists_brought.read(data)


FAR = " " * 200_000


@pytest.mark.parametrize(
    "data",
    [
        f"a{FAR}b",
        f"a{FAR}-{FAR}b",
        f"a -{FAR}",
        f"1{FAR}b",
        f"#EXTM3U\n#EXTINF:1 {'a' * 200_000},A - B\nx.mp3",
        f"#EXTM3U\n1{FAR}.mp3",
        f"#EXTM3U\nx{FAR}b.mp3",
    ],
    ids=["a gap", "a gap on both sides", "nothing after", "a number", "an attribute", "a path's number", "a path"],
)
def test_a_long_line_is_read_in_time_that_grows_with_it(data):
    began = perf_counter()
    with contextlib.suppress(Unreadable):
        lists_brought.read(data.encode())
    assert perf_counter() - began < 5, "seconds on a busy machine; hundreds if each space is gone through anew"


def test_a_name_and_a_title_far_apart():
    (brought,) = lists_brought.read(f"Radiohead{FAR}-{FAR}Creep\nPortishead{FAR}\tGlory{FAR}Box".encode())
    assert [(row.artist, row.title) for row in brought.rows] == [("Radiohead", "Creep"), ("Portishead", "Glory Box")]


@given(st.binary(max_size=400) | st.text(max_size=400).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_no_bytes_crash_it(data):
    for head in (b"", b"Title,Artist\n", b"#EXTM3U\n", b"<playlist>", b'{"playlist": '):
        try:
            lists = lists_brought.read(head + data)
        except Unreadable:
            continue
        for row in (row for each in lists for row in each.rows):
            assert len(row.title) <= 500
            assert "\0" not in row.title + row.artist + row.album + row.told
            row.told.encode()


KEYS = ("playlist", "track", "tracks", "items", "item", "name", "uri", "identifier", "extension", "meta", "localTrack")
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=12,
)


@given(ANYTHING, st.sampled_from(KEYS))
def test_no_json_crashes_it(inside, key):
    for data in ({key: inside}, [{key: inside}], {"playlist": {"track": [{key: inside}]}}, {"tracks": [inside]}):
        try:
            lists_brought.read(json.dumps(data).encode())
        except Unreadable:
            continue
