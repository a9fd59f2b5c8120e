"""What calls cost: the budget's hours, what they were spent on, and the breakers that stop useless ones."""

from datetime import datetime

from django.db import models
from django.db.models import Q

from accounts.models.connection import SpotifyConnection


class BudgetHour(models.Model):
    """How many calls one developer account made within one hour: what the ceiling is checked against."""

    quota_group = models.CharField(max_length=64)
    hour = models.DateTimeField()  # its start, UTC
    calls = models.PositiveIntegerField(default=0)
    interactive_calls = models.PositiveIntegerField(default=0)  # of these

    class Meta:
        constraints = [models.UniqueConstraint(fields=["quota_group", "hour"], name="one_budget_row_per_hour")]

    def __str__(self) -> str:
        return f"{self.quota_group} {self.hour:%F %H}h: {self.calls}"


class CallCount(models.Model):
    """How often one connection called one endpoint within one hour: what the budget was spent on."""

    quota_group = models.CharField(max_length=64)
    hour = models.DateTimeField()  # its start, UTC
    connection = models.ForeignKey(SpotifyConnection, null=True, on_delete=models.SET_NULL, related_name="call_counts")
    endpoint = models.CharField(max_length=60)
    interactive = models.BooleanField(default=False)
    calls = models.PositiveIntegerField(default=0)
    failures = models.PositiveIntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["quota_group", "hour"])]
        constraints = [
            models.UniqueConstraint(
                fields=["quota_group", "hour", "connection", "endpoint", "interactive"],
                name="one_count_per_call_and_hour",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.endpoint} {self.hour:%F %H}h: {self.calls}"


class Breaker(models.Model):
    """One fuse: after failures in a row it stops calls for a while, then lets a single one through."""

    key = models.CharField(max_length=80, primary_key=True)  # connection:7, app:2, accounts
    failures = models.PositiveIntegerField(default=0)  # in a row
    open_until = models.DateTimeField(null=True, blank=True)
    probing_until = models.DateTimeField(null=True, blank=True)  # one caller tries, the others wait for its answer
    last_error = models.CharField(max_length=200, blank=True)
    changed_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.key

    def is_open(self, now: datetime) -> bool:
        return self.open_until is not None and self.open_until > now


class Notice(models.Model):
    """Something a person, or (no user) the operators, should know until it is settled or put away."""

    class Level(models.TextChoices):
        INFO = "info"
        WARNING = "warning"
        ERROR = "error"

    user = models.ForeignKey("accounts.User", null=True, blank=True, on_delete=models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=40)
    key = models.CharField(max_length=100, blank=True)  # one open notice per kind, key and reader
    level = models.CharField(max_length=8, choices=Level.choices, default=Level.INFO)
    text = models.TextField()
    url = models.CharField(max_length=200, blank=True)  # where to do something about it
    times = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    repeated_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-repeated_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "kind", "key"],
                condition=Q(settled_at=None, user__isnull=False),
                name="one_open_notice_per_person_and_key",
            ),
            models.UniqueConstraint(
                fields=["kind", "key"],
                condition=Q(settled_at=None, user__isnull=True),
                name="one_open_notice_of_operators_per_key",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}".strip()
