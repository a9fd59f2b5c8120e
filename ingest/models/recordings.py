"""Which tracks are one performance: why, what is not sure, and what a person or the operators said about it."""

from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from ingest.models.catalogue import Recording, Track


class RecordingEvidence(models.Model):
    """One reason why a track belongs to a recording. A reason that no longer holds is undone, not deleted."""

    class How(models.TextChoices):
        ISRC = "isrc", _("Same ISRC")
        NAMES = "names", _("Same title, artists and length")
        HAND = "hand", _("Joined by hand")

    track = models.ForeignKey(Track, on_delete=models.CASCADE, related_name="recording_evidence")
    recording = models.ForeignKey(Recording, on_delete=models.CASCADE, related_name="evidence")
    how = models.CharField(max_length=5, choices=How.choices)
    details = models.JSONField(default=dict)  # what was compared; see ingest/actions/group.py
    created_at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["track", "how"], condition=Q(undone_at=None), name="one_standing_reason_per_kind"
            )
        ]

    def __str__(self) -> str:
        return f"{self.track_id} in {self.recording_id}: {self.get_how_display()}"


class RecordingCandidate(models.Model):
    """Two tracks of which it is not sure whether they are one performance; the lower id is `first`.

    What operators decide about a pair holds for everybody and for ever, whatever later grouping finds.
    """

    class State(models.TextChoices):
        OPEN = "open", _("Not decided")
        JOINED = "joined", _("One recording")
        APART = "apart", _("Two recordings")

    first = models.ForeignKey(Track, on_delete=models.CASCADE, related_name="candidates_after")
    second = models.ForeignKey(Track, on_delete=models.CASCADE, related_name="candidates_before")
    why = models.JSONField(default=dict)  # {"reason": an `ingest.grouping.Doubt`, "seconds_apart": …}
    state = models.CharField(max_length=6, choices=State.choices, default=State.OPEN)
    found_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="one_candidate_per_pair"),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="the_lower_track_first"),
        ]
        indexes = [models.Index(fields=["state", "id"])]

    def __str__(self) -> str:
        return f"{self.first_id} and {self.second_id}: {self.get_state_display()}"


class OwnGroupingQuerySet(models.QuerySet["OwnGrouping"]):
    def of(self, user: User) -> Self:
        return self.filter(user=user)

    def standing(self) -> Self:
        return self.filter(undone_at=None)


class OwnGrouping(models.Model):
    """What one person said for themselves: this track is the same as the other, or is not (as any, without other).

    It names tracks, not a recording: so it holds wherever later grouping puts the other one.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, db_index=False, related_name="own_groupings")
    track = models.ForeignKey(Track, on_delete=models.CASCADE, related_name="+")
    other = models.ForeignKey(Track, null=True, on_delete=models.CASCADE, related_name="+")
    is_same = models.BooleanField()
    made_at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True, blank=True)

    objects = OwnGroupingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "track", "other"],
                condition=Q(undone_at=None),
                name="one_standing_word_per_pair",
            ),
            models.CheckConstraint(
                condition=Q(other__isnull=False) | Q(is_same=False), name="nothing_is_the_same_as_nothing"
            ),
        ]
        indexes = [models.Index(fields=["user", "made_at"])]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.track_id} {'is' if self.is_same else 'is not'} {self.other_id or 'any other'}"


class TrackKey(models.Model):
    """One number by which tracks that may be one recording are found: cleaned title and one credited artist.

    `ingest.grouping.lookup_keys` makes them. A track without any has not been looked at.
    """

    track = models.ForeignKey(Track, on_delete=models.CASCADE, related_name="lookup_keys")
    key = models.BigIntegerField(db_index=True)  # a digest: what it finds is compared in full

    class Meta:
        constraints = [models.UniqueConstraint(fields=["track", "key"], name="one_lookup_key_per_track")]

    def __str__(self) -> str:
        return f"{self.track_id} under {self.key}"


class GroupingState(models.Model):
    """How far grouping has read `TrackChange`; one row."""

    change = models.PositiveBigIntegerField(default=0)
    ran_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"at change {self.change}"
