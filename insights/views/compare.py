"""Two stretches of time, side by side."""

from typing import cast

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.access import PersonRequest
from ingest.heard import What
from ingest.period import BadPeriod, Period, parse
from insights.actions import compare
from insights.views.asked import asked

KINDS = [("artists", _("Artists")), ("tracks", _("Tracks")), ("albums", _("Albums"))]
OTHERS = [("before", _("The stretch before")), ("year", _("Same time last year"))]


@login_required
@require_safe
def side_by_side(request: PersonRequest) -> HttpResponse:
    """/compare/?range=2026-10&vs=year&what=tracks; `vs=custom` with vs_from and vs_to names any other stretch."""
    ask = asked(request)
    what = cast(What, request.GET.get("what") if request.GET.get("what") in dict(KINDS) else "artists")
    vs = request.GET.get("vs", "before")
    problem, other = "", ask.period.before
    try:
        other, kept = _other(request, ask.period, vs)
    except BadPeriod as exc:
        problem, kept = str(exc), {"vs": "before"}
    tail = f"{ask.query}&{urlencode(kept)}"
    context = {
        "asked": ask,
        "period": ask.period,
        "other": other,
        "problem": problem,
        "what": what,
        "compared": compare.compared(ask.reading, what, ask.period, other) if other else None,
        "kinds": [(f"?{tail}&what={kind}", words) for kind, words in KINDS],
        "kind": f"?{tail}&what={what}",
        "others": [(f"?{ask.query}&vs={name}&what={what}", words) for name, words in OTHERS],
        "chosen": f"?{ask.query}&vs={kept['vs']}&what={what}",
        "is_custom": kept["vs"] == "custom",
    }
    return render(request, "insights/compare.html", context, status=400 if problem else ask.status)


def _other(request: PersonRequest, period: Period, vs: str) -> tuple[Period | None, dict[str, str]]:
    """The other stretch, None if the period has none of the kind, and the words for its address. Raises BadPeriod."""
    if vs == "custom":
        ends = {key: request.GET.get(key, "") for key in ("vs_from", "vs_to")}
        zone = request.user.zone
        other = parse("custom", first=ends["vs_from"], last=ends["vs_to"], today=timezone.localdate(), zone=zone)
        return other, {"vs": vs, **{key: value for key, value in ends.items() if value}}
    if vs == "year":
        return period.year_ago, {"vs": vs}
    return period.before, {"vs": "before"}
