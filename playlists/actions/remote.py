"""A playlist as Spotify holds it, read whole or not at all; and made there once."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from accounts.spotify.errors import SpotifyError, Upstream
from accounts.spotify.gateway import PAGE, SpotifyGateway
from accounts.spotify.payloads import Page, PlaylistItemPayload
from playlists.models import Playlist

UNNAMED = "unnamed:"  # an item of which Spotify tells nothing any more
SHOWS_LATE = timedelta(seconds=90)  # a new playlist may be missing in the list for so long
_MARK = "vibesite:"


class Short(Upstream):
    """Fewer or more items than announced: it changed while we read it, or the answer was cut."""


@dataclass(frozen=True, slots=True)
class Remote:
    """`items` are keys as in `playlists/writing.py`; `fixed` are those that no call can write again."""

    items: list[str]
    fixed: frozenset[str]
    version: str
    reads: int  # calls that it took

    @property
    def unnamed(self) -> int:
        """How many items Spotify tells nothing of: gone for good, or only in this answer."""
        return self.items.count(UNNAMED)


def read(spotify: SpotifyGateway, spotify_id: str) -> Remote:
    """Raises SpotifyError; Short if the pages do not add up to the announced total."""
    playlist, page = spotify.playlist(spotify_id)
    rows, reads = _rows(page, 0), 1
    while page.has_next and page.items:
        page = spotify.playlist_items(spotify_id, offset=len(rows), limit=PAGE, as_kept=True)
        rows += _rows(page, len(rows))
        reads += 1
        if page.total != playlist.total:
            raise Short("playlists/…/items", "it changed while it was read")
    if len(rows) != playlist.total:
        raise Short("playlists/…/items", f"{len(rows)} of {playlist.total} items")
    keys = [_key(row) for row in rows]
    fixed = {key for key, row in zip(keys, rows, strict=True) if _is_fixed(row)}
    if reads > 1 and _has_copies(keys, fixed):  # so it looks, too, if something moved from page to page meanwhile
        reads += 1
        if spotify.playlist(spotify_id)[0].snapshot_id != playlist.snapshot_id:
            raise Short("playlists/…/items", "it changed while it was read")
    return Remote(keys, frozenset(fixed), playlist.snapshot_id, reads)


def _has_copies(keys: list[str], fixed: set[str]) -> bool:
    own = [key for key in keys if key not in fixed]
    return len(set(own)) < len(own)


def _rows(page: Page[PlaylistItemPayload], offset: int) -> list[PlaylistItemPayload | None]:
    """Of one page: from where it was asked, and full unless it is the last, or a gap might look like a whole list."""
    if page.offset != offset or len(page.items) > page.limit or (page.has_next and len(page.items) < page.limit):
        raise Short(
            "playlists/…/items", f"{len(page.items)} items at {page.offset}, asked for {page.limit} at {offset}"
        )
    return page.items


def _key(row: PlaylistItemPayload | None) -> str:
    return row.uri if row is not None and row.uri else UNNAMED


def _is_fixed(row: PlaylistItemPayload | None) -> bool:
    return row is None or row.is_local or not row.uri.startswith(("spotify:track:", "spotify:episode:"))


def ensure(playlist: Playlist, spotify: SpotifyGateway, *, now: datetime) -> str:
    """Its Spotify id; makes it there if it was not. Once: an answer that was lost is looked for, not asked again."""
    if playlist.spotify_id:
        return playlist.spotify_id
    if playlist.create_began_at is not None:
        if playlist.create_began_at > now:  # by a clock that was ahead
            playlist.create_began_at = now
            playlist.save(update_fields=["create_began_at"])
        if now < playlist.create_began_at + SHOWS_LATE:
            raise Upstream(
                "POST me/playlists", "unsure whether it was made", until=playlist.create_began_at + SHOWS_LATE
            )
        found = _find(playlist, spotify)
        if found:
            return _keep(playlist, found)
    playlist.create_began_at = now
    playlist.save(update_fields=["create_began_at"])
    public = playlist.is_public or settings.PLAYLIST_VISIBILITY == "public"
    try:
        made = spotify.playlist_create(name=playlist.name, description=_described(playlist), public=public)
    except SpotifyError as exc:
        if not isinstance(exc, Upstream):  # refused before anything was made
            Playlist.objects.filter(pk=playlist.pk).update(create_began_at=None)
        raise
    return _keep(playlist, made.id)


def _described(playlist: Playlist) -> str:
    return f"{playlist.description} ({_MARK}{playlist.create_key})".strip()


def _find(playlist: Playlist, spotify: SpotifyGateway) -> str:
    offset = 0
    while True:
        page = spotify.playlists(offset=offset)
        for row in page.items:
            if row is not None and f"{_MARK}{playlist.create_key}" in row.description:
                return row.id
        offset += len(page.items)
        if not page.has_next or not page.items:
            return ""


def _keep(playlist: Playlist, spotify_id: str) -> str:
    playlist.spotify_id = spotify_id
    playlist.synced_uris = [] if playlist.synced_uris is None else playlist.synced_uris
    playlist.save(update_fields=["spotify_id", "synced_uris"])
    return spotify_id
