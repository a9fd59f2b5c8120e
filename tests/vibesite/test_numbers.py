"""Spans set large: the number speaks, its unit is small beside it."""

import pytest
from django.utils import translation

from vibesite.templatetags.numbers import set_large, span

HOUR, MINUTE = 3_600_000, 60_000


@pytest.mark.parametrize(
    ("language", "ms", "parts"),
    [
        ("en", 41_000, [("41", "s")]),
        ("en", 51 * MINUTE, [("51", "min")]),
        ("en", 3 * HOUR + 26 * MINUTE, [("3", "h"), ("26", "min")]),
        ("en", 1_234 * HOUR, [("1,234", "h")]),
        ("ru", 3 * HOUR + 5 * MINUTE, [("3", "ч"), ("5", "мин")]),
        ("ru", 12_345 * HOUR, [("12\u00a0345", "ч")]),
    ],
)
def test_each_number_of_a_span_stands_with_its_unit(language, ms, parts):
    with translation.override(language):
        told = set_large(span(ms))
    assert told == " ".join(
        f'<span class="nowrap">{number}<span class="figure-unit">\u00a0{unit}</span></span>' for number, unit in parts
    )


def test_what_is_no_span_stays_as_it_is():
    assert set_large(span(None)) == "–"
    assert set_large("<b>") == "&lt;b&gt;"
