"""The words of features and moods, and what charts of them are given."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from ingest.models import Tag
from insights.points import Point

NAMES = {
    "valence": gettext_lazy("Positivity"),
    "energy": gettext_lazy("Energy"),
    "danceability": gettext_lazy("Danceability"),
    "acousticness": gettext_lazy("Acousticness"),
    "instrumentalness": gettext_lazy("Instrumental"),
    "speechiness": gettext_lazy("Speech"),
    "liveness": gettext_lazy("Live"),
    "tempo_bpm": gettext_lazy("Tempo"),
    "loudness_db": gettext_lazy("Loudness"),
}
MOODS = {
    "happy": gettext_lazy("Happy"),
    "sad": gettext_lazy("Sad"),
    "energetic": gettext_lazy("Energetic"),
    "calm": gettext_lazy("Calm"),
    "focused": gettext_lazy("Focused"),
    "other": gettext_lazy("None of these"),
}


@dataclass(frozen=True, slots=True)
class Outline:
    """One outline of the radar."""

    name: str
    values: Sequence[float | None]


@dataclass(frozen=True, slots=True)
class Course:
    """One line of a chart."""

    name: str
    points: Sequence[Point]


@dataclass(frozen=True, slots=True)
class Row:
    """One feature with its figures in words, beside the mean of all time."""

    name: str
    mean: str
    spread: str
    least: str
    most: str
    ever: str
    plays: int


@dataclass(frozen=True, slots=True)
class Genre:
    """One genre and what it is of the ten biggest, 0 to 1."""

    tag: Tag
    plays: int
    share: float


def said(name: str, value: float | None) -> str:
    """The value of a feature in words."""
    if value is None:
        return "–"
    if name == "tempo_bpm":
        return _("%(n)s BPM") % {"n": formats.number_format(value, decimal_pos=0)}
    if name == "loudness_db":
        return _("%(n)s dB") % {"n": formats.number_format(value, decimal_pos=1)}
    return percent(value)


def percent(share: float) -> str:
    """0.125 as “13%”."""
    return pgettext("share", "%(number)s%%") % {"number": round(100 * share)}
