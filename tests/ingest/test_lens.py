"""What counts, what is left out and what is hidden, against a slow and obvious count over the plays themselves."""

import gc
import weakref
from datetime import UTC, datetime, timedelta
from math import ceil
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from accounts.fields import to_ms
from ingest import counts, lens, period
from ingest.models import Counting, HiddenPlay, ListeningFilter, Play, TrackArtist, Word
from tests.factories.ingest import NOON, ArtistFactory, TrackFactory, heard

pytestmark = pytest.mark.django_db


def word(text):
    return Word.objects.get_or_create(kind=Word.Kind.REASON, text=text)[0].pk


@pytest.fixture
def library(anna):
    """Tracks of known and unknown length, each heard for many lengths, with two ends."""
    tracks = [TrackFactory(duration_ms=length) for length in (200_000, 29_000, 60_000, 700_000, None)]
    at = NOON - timedelta(days=30)
    for track in tracks:
        for seconds in (1, 14.5, 15, 28.999, 29, 30, 31, 100, 199, 240, 600):
            for reason in ("trackdone", "fwdbtn"):
                at += timedelta(hours=1)
                heard(anna, track, at, seconds=seconds, reason_end=word(reason))
    return tracks


def obvious(play, rule):
    """Whether one play counts, in plain words."""
    length, ms, over = play.track.duration_ms, play.ms_played, play.reason_end == word("trackdone")
    match rule:
        case "vibesite":
            return ms >= 30_000 or bool(length and ms >= ceil(length / 2))
        case "lastfm":
            if length:
                return length > 30_000 and (ms >= 240_000 or ms >= ceil(length / 2))
            return ms >= 240_000 or over
        case "listenbrainz":
            return ms >= 240_000 or (ms >= ceil(length / 2) if length else over)
        case "spotify":
            return ms >= 30_000
        case "finished":
            return ms >= ceil(length * 0.98) if length else over
    raise AssertionError(rule)


@pytest.mark.parametrize("rule", counts.RULES)
def test_every_rule_counts_as_it_says(anna, library, rule):
    plays = lens.read(anna, rule=rule).heard().counted
    wanted = {play.pk for play in Play.objects.of(anna).select_related("track") if obvious(play, rule)}
    assert set(plays.column("id").tolist()) == wanted
    assert 0 < len(wanted) < Play.objects.of(anna).count()


def test_own_limits(anna, library):
    Counting.objects.create(user=anna, rule=Counting.Rule.OWN, own_seconds=100, own_percent=0)
    assert set(lens.read(anna).heard().counted.ms.tolist()) == {100_000, 199_000, 240_000, 600_000}


@pytest.mark.parametrize("percent", range(1, 101))
def test_per_cent_of_a_track_are_exact(percent):
    lengths = np.array([100, 29_000, 200_000, 231_299, 5_400_000], dtype=np.int32)
    wanted = [-(-length * percent // 100) for length in lengths.tolist()]
    assert counts.own(0, percent).thresholds(lengths).tolist() == wanted


def test_skips_are_short_and_not_over(anna, library):
    plays = lens.read(anna).heard()
    short = {29_000: 28_000}
    for play_id, skipped in zip(plays.column("id").tolist(), plays.skips.tolist(), strict=True):
        play = Play.objects.select_related("track").get(pk=play_id)
        assert skipped == (play.ms_played < short.get(play.track.duration_ms, 30_000))


def test_a_filter_leaves_out_an_artist_in_every_credit(anna, library):
    guest = ArtistFactory()
    TrackArtist.objects.bulk_create(
        [
            TrackArtist(track=library[0], artist=artist, position=n)
            for n, artist in enumerate((library[0].artist, guest))
        ]
    )
    before = len(lens.read(anna).heard())
    ListeningFilter.objects.create(user=anna, kind=ListeningFilter.Kind.ARTIST, value=guest.pk)
    after = lens.read(anna).heard()
    assert library[0].pk not in after.track
    assert before - len(after) == 22
    ListeningFilter.objects.all().delete()
    assert len(lens.read(anna).heard()) == before


def test_hours_are_left_out_by_the_persons_clock(anna):
    anna.time_zone = "Asia/Kolkata"
    track = TrackFactory()
    for hour in range(24):
        heard(anna, track, datetime(2026, 3, 1, hour, 15, tzinfo=ZoneInfo("Asia/Kolkata")))
    ListeningFilter.objects.create(user=anna, kind=ListeningFilter.Kind.HOURS, value=0b111)
    plays = lens.read(anna).heard()
    assert plays.hours.hour.tolist() == list(range(3, 24))


def test_what_is_hidden_stays_hidden_when_better_evidence_comes(anna):
    from ingest.evidence import Origin

    track = TrackFactory()
    heard(anna, track, NOON, origin=Origin.POLL)
    heard(anna, track, NOON + timedelta(hours=1), origin=Origin.POLL)
    HiddenPlay.objects.create(
        user=anna, track=track, started_at=NOON, ended_at=NOON + timedelta(seconds=180), act=1, made_at=NOON
    )
    assert lens.read(anna).heard().started.tolist() == [to_ms(NOON + timedelta(hours=1))]
    heard(anna, track, NOON + timedelta(seconds=2), seconds=177)
    assert lens.read(anna).heard().started.tolist() == [to_ms(NOON + timedelta(hours=1))]
    HiddenPlay.objects.update(undone_at=NOON)
    assert len(lens.read(anna).heard()) == 2


def test_a_period_is_a_slice_of_local_days(anna):
    anna.time_zone = "America/St_Johns"
    track = TrackFactory()
    for hour in range(0, 72, 2):
        heard(anna, track, datetime(2026, 3, 7, tzinfo=UTC) + timedelta(hours=hour))
    day = period.parse("custom", first="2026-03-08", last="2026-03-08", today=NOON.date(), zone=anna.zone)
    chosen = lens.read(anna).heard(day)
    moments = [datetime(2026, 3, 7, tzinfo=UTC) + timedelta(hours=hour) for hour in range(0, 72, 2)]
    wanted = [moment for moment in moments if moment.astimezone(anna.zone).day == 8]
    assert chosen.started.tolist() == [to_ms(moment) for moment in wanted]
    assert int(np.sum(chosen.by_hour[0])) == len(chosen)


def test_credits_count_for_all_or_the_first(anna):
    track, guest = TrackFactory(), ArtistFactory()
    TrackArtist.objects.bulk_create(
        [TrackArtist(track=track, artist=artist, position=n) for n, artist in enumerate((track.artist, guest))]
    )
    heard(anna, track, NOON)
    assert np.flatnonzero(lens.read(anna).heard().totals("artists")[0]).tolist() == [track.artist_id]
    Counting.objects.create(user=anna, all_credits=True)
    plays, ms = lens.read(anna).heard().totals("artists")
    assert np.flatnonzero(plays).tolist() == sorted([track.artist_id, guest.pk])
    assert ms[guest.pk] == 180_000


def test_nothing_holds_the_arrays_when_a_request_is_over(anna, library):
    """Without help of the collector, which comes late: a page of a million plays has 60 MB."""
    gc.disable()
    try:
        reading = lens.read(anna)
        heard = reading.heard()
        assert heard.counted.where(slice(0, 5)).skips.size == heard.skips[:5].size == 5
        plays = weakref.ref(reading.plays)
        del reading, heard
        assert plays() is None
    finally:
        gc.enable()
