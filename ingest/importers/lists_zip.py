"""Lists out of a zip: Exportify's “Export All”, Spotify's account data, a folder that somebody packed. Pure.

Of a zip only what may be a list is opened: in Spotify's, payments, messages and the like stay shut.
"""

import io
import lzma
import re
import struct
import zipfile
import zlib
from collections.abc import Callable

from django.utils.translation import gettext as _

from ingest.importers.archive import Unreadable
from ingest.importers.lists_told import Brought

MOST_FILES = 2_000  # that are looked at
_BROKEN = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    RuntimeError,  # a password
    NotImplementedError,
    OSError,
    EOFError,
    ValueError,
)
_LIST = re.compile(r"\.(?:csv|tsv|txt|m3u8?|jspf|xspf)$|(?:^|/)(?:Playlist\d*|YourLibrary)[^/]*\.json$", re.IGNORECASE)
_NOT = re.compile(r"(?:^|/)(?:__MACOSX/|\.|read_?me)", re.IGNORECASE)


class TooMany(Unreadable):
    """More rows than one upload may have: nothing more of it needs to be read."""


def read(data: bytes, one: Callable[[bytes, str], list[Brought]], *, most_bytes: int) -> list[Brought]:
    """The lists of every file that holds one, by `one`; together `most_bytes` unpacked.

    Raises Unreadable; TooMany as soon as `one` does.
    """
    found: list[Brought] = []
    troubles: list[str] = []
    left = most_bytes
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            members = [info for info in packed.infolist()[:MOST_FILES] if _LIST.search(info.filename)]
            for info in sorted(members, key=lambda info: info.filename):
                if _NOT.search(info.filename) or not info.file_size:
                    continue
                with packed.open(info) as stream:
                    inside = stream.read(left + 1)
                left -= len(inside)
                if left < 0:
                    raise Unreadable(_("Unpacked, this zip is too large. Bring its lists in parts."))
                try:
                    found += one(inside, info.filename)
                except TooMany:
                    raise
                except Unreadable as trouble:
                    troubles.append(f"{info.filename.rsplit('/', 1)[-1]}: {trouble}")
    except _BROKEN:
        raise Unreadable(
            _("This zip is damaged, cut off or locked by a password. Download or pack it again.")
        ) from None
    if not found:
        raise Unreadable(" ".join([_("There is no list in this zip."), *troubles[:3]]))
    found[0].notes += troubles[:10]
    return found
