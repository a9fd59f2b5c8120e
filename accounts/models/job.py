"""Work that a person can watch."""

from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.person import User


class JobQuerySet(models.QuerySet["Job"]):
    def of(self, user: User) -> Self:
        return self.filter(owner=user)

    def open(self) -> Self:
        return self.filter(state__in=Job.OPEN)


class Job(models.Model):
    """One run of long work: queued → running → done, failed or cancelled. Resumed from its last committed step."""

    class State(models.TextChoices):
        QUEUED = "queued", _("Waiting")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", _("Cancelled")

    OPEN = (State.QUEUED, State.RUNNING)

    kind = models.CharField(max_length=40)
    owner = models.ForeignKey(User, null=True, blank=True, on_delete=models.CASCADE, related_name="jobs")
    state = models.CharField(max_length=9, choices=State.choices, default=State.QUEUED)
    parameters = models.JSONField(default=dict)
    key = models.CharField(max_length=200, blank=True)  # idempotency: one open job per kind and key
    step = models.JSONField(default=dict)  # where a resumed run goes on: written with the work it tells of
    done = models.PositiveBigIntegerField(default=0)
    total = models.PositiveBigIntegerField(null=True, blank=True)  # None: not known yet
    unit = models.CharField(max_length=20, blank=True)
    message = models.CharField(max_length=300, blank=True)
    result = models.JSONField(default=dict)
    error = models.TextField(blank=True)  # for people: what happened, what is safe, what to do
    traceback = models.TextField(blank=True)  # for operators
    attempts = models.PositiveSmallIntegerField(default=0)
    max_attempts = models.PositiveSmallIntegerField(default=5)
    cancel_requested = models.BooleanField(default=False)
    not_before = models.DateTimeField(null=True, blank=True)  # put off, e.g. until a quota frees
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    dispatched_at = models.DateTimeField(null=True, blank=True)  # a message for it was last sent to the broker
    finished_at = models.DateTimeField(null=True, blank=True)
    worker = models.CharField(max_length=120, blank=True)  # the claim of the process that runs it, new with each

    objects = JobQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "key"],
                condition=Q(state__in=("queued", "running")) & ~Q(key=""),
                name="one_open_job_per_kind_and_key",
            )
        ]
        indexes = [
            models.Index(fields=["owner", "-id"]),
            models.Index(fields=["state", "heartbeat_at"]),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN

    @property
    def share(self) -> float | None:
        """Progress from 0 to 1; None while the total is not known."""
        return min(self.done / self.total, 1.0) if self.total else None

    def rate(self, now: datetime | None = None) -> float | None:
        """Units a second since the start."""
        if not self.started_at or not self.done:
            return None
        spent = ((self.finished_at or now or timezone.now()) - self.started_at).total_seconds()
        return self.done / spent if spent > 0 else None

    def time_left(self, now: datetime | None = None) -> timedelta | None:
        rate = self.rate(now)
        if not rate or self.total is None or not self.is_open:
            return None
        return timedelta(seconds=max(0, self.total - self.done) / rate)

    def is_lost(self, now: datetime) -> bool:
        """Running, but its worker has not been heard of for `JOB_LOST_AFTER`."""
        heard = self.heartbeat_at or self.started_at
        return self.state == self.State.RUNNING and heard is not None and now - heard > settings.JOB_LOST_AFTER
