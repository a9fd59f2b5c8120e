"""Whom to poll when: bounds, budgets, fairness, learning, and the simulation in small."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest import planner
from ingest.planner import PACE, Budget, Memory, Seen
from tests.bench import poll_simulation as simulation

NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)  # a Wednesday
percents = st.lists(st.integers(0, 100), min_size=planner.WEEK, max_size=planner.WEEK).map(tuple)
weeks = st.lists(st.integers(0, 8), min_size=planner.WEEK, max_size=planner.WEEK).map(tuple)
memories = st.builds(Memory, rhythm=percents, weeks=weeks, burst=st.floats(planner.BURST_LEAST, planner.BURST_MOST))
spans = st.timedeltas(timedelta(0), timedelta(days=3))


@st.composite
def people(draw: st.DrawFn, number: int = 1) -> Seen:
    polled = None if draw(st.booleans()) else NOW - draw(spans)
    newest = None if polled is None or draw(st.booleans()) else polled - draw(spans)
    return Seen(number, polled, newest, draw(memories), draw(st.integers(0, 60)))


crowds = st.integers(0, 12).flatmap(lambda size: st.tuples(*(people(number) for number in range(size))))


class TestNextAt:
    @settings(max_examples=150, deadline=None)
    @given(people(), st.floats(0, 5000))
    def test_within_bounds_and_never_in_the_past(self, seen, grant):
        at = planner.next_at(seen, grant=grant, now=NOW)
        assert at >= NOW
        if seen.polled_at is not None:
            assert at <= max(NOW, seen.polled_at + PACE.slowest)
            assert at == NOW or at >= seen.polled_at + PACE.fastest

    @settings(max_examples=100, deadline=None)
    @given(people(), st.floats(1, 100), st.floats(0, 100))
    def test_more_calls_never_mean_later(self, seen, grant, more):
        soon = planner.next_at(seen, grant=grant + more, now=NOW)
        assert soon <= planner.next_at(seen, grant=grant, now=NOW)

    @settings(max_examples=50, deadline=None)
    @given(people())
    def test_same_input_same_answer(self, seen):
        assert planner.next_at(seen, grant=20, now=NOW) == planner.next_at(seen, grant=20, now=NOW)

    def test_never_polled_is_now(self):
        assert planner.next_at(Seen(1), grant=20, now=NOW) == NOW

    def test_a_rich_budget_polls_every_minute(self):
        seen = Seen(1, NOW, NOW)
        assert planner.next_at(seen, grant=20_000, now=NOW) == NOW + timedelta(seconds=60)

    def test_sleep_waits_and_listening_does_not(self):
        nights = tuple(0 if slot % 24 < 8 else 90 for slot in range(planner.WEEK))
        memory = Memory(nights, (6,) * planner.WEEK)
        at_night = NOW.replace(hour=1)
        asleep = planner.next_at(Seen(1, at_night, at_night - timedelta(hours=3), memory), grant=20, now=at_night)
        awake = planner.next_at(Seen(1, NOW, NOW, memory), grant=20, now=NOW)
        assert asleep - at_night > 3 * (awake - NOW)

    def test_somebody_up_at_an_odd_hour_is_looked_after(self):
        quiet = Memory((0,) * planner.WEEK, (8,) * planner.WEEK)
        idle = planner.next_at(Seen(1, NOW, NOW - timedelta(days=1), quiet), grant=8, now=NOW)
        heard = planner.next_at(Seen(1, NOW, NOW - timedelta(minutes=2), quiet), grant=8, now=NOW)
        assert heard < idle

    def test_who_had_more_than_their_share_waits_longer(self):
        some, many = Seen(1, NOW, NOW, calls=10), Seen(1, NOW, NOW, calls=60)
        assert planner.next_at(many, grant=20, now=NOW) > planner.next_at(some, grant=20, now=NOW)

    def test_a_last_look_before_the_consent_ends(self):
        quiet = Memory((0,) * planner.WEEK, (8,) * planner.WEEK)
        seen = Seen(1, NOW, None, quiet, consent_ends_at=NOW + timedelta(hours=1))
        assert planner.next_at(seen, grant=4, now=NOW) == NOW + timedelta(hours=1) - planner.LAST_LOOK


class TestChoose:
    @settings(max_examples=40, deadline=None)
    @given(crowds, st.integers(-3, 15), st.integers(0, 30))
    def test_never_more_than_is_left_and_nobody_is_forgotten(self, due, left, most):
        choice = planner.choose(due, Budget(100, left), now=NOW, most=most)
        assert len(choice.now) <= max(0, min(left, most))
        assert sorted([*choice.now, *choice.later]) == sorted(seen.connection_id for seen in due)
        assert all(until > NOW for until in choice.later.values())

    @given(crowds)
    @settings(max_examples=30, deadline=None)
    def test_nobody_during_a_block(self, due):
        until = NOW + timedelta(hours=13)
        choice = planner.choose(due, Budget(100, 100, until), now=NOW)
        assert choice.now == ()
        assert set(choice.later.values()) <= {until}

    def test_new_people_first_then_the_most_pressing(self):
        due = [
            Seen(1, NOW - timedelta(hours=1), NOW - timedelta(hours=1)),
            Seen(2, NOW - timedelta(hours=5), NOW - timedelta(hours=5)),
            Seen(3),
        ]
        assert planner.choose(due, Budget(100, 2), now=NOW).now == (3, 2)

    def test_who_was_served_less_goes_first(self):
        ago = NOW - timedelta(hours=2)
        due = [Seen(1, ago, ago, calls=30), Seen(2, ago, ago, calls=3)]
        assert planner.choose(due, Budget(100, 1), now=NOW).now == (2,)


class TestGrants:
    needs = st.dictionaries(st.integers(0, 50), st.floats(4, 26), max_size=12)

    @given(needs, st.integers(0, 2000))
    def test_never_share_out_more_than_there_is(self, needs, daily):
        assert sum(planner.grants(needs, daily).values()) <= daily + 1e-6

    @given(needs, st.integers(0, 2000))
    def test_fair(self, needs, daily):
        given_out = planner.grants(needs, daily)
        for one, share in given_out.items():
            assert share >= min(needs[one], daily / len(needs)) - 1e-6  # nobody less than an equal share, unless enough
            for other in given_out:
                if needs[one] <= needs[other]:
                    assert share <= given_out[other] + 1e-6

    @given(needs, st.integers(0, 1000), st.integers(0, 1000))
    def test_more_calls_never_mean_less_for_all(self, needs, daily, more):
        assert sum(planner.grants(needs, daily + more).values()) >= sum(planner.grants(needs, daily).values()) - 1e-6

    @given(memories)
    @settings(max_examples=50)
    def test_a_need_is_between_slowest_and_enough(self, memory):
        assert 4 <= planner.need(memory) <= planner.ENOUGH


class TestLearning:
    def test_the_rhythm_of_weeks(self):
        memory, now = Memory(), NOW
        for hour in range(5 * planner.WEEK):
            now = NOW + timedelta(hours=hour)
            played = [now - timedelta(minutes=m) for m in (50, 40, 30)] if now.hour in (18, 19) else []
            memory = planner.learn(memory, played, now)
        chances = planner._chances(memory.rhythm, memory.weeks)
        evening = chances[(planner._hour(NOW.replace(hour=18)) + planner._MONDAY) % planner.WEEK]
        night = chances[(planner._hour(NOW.replace(hour=3)) + planner._MONDAY) % planner.WEEK]
        assert evening > 0.9
        assert night < 0.4

    @pytest.mark.parametrize(("apart_s", "expected"), [(35, 102), (200, 18), (240, 15)])
    def test_the_pace(self, apart_s, expected):
        played = [NOW - timedelta(seconds=apart_s * n) for n in range(50)]
        burst = planner.learn(Memory(burst=planner.BURST_LEAST), played, NOW).burst
        assert burst == pytest.approx(expected, rel=0.03)

    @settings(max_examples=60, deadline=None)
    @given(memories, st.lists(spans, max_size=50), spans)
    def test_stays_in_bounds_and_survives_json(self, memory, ago, later):
        now = NOW + later
        learned = planner.learn(memory, [now - span for span in ago], now)
        assert all(0 <= value <= 100 for value in learned.rhythm)
        assert all(0 <= value <= 8 for value in learned.weeks)
        assert planner.BURST_LEAST <= learned.burst <= planner.BURST_MOST
        assert len(str(learned.to_json())) < 1800
        again = Memory.from_json(learned.to_json())
        assert again.rhythm == learned.rhythm
        assert again.burst == pytest.approx(learned.burst, abs=0.01)

    @pytest.mark.parametrize("junk", [{}, {"rhythm": [1, 2]}, {"rhythm": None}, {"rhythm": ["x"] * 168, "weeks": []}])
    def test_forgets_what_it_cannot_read(self, junk):
        assert Memory.from_json(junk) == Memory()

    def test_a_repeat_teaches_nothing_twice(self):
        played = [NOW - timedelta(minutes=4 * n) for n in range(30)]
        once = planner.learn(Memory(), played, NOW)
        assert planner.learn(once, played, NOW) == once


def test_failures_are_retried_ever_later():
    waits = [planner.retry_at(failures, NOW) - NOW for failures in range(1, 15)]
    assert waits[0] == timedelta(minutes=1)
    assert waits == sorted(waits)
    assert waits[-1] == planner.LATEST_RETRY


@pytest.fixture(scope="module")
def listeners() -> list[simulation.Listener]:
    return simulation.generated(24, days=7)


class TestSimulation:
    """The benchmark in small: the full one is `python -m tests.bench.poll_simulation`."""

    def test_catches_nearly_all_with_30_calls(self, listeners):
        group_budget = 30 * simulation.SEATS
        outcomes = simulation.simulate(listeners, 30, days=7)
        total = simulation.together(outcomes)
        assert total.share >= 0.999 * sum(map(simulation.catchable, listeners)) / total.plays
        assert max(one.calls for one in outcomes) / 7 <= 30
        assert total.fullest_day <= group_budget

    def test_with_100_calls_for_five_is_near_the_best_possible(self, listeners):
        for group in list(simulation.groups(listeners))[:4]:
            outcomes = simulation.planned(group, 100, days=7)
            total = simulation.together(outcomes)
            assert total.share >= simulation.bound(group, 100, days=7) - 0.02
            assert total.fullest_day <= 100

    def test_a_tiny_budget_is_never_exceeded_and_shared_fairly(self, listeners):
        outcomes = simulation.planned(listeners[:5], 20, days=7)
        assert max(one.fullest_day for one in outcomes) <= 20
        calls = [one.calls for one in outcomes]
        assert max(calls) - min(calls) <= 7

    @pytest.mark.parametrize("plays", [0, 1, 49, 50, 51, 120])
    @pytest.mark.parametrize("calls", [0, 1, 2, 3])
    def test_the_bound_is_what_a_search_finds(self, plays, calls):
        assert simulation.best_with(calls, plays) == simulation.best_by_search(range(plays), calls)

    def test_wire_agrees_with_fixed_polling(self, listeners):
        for listener in listeners[:6]:
            wire = simulation.Wire(listener)
            for number in range(1, 7 * 24 * 2 + 12):
                wire.poll(number * 1800.0)
            assert wire.caught == simulation.fixed([listener], 1800, days=7).caught
