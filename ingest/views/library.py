"""Where your tracks come from: likes first, then playlists, each with how it stands."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access import get_owned
from accounts.models import Job, SpotifyConnection, User
from ingest.actions import pull
from ingest.models import TrackSource


@dataclass(frozen=True, slots=True)
class Shelf:
    """One Spotify account's lists, and the job that reads them if one is open."""

    connection: SpotifyConnection
    liked: TrackSource | None
    playlists: list[TrackSource]
    job: Job | None


@require_safe
@login_required
def library(request: HttpRequest) -> HttpResponse:
    user = cast(User, request.user)
    connections = SpotifyConnection.objects.of(user).select_related("app").order_by("pk")
    rows = TrackSource.objects.filter(user=user).order_by("pk")
    jobs = Job.objects.of(user).open().filter(kind=pull.KIND)
    open_jobs = {job.key: job for job in jobs}
    shelves = [_shelf(connection, rows, open_jobs.get(str(connection.pk))) for connection in connections]
    return render(request, "ingest/library.html", {"shelves": shelves})


def _shelf(connection: SpotifyConnection, rows: Iterable[TrackSource], job: Job | None) -> Shelf:
    mine = [row for row in rows if row.connection_id == connection.pk]
    liked = next((row for row in mine if row.kind == TrackSource.Kind.LIKED), None)
    playlists = [row for row in mine if row.kind == TrackSource.Kind.PLAYLIST]
    playlists.sort(key=lambda row: row.name.casefold())
    return Shelf(connection, liked, playlists, job)


@require_POST
@login_required
def read_again(request: HttpRequest, pk: int) -> HttpResponse:
    connection = get_owned(cast(User, request.user), SpotifyConnection, pk)
    if connection.is_active and not pull.is_allowed(connection):
        messages.error(
            request, _("You did not allow us to read your likes and playlists. Renew the consent to change that.")
        )
    elif connection.is_active:
        pull.start(connection=connection, again=True)
        messages.success(request, _("Reading your likes and playlists."))
    else:
        messages.error(request, _("Connect this Spotify account again first."))
    return redirect("ingest:library")
