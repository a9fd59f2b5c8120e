"""Sources that follow from what is known already: top, recent and forgotten tracks, another rule's result.

They are computed when somebody asks, never stored (decision 19): a play hidden, a counting rule changed or an account
disconnected is obeyed at once, and nothing derived stays behind. Apps above say how, by `register`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property

import numpy as np
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from ingest import lens
from ingest.heard import Heard
from ingest.models import TrackSource
from ingest.period import midnight_ms

TOP = 50  # as many as Spotify's own lists have
RANGES: dict[str, int | None] = {"short_term": 28, "medium_term": 182, "long_term": 365, "all_time": None}  # days
RECENT = ("7", "30")  # days


class Gone(Exception):
    """What the source was about is not there any more; the text says so, for people."""


class Question:
    """One computed source, asked of one person now."""

    def __init__(self, user: User, asked: str, *, now: datetime, heard: Heard | None = None) -> None:
        self.user, self.asked, self.now, self._heard = user, asked, now, heard

    @property
    def today(self) -> date:
        return self.now.astimezone(self.user.zone).date()

    @cached_property
    def heard(self) -> Heard:
        """The plays that count, of all time."""
        return (self._heard or lens.read(self.user).heard()).counted

    def since(self, days: int) -> Heard:
        """Those of today and the days before it, so many in all."""
        return self.heard.between(midnight_ms(self.today - timedelta(days=days - 1), self.user.zone), None)


def _never(user: User, asked: str, name: str) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Maker:
    """How one kind is computed."""

    tracks: Callable[[Question], Sequence[int]]  # track ids in order, each once; may raise Gone
    choices: Callable[[User], list[tuple[str, str]]]  # what may be asked, and what the source is called then
    why_not: Callable[[User, str, str], str] = _never  # why it cannot be added under that name; empty if it can


_makers: dict[str, Maker] = {}


def register(kind: str, maker: Maker) -> None:
    """Say how sources of `kind` are computed; from `AppConfig.ready`."""
    _makers[kind] = maker


def maker(kind: str) -> Maker:
    """LookupError if no app has said how."""
    return _makers[kind]


def tracks(source: TrackSource, *, now: datetime, heard: Heard | None = None) -> list[int]:
    """The tracks of a computed source as of now, in order, each once. Raises Gone."""
    return list(maker(source.kind).tracks(Question(source.user, source.asked, now=now, heard=heard)))


def choices(user: User) -> list[tuple[str, str, str]]:
    """All that a person may add: kind, what is asked, name."""
    return [(kind, *each) for kind, maker in _makers.items() for each in maker.choices(user)]


# --- What the plays alone tell ---------------------------------------------------------------------------------------
def _top(question: Question) -> list[int]:
    """Most plays first; ties by the time heard, then by the lower id: as the top lists rank."""
    days = RANGES.get(question.asked)
    heard = question.heard if days is None else question.since(days)
    plays, ms = heard.totals("tracks")
    there = np.flatnonzero(plays)
    order = np.lexsort((there, -ms[there], -plays[there]))
    return there[order][:TOP].tolist()


def _recent(question: Question) -> list[int]:
    """The last heard first."""
    heard = question.since(int(question.asked))
    groups = heard.facts.group[heard.place][::-1]
    found, first = np.unique(groups, return_index=True)
    return found[np.argsort(first)].tolist()


def _ranges(user: User) -> list[tuple[str, str]]:
    return [
        ("short_term", _("Top tracks of 4 weeks")),
        ("medium_term", _("Top tracks of half a year")),
        ("long_term", _("Top tracks of a year")),
        ("all_time", _("Top tracks of all time")),
    ]


def _lately(user: User) -> list[tuple[str, str]]:
    return [
        (days, ngettext("Heard in the last %(n)d day", "Heard in the last %(n)d days", int(days)) % {"n": int(days)})
        for days in RECENT
    ]


register(TrackSource.Kind.TOP, Maker(_top, _ranges))
register(TrackSource.Kind.RECENT, Maker(_recent, _lately))
