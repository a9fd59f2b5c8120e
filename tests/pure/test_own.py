"""What a person may say of a track, as it is typed."""

import pytest

from ingest import own


@pytest.mark.parametrize(
    ("field", "text", "value"),
    [
        ("energy", "0.8", 0.8),
        ("energy", "0,8", 0.8),
        ("tempo_bpm", " 120 ", 120),
        ("loudness_db", "-7.5", -7.5),
        ("rating", "5", 5),
        ("moods", "Calm,  DARK,calm", ["calm", "dark"]),
        ("genres", "Hip-Hop, trip-hop", ["hip hop", "trip hop"]),
        ("labels", "Road trip,  Fête ", ["road trip", "fête"]),
        ("labels", "favourites", ["favourites"]),
        ("occasion", "Wedding", "Wedding"),
        ("occasion", "2011", 2011),
        ("occasion", "nan", "nan"),
        ("occasion", "1e400", "1e400"),
        ("occasion", "a\x00b", "ab"),
    ],
)
def test_what_is_typed_becomes_a_value(field, text, value):
    found = own.value_of(own.field_of(field), text)
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("energy", "1.1"),
        ("energy", "loud"),
        ("energy", "nan"),
        ("rating", "0"),
        ("rating", "4.5"),
        ("rating", "six"),
        ("moods", " , "),
        ("genres", "rock, seen live"),
        ("labels", ", ".join(map(str, range(21)))),
        ("labels", "x" * 81),
        ("occasion", "x" * 81),
        ("occasion", "  "),
    ],
)
def test_what_is_no_value_is_refused_with_words(field, text):
    with pytest.raises(own.BadFact, match=r"\w+"):
        own.value_of(own.field_of(field), text)


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("Occasion", "occasion"),
        (" my era ", "my_era"),
        ("Настроение", "настроение"),
        ("ENERGY", "energy"),
        ("a-b", "a-b"),
    ],
)
def test_names_of_labels(text, field):
    assert own.field_of(text) == field


@pytest.mark.parametrize("text", ["", "1st", "a:b", "a b(", "x" * 41, '"', "title", "plays", "bpm"])
def test_names_that_no_label_may_have(text):
    with pytest.raises(own.BadFact):
        own.field_of(text)


def test_a_value_is_shown_as_it_is_typed():
    assert [own.told(value) for value in (["a", "b"], 0.8, 3, "x")] == ["a, b", "0.8", "3", "x"]
