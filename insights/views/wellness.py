"""The wellness page: a stretch of listening in calm sentences, each with its numbers."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from accounts.access import PersonRequest, require_form_methods
from accounts.models import Job
from insights import snapshot_jobs
from insights.actions import snapshot_reading, snapshots
from insights.actions import wellness as action
from insights.analysis.features import RADAR
from insights.analysis.wellness import LEAST_TRACKS
from insights.measures import ALL
from insights.models import ListeningSnapshot
from insights.narrative.wellness import TONES
from insights.views.sections import Tabs

Range = ListeningSnapshot.Range
RANGES = [(Range.SHORT, _("Last 4 weeks")), (Range.MEDIUM, _("6 months")), (Range.LONG, _("Year"))]


@login_required
@require_form_methods
def wellness(request: PersonRequest) -> HttpResponse:
    """/wellness/?range=short_term&tone=neutral; a POST makes it of today."""
    asked = request.POST if request.method == "POST" else request.GET
    kind = _one_of(asked.get("range", ""), Range.values, {words: kind for kind, words in snapshots.PERIODS.items()})
    tone = _one_of(asked.get("tone", ""), list(TONES), {})
    here = f"?{urlencode({'range': kind, 'tone': tone})}"
    if request.method == "POST":
        snapshot_jobs.start(user=request.user, ranges=[kind])
        return redirect(reverse("insights:wellness") + here)
    told = action.latest(user=request.user, kind=kind, tone=tone)
    shown = snapshot_reading.Shown(told.snapshot) if told else None
    context = {
        "asked": Tabs(request.path, f"range={snapshots.PERIODS[Range(kind)]}"),
        "kind": kind,
        "tone": tone,
        "here": here,
        "ranges": [(f"?{urlencode({'range': each, 'tone': tone})}", words) for each, words in RANGES],
        "tones": [(f"?{urlencode({'range': kind, 'tone': each})}", words) for each, words in TONES.items()],
        "told": told,
        "snapshot": told.snapshot if told else None,
        "shown": shown,
        "profiles": [shown.profile] if shown else [],
        "axes": [ALL[name].words for name in RADAR],
        "is_today": told is not None and told.snapshot.on == timezone.localdate(),
        "least": LEAST_TRACKS,
        "making": Job.objects.of(request.user).open().filter(kind=snapshot_jobs.KIND).first(),
    }
    part = "#wellness" if request.htmx.target == "wellness" else ""
    return render(request, f"insights/wellness.html{part}", context)


def _one_of(text: str, known: list[str], others: dict[str, str]) -> str:
    """What was asked for, by either of its names; the first of `known` for anything else."""
    named = others.get(text, text)
    return named if named in known else known[0]
