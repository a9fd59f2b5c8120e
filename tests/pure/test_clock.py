"""Local hours and days over arrays, against datetime and zoneinfo."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest import clock, period

# Half and quarter hours, both kinds of clock change, one of half an hour, a skipped midnight, a skipped day.
ZONES = (
    "UTC", "Europe/Berlin", "America/St_Johns", "Asia/Kolkata", "Asia/Kathmandu", "Australia/Lord_Howe",
    "America/Sao_Paulo", "Pacific/Apia", "Africa/Casablanca", "Asia/Tehran",
)  # fmt: skip
SECONDS = st.integers(
    int(datetime(2004, 1, 1, tzinfo=UTC).timestamp()), int(datetime(2030, 1, 1, tzinfo=UTC).timestamp())
)


@given(st.sampled_from(ZONES), st.lists(SECONDS, min_size=1, max_size=40))
def test_each_moment_is_in_its_local_hour(name, seconds):
    zone = ZoneInfo(name)
    moments = np.array(sorted(seconds)) * 1000
    hours = clock.hours(int(moments[0]), int(moments[-1]), zone)
    places = np.searchsorted(hours.edges, moments, side="right") - 1
    shown = clock.local_ms(moments, zone)
    assert (np.diff(hours.edges) > 0).all()
    for moment, place, wall in zip(moments.tolist(), places.tolist(), shown.tolist(), strict=True):
        local = datetime.fromtimestamp(moment / 1000, zone)
        assert (clock.day_of(hours.day[place]), hours.hour[place]) == (local.date(), local.hour)
        assert hours.weekday[place] == local.weekday()
        assert wall == local.replace(tzinfo=UTC).timestamp() * 1000


@pytest.mark.parametrize("name", ZONES)
def test_midnights_are_those_of_datetime(name):
    zone, first, last = ZoneInfo(name), date(2009, 1, 1), date(2019, 12, 31)
    days = [first + timedelta(days=n) for n in range((last - first).days + 2)]
    assert clock.midnights(first, last, zone).tolist() == [period.midnight_ms(day, zone) for day in days]


def test_the_hour_that_comes_twice_stands_twice():
    zone = ZoneInfo("Europe/Berlin")
    first, last = (round(datetime(2026, 10, 25, hour, tzinfo=zone).timestamp() * 1000) for hour in (1, 4))
    assert clock.hours(first, last, zone).hour.tolist() == [1, 2, 2, 3, 4]
