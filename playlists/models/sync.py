"""What was written to playlists, when, and what they held before."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Job, User
from playlists.models.playlist import Playlist


class SyncRunQuerySet(models.QuerySet["SyncRun"]):
    def of(self, user: User) -> Self:
        return self.filter(playlist__owner=user)

    def open(self) -> Self:
        return self.filter(state__in=SyncRun.OPEN)

    def writing(self) -> Self:
        """Those that a job writes, or is to write."""
        return self.filter(state__in=SyncRun.WRITING)

    def stuck(self) -> Self:
        """Those whose job failed, was stopped or is forgotten: no other one writes them until a person says so."""
        ended = Q(job=None) | Q(job__state__in=(Job.State.FAILED, Job.State.CANCELLED))
        return self.writing().filter(ended)

    def brief(self) -> Self:
        """Without the lists, which are half a megabyte each for ten thousand tracks."""
        return self.defer("wanted", "before", "start", "after", "fixed", "calls", "hand_added", "hand_removed")


class SyncRun(models.Model):
    """One plan for one playlist and what became of it: the record, and the restore point.

    Lists are of keys as in `playlists/writing.py`. `before` is what Spotify held before the first write.
    """

    class State(models.TextChoices):
        PLANNED = "planned", _("Shown, not confirmed")
        HELD = "held", _("Waits for your word")
        QUEUED = "queued", _("About to be written")
        RUNNING = "running", _("Being written")
        DONE = "done", _("Written")
        UNCHANGED = "unchanged", _("Nothing to do")
        STALE = "stale", _("The playlist changed since it was shown")
        FAILED = "failed", _("Failed")
        DROPPED = "dropped", _("Let go")
        REPLACED = "replaced", _("A newer plan took its place")

    WRITING = (State.QUEUED, State.RUNNING)
    OPEN = (State.PLANNED, State.HELD, *WRITING)

    playlist = models.ForeignKey(Playlist, on_delete=models.CASCADE, related_name="runs")
    job = models.ForeignKey(Job, null=True, on_delete=models.SET_NULL, related_name="+")
    undoes = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="undone_by")
    state = models.CharField(max_length=9, choices=State.choices, default=State.PLANNED)
    wanted = models.JSONField()  # URIs, before anything of the playlist itself was weighed in
    before = models.JSONField(default=list)
    start = models.JSONField(default=list)  # what `calls` begin with: `before`, unless somebody changed it meanwhile
    after = models.JSONField(default=list)
    size_before = models.PositiveIntegerField(default=0, db_default=0)  # how long `before` and `after` are
    size_after = models.PositiveIntegerField(default=0, db_default=0)
    fixed = models.JSONField(default=list)  # what no call can write, and stays
    hand_added = models.JSONField(default=list, db_default=[])  # the playlist's own once the run is done
    hand_removed = models.JSONField(default=list, db_default=[])
    calls = models.JSONField(default=list)
    calls_done = models.PositiveIntegerField(default=0)
    has_begun = models.BooleanField(default=False)  # a write may have reached Spotify
    plan_hash = models.CharField(max_length=32, blank=True)
    guards = models.JSONField(default=list)  # names of those that want a person's word
    confirmed_hash = models.CharField(max_length=32, blank=True)
    replans = models.PositiveSmallIntegerField(default=0)
    reads = models.PositiveIntegerField(default=0)
    writes = models.PositiveIntegerField(default=0)
    message = models.TextField(blank=True)
    made_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    objects = SyncRunQuerySet.as_manager()

    class Meta:
        ordering = ["-made_at", "-pk"]
        indexes = [
            models.Index(fields=["playlist", "-made_at"]),
            models.Index(fields=["state"], condition=Q(state__in=("queued", "running")), name="runs_to_write"),
        ]

    def __str__(self) -> str:
        return f"{self.playlist} {self.made_at:%F %H:%M}: {self.get_state_display()}"

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN

    @property
    def wants_a_word(self) -> bool:
        return self.state in (self.State.PLANNED, self.State.HELD)

    @property
    def is_moving(self) -> bool:
        """It is being written, or waits for its turn."""
        return self.state in self.WRITING and not self.is_stuck

    @property
    def is_stuck(self) -> bool:
        """Its job failed or was stopped before it was done, or is long forgotten: it waits for a person."""
        return self.state in self.WRITING and (self.job is None or not self.job.is_open)

    @property
    def stopped_midway(self) -> bool:
        return self.has_begun and (self.is_stuck or self.state == self.State.FAILED)

    @property
    def can_be_undone(self) -> bool:
        return self.has_begun and self.state in (self.State.DONE, self.State.FAILED)

    @property
    def can_be_planned_again(self) -> bool:
        return self.state in (self.State.FAILED, self.State.STALE, self.State.DROPPED)
