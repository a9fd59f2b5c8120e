"""The listening log."""

from datetime import date

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts import back
from accounts.access import PersonRequest
from ingest import log, log_address, log_choices, log_export, log_timeline
from ingest.actions import hands, hide
from ingest.log import BadCursor, Place
from ingest.models import LogView

TIMELINE_DAYS = 10
TIMELINE_PLAYS = 600  # some 60 a day: as many marks as a page draws quickly


@login_required
@require_safe
def listening_log(request: PersonRequest) -> HttpResponse:
    """Plays newest first, by the filters of `ingest/log_address.py`; ?day=2024-03-31, then by `older=` and `newer=`."""
    asked = log_address.asked(request.GET, request.user)
    problems = asked.problems
    places: dict[str, Place] = {}
    try:
        day = date.fromisoformat(request.GET["day"]) if request.GET.get("day") else None
        if day is not None and not 1970 <= day.year <= 9998:
            raise ValueError
    except ValueError:
        day = None
        problems.append(_("That is no date: write it as 2024-03-31."))
    try:
        places = {side: Place.parse(request.GET[side]) for side in ("older", "newer") if request.GET.get(side)}
    except BadCursor:
        problems.append(_("That place in the log is not known. Here is the log from its newest play."))
    as_timeline = _as_timeline(request)
    size = {"size": TIMELINE_PLAYS, "most_days": TIMELINE_DAYS} if as_timeline else {}
    shown = log.page(
        request.user,
        filters=asked.filters,
        day=day,
        older_than=places.get("older"),
        newer_than=places.get("newer"),
        **size,
    )
    context = {
        "log": shown,
        "asked": asked,
        "chips": log_address.chips(asked, shown.reading),
        "choices": log_choices.of(asked, shown.reading),
        "day": day,
        "as_timeline": as_timeline,
        "lanes": log_timeline.lanes(shown.days) if as_timeline else [],
        "problem": " ".join(problems),
        "here": request.get_full_path(),
        "act": _act(request),
        "files": [(f"{reverse(f'ingest:log-{form}')}{asked.given()}", form.upper()) for form in ("csv", "json")],
        "newer": asked.given(newer=str(shown.newer)) if shown.newer else "",
        "older": asked.given(older=str(shown.older)) if shown.older else "",
    }
    return render(request, "ingest/listening_log.html", context, status=400 if problems else 200)


@login_required
@require_safe
def log_file(request: PersonRequest, form: str) -> StreamingHttpResponse:
    """All plays that pass the filters of the address, as a file that is written while it is read: csv or json."""
    asked = log_address.asked(request.GET, request.user)
    found = log.Log(request.user, asked.filters)
    kinds = {"csv": ("text/csv; charset=utf-8", log_export.as_csv), "json": ("application/json", log_export.as_json)}
    kind, written = kinds[form]
    name = f"vibesite-log-{timezone.localdate().isoformat()}.{form}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return StreamingHttpResponse(written(found), content_type=kind, headers=headers)


@login_required
@require_POST
def hide_plays(request: PersonRequest) -> HttpResponse:
    """Hide plays of the log from every figure, or (`how=remove`) from the log too; back to where it was asked."""
    ids = [int(value) for value in request.POST.getlist("play") if value.isdecimal() and len(value) <= 18]
    removed = request.POST.get("how") == "remove"
    act = hide.plays(user=request.user, ids=ids, removed=removed, now=timezone.now())
    if removed:
        said = ngettext("%(n)s play was removed.", "%(n)s plays were removed.", act.plays)
    else:
        said = ngettext("%(n)s play is out of your figures.", "%(n)s plays are out of your figures.", act.plays)
    messages.success(request, said % {"n": act.plays})
    return _back(request, undo=str(act.act) if act.plays else "")


@login_required
@require_POST
def undo_hiding(request: PersonRequest) -> HttpResponse:
    """Show again what one act hid or removed, or take back a word by hand."""
    told = request.POST.get("act", "")
    number = int(told) if told.isascii() and told.isdecimal() and len(told) <= 19 else 0
    try:
        if hands.undo(user=request.user, act=number, now=timezone.now()):
            messages.success(request, _("Taken back. It is as it was told before."))
            return _back(request)
    except hands.ChangedSince:
        messages.error(request, _("You changed it again since. Undo the later change first; nothing was changed."))
        return _back(request)
    count = hide.undo(user=request.user, act=number, now=timezone.now())
    said = ngettext("%(n)s play is back.", "%(n)s plays are back.", count) % {"n": count}
    messages.success(request, said if count else _("That was undone before."))
    return _back(request)


@login_required
@require_safe
def hidden_plays(request: PersonRequest) -> HttpResponse:
    """What the person hid and removed, newest first, each with its way back."""
    context = {"acts": hide.acts(request.user), "words": hands.words(request.user)}
    return render(request, "ingest/hidden_plays.html", context)


@login_required
@require_POST
def choose_view(request: PersonRequest) -> HttpResponse:
    """Keep how the person wants their log to look (`view=timeline` or `view=list`), and go back to where it was."""
    LogView.objects.update_or_create(
        user=request.user, defaults={"as_timeline": request.POST.get("view") == "timeline"}
    )
    return _back(request)


def _as_timeline(request: PersonRequest) -> bool:
    """As the address says (?view=timeline), else as the person chose."""
    told = request.GET.get("view", "")
    if told in ("timeline", "list"):
        return told == "timeline"
    return LogView.objects.filter(user=request.user, as_timeline=True).exists()


def _act(request: PersonRequest) -> int:
    """The act that can be undone from here: the one just made."""
    told = request.GET.get("undo", "")
    return int(told) if told.isdecimal() and len(told) <= 19 else 0


def _back(request: PersonRequest, *, undo: str = "") -> HttpResponse:
    """Where the form was, without an older offer to undo."""
    return back.to(request, reverse("ingest:log"), undo=undo)
