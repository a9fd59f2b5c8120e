"""How a rule saw one track, line by line and in words."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from ingest.models import Track
from playlists.library import Library
from playlists.rules import explain, printer
from playlists.rules.nodes import Condition, Query, conditions


@dataclass(frozen=True, slots=True)
class Traced:
    """One line of how a rule saw one track."""

    asked: str
    result: bool
    depth: range  # one for each group around it
    seen: str


def traced(query: Query, library: Library, track: Track) -> list[Traced]:
    """Every group and condition, parents first; the first line is the whole rule's."""
    names = [asked.field for _path, asked in conditions(query.where)]
    facts = library.table.facts(max(0, library.row_of(track.pk)), names)
    steps = explain.trace(query.where, facts, today=library.today)
    groups = {"all": _("all of these"), "any": _("any of these"), "none": _("none of these")}
    return [
        Traced(printer.write_condition(step.node), step.result, range(step.depth), _seen(step.fact))
        if isinstance(step.node, Condition)
        else Traced(groups.get(step.node.operator, step.node.operator), step.result, range(step.depth), "")
        for step in steps
    ]


def _seen(fact: object) -> str:
    if fact is None:
        return _("not known")
    if isinstance(fact, bool):
        return _("yes") if fact else _("no")
    return ", ".join(map(str, fact)) if isinstance(fact, tuple) else str(fact).replace("\n", " · ")
