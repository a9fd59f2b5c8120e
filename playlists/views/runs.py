"""One sync: the plan, a person's word, how far it is, undo."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.access import PersonRequest, get_owned
from playlists.actions import sync
from playlists.actions.show import Shown
from playlists.models import SyncRun
from playlists.views import planning


def _owned(request: PersonRequest, pk: int) -> SyncRun:
    return get_owned(
        request.user, SyncRun.objects.select_related("playlist__connection", "job", "undoes"), pk, "playlist__owner"
    )


@login_required
@require_safe
def run(request: PersonRequest, pk: int) -> HttpResponse:
    """What it would do, does, or did."""
    found = _owned(request, pk)
    part = "#run" if request.htmx.target == "run" else ""
    return render(request, f"playlists/run.html{part}", {"run": found, "shown": Shown(found)})


@login_required
@require_safe
def run_diff(request: PersonRequest, pk: int) -> HttpResponse:
    """The diff as text: `-` leaves, `d` is a surplus copy, `+` comes."""
    found = _owned(request, pk)
    answer = HttpResponse(Shown(found).as_text(), content_type="text/plain; charset=utf-8")
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
