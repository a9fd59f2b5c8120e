"""From which decades the music was."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.access import PersonRequest
from insights.actions import decades
from insights.views.asked import asked

MEASURES = [("plays", _("By plays")), ("time", _("By minutes"))]


@login_required
@require_safe
def course(request: PersonRequest) -> HttpResponse:
    """Decades of the albums heard in a range, over time: /decades/?range=all&by=time."""
    ask = asked(request, default="all")
    by_time = request.GET.get("by") == "time"
    context = {
        "asked": ask,
        "decades": decades.course(reading=ask.reading, period=ask.period, today=timezone.localdate(), by_time=by_time),
        "measures": [(f"?{ask.query}&by={word}", words) for word, words in MEASURES],
        "measure": f"?{ask.query}&by={'time' if by_time else 'plays'}",
    }
    return render(request, "insights/decades.html", context, status=ask.status)
