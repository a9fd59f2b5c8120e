"""Keeping lists of tracks as they were last read whole: likes, playlists, albums, imported lists."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db import transaction

from accounts.fields import from_ms, to_ms
from accounts.models import SpotifyApp, SpotifyConnection
from accounts.spotify.errors import NotFound, NotReadable, SpotifyError
from accounts.spotify.payloads import PlaylistItemPayload, PlaylistPayload, TrackPayload
from ingest.collection import rows as collection
from ingest.models import SourceTrack, TrackSource

Unreadable = TrackSource.Unreadable
UNREADABLE = (NotReadable, NotFound)
BATCH = 1_000


class Short(Exception):
    """Spotify sent fewer entries than it announced."""


class Entry(NamedTuple):
    """One position of a list: the track if Spotify names one, else what is known of a local or vanished item."""

    uri: str
    track_id: int | None
    added_ms: int | None
    is_local: bool


def entry(track: TrackPayload | None, added_at: datetime | None, ids: Mapping[str, int]) -> Entry:
    if track is None:
        return Entry("", None, added_ms(added_at), False)
    uri = track.uri or (f"spotify:track:{track.id}" if track.id else "")
    return Entry(uri[:500], ids.get(track.id) if track.id else None, added_ms(added_at), track.is_local)


def added_ms(added_at: datetime | None) -> int | None:
    return None if added_at is None else to_ms(added_at)


def item_entry(item: PlaylistItemPayload | None, ids: Mapping[str, int]) -> Entry:
    if item is None:
        return Entry("", None, None, False)
    found = entry(item.track, item.added_at, ids)
    return found._replace(uri=found.uri or item.uri[:500], is_local=found.is_local or item.is_local)


def packed(entries: Sequence[Entry]) -> list[list[Any]]:
    """As JSON, for a job's step."""
    return [list(one) for one in entries]


def unpacked(rows: Sequence[Sequence[Any]]) -> list[Entry]:
    return [Entry(*row) for row in rows]


def liked(connection: SpotifyConnection) -> TrackSource:
    source, _made = TrackSource.objects.get_or_create(
        user=connection.user,
        connection=connection,
        kind=TrackSource.Kind.LIKED,
        spotify_id="",
        defaults={"included": True},
    )
    return source


def entries(source: TrackSource) -> list[Entry]:
    """As stored, in order."""
    rows = SourceTrack.objects.filter(source=source).order_by("position")
    return [
        Entry(uri, track_id, added_ms(added_at), is_local)
        for uri, track_id, added_at, is_local in rows.values_list("uri", "track_id", "added_at", "is_local")
    ]


def grown(old: Sequence[Entry], head: Sequence[Entry], total: int | None) -> list[Entry] | None:
    """The whole list, if its first page alone tells it: nothing changed, or some were added on top. Else None.

    Likes come newest first, so whatever was added is on top; if the number of entries grew by just as many, nothing
    can have left.
    """
    if total is None or not old or not head or total < len(old):
        return None
    added = total - len(old)
    below = head[added:]
    if added >= len(head) or list(below) != list(old[: len(below)]):
        return None
    return [*head[:added], *old]


def store(source: TrackSource, new: Sequence[Entry], *, now: datetime, version: str = "") -> int:
    """Make `source` hold exactly `new`; the number of positions that differ. The version is written last.

    Two that read the same list wait for each other; a source that was taken away meanwhile stays away.
    """
    with transaction.atomic():
        if not TrackSource.objects.select_for_update().filter(pk=source.pk).exists():
            return 0
        old = entries(source)
        changed = sum(a != b for a, b in zip(old, new, strict=False)) + abs(len(old) - len(new))
        if changed:
            SourceTrack.objects.filter(source=source).delete()
            SourceTrack.objects.bulk_create(
                (
                    SourceTrack(
                        source=source,
                        position=position,
                        track_id=one.track_id,
                        uri=one.uri,
                        is_local=one.is_local,
                        added_at=None if one.added_ms is None else from_ms(one.added_ms),
                    )
                    for position, one in enumerate(new)
                ),
                batch_size=BATCH,
            )
            transaction.on_commit(lambda: collection.follow(source.user), robust=True)
        TrackSource.objects.filter(pk=source.pk).update(
            total=len(new), is_readable=True, unreadable_reason="", pulled_at=now, remote_version=version[:120]
        )
    return changed


def keep_list(
    connection: SpotifyConnection, found: Sequence[PlaylistPayload], *, whole: bool, again: bool, now: datetime
) -> list[list[Any]]:
    """Store the list of playlists; those to be read: [id, Spotify's version, number of items].

    Only a list that was read `whole` lets playlists leave. Unchanged ones and those that Spotify shows no app are not
    read; refused ones only if they changed, or if a person asked `again`.
    """
    mine = TrackSource.objects.filter(user=connection.user, connection=connection, kind=TrackSource.Kind.PLAYLIST)
    known = {source.spotify_id: source for source in mine}
    todo: list[list[Any]] = []
    listed = {playlist.id: playlist for playlist in found}
    for playlist in listed.values():
        source = known.get(playlist.id) or TrackSource(
            user=connection.user, connection=connection, kind=TrackSource.Kind.PLAYLIST, spotify_id=playlist.id
        )
        _update(source, playlist, readable=_may_read(connection, playlist))
        known_version = playlist.snapshot_id and source.remote_version == playlist.snapshot_id
        refused = source.unreadable_reason in (Unreadable.REFUSED, Unreadable.GONE)
        if source.unreadable_reason != Unreadable.FOREIGN and (not known_version or (refused and again)):
            todo.append([source.pk, playlist.snapshot_id, playlist.total or 0])
    mine.filter(spotify_id__in=listed).update(listed_at=now)
    if whole:
        with transaction.atomic():
            # Held first, as a fetch that is storing would add entries that the deletion does not see.
            leaving = list(mine.exclude(spotify_id__in=listed).order_by("pk").select_for_update())
            mine.filter(pk__in=[source.pk for source in leaving]).delete()
    return todo


def _may_read(connection: SpotifyConnection, playlist: PlaylistPayload) -> bool:
    """Whether asking makes sense: in development mode a foreign playlist is refused, and the call is lost."""
    own = playlist.owner_id == connection.spotify_user_id or playlist.is_collaborative
    return own or connection.app.mode == SpotifyApp.Mode.EXTENDED


def tell(source: TrackSource, playlist: PlaylistPayload) -> None:
    """Write what Spotify says of a playlist that it let us read."""
    _update(source, playlist, readable=True)


def _update(source: TrackSource, playlist: PlaylistPayload, *, readable: bool) -> None:
    """Write what the list says of one playlist, if that is news."""
    news: dict[str, Any] = {
        "name": playlist.name,
        "owner_id": playlist.owner_id[:80],
        "owner_name": playlist.owner_name[:120],
        "image_url": playlist.image_url[:500],
        "is_collaborative": playlist.is_collaborative,
        "is_public": playlist.is_public,
    }
    if source.pulled_at is None or not readable:
        news["total"] = playlist.total or 0
    if not readable:
        news |= {"is_readable": False, "unreadable_reason": Unreadable.FOREIGN}
    elif source.unreadable_reason == Unreadable.FOREIGN:
        news |= {"is_readable": True, "unreadable_reason": ""}
    changed = [name for name, value in news.items() if getattr(source, name) != value]
    for name in changed:
        setattr(source, name, news[name])
    if source.pk is None:
        source.save()
    elif changed:
        source.save(update_fields=changed)


def mark_unreadable(source: TrackSource, error: SpotifyError, *, version: str) -> None:
    """Keep what was read before, say why it is not read any more, and do not ask again for this version."""
    reason = Unreadable.GONE if isinstance(error, NotFound) else Unreadable.REFUSED
    TrackSource.objects.filter(pk=source.pk).update(
        is_readable=False, unreadable_reason=reason, remote_version=version[:120]
    )
