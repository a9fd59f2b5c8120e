"""Names in scrobble logs that may mean several tracks, and what their person said they mean."""

from typing import Self

from django.db import models
from django.db.models import F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from accounts.models import User
from ingest.models.catalogue import Track
from ingest.models.imports import HistoryImport
from ingest.models.plays import Play


class UnsureTrackQuerySet(models.QuerySet["UnsureTrack"]):
    def standing(self) -> Self:
        """Those with plays or decided, each with `plays`: how many of its person's are known by the names alone.

        The undecided come first, those with the most plays before others.
        """
        told = Play.objects.filter(user=OuterRef("user"), track=OuterRef("track")).order_by().values("track")
        counted = self.annotate(plays=Coalesce(Subquery(told.annotate(n=models.Count("*")).values("n")), 0))
        return counted.filter(Q(plays__gt=0) | Q(decided_at__isnull=False)).order_by(
            F("decided_at").asc(nulls_first=True), "-plays", "track_id"
        )


class UnsureTrack(models.Model):
    """A track of one person that is known by its names alone, as several tracks of the catalogue have these names.

    Undecided until `decided_at`. Then `chosen` is the track whose plays they are from then on, in later imports too;
    without it they stay a track of their own. `moved` holds the starts (ms since 1970) of the plays that the decision
    gave to `chosen`: the way back.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, db_index=False, related_name="unsure_tracks")
    history_import = models.ForeignKey(HistoryImport, on_delete=models.CASCADE, related_name="unsure_tracks")
    track = models.ForeignKey(Track, on_delete=models.CASCADE, db_index=False, related_name="+")
    candidates = models.JSONField(default=list)  # track ids
    chosen = models.ForeignKey(Track, null=True, blank=True, on_delete=models.CASCADE, db_index=False, related_name="+")
    moved = models.JSONField(default=list)
    decided_at = models.DateTimeField(null=True, blank=True)

    plays: int  # of rows out of `standing()` only

    objects = UnsureTrackQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "track"], name="one_doubt_per_track")]

    def __str__(self) -> str:
        return f"{self.track_id} may be one of {self.candidates}"
