"""What a snapshot measures: each figure by name, where it is kept, and how it is said."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from django.db.models import F
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from insights.models import ListeningSnapshot
from insights.points import number

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

Unit = Literal["count", "time", "share", "score", "bpm", "db"]
HOUR_MS = 3_600_000


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure. `path` is a column of the snapshot, or the way to it through `figures`."""

    name: str  # in addresses
    words: "StrOrPromise"
    path: tuple[str, ...]
    unit: Unit = "share"
    note: "StrOrPromise" = ""  # how it is measured, where the name does not say it

    @property
    def expression(self) -> F:
        """Its value in a query."""
        return F("__".join(self.path if len(self.path) == 1 else ("figures", *self.path)))

    def of(self, snapshot: ListeningSnapshot) -> float | None:
        """Its value; None where nothing was known, or the computation of then did not have it."""
        if len(self.path) == 1:
            value: Any = getattr(snapshot, self.path[0])
            return None if value is None else float(value)
        found: Any = snapshot.figures
        for key in self.path:
            found = found.get(key) if isinstance(found, dict) else None
        return None if found is None else float(found)

    def drawn(self, value: float | None) -> float | None:
        """The value as a chart draws it: time in hours, shares in per cent."""
        if value is None:
            return None
        if self.unit == "time":
            return value / HOUR_MS
        return value * 100 if self.unit == "share" else value

    def said(self, value: float | None) -> str:
        """The value in words, with its unit."""
        if value is None:
            return _("not known")
        if self.unit == "count":
            return number(round(value))
        if self.unit == "time":
            return _("%(hours)s h") % {"hours": number(round(value / HOUR_MS))}
        if self.unit == "share":
            return percent(value)
        if self.unit == "bpm":
            return _("%(tempo)s beats a minute") % {"tempo": number(round(value))}
        rounded = formats.number_format(value, decimal_pos=1, use_l10n=True)
        return _("%(loudness)s dB") % {"loudness": rounded} if self.unit == "db" else rounded

    @property
    def axis(self) -> str:
        """The unit of its chart."""
        return {"count": "", "time": _("hours"), "share": "%", "score": "", "bpm": _("beats a minute"), "db": "dB"}[
            self.unit
        ]


def percent(share: float) -> str:
    """0.125 as “13%”; what is there but rounds to nothing as “<1%”."""
    if 0 < share < 0.005:
        return pgettext("share", "<1%")
    return pgettext("share", "%(number)s%%") % {"number": round(share * 100)}


def _feature(name: str, words: "StrOrPromise", unit: Unit = "share") -> Measure:
    return Measure(name, words, ("features", name, "mean"), unit)


def _mood(name: str, words: "StrOrPromise") -> Measure:
    return Measure(name, words, ("moods", name))


def _part(name: str, words: "StrOrPromise") -> Measure:
    return Measure(name, words, ("hours", name, "share"))


AMOUNTS = [
    Measure("plays", gettext_lazy("Plays"), ("plays",), "count"),
    Measure("time", gettext_lazy("Time"), ("ms",), "time"),
    Measure("days", gettext_lazy("Days with music"), ("days",), "count"),
    Measure("tracks", gettext_lazy("Tracks"), ("tracks",), "count"),
    Measure("artists", gettext_lazy("Artists"), ("artists",), "count"),
    Measure("albums", gettext_lazy("Albums"), ("albums",), "count"),
]
WIDTH = [
    Measure(
        "artist-diversity",
        gettext_lazy("Artist diversity"),
        ("diversity", "artists"),
        note=gettext_lazy("Different artists; from 50 on it is full."),
    ),
    Measure(
        "genre-diversity",
        gettext_lazy("Genre diversity"),
        ("diversity", "genres"),
        note=gettext_lazy("How evenly the ten biggest genres are heard: ten alike are full, one alone is none."),
    ),
    Measure(
        "repeats",
        gettext_lazy("Repeats"),
        ("diversity", "repeats"),
        note=gettext_lazy("Plays that were not the first of their track here."),
    ),
    Measure(
        "hipster",
        gettext_lazy("Hipster score"),
        ("hipster", "score"),
        "score",
        gettext_lazy("100 is what nobody else hears, 0 what ten million people hear."),
    ),
]
SOUND = [
    _feature("valence", gettext_lazy("Brightness")),
    _feature("energy", gettext_lazy("Energy")),
    _feature("danceability", gettext_lazy("Danceability")),
    _feature("acousticness", gettext_lazy("Acoustic")),
    _feature("instrumentalness", gettext_lazy("Instrumental")),
    _feature("speechiness", gettext_lazy("Speech")),
    _feature("tempo_bpm", gettext_lazy("Tempo"), "bpm"),
    _feature("loudness_db", gettext_lazy("Loudness"), "db"),
]
MOODS = [
    _mood("happy", gettext_lazy("Happy")),
    _mood("sad", gettext_lazy("Sad")),
    _mood("energetic", gettext_lazy("Energetic")),
    _mood("calm", gettext_lazy("Calm")),
    _mood("focused", gettext_lazy("Focused")),
    _mood("other", gettext_lazy("None of these")),
]
PARTS = [
    _part("morning", gettext_lazy("Morning, 5 to 12")),
    _part("afternoon", gettext_lazy("Afternoon, 12 to 17")),
    _part("evening", gettext_lazy("Evening, 17 to 22")),
    _part("night", gettext_lazy("Night, 22 to 5")),
]
GROUPS: list[tuple["StrOrPromise", list[Measure]]] = [
    (gettext_lazy("How much"), AMOUNTS),
    (gettext_lazy("How wide"), WIDTH),
    (gettext_lazy("How it sounds"), SOUND),
    (gettext_lazy("Moods"), MOODS),
    (gettext_lazy("When"), PARTS),
]
ALL = {measure.name: measure for _words, group in GROUPS for measure in group}
