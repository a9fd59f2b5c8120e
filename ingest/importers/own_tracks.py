"""What an export of ours tells of the tracks in it: by whom they are, what counts together, and other facts. Pure."""

from collections.abc import Iterator
from typing import Annotated, Any, NamedTuple

import msgspec
from msgspec import Meta

from ingest import facts, names
from ingest.evidence import Billing, Named, TrackName
from ingest.heard import FEATURES
from ingest.importers.base import LONGEST_MS, name
from ingest.importers.choices import SpotifyId
from ingest.importers.rows import RowReader, Stream
from ingest.models import Track
from ingest.own import LONGEST_NAME

FILE = "tracks.json"
MOST = 250_000  # tracks: more than anybody heard, and as many as fit into the memory of a small machine
_MOST_ARTISTS = 50
_MOST_GENRES = 6


class Maker(msgspec.Struct, gc=False):
    name: str = ""
    spotify_id: SpotifyId | None = None


class Row(msgspec.Struct, gc=False):
    """One track. `recording` is the number of the row that it counts together with; that row bears its own."""

    kind: Annotated[int, Meta(ge=0, le=3)] | None = 0
    title: str | None = ""
    artist: str | None = ""
    album: str | None = ""
    spotify_id: SpotifyId | None = None
    artists: list[Maker] | None = None
    album_spotify_id: SpotifyId | None = None
    album_artist: Maker | None = None
    recording: Annotated[int, Meta(ge=1, le=MOST)] | None = None
    isrc: str | None = None
    duration_ms: Annotated[int, Meta(gt=0, le=LONGEST_MS)] | None = None
    year: Annotated[int, Meta(ge=1, le=9999)] | None = None
    genres: dict[str, float] | None = None
    features: dict[str, float] | None = None
    is_measured: bool | None = None
    listeners: int | None = None
    popularity: int | None = None


class Told(NamedTuple):
    """One track as told, at its number in the file; a hundred thousand are held at once."""

    number: int
    name: TrackName
    billing: Billing
    recording: int
    packed: bytes

    @property
    def values(self) -> dict[str, Any]:
        """Those of a `BroughtTrack`. Packed they take a fifth of the memory."""
        found: dict[str, Any] = msgspec.json.decode(self.packed)
        return found


def read(stream: Stream) -> Iterator[Told]:
    """Those that name a track. Raises Unreadable if this is no list."""
    for block in RowReader(stream).blocks(Row):
        for number, row in zip(block.numbers, block.rows, strict=True):
            if number > MOST:
                return
            if row.title or row.spotify_id:
                yield _told(number, row)


def _told(number: int, row: Row) -> Told:
    kind = Track.Kind(row.kind or 0)
    called = TrackName(kind, row.spotify_id or None, name(row.title), name(row.artist), name(row.album))
    artists = tuple(found for each in (row.artists or ())[:_MOST_ARTISTS] if (found := _named(each)))
    album = Named(row.album_spotify_id or None, name(row.album)) if row.album else None
    billing = Billing(artists, album, _named(row.album_artist))
    return Told(number, called, billing, row.recording or number, msgspec.json.encode(_values(row)))


def _named(maker: Maker | None) -> Named | None:
    return Named(maker.spotify_id or None, name(maker.name)) if maker and name(maker.name) else None


def _values(row: Row) -> dict[str, Any]:
    """What can be; what is out of bounds is not told."""
    features = {each: facts.number(each, (row.features or {}).get(each)) for each in FEATURES}
    known = {each: value for each, value in features.items() if value is not None}
    told = {
        "isrc": names.isrc(row.isrc),
        "duration_ms": row.duration_ms,
        "year": row.year,
        "genres": dict([pair for pair in (row.genres or {}).items() if _is_genre(*pair)][:_MOST_GENRES]),
        "features": known,
        "is_measured": bool(known and row.is_measured),
        "listeners": facts.number("listeners", row.listeners),
        "popularity": facts.number("popularity", row.popularity),
    }
    return {key: value for key, value in told.items() if value or (value == 0 and value is not False)}


def _is_genre(word: str, weight: float) -> bool:
    return 0 < len(word) <= LONGEST_NAME and names.clean(word) == word and 0 < weight <= 1
