"""What a person hands in, opened without trust: zips, a zip in a zip, folders, loose files.

Nothing is ever unpacked to disk. Each member is inflated as it is read, against hard limits, and only members that may
be history are opened at all: an account data export also holds payments, addresses and messages.
"""

import os
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, cast

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

WHOLE_BYTES = 32 * 1024 * 1024  # a member up to this size is read at once and its checksum known before a row is used
CHUNK_BYTES = 1024 * 1024
DIRECTORY_BYTES = 4 * 1024 * 1024  # a zip's table of contents; Spotify's have about 10 kB
RATIO_FREE_BYTES = 16 * 1024 * 1024  # below this a member may be as repetitive as it likes
LISTED_OTHERS = 200  # files that are not history are listed one by one up to this number

# Known members of Spotify's downloads that are not listening history. They are never opened.
LIBRARY = re.compile(r"^(YourLibrary|Playlist)\w*(\s?\(\d+\))?\.json$", re.I)
PERSONAL = re.compile(
    r"^(Userdata|User_?Data|Payments?|Identit|Identifiers?|Inferences|SearchQueries|Search_?Histor|Follow|Marquee|"
    r"DuoNewFamily|FamilyPlan|CustomerService|MessageData|Messages?|PodcastInteractiv|UserPrompts|YourSoundCapsule|"
    r"Wrapped|Voice|Address|Bank|Card|Subscription|UserAddress|SpotifyLicence|Account)\w*(\s?\(\d+\))?\.json$",
    re.I,
)
JUNK = re.compile(r"(^|/)(__MACOSX/|\._|\.DS_Store$|Thumbs\.db$|desktop\.ini$)", re.I)
TEXT_NAME = re.compile(r"\.(json|jsonl|ndjson|csv|tsv|log|txt)$", re.I)
MAGIC = [
    (b"\x1f\x8b", "gzip"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"Rar!", "rar"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ", "xz"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
]
OTHER_MAGIC = [(b"%PDF", "PDF"), (b"\x89PNG", "PNG"), (b"\xff\xd8\xff", "JPEG"), (b"SQLite format 3", "SQLite")]
METHODS = {9: "deflate64", 12: "bzip2", 14: "lzma", 93: "zstd", 95: "xz", 98: "ppmd"}
ZIP_STARTS = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")


class Unreadable(Exception):
    """This file cannot be read, or not further; the text is for people and ends with a full stop."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one import may cost. Bytes are inflated bytes."""

    members: int
    member_bytes: int
    total_bytes: int
    ratio: int  # inflated bytes for each packed byte


@dataclass(frozen=True, slots=True)
class Upload:
    """One thing handed in. `open` gives a seekable stream of the whole of it."""

    name: str
    size: int
    open: Callable[[], BinaryIO]


@dataclass(slots=True)
class Meter:
    """Inflated bytes of the whole import."""

    limit: int
    read: int = 0

    def count(self, size: int) -> None:
        self.read += size
        if self.read > self.limit:
            raise Unreadable(
                _("Not read: with this file the upload would unpack to more than %(limit)s.")
                % {"limit": in_words(self.limit)}
            )


@dataclass(slots=True)
class Member:
    """One file of an upload. With a `note` it is not to be read; `open` then fails."""

    name: str
    size: int = 0  # as declared, unpacked
    note: str = ""
    opener: Callable[[], BinaryIO] | None = None
    meter: Meter = field(default_factory=lambda: Meter(limit=1 << 62))

    def open(self) -> BinaryIO:
        """A stream of the content, its checksum verified before the first byte is given. Raises Unreadable."""
        if self.opener is None:
            raise Unreadable(self.note or _("This file is not read."))
        return self.opener()


def in_words(size: int) -> str:
    for words, one in ((_("%(size)s GB"), 1 << 30), (_("%(size)s MB"), 1 << 20), (_("%(size)s kB"), 1 << 10)):
        if size >= one:
            tenths = -(-size * 10 // one)  # rounded up: what is over a limit does not read as the limit itself
            return words % {"size": number_format(f"{tenths / 10:g}")}
    return _("%(size)s B") % {"size": size}


# --- Opening ---------------------------------------------------------------------------------------------------------
@contextmanager
def opened(uploads: list[Upload], limits: Limits) -> Iterator[list[Member]]:
    """Every file of the uploads, in a fixed order, readable until the block ends. Never raises for what is in them."""
    meter = Meter(limits.total_bytes)
    with ExitStack() as stack:
        members: list[Member] = []
        for upload in uploads:
            room = limits.members - sum(1 for member in members if member.opener)
            members += _upload(upload, limits, meter, stack, room)
        yield members


def from_paths(paths: list[Path]) -> list[Upload]:
    """Files, and whole folders by name. Links inside a folder are not followed. Raises FileNotFoundError."""
    uploads: list[Upload] = []
    for path in paths:
        if path.is_dir():
            for folder, folders, names in os.walk(path):
                folders.sort()
                for name in sorted(names):
                    file = Path(folder, name)
                    if stat.S_ISREG(file.lstat().st_mode) and not JUNK.search(name):
                        uploads.append(_from_path(file, str(file.relative_to(path))))
        elif path.is_file():
            uploads.append(_from_path(path, path.name))
        else:
            raise FileNotFoundError(path)
    return uploads


def _from_path(path: Path, name: str) -> Upload:
    return Upload(name=name, size=path.stat().st_size, open=lambda: path.open("rb"))


def _upload(upload: Upload, limits: Limits, meter: Meter, stack: ExitStack, room: int) -> list[Member]:
    name = clean_name(upload.name)
    if note := _note_by_name(name):
        return [Member(name, upload.size, note)]
    try:
        stream = stack.enter_context(upload.open())
        head = stream.read(512)
    except PermissionError:
        return [Member(name, upload.size, _("This server may not read this file."))]
    if head[:4] in ZIP_STARTS:
        return _zip(stream, name, limits, meter, stack, room, depth=0)
    if note := _note_by_content(head):
        return [Member(name, upload.size, note)]
    if upload.size > limits.member_bytes:
        return [Member(name, upload.size, _too_big(limits.member_bytes))]
    if room < 1:
        return [Member(name, upload.size, _too_many(limits.members))]

    def opener() -> BinaryIO:
        meter.count(upload.size)
        stream.seek(0)
        return stream

    return [Member(name, upload.size, opener=opener, meter=meter)]


def clean_name(name: str) -> str:
    """As a person may read it: forward slashes, no control characters, at most 200 characters."""
    name = "".join(c if c.isprintable() else "�" for c in name.replace("\\", "/"))
    return name if len(name) <= 200 else "…" + name[-199:]


def _note_by_name(name: str) -> str:
    base = name.rsplit("/", 1)[-1]
    if LIBRARY.match(base):
        return _("Not history: bring your likes and playlists on the Library page, as lists.")
    if PERSONAL.match(base):
        return _("Not opened: personal data that is not listening history.")
    return ""


def _note_by_content(head: bytes) -> str:
    if not head:
        return _("The file is empty.")
    for magic, kind in MAGIC:
        if head.startswith(magic):
            return _("A %(kind)s archive is not read: unpack it and upload the JSON files, or pack them as zip.") % {
                "kind": kind
            }
    if head[257:262] == b"ustar":
        return _("A %(kind)s archive is not read: unpack it and upload the JSON files, or pack them as zip.") % {
            "kind": "tar"
        }
    for magic, kind in OTHER_MAGIC:
        if head.startswith(magic):
            return _("Not history: this is a %(kind)s file.") % {"kind": kind}
    return ""


def _too_big(limit: int) -> str:
    return _("Not read: unpacked it is larger than %(limit)s, far more than any history file.") % {
        "limit": in_words(limit)
    }


def _too_many(limit: int) -> str:
    return ngettext(
        "Not read: an import takes at most %(limit)d file.", "Not read: an import takes at most %(limit)d files.", limit
    ) % {"limit": limit}


# --- Zips ------------------------------------------------------------------------------------------------------------
def _zip(
    stream: BinaryIO, name: str, limits: Limits, meter: Meter, stack: ExitStack, room: int, depth: int
) -> list[Member]:
    try:
        archive = _opened_zip(stream, limits, stack)
    except Unreadable as bad:
        return [Member(name, note=str(bad))]
    prefix = f"{name}/" if depth else ""
    members: list[Member] = []
    others = 0
    for info in archive.infolist():
        inside = prefix + clean_name(info.filename)
        if info.is_dir() or JUNK.search(info.filename):
            continue
        if note := _note_on_entry(info, limits):
            others += 1
            if others <= LISTED_OTHERS:
                members.append(Member(inside, info.file_size, note))
        elif info.filename.lower().endswith(".zip"):
            found = _zip_inside(archive, info, inside, limits, meter, stack, room, depth)
            room -= sum(1 for member in found if member.opener)
            members += found
        elif room < 1:
            return [*members, Member(prefix + _("(the rest)"), note=_too_many(limits.members))]
        else:
            room -= 1
            members.append(_entry(archive, info, inside, limits, meter))
    if others > LISTED_OTHERS:
        members.append(
            Member(
                prefix + _("(others)"),
                note=_("%(count)d more files that are not history.") % {"count": others - LISTED_OTHERS},
            )
        )
    return members or [Member(name, note=_("The zip is empty."))]


def _zip_inside(
    archive: zipfile.ZipFile,
    info: zipfile.ZipInfo,
    name: str,
    limits: Limits,
    meter: Meter,
    stack: ExitStack,
    room: int,
    depth: int,
) -> list[Member]:
    if depth:
        return [Member(name, info.file_size, _("Not opened: a zip in a zip in a zip. Unpack the outer one first."))]
    try:
        # Read in place. Going back costs inflating again from the start; members are read in order to avoid that.
        stream = cast(BinaryIO, stack.enter_context(archive.open(info)))
        meter.count(info.file_size)
        if stream.read(4) not in ZIP_STARTS:
            return [Member(name, info.file_size, _("Not a zip, though its name says so."))]
        return _zip(stream, name, limits, meter, stack, room, depth + 1)
    except Unreadable as bad:
        return [Member(name, info.file_size, str(bad))]
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError, NotImplementedError):
        return [Member(name, info.file_size, _damaged())]


def _opened_zip(stream: BinaryIO, limits: Limits, stack: ExitStack) -> zipfile.ZipFile:
    entries, directory_bytes = _table_of_contents(stream)
    if directory_bytes > DIRECTORY_BYTES or entries > limits.members * 20:
        raise Unreadable(_("Not opened: the zip lists %(count)d files, far more than any export.") % {"count": entries})
    try:
        archive = stack.enter_context(zipfile.ZipFile(stream))
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, struct.error):
        raise Unreadable(_("The zip is damaged: its table of contents cannot be read. Download it again.")) from None
    end = 0
    for info in sorted(archive.infolist(), key=lambda info: info.header_offset):
        if info.header_offset < end:
            raise Unreadable(
                _("Not opened: files overlap inside the zip. No export looks like that; it may be a trap.")
            )
        end = info.header_offset + 30 + info.compress_size
    archive.filelist.sort(key=lambda info: info.header_offset)
    return archive


def _table_of_contents(stream: BinaryIO) -> tuple[int, int]:
    """How many entries the zip says it has and the bytes of its directory, before anything is built from it."""
    size = stream.seek(0, os.SEEK_END)
    start = max(0, size - 65_557 - 20)
    stream.seek(start)
    tail = stream.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) - at < 22:
        raise Unreadable(
            _(
                "The zip is cut off: its table of contents, at the end, is missing. "
                "The download probably stopped early; download it again."
            )
        )
    entries, directory_bytes = struct.unpack_from("<HL", tail, at + 10)
    locator = at - 20
    if (
        (entries == 0xFFFF or directory_bytes == 0xFFFFFFFF)
        and locator >= 0
        and tail[locator:].startswith(b"PK\x06\x07")
    ):
        stream.seek(min(struct.unpack_from("<Q", tail, locator + 8)[0], size))
        record = stream.read(56)
        if record.startswith(b"PK\x06\x06") and len(record) == 56:
            entries, directory_bytes = struct.unpack_from("<QQ", record, 32)
    return entries, directory_bytes


def _note_on_entry(info: zipfile.ZipInfo, limits: Limits) -> str:
    name = info.filename.replace("\\", "/")
    is_zip = name.lower().endswith(".zip")
    if name.startswith("/") or re.match(r"[A-Za-z]:", name) or ".." in name.split("/"):
        return _("Not opened: its name points outside the archive.")
    if stat.S_ISLNK(info.external_attr >> 16):
        return _("Not opened: it is a link, not a file.")
    if note := _note_by_name(name):
        return note
    if not TEXT_NAME.search(name) and not is_zip:
        return _("Not history: neither JSON nor a table.")
    if info.flag_bits & 0x41:
        return _("Locked with a password: unpack it yourself and upload the files.")
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        method = METHODS.get(info.compress_type, str(info.compress_type))
        return _("Packed with a method that is not read (%(method)s): unpack it and zip it in the usual way.") % {
            "method": method
        }
    if info.file_size == 0:
        return _("The file is empty.")
    if info.file_size > limits.member_bytes:
        return _too_big(limits.member_bytes)
    if info.file_size > RATIO_FREE_BYTES and info.file_size > limits.ratio * max(1, info.compress_size):
        return _("Not read: it unpacks to %(times)d times its size. No history does; it may be a trap.") % {
            "times": info.file_size // max(1, info.compress_size)
        }
    return ""


def _damaged() -> str:
    return _("Damaged inside the zip: its checksum does not match, so nothing of it was taken. Download it again.")


def _entry(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str, limits: Limits, meter: Meter) -> Member:
    def opener() -> BinaryIO:
        meter.count(info.file_size)  # zipfile never gives more than is declared
        try:
            if info.file_size <= WHOLE_BYTES:
                import io

                with archive.open(info) as stream:
                    return io.BytesIO(stream.read())
            with archive.open(info) as stream:
                while stream.read(CHUNK_BYTES):
                    pass  # reading to the end verifies the checksum
            return cast(BinaryIO, archive.open(info))
        except NotImplementedError:
            raise Unreadable(
                _("Packed with a method that is not read: unpack it and zip it in the usual way.")
            ) from None
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError):
            raise Unreadable(_damaged()) from None

    return Member(name, info.file_size, opener=opener, meter=meter)
