"""Top lists."""

from typing import cast

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.access import PersonRequest
from insights.actions import top
from insights.analysis.top import Kind, Measure
from insights.views.asked import asked

SIZE = 50
KINDS = [
    ("tracks", _("Tracks")),
    ("artists", _("Artists")),
    ("albums", _("Albums")),
    ("genres", _("Genres")),
    ("contexts", _("Played from")),
]
TITLES = {
    "tracks": _("Top tracks"),
    "artists": _("Top artists"),
    "albums": _("Top albums"),
    "genres": _("Top genres"),
    "contexts": _("Where plays began"),
}
MEASURES = [("plays", _("By plays")), ("time", _("By time")), ("days", _("By days heard"))]


@login_required
@require_safe
def top_list(request: PersonRequest, what: str) -> HttpResponse:
    """What the person heard most in a range: /top/tracks/?range=6m&by=time&page=2&rule=lastfm."""
    if what not in top.WHAT:
        raise Http404
    ask = asked(request)
    by = cast(Measure, request.GET.get("by") if request.GET.get("by") in dict(MEASURES) else "plays")
    number = request.GET.get("page", "1")
    page = max(1, int(number)) if number.isdecimal() and len(number) <= 5 else 1
    listing = top.listing(
        reading=ask.reading, what=cast(Kind, what), period=ask.period, by=by, start=(page - 1) * SIZE, size=SIZE
    )
    here = f"?{ask.query}&by={by}"
    context = {
        "asked": ask,
        "period": ask.period,
        "what": what,
        "title": TITLES[what],
        "measure": by,
        "by": here,
        "current": reverse("insights:top", args=[what]) + here,
        "kinds": [(reverse("insights:top", args=[kind]) + here, words) for kind, words in KINDS],
        "measures": [(f"?{ask.query}&by={measure}", words) for measure, words in MEASURES],
        "page": page,
        "listing": listing,
        "first_page": here,
        "higher": f"{here}&page={page - 1}" if page > 1 else "",
        "lower": f"{here}&page={page + 1}" if page * SIZE < listing.keys else "",
    }
    return render(request, "insights/top_list.html", context, status=ask.status)
