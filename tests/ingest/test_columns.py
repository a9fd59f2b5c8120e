"""Columns equal the plays, whatever happens in whatever order, on any number of hosts."""

import builtins
import os
import shutil
from contextlib import contextmanager
from datetime import timedelta
from types import SimpleNamespace

import numpy as np
import pytest
from django.core.management import call_command
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from ingest import columns
from ingest.actions import naming, record
from ingest.columns import files
from ingest.evidence import Evidence, Origin, TrackName
from ingest.models import ColumnsDelta, HistoryImport, Play, PlayLedger
from tests.factories.accounts import UserFactory
from tests.ingest.bulk_source import FakeRun, source_of

pytestmark = pytest.mark.django_db

NOON = 1_790_000_000_000
NAMES = [TrackName(0, letter * 22, f"Title {letter}", "Somebody", "Album") for letter in "ABC"]


class Crash(BaseException):
    """The process dies here."""


@contextmanager
def dying_at(step: int):
    """Every write to the files is a step; that one is done by half, and nothing after it."""
    left = [step]

    def tick() -> bool:
        left[0] -= 1
        return left[0] < 0

    class Half:
        def __init__(self, file):
            self.file = file

        def __enter__(self):
            return self

        def __exit__(self, *problem):
            self.file.close()

        def __getattr__(self, name):
            return getattr(self.file, name)

        def write(self, data):
            if tick():
                self.file.write(bytes(data)[: len(data) // 2])
                self.file.close()
                raise Crash
            return self.file.write(data)

    def opened(path, mode="r", *rest):
        file = builtins.open(path, mode, *rest)  # noqa: SIM115
        return Half(file) if mode in ("wb", "r+b") else file

    def replaced(one, other):
        if tick():
            raise Crash
        os.replace(one, other)

    def removed(path, **options):
        if tick():
            raise Crash
        shutil.rmtree(path, **options)

    patch = pytest.MonkeyPatch()
    patch.setattr(files, "open", opened, raising=False)
    patch.setattr(files, "os", SimpleNamespace(replace=replaced))
    patch.setattr(files, "shutil", SimpleNamespace(rmtree=removed))
    try:
        yield
    except Crash:
        pass
    finally:
        patch.undo()


def heard(minute: int, track: int, origin=Origin.POLL) -> Evidence:
    end = NOON + minute * 60_000
    return Evidence(
        origin, track, end - 50_000, end, 50_000, is_estimate=origin == Origin.POLL, shuffle=bool(track % 2)
    )


def equal(user) -> bool:
    loaded, plays = columns.load(user), columns.read_plays(user.pk)
    return len(loaded) == len(plays) and all((getattr(loaded, name) == plays[name]).all() for name in columns.ROW.names)


MINUTES = st.lists(st.integers(0, 500), min_size=1, max_size=6)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("poll"), MINUTES),
        st.tuples(st.just("import"), MINUTES),
        st.tuples(st.just("forget"), st.sampled_from([Origin.POLL, Origin.EXPORT])),
        st.tuples(st.just("crash"), st.integers(0, 30)),
        st.tuples(st.just("host"), st.integers(0, 1)),
        st.tuples(st.just("thin"), st.just(0)),
        st.tuples(st.just("damage"), st.integers(0, 3)),
        st.tuples(st.just("load"), st.just(0)),
    ),
    max_size=14,
)


@settings(
    max_examples=40,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(STEPS)
def test_columns_equal_the_plays_after_any_interleaving(
    tmp_path_factory, settings, now, django_capture_on_commit_callbacks, steps
):
    user, tracks = UserFactory(), naming.tracks(NAMES)
    hosts = [tmp_path_factory.mktemp("one"), tmp_path_factory.mktemp("other")]
    settings.COLUMNS_DIR = hosts[0]
    for number, (step, told) in enumerate(steps):
        if step == "poll":
            events = [heard(minute, tracks[minute % 3]) for minute in told]
            with django_capture_on_commit_callbacks(execute=number % 3 > 0):
                record.plays(user=user, evidence=events, now=now + timedelta(seconds=number))
        elif step == "import":
            do_import(user, told, now)
        elif step == "forget":
            record.forget(user=user, origins=[told], now=now)
        elif step == "crash":
            with dying_at(told):
                columns.catch_up(user)
                columns.rebuild(user)
        elif step == "host":
            settings.COLUMNS_DIR = hosts[told]
        elif step == "thin":
            columns.thin(before=now + timedelta(days=1))
        elif step == "damage":
            damage(columns.folder(user.pk), told)
        else:
            assert equal(user)
    for host in hosts:
        settings.COLUMNS_DIR = host
        assert equal(user)
        assert columns.check(user) == []


def do_import(user, minutes, now, names=NAMES):
    from ingest.actions import bulk

    rows = [heard(minute, minute % len(names), Origin.EXPORT) for minute in minutes]
    history_import = HistoryImport.objects.create(user=user, name="x")
    bulk.load(user=user, history_import=history_import, source=source_of([rows], names), run=FakeRun(), now=now)


def damage(folder, how):
    """What a full disk, a careless hand or an old version may leave behind."""
    head = files.read_head(folder)
    if head is None:
        return
    if how == 0:
        (folder / "head").write_text("{")
    elif how == 1:
        shutil.rmtree(folder / f"g{head.generation}", ignore_errors=True)
    elif how == 2 and head.count and (folder / f"g{head.generation}").exists():
        os.truncate(folder / f"g{head.generation}" / "ms", 3)
    else:
        shutil.rmtree(folder)


def test_a_new_play_is_appended_and_an_old_one_makes_a_new_generation(anna, now, settings, tmp_path):
    settings.COLUMNS_DIR = tmp_path
    (track, *_) = naming.tracks(NAMES)
    generations = []
    for minute in (100, 200, 150):
        record.plays(user=anna, evidence=[heard(minute, track)], now=now)
        assert columns.load(anna).ended.max() <= NOON + 200 * 60_000
        generations.append(files.read_head(columns.folder(anna.pk)).generation)
    assert generations[0] == generations[1] != generations[2]
    assert columns.load(anna).started.tolist() == [NOON + m * 60_000 - 50_000 for m in (100, 150, 200)]


def test_the_longest_history_of_a_host_is_told_without_asking_anybody(anna, now, settings, tmp_path):
    settings.COLUMNS_DIR = tmp_path
    assert columns.longest() == 0
    (track, *_) = naming.tracks(NAMES)
    record.plays(user=anna, evidence=[heard(minute, track) for minute in (100, 200, 300)], now=now)
    columns.load(anna)
    record.plays(user=UserFactory(), evidence=[heard(100, track)], now=now)
    assert columns.longest() == 3


def test_what_a_reader_holds_stays_as_it_was(anna, now, settings, tmp_path):
    settings.COLUMNS_DIR = tmp_path
    (track, *_) = naming.tracks(NAMES)
    record.plays(user=anna, evidence=[heard(100, track)], now=now)
    held = columns.load(anna)
    record.plays(user=anna, evidence=[heard(50, track)], now=now)
    columns.rebuild(anna)
    assert len(held) == 1
    assert len(columns.load(anna)) == 2
    with pytest.raises(ValueError, match="read-only"):
        held.ms[0] = 1


def test_pages_that_a_dying_machine_lost_are_noticed(anna, now, settings, tmp_path, monkeypatch):
    settings.COLUMNS_DIR = tmp_path
    (track, *_) = naming.tracks(NAMES)
    record.plays(user=anna, evidence=[heard(100, track)], now=now)
    columns.load(anna)
    head = files.read_head(columns.folder(anna.pk))
    (columns.folder(anna.pk) / f"g{head.generation}" / "ms").write_bytes(bytes(4))
    assert columns.check(anna) == ["damaged: the checksums differ"]
    monkeypatch.setattr(files, "boot", lambda: "another")
    assert equal(anna)


def test_a_version_that_was_taken_back_is_told_apart_from_its_namesake(anna, now, settings, tmp_path):
    settings.COLUMNS_DIR = tmp_path
    first, other, _ = naming.tracks(NAMES)
    record.plays(user=anna, evidence=[heard(100, first)], now=now)
    columns.load(anna)
    Play.objects.all().delete()  # as a restored backup would have it
    ColumnsDelta.objects.all().delete()
    PlayLedger.objects.all().delete()
    record.plays(user=anna, evidence=[heard(100, other)], now=now)
    assert PlayLedger.objects.get().version == 1
    assert columns.load(anna).track.tolist() == [other]


def test_switches_and_periods_read_back(anna, now, settings, tmp_path):
    settings.COLUMNS_DIR = tmp_path
    tracks = naming.tracks(NAMES)
    told = [
        Evidence(Origin.EXPORT, tracks[0], NOON, NOON + 1_000, 900, incognito=True, skipped=False),
        Evidence(Origin.EXPORT, tracks[1], NOON + 2_000, NOON + 3_000, 900),
    ]
    record.plays(user=anna, evidence=told, now=now)
    loaded = columns.load(anna)
    assert loaded.incognito.tolist() == [True, False]
    assert loaded.told(columns.SKIPPED).tolist() == [0, -1]
    assert loaded.origin.tolist() == [5, 5]
    assert loaded.between(NOON + 1, None).track.tolist() == [tracks[1]]
    assert loaded.where(np.array([True, False])).track.tolist() == [tracks[0]]
    row, _ = loaded.rows().tolist()
    assert columns.event_of(row) == told[0]


def test_the_command_checks_and_rebuilds(anna, now, settings, tmp_path, capsys):
    settings.COLUMNS_DIR = tmp_path
    (track, *_) = naming.tracks(NAMES)
    record.plays(user=anna, evidence=[heard(100, track)], now=now)
    call_command("rebuild_columns", check=True)
    Play.objects.update(ms_played=7)  # past the one door
    with pytest.raises(SystemExit) as stopped:
        call_command("rebuild_columns", check=True, user="anna")
    assert stopped.value.code == 1
    call_command("rebuild_columns")
    call_command("rebuild_columns", check=True)
    assert "ms: 1 of 1 rows differ" in capsys.readouterr().err
