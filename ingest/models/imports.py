"""Uploads of history and their accounts of rows."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Job, User


class HistoryImport(models.Model):
    """One upload and its account: every row is new, duplicate, merged or set aside; the sums add up, or it failed."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", _("Cancelled")

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="imports")
    job = models.OneToOneField(Job, null=True, blank=True, on_delete=models.SET_NULL, related_name="history_import")
    name = models.CharField(max_length=255)  # as the person named the upload
    state = models.CharField(max_length=9, choices=State.choices, default=State.WAITING)
    error = models.TextField(blank=True)
    stored = models.JSONField(default=list)  # storage names of the uploaded files; emptied when read
    rows = models.PositiveBigIntegerField(default=0)
    new = models.PositiveBigIntegerField(default=0)
    duplicate = models.PositiveBigIntegerField(default=0)
    merged = models.PositiveBigIntegerField(default=0)
    set_aside = models.PositiveBigIntegerField(default=0)
    reasons = models.JSONField(default=dict)  # reason → rows set aside
    set_aside_file = models.CharField(max_length=255, blank=True)  # storage name: every such row, as gzipped JSON lines
    first_at = models.DateTimeField(null=True, blank=True)
    last_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.name

    @property
    def adds_up(self) -> bool:
        return self.rows == self.new + self.duplicate + self.merged + self.set_aside


class ImportFile(models.Model):
    """One file of an upload (a member of a zip counts as one), and its own account."""

    history_import = models.ForeignKey(HistoryImport, on_delete=models.CASCADE, related_name="files")
    position = models.PositiveIntegerField()
    name = models.CharField(max_length=500)
    format = models.CharField(max_length=40, blank=True)  # e.g. extended, account_music; empty: not history
    note = models.CharField(max_length=300, blank=True)  # why it was not read, or not wholly
    size = models.PositiveBigIntegerField(default=0)
    rows = models.PositiveBigIntegerField(default=0)
    new = models.PositiveBigIntegerField(default=0)
    duplicate = models.PositiveBigIntegerField(default=0)
    merged = models.PositiveBigIntegerField(default=0)
    set_aside = models.PositiveBigIntegerField(default=0)
    reasons = models.JSONField(default=dict)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["history_import", "position"], name="one_file_per_import_position")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def base(self) -> str:
        return self.name.rpartition("/")[2] or self.name

    @property
    def folder(self) -> str:
        return self.name.rpartition("/")[0]


class SetAside(models.Model):
    """One example of a row that was set aside (some per reason; all are in the import's `set_aside_file`)."""

    history_import = models.ForeignKey(HistoryImport, on_delete=models.CASCADE, related_name="examples")
    file_name = models.CharField(max_length=500)
    row = models.PositiveIntegerField()  # counted from 1
    reason = models.CharField(max_length=40)
    excerpt = models.JSONField(default=dict)  # the row without personal fields

    def __str__(self) -> str:
        return f"{self.file_name}:{self.row} {self.reason}"
