"""Spotify's JSON as typed rows. Tolerant by intent: fields come and go, anything may be null, an entry may be missing
altogether; what cannot be read becomes None or is left out, and never stops the rest of a page."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

import msgspec

COVER_PX = 300  # the smallest cover that is still sharp on our pages

Json = dict[str, Any]
T = TypeVar("T")


class ProfilePayload(msgspec.Struct, frozen=True):
    id: str
    account_id: str | None  # immutable; not every mode tells it
    display_name: str
    image_url: str
    product: str | None = None


class ArtistPayload(msgspec.Struct, frozen=True):
    id: str | None
    name: str


class AlbumPayload(msgspec.Struct, frozen=True):
    id: str | None
    name: str
    album_type: str
    release_date: str  # "1994", "1994-08" or "1994-08-22"
    total_tracks: int | None
    image_url: str
    artists: list[ArtistPayload]


class TrackPayload(msgspec.Struct, frozen=True):
    id: str | None  # None: a local file
    uri: str
    name: str
    duration_ms: int | None
    explicit: bool | None
    isrc: str | None
    is_local: bool
    disc_number: int | None
    track_number: int | None
    artists: list[ArtistPayload]
    album: AlbumPayload | None


class PlayPayload(msgspec.Struct, frozen=True):
    track: TrackPayload
    played_at: datetime  # in practice the end of the play
    context_uri: str | None


class RecentPage(msgspec.Struct, frozen=True):
    items: list[PlayPayload]  # newest first, as Spotify sends them
    left_out: int  # entries that could not be read


class SavedTrackPayload(msgspec.Struct, frozen=True):
    added_at: datetime | None
    track: TrackPayload | None


class SavedAlbumPayload(msgspec.Struct, frozen=True):
    added_at: datetime | None
    album: AlbumPayload | None
    tracks: "Page[TrackPayload]"  # the first of them, usually 50; without their album


class PlaylistPayload(msgspec.Struct, frozen=True):
    id: str
    name: str
    description: str
    owner_id: str
    owner_name: str
    is_public: bool | None
    is_collaborative: bool
    snapshot_id: str
    total: int | None
    image_url: str


class PlaylistItemPayload(msgspec.Struct, frozen=True):
    added_at: datetime | None
    added_by: str | None
    is_local: bool
    kind: str  # track, episode, or "" when the entry is gone
    uri: str
    track: TrackPayload | None  # None for episodes and for what is gone


class PlaybackPayload(msgspec.Struct, frozen=True):
    kind: str  # track, episode, ad, unknown
    track: TrackPayload | None
    is_playing: bool
    progress_ms: int | None
    timestamp: datetime | None
    context_uri: str | None
    device_type: str
    device_name: str
    is_private_session: bool
    shuffle: bool | None
    repeat: str | None


class Page(msgspec.Struct, Generic[T], frozen=True):
    """One page of a longer list. Nulls inside keep their place as None, so positions stay true."""

    items: list[T | None]
    total: int | None
    offset: int
    limit: int
    has_next: bool


def _dict(value: Any) -> Json:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _maybe(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _int(value: Any) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value)


def _bool(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def moment(value: Any) -> datetime | None:
    """An ISO 8601 text, or whole milliseconds since 1970, as an aware UTC datetime; None if it is neither."""
    try:
        if isinstance(value, int) and not isinstance(value, bool):
            return datetime.fromtimestamp(value / 1000, UTC)
        parsed = datetime.fromisoformat(value)
    except (TypeError, ValueError, OverflowError, OSError):
        return None
    return parsed.astimezone(UTC) if parsed.tzinfo else parsed.replace(tzinfo=UTC)


def image(images: Any) -> str:
    """The smallest picture that is at least `COVER_PX` wide, else the widest; "" if there is none."""
    known = [(_int(_dict(entry).get("width")) or 0, _text(_dict(entry).get("url"))) for entry in _list(images)]
    known = [(width, url) for width, url in known if url]
    if not known:
        return ""
    large = [entry for entry in known if entry[0] >= COVER_PX]
    return min(large, key=lambda e: e[0])[1] if large else max(known, key=lambda e: e[0])[1]


def profile(data: Any) -> ProfilePayload | None:
    data = _dict(data)
    if not _text(data.get("id")):
        return None
    return ProfilePayload(
        id=data["id"],
        account_id=_maybe(data.get("account_id")),
        display_name=_text(data.get("display_name")),
        image_url=image(data.get("images")),
        product=_maybe(data.get("product")),
    )


def artists(data: Any) -> list[ArtistPayload]:
    rows = (_dict(entry) for entry in _list(data))
    return [ArtistPayload(_maybe(row.get("id")), _text(row.get("name"))) for row in rows if row.get("name")]


def album(data: Any) -> AlbumPayload | None:
    data = _dict(data)
    if not data.get("id") and not data.get("name"):
        return None
    return AlbumPayload(
        id=_maybe(data.get("id")),
        name=_text(data.get("name")),
        album_type=_text(data.get("album_type")),
        release_date=_text(data.get("release_date")),
        total_tracks=_int(data.get("total_tracks")),
        image_url=image(data.get("images")),
        artists=artists(data.get("artists")),
    )


def track(data: Any) -> TrackPayload | None:
    """None for null, for episodes, and for an entry with neither id nor name."""
    data = _dict(data)
    if _text(data.get("type")) not in ("", "track") or not (data.get("id") or data.get("name")):
        return None
    return TrackPayload(
        id=_maybe(data.get("id")),
        uri=_text(data.get("uri")),
        name=_text(data.get("name")),
        duration_ms=_int(data.get("duration_ms")) or None,
        explicit=_bool(data.get("explicit")),
        isrc=_isrc(_dict(data.get("external_ids")).get("isrc")),
        is_local=_bool(data.get("is_local")) or _text(data.get("uri")).startswith("spotify:local:"),
        disc_number=_int(data.get("disc_number")),
        track_number=_int(data.get("track_number")),
        artists=artists(data.get("artists")),
        album=album(data.get("album")),
    )


def tracks_found(data: Any) -> Json:
    """The page of tracks of a search."""
    return _dict(_dict(data).get("tracks"))


def _isrc(value: Any) -> str | None:
    code = _text(value).replace("-", "").replace(" ", "").upper()
    return code if len(code) == 12 and code.isalnum() else None


def _context(data: Any) -> str | None:
    return _maybe(_dict(data).get("uri"))


def recent(data: Any) -> RecentPage:
    rows = _list(_dict(data).get("items"))
    found = [_play(_dict(row)) for row in rows]
    items = [play for play in found if play is not None]
    return RecentPage(items=items, left_out=len(rows) - len(items))


def _play(row: Json) -> PlayPayload | None:
    played, at = track(row.get("track")), moment(row.get("played_at"))
    return PlayPayload(played, at, _context(row.get("context"))) if played and at else None


def saved_track(data: Any) -> SavedTrackPayload | None:
    data = _dict(data)
    return SavedTrackPayload(moment(data.get("added_at")), track(data.get("track"))) if data else None


def saved_album(data: Any) -> SavedAlbumPayload | None:
    data = _dict(data)
    held = data.get("album")
    return SavedAlbumPayload(moment(data.get("added_at")), album(held), album_tracks(held)) if data else None


def album_tracks(data: Any) -> Page[TrackPayload]:
    """The first page of tracks that comes with an album."""
    return page(_dict(data).get("tracks"), track, offset=0, limit=50)


def playlist(data: Any) -> PlaylistPayload | None:
    data = _dict(data)
    if not _text(data.get("id")):
        return None
    owner = _dict(data.get("owner"))
    listed = contents(data) or {}
    return PlaylistPayload(
        id=data["id"],
        name=_text(data.get("name")),
        description=_text(data.get("description")),
        owner_id=_text(owner.get("id")),
        owner_name=_text(owner.get("display_name")),
        is_public=_bool(data.get("public")),
        is_collaborative=bool(_bool(data.get("collaborative"))),
        snapshot_id=_text(data.get("snapshot_id")),
        total=_int(listed.get("total")),
        image_url=image(data.get("images")),
    )


def contents(data: Any) -> Json | None:
    """A playlist's items, or what stands for them in lists; None where they are not ours to read."""
    data = _dict(data)
    return _dict(data.get("items")) or _dict(data.get("tracks")) or None  # extended apps still see the old name


def playlist_item(data: Any) -> PlaylistItemPayload | None:
    data = _dict(data)
    if not data:
        return None
    item = _dict(data.get("item")) or _dict(data.get("track"))  # `track` is the deprecated copy
    return PlaylistItemPayload(
        added_at=moment(data.get("added_at")),
        added_by=_maybe(_dict(data.get("added_by")).get("id")),
        is_local=bool(_bool(data.get("is_local"))) or _text(item.get("uri")).startswith("spotify:local:"),
        kind=_text(item.get("type")) or ("track" if item else ""),
        uri=_text(_dict(item.get("linked_from")).get("uri")) or _text(item.get("uri")),
        track=track(item),
    )


def playback(data: Any) -> PlaybackPayload | None:
    """None when nothing is active (Spotify answers 204 without a body)."""
    data = _dict(data)
    if not data:
        return None
    device = _dict(data.get("device"))
    return PlaybackPayload(
        kind=_text(data.get("currently_playing_type")) or "unknown",
        track=track(data.get("item")),
        is_playing=bool(_bool(data.get("is_playing"))),
        progress_ms=_int(data.get("progress_ms")),
        timestamp=moment(data.get("timestamp")),
        context_uri=_context(data.get("context")),
        device_type=_text(device.get("type")),
        device_name=_text(device.get("name")),
        is_private_session=bool(_bool(device.get("is_private_session"))),
        shuffle=_bool(data.get("shuffle_state")),
        repeat=_maybe(data.get("repeat_state")),
    )


def page(data: Any, parse: Callable[[Any], T | None], *, offset: int, limit: int) -> Page[T]:
    data = _dict(data)
    rows: Iterable[Any] = _list(data.get("items"))
    return Page(
        items=[parse(row) for row in rows],
        total=_int(data.get("total")),
        offset=_int(data.get("offset")) or offset,
        limit=_int(data.get("limit")) or limit,
        has_next=bool(_text(data.get("next"))),
    )
