"""What is ready of all plays: always what going through them anew would tell, whatever happened since."""

import random
from contextlib import suppress
from datetime import timedelta

import numpy as np
import pytest

from accounts.fields import to_ms
from ingest import columns, counts, kept, lens, ready
from ingest.actions import counting, hide, record
from ingest.columns import files
from ingest.evidence import Evidence, Origin
from ingest.models import Play, Track, TrackChange
from ingest.period import Period
from tests.factories.accounts import UserFactory
from tests.factories.ingest import NOON, TrackFactory

LENGTHS = [None, 9_000, 39_000, 200_000]  # by which it is decided whether 5, 20 and 40 seconds count or are a skip
NAMES = ("started", "ended", "ms", "track", "place", "counts", "skips", "plays_by_place", "plays_by_hour", "days")


def tallied(reading):
    """Play by play, by track."""
    heard = reading.heard()
    found = {}
    rows = zip(heard.track.tolist(), heard.started.tolist(), heard.counts.tolist(), heard.skips.tolist(), strict=True)
    for track, started, is_play, is_skip in rows:
        starts, plays, skips, first, last = found.get(track, (0, 0, 0, kept.NO_MOMENT, kept.NO_MOMENT))
        if is_play:
            first, last = (started if first == kept.NO_MOMENT else first), started
        found[track] = (starts + 1, plays + is_play, skips + is_skip, first, last)
    return found


def tallies(reading):
    names = ("starts", "plays", "skips", "first", "last")
    rows = zip(reading.rack.track.tolist(), *(getattr(reading.tallies, name).tolist() for name in names), strict=True)
    return {track: tuple(row) for track, *row in rows if row[0]}


def told(reading, period):
    """Everything that figures read, of a stretch and by several rules."""
    found = []
    for rule in (None, counts.RULES["lastfm"]):
        for asked in (None, period):
            heard = reading.heard(asked, rule=rule)
            for plays in (heard, heard.counted, heard.counted.where(slice(1, None)), heard.counted.of("tracks", 1)):
                names = (
                    "started",
                    "ended",
                    "ms",
                    "track",
                    "place",
                    "counts",
                    "skips",
                    "plays_by_place",
                    "plays_by_hour",
                )
                arrays = [
                    *(getattr(plays, name) for name in names),
                    *plays.by_place,
                    *plays.by_hour,
                    *plays.plays_by_day,
                ]
                found.append([values.tolist() for values in arrays])
    return found


@pytest.fixture
def hosts(settings, tmp_path):
    """Enter one host or another."""

    def enter(number):
        settings.COLUMNS_DIR = tmp_path / str(number)

    return enter


@pytest.mark.parametrize("salt", range(6))
@pytest.mark.parametrize("behind", [0, 3, 1_000])
def test_whatever_happens_every_host_counts_the_same(db, salt, behind, hosts, monkeypatch):
    monkeypatch.setattr(ready, "_ROOM", behind)
    chance, user = random.Random(salt), UserFactory(time_zone="Asia/Tokyo")
    tracks = [TrackFactory(duration_ms=chance.choice(LENGTHS)) for _ in range(4)]
    hosts(0)
    clock = [to_ms(NOON)]

    def hear():
        track = chance.choice([*tracks, *([TrackFactory(duration_ms=180_000)] if chance.random() < 0.3 else [])])
        clock.append(clock[-1] + chance.randrange(10**8))
        end = clock[-1] if chance.random() < 0.9 else chance.randrange(clock[0], clock[-1])
        ms = chance.choice([5_000, 20_000, 40_000])
        record.plays(user=user, evidence=[Evidence(Origin.EXPORT, track.pk, end - ms, end, ms)], now=NOON)

    def take_out():
        ids = list(Play.objects.of(user).values_list("id", flat=True))
        if ids:
            hide.plays(user=user, ids=[chance.choice(ids)], removed=chance.random() < 0.5, now=NOON)

    def learn_a_length():
        learn(duration_ms=chance.choice(LENGTHS))

    def learn_a_kind():
        learn(kind=chance.choice([Track.Kind.MUSIC, Track.Kind.EPISODE]))

    def learn(**fact):
        track = chance.choice(tracks)
        Track.objects.filter(pk=track.pk).update(**fact)
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
        name = str(chance.random())
        monkeypatch.setattr(ready, "boot", lambda: name)

    for _step in range(30):
        others = [take_out, learn_a_length, learn_a_length, learn_a_kind, choose, leave_out, move, rebuild, restart]
        chance.choice([*[hear] * 6, *others])()
        if chance.random() < 0.5:
            hosts(chance.randrange(2))
        rule = chance.choice(["", "", "spotify"])
        reading, direct = lens.read(user, rule=rule), lens.read(user, rule=rule)
        vars(direct)["_file"] = None
        day = NOON.date() + timedelta(days=chance.randrange(30))
        period = Period("custom", day, day + timedelta(days=chance.randrange(12)), user.zone)
        assert told(reading, period) == told(direct, period)
        assert tallies(reading) == tallied(direct)
        for name in ready.WORDS:
            assert reading.words(name).tolist() == np.bincount(reading.plays[name]).tolist()


def test_after_a_play_only_that_play_is_counted(db, monkeypatch):
    user, track = UserFactory(), TrackFactory(duration_ms=200_000)

    def hear(number):
        end = to_ms(NOON + timedelta(hours=number))
        record.plays(user=user, evidence=[Evidence(Origin.POLL, track.pk, end - 180_000, end, 180_000)], now=NOON)

    for number in range(3):
        hear(number)
    lens.read(user).heard()
    hear(9)
    seen = []
    original = lens.Reading._looked_through

    def watched(self, asked):
        seen.append(asked)
        return original(self, asked)

    monkeypatch.setattr(lens.Reading, "_looked_through", watched)
    assert lens.read(user).tallies.plays.tolist() == [4]
    assert lens.read(user).tallies.plays.tolist() == [4]
    assert set(map(str, seen)) == {"slice(3, 4, None)"}


def test_a_file_of_more_plays_than_these_is_not_believed(db, monkeypatch):
    """A process that read the columns a moment before another one added to them."""
    monkeypatch.setattr(ready, "_ROOM", 0)
    user, track = UserFactory(), TrackFactory(duration_ms=200_000)
    for number in range(2):
        end = to_ms(NOON + timedelta(hours=number))
        record.plays(user=user, evidence=[Evidence(Origin.POLL, track.pk, end - 180_000, end, 180_000)], now=NOON)
        if not number:
            before = lens.read(user)
    lens.read(user).heard()
    assert before.tallies.plays.tolist() == [1]
    head, plays = files.read(columns.folder(user.pk))
    assert plays.generation == head.generation > 0
    assert np.array_equal(lens.read(user).tallies.plays, [2])


def test_nothing_is_left_of_whoever_has_gone_meanwhile(db):
    user, track = UserFactory(), TrackFactory(duration_ms=200_000)
    end = to_ms(NOON)
    record.plays(user=user, evidence=[Evidence(Origin.POLL, track.pk, end - 180_000, end, 180_000)], now=NOON)
    reading = lens.read(user)
    columns.forget(user)
    reading.heard()
    assert not columns.folder(user.pk).exists()
