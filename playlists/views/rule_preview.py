"""What a rule finds: the draft in pages, why a track is in it, who else fills its playlist, and when it is written."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.access import PersonRequest, get_owned
from ingest.models import Track
from playlists import at_hand
from playlists.actions import preview, shared
from playlists.forms_schedule import ScheduleForm
from playlists.library import Library
from playlists.models import Rule
from playlists.traces import traced

PAGE = 50


@login_required
@require_safe
def rule_preview(request: PersonRequest, pk: int) -> HttpResponse:
    """The draft, in pages; ?track= says why one track is in it or not."""
    rules = Rule.objects.select_related("playlist", "user", "schedule__run")
    rule, now = get_owned(request.user, rules, pk), timezone.now()
    library = at_hand.library(request.user, now=now)
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
        "track": track, "steps": traced(rule.query, library, track) if track else [], "page": page,
        "schedule": schedule, "form": ScheduleForm(schedule=schedule),
    }  # fmt: skip
    return render(request, "playlists/rule_preview.html", context)


def _asked_for(request: PersonRequest, library: Library) -> Track | None:
    """The track that ?track= names, if it is one of the person's own: what others listen to is not told."""
    pk = _whole(request.GET.get("track", "0"))
    return Track.objects.filter(pk=pk).first() if (library.table.track == pk).any() else None


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0
