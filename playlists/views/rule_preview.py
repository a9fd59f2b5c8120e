"""What a rule finds: the draft in pages, why a track is in it, who else fills its playlist, and when it is written."""

from dataclasses import dataclass

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.access import PersonRequest, get_owned
from ingest.models import Track
from playlists.actions import preview, shared
from playlists.forms_schedule import ScheduleForm
from playlists.library import Library
from playlists.models import Rule
from playlists.rules import explain, printer
from playlists.rules.nodes import Condition, Query, conditions

PAGE = 50


@dataclass(frozen=True, slots=True)
class Traced:
    """One line of how a rule saw one track."""

    asked: str
    result: bool
    depth: range  # one for each group around it
    seen: str


@login_required
@require_safe
def rule_preview(request: PersonRequest, pk: int) -> HttpResponse:
    """The draft, in pages; ?track= says why one track is in it or not."""
    rules = Rule.objects.select_related("playlist", "user", "schedule__run")
    rule, now = get_owned(request.user, rules, pk), timezone.now()
    library = Library(request.user, now=now)
    filled = shared.fill(shared.rules_for(rule), library)
    draft = next(given.draft for given in filled.given if given.rule.pk == pk)
    pages = max(1, -(-len(draft) // PAGE))
    page = min(pages, max(1, _whole(request.GET.get("page", "1"))))
    ids = list(draft.track_ids[(page - 1) * PAGE : page * PAGE])
    named = preview.named(ids)
    track = _asked_for(request, library)
    schedule = getattr(rule, "schedule", None)
    context = {
        "rule": rule, "draft": draft, "filled": filled, "tracks": [named[pk] for pk in ids if pk in named],
        "newer": f"?page={page - 1}" if page > 1 else "", "older": f"?page={page + 1}" if page < pages else "",
        "track": track, "steps": _traced(rule.query, library, track) if track else [], "page": page,
        "schedule": schedule, "form": ScheduleForm(schedule=schedule),
    }  # fmt: skip
    return render(request, "playlists/rule_preview.html", context)


def _asked_for(request: PersonRequest, library: Library) -> Track | None:
    """The track that ?track= names, if it is one of the person's own: what others listen to is not told."""
    pk = _whole(request.GET.get("track", "0"))
    return Track.objects.filter(pk=pk).first() if (library.table.track == pk).any() else None


def _traced(query: Query, library: Library, track: Track) -> list[Traced]:
    place = int((library.table.track == track.pk).argmax())
    names = [asked.field for _path, asked in conditions(query.where)]
    steps = explain.trace(query.where, library.table.facts(place, names), today=library.today)
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


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0
