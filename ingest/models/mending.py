"""Merges, with what is needed to take them back."""

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
