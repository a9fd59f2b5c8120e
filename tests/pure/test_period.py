"""From the words in an address to half-open moments."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from ingest.period import BadPeriod, parse

TODAY = date(2026, 11, 21)
BERLIN = ZoneInfo("Europe/Berlin")


def moments(period):
    return [None if ms is None else datetime.fromtimestamp(ms / 1000, UTC) for ms in (period.start_ms, period.end_ms)]


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("4w", date(2026, 10, 25), TODAY),
        ("6m", date(2026, 5, 23), TODAY),
        ("1y", date(2025, 11, 22), TODAY),
        ("year", date(2026, 1, 1), date(2026, 12, 31)),
        ("2019", date(2019, 1, 1), date(2019, 12, 31)),
        ("all", None, None),
    ],
)
def test_named_ranges(name, first, last):
    period = parse(name, today=TODAY, zone=BERLIN)
    assert (period.first, period.last) == (first, last)
    assert parse(period.query.removeprefix("range="), today=TODAY, zone=BERLIN) == period


def test_days_are_local_and_half_open_over_a_clock_change():
    period = parse("custom", first="2026-10-25", last="2026-10-25", today=TODAY, zone=BERLIN)
    start, end = moments(period)
    assert start == datetime(2026, 10, 24, 22, tzinfo=UTC)
    assert end == datetime(2026, 10, 25, 23, tzinfo=UTC)  # a day of 25 hours


def test_half_hour_zones():
    start, _ = moments(parse("2024", today=TODAY, zone=ZoneInfo("America/St_Johns")))
    assert start == datetime(2024, 1, 1, 3, 30, tzinfo=UTC)


def test_custom_is_open_where_no_day_is_given_and_forgives_swapped_ends():
    assert moments(parse("custom", today=TODAY, zone=BERLIN)) == [None, None]
    swapped = parse("custom", first="2024-02-01", last="2024-01-01", today=TODAY, zone=BERLIN)
    assert (swapped.first, swapped.last) == (date(2024, 1, 1), date(2024, 2, 1))
    assert swapped.query == "range=custom&from=2024-01-01&to=2024-02-01"


@pytest.mark.parametrize(
    "words", [{"name": "weekly"}, {"name": "custom", "first": "31.3.2024"}, {"name": "0001"}, {"name": "²024"}]
)
def test_other_words_are_refused_with_help(words):
    with pytest.raises(BadPeriod, match=r"use|write|outside"):
        parse(words.pop("name"), **words, today=TODAY, zone=BERLIN)


@pytest.mark.parametrize(
    ("name", "first", "last", "before", "year_ago"),
    [
        ("today", "2026-11-21", "2026-11-21", ("2026-11-20", "2026-11-20"), ("2025-11-21", "2025-11-21")),
        ("week", "2026-11-16", "2026-11-22", ("2026-11-09", "2026-11-15"), ("2025-11-16", "2025-11-22")),
        ("month", "2026-11-01", "2026-11-30", ("2026-10-01", "2026-10-31"), ("2025-11-01", "2025-11-30")),
        ("2024-02", "2024-02-01", "2024-02-29", ("2024-01-01", "2024-01-31"), ("2023-02-01", "2023-02-28")),
        ("2024", "2024-01-01", "2024-12-31", ("2023-01-01", "2023-12-31"), ("2023-01-01", "2023-12-31")),
        ("4w", "2026-10-25", "2026-11-21", ("2026-09-27", "2026-10-24"), ("2025-10-25", "2025-11-21")),
    ],
)
def test_the_period_before_and_a_year_ago(name, first, last, before, year_ago):
    period = parse(name, today=TODAY, zone=BERLIN)

    def words(period):
        return period.first.isoformat(), period.last.isoformat()

    assert words(period) == (first, last)
    assert words(period.before) == before
    assert words(period.year_ago) == year_ago


def test_all_time_has_nothing_before():
    period = parse("all", today=TODAY, zone=BERLIN)
    assert (period.before, period.year_ago, period.days) == (None, None, None)


@pytest.mark.parametrize("last", ["9998-12-31", "4000-01-01", "1970-01-01"])
def test_what_would_begin_before_1970_is_no_period(last):
    long = parse("custom", first="1970-01-01", last=last, today=TODAY, zone=BERLIN)
    assert (long.before, long.year_ago) == (None, None)


@pytest.mark.parametrize("name", ["2024-13", "2024-1", "1969", "9999", "20245", "４２０２", "2024-00"])
def test_what_is_no_month_or_year_is_refused(name):
    with pytest.raises(BadPeriod):
        parse(name, today=TODAY, zone=BERLIN)
