"""The page that people keep open."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.access import PersonRequest
from insights.actions.dashboard import Dashboard
from insights.actions.sound import Sound
from insights.actions.stretch import Stretch
from insights.views.asked import asked


@login_required
@require_safe
def look(request: PersonRequest) -> HttpResponse:
    """A stretch of time at a glance: /listening/?range=4w. Who has nothing yet sees what to do first."""
    ask = asked(request)
    stretch, today = Stretch(ask.reading, ask.period), timezone.localdate()
    context = {
        "asked": ask,
        "period": ask.period,
        "is_new": not len(ask.reading.plays),
        "board": Dashboard(stretch, today),
        "sound": Sound(stretch, today),
    }
    return render(request, "insights/dashboard.html", context, status=ask.status)
