"""What the planner remembers of each connection."""

from django.db import models

from accounts.fields import MomentField
from accounts.models import SpotifyConnection


class PollState(models.Model):
    """How polling of one connection stands: what was seen when, and when to look again."""

    connection = models.OneToOneField(
        SpotifyConnection, primary_key=True, on_delete=models.CASCADE, related_name="poll_state"
    )
    next_at = models.DateTimeField(db_index=True)
    polled_at = models.DateTimeField(null=True, blank=True)  # last answer that was stored
    cursor = MomentField(null=True, blank=True)  # newest played_at stored; never "now", as Spotify lags
    new_plays = models.PositiveIntegerField(default=0)  # of the last poll
    failures = models.PositiveIntegerField(default=0)  # in a row
    stopped_for = models.CharField(max_length=10, blank=True)  # a Gap.Reason: what kept the last poll from happening
    memory = models.JSONField(default=dict)  # the planner's own, see ingest/planner.py
    watching = models.JSONField(default=dict)  # the player watcher's own, see ingest/watch.py

    def __str__(self) -> str:
        return f"poll of {self.connection_id}"
