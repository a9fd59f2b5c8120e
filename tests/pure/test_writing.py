"""What is written to a playlist: plans that end in the wanted list, whatever was there."""

from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playlists import diff, writing
from playlists.order import longest_rising

ITEMS = [f"t{n}" for n in range(12)]
LOCAL = ["local0", "local1", "local2"]
lists = st.lists(st.sampled_from(ITEMS), max_size=14)


def remote_with_locals():
    return st.lists(st.sampled_from(ITEMS), max_size=10).flatmap(
        lambda items: st.lists(st.integers(0, len(items)), min_size=0, max_size=3).map(
            lambda spots: _with(items, sorted(spots))
        )
    )


def _with(items, spots):
    merged = list(items)
    for name, spot in zip(LOCAL, reversed(spots), strict=False):
        merged.insert(spot, name)
    return merged


@given(lists, lists)
@settings(max_examples=400)
def test_a_plan_ends_in_the_wanted_list(remote, wanted):
    plan = writing.plan(remote, wanted)
    assert plan.states[-1] == wanted == list(plan.after)
    assert all(len(call.uris) <= writing.CHUNK for call in plan.calls)
    assert writing.least_calls(remote, wanted) <= len(plan.calls) <= max(1, -(-len(wanted) // 100))
    assert all(plan.states) or not remote or not wanted, "it stands empty on the way"


@given(remote_with_locals(), lists)
@settings(max_examples=400)
def test_what_cannot_be_written_stays_and_keeps_its_order(remote, wanted):
    fixed = frozenset(LOCAL)
    plan = writing.plan(remote, wanted, fixed)
    assert [item for item in plan.after if item not in fixed] == wanted
    assert [item for item in plan.after if item in fixed] == [item for item in remote if item in fixed]
    states = plan.states
    assert states[-1] == list(plan.after)
    for state in states:
        assert [item for item in state if item in fixed] == [item for item in remote if item in fixed]
    for call in plan.calls:
        assert call.kind == "move" or not fixed & set(call.uris)


@given(lists, lists)
@settings(max_examples=200)
def test_no_move_or_removal_is_idle_and_every_state_is_found_again(remote, wanted):
    plan = writing.plan(remote, wanted)
    assert all(before != after for before, after in pairwise(plan.states))
    for number, state in enumerate(plan.states):
        done = plan.done(state)
        assert done is not None
        assert done >= number
        rest = state
        for call in plan.calls[done:]:
            rest = call.on(rest)
        assert rest == wanted
    assert plan.done([*wanted, "something else"]) is None


@pytest.mark.parametrize(
    ("remote", "wanted", "kinds"),
    [
        ("abc", "abc", ""),
        ("", "abc", "add"),
        ("abc", "", "remove"),
        ("abcdef", "abcdefg", "add"),
        ("abcdef", "abxycdef", "add"),
        ("abcdef", "abdef", "remove"),
        ("abcdef", "efabcd", "move"),
        ("abcdef", "fedcba", "replace"),
        ("aabc", "abc", "replace"),
    ],
)
def test_the_cheapest_way(remote, wanted, kinds):
    assert " ".join(call.kind for call in writing.plan(list(remote), list(wanted)).calls) == kinds


@pytest.mark.parametrize(("count", "calls"), [(1, 1), (99, 1), (100, 1), (101, 2), (10_000, 100)])
def test_sizes(count, calls):
    wanted = [f"track{n}" for n in range(count)]
    plan = writing.plan([], wanted)
    assert len(plan.calls) == calls == writing.least_calls([], wanted)
    assert plan.states[-1] == wanted
    turned = wanted[::-1]
    assert writing.plan(wanted, turned).states[-1] == turned


def test_more_than_a_playlist_holds():
    with pytest.raises(ValueError, match="at most 10,000"):
        writing.plan([], [f"track{n}" for n in range(10_001)])


def test_nothing_is_lost_when_a_plan_of_additions_and_removals_is_cut_off():
    remote, wanted = list("abcdefghij"), list("abcdefg") + list("xyz")
    for state in writing.plan(remote, wanted).states:
        assert set(remote) & set(wanted) <= set(state)


@given(st.lists(st.integers(0, 30), unique=True, max_size=8), st.data())
def test_the_heaviest_rising_selection(values, data):
    weights = data.draw(st.lists(st.integers(1, 9), min_size=len(values), max_size=len(values)))
    best = 0
    for bits in range(1 << min(len(values), 12)):
        chosen = [n for n in range(len(values)) if bits >> n & 1]
        if all(values[a] < values[b] for a, b in pairwise(chosen)):
            best = max(best, sum(weights[n] for n in chosen))
    found = longest_rising(values, weights)
    assert all(values[a] < values[b] for a, b in pairwise(found))
    assert sum(weights[n] for n in found) == best
    assert len(longest_rising(values)) == len(longest_rising(values, [1] * len(values)))


@given(lists, lists)
def test_a_diff_adds_up(before, after):
    found = diff.compare(before, after)
    was, will = Counter(before), Counter(after)
    assert Counter(found.added) == will - was
    assert Counter(found.removed) + Counter(found.duplicates) == was - will
    assert not set(found.removed) & set(after)
    assert set(found.duplicates) <= set(after)
    assert bool(found) == (before != after)
    assert not found.moved or bool(found)


def test_a_diff_as_text():
    found = diff.compare(["a", "a", "b", "c"], ["c", "a", "d"])
    assert found.as_text({"b": "Bee"}) == "- Bee\nd a\n+ d\n"
    assert (found.moved, found.removed_share) == (("c",), 1 / 4) or found.moved == ("a",)
    assert diff.compare(["a"], ["a"]).as_text() == ""


def test_incremental_keeps_order_and_one_copy():
    assert diff.incremental(["b", "a", "b", "x"], ["a", "c", "b", "d"]) == ["b", "a", "x", "c", "d"]


@pytest.mark.parametrize(
    ("base", "remote", "wanted", "merged"),
    [
        ("abc", "abc", "acd", "acd"),
        ("abc", "abxc", "abcd", "abxcd"),  # an addition stays where it stands
        ("abc", "ac", "abcd", "acd"),  # a removal holds
        ("abc", "abcx", "de", "dex"),  # its anchor left: to the end
        ("abc", "xabc", "abc", "abcx"),
        ("abc", "ab", "abc", "ab"),
        ("", "xyz", "", "xyz"),
    ],
)
def test_changes_by_hand_are_kept(base, remote, wanted, merged):
    assert "".join(diff.merge(base, remote, wanted)) == merged


@pytest.mark.parametrize("new", [1, 50, 101])
def test_a_full_playlist_never_gets_fuller_than_it_can_be(new):
    full = [f"t{number}" for number in range(writing.MOST)]
    wanted = [*full[new:], *(f"n{number}" for number in range(new))]
    plan = writing.plan(full, wanted)
    assert plan.states[-1] == wanted
    assert max(map(len, plan.states)) == writing.MOST
    assert len(plan.calls) == writing.least_calls(full, wanted)


@given(remote_with_locals(), remote_with_locals())
@settings(max_examples=300)
def test_an_undo_puts_what_cannot_be_written_back_to_its_place(now, before):
    fixed = frozenset(LOCAL)
    here = [item for item in now if item in fixed]
    before = [item for item in before if item not in fixed]
    for place, item in enumerate(reversed(here)):
        before.insert(min(place * 3, len(before)), item)
    plan = writing.plan(now, before, fixed, exactly=True)
    assert plan.states[-1] == before
    assert all(call.kind == "move" or not fixed & set(call.uris) for call in plan.calls)


@given(st.randoms(use_true_random=False), st.integers(2, 350), st.integers(0, 3))
@settings(max_examples=40, deadline=None)
def test_another_order_around_what_cannot_be_written_takes_few_calls_and_never_empties(chance, size, odd):
    items = [f"t{number}" for number in range(size)]
    remote, fixed = list(items), frozenset(LOCAL)
    for name in LOCAL[:odd]:
        remote.insert(chance.randrange(len(remote) + 1), name)
    chance.shuffle(items)
    plan = writing.plan(remote, items, fixed)
    hundreds = -(-size // 100)
    assert len(plan.calls) <= (2 * hundreds + 2 * odd if odd else hundreds)
    assert min(len(state) for state in plan.states) >= min(size, 100) - (100 if odd else 0)
    assert plan.states[-1] == list(plan.after)
