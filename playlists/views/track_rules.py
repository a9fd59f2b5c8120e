"""Which of a person's rules hold one track, and why or why not: a page, and a part of the track's own."""

from dataclasses import dataclass

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.access import PersonRequest
from ingest.models import Track
from playlists import at_hand
from playlists.actions import preview
from playlists.library import Library
from playlists.models import Rule
from playlists.traces import Traced, traced

MOST = 50  # rules that are asked; people have a handful


@dataclass(frozen=True, slots=True)
class Held:
    """One rule about the track: whether its conditions are true of it, and whether it is among the chosen ones."""

    rule: Rule
    holds: bool
    is_chosen: bool
    steps: list[Traced]


@login_required
@require_safe
def track_rules(request: PersonRequest, pk: int) -> HttpResponse:
    """/tracks/7/rules/; 404 for a track that is none of the person's."""
    library = at_hand.library(request.user, now=timezone.now())
    row = library.row_of(pk)
    if row < 0:
        raise Http404
    track = Track.objects.select_related("artist").get(pk=pk)
    rules = list(Rule.objects.of(request.user).select_related("playlist", "user")[: MOST + 1])
    told = [_held(rule, library, row, track) for rule in rules[:MOST]]
    told.sort(key=lambda each: (not each.is_chosen, not each.holds))
    return render(
        request, "playlists/track_rules.html", {"track": track, "told": told, "more": len(rules) > MOST, "most": MOST}
    )


def _held(rule: Rule, library: Library, row: int, track: Track) -> Held:
    steps = traced(rule.query, library, track)
    holds = steps[0].result
    standing = int(library.table.track[row])
    is_chosen = holds and standing in preview.of_rule(rule=rule, library=library).track_ids
    return Held(rule, holds, is_chosen, steps)
