"""From the words in an address to half-open moments."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from insights.analysis.period import BadPeriod, parse

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
