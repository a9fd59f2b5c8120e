"""When rules write their playlists by themselves."""

from typing import Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q, Window
from django.db.models.functions import RowNumber
from django.utils.translation import gettext_lazy as _

from accounts.models import Job, User
from playlists.models.rule import Rule
from playlists.models.sync import SyncRun


class ScheduleQuerySet(models.QuerySet["Schedule"]):
    def of(self, user: User) -> Self:
        return self.filter(rule__user=user)

    def live(self) -> Self:
        """Those that would run: not stopped, the rule and its playlist switched on, the person still here."""
        return self.filter(
            stopped_at=None, rule__is_enabled=True, rule__playlist__is_enabled=True, rule__user__is_active=True
        )

    def lost(self) -> Self:
        """Turns under way, or waiting for a word, of which nothing is left that could end: the run was erased."""
        waiting = self.filter(outcome__in=(Schedule.Outcome.STARTED, Schedule.Outcome.HELD), run=None)
        return waiting.exclude(job__state__in=Job.OPEN)

    def in_turn(self, *, most: int) -> Self:
        """First one of each person, then the second of each …; `most` of one person."""
        turn = Window(RowNumber(), partition_by=F("rule__user"), order_by=[F("next_at"), F("pk")])
        return self.annotate(turn=turn).filter(turn__lte=most).order_by("turn", "next_at", "pk")


class Schedule(models.Model):
    """When one rule's playlist is synced with nobody watching, and how its last turn went."""

    class Kind(models.TextChoices):
        DAILY = "daily", _("Every day")
        WEEKLY = "weekly", _("Every week")
        LIKES = "likes", _("When I like something new")

    class Outcome(models.TextChoices):
        NONE = "", _("Not run yet")
        STARTED = "started", _("Under way")
        HELD = "held", _("Waits for your word")
        DONE = "done", _("Written")
        UNCHANGED = "unchanged", _("Nothing to do")
        PASSED = "passed", _("Passed over")
        FAILED = "failed", _("Failed")

    rule = models.OneToOneField(Rule, primary_key=True, on_delete=models.CASCADE, related_name="schedule")
    kind = models.CharField(_("Write it"), max_length=6, choices=Kind.choices, default=Kind.DAILY)
    hour = models.PositiveSmallIntegerField(default=6, validators=[MaxValueValidator(23)])
    weekday = models.PositiveSmallIntegerField(  # ISO: 1 Monday to 7 Sunday; of a weekly one
        default=1, validators=[MinValueValidator(1), MaxValueValidator(7)]
    )
    zone = models.CharField(max_length=64, editable=False)  # in which `next_at` was reckoned
    next_at = models.DateTimeField(null=True, editable=False)  # None: stopped, or waits for a like
    likes_seen_at = models.DateTimeField(null=True, editable=False)  # the newest like when it last ran
    started_at = models.DateTimeField(null=True, editable=False)  # its last turn
    outcome = models.CharField(max_length=9, choices=Outcome.choices, default=Outcome.NONE, blank=True, editable=False)
    message = models.TextField(blank=True, editable=False)
    job = models.ForeignKey(Job, null=True, on_delete=models.SET_NULL, editable=False, related_name="+")
    run = models.ForeignKey(SyncRun, null=True, on_delete=models.SET_NULL, editable=False, related_name="+")
    failures = models.PositiveSmallIntegerField(default=0, editable=False)  # in a row
    stopped_at = models.DateTimeField(null=True, editable=False)  # after too many of them

    objects = ScheduleQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["next_at"], name="schedules_due", condition=Q(stopped_at=None)),
            models.Index(fields=["outcome"], name="schedules_watched", condition=Q(outcome__in=("started", "held"))),
        ]

    def __str__(self) -> str:
        return f"{self.rule}: {self.get_kind_display()}"
