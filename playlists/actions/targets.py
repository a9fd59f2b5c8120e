"""Playlists that are at Spotify already, and may be written from now on."""

from django.db.models import F, Q, QuerySet

from accounts.models import User
from ingest.models import TrackSource
from playlists.models import Playlist


def own_lists(user: User) -> QuerySet[TrackSource]:
    """Playlists at Spotify that the person may change and that no row of ours writes yet."""
    written = Playlist.objects.of(user).exclude(spotify_id="").values("spotify_id")
    lists = TrackSource.objects.filter(user=user, kind=TrackSource.Kind.PLAYLIST, is_readable=True)
    own = lists.filter(Q(owner_id=F("connection__spotify_user_id")) | Q(is_collaborative=True))
    return own.filter(connection__isnull=False).exclude(spotify_id__in=written).order_by("name", "pk")


def taken_over(user: User, *, spotify_id: str) -> Playlist | None:
    """One of `own_lists`, from now on written here; its first sync waits for the person's word."""
    found = own_lists(user).filter(spotify_id=spotify_id).select_related("connection").first()
    if found is None:
        return None
    name = found.name[:100] or spotify_id
    return Playlist.objects.create(owner=user, connection=found.connection, name=name, spotify_id=spotify_id)
