"""One sync: the plan, a person's word, how far it is, undo."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.access import PersonRequest, get_owned
from playlists.actions import sync
from playlists.actions.show import Shown
from playlists.models import SyncRun
from playlists.views import planning


def _owned(request: PersonRequest, pk: int, *, brief: bool = False) -> SyncRun:
    runs = SyncRun.objects.brief() if brief else SyncRun.objects.all()
    found = runs.select_related("playlist__connection", "job").defer("playlist__synced_uris")
    return get_owned(request.user, found, pk, "playlist__owner")


@login_required
@require_safe
def run(request: PersonRequest, pk: int) -> HttpResponse:
    """What it would do, does, or did. How far it is asks for itself; when it has ended, the whole page comes anew."""
    if request.htmx.target != "run":
        found = _owned(request, pk)
        return render(request, "playlists/run.html", {"run": found, "shown": Shown(found)})
    found = _owned(request, pk, brief=True)
    answer = render(request, "playlists/run.html#run", {"run": found, "shown": Shown(found)})
    if not found.is_moving:
        answer["HX-Refresh"] = "true"
    return answer


@login_required
@require_safe
def run_diff(request: PersonRequest, pk: int) -> HttpResponse:
    """The diff as text: `-` leaves, `d` is a surplus copy, `+` comes. There is none if nothing does."""
    found = _owned(request, pk)
    text = Shown(found).as_text()
    if not text:
        raise Http404
    answer = HttpResponse(text, content_type="text/plain; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="playlist-{found.playlist_id}-run-{found.pk}.diff"'
    return answer


@require_POST
@login_required
def run_confirm(request: PersonRequest, pk: int) -> HttpResponse:
    """Write the plan whose hash the form holds."""
    found = _owned(request, pk)
    try:
        sync.confirm(run=found, plan_hash=request.POST.get("plan", ""), sure="sure" in request.POST, now=timezone.now())
    except sync.Refused as refused:
        messages.error(request, str(refused))
    return redirect("playlists:run", found.pk)


@require_POST
@login_required
def run_undo(request: PersonRequest, pk: int) -> HttpResponse:
    """Plan to bring back what was there before; that plan wants a word of its own."""
    found = _owned(request, pk)
    planned = planning.to_run(request, lambda: sync.undo(run=found, now=timezone.now()))
    return planned or redirect("playlists:run", found.pk)


@require_POST
@login_required
def run_again(request: PersonRequest, pk: int) -> HttpResponse:
    """Plan the same anew, on what the playlist holds now."""
    found = _owned(request, pk)
    planned = planning.to_run(request, lambda: sync.again(run=found, now=timezone.now()))
    return planned or redirect("playlists:run", found.pk)


@require_POST
@login_required
def run_drop(request: PersonRequest, pk: int) -> HttpResponse:
    """Not this plan: nothing is written."""
    found = _owned(request, pk)
    sync.drop(run=found, now=timezone.now())
    found.refresh_from_db(fields=["state"])
    if found.can_be_undone:
        return redirect("playlists:run", found.pk)
    return redirect("playlists:playlist", found.playlist_id)
