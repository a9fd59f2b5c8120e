"""The front page: for visitors what this is, for people what they hear, heard, and what is running."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.models import Job
from ingest.models import Play

LAST_PLAYS = 12


def home(request: HttpRequest) -> HttpResponse:
    if not request.user.is_authenticated:
        return render(request, "vibesite/front.html")
    plays = Play.objects.of(request.user).select_related("track__artist", "track__album")
    context = {
        "plays": plays.order_by("-started_at", "-id")[:LAST_PLAYS],
        "jobs": Job.objects.of(request.user).open()[:5],
    }
    return render(request, "vibesite/home.html", context)


@login_required
def welcome(request: HttpRequest) -> HttpResponse:
    return render(request, "vibesite/welcome.html")
