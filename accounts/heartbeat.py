"""A thread that says a running job is alive, however long its handler is busy between two steps."""

import logging
import threading
from types import TracebackType
from typing import Self

from django.conf import settings
from django.db import DatabaseError, connection
from django.utils import timezone

from accounts.models import Job

logger = logging.getLogger(__name__)


class Heartbeat:
    """While entered, writes `heartbeat_at` of one claimed job every `JOB_HEARTBEAT`, on a database connection of its
    own (Django gives each thread one). Stops by itself when the claim is gone; the handler learns it from its Run."""

    def __init__(self, job: Job) -> None:
        self._row = Job.objects.filter(pk=job.pk, state=Job.State.RUNNING, worker=job.worker)
        self._pk = job.pk
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._beat, name=f"heartbeat-{job.pk}", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None) -> None:
        self._stop.set()
        # A beat that waits for the database must not hold up the end of the job.
        self._thread.join(timeout=1)

    def _beat(self) -> None:
        try:
            while not self._stop.wait(settings.JOB_HEARTBEAT.total_seconds()):
                try:
                    if not self._row.all().update(heartbeat_at=timezone.now()):
                        return
                except DatabaseError as exc:  # busy or away for a moment: the next beat tries again
                    logger.warning("heartbeat of job %s: %s", self._pk, exc)
                    connection.close_if_unusable_or_obsolete()
        finally:
            connection.close()
