"""Every component in every state, for those who build and run the product."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.models import Job
from ingest.models import Album, Artist, Track

NAMES = [
    ("Teardrop", "Massive Attack", 331_000),
    ("Станция «Мечта» (Ночная версия)", "Оркестр Северных Окраин", 274_000),
    ("أغنية الليل والنجوم", "فرقة الأمل", 198_000),
    ("A Title So Long That It Was Surely Made by Somebody Paid by the Word (2011)", "The &, / Band", 61_000),
    ("夜の電車", "月見町", 3_724_000),
]  # fmt: skip
COLOURS = ("paper", "sheet", "well", "rule", "rule-strong", "ink", "ink-soft")
PALETTE = ("brick", "ochre", "petrol", "plum", "indigo", "umber", "good", "bad")
NOW = datetime(2026, 11, 21, 8, 15, tzinfo=UTC)


class Sample(forms.Form):
    """One field of each kind, so that every look of a form can be seen."""

    name = forms.CharField(label="Name", help_text="As friends call you.")
    note = forms.CharField(label="Note", widget=forms.Textarea, required=False)
    zone = forms.ChoiceField(label="Time zone", choices=[("utc", "UTC"), ("kolkata", "Asia/Kolkata")])
    day = forms.DateField(label="Day", widget=forms.DateInput(attrs={"type": "date"}))
    start = forms.ChoiceField(
        label="Week starts on", widget=forms.RadioSelect, choices=[("1", "Monday"), ("7", "Sunday")]
    )
    file = forms.FileField(label="Export", required=False)
    agree = forms.BooleanField(label="Keep my plays when I disconnect", help_text="They stay in your own log.")


@dataclass(frozen=True, slots=True)
class SamplePeriod:
    name: str
    first: date | None = None
    last: date | None = None


@dataclass(slots=True)
class Samples:
    """What the gallery's page shows; nothing of it is stored."""

    tracks: list[Track] = field(default_factory=list)
    jobs: list[Job] = field(default_factory=list)


@require_safe
def gallery(request: HttpRequest) -> HttpResponse:
    """All components; `?toast=` sends a message of each level."""
    if not settings.DEBUG and not request.user.is_staff:
        raise Http404
    if "toast" in request.GET:
        for level in (messages.SUCCESS, messages.INFO, messages.WARNING, messages.ERROR):
            messages.add_message(request, level, "A message of this level, long enough to fill more than one line.")
    context: dict[str, Any] = {
        "samples": _samples(),
        "form": Sample(),
        "wrong": _wrong(),
        "period": SamplePeriod("custom", date(2026, 3, 1), date(2026, 3, 31)),
        "tab_items": [("#tracks", "Tracks"), ("#artists", "Artists"), ("#albums", "Albums")],
        "colours": COLOURS,
        "palette": PALETTE,
        "now": NOW,
    }
    return render(request, "vibesite/gallery.html", context)


def _wrong() -> Sample:
    form = Sample({"name": "", "day": "31.02.", "zone": "mars"})
    form.add_error(None, "Two of these do not go together.")
    return form


def _samples() -> Samples:
    samples = Samples()
    for number, (title, artist, length) in enumerate(NAMES, start=1):
        by = Artist(pk=number, name=artist)
        track = Track(pk=number, name=title, artist=by, duration_ms=length, explicit=number == 1)
        track.spotify_id = "" if number == 4 else f"sample{number}"
        track.album = Album(pk=number, name=title, artist=by)
        samples.tracks.append(track)
    running = {"started_at": NOW - timedelta(seconds=14), "finished_at": NOW}
    for number, state, facts in (
        (1, "running", {"done": 120_400, "total": 310_000, "unit": "rows", "message": "Reading", **running}),
        (2, "running", {"message": "Looking at the archive"}),
        (3, "queued", {"message": "Waiting for a worker"}),
        (4, "done", {"message": "310,000 rows read: 309,870 new, 130 set aside."}),
        (5, "failed", {"error": "The archive is cut off after 12 MB. Nothing of it was kept. Download it again."}),
        (6, "cancelled", {"message": "Stopped on your word after 40,000 rows; they are kept."}),
    ):
        samples.jobs.append(Job(pk=number, kind="history_import", state=state, **facts))
    return samples
