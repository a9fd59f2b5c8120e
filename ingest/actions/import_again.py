"""An import that was given up by our fault, taken up again by its person: its uploads are kept for that a while."""

from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import gettext as _

from accounts import jobs
from accounts.models import Job
from ingest.models import HistoryImport


def why_not(job: Job) -> str:
    """Why the import of an ended job cannot go on, for its person; empty if it can."""
    history_import = HistoryImport.objects.filter(job=job).first()
    if history_import is None:
        return _("It was begun again already, or its import is gone.")
    if "paths" in job.parameters:
        return _("An operator’s command began this; it has to be run again.")
    places = [place for place, _name in history_import.stored]
    return "" if places and all(map(default_storage.exists, places)) else files_gone()


def files_gone() -> str:
    return _("The uploaded files are gone. What was imported before is kept; upload the zip again.")


def go_on(job: Job) -> Job:
    """Go on where the ended job left off: the import's account comes out as if nothing had happened."""
    with transaction.atomic():
        history_import = HistoryImport.objects.select_for_update().get(job=job)
        new = jobs.start(job.kind, owner=job.owner, parameters=job.parameters, key=job.key, step=job.step)
        history_import.job = new
        history_import.state = HistoryImport.State.WAITING
        history_import.error = ""
        history_import.finished_at = None
        history_import.save(update_fields=["job", "state", "error", "finished_at"])
    return new
