"""What is stored of looking back: snapshots of listening, and what a person wants done with them."""

from typing import Any, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from insights.analysis.dayparts import PARTS


class SnapshotQuerySet(models.QuerySet["ListeningSnapshot"]):
    def of(self, user: User) -> Self:
        return self.filter(user=user)

    def newest_first(self) -> Self:
        return self.order_by("-on", "range", "-id")


class ListeningSnapshot(models.Model):
    """One person's listening in the stretch that ends with one of their days, in figures; no play is in it.

    Taken again for the same day and range, the row is written anew. `figures` is what
    `insights.analysis.snapshots.Figures` says, as JSON; `version` tells by which computation.
    """

    class Range(models.TextChoices):
        SHORT = "short_term", _("Last 4 weeks")
        MEDIUM = "medium_term", _("Last 6 months")
        LONG = "long_term", _("Last year")

    user = models.ForeignKey(User, on_delete=models.CASCADE, db_index=False, related_name="listening_snapshots")
    on = models.DateField()  # the last local day inside
    range = models.CharField(max_length=11, choices=Range.choices)
    first = models.DateField()  # the first local day inside
    taken_at = models.DateTimeField()
    version = models.PositiveSmallIntegerField()
    zone = models.CharField(max_length=64)  # IANA name, whose days and hours these are
    rule = models.CharField(max_length=12)  # what counted as a play; of "own" the limits are in `figures`
    plays = models.PositiveIntegerField()
    ms = models.PositiveBigIntegerField()
    tracks = models.PositiveIntegerField()  # distinct ones; so are artists and albums
    artists = models.PositiveIntegerField()
    albums = models.PositiveIntegerField()
    days = models.PositiveSmallIntegerField()  # with a play
    from_spotify = models.PositiveIntegerField()  # plays among these that polling or watching told of
    figures = models.JSONField(default=dict)

    objects = SnapshotQuerySet.as_manager()

    class Meta:
        ordering = ["-on", "range"]
        constraints = [models.UniqueConstraint(fields=["user", "on", "range"], name="one_snapshot_per_day_and_range")]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.range} to {self.on}"

    @property
    def query(self) -> str:
        """The words for an address of a page that shows the same days."""
        return f"range=custom&from={self.first.isoformat()}&to={self.on.isoformat()}"

    def part(self, name: str) -> dict[str, Any]:
        """One part of `figures`; empty where an older computation had none."""
        found: dict[str, Any] = self.figures.get(name) or {}
        return found

    @property
    def hours(self) -> dict[str, Any]:
        """The parts of the day in their order: a database may keep the names of JSON in its own."""
        told = self.part("hours")
        return {name: told[name] for name in PARTS if name in told}


class SnapshotChoice(models.Model):
    """What one person wants done with old snapshots, and when they were told that these are cleaned."""

    user = models.OneToOneField(User, primary_key=True, on_delete=models.CASCADE, related_name="snapshot_choice")
    keeps = models.BooleanField(default=False)
    warned_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.user_id}: {'keeps' if self.keeps else 'cleans'}"
