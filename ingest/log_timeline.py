"""The log as a time line: a lane for each local day, each play where and as long as it was."""

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from ingest.log import Day, Entry

_DAY_S = 86_400
_LEAST = 0.0015  # of a lane: a skip is to be seen too
COUNTED, SKIPPED, OTHER = 0, 3, 5  # tones: what counts, what is a skip, and the rest


@dataclass(frozen=True, slots=True)
class Block:
    """One play, as shares of its day by the clock on the wall."""

    start: float
    end: float
    tone: int
    text: str
    href: str


@dataclass(frozen=True, slots=True)
class Lane:
    label: str
    blocks: list[Block]


def lanes(days: list[Day]) -> list[Lane]:
    """The days of a page, newest first; plays in order. What goes on after midnight is cut there: it is of its day."""
    return [
        Lane(
            formats.date_format(day.on, pgettext("date format", "D, j M Y")),
            [_block(entry) for entry in reversed(day.entries)],
        )
        for day in days
    ]


def _block(entry: Entry) -> Block:
    play, zone = entry.play, entry.play.user.zone
    local = play.started_at.astimezone(zone)
    start = _seconds(local) / _DAY_S
    end = min(1.0, max(start + play.ms_played / 1000 / _DAY_S, start + _LEAST))
    artist = play.track.artist.name if play.track.artist else ""
    said = {"at": f"{local:%H:%M}", "title": play.track.name, "artist": artist}
    words = _("%(at)s %(title)s, %(artist)s") if said["artist"] else _("%(at)s %(title)s")
    text = words % said + (f" ({entry.mark})" if entry.mark else "")
    tone = SKIPPED if entry.skipped else COUNTED if entry.counts else OTHER
    return Block(start, end, tone, text, reverse("ingest:play", args=[play.pk]))


def _seconds(local: datetime) -> float:
    return local.hour * 3600 + local.minute * 60 + local.second + local.microsecond / 1_000_000
