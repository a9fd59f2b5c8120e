"""Ranking, against a plain computation."""

from collections import Counter, defaultdict

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from insights.analysis.top import Tables, days_heard, rank

PLAYS = st.lists(st.tuples(st.integers(0, 12), st.integers(1, 400_000), st.integers(0, 5)), max_size=80)


def counted(rows):
    """The tables of (key, ms, day), and the same as counters."""
    plays, time, days = Counter(), Counter(), defaultdict(set)
    for key, ms, day in rows:
        if key:
            plays[key] += 1
            time[key] += ms
            days[key].add(day)
    spread = {key: len(found) for key, found in days.items()}
    arrays = [np.array([table.get(key, 0) for key in range(13)]) for table in (plays, time, spread)]
    return Tables(*arrays), plays, time, spread


@given(PLAYS, PLAYS, st.sampled_from(["plays", "time", "days"]), st.integers(0, 5), st.integers(1, 6))
def test_ranking_agrees_with_counting_by_hand(rows, former, by, start, size):
    tables, plays, time, days = counted(rows)
    before, *then = counted(former)
    first = {"plays": plays, "time": time, "days": days}[by]
    earlier = dict(zip(("plays", "time", "days"), then, strict=True))[by]
    order = sorted(plays, key=lambda k: (-first[k], -(time if by == "plays" else plays)[k], k))

    ranking = rank(tables, by=by, start=start, size=size, before=before)

    assert [row.key for row in ranking.rows] == order[start : start + size]
    for row in ranking.rows:
        assert (row.plays, row.ms, row.days) == (plays[row.key], time[row.key], days[row.key])
        assert row.rank == 1 + sum(first[other] > first[row.key] for other in order)
        was = 1 + sum(value > earlier[row.key] for value in earlier.values()) if row.key in earlier else None
        assert (row.was, row.moved) == (was, None if was is None else was - row.rank)
    assert ranking.keys == len(plays)


@given(PLAYS)
def test_days_are_distinct_days(rows):
    rows = sorted(rows, key=lambda row: row[2])
    _tables, _plays, _time, days = counted(rows)
    found = days_heard(np.array([k for k, *_ in rows], np.int32), np.array([d for *_, d in rows], np.int64), 13)
    assert found.tolist() == [days.get(key, 0) for key in range(13)]


def test_shares_add_up_to_one():
    tables, *_ = counted([(1, 10, 0), (1, 10, 0), (2, 40, 0), (3, 40, 0)])
    ranking = rank(tables, by="time", start=0, size=10)
    assert sum(row.share for row in ranking.rows) == 1.0
    assert [row.rank for row in ranking.rows] == [1, 1, 3]
