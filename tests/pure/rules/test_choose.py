"""How many, in which order, how far apart."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from playlists.rules import gather, text
from playlists.rules.choose import choose
from playlists.rules.evaluate import TrackFacts
from playlists.rules.nodes import Apart, Query

ROWS = [
    TrackFacts(10, {"title": "b", "plays": 5, "duration": 180, "artist": "x", "album": "one"}),
    TrackFacts(11, {"title": "A", "plays": 9, "duration": 240, "artist": "x", "album": "one"}),
    TrackFacts(12, {"title": "c", "plays": None, "duration": None, "artist": "y", "album": "two"}),
    TrackFacts(13, {"title": "d", "plays": 5, "duration": 60, "artist": "z", "album": "two"}),
]
TABLE = gather.table(ROWS)
EVERY = np.ones(len(ROWS), dtype=bool)


def chosen(options: str, *, salt: int = 1, found=EVERY, table=TABLE) -> list[int]:
    query = text.parse(f" | {options}" if options else "").query
    return table.track[choose(query, table, found, salt=salt)].tolist()


CASES = [
    ("", [10, 11, 12, 13]),
    ("order -plays", [11, 10, 13, 12]),
    ("order plays", [10, 13, 11, 12]),
    ("order plays, -title", [13, 10, 11, 12]),
    ("order title", [11, 10, 12, 13]),
    ("order -title", [13, 12, 10, 11]),
    ("limit 2", [10, 11]),
    ("limit 2 by -plays", [11, 10]),
    ("limit 2 by -plays | order title", [11, 10]),
    ("limit 3 by plays | order -title", [13, 10, 11]),
    ("limit 2 | order -plays", [11, 10]),
    ("limit 7 minutes", [10, 11]),
    ("limit 6 minutes", [10]),
    ("limit 11 minutes", [10, 11, 12]),
    ("limit 2 minutes", []),
    ("order nonsense", [10, 11, 12, 13]),
    ("apart artist 1", [10, 12, 11, 13]),
    ("apart album 1", [10, 12, 11, 13]),
    ("apart artist 1 album 5", [10, 12, 11, 13]),
]


@pytest.mark.parametrize(("options", "tracks"), CASES)
def test_chosen(options, tracks):
    assert chosen(options) == tracks


@given(
    st.lists(
        st.tuples(st.sampled_from([None, 1, 2, 3]), st.sampled_from([None, "a", "B", "b"])), min_size=1, max_size=30
    ),
    st.lists(st.sampled_from(["plays", "-plays", "title", "-title", "random", "nonsense"]), min_size=1, max_size=3),
    st.integers(1, 30),
)
def test_the_first_few_are_those_that_come_first_of_all(facts, orders, few):
    rows = [TrackFacts(n, {"plays": plays, "title": title}) for n, (plays, title) in enumerate(facts)]
    table, every = gather.table(rows), np.ones(len(rows), dtype=bool)
    by = ", ".join(dict.fromkeys(orders))
    whole = chosen(f"limit {len(rows)} by {by}", table=table, found=every)
    assert chosen(f"limit {few} by {by}", table=table, found=every) == whole[:few]
    assert sorted(whole) == list(range(len(rows)))


def test_only_what_was_found_is_chosen():
    assert chosen("order -plays", found=np.array([True, False, True, False])) == [10, 12]


def test_chance_is_the_same_for_the_same_salt_and_another_for_others():
    table = gather.table([TrackFacts(number, {}) for number in range(200)])
    every = np.ones(200, dtype=bool)
    one, other = (chosen("order random", salt=salt, table=table, found=every) for salt in (1, 2))
    assert one == chosen("order random", salt=1, table=table, found=every)
    assert one != other
    assert sorted(one) == list(range(200))
    limited = chosen("limit 20 by random", salt=1, table=table, found=every)
    assert limited == one[:20]


def test_no_more_than_a_playlist_holds():
    table = gather.table([TrackFacts(number, {}) for number in range(10_050)])
    assert len(chosen("", table=table, found=np.ones(10_050, dtype=bool))) == 10_000


@given(st.lists(st.integers(0, 5), max_size=60), st.integers(1, 3))
def test_apart_keeps_every_track_and_its_promise_where_it_can(artists, gap):
    rows = [TrackFacts(number, {"artist": f"artist {artist}"}) for number, artist in enumerate(artists)]
    table = gather.table(rows)
    places = choose(Query(apart=Apart(artist=gap)), table, np.ones(len(rows), dtype=bool), salt=1)
    assert sorted(places.tolist()) == list(range(len(rows)))
    order = [artists[place] for place in places]
    for spot, artist in enumerate(order):
        if artist in order[max(0, spot - gap) : spot]:
            waiting = set(order[spot:])
            assert waiting <= set(order[max(0, spot - gap) : spot]), "another artist was still waiting"


def test_apart_with_ten_thousand_of_one_artist_is_quick():
    table = gather.table([TrackFacts(n, {"artist": "same", "album": f"a{n % 3}"}) for n in range(10_000)])
    places = choose(Query(apart=Apart(5, 5)), table, np.ones(10_000, dtype=bool), salt=1)
    assert Counter(places.tolist()).most_common(1)[0][1] == 1
