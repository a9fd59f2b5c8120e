"""A person's jobs: all of them, one of them live, and the wish to stop one or to begin it again."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_POST, require_safe

from accounts import back, jobs, requeue
from accounts.access import PersonRequest, get_owned
from accounts.models import Job

PAGE = 30
STOP_POLLING = 286  # htmx's own status: swap this in and ask no more
FACTS = {  # of a job's result, in words; others are shown by their own name
    "rows": gettext_noop("Rows"),
    "new": gettext_noop("New"),
    "duplicate": gettext_noop("Known already"),
    "merged": gettext_noop("Merged with other evidence of the same play"),
    "set_aside": gettext_noop("Set aside"),
    "likes": gettext_noop("Liked tracks"),
    "likes_changed": gettext_noop("Changes in liked tracks"),
    "playlists": gettext_noop("Playlists"),
    "playlists_short": gettext_noop("Playlists left as they were"),
    "tracks": gettext_noop("Tracks"),
    "changed": gettext_noop("Changes"),
    "repeats": gettext_noop("Tracks that stand there more than once"),
    "not_found": gettext_noop("Rows that were not found"),
    "several": gettext_noop("Of these, could be one of several"),
}


@login_required
@require_safe
def job_list(request: PersonRequest) -> HttpResponse:
    """Newest first, by key: `?kind=…&state=…&before=<pk>`."""
    mine = Job.objects.of(request.user)
    kind = request.GET.get("kind", "").replace("\0", "")  # PostgreSQL takes none
    state = request.GET.get("state", "")
    rows = mine
    if kind:
        rows = rows.filter(kind=kind[:40])
    if state in Job.State.values:
        rows = rows.filter(state=state)
    before = request.GET.get("before", "")
    if before.isdecimal() and len(before) < 19:
        rows = rows.filter(pk__lt=int(before))
    page = list(rows.order_by("-id")[: PAGE + 1])
    older = ""
    if len(page) > PAGE:
        page = page[:PAGE]
        query = request.GET.copy()
        query["before"] = str(page[-1].pk)
        older = f"?{query.urlencode()}"
    context = {
        "jobs": page,
        "older": older,
        "kind": kind,
        "state": state if state in Job.State.values else "",
        "kinds": [Job(kind=name) for name in mine.order_by("kind").values_list("kind", flat=True).distinct()],
        "states": Job.State.choices,
        "filtered": bool(kind or state or before),
    }
    return render(request, "accounts/job_list.html", context)


@login_required
@require_safe
def job(request: PersonRequest, pk: int) -> HttpResponse:
    """One job. For htmx the part it asks for: the page's live part, or the one line that stands on other pages."""
    row = get_owned(request.user, Job, pk, owner_field="owner")
    template = "accounts/job.html"
    if request.htmx.target == "job-live":
        template = "accounts/job.html#progress"
    elif request.htmx.target == f"job-{row.pk}":
        template = "components/job_progress.html"
    status = STOP_POLLING if request.htmx and not row.is_open else 200
    return render(request, template, {"job": row, "facts": _facts(row)}, status=status)


def _facts(row: Job) -> list[tuple[str, object]]:
    """What the handler left as its result, in words where it is a plain value."""
    return [
        (_(FACTS[name]) if name in FACTS else name.replace("_", " ").capitalize(), value)
        for name, value in row.result.items()
        if isinstance(value, str | int | float) and not name.endswith("_id")
    ]


@login_required
@require_POST
def job_cancel(request: PersonRequest, pk: int) -> HttpResponse:
    """Ask the job to stop; back to where the wish was made."""
    row = jobs.cancel(job=get_owned(request.user, Job, pk, owner_field="owner"), now=timezone.now())
    if row.state == Job.State.CANCELLED:
        messages.success(request, _("Stopped."))
    elif row.is_open:
        messages.info(request, _("It stops at its next step; what is finished by then is kept."))
    else:
        messages.info(request, _("It had ended already."))
    return back.to(request, reverse("accounts:job", args=[row.pk]))


@login_required
@require_POST
def job_again(request: PersonRequest, pk: int) -> HttpResponse:
    """Begin a failed or stopped job again; on to the new one, or back to the old with the reason why not."""
    row = get_owned(request.user, Job, pk, owner_field="owner")
    try:
        row = requeue.again(job=row)
    except requeue.CannotRepeat as reason:
        messages.error(request, str(reason) or _("This cannot be begun again."))
    else:
        messages.success(request, _("Begun again."))
    return redirect("accounts:job", pk=row.pk)
