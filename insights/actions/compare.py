"""Two stretches of a person's time, side by side."""

from dataclasses import dataclass
from typing import Any

from ingest.heard import What
from ingest.lens import Reading
from ingest.period import Period
from insights.actions import top
from insights.analysis import compare
from insights.analysis.compare import Change, Group, Totals
from insights.analysis.top import tables

_SIZE = 8


@dataclass(frozen=True, slots=True)
class Pair:
    """One total in both stretches."""

    name: str  # of the field of `Totals`
    now: int
    then: int

    @property
    def difference(self) -> int:
        return abs(self.now - self.then)

    @property
    def sign(self) -> str:
        return "+" if self.now > self.then else "−" if self.now < self.then else ""

    @property
    def ratio(self) -> float | None:
        """The difference as a share of what was then; None where there was nothing."""
        return self.difference / self.then if self.then else None


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that came, went, rose or fell."""

    change: Change
    item: Any

    @property
    def page(self) -> str:
        return top.page_of(self.item)


@dataclass(frozen=True, slots=True)
class Compared:
    pairs: list[Pair]
    groups: dict[Group, list[Line]]
    now: Totals
    then: Totals

    @property
    def is_empty(self) -> bool:
        return not self.now.plays and not self.then.plays


def compared(reading: Reading, what: What, period: Period, other: Period) -> Compared:
    """`period` beside `other`, and how the things of one kind changed from that to this."""
    here, there = (reading.heard(each).counted for each in (period, other))
    now, then = compare.totals(here), compare.totals(there)
    found = compare.changes(tables(here, what), tables(there, what), size=_SIZE)
    items = top.named(reading.user, what, [row.key for rows in found.values() for row in rows])
    names = ("plays", "ms", "tracks", "artists", "albums", "days")
    return Compared(
        [Pair(name, getattr(now, name), getattr(then, name)) for name in names],
        {group: [Line(row, items[row.key]) for row in rows if row.key in items] for group, rows in found.items()},
        now,
        then,
    )
