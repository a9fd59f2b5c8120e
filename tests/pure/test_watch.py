"""Looks at a player in, skips out: each rule by name, and generated evenings against the truth."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest import watch
from ingest.watch import Look, Skip, State

S = 1000
LONG = 200 * S  # a track's length


def on(at_s: float, track: str, progress_s: float, *, playing: bool = True, length: int = LONG) -> Look:
    return Look(int(at_s * S), "track", track, length, int(progress_s * S), playing)


def off(at_s: float) -> Look:
    return Look(int(at_s * S))


def ad(at_s: float) -> Look:
    return Look(int(at_s * S), "other", is_playing=True, progress_ms=2 * S)


def unclear(at_s: float) -> Look:
    return Look(int(at_s * S), "unclear", is_playing=True)


def private(at_s: float) -> Look:
    return Look(int(at_s * S), "track", "secret", LONG, 5 * S, True, is_private=True)


def seen(*looks: Look) -> list[Skip]:
    state, skips = State(), []
    for look in looks:
        state, skip = watch.see(State.from_json(state.to_json()), look)
        skips += [skip] if skip else []
    return skips


# Every row: what happened, the looks, and (track, seconds listened) of each skip.
CASES = {
    "left after some seconds": ([off(0), on(15, "a", 5), on(30, "b", 6)], [("a", 14)]),
    "left after more than 30 s": ([off(0), on(15, "a", 5), on(30, "a", 20), on(45, "a", 35), on(60, "b", 2)], []),
    "left between two looks": ([off(0), on(15, "a", 10), on(30, "b", 1)], [("a", 24)]),
    "one skip after another": (
        [off(0), on(15, "a", 5), on(30, "b", 6), on(45, "c", 10), on(60, "d", 3)],
        [("a", 14), ("b", 11), ("c", 22)],
    ),
    "a pause is not listening": (
        [off(0), on(15, "a", 10), *(on(15 + 15 * n, "a", 12, playing=False) for n in range(1, 6)), on(105, "b", 3)],
        [("a", 12)],
    ),
    "a minute's pause, then on, to more than 30 s": (
        [
            off(0),
            on(15, "a", 10),
            *(on(15 + 15 * n, "a", 12, playing=False) for n in range(1, 5)),
            on(90, "a", 20),
            on(105, "a", 35),
            on(120, "b", 1),
        ],
        [],
    ),
    "a seek is not listening": ([off(0), on(15, "a", 5), on(30, "a", 185), on(40, "b", 2)], [("a", 28)]),
    "a seek back is no new start": ([off(0), on(15, "a", 12), on(30, "a", 5), on(45, "a", 20), on(60, "b", 2)], []),
    "a pause that becomes nothing, then resumed": (
        [
            off(0),
            on(15, "a", 10),
            on(30, "a", 12, playing=False),
            off(45),
            off(60),
            off(120),
            off(180),
            on(195, "a", 20),
            on(210, "a", 35),
            on(225, "b", 1),
        ],
        [],
    ),
    "paused and never resumed, another one later": (
        [off(0), on(15, "a", 10), on(30, "a", 12, playing=False), off(45), on(60, "b", 5)],
        [("a", 12)],
    ),
    "a change of device": ([off(0), on(15, "a", 8), off(30), on(45, "a", 24), on(60, "a", 39), on(75, "b", 1)], []),
    "a short track to its end": ([off(0), on(15, "a", 10, length=22 * S), on(30, "b", 3)], []),
    "a short track left early": ([off(0), on(15, "a", 4, length=28 * S), on(30, "b", 12)], [("a", 7)]),
    "the last track ends": ([off(0), on(15, "a", 10, length=22 * S), off(30), off(45), on(60, "b", 5)], []),
    "repeated": (
        [
            off(0),
            on(15, "a", 10, length=40 * S),
            on(30, "a", 25, length=40 * S),
            on(45, "a", 1, length=40 * S),
            on(55, "b", 1),
        ],
        [("a", 10)],
    ),
    "repeated, both whole": (
        [off(0), *(on(15 * n, "a", (15 * n - 5) % 40, length=40 * S) for n in range(1, 6)), on(86, "b", 1)],
        [],
    ),
    "a gap longer than 45 s is not known": ([off(0), on(15, "a", 5), on(61, "b", 6)], []),
    "a gap within a track is not known": ([off(0), on(15, "a", 5), on(75, "a", 8), on(90, "b", 2)], []),
    "45 s are no gap": ([off(0), on(45, "a", 5), on(60, "b", 6)], [("a", 14)]),
    "the first look tells of no start": ([on(0, "a", 5), on(15, "b", 6)], []),
    "begun in the middle": ([off(0), on(15, "a", 120), on(30, "b", 6)], []),
    "an ad after a skip": ([off(0), on(15, "a", 5), ad(30), on(45, "b", 5)], [("a", 18)]),
    "an ad after the end": ([off(0), on(15, "a", 12, length=25 * S), ad(30)], []),
    "an answer without an item": ([off(0), on(15, "a", 5), unclear(30), on(45, "a", 35), on(60, "b", 2)], []),
    "a private session": (
        [off(0), on(15, "a", 5), private(30), private(45), on(60, "b", 5), on(75, "c", 5)],
        [("b", 15)],
    ),
    "looks out of order": ([off(0), on(15, "a", 5), on(10, "b", 1), on(30, "a", 20), on(45, "a", 35), off(60)], []),
}


@pytest.mark.parametrize("name", CASES)
def test_rule(name):
    looks, expected = CASES[name]
    assert [(skip.track_id, round(skip.ms_played / S)) for skip in seen(*looks)] == expected


def test_a_skip_tells_when_it_was():
    [skip] = seen(off(0), on(15, "a", 5), on(30, "b", 6))
    assert (skip.started_ms, skip.ended_ms) == (10 * S, 24 * S)


def test_nothing_of_a_private_session_is_remembered():
    state, _skip = watch.see(State(), private(15))
    assert "secret" not in str(state.to_json())


@pytest.mark.parametrize("junk", [{}, {"now": {"x": 1}}, {"now": None}, {"at_ms": 1, "playing_ms": 2, "now": {}}])
def test_starts_anew_from_what_it_cannot_read(junk):
    assert State.from_json(junk).now is None


class TestCadence:
    def run(self, *looks: Look) -> timedelta:
        state = State()
        for look in looks:
            state, _skip = watch.see(state, look)
        return watch.wait(state)

    def test_15_s_while_something_plays(self):
        assert self.run(on(0, "a", 5)) == timedelta(seconds=15)

    def test_15_s_for_five_idle_minutes(self):
        assert self.run(on(0, "a", 5), off(15), off(299)) == timedelta(seconds=15)

    def test_then_60_s(self):
        assert self.run(on(0, "a", 5), off(15), off(300)) == timedelta(seconds=60)

    def test_play_brings_15_s_back(self):
        assert self.run(on(0, "a", 5), off(300), off(360), on(420, "b", 5)) == timedelta(seconds=15)


# --- Generated evenings -----------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Heard:
    """One track of an evening: its length, and for how many seconds it was listened to, from its beginning."""

    length_s: float
    heard_s: float
    pause_s: float  # in the middle of it

    @property
    def whole(self) -> bool:
        return self.heard_s >= self.length_s


tracks = st.builds(
    lambda length, share, pause: Heard(length, min(length, share * length), pause),
    st.floats(8, 240),
    st.one_of(st.just(1.0), st.floats(0.02, 1)),
    st.one_of(st.just(0.0), st.floats(1, 200)),
)


def _answer(evening: list[Heard], at: float) -> Look:
    """What the player answers `at` seconds into the evening."""
    for number, one in enumerate(evening):
        half = one.heard_s / 2
        if at < one.heard_s + one.pause_s:
            playing = not half <= at < half + one.pause_s
            progress = at if at < half else half if not playing else at - one.pause_s
            return Look(0, "track", f"t{number}", int(one.length_s * S), int(progress * S), playing)
        at -= one.heard_s + one.pause_s
    return Look(0)


@settings(max_examples=300, deadline=None)
@given(st.lists(tracks, min_size=1, max_size=12), st.floats(0.1, 14.9))
def test_an_evening(evening, phase):
    """Whoever is called skipped was; a skip that two looks saw is told, with its time to within a look's pause."""
    total = sum(one.heard_s + one.pause_s for one in evening)
    state, skips, looked = State(), {}, []
    at = -phase
    while at < total + 60:
        answer = _answer(evening, at) if at >= 0 else Look(0)
        look = Look(int((at + 100) * S), *[getattr(answer, name) for name in Look.__slots__[1:]])
        looked.append(look.track_id)
        state, skip = watch.see(state, look)
        if skip:
            assert skip.track_id not in skips
            skips[skip.track_id] = skip
        at += 15
    for number, one in enumerate(evening):
        skip = skips.get(f"t{number}")
        if skip:
            assert one.heard_s < 30 + 0.1
            assert not one.whole or one.length_s - one.heard_s > -0.1
            assert skip.ms_played / S <= one.heard_s + 15.1
            assert skip.started_ms <= skip.ended_ms
        if one.whole:
            assert skip is None
