"""Imports to test with: rows as a source, and a run without a worker."""

from collections.abc import Callable, Sequence

import numpy as np

from ingest.evidence import Evidence, Origin, PlayBatch, TrackName, TrackTable, WordTable


class FakeRun:
    """A run that can be made to die at its `dies_at`-th committed step."""

    def __init__(self, step: dict | None = None, dies_at: int | None = None) -> None:
        self.step = step or {}
        self.left = dies_at

    def advance(self, done, total=None, message=None, unit=""):
        pass

    def check(self):
        pass

    def commit_step(self, **step):
        self.step = step
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                raise Killed


class Killed(Exception):
    pass


def source_of(files: Sequence[Sequence[Evidence]], names: Sequence[TrackName], between: Callable | None = None):
    """Rows as events whose `track_id` is a place in `names`; `between` is called after the last batch."""

    def source():
        tracks, words = TrackTable(), WordTable()
        places = [tracks.add(name.kind, name.spotify_id, name.title, name.artist, name.album) for name in names]
        for number, events in enumerate(files):
            for origin in (Origin.EXPORT, Origin.ACCOUNT_DATA, Origin.SUBMIT):
                chosen = [(row, event) for row, event in enumerate(events, 1) if event.origin == origin]
                if chosen:
                    yield _batch(tracks, words, number, origin, chosen, places)
        if between:
            between()

    return source


def _batch(tracks, words, number, origin, chosen, places):
    def column(name, kind):
        return np.array([getattr(event, name) for _, event in chosen], dtype=kind)

    def switch(name):
        told = [getattr(event, name) for _, event in chosen]
        return np.array([-1 if value is None else int(value) for value in told], dtype=np.int8)

    nothing = np.zeros(len(chosen), dtype=np.int32)
    return PlayBatch(
        tracks=tracks,
        words=words,
        origin=int(origin),
        file=number,
        row=np.array([row for row, _ in chosen], dtype=np.int32),
        track=np.array([places[event.track_id] for _, event in chosen], dtype=np.int32),
        started_ms=column("started_ms", np.int64),
        ended_ms=column("ended_ms", np.int64),
        ms_played=column("ms_played", np.int32),
        reason_start=nothing,
        reason_end=nothing,
        platform=nothing,
        country=nothing,
        shuffle=switch("shuffle"),
        offline=switch("offline"),
        incognito=switch("incognito"),
        skipped=switch("skipped"),
        is_estimate=column("is_estimate", bool),
    )
