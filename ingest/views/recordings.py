"""Which tracks are one recording: pairs to decide, and a person's own decisions."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts import back
from accounts.access import PersonRequest, get_owned
from ingest.actions import recordings
from ingest.forms import RecordingForm
from ingest.models import OwnGrouping


@login_required
@require_safe
def review(request: PersonRequest) -> HttpResponse:
    """/recordings/?before=17: pairs heard and not decided, newest first."""
    before = request.GET.get("before", "")
    shown = recordings.review(request.user, before=int(before) if before.isdecimal() and len(before) < 18 else None)
    context = {"review": shown, "words": recordings.own_words(request.user), "here": request.get_full_path()}
    return render(request, "ingest/recordings.html", context)


@login_required
@require_POST
def say(request: PersonRequest) -> HttpResponse:
    form = RecordingForm(request.POST)
    if form.is_valid():
        recordings.say(
            user=request.user,
            track_id=form.cleaned_data["track"],
            other_id=form.cleaned_data["other"],
            is_same=form.cleaned_data["answer"] == "same",
            now=timezone.now(),
        )
    return back.to(request, reverse("ingest:recordings"))


@login_required
@require_POST
def undo(request: PersonRequest, pk: int) -> HttpResponse:
    recordings.undo(word=get_owned(request.user, OwnGrouping, pk), now=timezone.now())
    return back.to(request, reverse("ingest:recordings"))
