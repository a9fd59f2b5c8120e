"""The JSON API's exports: ask for one, follow it, download it."""

from datetime import datetime
from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Field, ModelSchema, Router
from ninja.errors import HttpError

from accounts.access import get_owned
from accounts.api import may
from ingest.actions import export
from ingest.api import person
from ingest.models import HistoryExport
from ingest.views.export import file_of

router = Router(tags=["exports"])
SHOWN = 20


class ExportOut(ModelSchema):
    """One export of everything. `ready` says whether it can be downloaded now."""

    job: int | None = Field(None, alias="job_id")
    ready: bool
    expires_at: datetime | None = None

    class Meta:
        model = HistoryExport
        fields = ["id", "state", "error", "plays", "bytes", "created_at", "made_at"]

    @staticmethod
    def resolve_ready(row: HistoryExport) -> bool:
        return row.is_there(timezone.now())


@router.post("", response={202: ExportOut}, auth=may("export"), summary="Start an export of everything")
def start(request: HttpRequest) -> tuple[int, HistoryExport]:
    """While one is being made, that one is answered."""
    return 202, export.start(user=person(request))


@router.get("", response=list[ExportOut], auth=may("export"), summary="Exports, newest first")
def export_list(request: HttpRequest) -> list[HistoryExport]:
    rows = HistoryExport.objects.filter(user=person(request)).select_related("job")[:SHOWN]
    return [export.settle(row) for row in rows]


@router.get("/{pk}", response=ExportOut, auth=may("export"), summary="One export")
def one(request: HttpRequest, pk: int) -> HistoryExport:
    return export.settle(get_owned(request.user, HistoryExport.objects.select_related("job"), pk))


@router.get("/{pk}/download", auth=may("export"), response={200: None}, summary="The zip of one export")
def download(request: HttpRequest, pk: int) -> HttpResponse | FileResponse:
    row = export.settle(get_owned(request.user, HistoryExport.objects.select_related("job"), pk))
    if row.state != HistoryExport.State.DONE:
        raise HttpError(404, row.error or "This export is not made yet: follow its job.")
    found: Any = file_of(row)
    if found is None:
        raise HttpError(410, "This export has expired. Start another.")
    return found
