"""Titles come apart into their own words and what is marked on them, and no further."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from ingest.cleaning import Cleaned, Mark, base_key, clean
from ingest.cleaning_words import SAME, Kind
from tests.pure.titles import rows

TITLES = rows()
PIECES = sorted({piece for title, _, _ in TITLES for piece in title.replace("(", " ( ").replace(")", " ) ").split()})


def written(mark: Mark) -> str:
    return mark.kind + (f":{mark.detail}" if mark.detail else "") + (f"@{mark.year}" if mark.year else "")


def test_the_table_is_large_and_has_no_title_twice():
    assert len(TITLES) == len({title for title, _, _ in TITLES}) >= 150


@pytest.mark.parametrize(("title", "base", "marks"), TITLES)
def test_a_title_comes_apart(title, base, marks):
    cleaned = clean(title)
    assert (cleaned.base, "; ".join(map(written, cleaned.marks))) == (base or title, marks)


def test_every_kind_says_whether_the_performance_is_the_same():
    assert set(SAME) == set(Kind)
    assert {kind for kind, same in SAME.items() if same} == {
        Kind.REMASTER, Kind.EDITION, Kind.ORIGINAL, Kind.EXPLICIT, Kind.CLEAN, Kind.BONUS, Kind.FEATURING,
        Kind.SOUNDTRACK,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Song", "Song - Remastered 2011", True),
        ("Song (feat. Sia)", "Song (Deluxe Edition)", True),
        ("Song - Live at Wembley", "Song (Live in Wembley)", True),
        ("Song - Live at Wembley", "Song (Live in Paris)", False),
        ("Song - Live", "Song", False),
        ("Song - En Vivo", "Song (Live)", True),
        ("Song (A Remix)", "Song (B Remix)", False),
        ("Song (A Remix)", "Song - A Remix / Remastered", True),
        ("Song - 12\" Version", "Song (12-inch Version)", True),
        ("Song - 2018 Mix", "Song - 2019 Mix", False),
        ("Song (Taylor's Version)", "Song (Taylor’s Version)", True),
        ("Song (Taylor's Version)", "Song", False),
        ("Song - Versión Acústica", "Song (Acoustic)", True),
        ("Song - Mono", "Song - Stereo", False),
    ],
)  # fmt: skip
def test_versions_tell_performances_apart(one, other, same):
    assert (clean(one).version == clean(other).version) is same


def test_featured_artists_are_never_cut():
    assert clean("Song (feat. Tyler, The Creator & AC/DC) [with Simon & Garfunkel]").featured == (
        "Tyler, The Creator & AC/DC",
        "Simon & Garfunkel",
    )


def test_keys_ignore_case_accents_and_punctuation():
    assert base_key("Don’t Stop – Me, Now!") == base_key("DON'T STOP ME NOW")
    assert base_key("Ça va & toi") == base_key("ca va and toi")
    assert base_key("!!!") != base_key("???")


@given(some.one_of(some.text(), some.lists(some.sampled_from(PIECES), max_size=9).map(" ".join)))
def test_cleaning_is_idempotent_and_leaves_something(title):
    cleaned = clean(title)
    assert clean(cleaned.base) == Cleaned(cleaned.base)
    assert bool(cleaned.base) == bool(title.split())
