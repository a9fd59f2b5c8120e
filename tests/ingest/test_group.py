"""Grouping in the database: incremental, the same in any order, with evidence; operators' words hold for ever."""

from itertools import pairwise, permutations

import pytest
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from accounts.spotify.payloads import AlbumPayload, ArtistPayload, TrackPayload
from ingest.actions import catalogue, group
from ingest.models import Recording, RecordingCandidate, RecordingEvidence, Track, TrackChange, TrackKey
from tests.factories.ingest import TrackFactory
from vibesite.sandbox.world import Size, World

pytestmark = pytest.mark.django_db
State = RecordingCandidate.State
SONGS = [  # id, title, album, length, ISRC
    ("a", "Teardrop", "Mezzanine", 330_000, "GBAAA9800322"),
    ("b", "Teardrop", "Collected", 330_000, "GBAAA9800322"),
    ("c", "Teardrop - Remastered 2019", "Mezzanine (Deluxe)", 331_000, "GBAAA1900999"),
    ("d", "Teardrop - Live", "Live", 330_500, "GBAAA0000111"),
    ("e", "Teardrop", "Singles", 336_000, "GBAAA9800999"),
    ("f", "Angel", "Mezzanine", 379_000, "GBAAA9800322"),  # the ISRC of another song, by mistake
]


def told(key, title, album, length, isrc, artist="Massive Attack"):
    artists = [ArtistPayload(artist, artist)]
    sleeve = AlbumPayload(f"album-{album}", album, "album", "1998", 10, "", artists)
    return TrackPayload(key, f"spotify:track:{key}", title, length, False, isrc, False, 1, 1, artists, sleeve)


def groups():
    """Spotify ids that are one recording; those alone too."""
    found = {}
    for track in Track.objects.all():
        found.setdefault(track.recording_id or -track.pk, set()).add(track.spotify_id)
    return {frozenset(members) for members in found.values()}


def in_doubt():
    rows = RecordingCandidate.objects.filter(state=State.OPEN).select_related("first", "second")
    return {frozenset((row.first.spotify_id, row.second.spotify_id)) for row in rows}


def fetch(songs, now):
    return catalogue.tracks([told(*song) for song in songs], now)


def test_one_recording_by_isrc_and_by_names(now):
    fetch(SONGS, now)
    group.run(now=now)
    assert groups() == {frozenset("abc"), frozenset("d"), frozenset("e"), frozenset("f")}
    assert len(in_doubt()) == 2  # six seconds longer; and one ISRC for two titles
    how = RecordingEvidence.objects.filter(track__spotify_id="c").values_list("how", "details__title")
    assert list(how) == [("names", "teardrop")]
    assert RecordingEvidence.objects.get(track__spotify_id="a", how="isrc").details["isrc"] == "GBAAA9800322"


def test_only_the_new_and_the_changed_are_looked_at(now):
    fetch(SONGS[:2], now)
    group.run(now=now)
    TrackChange.objects.all().delete()
    assert group.run(now=now) == 0
    keys = set(TrackKey.objects.values_list("pk", flat=True))
    fetch(SONGS[2:3], now)
    assert group.run(now=now) == 1
    assert groups() == {frozenset("abc")}
    assert keys < set(TrackKey.objects.values_list("pk", flat=True))


def test_moved_tracks_are_told_to_derived_files(now):
    fetch(SONGS[:3], now)
    before = dict(Track.objects.values_list("id", "recording_id"))
    TrackChange.objects.all().delete()
    group.run(now=now)
    moved = {pk for pk, home in Track.objects.values_list("id", "recording_id") if home != before[pk]}
    assert moved == set(TrackChange.objects.values_list("track_id", flat=True)) != set()


def test_a_changed_title_leaves_its_recording_and_evidence_is_undone(now):
    fetch([SONGS[0], SONGS[2]], now)
    group.run(now=now)
    assert groups() == {frozenset("ac")}
    fetch([("c", "Teardrop - Mad Professor Remix", "Mezzanine (Deluxe)", 331_000, "GBAAA1900999")], now)
    group.run(now=now)
    assert groups() == {frozenset("a"), frozenset("c")}
    assert not RecordingEvidence.objects.filter(undone_at=None, how="names").exists()
    assert RecordingEvidence.objects.filter(undone_at=now).exists()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=some.permutations(SONGS), cuts=some.sets(some.integers(1, len(SONGS) - 1)))
def test_the_order_of_arrival_does_not_matter(now, order, cuts):
    for model in (RecordingCandidate, RecordingEvidence, TrackChange, Track, Recording):
        model.objects.all().delete()
    places = [0, *sorted(cuts), len(order)]
    for start, end in pairwise(places):
        fetch(order[start:end], now)
        group.run(now=now)
    assert groups() == {frozenset("abc"), frozenset("d"), frozenset("e"), frozenset("f")}
    assert len(in_doubt()) == 2


def test_what_operators_decide_holds_through_later_runs(now, operator, client):
    fetch(SONGS, now)
    group.run(now=now)
    pair = RecordingCandidate.objects.get(why__reason="lengths")
    client.force_login(operator)
    act = {"action": "join", "_selected_action": [pair.pk]}
    client.post(reverse("admin:ingest_recordingcandidate_changelist"), act)
    assert frozenset("abce") in groups()
    fetch([("g", "Teardrop", "Best of", 336_500, "GBAAA9800777")], now)
    group.run(now=now)
    assert frozenset("abceg") in groups()
    client.post(reverse("admin:ingest_recordingcandidate_changelist"), {**act, "action": "keep_apart"})
    fetch([("h", "Teardrop", "Best of all", 336_400, "GBAAA9800776")], now)
    group.run(now=now)
    ids = set(
        RecordingCandidate.objects.filter(pk=pair.pk).values_list("first__spotify_id", "second__spotify_id").get()
    )
    assert not any(ids <= members for members in groups())
    client.post(reverse("admin:ingest_recordingcandidate_changelist"), {**act, "action": "reopen"})
    assert frozenset("abc") in groups()


def test_operators_part_what_was_sure(now, operator, client):
    fetch(SONGS[:2], now)
    group.run(now=now)
    first, second = Track.objects.order_by("-id").values_list("id", flat=True)
    client.force_login(operator)
    row = {"first": first, "second": second, "state": "apart"}
    client.post(reverse("admin:ingest_recordingcandidate_add"), row)
    assert groups() == {frozenset("a"), frozenset("b")}
    group.run(now=now)
    assert groups() == {frozenset("a"), frozenset("b")}


def test_episodes_are_not_grouped(now):
    TrackFactory(kind=Track.Kind.EPISODE, isrc="GBAAA9800322")
    assert group.run(now=now) == 0


def test_the_sandbox_world_comes_out_as_it_is(now):
    world = World(size=Size.SMALL)
    artists, albums = ({row.id: row for row in rows} for rows in (world.artists, world.albums))
    rows = []
    for track in world.tracks[:1200]:
        album = albums[track.album_id]
        people = [[ArtistPayload(pk, artists[pk].name) for pk in each.artist_ids] for each in (track, album)]
        sleeve = AlbumPayload(album.id, album.name, album.album_type, album.release_date, 1, "", people[1])
        rows.append(
            TrackPayload(track.id, "", track.name, track.duration_ms, False, track.isrc, False, 1, 1, people[0], sleeve)
        )
    for start in range(0, len(rows), 300):
        catalogue.tracks(rows[start : start + 300], now)
        group.run(now=now)
    true: dict[str, set[str]] = {}
    for track in world.tracks[:1200]:
        true.setdefault(track.mbid, set()).add(track.id)
    of_truth, found = ({pair for each in sets for pair in permutations(each, 2)} for sets in (true.values(), groups()))
    precision, recall = len(of_truth & found) / len(found), len(of_truth & found) / len(of_truth)
    assert (precision >= 0.999, recall >= 0.95) == (True, True), (precision, recall)
