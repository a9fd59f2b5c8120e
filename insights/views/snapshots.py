"""Snapshots of listening: over time, one by one, and two side by side."""

from datetime import date

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access import PersonRequest, get_owned, require_form_methods
from accounts.models import Job
from insights import snapshot_jobs
from insights.actions import snapshot_care, snapshot_course, snapshots
from insights.actions import snapshot_reading as reading
from insights.analysis.features import RADAR
from insights.measures import ALL, GROUPS
from insights.models import ListeningSnapshot, SnapshotChoice
from insights.views.sections import Tabs

Range = ListeningSnapshot.Range
PAGE = 30


@login_required
@require_form_methods
def snapshot_list(request: PersonRequest) -> HttpResponse:
    """/snapshots/?range=medium_term&measure=energy&until=2025-11-20&before=71; a POST takes those of today."""
    if request.method == "POST":
        snapshot_jobs.start(user=request.user, past=bool(request.POST.get("past")))
        return redirect("insights:snapshots")
    kind = _range(request)
    measure = reading.measure_named(request.GET.get("measure", ""))
    rows = ListeningSnapshot.objects.of(request.user).filter(range=kind).newest_first()
    older = _key(request.GET.get("before", ""))
    page = list((rows.filter(on__lt=older) if older else rows)[: PAGE + 1])
    kept = {"range": kind, "measure": measure.name}
    course = snapshot_course.course(
        user=request.user, kind=kind, measure=measure, until=_key(request.GET.get("until", ""))
    )
    making = Job.objects.of(request.user).open().filter(kind=snapshot_jobs.KIND).first()
    choice = SnapshotChoice.objects.filter(user=request.user).first()
    context = {
        "asked": Tabs(request.path, f"range={snapshots.PERIODS[Range(kind)]}"),
        "snapshots": page[:PAGE],
        "older": f"?{urlencode({**kept, 'before': page[PAGE - 1].on.isoformat()})}" if len(page) > PAGE else "",
        "first_page": f"?{urlencode(kept)}" if older else "",
        "kind": kind,
        "kinds": [(f"?{urlencode({**kept, 'range': value})}", words) for value, words in Range.choices],
        "current": f"?{urlencode(kept)}",
        "measure": measure,
        "groups": GROUPS,
        "course": course,
        "lines": [course.line],
        "imports": reverse("ingest:import-list"),
        "earlier": f"?{urlencode({**kept, 'until': course.older.isoformat()})}" if course.older else "",
        "later": f"?{urlencode({**kept, 'until': course.newer.isoformat()})}" if course.newer else "",
        "making": making,
        "keeps": choice is not None and choice.keeps,
        "warned_at": choice.warned_at if choice else None,
        "kept_days": snapshot_care.KEPT.days,
    }
    part = "#snapshots" if request.htmx.target == "snapshots" else ""
    return render(request, f"insights/snapshots.html{part}", context)


@login_required
@require_safe
def snapshot(request: PersonRequest, pk: int) -> HttpResponse:
    """One snapshot with all its figures."""
    row = get_owned(request.user, ListeningSnapshot, pk)
    shown = reading.Shown(row)
    context = {
        "asked": Tabs(request.path, row.query),
        "snapshot": row,
        "shown": shown,
        "profiles": [shown.profile],
        "top": shown.top(request.user),
        "axes": [ALL[name].words for name in RADAR],
        **reading.neighbours(row),
    }
    return render(request, "insights/snapshot.html", context)


@login_required
@require_safe
def side_by_side(request: PersonRequest) -> HttpResponse:
    """/snapshots/compare/?a=12&b=40: the older first, whichever was named first."""
    keys = [request.GET.get(name, "") for name in ("a", "b")]
    if not all(keys) or keys[0] == keys[1]:
        messages.info(request, _("Choose two different snapshots to put side by side."))
        return redirect("insights:snapshots")
    if not all(key.isascii() and key.isdecimal() and len(key) < 19 for key in keys):
        raise Http404
    rows = [get_owned(request.user, ListeningSnapshot, int(key)) for key in keys]
    then, now = sorted(rows, key=lambda row: (row.on, row.first))
    shown = [reading.Shown(row) for row in (then, now)]
    profiles = [
        reading.Profile(f"{row.on:%Y-%m-%d}", each.profile.values) for row, each in zip((then, now), shown, strict=True)
    ]
    context = {
        "asked": Tabs(request.path, now.query),
        "then": then,
        "now": now,
        "shown": shown,
        "pairs": reading.pairs(then, now),
        "profiles": profiles,
        "axes": [ALL[name].words for name in RADAR],
    }
    return render(request, "insights/snapshot_compare.html", context)


@login_required
@require_POST
def keep(request: PersonRequest) -> HttpResponse:
    """The switch: whether snapshots that grow older than a year stay."""
    keeps = request.POST.get("keeps") == "yes"
    snapshot_care.keep(user=request.user, keeps=keeps, now=timezone.now())
    messages.success(
        request,
        _("All your snapshots are kept.") if keeps else _("Snapshots older than a year are cleaned, after a notice."),
    )
    return redirect("insights:snapshots")


def _range(request: PersonRequest) -> str:
    """As the API says it, or as the pages' range does."""
    asked = request.GET.get("range", "")
    kind = {words: kind for kind, words in snapshots.PERIODS.items()}.get(asked, asked)
    return kind if kind in Range.values else Range.SHORT


def _key(text: str) -> date | None:
    """A day in an address; None for anything else."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None
