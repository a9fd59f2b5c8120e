"""Imported lists: every way in which programs and people write them."""

import codecs
import json
from datetime import UTC, datetime

import pytest

from ingest.importers import lists_brought
from ingest.importers.lists_told import Told

ID, OTHER = "4iV5W9uYEdYUVa79Axb7Rh", "07nog2WGKrjfn9T4q2xpC8"
LONG_AGO = datetime(2018, 12, 23, 10, 12, 16, tzinfo=UTC)


def one(text: str | bytes, name: str = "") -> list[Told]:
    data = text if isinstance(text, bytes) else text.encode()
    (brought,) = lists_brought.read(data, name)
    return brought.rows


def names(rows: list[Told]) -> list[tuple[str, str, str]]:
    return [(row.spotify_id, row.artist, row.title) for row in rows]


# What each program writes, shortened to two rows.
EXPORTIFY_OLD = (
    '"Track URI","Track Name","Artist URI(s)","Artist Name(s)","Album URI","Album Name","Album Artist URI(s)",'
    '"Album Artist Name(s)","Album Release Date","Disc Number","Track Number","Track Duration (ms)","Explicit",'
    '"Popularity","ISRC","Added By","Added At"\n'
    f'"spotify:track:{ID}","Get Lucky","spotify:artist:1, spotify:artist:2","Daft Punk, Pharrell Williams",'
    '"spotify:album:3","Random ""Access"" Memories","spotify:artist:1","Daft Punk","2013-05-17","1","8","369626",'
    '"false","80","USQX91300108","spotify:user:me","2018-12-23T10:12:16Z"\n'
)
EXPORTIFY_NEW = (
    "Track URI,Track Name,Album Name,Artist Name(s),Release Date,Duration (ms),Popularity,Explicit,Added By,Added At,"
    "Genres,Record Label,Danceability\n"
    f'spotify:track:{ID},Get Lucky,"Random ""Access"" Memories","Daft Punk, Pharrell Williams",2013-05-17,369626,80,'
    'false,me,2018-12-23T10:12:16Z,"disco,funk",Columbia,0.8\n'
)


@pytest.mark.parametrize(("text", "isrc"), [(EXPORTIFY_OLD, "USQX91300108"), (EXPORTIFY_NEW, "")])
def test_exportify(text, isrc):
    assert one(text) == [
        Told(
            ID,
            "Get Lucky",
            "Daft Punk, Pharrell Williams",
            'Random "Access" Memories',
            isrc,
            369_626,
            LONG_AGO,
            f"spotify:track:{ID}",
        )
    ]


TABLES = {
    "tunemymusic": (
        "Track name,Artist name,Album,Playlist name,Type,ISRC,Spotify - id\n"
        f"Creep,Radiohead,Pablo Honey,,Favorite,,{ID}"
    ),
    "soundiiz": "title;artist;album;isrc;addedDate\nCreep;Radiohead;Pablo Honey;;2018-12-23T10:12:16Z",
    "chosic": f'"#","Song","Artist","BPM","Album","Time","Spotify Track Id"\n1,Creep,Radiohead,92,,3:58,{ID}',
    "itunes": "Name\tArtist\tComposer\tAlbum\tTime\rCreep\tRadiohead\t\tPablo Honey\t238\r",
    "spreadsheet, German": "Titel;Interpret;Album\r\nCreep;Radiohead;Pablo Honey\r\n",
    "Russian": "Исполнитель,Название\nRadiohead,Creep\n",
    "with a note of its delimiter": "sep=;\ntitle;artist\nCreep;Radiohead\n",
    "title alone, with the artist in it": "Title\nRadiohead - Creep\n",
    "blank lines": "\n\nTitle,Artist\n\nCreep,Radiohead\n\n,\n",
    "upper case, underscores": "TRACK_NAME,ARTIST_NAME\nCreep,Radiohead\n",
    "pipes": "title|artist\nCreep|Radiohead\n",
    "short rows": "title,artist,album,isrc\nCreep,Radiohead\n",
    "an unnamed column of links": f"title,artist,where\nCreep,Radiohead,https://open.spotify.com/track/{ID}\n",
}


@pytest.mark.parametrize("text", TABLES.values(), ids=TABLES)
def test_tables(text):
    (row,) = one(text)
    assert (row.artist, row.title) == ("Radiohead", "Creep")
    assert row.spotify_id == (ID if ID in text else "")
    assert row.duration_ms in (None, 238_000)


def test_a_table_without_a_head_is_artist_and_title():
    (brought,) = lists_brought.read(
        b'Radiohead,Creep\n"Tyler, The Creator",EARFQUAKE\nNina Simone,Sinnerman - Live\n', "x.csv"
    )
    assert names(brought.rows) == [
        ("", "Radiohead", "Creep"),
        ("", "Tyler, The Creator", "EARFQUAKE"),
        ("", "Nina Simone", "Sinnerman - Live"),
    ]
    (brought,) = lists_brought.read("Earth, Wind & Fire – September\nCrosby, Stills – Helplessly Hoping".encode())
    assert [row.artist for row in brought.rows] == ["Earth, Wind & Fire", "Crosby, Stills"]


def test_a_table_of_several_playlists_is_several_lists():
    head = "Track name,Artist name,Playlist name,ISRC\n"
    text = head + "Creep,Radiohead,Sad,GBAYE9200070\nKids,MGMT,Glad,\nNude,Radiohead,Sad,\n"
    lists = lists_brought.read(text.encode(), "all.csv")
    assert [(each.name, [row.title for row in each.rows]) for each in lists] == [
        ("Sad", ["Creep", "Nude"]),
        ("Glad", ["Kids"]),
    ]
    assert lists[0].rows[0].isrc == "GBAYE9200070"


@pytest.mark.parametrize(
    ("encoding", "mark"),
    [
        ("utf-8", b""),
        ("utf-8", codecs.BOM_UTF8),
        ("utf-16-le", codecs.BOM_UTF16_LE),
        ("utf-16-be", codecs.BOM_UTF16_BE),
        ("utf-16-le", b""),
        ("utf-16-be", b""),
        ("utf-32-le", codecs.BOM_UTF32_LE),
        ("cp1252", b""),
    ],
)
@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_encodings(encoding, mark, ends):
    text = ends.join(["Title;Artist", "Déjà vu;Beyoncé", "Hyperballad;Björk", ""])
    assert names(one(mark + text.encode(encoding))) == [("", "Beyoncé", "Déjà vu"), ("", "Björk", "Hyperballad")]


def test_a_few_broken_bytes_do_not_turn_utf8_into_latin_1():
    text = "Title,Artist\nДождь,Ария\nSigur,R".encode() + b"\xc3"
    assert [row.title for row in one(text)] == ["Дождь", "Sigur"]


def test_a_quote_that_is_never_closed_costs_its_own_row():
    text = 'Title,Artist\n"Creep,Radiohead\n' + "".join(f"Song {n},Band\n" for n in range(50))
    rows = one(text)
    assert len(rows) == 51
    assert [row.title for row in rows[1:3]] == ["Song 0", "Song 1"]


def test_a_quote_in_the_last_row_that_was_cut_off():
    assert [row.title for row in one('Title,Artist\nCreep,Radiohead\n"Nude,Radio')][:1] == ["Creep"]


def test_cells_may_hold_lines():
    assert names(one('Title,Artist\n"Two\nlines",Band\nCreep,Radiohead\n')) == [
        ("", "Band", "Two lines"),
        ("", "Radiohead", "Creep"),
    ]


M3U = f"""#EXTM3U
#PLAYLIST:My car
#EXTINF:238,Radiohead - Creep
C:\\Music\\Radiohead\\Pablo Honey\\02 Creep.mp3
#EXTINF:-1 tvg-id="x" artist="Björk",Hyperballad
music/x.flac
#EXTART:Massive Attack
#EXTALB:Mezzanine
#EXTINF:330,Teardrop
03.ogg
# a remark

/home/me/Music/Portishead/Dummy/11 - Glory Box.flac
../Nina Simone - Sinnerman (Live).mp3
file:///home/me/Music/Sigur%20R%C3%B3s/Takk.../01.%20Glosoli.mp3
https://open.spotify.com/intl-de/track/{ID}?si=abc
spotify:track:{OTHER}
#EXTINF:180,
spotify:local:Some+One:At+Home:Demo%20%231:180
http://radio.example/stream
"""


def test_m3u():
    (brought,) = lists_brought.read(M3U.encode(), "x.m3u8")
    assert brought.name == "My car"
    assert names(brought.rows) == [
        ("", "Radiohead", "Creep"),
        ("", "Björk", "Hyperballad"),
        ("", "Massive Attack", "Teardrop"),
        ("", "Portishead", "Glory Box"),
        ("", "Nina Simone", "Sinnerman (Live)"),
        ("", "Sigur Rós", "Glosoli"),
        (ID, "", ""),
        (OTHER, "", ""),
        ("", "Some One", "Demo #1"),
        ("", "", ""),
    ]
    assert [row.duration_ms for row in brought.rows[:4]] == [238_000, None, 330_000, None]
    assert [row.album for row in brought.rows[:6]] == ["Pablo Honey", "", "Mezzanine", "Dummy", "", "Takk..."]
    assert brought.rows[-1].told == "http://radio.example/stream"


def test_m3u_in_latin_1_without_a_head():
    assert names(one("#EXTINF:10,Beyoncé - Déjà vu\r\na.mp3\r\n".encode("cp1252"))) == [("", "Beyoncé", "Déjà vu")]


@pytest.mark.parametrize(
    "identifier",
    [
        f"https://open.spotify.com/track/{ID}",
        [f"https://open.spotify.com/track/{ID}"],
        ["https://musicbrainz.org/recording/8f3471b5-7e6a-48da-86a9-c1c07a0f47ae", f"spotify:track:{ID}"],
    ],
)
def test_jspf_identifiers_may_be_one_or_several(identifier):
    track = {"identifier": identifier, "title": "Creep", "creator": "Radiohead", "album": "x", "duration": 238_000}
    text = json.dumps({"playlist": {"title": "Mine", "track": [track, {"title": 7}, None, "?"]}})
    (brought,) = lists_brought.read(text.encode())
    assert brought.name == "Mine"
    assert names(brought.rows) == [(ID, "Radiohead", "Creep"), ("", "", "7"), ("", "", ""), ("", "", "")]
    assert brought.rows[0].duration_ms == 238_000


def test_jspf_of_listenbrainz_and_ours():
    about = {
        "added_at": "2018-12-23T10:12:16+00:00",
        "additional_metadata": {"spotify_identifier": f"spotify:track:{ID}"},
    }
    page = "https://musicbrainz.org/doc/jspf#track"
    tracks = [
        {"identifier": ["urn:isrc:GBAYE9200070"], "title": "a", "extension": {page: about}},
        {"title": "b", "meta": [{page: "2018-12-23T10:12:16+00:00"}]},
        {"title": "c", "extension": [], "meta": {}, "identifier": {}, "duration": "x"},
    ]
    rows = one(json.dumps({"playlist": {"track": tracks}}))
    assert (rows[0].spotify_id, rows[0].isrc) == (ID, "GBAYE9200070")
    assert [row.added_at for row in rows] == [LONG_AGO, LONG_AGO, None]


def test_spotifys_own_export_of_playlists_and_library():
    item = {"trackName": "Creep", "artistName": "Radiohead", "albumName": "x", "trackUri": f"spotify:track:{ID}"}
    playlists = [
        {"name": "Sad", "items": [{"track": item, "addedDate": "2018-12-23"}, {"track": None, "episode": {"a": 1}}]},
        {"name": "Mine", "items": [{"track": None, "localTrack": {"uri": "spotify:local:A:B:C:10"}}, None]},
    ]
    lists = lists_brought.read(json.dumps({"playlists": playlists}).encode(), "Playlist1.json")
    assert [each.name for each in lists] == ["Sad", "Mine"]
    assert names(lists[0].rows) == [(ID, "Radiohead", "Creep"), ("", "", "")]
    assert names(lists[1].rows) == [("", "A", "C"), ("", "", "")]
    library = {"tracks": [{"artist": "Radiohead", "album": "x", "track": "Creep", "uri": f"spotify:track:{ID}"}]}
    assert names(one(json.dumps(library | {"albums": []}))) == [(ID, "Radiohead", "Creep")]


TRACK = {
    "uri": f"spotify:track:{ID}",
    "name": "Creep",
    "artists": [{"name": "Radiohead"}, {"name": "Somebody"}],
    "album": {"name": "Pablo Honey"},
    "duration_ms": 238_000,
    "external_ids": {"isrc": "GBAYE9200070"},
}
API = {
    "a playlist": {"name": "Mine", "tracks": {"items": [{"added_at": "2018-12-23T10:12:16Z", "track": TRACK}]}},
    "a playlist, as of 2026": {
        "name": "Mine",
        "items": {"items": [{"added_at": "2018-12-23T10:12:16Z", "item": TRACK}]},
    },
    "a page": {"items": [{"added_at": "2018-12-23T10:12:16Z", "track": TRACK}]},
    "a backup": [{"name": "Mine", "tracks": [{"added_at": "2018-12-23T10:12:16Z", "track": TRACK}]}],
}


@pytest.mark.parametrize("data", API.values(), ids=API)
def test_what_scripts_save_of_the_web_api(data):
    (brought,) = lists_brought.read(json.dumps(data).encode(), "Mine.json")
    assert brought.name == "Mine"
    assert brought.rows == [
        Told(
            ID,
            "Creep",
            "Radiohead; Somebody",
            "Pablo Honey",
            "GBAYE9200070",
            238_000,
            LONG_AGO,
            f"spotify:track:{ID}",
        )
    ]


def test_xspf():
    rows = one(
        f"""<?xml version="1.0" encoding="UTF-8"?>
        <playlist version="1" xmlns="http://xspf.org/ns/0/"><title>Mine</title><trackList>
        <track><title>Creep</title><creator>Radiohead &amp; co</creator><duration>238000</duration>
        <identifier>https://open.spotify.com/track/{ID}</identifier></track>
        <track><location>file:///m/Bj%C3%B6rk%20-%20Joga.mp3</location></track>
        <track/></trackList></playlist>"""
    )
    assert names(rows) == [(ID, "Radiohead & co", "Creep"), ("", "Björk", "Joga"), ("", "", "")]


PASTED = f"""https://open.spotify.com/track/{ID}?si=0123456789abcdef
https://open.spotify.com/intl-pt-BR/track/{ID}
Open.Spotify.com/track/{ID}
spotify:track:{ID} spotify:track:{OTHER}
{ID}
Radiohead – Creep
1. Radiohead - Creep
12) Radiohead — Creep
- Radiohead - Creep
Radiohead\tCreep
AC/DC - Back In Black - Live
Just a title
Radiohead – Creep: https://open.spotify.com/track/{ID}
https://spotify.link/abcDEF
https://open.spotify.com/album/{ID}
https://open.spotify.com/track/{ID}x
"""


def test_pasted_lines():
    (brought,) = lists_brought.read(PASTED.encode())
    assert names(brought.rows) == [
        *[(ID, "", "")] * 4,
        (OTHER, "", ""),
        (ID, "", ""),
        *[("", "Radiohead", "Creep")] * 5,
        ("", "AC/DC", "Back In Black - Live"),
        ("", "", "Just a title"),
        (ID, "Radiohead", "Creep"),
        *[("", "", "")] * 3,
    ]
    assert [note.split(" (")[0] for note in brought.notes] == [
        "1 short link",
        "1 link leads to an album, an artist, an episode or a playlist, not to a track.",
    ]


def test_ten_thousand_rows_are_all_there():
    text = "Title,Artist\n" + "".join(f"Song {number},Band {number % 7}\n" for number in range(10_000))
    assert [row.title for row in one(text)] == [f"Song {number}" for number in range(10_000)]


def test_a_list_without_a_name_is_called_like_its_file():
    (brought,) = lists_brought.read(b"Title,Artist\na,b", "C:\\lists\\road_trip_2024.csv")
    assert brought.name == "road trip 2024"
