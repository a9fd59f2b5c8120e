"""What came, went, rose and fell, against a plain computation."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from insights.analysis.compare import changes
from insights.analysis.top import Tables

PLAYS = st.lists(st.integers(0, 9), max_size=9)


def table(plays):
    counted = np.array([0, *plays], np.int64)
    return Tables(counted, counted * 1000)


@given(PLAYS, PLAYS)
def test_groups_agree_with_counting_by_hand(now, then):
    found = changes(table(now), table(then), size=100)
    size = max(len(now), len(then))
    here, there = ([*plays, *[0] * (size - len(plays))] for plays in (now, then))
    share = [h / max(1, sum(here)) - t / max(1, sum(there)) for h, t in zip(here, there, strict=True)]
    both = [key for key in range(size) if here[key] and there[key]]
    obvious = {
        "entries": sorted((k for k in range(size) if here[k] and not there[k]), key=lambda k: -here[k]),
        "leavers": sorted((k for k in range(size) if there[k] and not here[k]), key=lambda k: -there[k]),
        "risers": sorted((k for k in both if share[k] > 0), key=lambda k: -share[k]),
        "fallers": sorted((k for k in both if share[k] < 0), key=lambda k: share[k]),
    }
    assert {group: [row.key - 1 for row in rows] for group, rows in found.items()} == obvious
    assert all(
        (row.plays, row.then) == (here[row.key - 1], there[row.key - 1]) for rows in found.values() for row in rows
    )
