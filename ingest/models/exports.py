"""What a person takes with them: a zip of everything, made by a job and kept for a while."""

from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Job, User


class HistoryExport(models.Model):
    """One zip. `stored` is empty until it is made, and again once it has expired and is deleted."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", _("Cancelled")

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="exports")
    job = models.OneToOneField(Job, null=True, blank=True, on_delete=models.SET_NULL, related_name="history_export")
    state = models.CharField(max_length=9, choices=State.choices, default=State.WAITING)
    error = models.TextField(blank=True)
    stored = models.CharField(max_length=255, blank=True)  # storage name
    bytes = models.PositiveBigIntegerField(default=0)
    plays = models.PositiveBigIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    made_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.state}, {self.plays} plays"

    def is_there(self, now: datetime) -> bool:
        """Whether it can be downloaded at `now`."""
        return bool(self.stored) and self.expires_at is not None and self.expires_at > now
