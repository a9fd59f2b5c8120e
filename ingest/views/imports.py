"""Imports: how to get one's history, taking it in, and the account of every row."""

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.access import PersonRequest, get_owned, require_form_methods
from ingest.actions import imports
from ingest.forms import UploadForm
from ingest.importers.archive import in_words
from ingest.importers.base import FORMATS, REASONS
from ingest.models import HistoryImport
from ingest.views import unsure
from ingest.views.uploads import no_room, size_checked

SHOWN = 50  # imports on the page


def _refuse(request: PersonRequest, problem: str, status: int) -> HttpResponse:
    return _page(request, UploadForm(), problem=problem, status=status)


@require_form_methods
@size_checked(most=lambda: settings.UPLOAD_MAX_BYTES, too_large=imports.too_large, refuse=_refuse)
def import_list(request: PersonRequest) -> HttpResponse:
    """The upload form and past imports; a POST takes files in."""
    if request.method != "POST":
        return _page(request, UploadForm())
    form = UploadForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, form, status=422)
    try:
        history_import = imports.start(user=request.user, files=form.cleaned_data["files"], now=timezone.now())
    except imports.Refused as refused:
        return _page(request, form, problem=str(refused), status=413)
    except OSError as error:
        return no_room(request, error, _refuse)
    return redirect("ingest:import", history_import.pk)


def _page(request: PersonRequest, form: UploadForm, problem: str = "", status: int = 200) -> HttpResponse:
    past = HistoryImport.objects.filter(user=request.user).select_related("job")[:SHOWN]
    now = timezone.now()
    context = {
        "form": form,
        "problem": problem,
        "imports": [imports.settle(each, now=now) for each in past],
        "max_bytes": settings.UPLOAD_MAX_BYTES,
        "max_size": in_words(settings.UPLOAD_MAX_BYTES),
    }
    return render(request, "ingest/import_list.html", context, status=status)


@login_required
@require_safe
def import_detail(request: PersonRequest, pk: int) -> HttpResponse:
    """One import: how far it is, then what became of every row."""
    history_import = get_owned(request.user, HistoryImport.objects.select_related("job"), pk)
    imports.settle(history_import, now=timezone.now())
    examples: dict[str, list[Any]] = {}
    for example in history_import.examples.order_by("id"):
        examples.setdefault(example.reason, []).append(example)
    context = {
        "history_import": history_import,
        "job": history_import.job,
        "is_open": history_import.state in imports.OPEN,
        "files": [(file, FORMATS.get(file.format, ""), _worded(file.reasons)) for file in history_import.files.all()],
        "unsure": None if history_import.state in imports.OPEN else unsure.of_import(history_import),
        "reasons": [
            (words, count, examples.get(reason, []))
            for reason, words, count in _worded(history_import.reasons, with_slug=True)
        ],
    }
    part = "#account" if request.htmx.target == "import-account" else ""
    return render(request, f"ingest/import.html{part}", context)


def _worded(reasons: dict[str, int], with_slug: bool = False) -> list[Any]:
    """Reasons in words with their counts, the most frequent first."""
    ranked = sorted(reasons.items(), key=lambda each: (-each[1], each[0]))
    return [
        (slug, REASONS.get(slug, slug), count) if with_slug else (REASONS.get(slug, slug), count)
        for slug, count in ranked
    ]


@login_required
@require_safe
def import_set_aside(request: PersonRequest, pk: int) -> FileResponse:
    """Every row that was set aside, as gzipped JSON lines: file, row, reason, data."""
    history_import = get_owned(request.user, HistoryImport, pk)
    if not history_import.set_aside_file or not default_storage.exists(history_import.set_aside_file):
        raise Http404
    return FileResponse(
        default_storage.open(history_import.set_aside_file),
        as_attachment=True,
        filename=f"vibesite-import-{history_import.pk}-set-aside.jsonl.gz",
        content_type="application/gzip",
    )
