"""Pages that look back."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.access import PersonRequest
from insights.actions import top
from insights.analysis.period import BadPeriod, parse
from insights.analysis.top import Measure

SIZE = 50
KINDS = [("tracks", _("Tracks")), ("artists", _("Artists")), ("albums", _("Albums"))]
MEASURES = [("plays", _("By plays")), ("time", _("By time"))]


@login_required
@require_safe
def top_list(request: PersonRequest, what: str) -> HttpResponse:
    """The person's most heard tracks, artists or albums of a range: /top/tracks/?range=6m&by=time&page=2."""
    if what not in top.WHAT:
        raise Http404
    today = timezone.localdate()
    problem = ""
    words = {"first": request.GET.get("from", ""), "last": request.GET.get("to", "")}
    try:
        period = parse(request.GET.get("range", "4w"), **words, today=today, zone=request.user.zone)
    except BadPeriod as exc:
        problem, period = str(exc), parse("4w", today=today, zone=request.user.zone)
    by: Measure = "time" if request.GET.get("by") == "time" else "plays"
    number = request.GET.get("page", "1")
    page = max(1, int(number)) if number.isdecimal() and len(number) <= 5 else 1
    listing = top.listing(user=request.user, what=what, period=period, by=by, start=(page - 1) * SIZE, size=SIZE)
    here = f"?{period.query}&by={by}"
    context = {
        "what": what,
        "by": f"?{period.query}&by={by}",
        "by_time": by == "time",
        "current": reverse("insights:top", args=[what]) + here,
        "kinds": [(reverse("insights:top", args=[kind]) + here, words) for kind, words in KINDS],
        "measures": [(f"?{period.query}&by={measure}", words) for measure, words in MEASURES],
        "period": period,
        "page": page,
        "listing": listing,
        "first_page": here,
        "higher": f"{here}&page={page - 1}" if page > 1 else "",
        "lower": f"{here}&page={page + 1}" if page * SIZE < listing.keys else "",
        "problem": problem,
    }
    return render(request, "insights/top_list.html", context, status=400 if problem else 200)
