"""Pages of tracks, artists, albums and genres."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from accounts.access import PersonRequest
from ingest.actions import recordings
from ingest.heard import What
from ingest.models import SourceTrack
from ingest.views.track_facts import facts_context
from insights.actions import entity
from insights.views.asked import asked


@login_required
@require_safe
def page(request: PersonRequest, pk: int, what: What) -> HttpResponse:
    """What the person heard of one thing: /artists/7/?range=1y; 404 for what they never heard."""
    ask = asked(request, default="all")
    told = entity.told(ask.reading, what, pk, ask.period)
    if told is None:
        if what == "tracks" and SourceTrack.objects.filter(source__user=request.user, track=pk).exists():
            return redirect("ingest:track-facts", pk)  # kept, and never heard
        raise Http404
    context = {
        "asked": ask,
        "period": ask.period,
        "what": what,
        "told": told,
        "joined": recordings.of_track(ask.reading, told.item) if what == "tracks" else None,
        "here": request.get_full_path(),
    }
    if what == "tracks":
        context |= facts_context(request, told.item)
    return render(request, "insights/entity.html", context, status=ask.status)
