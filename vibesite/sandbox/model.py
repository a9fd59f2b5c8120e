"""The nouns of the made-up world. All frozen; moments are aware UTC datetimes with whole milliseconds."""

from __future__ import annotations

import enum
from datetime import date, datetime

import msgspec


class Size(enum.Enum):
    FULL = "full"
    SMALL = "small"


class Features(msgspec.Struct, frozen=True, gc=False):
    """0 to 1, but `loudness` in dB, `tempo` in beats a minute, `key` 0 to 11 with -1 for unknown, `mode` 0 or 1."""

    acousticness: float
    danceability: float
    energy: float
    instrumentalness: float
    liveness: float
    loudness: float
    speechiness: float
    tempo: float
    valence: float
    key: int
    mode: int


class Artist(msgspec.Struct, frozen=True, gc=False):
    id: str
    name: str
    genres: tuple[str, ...]
    popularity: int
    followers: int
    mbid: str
    tags: tuple[tuple[str, float], ...]
    similar: tuple[str, ...]
    language: str
    country: str


class Album(msgspec.Struct, frozen=True, gc=False):
    id: str
    name: str
    artist_ids: tuple[str, ...]
    album_type: str  # album, single (an EP too, as at Spotify), compilation
    release_date: str  # YYYY, YYYY-MM or YYYY-MM-DD, as `release_date_precision` says
    release_date_precision: str
    total_tracks: int
    upc: str
    track_ids: tuple[str, ...]
    genre: str
    label: str
    popularity: int
    mbid: str


class Track(msgspec.Struct, frozen=True, gc=False):
    """One Spotify id. Tracks with one `mbid` are one recording; they mostly share the `isrc` as well."""

    id: str
    name: str
    album_id: str
    artist_ids: tuple[str, ...]
    duration_ms: int
    isrc: str
    explicit: bool
    disc_number: int
    track_number: int
    popularity: int
    genre: str
    mbid: str
    features: Features
    language: str
    released: int  # days since 1970

    @property
    def uri(self) -> str:
        return f"spotify:track:{self.id}"

    @property
    def lyrics(self) -> str | None:
        """Made-up lines without time marks; None for instrumentals and where nobody typed them in."""
        from .lyrics import plain  # here, because lyrics are drawn from tracks

        return plain(self)


class Show(msgspec.Struct, frozen=True, gc=False):
    id: str
    name: str
    publisher: str
    language: str
    episode_ids: tuple[str, ...]


class Episode(msgspec.Struct, frozen=True, gc=False):
    id: str
    name: str
    show_id: str
    duration_ms: int
    release_date: str

    @property
    def uri(self) -> str:
        return f"spotify:episode:{self.id}"


class Audiobook(msgspec.Struct, frozen=True, gc=False):
    id: str
    name: str
    author: str
    chapter_ids: tuple[str, ...]

    @property
    def uri(self) -> str:
        return f"spotify:show:{self.id}"


class Chapter(msgspec.Struct, frozen=True, gc=False):
    id: str
    name: str
    audiobook_id: str
    duration_ms: int

    @property
    def uri(self) -> str:
        return f"spotify:episode:{self.id}"


class TruePlay(msgspec.Struct, frozen=True, gc=False):
    """What really happened, once. Between start and end lies what was played, one pause at most, one seek at most."""

    kind: str  # track, episode, chapter
    item_id: str
    started_at: datetime
    ended_at: datetime
    ms_played: int
    reason_start: str
    reason_end: str
    shuffle: bool
    offline: bool
    incognito: bool
    platform: str
    country: str
    context_uri: str | None
    skipped: bool
    device: str  # phone, desktop, web, speaker, car, tablet
    pause_at_ms: int = 0  # wall time after the start at which a pause began
    pause_ms: int = 0
    seek_at_ms: int = 0  # listened time at which the head was moved
    seek_by_ms: int = 0  # negative: back
    synced_at: datetime | None = None  # when Spotify heard of an offline play; None: at once
    batched: bool = False  # came in with the whole ride: Spotify then logs the time of syncing as the end

    @property
    def track_id(self) -> str | None:
        return self.item_id if self.kind == "track" else None

    @property
    def uri(self) -> str:
        return f"spotify:{'track' if self.kind == 'track' else 'episode'}:{self.item_id}"

    @property
    def known_at(self) -> datetime:
        """From when Spotify's servers can know of it."""
        return self.synced_at or self.ended_at


class PlaylistItem(msgspec.Struct, frozen=True, gc=False):
    added_at: datetime | None
    added_by: str
    track_id: str | None = None
    episode_id: str | None = None
    local: tuple[str, str, str, int] | None = None  # artist, album, title, seconds; None with no ids: gone


class Playlist(msgspec.Struct, frozen=True, gc=False):
    id: str
    name: str
    description: str
    owner_id: str
    public: bool
    collaborative: bool
    snapshot_id: str
    items: tuple[PlaylistItem, ...]
    created_at: datetime

    @property
    def uri(self) -> str:
        return f"spotify:playlist:{self.id}"


class Device(msgspec.Struct, frozen=True):
    id: str
    name: str
    type: str  # Smartphone, Computer, Speaker, Automobile, Tablet
    is_private_session: bool
    volume_percent: int
    is_active: bool = True
    is_restricted: bool = False
    supports_volume: bool = True


class Playback(msgspec.Struct, frozen=True):
    kind: str
    item_id: str
    progress_ms: int
    is_playing: bool
    timestamp: datetime  # of the last change of state
    device: Device
    context_uri: str | None
    shuffle: bool
    repeat: str  # off, track, context
    play: TruePlay


class Trip(msgspec.Struct, frozen=True):
    start: date
    end: date  # exclusive
    zone: str
    country: str
