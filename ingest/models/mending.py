"""Merges, and what a person says themselves, with what is needed to take them back."""

from typing import Self

from django.db import models

from accounts.fields import MomentField
from accounts.models import User
from ingest.models.catalogue import Track
from ingest.models.imports import HistoryImport
from ingest.models.plays import Play


class MergedPlay(models.Model):
    """One event that told of a listening which a better-evidenced Play tells already.

    Kept whole, so that merging is a fold over all evidence: the same in any order, recomputed when more arrives,
    reversible. A repeat of the event is recognised by the key.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, db_index=False)
    play = models.ForeignKey(Play, on_delete=models.CASCADE, related_name="merged")
    origin = models.PositiveSmallIntegerField(choices=Play.Origin.choices)
    track = models.ForeignKey(Track, on_delete=models.PROTECT, db_index=False)
    started_at = MomentField()
    ended_at = MomentField()
    ms_played = models.PositiveIntegerField()
    is_estimate = models.BooleanField(default=False)
    details = models.JSONField(default=dict)  # the rest of the row: reasons, context, switches, import
    source_import = models.ForeignKey(HistoryImport, null=True, on_delete=models.SET_NULL, db_index=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "started_at", "track", "ended_at", "ms_played", "origin"], name="one_merge_per_event"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_origin_display()} {self.ended_at:%F %T} → play {self.play_id}"


class HandPlayQuerySet(models.QuerySet["HandPlay"]):
    def standing(self) -> Self:
        return self.filter(undone_at=None)


class HandPlay(models.Model):
    """A person's own word on one listening: entered by hand, or put right after it was told otherwise.

    What stands is evidence of `Origin.HAND`, which beats all other; `was_` is the listening as it was told before, if
    it was. That stays stored, and a `HiddenPlay` of the same `act` keeps it out, whoever tells of it again.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, db_index=False, related_name="hand_plays")
    track = models.ForeignKey(Track, on_delete=models.PROTECT, db_index=False, related_name="+")
    started_at = MomentField()
    ms_played = models.PositiveIntegerField()
    is_estimate = models.BooleanField(default=False)
    details = models.JSONField(default=dict)  # what was told of it otherwise, by the names in `reconcile.DETAILS`
    was_track = models.ForeignKey(Track, null=True, on_delete=models.PROTECT, db_index=False, related_name="+")
    was_started_at = MomentField(null=True)
    was_ended_at = MomentField(null=True)
    was_ms_played = models.PositiveIntegerField(null=True)
    was_estimate = models.BooleanField(default=False)
    was_origin = models.PositiveSmallIntegerField(choices=Play.Origin.choices, null=True)
    act = models.BigIntegerField()  # random, made with the form: sent twice it is one act
    made_at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True, blank=True)

    objects = HandPlayQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "act"], name="one_word_by_hand_per_act")]
        indexes = [models.Index(fields=["user", "undone_at"], name="hand_plays_standing")]

    def __str__(self) -> str:
        return f"{self.track_id} at {self.started_at:%F %T}, by hand"


class LogView(models.Model):
    """How one person wants their log to look; without a row as a list."""

    user = models.OneToOneField(User, primary_key=True, on_delete=models.CASCADE, related_name="log_view")
    as_timeline = models.BooleanField(default=False)

    def __str__(self) -> str:
        return "timeline" if self.as_timeline else "list"
