"""Plays, where they are missing, and how their columns keep up.

Nothing here is written but by `ingest/actions/record.py`, the one door.
"""

from datetime import datetime
from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.fields import MomentField
from accounts.models import SpotifyConnection, User
from ingest.models.catalogue import Track


class Word(models.Model):
    """One string of an open set that Spotify made up (a reason, a platform, a country, a context), as a number."""

    class Kind(models.IntegerChoices):
        REASON = 0, _("Reason")
        PLATFORM = 1, _("Platform")
        COUNTRY = 2, _("Country")
        CONTEXT = 3, _("Context")

    kind = models.PositiveSmallIntegerField(choices=Kind.choices)
    text = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "text"], name="one_word_per_text")]

    def __str__(self) -> str:
        return self.text


class PlayQuerySet(models.QuerySet["Play"]):
    def of(self, user: User) -> Self:
        return self.filter(user=user)

    def between(self, start: datetime, end: datetime) -> Self:
        return self.filter(started_at__gte=start, started_at__lt=end)  # half-open, like every period here


class Play(models.Model):
    """One listening event of one person. Every row is kept; what counts as a play or a skip is decided when reading.

    Two indexes only, as each costs about 3 s per million imported rows: the key leads with the person and the start,
    so it also pages the log. No foreign key is checked by the database: that costs 11 s per million rows on PostgreSQL,
    and there is one door, which holds the person's ledger. Word columns hold `Word.id`, 0 for "not told".
    """

    class Origin(models.IntegerChoices):
        """How the play reached us; the higher number is the better evidence of one listening."""

        COPY = 0, _("Export of Vibesite")
        POLL = 1, _("Recently played")
        WATCH = 2, _("Player state")
        SUBMIT = 3, _("Submission")
        ACCOUNT_DATA = 4, _("Account data export")
        EXPORT = 5, _("Extended history export")
        HAND = 6, _("By hand")

    user = models.ForeignKey(User, on_delete=models.CASCADE, db_index=False, db_constraint=False, related_name="plays")
    track = models.ForeignKey(
        Track, on_delete=models.PROTECT, db_index=False, db_constraint=False, related_name="plays"
    )
    started_at = MomentField()
    ended_at = MomentField()
    ms_played = models.PositiveIntegerField()
    is_estimate = models.BooleanField(default=False)  # ms_played is the track's length: polling is not told the truth
    origin = models.PositiveSmallIntegerField(choices=Origin.choices)
    reason_start = models.PositiveIntegerField(default=0)
    reason_end = models.PositiveIntegerField(default=0)
    platform = models.PositiveIntegerField(default=0)
    country = models.PositiveIntegerField(default=0)
    context = models.PositiveIntegerField(default=0)
    shuffle = models.BooleanField(null=True)
    offline = models.BooleanField(null=True)
    incognito = models.BooleanField(null=True)
    skipped = models.BooleanField(null=True)  # as Spotify said it; not reliable, kept for the way out
    source_import = models.ForeignKey(
        "ingest.HistoryImport",
        null=True,
        on_delete=models.SET_NULL,
        db_index=False,
        db_constraint=False,
        related_name="plays",
    )

    objects = PlayQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "started_at", "track", "ended_at", "ms_played"], name="one_play_per_listening"
            )
        ]

    def __str__(self) -> str:
        return f"{self.track_id} at {self.started_at:%F %T}"


class PlayLedger(models.Model):
    """The number of one person's last change of plays: columns that carry it are up to date. Locked while writing."""

    user = models.OneToOneField(User, primary_key=True, on_delete=models.CASCADE, related_name="play_ledger")
    version = models.PositiveBigIntegerField(default=0)
    stamp = models.BigIntegerField(default=0)  # random with each version: a rolled-back or restored one is told apart

    def __str__(self) -> str:
        return f"{self.user_id} at version {self.version}"


class ColumnsDelta(models.Model):
    """What one change of plays means for the columns, written with it: hosts catch up without reading all plays.

    A chunk of an import names the ids that it added instead of repeating the rows. Old deltas are thinned; columns
    older than the oldest are rebuilt from the plays.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, db_index=False)
    version = models.PositiveBigIntegerField()
    stamp = models.BigIntegerField(default=0)  # the ledger's at that version
    removed = models.BinaryField(default=bytes)  # int64 ids, little-endian
    added = models.BinaryField(default=bytes)  # rows of `ingest.columns.ROW`
    first_id = models.BigIntegerField(null=True)  # added as well: this person's plays from this id
    last_id = models.BigIntegerField(null=True)  # to this one, both included
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "version"], name="one_delta_per_version")]

    def __str__(self) -> str:
        return f"{self.user_id} to version {self.version}"


class Gap(models.Model):
    """A stretch of one person's time of which plays may be missing, and why."""

    class Reason(models.TextChoices):
        FULL_PAGE = "full_page", _("More was heard than Spotify remembers")
        CONSENT = "consent", _("The consent had ended")
        BUDGET = "budget", _("The call budget was spent")
        BLOCKED = "blocked", _("Spotify blocked the app")
        OUTAGE = "outage", _("Spotify or this server was down")

    user = models.ForeignKey(User, on_delete=models.CASCADE, db_index=False, related_name="gaps")
    connection = models.ForeignKey(SpotifyConnection, null=True, on_delete=models.SET_NULL)
    started_at = MomentField()
    ended_at = MomentField()
    reason = models.CharField(max_length=10, choices=Reason.choices)
    filled_by = models.ForeignKey(
        "ingest.HistoryImport", null=True, blank=True, on_delete=models.SET_NULL, related_name="filled_gaps"
    )

    class Meta:
        indexes = [models.Index(fields=["user", "started_at"])]

    def __str__(self) -> str:
        return f"{self.started_at:%F %T} to {self.ended_at:%F %T}: {self.get_reason_display()}"
