"""What a program tells of a listening, whatever protocol it speaks. Pure."""

import re
from dataclasses import dataclass

from ingest.evidence import LONGEST_SPAN_MS, Evidence, Origin, TrackName

UNTOLD_MS = 180_000  # about what a song lasts: where neither the program nor the catalogue knows, and then an estimate
EARLIEST_S = 1_033_430_400  # 2002-10-01 UTC, when the first scrobble was sent; before it, a clock is wrong
SKEW_S = 3_600  # a program's clock may be this far ahead of ours
_SPOTIFY = re.compile(r"(?:spotify:|https?://open\.spotify\.com/(?:intl-\w+/)?)(track|episode)[:/]([0-9A-Za-z]{22})\b")
_KINDS = {"track": 0, "episode": 1}  # Track.Kind


@dataclass(frozen=True, slots=True)
class Submission:
    """One listening as told, or what plays now. Lengths in ms, None if not told."""

    started_ms: int | None  # since 1970 UTC; None: it plays now
    track: TrackName
    credits: tuple[str, ...] = ()  # every artist, in order, where they were told one by one
    duration_ms: int | None = None
    played_ms: int | None = None
    isrc: str = ""
    track_number: int | None = None
    platform: str = ""  # the player, and the program that tells of it

    def evidence(self, *, track_id: int, platform: int, known_ms: int | None) -> Evidence:
        """The event for the one door. `known_ms`: the track's length in the catalogue; `platform`: a `Word` id.

        Programs tell the start, and rarely how long: then it was the whole track, which is an estimate.
        """
        if self.started_ms is None:
            raise ValueError("what plays now was not heard yet")
        length = min(self.played_ms or self.duration_ms or known_ms or UNTOLD_MS, LONGEST_SPAN_MS)
        return Evidence(
            origin=Origin.SUBMIT,
            track_id=track_id,
            started_ms=self.started_ms,
            ended_ms=self.started_ms + length,
            ms_played=length,
            is_estimate=not self.played_ms,
            platform=platform,
        )


def track_name(title: str, artist: str, album: str, spotify: str = "") -> TrackName:
    """The names as the catalogue takes them; `spotify` is any text that may hold a Spotify address, URI or id."""
    found = _SPOTIFY.search(spotify)
    if found:
        return TrackName(_KINDS[found[1]], found[2], title, artist, album)
    bare = spotify if re.fullmatch(r"[0-9A-Za-z]{22}", spotify) else None
    return TrackName(_KINDS["track"], bare, title, artist, album)


def platform(player: str, program: str) -> str:
    """“Poweramp (Pano Scrobbler)”; one of them alone if the other is the same or not told."""
    if player and program and player != program:
        return f"{player} ({program})"
    return player or program
