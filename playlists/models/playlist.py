"""Playlists at Spotify that Vibesite writes."""

import secrets
from typing import Self

from django.apps import apps
from django.db import models
from django.db.models import OuterRef, Q, Subquery
from django.utils.translation import gettext_lazy as _

from accounts.models import SpotifyConnection, User


def create_key() -> str:
    return secrets.token_hex(5)


class PlaylistQuerySet(models.QuerySet["Playlist"]):
    def of(self, user: User) -> Self:
        return self.filter(owner=user)

    def with_last_run(self) -> Self:
        """Each with `last_state` and `last_at` of its newest run; without the list of what is in it."""
        newest = OuterRef("pk")
        runs = apps.get_model("playlists", "SyncRun").objects.filter(playlist=newest).order_by("-made_at", "-pk")
        return self.annotate(
            last_run=Subquery(runs.values("pk")[:1]),
            last_state=Subquery(runs.values("state")[:1]),
            last_at=Subquery(runs.values("made_at")[:1]),
        ).defer("synced_uris", "hand_added", "hand_removed")


class Playlist(models.Model):
    """One playlist that Vibesite writes for a person; made at Spotify by the first sync unless it was there."""

    class Mode(models.TextChoices):
        REPLACE = "replace", _("Make it equal: what is not chosen leaves")
        INCREMENTAL = "incremental", _("Only add: nothing leaves but surplus copies")

    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="playlists")
    connection = models.ForeignKey(SpotifyConnection, null=True, on_delete=models.SET_NULL, related_name="playlists")
    name = models.CharField(max_length=100)
    description = models.CharField(max_length=250, blank=True)
    is_public = models.BooleanField(default=False)
    mode = models.CharField(max_length=11, choices=Mode.choices, default=Mode.REPLACE)
    keeps_hand_edits = models.BooleanField(
        _("Keep what I change by hand"),
        default=True,
        help_text=_("Tracks you add at Spotify stay, and those you remove do not come back. Off: every sync asks you."),
    )
    min_tracks = models.PositiveIntegerField(
        _("Fewest tracks"), default=1, help_text=_("A shorter result is not written without your word.")
    )
    is_enabled = models.BooleanField(_("Sync it"), default=True)
    spotify_id = models.CharField(max_length=40, blank=True)  # empty until it is made there
    create_key = models.CharField(max_length=20, default=create_key, editable=False)  # finds it if the answer was lost
    create_began_at = models.DateTimeField(null=True, editable=False)
    synced_uris = models.JSONField(null=True, editable=False)  # as last written and read back; None: never
    synced_size = models.PositiveIntegerField(default=0, db_default=0, editable=False)  # how many those are
    hand_added = models.JSONField(default=list, db_default=[], editable=False)  # by a person at Spotify, and kept
    hand_removed = models.JSONField(default=list, db_default=[], editable=False)  # and not to come back
    remote_version = models.CharField(max_length=120, blank=True)  # Spotify's snapshot_id after that
    synced_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = PlaylistQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "spotify_id"], condition=~Q(spotify_id=""), name="one_row_per_playlist"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def spotify_url(self) -> str | None:
        return f"https://open.spotify.com/playlist/{self.spotify_id}" if self.spotify_id else None
