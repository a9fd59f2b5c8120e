"""What counts: the same stretch of time under every rule, and what the person leaves out."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import User
from ingest import counts
from ingest.lens import Reading
from ingest.models import Counting, ListeningFilter, Word
from ingest.period import Period
from insights.actions import top
from insights.analysis.counting import Figures, figures
from insights.analysis.top import Kind

_WHAT: dict[str, Kind] = {"artist": "artists", "album": "albums", "track": "tracks", "context": "contexts"}


@dataclass(frozen=True, slots=True)
class Ruled:
    """One rule, and what it makes of the period."""

    name: str  # for the address; empty for the person's own
    words: str
    figures: Figures
    is_chosen: bool  # the person's own rule


@dataclass(frozen=True, slots=True)
class LeftOut:
    """One lasting filter in words."""

    row: ListeningFilter
    words: str
    page: str  # of the thing; empty where it has none


def side_by_side(reading: Reading, period: Period, chosen: Counting) -> list[Ruled]:
    """The period under each of `counts.RULES`, and under the person's own limits where they chose those."""
    rules = {name: counts.named(name, with_incognito=chosen.with_incognito) for name in counts.RULES}
    if chosen.rule == Counting.Rule.OWN:
        rules[Counting.Rule.OWN] = counts.own(
            chosen.own_seconds, chosen.own_percent, with_incognito=chosen.with_incognito
        )
    return [
        Ruled(
            "" if name == Counting.Rule.OWN else name,
            str(Counting.Rule(name).label),
            figures(reading.heard(period, rule=rule)),
            name == chosen.rule,
        )
        for name, rule in rules.items()
    ]


def left_out(user: User) -> list[LeftOut]:
    """The person's lasting filters, the newest first."""
    rows = list(ListeningFilter.objects.filter(user=user).order_by("-id"))
    items = {
        kind: _items(user, kind, [row.value for row in rows if row.kind == kind]) for kind in {r.kind for r in rows}
    }
    return [_said(row, items[row.kind].get(row.value)) for row in rows]


def _items(user: User, kind: str, values: list[int]) -> dict[int, Any]:
    if kind in _WHAT:
        return top.named(user, _WHAT[kind], values)
    return Word.objects.in_bulk(values) if kind == ListeningFilter.Kind.PLATFORM else {}


def _said(row: ListeningFilter, item: Any) -> LeftOut:
    if row.kind == ListeningFilter.Kind.HOURS:
        return LeftOut(row, ", ".join(_stretches(row.value)), "")
    if isinstance(item, Word):
        return LeftOut(row, item.text, "")
    return LeftOut(row, item.name if item else _("Something that is gone"), top.page_of(item))


def _stretches(bits: int) -> Iterable[str]:
    """0b111 as 00:00–03:00; one stretch over midnight stays one."""
    chosen = [bool(bits >> hour & 1) for hour in range(24)]
    for first in (hour for hour in range(24) if chosen[hour] and not chosen[hour - 1]):
        length = next(number for number in range(1, 25) if not chosen[(first + number) % 24])
        yield f"{first:02}:00–{(first + length) % 24:02}:00"
