"""Findings about listening as sentences, by templates: the same findings and tone always give the same words.

Each sentence carries the numbers that it names and the part of the page they are drawn in. It describes music, and
says nothing about health.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from insights.analysis.wellness import Finding
from insights.measures import HOUR_MS, percent
from insights.points import number

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

TONES: dict[str, "StrOrPromise"] = {
    "supportive": gettext_lazy("Supportive"),
    "neutral": gettext_lazy("Neutral"),
    "encouraging": gettext_lazy("Encouraging"),
}


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence. `numbers` are all that stand in it, as they are written; `anchor` is the chart behind them."""

    text: str
    numbers: Sequence[str]
    anchor: str
    coda: str = ""  # what the tone adds; it names no number


_RHYTHM = {
    "morning": gettext_lazy("Most of it was heard in the morning: %(share)s of the plays."),
    "afternoon": gettext_lazy("Most of it was heard in the afternoon: %(share)s of the plays."),
    "evening": gettext_lazy("Most of it was heard in the evening: %(share)s of the plays."),
    "night": gettext_lazy("Most of it was heard at night: %(share)s of the plays."),
}
_MOODS = {
    "happy": gettext_lazy("The mood that came up most is happy: %(share)s of the %(known)s plays that we know it of."),
    "sad": gettext_lazy("The mood that came up most is sad: %(share)s of the %(known)s plays that we know it of."),
    "energetic": gettext_lazy(
        "The mood that came up most is energetic: %(share)s of the %(known)s plays that we know it of."
    ),
    "calm": gettext_lazy("The mood that came up most is calm: %(share)s of the %(known)s plays that we know it of."),
    "focused": gettext_lazy(
        "The mood that came up most is focused: %(share)s of the %(known)s plays that we know it of."
    ),
}
_ENERGY = {
    "high": gettext_lazy("The music was lively: its energy is %(mean)s on average."),
    "middle": gettext_lazy("The music kept to the middle: its energy is %(mean)s on average."),
    "low": gettext_lazy("The music was quiet: its energy is %(mean)s on average."),
}
_PLAYS = {
    "more": gettext_lazy("You heard more than in the stretch before: %(now)s plays after %(then)s."),
    "less": gettext_lazy("You heard less than in the stretch before: %(now)s plays after %(then)s."),
}
_CHANGES = {
    ("change-energy", "up"): gettext_lazy("It became livelier: energy went from %(then)s to %(now)s."),
    ("change-energy", "down"): gettext_lazy("It became quieter: energy went from %(then)s to %(now)s."),
    ("change-valence", "up"): gettext_lazy("It became brighter: brightness went from %(then)s to %(now)s."),
    ("change-valence", "down"): gettext_lazy("It became darker: brightness went from %(then)s to %(now)s."),
}
_CODAS: dict[tuple[str, str], "StrOrPromise"] = {  # by kind, or kind and word, and tone
    ("amount", "supportive"): gettext_lazy("However much it was, it was yours."),
    ("amount", "encouraging"): gettext_lazy("A record you have long meant to hear may find its place among them."),
    ("rhythm", "supportive"): gettext_lazy("It is good to have an hour that belongs to music."),
    ("rhythm", "encouraging"): gettext_lazy("Try one album at another hour: the same music sounds different there."),
    ("night", "supportive"): gettext_lazy("Late hours have a sound of their own."),
    ("night", "encouraging"): gettext_lazy("A quiet record makes a good last one."),
    ("mood", "supportive"): gettext_lazy("Any mood is a fine reason to listen."),
    ("mood", "encouraging"): gettext_lazy("If you feel like a change, let the next track come from another mood."),
    ("variety-faithful", "supportive"): gettext_lazy("You know what you love."),
    ("variety-faithful", "encouraging"): gettext_lazy("Something new beside a favourite is easy to try."),
    ("variety-roaming", "supportive"): gettext_lazy("You give many things a chance."),
    ("variety-roaming", "encouraging"): gettext_lazy("Pick one of them and stay with it for an evening."),
}


def write(findings: Sequence[Finding], tone: str) -> list[Sentence]:
    """A sentence for each finding, in their order. KeyError for a tone that there is not."""
    TONES[tone]
    return [_sentence(finding, tone) for finding in findings]


def _sentence(finding: Finding, tone: str) -> Sentence:
    text, said, anchor = _WRITERS[finding.kind](finding)
    coda = _CODAS.get((finding.kind, tone)) or _CODAS.get((f"{finding.kind}-{finding.word}", tone), "")
    return Sentence(text, list(said.values()), anchor, str(coda))


Written = tuple[str, Mapping[str, str], str]


def _amount(finding: Finding) -> Written:
    numbers = finding.numbers
    hours = round(numbers["ms"] / HOUR_MS)
    said = {name: number(round(numbers[name])) for name in ("plays", "days", "length")} | {"hours": number(hours)}
    text = ngettext(
        "You heard %(plays)s plays in %(hours)s hour of music, on %(days)s of %(length)s days.",
        "You heard %(plays)s plays in %(hours)s hours of music, on %(days)s of %(length)s days.",
        hours,
    )
    return text % said, said, "amount"


def _unknown(finding: Finding) -> Written:
    said = {name: number(round(value)) for name, value in finding.numbers.items()}
    text = _("How it sounds is known for %(known)s of %(tracks)s tracks: too few to speak of moods.")
    return text % said, said, "sound-title"


def _variety(finding: Finding) -> Written:
    numbers = finding.numbers
    said = {name: number(round(numbers[name])) for name in ("artists", "tracks")}
    said["repeats"] = percent(numbers["repeats"])
    text = _("It was %(tracks)s different tracks by %(artists)s artists; %(repeats)s of the plays came back to one.")
    return text % said, said, "width-title"


def _mood(finding: Finding) -> Written:
    said = {"share": percent(finding.numbers["share"]), "known": number(round(finding.numbers["known"]))}
    return str(_MOODS[finding.word]) % said, said, "moods-title"


def _change_in_plays(finding: Finding) -> Written:
    said = {name: number(round(value)) for name, value in finding.numbers.items()}
    return str(_PLAYS[finding.word]) % said, said, "amount"


def _in_percent(words: Callable[[Finding], "StrOrPromise"], anchor: str) -> Callable[[Finding], Written]:
    """For kinds all of whose numbers are shares."""

    def written(finding: Finding) -> Written:
        said = {name: percent(value) for name, value in finding.numbers.items()}
        return str(words(finding)) % said, said, anchor

    return written


_WRITERS: dict[str, Callable[[Finding], Written]] = {
    "amount": _amount,
    "rhythm": _in_percent(lambda finding: _RHYTHM[finding.word], "hours-title"),
    "night": _in_percent(lambda finding: _("The night had %(share)s of the plays."), "hours-title"),
    "unknown": _unknown,
    "mood": _mood,
    "energy": _in_percent(lambda finding: _ENERGY[finding.word], "sound-title"),
    "variety": _variety,
    "change-plays": _change_in_plays,
    "change-energy": _in_percent(lambda finding: _CHANGES[finding.kind, finding.word], "sound-title"),
    "change-valence": _in_percent(lambda finding: _CHANGES[finding.kind, finding.word], "sound-title"),
}
