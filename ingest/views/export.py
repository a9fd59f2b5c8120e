"""Exports: ask for one, see how far it is, download it while it is there."""

from django.contrib.auth.decorators import login_required
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.access import PersonRequest, get_owned, require_form_methods
from ingest.actions import export
from ingest.models import HistoryExport

SHOWN = 20


@require_form_methods
@login_required
def export_list(request: PersonRequest) -> HttpResponse:
    """The button and what was made before; a POST begins an export."""
    if request.method == "POST":
        export.start(user=request.user)
        return redirect("ingest:export-list")
    now = timezone.now()
    found = HistoryExport.objects.filter(user=request.user).select_related("job")[:SHOWN]
    exports = [export.settle(each) for each in found]
    context = {
        "exports": [(each, each.is_there(now)) for each in exports if each.state not in export.OPEN],
        "making": next((each for each in exports if each.state in export.OPEN), None),
    }
    part = "#exports" if request.htmx.target == "exports" else ""
    return render(request, f"ingest/export_list.html{part}", context)


@login_required
@require_safe
def export_download(request: PersonRequest, pk: int) -> HttpResponse | FileResponse:
    """The zip, to its person alone; 410 once it has expired."""
    found = file_of(get_owned(request.user, HistoryExport, pk))
    return found or render(request, "ingest/export_gone.html", status=410)


def file_of(export: HistoryExport) -> FileResponse | None:
    """The zip as an answer; None once it has expired. Http404 while there is none yet."""
    if export.state != HistoryExport.State.DONE or export.expires_at is None or export.made_at is None:
        raise Http404
    if not export.is_there(timezone.now()) or not default_storage.exists(export.stored):
        return None
    return FileResponse(
        default_storage.open(export.stored),
        as_attachment=True,
        filename=f"vibesite-export-{export.made_at:%Y-%m-%d}.zip",
        content_type="application/zip",
    )
