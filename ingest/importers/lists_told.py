"""What an imported list tells: its rows, and the ways in which links, lengths and names are written. Pure."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import unquote, unquote_plus

from ingest import names

LONGEST = 500  # characters of a name; more than any has
LONGEST_MS = 24 * 3600 * 1000
_TRACK = re.compile(
    r"(?i:spotify:track:|(?:open|play)\.spotify\.com/(?:intl-[\w-]+/)?(?:embed/)?track/)"
    r"([0-9A-Za-z]{22})(?![0-9A-Za-z])"
)
_OTHER = re.compile(
    r"spotify:(?:user:[^:\s]+:)?(?:album|artist|playlist|episode|show|audiobook|chapter):|"
    r"(?:open|play)\.spotify\.com/(?:intl-[\w-]+/)?(?:embed/)?"
    r"(?:user/[^/\s]+/)?(?:album|artist|playlist|episode|show|audiobook|chapter)/"
)
_SHORT = re.compile(r"(?:spotify\.link|spotify\.app\.link|spoti\.fi)/\S+", re.IGNORECASE)
_LINK = re.compile(r"(?:https?://|spotify:)[^\s,;<>\"']+", re.IGNORECASE)
_LOCAL = re.compile(r"spotify:local:([^:]*):([^:]*):([^:]*):(\d*)")
_BARE = re.compile(r"[0-9A-Za-z]{22}")
_BETWEEN = re.compile(r"(?<!\s)\s+[-–—―]\s+|\t+")  # only from where a space begins: a long one is read once
_CLOCK = re.compile(r"(?:(\d{1,2}):)?(\d{1,3}):(\d{2})(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class Told:
    """One row as told, cleaned. `told` is the line, path or link of a row that has no names."""

    spotify_id: str = ""
    title: str = ""
    artist: str = ""
    album: str = ""
    isrc: str = ""
    duration_ms: int | None = None
    added_at: datetime | None = None
    told: str = ""

    @property
    def names_a_track(self) -> bool:
        return bool(self.spotify_id or self.isrc or (self.title and self.artist))


@dataclass(slots=True)
class Brought:
    """One list out of a file. `notes` are sentences for its person."""

    format: str
    name: str = ""
    rows: list[Told] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def text(value: object) -> str:
    """A cell as it can be stored: a text or number, on one line, of bearable length; else nothing."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return " ".join(names.clean(str(value)).split())[:LONGEST]


def track_id(*links: str) -> str:
    """The Spotify id of the first link or URI to a track; empty if none is one."""
    return next((found[1] for link in links if (found := _TRACK.search(unquote(link)))), "")


def bare_id(value: str) -> str:
    """A Spotify id that stands alone, where one is expected."""
    return value if _BARE.fullmatch(value) else ""


def is_bare_id(value: str) -> bool:
    """Whether a word can hardly be anything but a Spotify id: 22 characters, of all sorts."""
    sorts = (str.isdigit, str.islower, str.isupper)
    return bool(_BARE.fullmatch(value)) and all(any(map(sort, value)) for sort in sorts)


def links(line: str) -> list[str]:
    """The links and URIs in a line."""
    return _LINK.findall(line)


def is_short(link: str) -> bool:
    """Whether it is a share link that only Spotify can tell the meaning of."""
    return bool(_SHORT.search(link))


def is_other(link: str) -> bool:
    """Whether it leads to something at Spotify that is no track."""
    return bool(_OTHER.search(unquote(link)))


def local(link: str) -> Told | None:
    """The names in Spotify's URI of a local file, `spotify:local:Artist:Album:Title:seconds`; None if it is none."""
    found = _LOCAL.match(link)
    if not found:
        return None
    artist, album, title = (text(unquote_plus(part)) for part in found.groups()[:3])
    return Told(title=title, artist=artist, album=album, duration_ms=length(found[4]), told=text(link))


def named(line: str) -> tuple[str, str]:
    """Artist and title out of `Artist – Title`; no artist if nothing parts them."""
    parts = _BETWEEN.split(line.strip(), maxsplit=1)
    return (text(parts[0]), text(parts[1])) if len(parts) == 2 else ("", text(line))


def length(value: str, *, ms: bool = False) -> int | None:
    """Milliseconds of `3:42`, `1:02:05`, seconds, or with `ms` milliseconds; None if it cannot be a length."""
    value = value.strip()
    if found := _CLOCK.fullmatch(value):
        hours, minutes, seconds = (int(part or 0) for part in found.groups())
        told = ((hours * 60 + minutes) * 60 + seconds) * 1000
    else:
        try:
            number = float(value.replace(",", "."))
        except ValueError:
            return None
        if not 0 < number < 10**9:
            return None
        told = round(number if ms or number > 36_000 else number * 1000)  # ten hours of one track: they were ms
    return told if 0 < told <= LONGEST_MS else None


def moment(value: str) -> datetime | None:
    """An ISO 8601 date or moment, in UTC where no zone is told; None for anything else, and for Spotify's 1970."""
    try:
        found = datetime.fromisoformat(value.strip()[:40])
        found = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return found if 1971 < found.year < 9999 else None
