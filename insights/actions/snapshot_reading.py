"""What one stored snapshot shows: its figures with names, words and charts, and two of them side by side."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from ingest.models import Counting
from insights.actions import top
from insights.analysis.features import RADAR
from insights.analysis.top import Kind
from insights.measures import ALL, GROUPS, MOODS, PARTS, SOUND, Measure, percent
from insights.models import ListeningSnapshot
from insights.points import Point, number

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

_WHATS: tuple[Kind, ...] = ("artists", "tracks", "albums")


@dataclass(frozen=True, slots=True)
class Feature:
    """One audio feature: mean, spread, least and most in words, and the tracks that they rest on."""

    measure: Measure
    mean: str
    spread: str
    least: str
    most: str
    tracks: int


@dataclass(frozen=True, slots=True)
class Named:
    """Something heard much, and how often."""

    item: Any
    plays: int

    @property
    def page(self) -> str:
        return top.page_of(self.item)


@dataclass(frozen=True, slots=True)
class Profile:
    """One outline of a radar."""

    name: str
    values: Sequence[float | None]


@dataclass(frozen=True, slots=True)
class Pair:
    """One measure in two snapshots, and the difference from the first to the second."""

    measure: Measure
    then: float | None
    now: float | None

    @property
    def then_said(self) -> str:
        return self.measure.said(self.then)

    @property
    def now_said(self) -> str:
        return self.measure.said(self.now)

    @property
    def difference(self) -> str:
        """With its sign; of shares in points of a hundred. Empty where either is not known."""
        if self.then is None or self.now is None:
            return ""
        gap = self.now - self.then
        if self.measure.unit == "share":
            points = round(gap * 100)
            said = ngettext("%(n)s point", "%(n)s points", abs(points)) % {"n": number(abs(points))}
            return _signed(points, said)
        return _signed(gap, self.measure.said(abs(gap)))


def _signed(gap: float, said: str) -> str:
    return f"+{said}" if gap > 0 else f"−{said}" if gap < 0 else said


@dataclass(frozen=True)
class Shown:
    """One snapshot for its page."""

    snapshot: ListeningSnapshot

    @property
    def features(self) -> list[Feature]:
        rows = self.snapshot.part("features")
        return [_feature(measure, rows[measure.path[1]]) for measure in SOUND if measure.path[1] in rows]

    @property
    def profile(self) -> Profile:
        rows = self.snapshot.part("features")
        return Profile(str(self.snapshot.get_range_display()), [rows.get(name, {}).get("mean") for name in RADAR])

    @property
    def moods(self) -> list[Point]:
        return _shares(self.snapshot, MOODS) if self.snapshot.part("moods").get("known_plays") else []

    @property
    def hours(self) -> list[Point]:
        return _shares(self.snapshot, PARTS)

    @property
    def genres(self) -> list[Point]:
        rows = self.snapshot.figures.get("genres") or []
        return [Point(row["name"], row["share"], percent(row["share"])) for row in rows]

    @property
    def sources(self) -> dict[str, str]:
        return {name: ", ".join(told) for name, told in self.snapshot.part("sources").items()}

    @property
    def width(self) -> list[tuple[Measure, str]]:
        """The measures of how wide it was that are known."""
        found = ((measure, measure.of(self.snapshot)) for measure in GROUPS[1][1])
        return [(measure, measure.said(value)) for measure, value in found if value is not None]

    def top(self, user: User) -> list[tuple[Kind, list[Named]]]:
        """What was heard most; three queries. What is no longer in the catalogue is left out."""
        found = []
        for what in _WHATS:
            rows = self.snapshot.part("top").get(what, [])
            items = top.named(user, what, [row["id"] for row in rows])
            found.append((what, [Named(items[row["id"]], row["plays"]) for row in rows if row["id"] in items]))
        return found

    @property
    def rule_words(self) -> str:
        """What counted as a play when it was taken."""
        if self.snapshot.rule != Counting.Rule.OWN:
            return str(Counting.Rule(self.snapshot.rule).label)
        limits = self.snapshot.part("rule")
        seconds, share = (limits.get("least_ms") or 0) // 1000, limits.get("share") or 0
        told = [_("%(seconds)s seconds") % {"seconds": seconds}] if seconds else []
        told += [_("%(share)s of the track") % {"share": percent(share)}] if share else []
        return _(" or ").join(told)


def neighbours(snapshot: ListeningSnapshot) -> dict[str, ListeningSnapshot | None]:
    """The snapshots of the same range before and after, and the one nearest to four weeks before."""
    rows = ListeningSnapshot.objects.of(snapshot.user).filter(range=snapshot.range)
    return {
        "earlier": rows.filter(on__lt=snapshot.on).order_by("-on").first(),
        "later": rows.filter(on__gt=snapshot.on).order_by("on").first(),
        "then": before(snapshot, snapshot.on - timedelta(weeks=4)),
    }


def before(snapshot: ListeningSnapshot, on: date) -> ListeningSnapshot | None:
    """The newest of the same range up to `on`."""
    rows = ListeningSnapshot.objects.of(snapshot.user).filter(range=snapshot.range, on__lte=on)
    return rows.order_by("-on").first()


def pairs(then: ListeningSnapshot, now: ListeningSnapshot) -> list[tuple["StrOrPromise", list[Pair]]]:
    """All measures that are known in either, by group."""
    found = []
    for words, group in GROUPS:
        rows = [Pair(measure, measure.of(then), measure.of(now)) for measure in group]
        known = [row for row in rows if row.then is not None or row.now is not None]
        if known:
            found.append((words, known))
    return found


def _feature(measure: Measure, row: dict[str, Any]) -> Feature:
    mean, spread, least, most = (row[name] for name in ("mean", "spread", "min", "max"))
    said = measure.said
    return Feature(measure, said(mean), said(spread), said(least), said(most), row["tracks"])


def _shares(snapshot: ListeningSnapshot, measures: list[Measure]) -> list[Point]:
    values = [(measure, measure.of(snapshot)) for measure in measures]
    return [Point(str(measure.words), value, measure.said(value)) for measure, value in values]


def measure_named(name: str, default: str = "plays") -> Measure:
    return ALL.get(name, ALL[default])
