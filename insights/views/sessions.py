"""Listening sessions."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.access import PersonRequest
from accounts.fields import from_ms
from ingest import lens
from ingest.actions import hide
from insights.actions.sessions import Book
from insights.views.asked import asked

SIZE = 30
TRACKS = 200


@login_required
@require_safe
def session_list(request: PersonRequest) -> HttpResponse:
    """Sessions of a range, newest first: /sessions/?range=1y&before=1700000000000 (ms since 1970)."""
    ask = asked(request)
    told = request.GET.get("before", "")
    before = int(told) if told.isascii() and told.isdecimal() and len(told) <= 15 else None
    listing = Book(ask.reading).listing(period=ask.period, before=before, size=SIZE)
    context = {
        "asked": ask,
        "listing": listing,
        "paged": before is not None,
        "first_page": f"?{ask.query}",
        "newer": _page(ask.query, listing.newer),
        "older": _page(ask.query, listing.older),
    }
    return render(request, "insights/sessions.html", context, status=ask.status)


@login_required
@require_safe
def session(request: PersonRequest, start: int) -> HttpResponse:
    """One session by the moment it began (ms since 1970); a moment inside it leads there."""
    ask = asked(request)
    book = Book(ask.reading)
    number = book.number(start) if start < 10**15 else None
    if number is None:
        raise Http404
    told = request.GET.get("page", "1")
    page = max(1, int(told)) if told.isascii() and told.isdecimal() and len(told) <= 5 else 1
    one = book.one(number, start=(page - 1) * TRACKS, size=TRACKS)
    if one.line.session.started != start:
        return redirect(one.line.url)
    context = {
        "asked": ask,
        "one": one,
        "list_url": reverse("insights:sessions"),
        "newer": f"?page={page - 1}" if page > 1 else "",
        "older": f"?page={page + 1}" if page * TRACKS < one.line.session.rows else "",
    }
    return render(request, "insights/session.html", context)


@login_required
@require_POST
def hide_session(request: PersonRequest, start: int) -> HttpResponse:
    """Take everything of one session out of the figures, or (`how=remove`) out of the log too; with undo in the log."""
    book = Book(lens.read(request.user))
    number = book.number(start) if start < 10**15 else None
    if number is None:
        raise Http404
    removed = request.POST.get("how") == "remove"
    act = hide.plays(user=request.user, ids=book.play_ids(number), removed=removed, now=timezone.now())
    said = (
        ngettext(
            "The session is gone: %(n)s play was removed.", "The session is gone: %(n)s plays were removed.", act.plays
        )
        if removed
        else ngettext(
            "The session is out of your figures: %(n)s play.",
            "The session is out of your figures: %(n)s plays.",
            act.plays,
        )
    )
    messages.success(request, said % {"n": act.plays})
    day = timezone.localtime(from_ms(start)).date().isoformat()
    return redirect(f"{reverse('ingest:log')}?day={day}&undo={act.act}")


def _page(query: str, before: int | None) -> str:
    """The address of another page; empty if there is none."""
    if before is None:
        return ""
    return f"?{query}&before={before}" if before else f"?{query}"
