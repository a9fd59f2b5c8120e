"""The listening log."""

from datetime import date

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.access import PersonRequest
from ingest import log
from ingest.log import BadCursor, Place


@login_required
@require_safe
def listening_log(request: PersonRequest) -> HttpResponse:
    """Plays newest first: /log/?q=words&show=skips&day=2024-03-31, then by `older=` and `newer=` places."""
    text = request.GET.get("q", "").replace("\x00", "")[:200]
    show = request.GET.get("show", "all")
    problem = ""
    places: dict[str, Place] = {}
    try:
        day = date.fromisoformat(request.GET["day"]) if request.GET.get("day") else None
        if day is not None and not 1970 <= day.year <= 9998:
            raise ValueError
    except ValueError:
        day, problem = None, _("That is no date: write it as 2024-03-31.")
    try:
        places = {side: Place.parse(request.GET[side]) for side in ("older", "newer") if request.GET.get(side)}
    except BadCursor:
        problem = _("That place in the log is not known. Here is the log from its newest play.")
    shown = log.page(
        request.user,
        text=text,
        show=show if show in log.SHOW else "all",
        day=day,
        older_than=places.get("older"),
        newer_than=places.get("newer"),
    )
    kept = {key: value for key, value in (("q", text), ("show", show)) if value and value != "all"}
    context = {
        "log": shown,
        "text": text,
        "show": show,
        "day": day,
        "problem": problem,
        "newer": f"?{urlencode({**kept, 'newer': str(shown.newer)})}" if shown.newer else "",
        "older": f"?{urlencode({**kept, 'older': str(shown.older)})}" if shown.older else "",
    }
    return render(request, "ingest/listening_log.html", context, status=400 if problem else 200)
