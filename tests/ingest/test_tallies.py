"""Tallies of tracks: always what counting all plays anew would tell, whatever happened since the file was written."""

import random
from contextlib import suppress
from datetime import timedelta

import numpy as np
import pytest

from accounts.fields import to_ms
from ingest import columns, kept, lens, tallies
from ingest.actions import counting, hide, record
from ingest.columns import files
from ingest.evidence import Evidence, Origin
from ingest.models import Play, Track, TrackChange
from tests.factories.accounts import UserFactory
from tests.factories.ingest import NOON, TrackFactory


def counted(user):
    """Play by play, by track."""
    reading = lens.read(user)
    heard = reading.heard()
    found = {}
    rows = zip(heard.track.tolist(), heard.started.tolist(), heard.counts.tolist(), heard.skips.tolist(), strict=True)
    for track, started, counts, skip in rows:
        starts, plays, skips, first, last = found.get(track, (0, 0, 0, kept.NO_MOMENT, kept.NO_MOMENT))
        if counts:
            first, last = (started if first == kept.NO_MOMENT else first), started
        found[track] = (starts + 1, plays + counts, skips + skip, first, last)
    return found


def told(user):
    reading = lens.read(user)
    all_of = tallies.of(reading)
    names = ("starts", "plays", "skips", "first", "last")
    rows = zip(reading.rack.track.tolist(), *(getattr(all_of, name).tolist() for name in names), strict=True)
    return {track: tuple(row) for track, *row in rows if row[0]}


@pytest.fixture
def hosts(settings, tmp_path):
    """Enter one host or another."""

    def enter(number):
        settings.COLUMNS_DIR = tmp_path / str(number)

    return enter


@pytest.mark.parametrize("salt", range(12))
@pytest.mark.parametrize("behind", [0, 3, 1_000])
def test_whatever_happens_every_host_counts_the_same(db, salt, behind, hosts, monkeypatch):
    monkeypatch.setattr(tallies, "_BEHIND", behind)
    chance, user = random.Random(salt), UserFactory(time_zone="Asia/Tokyo")
    tracks = [TrackFactory(duration_ms=chance.choice([None, 20_000, 200_000])) for _ in range(4)]
    hosts(0)

    def hear():
        track = chance.choice([*tracks, *([TrackFactory(duration_ms=180_000)] if chance.random() < 0.3 else [])])
        end = to_ms(NOON) + chance.choice([1, 1, 1, -1]) * chance.randrange(10**9)
        ms = chance.choice([5_000, 19_500, 40_000, 180_000])
        record.plays(user=user, evidence=[Evidence(Origin.EXPORT, track.pk, end - ms, end, ms)], now=NOON)

    def take_out():
        ids = list(Play.objects.of(user).values_list("id", flat=True))
        if ids:
            hide.plays(user=user, ids=[chance.choice(ids)], removed=chance.random() < 0.5, now=NOON)

    def learn_a_length():
        track = chance.choice(tracks)
        Track.objects.filter(pk=track.pk).update(duration_ms=chance.choice([20_000, 70_000, 300_000]))
        TrackChange.objects.create(track=track)

    def choose():
        choices = {
            "rule": chance.choice(["vibesite", "lastfm", "finished", "own"]),
            "own_seconds": 10,
            "own_percent": 0,
        }
        counting.choose(user=user, choices=choices)

    def leave_out():
        with suppress(counting.NotHeard):
            counting.leave_out(user=user, kind="track", value=chance.choice(tracks).pk)

    def move():
        user.time_zone = chance.choice(["Asia/Tokyo", "Europe/Berlin"])
        user.save()

    def rebuild():
        columns.rebuild(user)

    def restart():
        monkeypatch.setattr(tallies, "boot", lambda: str(chance.random()))

    for _step in range(30):
        chance.choice(
            [hear, hear, hear, hear, hear, take_out, learn_a_length, choose, leave_out, move, rebuild, restart]
        )()
        if chance.random() < 0.5:
            hosts(chance.randrange(2))
        assert told(user) == counted(user)


def test_after_a_play_only_that_play_is_counted(db, monkeypatch):
    monkeypatch.setattr(tallies, "_BEHIND", 0)
    user, track = UserFactory(), TrackFactory(duration_ms=200_000)

    def hear(number):
        end = to_ms(NOON + timedelta(hours=number))
        record.plays(user=user, evidence=[Evidence(Origin.POLL, track.pk, end - 180_000, end, 180_000)], now=NOON)

    for number in range(3):
        hear(number)
    told(user)
    hear(9)
    seen = []
    original = lens.Reading.heard

    def watched(self, *args, among=None, **kwargs):
        seen.append(among)
        return original(self, *args, among=among, **kwargs)

    monkeypatch.setattr(lens.Reading, "heard", watched)
    assert tallies.of(lens.read(user)).plays.tolist() == [4]
    assert tallies.of(lens.read(user)).plays.tolist() == [4]
    assert seen == [slice(3, 4)]


def test_a_file_of_more_plays_than_these_is_not_believed(db, monkeypatch):
    """A process that read the columns a moment before another one added to them."""
    monkeypatch.setattr(tallies, "_BEHIND", 0)
    user, track = UserFactory(), TrackFactory(duration_ms=200_000)
    for number in range(2):
        end = to_ms(NOON + timedelta(hours=number))
        record.plays(user=user, evidence=[Evidence(Origin.POLL, track.pk, end - 180_000, end, 180_000)], now=NOON)
        if not number:
            before = lens.read(user)
    told(user)
    assert tallies.of(before).plays.tolist() == [1]
    head, plays = files.read(columns.folder(user.pk))
    assert plays.generation == head.generation > 0
    assert np.array_equal(tallies.of(lens.read(user)).plays, [2])
