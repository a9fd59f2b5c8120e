"""Figures of a stretch of listening, over plays made by hand."""

import numpy as np

from ingest.evidence import Origin
from insights.analysis.snapshots import figures
from tests.pure.heard import MINUTE, heard

HOUR = 60 * MINUTE


def test_no_plays_are_nothing_everywhere():
    found = figures(heard([]))
    assert (found.totals.plays, found.from_spotify, found.top["tracks"]) == (0, 0, [])
    assert all(part.plays == 0 for part in found.hours)


def test_a_snapshot_counts_what_was_heard():
    plays = heard(
        [(number * HOUR, 3 * MINUTE, track) for number, track in enumerate([1, 2, 1, 3, 1])],
        flags=[Origin.POLL, Origin.EXPORT, Origin.WATCH, Origin.SUBMIT, Origin.EXPORT],
    )
    found = figures(plays.counted)
    assert (found.totals.plays, found.totals.tracks, found.totals.ms) == (5, 3, 15 * MINUTE)
    assert found.from_spotify == 2
    assert found.top["tracks"] == [(1, 3), (2, 1), (3, 1)]
    assert sum(part.plays for part in found.hours) == 5


def test_stored_figures_are_plain_json():
    import json

    told = figures(heard([(0, 3 * MINUTE, 1)])).as_json()
    assert json.loads(json.dumps(told)) == told
    assert not any(isinstance(value, np.generic) for part in told["hours"].values() for value in part.values())
