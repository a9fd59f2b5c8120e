"""Days of the made-up listeners: nothing overlaps, nothing depends on the order of asking."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from time import perf_counter
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vibesite.sandbox.world import Size, World

WORLD = World(size=Size.SMALL)
MS = timedelta(milliseconds=1)
PEOPLE = [person for person in WORLD.listeners if person.slots]
moments = st.datetimes(datetime(2017, 1, 1), datetime(2031, 12, 31), timezones=st.just(UTC)).map(  # noqa: DTZ001
    lambda moment: moment.replace(microsecond=0)
)
quick = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))


@quick
@given(st.sampled_from(PEOPLE), moments)
def test_plays_are_consistent(person, start):
    end = start + timedelta(days=3)
    plays = WORLD.plays(person, start, end)
    for play in plays:
        assert start <= play.ended_at < end
        assert play.ms_played >= 0
        assert play.ended_at - play.started_at == (play.ms_played + play.pause_ms) * MS
        assert play.pause_at_ms <= play.ms_played
        assert play.known_at >= play.ended_at
        assert play.started_at.microsecond % 1000 == 0
        if play.kind == "track":
            track = WORLD.track(play.item_id)
            assert play.seek_by_ms or play.ms_played <= track.duration_ms
            if play.reason_end == "trackdone":
                assert play.ms_played == track.duration_ms - play.seek_by_ms
            assert track.released <= (play.started_at.date() - date(1970, 1, 1)).days
    for before, after in pairwise(plays):
        assert before.ended_at <= after.started_at


@quick
@given(st.sampled_from(PEOPLE), moments, st.integers(1, 60))
def test_asking_in_parts_gives_the_same_plays(person, start, hours):
    middle, end = start + timedelta(hours=hours), start + timedelta(hours=2 * hours)
    whole = WORLD.plays(person, start, end)
    assert WORLD.plays(person, start, middle) + WORLD.plays(person, middle, end) == whole


@quick
@given(st.sampled_from(PEOPLE), moments, st.floats(0, 1))
def test_the_player_shows_what_is_being_played(person, start, share):
    for play in WORLD.plays(person, start, start + timedelta(days=1))[:20]:
        if play.offline or play.ended_at == play.started_at:
            continue
        at = play.started_at + timedelta(milliseconds=int((play.ms_played + play.pause_ms) * share * 0.999))
        shown = WORLD.now_playing(person, at)
        if shown is None:
            assert play.pause_ms > 12 * 60_000
            continue
        assert shown.item_id == play.item_id
        assert shown.timestamp <= at
        assert shown.device.is_private_session is play.incognito
        assert shown.progress_ms >= 0
        assert shown.progress_ms <= play.ms_played + abs(play.seek_by_ms)


@pytest.mark.parametrize("person", PEOPLE, ids=lambda person: person.id)
def test_lives_are_full_enough(person):
    year = WORLD.plays(person, datetime(2025, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC))
    assert 8 <= len(year) / 365 <= 90
    reasons = {play.reason_end for play in year}
    assert {"trackdone", "fwdbtn", "endplay", "logout"} <= reasons
    assert {"trackdone", "clickrow", "fwdbtn", "appload"} <= {play.reason_start for play in year}
    assert any(play.pause_ms for play in year)
    assert any(play.seek_by_ms for play in year)
    assert any(play.ms_played == 0 for play in year)
    contexts = {(play.context_uri or "none").split(":")[1 if play.context_uri else 0] for play in year}
    assert {"album", "playlist"} <= contexts or person.spoken


def _year(id: str) -> list:
    return WORLD.plays(WORLD.listener(id), datetime(2025, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC))


def test_each_has_a_habit_of_their_own():
    def share(id: str, fits) -> float:
        plays = _year(id)
        return sum(map(fits, plays)) / len(plays)

    assert share("mara.commutes", lambda play: play.offline) > 0.1
    assert share("igor-tishina", lambda play: play.incognito) > 0.2
    assert share("zeke-next-next", lambda play: play.skipped) > 0.35
    assert share("ruth.reads.aloud", lambda play: play.kind != "track") > 0.12
    children = share(
        "paloma_y_los_peques",
        lambda play: play.kind == "track" and WORLD.track(play.item_id).genre == "children's music",
    )
    assert children > 0.3
    loops = _year("seoyeon_on_loop")
    assert sum(a.item_id == b.item_id for a, b in pairwise(loops)) > len(loops) / 3
    owl = WORLD.listener("31nightowl7k2qzv5x3hno6wq4u7m")
    hours = [play.started_at.astimezone(ZoneInfo(owl.zone)).hour for play in _year(owl.id)]
    assert sum(hour < 5 or hour >= 21 for hour in hours) > len(hours) / 2


def test_the_traveller_changes_country_and_zone():
    linnea = WORLD.listener("linnea.reser")
    trips = [trip for year in range(2019, 2026) for trip in WORLD.trips(linnea, year)]
    assert len(trips) > 5
    trip = trips[0]
    noon = datetime(trip.start.year, trip.start.month, trip.start.day, 12, tzinfo=UTC)
    abroad = WORLD.plays(linnea, noon + timedelta(days=1), noon + timedelta(days=6))
    assert {play.country for play in abroad} == {trip.country}
    assert WORLD.whereabouts(linnea, trip.end)[1] == "SE"


def test_history_has_a_beginning_and_no_end():
    for person in PEOPLE:
        born = datetime(person.born.year, person.born.month, person.born.day, tzinfo=UTC)
        assert WORLD.plays(person, born - timedelta(days=900), born - timedelta(days=1)) == []
        assert WORLD.plays(person, datetime(2033, 1, 1, tzinfo=UTC), datetime(2033, 2, 1, tzinfo=UTC))


def test_platforms_change_over_the_years():
    gus = WORLD.listener("gymgus")
    old = WORLD.plays(gus, datetime(2019, 5, 1, tzinfo=UTC), datetime(2019, 6, 1, tzinfo=UTC))
    new = WORLD.plays(gus, datetime(2025, 5, 1, tzinfo=UTC), datetime(2025, 6, 1, tzinfo=UTC))
    assert any(play.platform.startswith("Android OS") for play in old)
    assert "android" in {play.platform for play in new}


def test_tops_are_of_what_was_played():
    mara = PEOPLE[0]
    at = datetime(2025, 6, 1, tzinfo=UTC)
    best = WORLD.top(mara, at, "tracks", days=28)
    assert best
    assert set(best) <= {play.item_id for play in WORLD.plays(mara, at - timedelta(days=28), at)}
    assert all(WORLD.artist(id) for id in WORLD.top(mara, at, "artists", days=182))


def test_a_year_is_drawn_quickly():
    world = World(size=Size.SMALL)
    began = perf_counter()
    world.plays(world.listener("zeke-next-next"), datetime(2025, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC))
    assert perf_counter() - began < 3  # 0.5 s alone; others may be at work beside
