"""What a person skips."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.access import PersonRequest
from insights.actions import skips
from insights.views.asked import asked


@login_required
@require_safe
def skipping(request: PersonRequest) -> HttpResponse:
    """How often, what and when the person skips: /skips/?range=1y."""
    ask = asked(request)
    context = {"asked": ask, "skips": skips.skipping(reading=ask.reading, period=ask.period)}
    return render(request, "insights/skips.html", context, status=ask.status)
