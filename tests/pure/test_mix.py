"""Several rules for one playlist."""

from hypothesis import given
from hypothesis import strategies as st

from playlists.mix import Part, mix

PARTS = st.lists(
    st.builds(
        lambda ids, priority, weight: (tuple(dict.fromkeys(ids)), priority, weight),
        st.lists(st.integers(1, 30), max_size=15),
        st.integers(0, 2),
        st.integers(1, 4),
    ),
    max_size=5,
).map(lambda found: [Part(key, *each) for key, each in enumerate(found)])


def test_higher_priority_comes_first_and_has_what_both_find():
    mixed = mix([Part(1, (1, 2, 3)), Part(2, (3, 4), priority=5)], most=10)
    assert mixed.track_ids == (3, 4, 1, 2)
    assert mixed.given_by == (2, 2, 1, 1)


def test_weights_take_turns():
    mixed = mix([Part(1, tuple(range(100, 130)), weight=3), Part(2, tuple(range(200, 230)))], most=12)
    assert mixed.counts == {1: 9, 2: 3}
    assert mixed.given_by[0] == 1


def test_who_has_nothing_left_leaves_the_rest_to_the_others():
    assert mix([Part(1, (1,), weight=9), Part(2, (1, 2, 3))], most=10).track_ids == (1, 2, 3)


@given(PARTS, st.integers(0, 40))
def test_everything_once_and_from_who_found_it(parts, most):
    mixed = mix(parts, most=most)
    found = {track for part in parts for track in part.track_ids}
    assert len(mixed.track_ids) == len(set(mixed.track_ids)) == min(most, len(found))
    by_key = {part.key: part for part in parts}
    assert all(track in by_key[key].track_ids for track, key in zip(mixed.track_ids, mixed.given_by, strict=True))
    priorities = [by_key[key].priority for key in mixed.given_by]
    assert priorities == sorted(priorities, reverse=True)
    assert mix(parts, most=most) == mixed
