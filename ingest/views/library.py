"""The sources page: likes first, then playlists and all others, each with its switch and how it stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.access import PersonRequest, get_owned
from accounts.models import Job, SpotifyConnection
from ingest import derived
from ingest.actions import fetch, pull
from ingest.models import ListRow, TrackSource

NEWS = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Account:
    """One Spotify account, and the job that reads its lists if one is open."""

    connection: SpotifyConnection
    job: Job | None


@dataclass(frozen=True, slots=True)
class Row:
    """One source, its newest job, and of a list how many rows were not found."""

    source: TrackSource
    account: SpotifyConnection | None
    job: Job | None
    missing: int
    of_several: bool  # accounts, so that its name says something

    @property
    def name(self) -> str:
        source = self.source
        return _("Without a name") if source.kind == TrackSource.Kind.PLAYLIST and not source.name else str(source)

    @property
    def switch(self) -> str:
        return _("Fetch “%(name)s”") % {"name": self.name}

    @property
    def can_switch(self) -> bool:
        return self.source.unreadable_reason != TrackSource.Unreadable.FOREIGN

    @property
    def notes(self) -> str:
        """What it is unless a playlist, or why it cannot be read; what was not found; whose account it is of."""
        source, notes = self.source, []
        if not source.is_readable:
            notes.append(source.get_unreadable_reason_display())
        elif source.name and source.kind != TrackSource.Kind.PLAYLIST:
            notes.append(source.get_kind_display())
        if self.missing:
            notes.append(ngettext("%(n)d not found", "%(n)d not found", self.missing) % {"n": self.missing})
        if self.of_several and self.account:
            notes.append(str(self.account))
        return " · ".join(notes)

    @property
    def is_told(self) -> bool:
        """Whether its job has something to tell."""
        return self.job is not None and bool(self.is_news or self.failure)

    @property
    def is_open(self) -> bool:
        return self.job is not None and self.job.is_open

    @property
    def is_news(self) -> bool:
        """Whether its state changes just now, or did a moment ago."""
        ended = self.job.finished_at if self.job else None
        return self.is_open or (ended is not None and timezone.now() - ended < NEWS)

    @property
    def failure(self) -> str:
        """Why the last fetch failed, unless it was read since."""
        job, read = self.job, self.source.pulled_at
        if job is None or job.state != Job.State.FAILED or (read and job.finished_at and read > job.finished_at):
            return ""
        return job.error or job.message

    @property
    def is_yours(self) -> bool:
        """Whether the list is the person's own, and not somebody else's."""
        own = self.account is not None and self.source.owner_id == self.account.spotify_user_id
        return own or (self.source.kind not in (TrackSource.Kind.PLAYLIST, TrackSource.Kind.ALBUM))


@require_safe
@login_required
def library(request: PersonRequest) -> HttpResponse:
    """For htmx the part that shows how far fetching is, with the state of each source beside."""
    user = request.user
    connections = list(SpotifyConnection.objects.of(user).select_related("app").order_by("pk"))
    pulls = {job.key: job for job in Job.objects.of(user).open().filter(kind=pull.KIND)}
    rows = _rows(request, connections)
    fetching = sum(row.is_open for row in rows)
    taken = {(row.source.kind, row.source.asked) for row in rows}
    choices = [(f"{kind}:{asked}", name) for kind, asked, name in derived.choices(user) if (kind, asked) not in taken]
    context = {
        "rows": rows,
        "shown": ",".join(str(row.source.pk) for row in rows if row.can_switch),
        "accounts": [Account(connection, pulls.get(str(connection.pk))) for connection in connections],
        "fetching": fetching,
        "can_read": any(connection.is_active for connection in connections),
        "has_albums": any(row.source.kind == TrackSource.Kind.ALBUMS for row in rows),
        "choices": choices,
    }
    part = "#fetching" if request.htmx.target == "fetching" else ""
    return render(request, f"ingest/library.html{part}", context)


def _rows(request: PersonRequest, connections: Sequence[SpotifyConnection]) -> list[Row]:
    sources = list(TrackSource.objects.of(request.user).in_order())
    jobs = fetch.jobs_of(request.user, sources)
    problems = ListRow.objects.filter(source__user=request.user).exclude(problem="").order_by()
    missing = dict(problems.values_list("source_id").annotate(Count("pk")))
    accounts = {connection.pk: connection for connection in connections}
    return [
        Row(each, accounts.get(each.connection_id or 0), jobs.get(each.pk), missing.get(each.pk, 0), len(accounts) > 1)
        for each in sources
    ]


@require_POST
@login_required
def read_again(request: PersonRequest, pk: int) -> HttpResponse:
    connection = get_owned(request.user, SpotifyConnection, pk)
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
