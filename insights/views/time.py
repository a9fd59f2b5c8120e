"""When a person listens."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.access import PersonRequest
from insights.actions import time
from insights.views.asked import asked

MEASURES = [("plays", _("By plays")), ("time", _("By minutes"))]
GRIDS = [("6", _("Four hours a cell")), ("24", _("One hour a cell"))]


@login_required
@require_safe
def when(request: PersonRequest) -> HttpResponse:
    """Weekdays, hours, days in a row and the course of a range: /time/?range=1y&grid=24&by=time."""
    ask = asked(request)
    by_time = request.GET.get("by") == "time"
    by, grid = ("time" if by_time else "plays"), ("24" if request.GET.get("grid") == "24" else "6")
    figures = time.when(
        reading=ask.reading, period=ask.period, today=timezone.localdate(), by_time=by_time, blocks=int(grid)
    )
    context = {
        "asked": ask,
        "when": figures,
        "by_time": by_time,
        "measures": [(f"?{ask.query}&by={word}&grid={grid}", words) for word, words in MEASURES],
        "measure": f"?{ask.query}&by={by}&grid={grid}",
        "grids": [(f"?{ask.query}&by={by}&grid={word}", words) for word, words in GRIDS],
    }
    return render(request, "insights/time.html", context, status=ask.status)
