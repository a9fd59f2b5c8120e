"""Playlists that Vibesite writes: the list, one, a new one."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from accounts.access import PersonRequest, get_owned, require_form_methods
from playlists.forms import NewPlaylistForm, PlaylistForm
from playlists.models import Playlist

RUNS = 30


@login_required
@require_safe
def playlist_list(request: PersonRequest) -> HttpResponse:
    """All of them, each with how its last sync ended."""
    return render(
        request, "playlists/playlist_list.html", {"playlists": Playlist.objects.of(request.user).with_last_run()}
    )


@require_form_methods
@login_required
def playlist_new(request: PersonRequest) -> HttpResponse:
    """A new one, or one that is at Spotify already."""
    form = NewPlaylistForm(request.POST or None, user=request.user, instance=Playlist(owner=request.user))
    if request.method == "POST" and form.is_valid():
        return redirect("playlists:playlist", form.save().pk)
    return render(request, "playlists/playlist_form.html", {"form": form}, status=400 if form.errors else 200)


@require_form_methods
@login_required
def playlist(request: PersonRequest, pk: int) -> HttpResponse:
    """One playlist: how it is written, and every run, newest first."""
    found = get_owned(request.user, Playlist, pk, "owner")
    form = PlaylistForm(request.POST or None, user=request.user, instance=found)
    if request.method == "POST" and form.is_valid():
        form.save()
        return redirect("playlists:playlist", found.pk)
    context = {"playlist": found, "form": form, "runs": found.runs.brief()[:RUNS]}
    return render(request, "playlists/playlist.html", context, status=400 if form.errors else 200)
