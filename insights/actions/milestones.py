"""The marks of a person's listening: each with its date, the play that reached it, and the way there."""

from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.fields import from_ms
from ingest import clock
from ingest.heard import Heard
from ingest.lens import Reading
from ingest.models import Track
from insights.actions import top
from insights.actions.sessions import Book
from insights.analysis import milestones, sessions, time
from insights.points import in_log, number


@dataclass(frozen=True, slots=True)
class Mark:
    """One milestone."""

    mark: milestones.Milestone
    at: datetime
    on: date
    track: Track | None
    page: str  # the track's; empty without one
    play_url: str

    @property
    def title(self) -> str:
        n = self.mark.number
        if self.mark.kind == "plays":
            return _("Your first play") if n == 1 else _("Play number %(n)s") % {"n": number(n)}
        if self.mark.kind == "hours":
            return ngettext("%(n)s hour of music", "%(n)s hours of music", n) % {"n": number(n)}
        if self.mark.kind == "artists":
            return _("Artist number %(n)s") % {"n": number(n)}
        return _("The first of %(year)s") % {"year": n}


@dataclass(frozen=True, slots=True)
class Longest:
    """The longest session."""

    ms: int
    at: datetime
    url: str


@dataclass(frozen=True, slots=True)
class Marks:
    """All of one person; `years` hold the marks by local year, the latest first, and so within each."""

    years: list[tuple[int, list[Mark]]]
    ahead: milestones.Ahead | None
    biggest: milestones.Biggest | None
    biggest_url: str
    longest: Longest | None
    streak: time.Run | None
    streak_url: str


def reached(*, reading: Reading, today: date) -> Marks:
    heard, rule = reading.heard().counted, reading.rule_asked
    found = milestones.reached(heard)
    marks = _marks(reading, heard, found)[::-1]
    biggest = milestones.biggest_day(heard)
    streak = time.streaks(time.active_days(heard), today).longest
    return Marks(
        years=[(year, list(those)) for year, those in groupby(marks, key=lambda mark: mark.on.year)],
        ahead=milestones.ahead(heard, today),
        biggest=biggest,
        biggest_url=in_log(biggest.on, biggest.on, rule=rule) if biggest else "",
        longest=longest_session(reading),
        streak=streak,
        streak_url=in_log(streak.first, streak.last, rule=rule) if streak else "",
    )


def longest_session(reading: Reading) -> Longest | None:
    """From the first note to the last; sessions hold skips too. None without plays."""
    book = Book(reading)
    found = sessions.summary(book.found, slice(0, len(book.found)))
    if not found.count:
        return None
    url = reverse("insights:session", args=[found.longest_started])
    return Longest(found.longest_ms, from_ms(found.longest_started), url)


def _marks(reading: Reading, heard: Heard, found: list[milestones.Milestone]) -> list[Mark]:
    items = top.named(reading.user, "tracks", sorted({int(heard.track[mark.spot]) for mark in found}))
    rows = []
    for mark in found:
        track, started = items.get(int(heard.track[mark.spot])), int(heard.started[mark.spot])
        on = clock.day_of(clock.local_days(heard.started[mark.spot : mark.spot + 1], heard.zone)[0])
        words = {"track": str(track.pk)} if track else {}
        url = in_log(on, on, show="plays", rule=reading.rule_asked, span=f"{started}-{started}", **words)
        rows.append(Mark(mark, from_ms(started), on, track, top.page_of(track), url))
    return rows
