"""Where tracks come from: likes, playlists."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import SpotifyConnection, User
from ingest.models.catalogue import Track


class TrackSource(models.Model):
    """One list of tracks of one person, as last read whole. A short or failed read keeps the former state."""

    class Kind(models.TextChoices):
        LIKED = "liked", _("Liked tracks")
        PLAYLIST = "playlist", _("Playlist")

    class Unreadable(models.TextChoices):
        FOREIGN = "foreign", _("Spotify shows apps only the playlists that you own or work on.")
        REFUSED = "refused", _("Spotify did not let us read it.")
        GONE = "gone", _("Spotify says it is gone, or it is one of Spotify's own.")

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="sources")
    connection = models.ForeignKey(SpotifyConnection, null=True, on_delete=models.CASCADE, related_name="sources")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    spotify_id = models.CharField(max_length=40, blank=True)  # empty for likes
    name = models.TextField(blank=True)
    owner_id = models.CharField(max_length=80, blank=True)
    owner_name = models.CharField(max_length=120, blank=True)
    image_url = models.URLField(max_length=500, blank=True)
    is_collaborative = models.BooleanField(default=False)
    is_public = models.BooleanField(null=True)
    is_readable = models.BooleanField(default=True)
    unreadable_reason = models.CharField(max_length=10, choices=Unreadable.choices, blank=True)
    total = models.PositiveIntegerField(default=0)  # as Spotify announced it
    remote_version = models.CharField(max_length=120, blank=True)  # Spotify's snapshot_id; written after the tracks
    listed_at = models.DateTimeField(null=True, blank=True)  # last seen in the list of playlists
    pulled_at = models.DateTimeField(null=True, blank=True)  # its tracks were last read whole

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "connection", "kind", "spotify_id"], name="one_source_per_list")
        ]

    def __str__(self) -> str:
        return self.name or self.get_kind_display()

    @property
    def spotify_url(self) -> str | None:
        return f"https://open.spotify.com/playlist/{self.spotify_id}" if self.spotify_id else None


class SourceTrack(models.Model):
    """One position of one source."""

    source = models.ForeignKey(TrackSource, on_delete=models.CASCADE, related_name="entries")
    position = models.PositiveIntegerField()
    track = models.ForeignKey(Track, null=True, on_delete=models.PROTECT, related_name="source_entries")
    uri = models.CharField(max_length=500, blank=True)  # for local files and items that are gone, all there is
    is_local = models.BooleanField(default=False)
    added_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["source", "position"], name="one_entry_per_position")]

    def __str__(self) -> str:
        return f"{self.source_id} #{self.position}"
