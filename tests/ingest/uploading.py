"""Uploads as a person makes them at the page, and what has become of them."""

from collections.abc import Callable
from typing import Any

from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.models import Job, User
from ingest.models import HistoryImport, Play
from tests.ingest.broken_uploads import Files

LIST = "/imports/"
RunImports = Callable[[], list[Job]]


def send(client: Client, files: Files) -> Any:
    return client.post(LIST, {"files": [SimpleUploadedFile(name, content) for name, content in files]})


def bring(client: Client, files: Files, run_imports: RunImports) -> HistoryImport:
    """Upload and run to the end."""
    answer = send(client, files)
    assert answer.status_code == 302, answer.content.decode()[-3000:]
    run_imports()
    found = HistoryImport.objects.latest("pk")
    assert answer.url == reverse("ingest:import", args=[found.pk])
    return found


def counts(found: HistoryImport) -> tuple[int, int, int, int, int]:
    return found.rows, found.new, found.duplicate, found.merged, found.set_aside


def plays(user: User) -> list[tuple[str, int, int, int]]:
    return [
        (play.track.name, int(play.started_at.timestamp()), int(play.ended_at.timestamp()), play.ms_played)
        for play in Play.objects.of(user).select_related("track").order_by("started_at", "track__name")
    ]


def storage_is_empty() -> bool:
    return not default_storage.exists("imports") or not default_storage.listdir("imports")[1]
