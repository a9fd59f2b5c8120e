"""One source: its tracks, what became of an imported list; and adding, fetching and taking away sources."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseBadRequest, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.access import PersonRequest, get_owned, require_form_methods
from accounts.models import SpotifyConnection
from ingest import list_report
from ingest.actions import add_source, fetch, lists
from ingest.forms import ListForm
from ingest.importers import lists_brought
from ingest.importers.archive import Unreadable
from ingest.importers.lists_told import Brought
from ingest.models import ListRow, Track, TrackSource
from ingest.views.uploads import size_checked

PAGE = 100
NAMED = 5  # sources that one message names
MOST_FILES = 10  # of the largest, in one upload


@require_safe
@login_required
def source(request: PersonRequest, pk: int) -> HttpResponse:
    """The tracks of one source in order, in pages; of an imported list also what was not found."""
    one = get_owned(request.user, TrackSource.objects.select_related("user", "connection"), pk)
    job = fetch.jobs_of(request.user, [one]).get(one.pk)
    ids = fetch.track_ids(one, now=timezone.now())
    pages = max(1, -(-len(ids) // PAGE))
    page = min(pages, max(1, _whole(request.GET.get("page", ""))))
    shown = ids[(page - 1) * PAGE : page * PAGE]
    tracks = Track.objects.select_related("artist", "album").in_bulk(shown)
    context: dict[str, Any] = {
        "source": one,
        "job": job,
        "is_open": job is not None and job.is_open,
        "tracks": [tracks[pk] for pk in shown if pk in tracks],
        "first": (page - 1) * PAGE + 1,
        "count": len(ids),
        "newer": f"?page={page - 1}" if page > 1 else "",
        "older": f"?page={page + 1}" if page < pages else "",
        "report": list_report.of(one) if one.kind == TrackSource.Kind.LIST else None,
    }
    part = "#live" if request.htmx.target == "source-live" else ""
    return render(request, f"ingest/source.html{part}", context)


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0


@require_safe
@login_required
def missing(request: PersonRequest, pk: int) -> StreamingHttpResponse:
    """What was not found of an imported list, as CSV, grouped by artist."""
    one = get_owned(request.user, TrackSource.objects.filter(kind=TrackSource.Kind.LIST), pk)
    return StreamingHttpResponse(
        list_report.as_csv(one),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="vibesite-list-{one.pk}-not-found.csv"'},
    )


@require_POST
@login_required
def choose(request: PersonRequest, pk: int) -> HttpResponse:
    """Say which track a row of a list is: `track` is one of its candidates, or `undo`."""
    row = get_owned(request.user, ListRow.objects.select_related("source"), pk, owner_field="source__user")
    said = request.POST.get("track", "")
    try:
        lists.choose(row=row, track_id=None if said == "undo" else int(said))
    except ValueError:  # no number, or a track that is none of them
        return HttpResponseBadRequest(_("There is no such choice."))
    messages.success(request, _("Taken back.") if said == "undo" else _("Noted: it is that one."))
    return redirect("ingest:library-source", row.source_id)


# --- Adding and taking away ------------------------------------------------------------------------------------------
@require_POST
@login_required
def add(request: PersonRequest) -> HttpResponse:
    """Add an album by its link, all saved albums, or a computed source; it is fetched at once."""
    user, what = request.user, request.POST.get("what", "")
    connection = SpotifyConnection.objects.active().filter(user=user).order_by("pk").first()
    if what in ("album", "albums") and connection is None:
        messages.error(request, _("Albums are read from Spotify: connect your account first."))
        return redirect("accounts:connections")
    try:
        if connection is not None and what == "album":
            one = add_source.album(connection=connection, link=request.POST.get("link", ""))
        elif connection is not None and what == "albums":
            one = add_source.saved_albums(connection=connection)
        else:
            kind, _colon, asked = request.POST.get("asked", "").partition(":")
            one = add_source.computed(user=user, kind=kind, asked=asked)
    except add_source.Refused as reason:
        messages.error(request, str(reason))
        return redirect("ingest:library")
    fetch.start_fetch(user=user, sources=[one])
    messages.success(request, _("“%(name)s” is among your sources.") % {"name": one})
    return redirect("ingest:library")


@require_POST
@login_required
def remove(request: PersonRequest, pk: int) -> HttpResponse:
    one = get_owned(request.user, TrackSource, pk)
    name = str(one)
    try:
        add_source.remove(source=one)
    except add_source.Refused as reason:
        messages.error(request, str(reason))
    else:
        messages.success(request, _("“%(name)s” is no source any more. Nothing at Spotify changed.") % {"name": name})
    return redirect("ingest:library")


@require_POST
@login_required
def fetch_one(request: PersonRequest, pk: int) -> HttpResponse:
    one = get_owned(request.user, TrackSource.objects.select_related("user"), pk)
    try:
        fetch.start_fetch(user=request.user, sources=[one])
    except fetch.NotConnected:
        return _to_connections(request)
    return redirect("ingest:library-source", pk)


def _to_connections(request: PersonRequest) -> HttpResponse:
    messages.error(request, _("Spotify is not connected now. Connect it, then fetch again; nothing was lost."))
    return redirect("accounts:connections")


@require_POST
@login_required
def fetch_chosen(request: PersonRequest) -> HttpResponse:
    """Keep the switches as they were sent; unless only that was asked, fetch what is switched on, one job each.

    `shown` are the sources whose switches the page had: those that were not sent are off.
    """
    chosen = [_whole(text) for text in request.POST.getlist("source")]
    shown = [_whole(text) for text in request.POST.get("shown", "").split(",")]
    add_source.include(user=request.user, chosen=chosen, shown=shown)
    if request.POST.get("do") == "keep":
        messages.success(request, _("Kept."))
        return redirect("ingest:library")
    wanted = TrackSource.objects.of(request.user).filter(pk__in=chosen).select_related("user").in_order()
    try:
        started, left_out = fetch.start_ready(user=request.user, sources=wanted)
    except fetch.NotConnected:
        return _to_connections(request)
    if started:
        words = ngettext("Fetching %(n)d source.", "Fetching %(n)d sources.", len(started))
        messages.success(request, words % {"n": len(started)})
    else:
        messages.error(request, _("Switch on at least one source first."))
    if left_out:
        messages.warning(request, _left_out(left_out))
    return redirect("ingest:library")


def _left_out(sources: Sequence[TrackSource]) -> str:
    words = ngettext(
        "%(n)d source was not fetched, as its Spotify account is not connected now: %(names)s.",
        "%(n)d sources were not fetched, as their Spotify account is not connected now: %(names)s.",
        len(sources),
    )
    names = [str(source) for source in sources[:NAMED]] + (["…"] if len(sources) > NAMED else [])
    return words % {"n": len(sources), "names": ", ".join(names)}


# --- Imported lists --------------------------------------------------------------------------------------------------
def _refuse(request: PersonRequest, problem: str, status: int) -> HttpResponse:
    return render(request, "ingest/list_new.html", {"form": ListForm(), "problems": [problem]}, status=status)


@require_form_methods
@size_checked(most=lambda: MOST_FILES * lists_brought.MOST_BYTES, too_large=lists_brought.too_large, refuse=_refuse)
def bring(request: PersonRequest) -> HttpResponse:
    """Bring lists as files, or pasted. Files that cannot be read are told; the others are taken in."""
    form = ListForm(request.POST or None, request.FILES or None)
    if request.method != "POST":
        return render(request, "ingest/list_new.html", {"form": form})
    found: list[Brought] = []
    problems: list[str] = []
    if form.is_valid():
        for file, data in form.told():
            try:
                found += lists_brought.read(data, file, taken=sum(len(each.rows) for each in found))
            except Unreadable as reason:
                problems.append(_("%(file)s: %(reason)s") % {"file": file, "reason": reason} if file else str(reason))
    if not found:
        return render(request, "ingest/list_new.html", {"form": form, "problems": problems}, status=422)
    brought = lists.bring(user=request.user, lists=found, name=form.cleaned_data["name"])
    fetch.start_fetch(user=request.user, sources=brought)
    for problem in problems:
        messages.error(request, problem)
    for note in dict.fromkeys(note for each in found for note in each.notes):
        messages.info(request, note)
    if len(found) > len(brought):
        messages.info(request, _("Only the first %(n)d lists were taken in.") % {"n": len(brought)})
    if len(brought) == 1:
        return redirect("ingest:library-source", brought[0].pk)
    messages.success(request, _("%(n)d lists are among your sources.") % {"n": len(brought)})
    return redirect("ingest:library")
