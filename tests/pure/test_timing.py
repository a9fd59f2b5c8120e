"""When a clock strikes: every day once, whatever the zone does with its clocks."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playlists.timing import next_after

BERLIN = ZoneInfo("Europe/Berlin")


def at(*parts: int, zone: ZoneInfo = BERLIN, fold: int = 0) -> datetime:
    return datetime(*parts, tzinfo=zone, fold=fold).astimezone(UTC)


def test_the_next_is_today_or_tomorrow():
    assert next_after(at(2026, 11, 20, 5, 59), BERLIN, hour=6) == at(2026, 11, 20, 6)
    assert next_after(at(2026, 11, 20, 6), BERLIN, hour=6) == at(2026, 11, 21, 6)


def test_a_weekday_is_of_the_zone():
    kiritimati = ZoneInfo("Pacific/Kiritimati")  # 14 hours ahead: Saturday begins on Friday, UTC
    found = next_after(datetime(2026, 11, 20, 9, tzinfo=UTC), kiritimati, hour=0, weekday=6)
    assert found == datetime(2026, 11, 20, 10, tzinfo=UTC)


def test_an_hour_that_is_skipped_strikes_when_the_clocks_have_jumped():
    night = at(2026, 3, 28, 12)
    assert next_after(night, BERLIN, hour=2) == at(2026, 3, 29, 3)
    assert next_after(at(2026, 3, 29, 3), BERLIN, hour=2) == at(2026, 3, 30, 2)


def test_an_hour_that_comes_twice_strikes_once():
    first = next_after(at(2026, 10, 24, 12), BERLIN, hour=2)
    assert first == at(2026, 10, 25, 2, fold=0)
    for later in (first, at(2026, 10, 25, 2, fold=1), at(2026, 10, 25, 2, 30, fold=1)):
        assert next_after(later, BERLIN, hour=2) == at(2026, 10, 26, 2)


def test_a_day_that_a_zone_left_out_strikes_with_the_next():
    apia = ZoneInfo("Pacific/Apia")
    before = datetime(2011, 12, 29, 12, tzinfo=apia)
    assert next_after(before, apia, hour=9) == at(2011, 12, 31, 9, zone=apia)
    assert next_after(before, apia, hour=9, weekday=5) == at(2011, 12, 31, 9, zone=apia)  # that Friday never was


@pytest.mark.parametrize(("hour", "weekday"), [(24, None), (-1, None), (6, 0), (6, 8)])
def test_what_is_no_time_is_refused(hour, weekday):
    with pytest.raises(ValueError, match="no such time"):
        next_after(at(2026, 11, 20), BERLIN, hour=hour, weekday=weekday)


@settings(deadline=None)
@given(
    zone=st.sampled_from(sorted(available_timezones())),
    moment=st.integers(631_152_000, 2_145_916_800).map(lambda second: datetime.fromtimestamp(second, UTC)),
    hour=st.integers(0, 23),
)
def test_every_zone_strikes_about_once_a_day(zone, moment, hour):
    home, found = ZoneInfo(zone), moment
    for _day in range(3):
        before, found = found, next_after(found, home, hour=hour)
        assert before < found <= before + timedelta(days=2, hours=2)
        assert (found.astimezone(home).hour - hour) % 24 <= 1
