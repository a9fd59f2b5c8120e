"""What a person may say of a track themselves: corrections of what providers know, a rating, and labels. Pure.

A value is a number for numeric fields, a list of names for lists, and a text or number for a label with a key of the
person's own. What a rule calls by a name is not free for a label: higher apps reserve such names.
"""

import math
import re
from collections.abc import Iterable

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ingest import facts, names, tag_words
from ingest.heard import FEATURES

Value = float | int | str | list[str]
LISTS = ("genres", "moods", "labels")  # of names; "labels" are words of the person's own
RATING, YEAR = "rating", "year"
KNOWN = (*LISTS, RATING, YEAR, *FEATURES)  # fields with a meaning of their own; any other is a label with a key
MOST_NAMES, LONGEST_NAME, LONGEST_KEY = 20, 80, 40
WHOLE = {RATING: (1, 5), YEAR: (1000, 9999)}  # numbers that are whole, and between which bounds
WORDS: dict[str, Promise] = {
    "genres": gettext_lazy("Genres"),
    "moods": gettext_lazy("Moods"),
    "labels": gettext_lazy("Labels"),
    "rating": gettext_lazy("Your rating"),
    "year": gettext_lazy("Year"),
    "valence": gettext_lazy("Cheerfulness"),
    "energy": gettext_lazy("Energy"),
    "danceability": gettext_lazy("Danceability"),
    "acousticness": gettext_lazy("Acousticness"),
    "instrumentalness": gettext_lazy("No singing"),
    "speechiness": gettext_lazy("Spoken words"),
    "liveness": gettext_lazy("Live sound"),
    "tempo_bpm": gettext_lazy("Tempo (beats a minute)"),
    "loudness_db": gettext_lazy("Loudness (dB)"),
    "key": gettext_lazy("Key"),
    "mode": gettext_lazy("Mode"),
    "listeners": gettext_lazy("Listeners"),
    "popularity": gettext_lazy("Popularity"),
}
_KEY = re.compile(r"[^\W\d][\w.]*(?:-[\w.]+)*")  # what a typed query takes for the name of a field
_reserved: set[str] = set()


class BadFact(ValueError):
    """What was typed is no value of that field; the text says what to do."""


def reserve(taken: Iterable[str]) -> None:
    """Names that mean something else in an app above; from its `AppConfig.ready`."""
    _reserved.update(taken)


def words(field: str) -> str:
    """What a field is called."""
    return str(WORDS.get(field, field))


def field_of(text: str) -> str:
    """The field of that name, or the key of a label as it is kept. Raises BadFact."""
    key = "_".join(names.clean(text).casefold().split())
    if key in KNOWN:
        return key
    if not _KEY.fullmatch(key):
        raise BadFact(_("A label’s name begins with a letter, and has letters, numbers and dashes: occasion, my-era."))
    if len(key) > LONGEST_KEY:
        raise BadFact(_("A label’s name may have %(most)s characters.") % {"most": LONGEST_KEY})
    if key in _reserved:
        raise BadFact(_("“%(name)s” means something else already. Choose another name.") % {"name": key})
    return key


def value_of(field: str, text: str) -> Value:
    """The value that was typed for a `field_of`. Raises BadFact."""
    text = " ".join(names.clean(text).split())
    if not text:
        raise BadFact(_("Say a value, or take the word back instead."))
    if field in LISTS:
        return _names(field, text)
    number = _number(text)
    if field in KNOWN:
        return _bounded(field, number)
    if number is not None:
        return number
    if len(text) > LONGEST_NAME:
        raise BadFact(_("A label may have %(most)s characters.") % {"most": LONGEST_NAME})
    return text


def is_value(field: str, value: object) -> bool:
    """Whether `value`, as an export tells it, may be kept under that field."""
    try:
        if field_of(field) != field:
            return False
        if field in LISTS:
            return isinstance(value, list) and 0 < len(value) <= MOST_NAMES and all(map(_is_word, value))
        if isinstance(value, int | float) and not isinstance(value, bool):
            return _bounded(field, value) == value if field in KNOWN else _number(str(value)) is not None
    except BadFact:
        return False
    return field not in KNOWN and _is_word(value)


def _is_word(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= LONGEST_NAME and names.clean(value) == value


def told(value: object) -> str:
    """A value as one types it."""
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return f"{value:g}" if isinstance(value, float) else str(value)


def _names(field: str, text: str) -> list[str]:
    parts = [part.strip() for part in text.split(",") if part.strip()]
    names = [tag_words.name(part) for part in parts] if field != "labels" else [part.casefold() for part in parts]
    if not all(names):
        empty = parts[names.index("")]
        raise BadFact(_("“%(name)s” says nothing of music. Choose another word.") % {"name": empty[:LONGEST_NAME]})
    names = list(dict.fromkeys(names))
    if not names:
        raise BadFact(_("Say a value, or take the word back instead."))
    if len(names) > MOST_NAMES or any(len(name) > LONGEST_NAME for name in names):
        raise BadFact(
            _("At most %(most)s names, each of %(long)s characters.") % {"most": MOST_NAMES, "long": LONGEST_NAME}
        )
    return names


def _number(text: str) -> float | int | None:
    try:
        number = float(text.replace(",", ".") if text.count(",") == 1 and "." not in text else text)
    except ValueError:
        return None
    if not math.isfinite(number) or abs(number) > 2**53:
        return None
    return int(number) if number.is_integer() else number


def _bounded(field: str, number: float | None) -> float:
    low, high = WHOLE.get(field) or facts.BOUNDS[field]
    if number is None or not low <= number <= high or (field in WHOLE and not isinstance(number, int)):
        kind = _("a whole number") if field in WHOLE else _("a number")
        raise BadFact(
            _("%(field)s is %(kind)s from %(low)s to %(high)s.")
            % {"field": words(field), "kind": kind, "low": f"{low:g}", "high": f"{high:g}"}
        )
    return number
