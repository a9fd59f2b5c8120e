"""Plays by hand: enter one, look at one with all that is known of it, put it right, take a word back."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import PersonRequest, get_owned, require_form_methods
from accounts.fields import to_ms
from ingest import lens, play_facts
from ingest.actions import hands
from ingest.forms import HandForm
from ingest.models import Play, Track

FOUND = 20  # tracks of a search


@login_required
@require_form_methods
def add(request: PersonRequest) -> HttpResponse:
    """Enter a play: /log/add/?q=words finds a track among the person's own, ?track=7 takes it."""
    reading = lens.read(request.user)
    track = _own_track(reading, request.POST.get("track") or request.GET.get("track", ""))
    form = _form(request, track=track, at=timezone.now(), length_ms=track.duration_ms if track else None)
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        word = hands.enter(user=request.user, act=told["act"], now=timezone.now(), **_what(told, track))
        messages.success(
            request, _("Entered. It counts from now on, and whoever tells of it again tells the same play.")
        )
        return _to_log(word.started_at, word.act)
    text = request.GET.get("q", "").replace("\x00", "")[:200]
    context = {"form": form, "track": track, "text": text, "found": _found(reading, text)}
    return render(request, "ingest/play_add.html", context, status=400 if form.errors else 200)


@login_required
@require_form_methods
def play(request: PersonRequest, pk: int) -> HttpResponse:
    """One play of the person: who told of it, and a form that puts it right."""
    found = get_owned(request.user, Play.objects.select_related("track__artist", "track__album"), pk)
    reading = lens.read(request.user)
    track = _own_track(reading, request.POST.get("track") or request.GET.get("track", "")) or found.track
    form = _form(request, track=track, at=found.started_at, length_ms=found.ms_played)
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        what = _what(told, track)
        if abs(what["started_ms"] - to_ms(found.started_at)) < 1000:
            what["started_ms"] = to_ms(found.started_at)  # the form tells seconds
        if what["ms_played"] == found.ms_played // 1000 * 1000:
            what["ms_played"] = found.ms_played
        try:
            word = hands.change(user=request.user, play=found, act=told["act"], now=timezone.now(), **what)
        except hands.ChangedSince:
            messages.error(request, _("You changed it again since. Undo the later change first; nothing was changed."))
            return redirect("ingest:hidden")
        if word is None:
            messages.info(request, _("Nothing was changed: it said so before."))
            return redirect("ingest:play", pk)
        messages.success(request, _("Put right. What others told stays stored, and stays out."))
        return _to_log(word.started_at, word.act)
    text = request.GET.get("q", "").replace("\x00", "")[:200]
    context = {
        "play": found,
        "facts": play_facts.of(found, reading),
        "form": form,
        "track": track,
        "text": text,
        "found": _found(reading, text),
        "here": reverse("ingest:play", args=[pk]),
    }
    return render(request, "ingest/play.html", context, status=400 if form.errors else 200)


def _form(request: PersonRequest, *, track: Track | None, at: datetime, length_ms: int | None) -> HandForm:
    user = request.user
    local = at.astimezone(user.zone)
    seconds = (length_ms or 0) // 1000
    initial = {
        "act": hands.new_act(),
        "track": track.pk if track else None,
        "on": local.date(),
        "at": local.time().replace(microsecond=0),
        "fold": str(local.fold),
        "length": f"{seconds // 60}:{seconds % 60:02}" if seconds else "",
    }
    return HandForm(request.POST or None, initial=initial, zone=user.zone, now=timezone.now())


def _what(told: dict[str, Any], track: Track | None) -> dict[str, int]:
    """Track, start and length as the actions take them. Names that were given come before the track."""
    title, artist = told["title"].strip(), told["artist"].strip()
    if title and artist:
        track_id = hands.track_named(title=title, artist=artist, album=told["album"].strip())
    elif track is not None:
        track_id = track.pk
    else:
        raise Http404
    return {"track_id": track_id, "started_ms": to_ms(told["started_at"]), "ms_played": told["length"]}


def _own_track(reading: lens.Reading, told: str) -> Track | None:
    """A track that the person has heard; None for any other."""
    if not (told.isascii() and told.isdecimal() and len(told) <= 9):
        return None
    key = int(told)
    theirs = bool((reading.rack.track == key).any())
    return Track.objects.select_related("artist", "album").filter(pk=key).first() if theirs else None


def _found(reading: lens.Reading, text: str) -> list[Track]:
    """Tracks of the person with these words, most heard first."""
    if not text.strip():
        return []
    keys = play_facts.most_heard(reading, text, FOUND)
    rows = Track.objects.select_related("artist", "album").in_bulk(keys)
    return [rows[key] for key in keys if key in rows]


def _to_log(at: datetime, act: int) -> HttpResponse:
    day = timezone.localtime(at).date().isoformat()
    return redirect(f"{reverse('ingest:log')}?day={day}&undo={act}")
