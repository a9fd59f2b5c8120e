"""The front page: for visitors what this is; for people what they hear, what they heard, and what is running."""

from datetime import timedelta

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.models import Job, SpotifyConnection
from ingest.actions import player
from ingest.models import Play
from vibesite import headline

State = SpotifyConnection.State
LAST_PLAYS = 12
JOBS = 5


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The page, or for htmx the one part that its target names: `now`, `running` or `plays`."""
    if not request.user.is_authenticated:
        return render(request, "vibesite/front.html", {"may_sign_up": settings.SIGN_UP != "closed"})
    part = request.htmx.target if request.htmx else ""
    if part == "now":
        return render(request, "vibesite/home.html#now", _now(request))
    if part == "running":
        return render(request, "vibesite/home.html#running", _running(request))
    if part == "plays":
        return render(request, "vibesite/home.html#plays", {"plays": _last_plays(request)})
    context = {**_now(request), **_running(request), **_listening(request)}
    if not context["plays"] and not context["jobs"] and not request.htmx:
        return render(request, "vibesite/welcome.html", _doors(request))
    return render(request, "vibesite/home.html", context)


@login_required
@require_safe
def welcome(request: HttpRequest) -> HttpResponse:
    """What to do first: connect Spotify, or drop the export."""
    return render(request, "vibesite/welcome.html", _doors(request))


def _now(request: HttpRequest) -> dict[str, object]:
    now = timezone.now()
    playing = player.now_playing(request.user, now)
    return {"now": playing, "position_ms": playing.progress_at(now) if playing else 0}


def _running(request: HttpRequest) -> dict[str, object]:
    return {"jobs": list(Job.objects.of(request.user).open()[:JOBS])}


def _last_plays(request: HttpRequest) -> list[Play]:
    plays = Play.objects.of(request.user).select_related("track__artist", "track__album")
    shown = list(plays.order_by("-started_at", "-id")[:LAST_PLAYS])
    for play in shown:
        play.brief = play.ms_played < settings.SKIP_BELOW / timedelta(milliseconds=1)
    return shown


def _listening(request: HttpRequest) -> dict[str, object]:
    connections = list(SpotifyConnection.objects.of(request.user))
    return {
        "plays": _last_plays(request),
        "headline": headline.of(request.user, today=timezone.localdate()),
        "today": timezone.localdate(),
        "watched": any(each.state in (State.ACTIVE, State.EXPIRING) for each in connections),
        "ailing": [each for each in connections if each.state != State.ACTIVE],
    }


def _doors(request: HttpRequest) -> dict[str, object]:
    return {"connected": SpotifyConnection.objects.of(request.user).active().exists()}
