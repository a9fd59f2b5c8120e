"""The front page: for visitors what this is; for people what they hear, what they heard, and what is running."""

from dataclasses import dataclass
from datetime import timedelta
from typing import cast

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.forms import ZoneForm
from accounts.models import ApiToken, Job, SpotifyConnection, User
from ingest.actions import player
from ingest.models import Play
from vibesite import headline

State = SpotifyConnection.State
LAST_PLAYS = 12
JOBS = 5


@dataclass(frozen=True, slots=True)
class Line:
    """One of the last plays; a brief one is shown fainter."""

    play: Play
    brief: bool


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The page, or for htmx the one part that its target names: `now`, `running` or `plays`."""
    user = request.user
    if not user.is_authenticated:
        return render(request, "vibesite/front.html", {"may_sign_up": settings.SIGN_UP != "closed"})
    part = request.headers.get("HX-Target", "")
    if part == "now":
        return render(request, "vibesite/home.html#now", _now(user))
    if part == "running":
        return render(request, "vibesite/home.html#running", _running(user))
    if part == "plays":
        return render(request, "vibesite/home.html#plays", {"plays": _last_plays(user)})
    context = {**_now(user), **_running(user), **_listening(user)}
    if not context["plays"] and not context["jobs"] and not part:
        return render(request, "vibesite/welcome.html", _doors(user) | _clock(user))
    context |= _clock(user)
    return render(request, "vibesite/home.html", context)


@login_required
@require_safe
def welcome(request: HttpRequest) -> HttpResponse:
    """What to do first: connect Spotify, or drop the export."""
    user = cast(User, request.user)
    return render(request, "vibesite/welcome.html", _doors(user) | _clock(user))


def _now(user: User) -> dict[str, object]:
    now = timezone.now()
    playing = player.now_playing(user, now)
    return {"now": playing, "position_ms": playing.progress_at(now) if playing else 0}


def _is_told(user: User) -> bool:
    """Whether a program may tell what plays now."""
    return ApiToken.objects.of(user).active(timezone.now()).exists()


def _running(user: User) -> dict[str, object]:
    return {"jobs": list(Job.objects.of(user).open()[:JOBS])}


def _last_plays(user: User) -> list[Line]:
    plays = Play.objects.of(user).select_related("track__artist", "track__album")
    newest = plays.order_by("-started_at", "-id")[:LAST_PLAYS]
    return [Line(play, play.ms_played < settings.SKIP_BELOW / timedelta(milliseconds=1)) for play in newest]


def _listening(user: User) -> dict[str, object]:
    connections = list(SpotifyConnection.objects.of(user))
    ailing = [each for each in connections if each.state != State.ACTIVE]
    return {
        "plays": _last_plays(user),
        "headline": headline.of(user, today=timezone.localdate()),
        "today": timezone.localdate(),
        "watched": any(each.state in (State.ACTIVE, State.EXPIRING) for each in connections) or _is_told(user),
        "ailing": ailing,
        "ailing_can_wait": all(each.state in (State.EXPIRING, State.APP_BLOCKED) for each in ailing),
    }


def _clock(user: User) -> dict[str, object]:
    """The question for the time zone, to those who never answered it."""
    return {} if user.time_zone_is_known else {"clock": ZoneForm(instance=user)}


def _doors(user: User) -> dict[str, object]:
    return {"connected": SpotifyConnection.objects.of(user).active().exists()}
