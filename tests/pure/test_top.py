"""Ranking, against a plain computation."""

from collections import Counter, defaultdict

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from insights.analysis.top import rank

PLAYS = st.lists(st.tuples(st.integers(0, 12), st.integers(1, 400_000)), max_size=80)


@given(PLAYS, st.sampled_from(["plays", "time"]), st.integers(0, 5), st.integers(1, 6))
def test_ranking_agrees_with_counting_by_hand(pairs, by, start, size):
    plays, time = Counter(), defaultdict(int)
    for key, ms in pairs:
        if key:
            plays[key] += 1
            time[key] += ms
    first, second = (plays, time) if by == "plays" else (time, plays)
    order = sorted(plays, key=lambda k: (-first[k], -second[k], k))

    ranking = rank(
        np.array([k for k, _ in pairs], np.int32),
        np.array([ms for _, ms in pairs], np.int32),
        by=by,
        start=start,
        size=size,
    )

    assert [row.key for row in ranking.rows] == order[start : start + size]
    assert [row.plays for row in ranking.rows] == [plays[k] for k in order[start : start + size]]
    assert [row.ms for row in ranking.rows] == [time[k] for k in order[start : start + size]]
    assert [row.rank for row in ranking.rows] == [
        1 + sum(first[other] > first[k] for other in order) for k in order[start : start + size]
    ]
    assert (ranking.keys, ranking.plays, ranking.ms) == (len(plays), sum(plays.values()), sum(time.values()))


def test_shares_add_up_to_one():
    ranking = rank(np.array([1, 1, 2, 3], np.int32), np.array([10, 10, 40, 40], np.int32), by="time", start=0, size=10)
    assert sum(row.share for row in ranking.rows) == 1.0
    assert [row.rank for row in ranking.rows] == [1, 1, 3]
