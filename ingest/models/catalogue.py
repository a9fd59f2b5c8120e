"""The catalogue: shared by all people, holds nothing personal.

Rows come with a Spotify id, or, from exports and submissions, with names alone. A name-only row is adopted (given its
id) when Spotify later names the same thing. `name_key` is `ingest.names.key(name)`.
"""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Artist(models.Model):
    """One credited artist. Never cut at `&`, `,` or `/`."""

    spotify_id = models.CharField(max_length=40, null=True, blank=True, unique=True)
    name = models.TextField()
    name_key = models.TextField()
    musicbrainz_id = models.UUIDField(null=True, blank=True)
    image_url = models.URLField(max_length=500, blank=True)
    refreshed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["name_key"], condition=Q(spotify_id=None), name="one_artist_per_bare_name")
        ]
        indexes = [models.Index(fields=["name_key"])]

    def __str__(self) -> str:
        return self.name


class Album(models.Model):
    """One album by its album artist; also the show of an episode and the book of a chapter."""

    spotify_id = models.CharField(max_length=40, null=True, blank=True, unique=True)
    name = models.TextField()
    name_key = models.TextField()
    artist = models.ForeignKey(Artist, null=True, blank=True, on_delete=models.PROTECT, related_name="albums")
    kind = models.CharField(max_length=16, blank=True)  # Spotify's album_type
    released_on = models.CharField(max_length=10, blank=True)  # as precise as known: 1998, 1998-04, 1998-04-20
    total_tracks = models.PositiveIntegerField(null=True, blank=True)
    upc = models.CharField(max_length=20, blank=True)
    image_url = models.URLField(max_length=500, blank=True)
    refreshed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["artist", "name_key"], condition=Q(spotify_id=None), name="one_album_per_bare_name"
            )
        ]

    def __str__(self) -> str:
        return self.name


class Recording(models.Model):
    """The performance behind one or more tracks, known by its ISRC (12 characters, upper case, no hyphens)."""

    isrc = models.CharField(max_length=12, null=True, blank=True, unique=True)
    name = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name


class Track(models.Model):
    """One Spotify track, episode or chapter id; or, when only names are known, one (artist, title, album)."""

    class Kind(models.IntegerChoices):
        MUSIC = 0, _("Music")
        EPISODE = 1, _("Podcast episode")
        CHAPTER = 2, _("Audiobook chapter")
        VIDEO = 3, _("Video")

    spotify_id = models.CharField(max_length=40, null=True, blank=True, unique=True)
    text_key = models.TextField(null=True, blank=True, unique=True)  # ingest.names.track_key; set while there is no id
    kind = models.PositiveSmallIntegerField(choices=Kind.choices, default=Kind.MUSIC)
    name = models.TextField()
    name_key = models.TextField()
    artist = models.ForeignKey(Artist, null=True, blank=True, on_delete=models.PROTECT, related_name="tracks")
    album = models.ForeignKey(Album, null=True, blank=True, on_delete=models.PROTECT, related_name="tracks")
    artists = models.ManyToManyField(Artist, through="TrackArtist", related_name="credited_tracks")
    duration_ms = models.PositiveIntegerField(null=True, blank=True)
    explicit = models.BooleanField(null=True, blank=True)
    isrc = models.CharField(max_length=12, blank=True)
    recording = models.ForeignKey(Recording, null=True, blank=True, on_delete=models.SET_NULL, related_name="tracks")
    disc_number = models.PositiveSmallIntegerField(null=True, blank=True)
    track_number = models.PositiveSmallIntegerField(null=True, blank=True)
    refreshed_at = models.DateTimeField(null=True, blank=True)  # last told by Spotify; None: known from names only

    class Meta:
        indexes = [models.Index(fields=["name_key"])]

    def __str__(self) -> str:
        return self.name

    @property
    def spotify_url(self) -> str | None:
        page = {self.Kind.EPISODE: "episode", self.Kind.CHAPTER: "episode"}.get(self.Kind(self.kind), "track")
        return f"https://open.spotify.com/{page}/{self.spotify_id}" if self.spotify_id else None


class TrackArtist(models.Model):
    """One credit, in order. A track known from an export alone has one: its album artist."""

    track = models.ForeignKey(Track, on_delete=models.CASCADE, related_name="credits")
    artist = models.ForeignKey(Artist, on_delete=models.PROTECT, related_name="credits")
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["track", "position"], name="one_credit_per_position")]

    def __str__(self) -> str:
        return f"{self.track_id} by {self.artist_id}"


class TrackChange(models.Model):
    """A track whose facts changed after it was made: derived files (`ingest/shelf/`) read it again.

    Written in the transaction of the change, for existing tracks only; thinned after a month, when every derived file
    has long been read or is rebuilt.
    """

    track = models.ForeignKey(Track, on_delete=models.CASCADE, db_index=False)
    changed_at = models.DateTimeField(auto_now_add=True)
    only_sound = models.BooleanField(default=False, db_default=False)  # what providers say, nothing of what it is

    def __str__(self) -> str:
        return f"track {self.track_id} changed"
