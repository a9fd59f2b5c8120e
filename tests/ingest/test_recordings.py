"""What a person says about recordings counts for them, stands through later plays and runs, and can be taken back."""

from datetime import UTC, datetime, timedelta

import pytest
from django.template.loader import render_to_string
from django.urls import reverse

from ingest import columns, lens, shelf
from ingest.actions import group, recordings
from ingest.models import OwnGrouping, RecordingCandidate, Track
from tests.factories.ingest import AlbumFactory, ArtistFactory, TrackFactory, heard

MORNING = datetime(2026, 11, 20, 8, tzinfo=UTC)


@pytest.fixture
def songs(anna, ben, now):
    """Two releases of one title, six seconds apart; both heard by Anna, one by Ben."""
    artist = ArtistFactory(name="Cher")
    songs = [
        TrackFactory(name="Believe", album=AlbumFactory(artist=artist), duration_ms=ms, refreshed_at=now)
        for ms in (200_000, 206_000)
    ]
    for number, track in enumerate((*songs, songs[1])):
        heard(anna, track, MORNING + timedelta(hours=number))
    heard(ben, songs[0], MORNING)
    group.run(now=now)
    return songs


def counted(user):
    """Track id to the id it counts under."""
    rack = shelf.load(user, columns.load(user).track)
    return dict(zip(rack.track.tolist(), shelf.group_of(user, rack).tolist(), strict=True))


def say(client, track, other, answer, **more):
    told = {"track": track.pk, "other": other.pk if other else "", "answer": answer, **more}
    return client.post(reverse("ingest:recordings-say"), told)


def test_a_pair_heard_is_asked_about_once(client, anna, ben, songs):
    client.force_login(ben)
    assert not client.get(reverse("ingest:recordings")).context["review"].questions
    client.force_login(anna)
    page = client.get(reverse("ingest:recordings"))
    (question,) = page.context["review"].questions
    assert (question.one.track, question.one.plays, question.other.plays) == (songs[1], 2, 1)
    assert "6.0 seconds apart" in page.content.decode()
    say(client, songs[0], songs[1], "apart")
    page = client.get(reverse("ingest:recordings"))
    assert not page.context["review"].questions
    assert len(page.context["words"]) == 1


def test_joined_by_a_person_holds_for_later_plays_and_runs(client, anna, ben, songs, now):
    client.force_login(anna)
    say(client, songs[1], songs[0], "same")
    assert set(counted(anna).values()) == {songs[0].pk}
    assert counted(ben) == {songs[0].pk: songs[0].pk}
    third = TrackFactory(name="Believe - Remastered 2023", album=songs[1].album, duration_ms=206_500, refreshed_at=now)
    heard(anna, third, MORNING + timedelta(hours=9))
    group.run(now=now)
    assert set(counted(anna).values()) == {songs[0].pk}
    word = OwnGrouping.objects.get()
    client.post(reverse("ingest:recordings-undo", args=[word.pk]))
    assert counted(anna) == {songs[0].pk: songs[0].pk, songs[1].pk: songs[1].pk, third.pk: songs[1].pk}


def test_kept_apart_by_a_person_holds_when_all_others_join_them(client, anna, ben, songs, operator, now):
    client.force_login(anna)
    say(client, songs[0], songs[1], "apart")
    heard(ben, songs[1], MORNING + timedelta(hours=5))
    pairs = list(RecordingCandidate.objects.all())
    group.decide_all(pairs=pairs, state=RecordingCandidate.State.JOINED, by=operator, now=now)
    assert len(set(counted(ben).values())) == 1
    assert len(set(counted(anna).values())) == 2
    group.run(now=now)
    heard(anna, songs[0], MORNING + timedelta(hours=7))
    assert len(set(counted(anna).values())) == 2


def test_the_panel_says_why_and_splits_off(client, anna, songs, now):
    twin = TrackFactory(
        name="Believe", album=AlbumFactory(artist=songs[0].artist), duration_ms=201_000, refreshed_at=now
    )
    heard(anna, twin, MORNING + timedelta(hours=6))
    group.run(now=now)
    client.force_login(anna)
    joined = recordings.of_track(lens.read(anna), Track.objects.get(pk=twin.pk))
    assert {side.track for side in joined.sides} == {songs[0], twin}
    assert {reason for side in joined.sides for reason in side.reasons} == {"Same title and artists, 1.0 seconds apart"}
    panel = render_to_string("ingest/_recording_tracks.html", {"joined": joined, "here": "/log/"})
    assert panel.count("Split off") == 2
    assert "1.0 seconds apart" in panel
    say(client, twin, None, "apart")
    joined = recordings.of_track(lens.read(anna), twin)
    assert [side.track for side in joined.sides] == [twin]
    assert [word.track for word in joined.words] == [twin]
    say(client, twin, songs[0], "same")  # the last word stands
    assert {side.track for side in recordings.of_track(lens.read(anna), twin).sides} == {songs[0], twin}
    assert OwnGrouping.objects.of(anna).standing().count() == 1


def test_only_what_was_heard_can_be_said(client, anna, ben, songs):
    client.force_login(ben)
    assert say(client, songs[1], songs[0], "same").status_code == 404
    client.force_login(anna)
    assert say(client, songs[0], songs[0], "same").status_code == 404
    assert say(client, songs[0], None, "same").status_code == 404
    assert say(client, songs[0], songs[1], "perhaps").status_code == 302
    assert not OwnGrouping.objects.exists()


def test_the_way_back_stays_here(client, anna, songs):
    client.force_login(anna)
    assert say(client, *songs, "same", next="/log/").url == "/log/"
    for elsewhere in ("https://elsewhere.example/", "log"):
        assert say(client, *songs, "same", next=elsewhere).url == reverse("ingest:recordings")
