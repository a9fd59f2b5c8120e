"""Where tracks come from: likes, playlists, albums, listening, another rule, a list that somebody brought."""

import secrets
from collections.abc import Collection, Iterable
from typing import Any, Self

from django.db import models, transaction
from django.db.models import Case, Q, When
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from accounts.models import SpotifyConnection, User
from ingest.models.catalogue import Track

_PLACES = ("liked", "playlist", "albums", "album", "list", "top", "recent", "forgotten", "rule")


class TrackSourceQuerySet(models.QuerySet["TrackSource"]):
    def of(self, user: User) -> Self:
        return self.filter(user=user)

    def in_order(self) -> Self:
        """Likes, playlists, then all others; by name within each kind."""
        place = Case(*(When(kind=kind, then=number) for number, kind in enumerate(_PLACES)), default=len(_PLACES))
        return self.order_by(place, Lower("name"), "pk")

    def restamp(self) -> int:
        """Say that they hold something else from now on. Before the entries are written, in the same transaction."""
        return self.update(contents=secrets.randbits(62))


class TrackSource(models.Model):
    """One list of tracks of one person.

    What is read from outside is kept as last read whole; a short or failed read keeps the former state. What follows
    from plays or rules is computed whenever it is asked for (decision 19): its `total` is of when it was last fetched.
    """

    class Kind(models.TextChoices):
        LIKED = "liked", _("Liked tracks")
        PLAYLIST = "playlist", _("Playlist")
        ALBUM = "album", _("Album")
        ALBUMS = "albums", _("Saved albums")
        TOP = "top", _("Top tracks")
        RECENT = "recent", _("Recently heard")
        FORGOTTEN = "forgotten", _("Forgotten favourites")
        LIST = "list", _("Imported list")
        RULE = "rule", _("Result of a rule")

    class Unreadable(models.TextChoices):
        FOREIGN = "foreign", _("Spotify shows apps only the playlists that you own or work on.")
        REFUSED = "refused", _("Spotify did not let us read it.")
        GONE = "gone", _("Spotify says it is gone, or it is one of Spotify's own.")

    AT_SPOTIFY = (Kind.LIKED, Kind.PLAYLIST, Kind.ALBUM, Kind.ALBUMS)
    COMPUTED = (Kind.TOP, Kind.RECENT, Kind.FORGOTTEN, Kind.RULE)

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="sources")
    connection = models.ForeignKey(SpotifyConnection, null=True, on_delete=models.CASCADE, related_name="sources")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    spotify_id = models.CharField(max_length=40, blank=True)  # of a playlist or album
    asked = models.CharField(max_length=64, blank=True, default="", db_default="")  # of a computed one: range, rule
    name = models.TextField(blank=True)
    owner_id = models.CharField(max_length=80, blank=True)
    owner_name = models.CharField(max_length=120, blank=True)
    image_url = models.URLField(max_length=500, blank=True)
    included = models.BooleanField(
        default=False, db_default=False
    )  # the person's switch: fetched and joined by default
    is_collaborative = models.BooleanField(default=False)
    is_public = models.BooleanField(null=True)
    is_readable = models.BooleanField(default=True)
    unreadable_reason = models.CharField(max_length=10, choices=Unreadable.choices, blank=True)
    total = models.PositiveIntegerField(default=0)  # as Spotify announced it, or of when it was last read
    remote_version = models.CharField(max_length=120, blank=True)  # Spotify's snapshot_id; written after the tracks
    listed_at = models.DateTimeField(null=True, blank=True)  # last seen in the list of playlists
    pulled_at = models.DateTimeField(null=True, blank=True)  # its tracks were last read whole
    contents = models.BigIntegerField(default=0, db_default=0)  # another number, by chance, whenever entries change

    objects = TrackSourceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "connection", "kind", "spotify_id"], name="one_source_per_list"),
            models.UniqueConstraint(
                fields=["user", "kind", "asked"],
                condition=Q(kind__in=("top", "recent", "forgotten", "rule")),
                name="one_source_per_question",
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.get_kind_display()

    @property
    def spotify_url(self) -> str | None:
        """Its page at Spotify, of what has one."""
        return f"https://open.spotify.com/{self.kind}/{self.spotify_id}" if self.spotify_id else None

    @property
    def state(self) -> list[int | str]:
        """Equal as long as the entries are: what is derived of them is good for this. The rest is for older code."""
        return [self.contents, self.total, self.remote_version]

    @property
    def is_computed(self) -> bool:
        return self.kind in self.COMPUTED

    @property
    def is_at_spotify(self) -> bool:
        return self.kind in self.AT_SPOTIFY

    @property
    def is_own(self) -> bool:
        """Whether the person made it here, so that it is theirs to take away."""
        return self.kind not in (self.Kind.LIKED, self.Kind.PLAYLIST)


class SourceTrackQuerySet(models.QuerySet["SourceTrack"]):
    """Whoever writes entries changes the number of their source's `contents` first, which also keeps others waiting."""

    def bulk_create(self, objs: Iterable[Any], *args: Any, **kwargs: Any) -> list[Any]:
        rows = list(objs)
        with transaction.atomic():
            _restamp({row.source_id for row in rows})
            return super().bulk_create(rows, *args, **kwargs)

    def update(self, **values: Any) -> int:
        with transaction.atomic():
            _restamp(set(self.order_by().values_list("source", flat=True).distinct()))
            return super().update(**values)

    def delete(self) -> tuple[int, dict[str, int]]:
        with transaction.atomic():
            _restamp(set(self.order_by().values_list("source", flat=True).distinct()))
            return super().delete()


def _restamp(sources: Collection[int]) -> None:
    TrackSource.objects.filter(pk__in=sources).restamp()


class SourceTrack(models.Model):
    """One position of one source."""

    source = models.ForeignKey(TrackSource, on_delete=models.CASCADE, related_name="entries")
    position = models.PositiveIntegerField()
    track = models.ForeignKey(Track, null=True, on_delete=models.PROTECT, related_name="source_entries")
    uri = models.CharField(max_length=500, blank=True)  # for local files and items that are gone, all there is
    is_local = models.BooleanField(default=False)
    added_at = models.DateTimeField(null=True, blank=True)

    objects = SourceTrackQuerySet.as_manager()

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["source", "position"], name="one_entry_per_position")]

    def __str__(self) -> str:
        return f"{self.source_id} #{self.position}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        with transaction.atomic():
            _restamp([self.source_id])
            super().save(*args, **kwargs)


class ListRow(models.Model):
    """One line of an imported list, as it was told, and the track it was found to be.

    The rows are the person's own and stay as they are; the source's tracks are made of them, each time anew.
    """

    class Problem(models.TextChoices):
        UNKNOWN = "unknown", _("No track that is known here")
        SEVERAL = "several", _("Could be one of several")
        NAMELESS = "nameless", _("Names no track")
        UNASKED = "unasked", _("A link whose name Spotify has not been asked for yet")
        GONE = "gone", _("Spotify knows no such track, or not any more")
        NOWHERE = "nowhere", _("Not found at Spotify either")

    source = models.ForeignKey(TrackSource, on_delete=models.CASCADE, db_index=False, related_name="rows")
    position = models.PositiveIntegerField()  # from 0, in the order of the file
    spotify_id = models.CharField(max_length=22, blank=True)
    title = models.CharField(max_length=500, blank=True)
    artist = models.CharField(max_length=500, blank=True)
    album = models.CharField(max_length=500, blank=True)
    isrc = models.CharField(max_length=12, blank=True)
    duration_ms = models.PositiveIntegerField(null=True, blank=True)
    added_at = models.DateTimeField(null=True, blank=True)
    told = models.CharField(max_length=500, blank=True)  # the path, link or line, where there is no name
    track = models.ForeignKey(Track, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    chosen = models.BooleanField(default=False)  # `track` is the person's word
    problem = models.CharField(max_length=8, choices=Problem.choices, blank=True)
    candidates = models.JSONField(default=list)  # track ids, of a row that could be several

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["source", "position"], name="one_row_per_line")]
        indexes = [models.Index(fields=["source", "problem"], name="list_rows_problems")]

    def __str__(self) -> str:
        return self.told or f"{self.artist} – {self.title}"


class NameSearch(models.Model):
    """That Spotify was searched for a name out of somebody's list; what it found is in the catalogue.

    Which name, and whose, is not kept: `key` is a digest.
    """

    key = models.CharField(max_length=40, primary_key=True)
    found = models.PositiveSmallIntegerField()  # hits that fit
    asked_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.key}: {self.found}"
