"""Bringing a list: rows are found among what is known, doubts are asked about, the rest is told by artist."""

import csv
import io
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from accounts.actions import depart
from accounts.models import Job, SpotifyApp, User
from accounts.spotify.gateway import SpotifyGateway
from ingest.actions import export_words, fetch, forget, group, lists
from ingest.importers import lists_brought
from ingest.models import Artist, ListRow, Recording, SourceTrack, Track, TrackArtist, TrackChange, TrackSource, Wanted
from tests.factories.accounts import SpotifyConnectionFactory
from tests.factories.ingest import NOON, AlbumFactory, ArtistFactory, TrackFactory

ID = "4iV5W9uYEdYUVa79Axb7Rh"


@pytest.fixture
def radiohead(db: None) -> dict[str, Track]:
    """Creep, once; Nude in a studio and a live recording; Lotus Flower as one recording on two albums."""
    artist = ArtistFactory(name="Radiohead")
    studio, live, best = (
        AlbumFactory(name=name, artist=artist) for name in ("In Rainbows", "From the Basement", "Best")
    )
    lotus = Recording.objects.create(name="Lotus Flower", isrc="GBAYE1100001")
    made = {
        "Creep": TrackFactory(name="Creep", album=AlbumFactory(name="Pablo Honey", artist=artist), duration_ms=238_000),
        "studio": TrackFactory(name="Nude", album=studio, duration_ms=255_000),
        "live": TrackFactory(name="Nude", album=live, duration_ms=300_000),
        "lotus": TrackFactory(name="Lotus Flower", album=studio, recording=lotus),
        "again": TrackFactory(name="Lotus Flower", album=best, recording=lotus),
        "Remaster": TrackFactory(name="Airbag - 2017 Remaster", album=best),
        "Duet": TrackFactory(name="Duet", album=best),
    }
    for track in made.values():
        TrackArtist.objects.create(track=track, artist=artist, position=0)
        TrackChange.objects.create(track=track)
    TrackArtist.objects.create(track=made["Duet"], artist=ArtistFactory(name="Björk"), position=1)
    Track.objects.update(refreshed_at=NOON)
    group.run(now=NOON)
    return made


@pytest.fixture
def brought(anna: User, run_jobs: Callable[..., list[Job]]) -> Callable[[str], TrackSource]:
    """A list out of a text, as it is after its job."""

    def bring(text: str) -> TrackSource:
        (source,) = lists.bring(user=anna, lists=lists_brought.read(text.encode(), "Mine.csv"))
        fetch.start_fetch(user=anna, sources=[source])
        for job in run_jobs("fetch_tracks"):
            assert job.state == Job.State.DONE, job.error + job.traceback
        source.refresh_from_db()
        return source

    return bring


ROWS = [
    ("Radiohead", "Creep", "", "Creep"),
    ("RADIOHEAD", "creep", "Pablo Honey", "Creep"),
    ("Radiohead", "Creep", "A compilation", "Creep"),
    ("Creep", "Radiohead", "", "Creep"),
    ("Radiohead; Somebody", "Creep", "", None),
    ("Radiohead, Björk", "Duet", "", "Duet"),
    ("Björk", "Duet", "", "Duet"),
    ("Radiohead", "Duet (feat. Björk)", "", "Duet"),
    ("Radiohead", "Nude", "In Rainbows", "studio"),
    ("Radiohead", "Nude", "from the basement", "live"),
    ("Radiohead", "Nude", "", None),
    ("Radiohead", "Nude", "Another", None),
    ("Radiohead", "Lotus Flower", "Best", "again"),
    ("Radiohead", "Lotus Flower", "", "lotus"),
    ("Radiohead", "Airbag", "", "Remaster"),
    ("Radiohead", "Creep (Live at Reading)", "", None),
    ("Portishead", "Creep", "", None),
    ("Radiohead", "Unheard", "", None),
]


@pytest.mark.parametrize(("artist", "title", "album", "name"), ROWS)
def test_a_row_is_found_by_its_names(radiohead, brought, artist, title, album, name):
    text = io.StringIO()
    csv.writer(text).writerows([("artist", "title", "album"), (artist, title, album)])
    source = brought(text.getvalue())
    row = ListRow.objects.get()
    assert row.track == (radiohead[name] if name else None), row.candidates
    assert [entry.track for entry in source.entries.all()] == [row.track]
    assert bool(row.problem) == (name is None)
    assert Track.objects.count() == len(radiohead)


@pytest.mark.parametrize(
    ("columns", "name"),
    [
        ({"isrc": "gb-aye-11-00001", "title": "?"}, "lotus"),
        ({"artist": "Radiohead", "title": "Nude", "time": "4:15"}, "studio"),
        ({"artist": "Radiohead", "title": "Nude", "time": "300"}, "live"),
        ({"artist": "Radiohead", "title": "Nude", "time": "1:00"}, None),
    ],
)
def test_a_row_is_found_by_isrc_or_length(radiohead, brought, columns, name):
    brought(f"{','.join(columns)}\n{','.join(columns.values())}\n")
    assert ListRow.objects.get().track == (radiohead[name] if name else None)


def test_an_id_that_is_known_is_that_track(radiohead, brought):
    source = brought(f"https://open.spotify.com/intl-de/track/{radiohead['Creep'].spotify_id}?si=x")
    assert source.entries.get().track == radiohead["Creep"]


def test_an_id_told_with_names_becomes_known(brought):
    brought(f"Track URI,Track Name,Artist Name(s),Album Name\nspotify:track:{ID},Song,One; Two,Record\n")
    track = Track.objects.get(spotify_id=ID)
    assert (track.name, track.artist.name, track.album.name) == ("Song", "One", "Record")
    assert ListRow.objects.get().track == track
    assert Wanted.objects.filter(track=track).exists()


def test_a_band_is_not_taken_apart_where_it_is_known(brought):
    Artist.objects.create(name="Tyler, The Creator", name_key="tyler, the creator")
    brought(f'Track URI,Track Name,Artist Name(s)\nspotify:track:{ID},Song,"Tyler, The Creator"\n')
    assert Track.objects.get().artist.name == "Tyler, The Creator"


def test_what_nobody_knows_is_not_invented(brought):
    source = brought(f"Nobody – Nothing\nspotify:track:{ID}\njust words\n")
    assert not Track.objects.exists()
    assert not Artist.objects.exists()
    rows = ListRow.objects.order_by("position")
    assert [row.problem for row in rows] == ["unknown", "unasked", "nameless"]
    assert source.total == 3
    assert fetch.track_ids(source, now=NOON) == []


def test_fetching_again_finds_what_became_known_since(brought, anna, run_jobs, radiohead):
    source = brought("Somebody – New\nRadiohead – Creep\n")
    late = TrackFactory(name="New", album=AlbumFactory(artist=ArtistFactory(name="Somebody")))
    fetch.start_fetch(user=anna, sources=[source])
    job = run_jobs("fetch_tracks")[0]
    assert fetch.track_ids(source, now=NOON) == [late.pk, radiohead["Creep"].pk]
    assert (job.result["tracks"], job.result["changed"], job.result["not_found"]) == (2, 1, 0)


def test_a_part_of_a_bands_name_is_not_the_band(radiohead, brought):
    """An artist called so as well, of whose credits all are known, or only the main one."""
    TrackFactory(name="September", album=AlbumFactory(artist=ArtistFactory(name="Earth")), refreshed_at=NOON)
    TrackFactory(name="September", album=AlbumFactory(name="Best", artist=ArtistFactory(name="Wind")))
    brought('artist,title,album\n"Earth, Wind & Fire",September,\n"Wind, Someone",September,Best\n')
    first, second = ListRow.objects.order_by("position")
    assert (first.track, first.problem, len(first.candidates)) == (None, "several", 1)
    assert second.track.artist.name == "Wind"


def test_repeats_are_kept_and_counted(brought, radiohead):
    source = brought("Radiohead – Creep\nRadiohead – Creep\n")
    assert source.entries.count() == 2
    assert Job.objects.get().result["repeats"] == 1


def test_ten_thousand_rows(brought, radiohead):
    lines = ["Title,Artist", *(f"Song {number},Band" for number in range(9_999)), "Creep,Radiohead"]
    source = brought("\n".join(lines))
    assert source.total == SourceTrack.objects.count() == 10_000
    assert list(ListRow.objects.filter(problem="").values_list("position", flat=True)) == [9_999]


def test_a_list_comes_back_as_it_was_out_of_an_export(brought, radiohead, anna):
    source = brought("Title,Artist,Album\nCreep,Radiohead,\nNumb,Portishead,Dummy\n")
    data = json.dumps({"playlist": export_words.jspf(source)["playlist"]}).encode()
    (again,) = lists_brought.read(data, "9.jspf")
    assert again.name == "Mine"
    assert [(row.title, row.artist) for row in again.rows] == [("Creep", "Radiohead"), ("Numb", "Portishead")]
    assert again.rows[0].spotify_id == radiohead["Creep"].spotify_id


def test_disconnecting_leaves_what_the_person_brought(brought, radiohead, anna):
    connection = SpotifyConnectionFactory(user=anna)
    source = brought("Radiohead – Creep")
    album = TrackSource.objects.create(user=anna, connection=connection, kind="album", spotify_id="x")
    SourceTrack.objects.create(source=album, position=0, track=radiohead["Creep"])
    depart.disconnect(connection=connection, now=NOON)
    assert [*TrackSource.objects.all()] == [source]
    assert fetch.track_ids(source, now=NOON) == [radiohead["Creep"].pk]
    forget.listening(user=anna, connection=None, dry_run=False)
    assert not ListRow.objects.exists()


class TestLinks:
    """Links alone: Spotify is asked for their names, within the budget."""

    def test_are_asked_for_at_spotify(self, connection, spotify, brought):
        known, other = spotify.world.tracks[:2]
        source = brought(
            f"spotify:track:{known.id}\nspotify:track:{other.id}\nspotify:track:{ID}\nspotify:track:{known.id}"
        )
        found = list(source.entries.values_list("track__spotify_id", flat=True))
        assert found == [known.id, other.id, None, known.id]
        track = Track.objects.select_related("artist", "album").get(spotify_id=known.id)
        assert all((track.name, track.artist, track.album, track.duration_ms))
        assert ListRow.objects.get(position=2).problem == "gone"
        assert len(spotify.requests("/v1/tracks/*")) == 3

    def test_wait_where_the_budget_is_spent_and_go_on_by_themselves(self, connection, spotify, brought, run_jobs):
        SpotifyApp.objects.update(daily_calls=8, interactive_reserve=0)
        source = brought("\n".join(f"spotify:track:{track.id}" for track in spotify.world.tracks[:20]))
        left = ListRow.objects.filter(problem="unasked").count()
        assert 0 < left < 20
        SpotifyApp.objects.update(daily_calls=5000)
        assert fetch.start_waiting(now=timezone.now()) == 0
        assert fetch.start_waiting(now=timezone.now() + timedelta(days=1, hours=1)) == 1
        run_jobs("fetch_tracks")
        assert not ListRow.objects.exclude(problem="").exists()
        assert source.entries.filter(track=None).count() == 0

    def test_a_stop_keeps_what_was_asked(self, connection, spotify, anna, run_jobs, monkeypatch):
        from accounts import jobs

        monkeypatch.setattr(jobs, "WRITE_EVERY_S", 0.0)
        text = "\n".join(f"spotify:track:{track.id}" for track in spotify.world.tracks[:3])
        (source,) = lists.bring(user=anna, lists=lists_brought.read(text.encode()))
        (job,) = fetch.start_fetch(user=anna, sources=[source])
        whole = SpotifyGateway.track

        def stopped(self, track_id):
            Job.objects.filter(pk=job.pk).update(cancel_requested=True)
            return whole(self, track_id)

        monkeypatch.setattr(SpotifyGateway, "track", stopped)
        run_jobs("fetch_tracks")
        job.refresh_from_db()
        assert job.state == Job.State.CANCELLED
        assert [row.problem for row in ListRow.objects.order_by("position")] == ["", "unasked", "unasked"]

    def test_trouble_at_spotify_leaves_the_list(self, connection, spotify, brought, radiohead):
        spotify.fault(status=500, path="/v1/tracks/*")
        source = brought(f"Radiohead – Creep\nspotify:track:{spotify.world.tracks[0].id}")
        assert [row.problem for row in ListRow.objects.order_by("position")] == ["", "unasked"]
        assert source.entries.first().track == radiohead["Creep"]


class TestPages:
    @pytest.fixture(autouse=True)
    def _signed_in(self, anna: User, client: Client) -> None:
        client.force_login(anna)

    def upload(self, client: Client, *files: tuple[str, bytes], **fields: str) -> Any:
        data = {"files": [SimpleUploadedFile(name, content) for name, content in files], "name": "", "pasted": ""}
        return client.post("/library/lists/new/", data | fields)

    def test_a_file_becomes_a_source_with_a_report(self, client, anna, radiohead, run_jobs):
        text = "Title;Artist\nCreep;Radiohead\nNude;Radiohead\nNumb;Portishead\n=1+1;Abba\n"
        answer = self.upload(client, ("road_trip.csv", text.encode("utf-16")))
        source = TrackSource.objects.get()
        assert answer.status_code == 302
        assert answer.url == f"/library/sources/{source.pk}/"
        assert (source.user, source.kind, source.name, source.included) == (anna, "list", "road trip", True)
        assert "About to be read" in client.get(answer.url).content.decode()
        run_jobs("fetch_tracks")
        page = client.get(answer.url).content.decode()
        assert "1 of 4 rows are tracks that are known here" in page
        assert page.index("Abba") < page.index("Portishead")
        assert "Could be one of several" in page
        assert "From the Basement" in page
        report = b"".join(client.get(f"/library/sources/{source.pk}/not-found.csv").streaming_content)
        rows = list(csv.reader(io.StringIO(report.decode("utf-8-sig"))))
        assert [row[:2] for row in rows] == [
            ["artist", "title"],
            ["Abba", "'=1+1"],
            ["Portishead", "Numb"],
            ["Radiohead", "Nude"],
        ]
        assert "3 not found" in client.get("/library/").content.decode()

    def test_what_a_person_says_holds_and_can_be_taken_back(self, client, anna, radiohead, brought, run_jobs):
        source = brought("Radiohead – Nude\n")
        row = ListRow.objects.get()
        assert set(row.candidates) == {radiohead["studio"].pk, radiohead["live"].pk}
        there = f"/library/rows/{row.pk}/"
        assert client.post(there, {"track": radiohead["Creep"].pk}).status_code == 400
        client.post(there, {"track": radiohead["live"].pk})
        assert fetch.track_ids(source, now=NOON) == [radiohead["live"].pk]
        fetch.start_fetch(user=anna, sources=[source])
        run_jobs("fetch_tracks")
        assert fetch.track_ids(source, now=NOON) == [radiohead["live"].pk]
        client.post(there, {"track": "undo"})
        assert fetch.track_ids(source, now=NOON) == []
        assert ListRow.objects.get().problem == "several"

    def test_pasted_lines_with_a_name(self, client, radiohead):
        self.upload(client, pasted="Radiohead – Creep\nhttps://spotify.link/x", name="From a friend")
        assert TrackSource.objects.get().name == "From a friend"
        assert "short link" in client.get("/library/").content.decode()

    def test_several_files_the_broken_one_is_told(self, client):
        playlists = {
            "playlists": [{"name": n, "items": [{"track": {"trackName": "a", "artistName": "b"}}]} for n in "XY"]
        }
        files = [("a.csv", b"Title,Artist\na,b"), ("b.jspf", b"{"), ("Playlist1.json", json.dumps(playlists).encode())]
        answer = self.upload(client, *files)
        assert sorted(TrackSource.objects.values_list("name", flat=True)) == ["X", "Y", "a"]
        page = client.get(answer.url).content.decode()
        assert "b.jspf: This JSON is damaged" in page
        assert "3 lists are among your sources" in page

    def test_files_have_together_no_more_rows_than_one(self, client, monkeypatch):
        monkeypatch.setattr("ingest.importers.lists_brought.MOST_ROWS", 10)
        six, four = (b"Title,Artist\n" + b"a,b\n" * count for count in (6, 4))
        answer = self.upload(client, ("a.csv", six), ("b.csv", six), ("c.csv", four), pasted="a - b")
        assert list(TrackSource.objects.order_by("pk").values_list("name", "total")) == [("a", 6), ("c", 4)]
        page = client.get(answer.url).content.decode()
        assert "b.csv: Together these lists have more than 10 rows." in page

    @pytest.mark.parametrize(
        ("content", "words"),
        [
            (b"PK\x03\x04", "zip is damaged"),
            (b"<playlist>", "damaged"),
            (b"x" * 100, "names a track"),
            (b"", "nothing in"),
        ],
    )
    def test_a_damaged_file_is_told_and_nothing_kept(self, client, content, words):
        answer = self.upload(client, ("list.csv", content))
        assert answer.status_code == 422
        assert words in answer.content.decode()
        assert not TrackSource.objects.exists()
        assert not Job.objects.exists()

    def test_nothing_chosen_and_too_much(self, client, monkeypatch):
        assert "Choose a file, or paste some lines" in self.upload(client).content.decode()
        monkeypatch.setattr("ingest.importers.lists_brought.MOST_BYTES", 1_000)
        answer = self.upload(client, ("list.csv", b"x" * 2_000_000))
        assert answer.status_code == 413
        assert "Bring it in parts" in answer.content.decode()

    def test_what_was_pasted_is_not_lost(self, client):
        answer = self.upload(client, pasted="no track at all")
        assert answer.status_code == 422
        assert "no track at all" in answer.content.decode()
