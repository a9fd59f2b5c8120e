"""Which items of a list may stay where they are. Pure."""

from bisect import bisect_left
from collections.abc import Sequence


def longest_rising(values: Sequence[int], weights: Sequence[int] | None = None) -> list[int]:
    """The places of a rising selection of distinct `values` with the most weight (each 1 by default), ascending.

    In O(n log n). Of equally heavy selections, one; always the same.
    """
    if weights is None:
        return _longest(values)
    # A tree of best ends by value: `best[v]` is the heaviest selection that ends at a value up to v.
    ranks = {value: rank for rank, value in enumerate(sorted(values), 1)}
    size = len(values)
    tree: list[tuple[int, int]] = [(0, -1)] * (size + 1)
    former = [-1] * size
    top = (0, -1)
    for place, value in enumerate(values):
        rank, found = ranks[value] - 1, (0, -1)
        while rank > 0:
            found = max(found, tree[rank])
            rank -= rank & -rank
        former[place] = found[1]
        here = (found[0] + weights[place], place)
        top = max(top, here)
        rank = ranks[value]
        while rank <= size:
            tree[rank] = max(tree[rank], here)
            rank += rank & -rank
    return _back(former, top[1])


def _longest(values: Sequence[int]) -> list[int]:
    ends: list[int] = []  # the least value that ends a selection of each length
    at: list[int] = []
    former = [-1] * len(values)
    for place, value in enumerate(values):
        length = bisect_left(ends, value)
        former[place] = at[length - 1] if length else -1
        if length == len(ends):
            ends.append(value)
            at.append(place)
        else:
            ends[length], at[length] = value, place
    return _back(former, at[-1] if at else -1)


def _back(former: Sequence[int], place: int) -> list[int]:
    chosen = []
    while place >= 0:
        chosen.append(place)
        place = former[place]
    return chosen[::-1]
