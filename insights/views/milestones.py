"""The marks of a listening life."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.access import PersonRequest
from insights.actions import milestones
from insights.analysis.milestones import PACE_DAYS
from insights.views.asked import asked


@login_required
@require_safe
def marks(request: PersonRequest) -> HttpResponse:
    """Round numbers, first plays, longest and biggest of all history: /milestones/?rule=lastfm."""
    ask = asked(request, default="all")
    context = {
        "asked": ask,
        "marks": milestones.reached(reading=ask.reading, today=timezone.localdate()),
        "pace_days": PACE_DAYS,
    }
    return render(request, "insights/milestones.html", context, status=ask.status)
