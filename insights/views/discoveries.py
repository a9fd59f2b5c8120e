"""What was discovered, found again, played over and over, and forgotten."""

from typing import Any, cast

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.access import PersonRequest
from ingest.heard import What
from insights.actions.discoveries import Past
from insights.analysis import discoveries, obsessions, rediscoveries
from insights.views.asked import Asked, asked

SIZE = 50
PAGES = [
    ("insights:discoveries", _("New")),
    ("insights:rediscoveries", _("Heard again")),
    ("insights:obsessions", _("Obsessions")),
    ("insights:forgotten", _("Forgotten")),
]
WHATS = [("artists", _("Artists")), ("tracks", _("Tracks")), ("albums", _("Albums"))]
SILENCES = [(90, _("3 months")), (180, _("6 months")), (365, _("A year")), (730, _("2 years"))]


@login_required
@require_safe
def new(request: PersonRequest) -> HttpResponse:
    """First heard in a range: /discoveries/?range=1y&what=tracks&page=2."""
    ask = asked(request, default="1y")
    past, context, start = _opened(request, ask)
    if not past.is_empty:
        told = past.new(period=ask.period, start=start, size=SIZE)
        context |= {
            "told": told,
            "lines": told.lines,
            "stays": discoveries.STAYS_DAYS,
            "settles": discoveries.SETTLES_DAYS,
        }
        context |= _pages(context, start, told.found.new)
    return render(request, "insights/discoveries.html", context, status=ask.status)


@login_required
@require_safe
def heard_again(request: PersonRequest) -> HttpResponse:
    """Heard again in a range after a silence: /discoveries/again/?range=1y&silence=365."""
    ask = asked(request, default="1y")
    past, context, start = _opened(request, ask)
    silence = _silence(request, context)
    if not past.is_empty:
        found, lines = past.returns(period=ask.period, silence_days=silence, start=start, size=SIZE)
        context |= {"found": found, "lines": lines} | _pages(context, start, found.keys)
    return render(request, "insights/rediscoveries.html", context, status=ask.status)


@login_required
@require_safe
def over_and_over(request: PersonRequest) -> HttpResponse:
    """What took an outsized share of a week: /discoveries/obsessions/?range=all&what=tracks."""
    ask = asked(request, default="all")
    past, context, start = _opened(request, ask)
    context |= {"least": obsessions.LEAST_PLAYS, "share": obsessions.LEAST_SHARE}
    if not past.is_empty:
        found, lines = past.obsessions(period=ask.period, start=start, size=SIZE)
        context |= {"found": found, "lines": lines} | _pages(context, start, found.count)
    return render(request, "insights/obsessions.html", context, status=ask.status)


@login_required
@require_safe
def forgotten(request: PersonRequest) -> HttpResponse:
    """Favourites of a year that fell silent: /discoveries/forgotten/?range=2019&silence=365."""
    ask = asked(request, default="all")
    past, context, start = _opened(request, ask)
    silence = _silence(request, context)
    context |= {"top": rediscoveries.TOP, "least": rediscoveries.LEAST_PLAYS}
    if not past.is_empty:
        found, lines = past.forgotten(period=ask.period, silence_days=silence, start=start, size=SIZE)
        context |= {"found": found, "lines": lines} | _pages(context, start, found.keys)
    return render(request, "insights/forgotten.html", context, status=ask.status)


def _opened(request: PersonRequest, ask: Asked) -> tuple[Past, dict[str, Any], int]:
    """The past of what was asked for, what each of the four pages shows, and the first row of this page."""
    given = request.GET.get("what", "")
    what = cast(What, given if given in dict(WHATS) else "artists")
    number = request.GET.get("page", "1")
    page = max(1, int(number)) if number.isascii() and number.isdecimal() and len(number) <= 5 else 1
    context: dict[str, Any] = {
        "asked": ask,
        "what": what,
        "page": page,
        "here": f"?{ask.query}&what={what}",
        # What is forgotten is looked for in all history: a short range would hide it.
        "pages": [
            (reverse(name) + (f"?{ask.query}&" if name != "insights:forgotten" else "?") + f"what={what}", words)
            for name, words in PAGES
        ],
        "whats": [(f"?{ask.query}&what={each}", words) for each, words in WHATS],
        "current_what": f"?{ask.query}&what={what}",
    }
    context["current"] = next(url for url, _words in context["pages"] if url.partition("?")[0] == request.path)
    return Past(ask.reading, what, timezone.localdate()), context, (page - 1) * SIZE


def _silence(request: PersonRequest, context: dict[str, Any]) -> int:
    """The days of silence asked for, kept in every address of the page."""
    given = request.GET.get("silence", "")
    told = int(given) if given.isascii() and given.isdecimal() and len(given) <= 5 else 0
    silence = told or rediscoveries.SILENCE_DAYS
    plain = context["here"]
    context["silence"] = silence
    context["silences"] = [(f"{plain}&silence={days}", words) for days, words in SILENCES]
    context["current_silence"] = context["here"] = f"{plain}&silence={silence}"
    context["whats"] = [(f"{url}&silence={silence}", words) for url, words in context["whats"]]
    context["current_what"] = f"{context['current_what']}&silence={silence}"
    return silence


def _pages(context: dict[str, Any], start: int, rows: int) -> dict[str, str]:
    """The addresses of the pages around this one; empty where there is none."""
    here, page = context["here"], context["page"]
    return {
        "higher": f"{here}&page={page - 1}" if page > 1 else "",
        "lower": f"{here}&page={page + 1}" if start + SIZE < rows else "",
    }
