"""Made-up lyrics, drawn from a track's own id: plain, or with time marks."""

from __future__ import annotations

from .chance import dice, number
from .model import Track
from .names import TONGUES


def is_instrumental(track: Track) -> bool:
    return track.features.instrumentalness > 0.6


def lines(track: Track) -> list[str]:
    """The lines of a track, empty ones between verses; none if instrumental or never typed in."""
    if is_instrumental(track) or number("typed in", track.mbid) % 8 == 0:
        return []
    chance = dice("lyrics", track.mbid)
    tongue = TONGUES[track.language]

    def line() -> str:
        text = f"{chance.choice(tongue.first)}{tongue.gap}{chance.choice(tongue.second)}"
        if track.explicit and chance.random() < 0.15:
            text += ", damn"
        return text if chance.random() < 0.6 else f"{text}, {chance.choice(tongue.second)}"

    chorus = [line() for _ in range(4)]
    sung: list[str] = []
    for _ in range(chance.randrange(2, 4)):
        sung += [line() for _ in range(4)] + [""] + chorus + [""]
    return sung[:-1]


def plain(track: Track) -> str | None:
    return "\n".join(lines(track)) or None


def synced(track: Track) -> str | None:
    """As LRC: `[mm:ss.xx] line`."""
    sung = lines(track)
    if not sung:
        return None
    step = track.duration_ms * 0.9 / len(sung)
    marked = []
    for place, text in enumerate(sung):
        seconds = (track.duration_ms * 0.05 + place * step) / 1000
        marked.append(f"[{int(seconds // 60):02d}:{seconds % 60:05.2f}] {text}".rstrip())
    return "\n".join(marked)
