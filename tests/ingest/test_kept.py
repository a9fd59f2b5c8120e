"""The file of what a person keeps: never anything else than the database holds, on whatever host."""

import random
from datetime import timedelta

import pytest

from accounts.fields import to_ms
from ingest import columns, kept, mapped, shelf
from ingest.actions import sources
from ingest.models import SourceTrack, TrackSource
from tests.factories.accounts import UserFactory
from tests.factories.ingest import NOON, TrackFactory


def stored(user):
    """What the database holds, row by row."""
    rows = SourceTrack.objects.filter(source__user=user, track__isnull=False).select_related("source")
    return sorted(
        (row.source_id, row.track_id, kept.NO_MOMENT if row.added_at is None else to_ms(row.added_at)) for row in rows
    )


def told(user):
    found = kept.load(user)
    assert sorted(found.lists) == sorted(TrackSource.objects.of(user).values_list("pk", flat=True))
    for pk, span in found.spans.items():
        assert set(found.source[span].tolist()) == {pk}
    return sorted(zip(found.source.tolist(), found.track.tolist(), found.added.tolist(), strict=True))


@pytest.fixture
def hosts(settings, tmp_path):
    """Enter one host or another."""

    def enter(number):
        settings.COLUMNS_DIR = tmp_path / str(number)

    return enter


@pytest.mark.parametrize("salt", range(8))
def test_whatever_is_written_every_host_tells_it(db, salt, hosts):
    chance, user = random.Random(salt), UserFactory()
    tracks = [track.pk for track in TrackFactory.create_batch(6)]
    lists = [TrackSource.objects.create(user=user, kind="playlist", name=f"{n}", spotify_id=f"{n}") for n in range(3)]
    other = TrackSource.objects.create(user=UserFactory(), kind="liked")
    SourceTrack.objects.create(source=other, position=0, track_id=tracks[0])

    def entries():
        ms = [None, *(to_ms(NOON - timedelta(milliseconds=chance.randrange(10**9))) for _ in range(3))]
        chosen = chance.sample([*tracks, None], chance.randrange(5))
        return [sources.Entry("", pk, chance.choice(ms), False) for pk in chosen]

    def store(source):
        sources.store(source, entries(), now=NOON)

    def update(source):
        SourceTrack.objects.filter(source=source, position=0).update(track=chance.choice(tracks))

    def add(source):
        SourceTrack.objects.create(source=source, position=90 + chance.randrange(10**6), track_id=chance.choice(tracks))

    def remove(source):
        SourceTrack.objects.filter(source=source).delete()

    def leave(source):
        TrackSource.objects.filter(pk=source.pk).delete()
        lists[lists.index(source)] = TrackSource.objects.create(user=user, kind="list", name="again")

    for _step in range(25):
        chance.choice([store, store, update, add, remove, leave])(chance.choice(lists))
        hosts(chance.randrange(2))
        assert told(user) == stored(user)


def test_a_list_that_did_not_change_is_not_read_again(db, django_assert_num_queries):
    user = UserFactory()
    liked, trip = (TrackSource.objects.create(user=user, kind=kind) for kind in ("liked", "playlist"))
    for source in (liked, trip):
        sources.store(source, [sources.Entry("", TrackFactory().pk, None, False)], now=NOON)
    kept.load(user)
    with django_assert_num_queries(1):
        first = kept.load(user)
    sources.store(trip, [], now=NOON)
    with django_assert_num_queries(2):
        second = kept.load(user)
    assert second.track.tolist() == first.track[first.spans[liked.pk]].tolist()
    with django_assert_num_queries(1):
        assert kept.load(user).spans.keys() == {liked.pk}


def test_who_stores_a_list_leaves_the_files_ready(
    db, django_capture_on_commit_callbacks, django_assert_max_num_queries
):
    user, tracks = UserFactory(), TrackFactory.create_batch(3)
    liked = TrackSource.objects.create(user=user, kind="liked")
    with django_capture_on_commit_callbacks(execute=True):
        sources.store(liked, [sources.Entry("", track.pk, None, False) for track in tracks], now=NOON)
    with django_assert_max_num_queries(1):
        kept_tracks = kept.load(user).track
    assert sorted(kept_tracks.tolist()) == sorted(track.pk for track in tracks)
    with django_assert_max_num_queries(1):
        rack = shelf.load(user, kept_tracks, name="shelf-library")
    assert rack.track.tolist() == sorted(track.pk for track in tracks)


@pytest.mark.parametrize("harm", [lambda raw: b"", lambda raw: raw[:-1], lambda raw: b"9" * len(raw)])
def test_a_damaged_file_is_made_anew(db, harm):
    user = UserFactory()
    TrackSource.objects.create(user=user, kind="liked").entries.create(position=0, track=TrackFactory())
    assert told(user) == stored(user) != []
    path = columns.folder(user.pk) / "kept"
    path.write_bytes(harm(path.read_bytes()))
    assert told(user) == stored(user)


def test_after_a_start_of_the_machine_the_bytes_are_compared_once(db, monkeypatch, tmp_path):
    user = UserFactory()
    TrackSource.objects.create(user=user, kind="liked").entries.create(position=0, track=TrackFactory())
    told(user)
    path = columns.folder(user.pk) / "kept"
    raw = bytearray(path.read_bytes())
    raw[raw.rindex(stored(user)[0][1].to_bytes(4, "little"))] ^= 1  # a track changed on the disk
    monkeypatch.setattr(mapped, "boot", lambda: "another")
    assert told(user) == stored(user)
    path.write_bytes(bytes(raw))
    monkeypatch.setattr(mapped, "boot", lambda: "a third")
    assert told(user) == stored(user)
