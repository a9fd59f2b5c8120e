"""`.scrobbler.log` of portable players (AUDIOSCROBBLER/1.1): Rockbox and others.

Layout: https://github.com/Rockbox/rockbox/blob/master/apps/plugins/lastfm_scrobbler.c, which quotes the specification.
The time is when the track began; `#TZ/UNKNOWN` says that it is the clock of the device, read here in the person's
zone. The rating tells whether half of the track was heard (L) or less (S); the next line bounds what was.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from itertools import pairwise

from django.utils.translation import gettext as _

from ingest.importers.base import Sheet
from ingest.importers.scrobbles import Scrobble, milliseconds, moment
from ingest.importers.tables import Cells, Layout

MARK = "#AUDIOSCROBBLER/1."
COLUMNS = ("artist", "album", "track", "position", "length", "rating", "time", "track_mbid")
UNTAGGED = "<untagged>"
SKIP_MS = 15_000  # what a skipped track is taken to have been heard for if nothing tells more


def layout(lines: Sequence[str]) -> Layout | None:
    """How the log is written, by its first lines; None if it is none."""
    if not lines or not lines[0].startswith(MARK):
        return None
    is_local = not any(line.strip().upper() == "#TZ/UTC" for line in lines[:5])
    note = _("Its times carry no time zone; they were read in yours.") if is_local else ""
    told = partial(_told, is_local=is_local)
    return Layout("rockbox", COLUMNS, told, delimiter="\t", quoted=False, least=7, comments="#", note=note)


def _told(rows: Sequence[Cells], sheet: Sheet, *, is_local: bool) -> list[Scrobble]:
    found = [_line(row, sheet, is_local) for row in rows]
    for one, after in pairwise(found):
        if one.moment is not None and after.moment is not None and after.moment > one.moment:
            _bound(one, after.moment - one.moment)
    return found


def _line(row: Cells, sheet: Sheet, is_local: bool) -> Scrobble:
    artist = row["artist"].strip()
    length = milliseconds(row["length"], each=1000)
    skipped = row["rating"].strip().upper() == "S"
    at = moment(row["time"])
    return Scrobble(
        time=row["time"],
        title=row["track"],
        artist="" if artist.lower() == UNTAGGED else artist,
        album=row["album"],
        moment=_in_utc(at, sheet) if is_local and at else at,
        length_ms=length,
        guess_ms=min(SKIP_MS, length // 2 or SKIP_MS) if skipped else 0,
        skipped=skipped,
    )


def _bound(one: Scrobble, until_next_ms: int) -> None:
    """Nothing is heard for longer than until the next track begins."""
    if one.skipped:
        one.guess_ms = min(until_next_ms, one.length_ms // 2 or until_next_ms)
    elif one.length_ms:
        one.guess_ms = min(one.length_ms, until_next_ms)


def _in_utc(told: int, sheet: Sheet) -> int | None:
    """A clock's reading in the zone of the sheet as ms since 1970 UTC."""
    try:
        local = datetime.fromtimestamp(told / 1000, UTC).replace(tzinfo=sheet.zone)
        return round(local.timestamp() * 1000)
    except (ValueError, OverflowError, OSError):
        return None
