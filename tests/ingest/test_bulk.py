"""Imports by the million, here with few rows: the same plays and account as one fold, whatever interrupts them."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from django.db import connections
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from accounts import jobs
from ingest import chunks, columns, turn
from ingest.actions import bulk, naming, reconsider, record
from ingest.evidence import Evidence, Origin, TrackName
from ingest.models import HistoryImport, MergedPlay, Play, Recording, Track, TrackChange
from tests.factories.accounts import UserFactory
from tests.ingest.bulk_source import FakeRun, Killed, source_of
from tests.ingest.test_record import stored

pytestmark = pytest.mark.django_db

NOON = 1_790_000_000_000
NAMES = [
    TrackName(0, "A" * 22, "Teardrop", "Massive Attack", "Mezzanine"),
    TrackName(0, "B" * 22, "Angel", "Massive Attack", "Mezzanine"),
    TrackName(0, "C" * 22, "Teardrop", "Massive Attack", "Teardrop EP"),
    TrackName(0, None, "Teardrop", "Massive Attack", "Live"),
]


def event(origin, track, end, ms, shuffle=None, early=0):
    ended, ms = NOON + end * 5_000, ms * 10_000
    guessed = origin == Origin.POLL
    if origin == Origin.SUBMIT:  # its end is its start and what was played; that is often a guess
        early, guessed = 0, ms % 20_000 == 0
    return Evidence(origin, track, ended - ms - early * 1_000, ended, ms, is_estimate=guessed, shuffle=shuffle)


def do_import(user, files, *, run=None, history_import=None, between=None, now):
    history_import = history_import or HistoryImport.objects.create(user=user, name="my_spotify_data.zip")
    told = bulk.load(
        user=user,
        history_import=history_import,
        source=source_of(files, NAMES, between),
        run=run or FakeRun(),
        now=now,
    )
    assert told.rows == sum(len(events) for events in files)
    assert columns.check(user) == []
    return told


def with_ids(events):
    ids = naming.tracks(NAMES)
    return [replace(each, track_id=ids[each.track_id]) for each in events]


EXPORTED = st.builds(
    event,
    st.sampled_from([Origin.EXPORT, Origin.EXPORT, Origin.ACCOUNT_DATA, Origin.SUBMIT]),
    st.integers(0, 3),
    st.integers(0, 200),
    st.integers(1, 12),
    st.sampled_from([None, None, True, False]),
    st.integers(0, 2),
)
LIVE = st.builds(
    event,
    st.sampled_from([Origin.POLL, Origin.WATCH, Origin.SUBMIT]),
    st.integers(0, 3),
    st.integers(0, 200),
    st.integers(1, 12),
)
GENERATED = settings(
    max_examples=40,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def test_the_account_tells_new_duplicate_and_merged_by_file(anna, now):
    polled = event(Origin.POLL, 0, 3, 18)
    record.plays(user=anna, evidence=with_ids([polled]), now=now)
    files = [
        [event(Origin.EXPORT, 0, 0, 18), event(Origin.EXPORT, 1, 0, 10), event(Origin.EXPORT, 1, 0, 10)],
        [event(Origin.EXPORT, 1, 0, 10), event(Origin.EXPORT, 1, 900, 3)],
    ]
    told = do_import(anna, files, now=now)
    assert [(f.new, f.duplicate, f.merged) for f in told.files.values()] == [(1, 1, 1), (1, 1, 0)]
    again = do_import(anna, files, now=now)
    assert (again.new, again.duplicate, again.merged) == (0, 5, 0)
    assert (again.first_ms, again.last_ms) == (NOON - 180_000, NOON + 4_500_000)


@GENERATED
@given(st.lists(EXPORTED, min_size=1, max_size=25), st.lists(LIVE, max_size=8), st.lists(LIVE, max_size=4), st.data())
def test_an_import_ends_in_the_plays_of_one_fold(now, rows, before, during, data):
    cut = data.draw(st.integers(0, len(rows)))
    ben, anna = UserFactory(), UserFactory()
    record.plays(user=ben, evidence=with_ids([*rows, *before, *during]), now=now)
    record.plays(user=anna, evidence=with_ids(before), now=now)
    do_import(anna, [rows[:cut]], now=now)
    do_import(
        anna,
        [rows[cut:], rows[: cut // 2]],
        between=lambda: record.plays(user=anna, evidence=with_ids(during), now=now),
        now=now,
    )
    assert stored(anna) == stored(ben)
    again = do_import(anna, [rows], now=now)
    assert again.duplicate == len(rows)
    assert stored(anna) == stored(ben)


@GENERATED
@given(st.lists(EXPORTED, min_size=1, max_size=25), st.lists(LIVE, max_size=6), st.integers(0, 6), st.integers(1, 4))
def test_a_killed_import_goes_on_to_the_same_account(now, monkeypatch_session, rows, before, dies_at, size):
    anna, ben = UserFactory(), UserFactory()
    for user in (anna, ben):
        record.plays(user=user, evidence=with_ids(before), now=now)
    monkeypatch_session.setattr(chunks, "rows_at_once", lambda: size)
    monkeypatch_session.setattr(bulk, "_KNOT_BATCH", size)
    whole = do_import(ben, [rows], now=now)
    history_import = HistoryImport.objects.create(user=anna, name="cut")
    run = FakeRun(dies_at=dies_at)
    committed = 0
    try:
        told = do_import(anna, [rows], run=run, history_import=history_import, now=now)
    except Killed:
        committed = dies_at
        run = FakeRun(step={"phase": "writing"} if committed else {})
        told = do_import(anna, [rows], run=run, history_import=history_import, now=now)
    assert told == whole
    assert stored(anna) == stored(ben)


@pytest.fixture
def monkeypatch_session():
    patch = pytest.MonkeyPatch()
    yield patch
    patch.undo()


@pytest.mark.django_db(transaction=True)
def test_one_import_of_a_person_at_a_time(anna, ben, now):
    def try_turn(user_id):
        try:
            with turn.of_importing(user_id):
                return "had it"
        except turn.Taken:
            return "taken"
        finally:
            connections.close_all()

    def meanwhile():
        with ThreadPoolExecutor(1) as other:
            assert other.submit(try_turn, anna.pk).result() == "taken"
            assert other.submit(try_turn, ben.pk).result() == "had it"

    do_import(anna, [[event(Origin.EXPORT, 0, 0, 18)]], between=meanwhile, now=now)
    assert Play.objects.of(anna).count() == 1
    with ThreadPoolExecutor(1) as other:
        assert other.submit(try_turn, anna.pk).result() == "had it"


def test_a_second_import_is_put_off(anna, now, monkeypatch):
    def taken(user_id):
        raise turn.Taken

    monkeypatch.setattr(turn, "of_importing", taken)
    with pytest.raises(jobs.PutOff):
        do_import(anna, [[]], now=now)


def test_details_told_by_only_one_repeat_are_kept(anna, now):
    do_import(anna, [[event(Origin.EXPORT, 0, 0, 18), event(Origin.EXPORT, 0, 0, 18, shuffle=True)]], now=now)
    assert Play.objects.get(user=anna).shuffle is True
    do_import(anna, [[event(Origin.EXPORT, 0, 0, 18, early=2)]], now=now)
    assert columns.load(anna).started.tolist() == [NOON - 182_000]
    assert not MergedPlay.objects.exists()


class Busy(FakeRun):
    """A run beside which something happens, once, after its first transaction of rows."""

    def __init__(self, happens) -> None:
        super().__init__()
        self.happens = happens

    def advance(self, done, total=None, message=None, unit=""):
        if total and self.happens:
            happens, self.happens = self.happens, None
            happens()


def test_what_comes_while_rows_are_written_is_kept_as_it_was_told(anna, ben, now):
    """A word by hand takes over a submission, which fills its blanks; those go with the submission."""
    submitted, word, row = with_ids(
        [
            event(Origin.SUBMIT, 0, 0, 6, shuffle=True),
            event(Origin.HAND, 0, 0, 6),
            event(Origin.EXPORT, 1, 100, 6),
        ]
    )
    record.plays(user=anna, evidence=[submitted], now=now)
    comes = Busy(lambda: record.plays(user=anna, evidence=[word], now=now))
    do_import(anna, [[replace(row, track_id=1)]], run=comes, now=now)
    assert Play.objects.get(user=anna, origin=Origin.HAND).shuffle is True
    record.forget(user=anna, origins=[Origin.SUBMIT], now=now)
    assert Play.objects.get(user=anna, origin=Origin.HAND).shuffle is None


def test_a_poll_that_came_meanwhile_finds_the_row_nearest_to_it(anna, ben, now):
    """It went to the account data's row at once, which is all there was."""
    told = [event(Origin.ACCOUNT_DATA, 0, 4, 6), event(Origin.POLL, 0, 16, 6), event(Origin.EXPORT, 0, 34, 6)]
    minute, poll, row = with_ids(told)
    record.plays(user=anna, evidence=[minute], now=now)
    comes = Busy(lambda: record.plays(user=anna, evidence=[poll], now=now))
    do_import(anna, [[told[2], event(Origin.EXPORT, 1, 200, 6)]], run=comes, now=now)
    record.plays(user=ben, evidence=[minute, poll, row, *with_ids([event(Origin.EXPORT, 1, 200, 6)])], now=now)
    assert stored(anna) == stored(ben)


def test_tracks_that_are_joined_while_rows_are_written_are_one_song_for_all_rows(anna, now, monkeypatch):
    first, other, _live, _bare = with_ids([event(Origin.EXPORT, track, 0, 6) for track in range(4)])
    poll = replace(first, origin=Origin.POLL, is_estimate=True, ended_ms=first.ended_ms + 100_000 * 5)
    record.plays(user=anna, evidence=[poll], now=now)

    def joined():
        recording = Recording.objects.create(name="One", created_at=now)
        tracks = Track.objects.filter(pk__in=[first.track_id, other.track_id])
        tracks.update(recording=recording)
        TrackChange.objects.bulk_create(TrackChange(track=track) for track in tracks)
        reconsider.plays_of([first.track_id, other.track_id], now=now)

    monkeypatch.setattr(chunks, "rows_at_once", lambda: 1)
    rows = [event(Origin.EXPORT, 2, 0, 6), event(Origin.EXPORT, 1, 100, 6)]
    do_import(anna, [rows], run=Busy(joined), now=now)
    assert sorted(Play.objects.of(anna).values_list("origin", flat=True)) == [Origin.EXPORT, Origin.EXPORT]
    assert MergedPlay.objects.get().origin == Origin.POLL
