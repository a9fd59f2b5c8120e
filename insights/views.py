"""Pages that look back."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from insights.actions import top
from insights.analysis.period import BadPeriod, parse

SIZE = 50


@login_required
def top_list(request: HttpRequest, what: str) -> HttpResponse:
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
    by = "time" if request.GET.get("by") == "time" else "plays"
    number = request.GET.get("page", "1")
    page = int(number) if number.isdecimal() and 1 <= int(number[:7]) <= 100_000 else 1
    listing = top.listing(user=request.user, what=what, period=period, by=by, start=(page - 1) * SIZE, size=SIZE)
    context = {
        "what": what,
        "kinds": top.WHAT,
        "period": period,
        "by": by,
        "page": page,
        "listing": listing,
        "last_page": page * SIZE >= listing.keys,
        "problem": problem,
    }
    return render(request, "insights/top_list.html", context, status=400 if problem else 200)
