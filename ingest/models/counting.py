"""How one person's plays are read: what counts, what is left out, what is hidden. Nothing here changes a play."""

from typing import Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.fields import MomentField
from accounts.models import User
from ingest.models.catalogue import Track


class Counting(models.Model):
    """One person's choices of what counts; without a row the defaults hold."""

    class Rule(models.TextChoices):
        VIBESITE = "vibesite", _("30 seconds, or half of a shorter track")
        LASTFM = "lastfm", _("As Last.fm: half of the track or 4 minutes, tracks over 30 seconds")
        LISTENBRAINZ = "listenbrainz", _("As ListenBrainz: half of the track or 4 minutes")
        SPOTIFY = "spotify", _("As Spotify: 30 seconds")
        FINISHED = "finished", _("Only what was heard to the end")
        OWN = "own", _("My own limits")

    user = models.OneToOneField(User, primary_key=True, on_delete=models.CASCADE, related_name="counting")
    rule = models.CharField(_("what counts as a play"), max_length=12, choices=Rule.choices, default=Rule.VIBESITE)
    own_seconds = models.PositiveSmallIntegerField(
        _("seconds"), default=30, validators=[MaxValueValidator(3600)]
    )  # 0: no such limit
    own_percent = models.PositiveSmallIntegerField(
        _("per cent of the track"), default=50, validators=[MaxValueValidator(100)]
    )  # 0: no such limit
    with_incognito = models.BooleanField(_("count private sessions"), default=False)
    all_credits = models.BooleanField(_("count for every credited artist"), default=False)
    groups_recordings = models.BooleanField(_("count releases of one recording together"), default=True)
    session_gap_min = models.PositiveSmallIntegerField(
        _("minutes of silence that end a session"),
        default=30,
        validators=[MinValueValidator(5), MaxValueValidator(120)],
    )

    def __str__(self) -> str:
        return f"{self.user_id} counts by {self.rule}"


class ListeningFilter(models.Model):
    """One thing that a person leaves out of every figure, past and to come, until they take the filter away."""

    class Kind(models.TextChoices):
        ARTIST = "artist", _("Artist")
        ALBUM = "album", _("Album")
        TRACK = "track", _("Track")
        CONTEXT = "context", _("Played from")
        PLATFORM = "platform", _("Device")
        HOURS = "hours", _("Hours of the day")

    user = models.ForeignKey(User, on_delete=models.CASCADE, db_index=False, related_name="listening_filters")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    # A catalogue or Word id; for hours 24 bits, the lowest is the hour from midnight on.
    value = models.PositiveBigIntegerField()
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "kind", "value"], name="one_filter_per_thing")]

    def __str__(self) -> str:
        return f"{self.user_id} without {self.kind} {self.value}"


class HiddenPlayQuerySet(models.QuerySet["HiddenPlay"]):
    def standing(self) -> Self:
        return self.filter(undone_at=None)


class HiddenPlay(models.Model):
    """One listening that a person took out of their figures; it stays out whatever evidence of it arrives later.

    Known by its track and time and not by a play's id: better evidence may replace the play. `removed`: it is not even
    in the log. One act of hiding, a whole session say, shares `act`, and is undone as a whole.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, db_index=False, related_name="hidden_plays")
    track = models.ForeignKey(Track, on_delete=models.PROTECT, db_index=False)
    started_at = MomentField()
    ended_at = MomentField()
    removed = models.BooleanField(default=False)
    # By the person's own word: only what others told of it is out.
    replaced = models.BooleanField(default=False, db_default=False)
    act = models.BigIntegerField()  # random
    made_at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True, blank=True)

    objects = HiddenPlayQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["user", "undone_at"]), models.Index(fields=["user", "act"])]

    def __str__(self) -> str:
        return f"{self.track_id} at {self.started_at:%F %T}, {'removed' if self.removed else 'hidden'}"
