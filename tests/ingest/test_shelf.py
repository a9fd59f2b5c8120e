"""The shelf follows the catalogue, whatever was cleaned away meanwhile."""

from datetime import UTC, datetime, timedelta

from django.utils import timezone

from ingest import columns, shelf
from ingest.models import ColumnsDelta, Track, TrackChange
from ingest.tasks import KEEP_CHANGES, thin_changes
from tests.factories.ingest import TrackFactory, heard

MORNING = datetime(2026, 11, 20, 8, tzinfo=UTC)


def rename(track, name):
    Track.objects.filter(pk=track.pk).update(name=name)
    TrackChange.objects.create(track=track)


def shelf_of(user):
    return shelf.load(user, columns.load(user).track)


def test_facts_and_search_follow_changes(anna):
    track = TrackFactory(name="Before", duration_ms=None)
    heard(anna, track, MORNING)
    assert shelf_of(anna).search("before").tolist() == [track.pk]
    Track.objects.filter(pk=track.pk).update(duration_ms=111)
    rename(track, "After")
    assert shelf_of(anna).search("before").tolist() == []
    assert shelf_of(anna).search("after").tolist() == [track.pk]
    assert shelf_of(anna).duration_ms.tolist() == [111]


def test_a_shelf_that_slept_through_the_cleaning_is_read_anew(anna):
    tracks = [TrackFactory(name=f"Old {number}") for number in range(3)]
    for number, track in enumerate(tracks):
        heard(anna, track, MORNING + timedelta(hours=number))
    shelf_of(anna)
    for number, track in enumerate(tracks):
        rename(track, f"New {number}")
    old = timezone.now() - KEEP_CHANGES - timedelta(days=1)
    TrackChange.objects.update(changed_at=old)
    ColumnsDelta.objects.update(created_at=old)
    assert thin_changes() > 0
    assert shelf_of(anna).search("old").size == 0
    assert shelf_of(anna).search("new").size == 3
    assert columns.check(anna) == []


def test_a_damaged_shelf_is_rebuilt(anna):
    track = TrackFactory(name="Whole")
    heard(anna, track, MORNING)
    shelf_of(anna)
    path = columns.folder(anna.pk) / "shelf"
    for damage in (b"", path.read_bytes()[:-3], b"\xff" * 200):
        path.write_bytes(damage)
        assert shelf_of(anna).search("whole").tolist() == [track.pk]
