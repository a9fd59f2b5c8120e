"""Exports: a person asks for one, a job makes it, and after a week it is gone from here."""

import logging
import tempfile
import uuid
from datetime import datetime, timedelta
from functools import partial
from typing import Any, BinaryIO, cast

from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts import jobs
from accounts.models import Job, User
from ingest.actions.export_files import Contents
from ingest.models import HistoryExport

logger = logging.getLogger(__name__)

KIND = "export_history"
KEPT = timedelta(days=7)
KEPT_FILES = 3  # of one person: an older one goes when a fourth is made
FOLDER = "exports"
OPEN = (HistoryExport.State.WAITING, HistoryExport.State.RUNNING)


def start(*, user: User) -> HistoryExport:
    """Queue an export of everything; while one is being made, that one is returned."""
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        for export in HistoryExport.objects.filter(user=user, state__in=OPEN).select_related("job"):
            if settle(export).state in OPEN:
                return export
        export = HistoryExport.objects.create(user=user)
        export.job = jobs.start(KIND, owner=user, parameters={"export": export.pk}, key=str(export.pk))
        export.save(update_fields=["job"])
    return export


# --- Running ---------------------------------------------------------------------------------------------------------
def _why_not(job: Job) -> str:
    return "" if HistoryExport.objects.filter(job=job).exists() else _("It was begun again already, or is gone.")


def _again(job: Job) -> Job:
    """Make the export of an ended job after all, from the beginning."""
    with transaction.atomic():
        export = HistoryExport.objects.select_for_update().get(job=job)
        export.job = jobs.start_same(job)
        export.state, export.error = HistoryExport.State.WAITING, ""
        export.save(update_fields=["job", "state", "error"])
    return export.job


@jobs.handler(KIND, queue="bulk", max_attempts=5, again=_again, why_not=_why_not)
def run_export(run: jobs.Run) -> dict[str, Any] | None:
    """Make one export. A run that was interrupted left nothing behind; the next begins anew."""
    export = HistoryExport.objects.select_related("user").filter(pk=run.parameters["export"], user=run.job.owner)
    found = export.first()
    if found is None or found.state not in OPEN:
        return None
    export.update(state=HistoryExport.State.RUNNING)
    try:
        with translation.override(found.user.reads):
            return _make(found, run)
    except jobs.Cancelled:
        export.update(state=HistoryExport.State.CANCELLED, error=_stopped())
        raise


def _make(export: HistoryExport, run: jobs.Run) -> dict[str, Any] | None:
    contents = Contents(export.user)
    total = len(contents.places)
    words = _("Packing plays")

    def tell(done: int) -> None:
        run.advance(done * total // max(1, contents.steps), total, words, "rows")

    with tempfile.TemporaryFile() as raw:
        contents.write(cast(BinaryIO, raw), now=timezone.now(), tell=tell)
        size = raw.tell()
        raw.seek(0)
        place = default_storage.save(f"{FOLDER}/{uuid.uuid4().hex}.zip", File(raw))
    now = timezone.now()
    try:
        with transaction.atomic():
            run.commit_step(phase="done")
            kept = HistoryExport.objects.filter(pk=export.pk).update(
                state=HistoryExport.State.DONE,
                stored=place,
                bytes=size,
                plays=total,
                made_at=now,
                expires_at=now + KEPT,
            )
    except BaseException:
        _delete(place)
        raise
    if not kept:  # its person left, or disconnected, meanwhile
        _delete(place)
        return None
    for old in HistoryExport.objects.filter(user=export.user).exclude(stored="").order_by("-id")[KEPT_FILES:]:
        _let_go(old)
    run.job.message = _("Ready to download for seven days.")
    return {"plays": total, "bytes": size}


# --- Ending ----------------------------------------------------------------------------------------------------------
def _stopped() -> str:
    return _("Stopped, as you asked. Nothing was kept of it.")


def settle(export: HistoryExport) -> HistoryExport:
    """Let an export whose job ended without it (stopped while waiting, or given up) end as its job did."""
    job = export.job
    if export.state in OPEN and (job is None or not job.is_open):
        stopped = job is not None and job.state == Job.State.CANCELLED
        export.state = HistoryExport.State.CANCELLED if stopped else HistoryExport.State.FAILED
        export.error = _stopped() if stopped else (job.error if job else "") or _("It came to no end. Make another.")
        export.save(update_fields=["state", "error"])
    return export


def forget(user: User) -> int:
    """Delete a person's exports with their files; how many. Safe to repeat."""
    exports = HistoryExport.objects.filter(user=user)
    for place in exports.exclude(stored="").values_list("stored", flat=True):
        _delete(place)
    return exports.delete()[1].get(HistoryExport._meta.label, 0)


def sweep(*, now: datetime) -> int:
    """Delete files that have expired, and those whose export or person is gone; how many."""
    for export in HistoryExport.objects.filter(state__in=OPEN).select_related("job"):
        settle(export)
    expired = list(HistoryExport.objects.filter(expires_at__lte=now).exclude(stored=""))
    for export in expired:
        _let_go(export)
    wanted = set(HistoryExport.objects.exclude(stored="").values_list("stored", flat=True))
    names = default_storage.listdir(FOLDER)[1] if default_storage.exists(FOLDER) else []
    places = {f"{FOLDER}/{name}" for name in names} - wanted
    stray = [place for place in places if default_storage.get_modified_time(place) < now - timedelta(days=1)]
    for place in stray:
        _delete(place)
    return len(expired) + len(stray)


def _let_go(export: HistoryExport) -> None:
    """Its row stays and tells that it was; its file goes once that is committed."""
    place, export.stored = export.stored, ""
    export.save(update_fields=["stored"])
    transaction.on_commit(partial(_delete, place))


def _delete(place: str) -> None:
    try:
        default_storage.delete(place)
    except OSError:
        logger.warning("could not delete %s; the sweep will try again", place, exc_info=True)
